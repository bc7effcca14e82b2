"""What is told around a wish, and the same thing said of several."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import node, plan, tools

from redaptive.orchestration.intelligent.planners.clauses.tellings import untold
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When I land I would like to see which meters of B-1 are silent", "show me which meters of B-1 are silent"),
        ("Once I'm back, I'd like to see the anomalies of B-1", "show me the anomalies of B-1"),
        ("As soon as I arrive I want to know the peak of M-1", "show me the peak of M-1"),
        ("When I say so I want to see it", "When I say so I want to see it"),
        ("If there are none we are done, else open a ticket", "If there are none, we are done, else open a ticket"),
        ("Ticket TCK-7: check the SLA", "for ticket TCK-7, check the SLA"),
        ("Ticket TCK-5 of customer IQM: see how we stand", "for ticket TCK-5 of customer IQM, see how we stand"),
        ("baseline 2023, reporting 2025, then over the same reporting period", None),
        (
            "Log a delay. But only after you have checked the permits of P-1.",
            "check the permits of P-1, then log a delay.",
        ),
        ("Open a ticket. But only once you've audited DOC-7", "audit DOC-7, then open a ticket"),
        ("the PV and battery size of M-1", "the PV/battery size of M-1"),
        ("the PV and the lamps of M-1", "the PV and the lamps of M-1"),
        ("Get the prices, Joanne will ask where they stood.", "Get the prices."),
    ],
)
def test_the_wish_stands_alone(text: str, expected: str | None) -> None:
    assert untold(text) == (expected or "baseline 2023, reporting 2025, then over 2025")


def test_both_since_a_day_is_said_of_each() -> None:
    text = "fault check ahu AHU-4 + vav box VAV-4-17, both since 2026-11-16"
    assert untold(text) == "fault check ahu AHU-4 since 2026-11-16 + vav box VAV-4-17 since 2026-11-16"


def test_a_check_that_is_asked_for_afterwards_comes_before() -> None:
    found = plan("Open a ticket for customer NLS. But only after you have audited bill DOC-7.").plan
    assert found is not None
    assert tools(found) == ["extract_utility_bill", "validate_and_audit_bill", "create_or_update_ticket"]
    assert "validate_and_audit_bill" in node(found, "create_or_update_ticket").needs


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("log a delay of 14 days on P-206", "project-implementation.manage_change_order"),
        ("record an extension of two weeks for project P-3", "project-implementation.manage_change_order"),
        ("screen the five worst of them for measures", "portfolio-intelligence.find_opportunities"),
        ("comb our buildings for savings", "portfolio-intelligence.find_opportunities"),
        ("check AHU-1 for faults and savings", None),
        ("log a delay of the train", None),
    ],
)
def test_a_few_words_name_the_tool(text: str, tool: str | None) -> None:
    assert certain(text) == tool


def test_about_a_size_is_a_size() -> None:
    found = plan("what incentives are there in New York for chillers of about 300 tons?").plan
    assert found is not None
    args = node(found, "find_incentives").args
    assert (args["size"], args["size_unit"]) == (300, "ton")
