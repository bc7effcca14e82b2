"""A thing that is named is told of alone, also where its tool only knows groups of things; places are read together."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import SCOPES, planner

from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.intelligent.planners.directory import BuildingPlace, Directory
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanOutcome, PlanRequest

BUILDINGS = (
    BuildingPlace("NLS-CHI-001", "Chicago", "IL", "office"),
    BuildingPlace("LHP-CHI-002", "Chicago", "IL", "distribution_warehouse"),
    BuildingPlace("NLS-HOU-003", "Houston", "TX", "office"),
)
DIRECTORY = Directory(buildings=BUILDINGS, codes={"building": frozenset(each.code for each in BUILDINGS)})


def _plan(text: str, context: Context | None = None) -> PlanOutcome:
    return planner(DIRECTORY).plan(PlanRequest(text, "t", SCOPES, context or Context()))


def test_a_building_may_be_named_by_where_it_is_and_what_it_is() -> None:
    found = _plan("benchmark the Chicago office").plan
    assert found is not None
    assert found.nodes[0].args["building_ids"] == ["NLS-CHI-001"]
    assert _plan("benchmark the Boston office").status == "question"


def test_the_use_of_one_building_is_its_row_alone() -> None:
    found = _plan("what did NLS-CHI-001 cost in March 2025?")
    assert found.plan is not None
    (node,) = found.plan.nodes
    assert node.args["group_by"] == "building_code"
    assert found.shown.things == ("NLS-CHI-001",)
    rows = [{"group": each.code, "buildings": 1, "cost_usd": 10.0 * at} for at, each in enumerate(BUILDINGS, 1)]
    output = {node.id: {"value": {"rows": rows, "total": {"buildings": 3, "electricity_kwh": 9.0, "gas_therms": 1.0}}}}
    answer = compose(found.plan, Finished(output, {}), found.shown)
    assert answer.sentences[0].text == "NLS-CHI-001: 10 USD."
    assert answer.sentences[0].figures[0].path == "value.rows[0].cost_usd"
    assert [row[0] for row in answer.tables[0].rows] == ["NLS-CHI-001"]
    assert "3 buildings" not in answer.text


def test_states_and_cities_apart_are_two_lists_of_places() -> None:
    found = _plan("benchmark our offices in Texas and Chicago").plan
    assert found is not None
    assert found.nodes[0].args["building_ids"] == ["NLS-CHI-001", "NLS-HOU-003"]


@pytest.mark.parametrize("said", ["yes", "please", "it"])
def test_an_action_of_an_earlier_turn_still_needs_its_object(said: str) -> None:
    context = Context({}, "energy-monitoring.raise_or_acknowledge_alert", "acknowledge it", True)
    found = _plan(said, context)
    assert (found.status, found.question) == ("question", "Which alert?")


@pytest.mark.parametrize("said", ["March", "no, May please", "sorry, April"])
def test_a_month_alone_is_one_of_the_months_answered(said: str) -> None:
    context = Context(
        {}, "portfolio-intelligence.analyze_portfolio_usage", "what did our offices use?", True, "2024-07..2025-06"
    )
    found = _plan(said, context)
    assert found.plan is not None
    assert str(found.plan.nodes[0].args["period"]).startswith("2025-0")
    assert found.period is not None
    assert found.period["start"].startswith("2025-0")
