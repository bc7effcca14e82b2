"""What is explained stays whole; "even if" is no condition; calls are made once; questions keep their subject."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import made, node, tools

from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.parts.follow_ups import opened


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Explain why a pump test, during which nobody was there, makes a short peak.", 1),
        ("Describe why a rebate, which was promised, is late, and email it to Kim.", 2),
        ("Could meters ELM-22 and ELM-23 join the event?", 1),
        ("What do stores BAY-3, BAY-4 and BAY-5 use in May 2025?", 1),
        ("Forecast meters M-3 and then audit bill DOC-4.", 2),
    ],
)
def test_what_belongs_together_is_one_clause(text: str, clauses: int) -> None:
    assert len(split(text)) == clauses


def test_even_if_is_no_condition() -> None:
    clauses = split(opened("Forecast meter M-3 for 48 hours, even if the data has gaps."))
    assert not any(each.condition for each in clauses)
    assert node(made("Size solar for meter M-4, even if it should cost $3 per kWdc."), "size_pv_storage").when is None


def test_a_span_of_years_is_no_condition() -> None:
    assert not any(each.condition for each in split("A contract with a fee over 10 years should be designed."))


def test_a_call_that_another_needs_anyway_is_made_once() -> None:
    assert tools(made("Audit bill DOC-14. Read the bill DOC-14.")).count("extract_utility_bill") == 1
