"""A thing that is only named before a wish, and a thing that cannot have what a tool takes."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import made, node, plan, reading, tools

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.tool_modeling import models
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.refusals.holders import of_another_kind
from redaptive.orchestration.intelligent.planners.refusals.objects import wrong_kind
from redaptive.orchestration.intelligent.planners.refusals.refusals import unsafe


@pytest.mark.parametrize("head", ["M-77 meter, ", "meter M-77: ", "Meter M-77 - ", "For meter M-77, "])
def test_a_named_thing_is_no_wish(head: str) -> None:
    found = made(f"{head}load shape for 2025-03")
    assert tools(found) == ["load_shape_metrics"]
    assert node(found, "load_shape_metrics").args["meter_id"] == "M-77"


def test_a_thing_that_comes_first_in_an_order_stays_alone() -> None:
    assert [each.relation for each in split("DOC-3, then audit it")] == ["first", "then"]
    assert not split("Audit bill DOC-3, forecast meter M-4")[0].soft


@pytest.mark.parametrize(
    ("tool", "text", "wrong"),
    [
        ("equipment-performance.evaluate_ahu_rules", "rules on gas meter GM-12", True),
        ("equipment-performance.degradation_trend", "degradation of document DOC-4", True),
        ("energy-monitoring.forecast_load", "forecast for permit PMT-9", True),
        ("equipment-performance.evaluate_ahu_rules", "rules in building CHI-04-X1", False),
        ("equipment-performance.evaluate_ahu_rules", "rules on AHU-4 and the bill DOC-3", False),
        ("equipment-performance.evaluate_ahu_rules", "rules for portfolio PF-3", False),
    ],
)
def test_what_holds_none_of_it(tool: str, text: str, wrong: bool) -> None:
    found = of_another_kind(
        models(catalogue())[tool], reading(text), ("equipment_id",) if "eq" in tool else ("meter_id",)
    )
    assert (found is not None) == wrong


def test_what_cannot_be_is_refused_and_what_is_unsaid_is_asked() -> None:
    found = plan("Evaluate the ahu rules for tariff GS-2.")
    assert (found.status, found.reason) == ("refused", "infeasible")
    assert plan("Evaluate the ahu rules for portfolio PF-3.").status == "question"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Read the LEED level of Green Button file GB-7.xml", True),
        ("Parse the EDI message EDI-4 for its LEED points", True),
        ("Read the interval kWh out of LEED certificate DOC-5", True),
        ("Read the LEED level of certificate DOC-5", False),
        ("Parse the Green Button file GB-7.xml", False),
    ],
)
def test_papers_tell_what_they_tell(text: str, wrong: bool) -> None:
    assert (wrong_kind(text) is not None) == wrong


def test_what_only_seems_so_is_looked_for() -> None:
    assert unsafe("Check meter M-73 for fake-looking readings in August 2025; change nothing.") is None
    assert unsafe("Fake the readings of meter M-73 for August 2025.") is not None
