"""The first questions of a new user: the tool, the places, the counts, and what is said of what cannot be told."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import SCOPES, made, plan, planner, reading, tools

from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.intelligent.matchers.entities.counts import find_counts
from redaptive.orchestration.intelligent.planners.clauses.simple_questions import asked, lists_buildings
from redaptive.orchestration.intelligent.planners.directory import BuildingPlace, Directory
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, PlanRequest

BUILDINGS = (
    BuildingPlace("NLS-HOU-003", "Houston", "TX", "office", "NLS-HOU", "NLS"),
    BuildingPlace("LHP-HOU-003", "Houston", "TX", "refrigerated_warehouse", "LHP-HOU", "LHP"),
    BuildingPlace("GFG-DAL-003", "Dallas", "TX", "refrigerated_warehouse", "GFG-DAL", "GFG"),
)
DIRECTORY = Directory(buildings=BUILDINGS, codes={"building": frozenset(each.code for each in BUILDINGS)})


def _plan(text: str) -> PlanOutcome:
    return planner(DIRECTORY).plan(PlanRequest(text, "t", SCOPES))


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("List our offices", "analyze_portfolio_usage"),
        ("How many buildings do we have?", "analyze_portfolio_usage"),
        ("which buildings are in Houston?", "analyze_portfolio_usage"),
        ("What are our emissions?", "analyze_portfolio_usage"),
        ("Carbon footprint of NLS-HOU-003", "analyze_portfolio_usage"),
        ("Cost of the hotels in 2025", "analyze_portfolio_usage"),
        ("Cost per square foot of our offices", "analyze_portfolio_usage"),
        ("Monthly electricity use of NLS-HOU-003", "analyze_portfolio_usage"),
        ("Which building has the highest peak demand?", "analyze_portfolio_usage"),
        ("Rank the hotels by cost", "analyze_portfolio_usage"),
        ("What is our total floor area?", "analyze_portfolio_usage"),
        ("What do we pay for electricity in Boston?", "analyze_portfolio_usage"),
        ("What are our total emissions in Boston?", "analyze_portfolio_usage"),
        ("What is the cost of NLS-HOU-003 per square foot?", "analyze_portfolio_usage"),
        ("What is the EUI of NLS-HOU-003?", "benchmark_buildings"),
        ("site EUI of our offices in 2025", "benchmark_buildings"),
        ("Which projects pay back within 3 years?", "find_opportunities"),
        ("List the open tickets", "sla_status"),
    ],
)
def test_a_simple_question_has_its_tool(text: str, tool: str) -> None:
    assert tools(made(text)) == [tool]


@pytest.mark.parametrize(
    "text",
    [
        "cost of the fault at AHU-3",
        "electricity use of NLS-CHI-001-E1",
        "what were our scope 1 emissions in 2024?",
        "list our offices and open a ticket for each",
        "cost of LED lighting in our stores",
        "forecast the energy use of our offices",
        "open a ticket",
        "what were our emissions in March",
        "what do we pay for gas under tariff TOU-8",
        "emissions",
    ],
)
def test_what_asks_for_more_is_no_simple_question(text: str) -> None:
    assert asked(text) is None


def test_a_list_has_a_row_for_each_building() -> None:
    assert made("List our offices").nodes[0].args == {"building_type": "office", "group_by": "building_code"}
    assert not lists_buildings("list our offices by cost")


def test_a_city_means_its_buildings_and_not_its_state() -> None:
    found = _plan("Total cost of the Houston buildings")
    assert found.plan is not None
    (node,) = found.plan.nodes
    assert (node.args["group_by"], found.shown.things) == ("building_code", ("NLS-HOU-003", "LHP-HOU-003"))
    assert not found.notes
    rows = [
        {"group": each.code, "buildings": 1, "cost_usd": usd}
        for each, usd in zip(BUILDINGS, (10.0, 30.0, 500.0), strict=True)
    ]
    output = {node.id: {"value": {"rows": rows, "total": {"buildings": 3, "cost_usd": 540.0}}}}
    answer = compose(found.plan, Finished(output, {}), found.shown)
    assert answer.sentences[0].text == "Together, 2 rows: 40 USD."
    assert answer.sentences[0].figures[0].path == "value.rows[0].cost_usd + value.rows[1].cost_usd"
    assert [row[0] for row in answer.tables[0].rows] == ["NLS-HOU-003", "LHP-HOU-003"]
    assert "540" not in answer.text


def test_a_state_that_is_named_is_no_city() -> None:
    found = _plan("Total cost of the Texas buildings")
    assert found.plan is not None
    assert found.plan.nodes[0].args == {"state": "TX"}
    assert found.shown.things == ()


def test_without_a_database_the_wider_place_is_said() -> None:
    assert plan("Total cost of the Houston buildings").notes == (
        "Houston is not known as a place here; the figures are of all of TX.",
    )


@pytest.mark.parametrize(
    ("text", "fuel"),
    [
        ("gas cost of our offices", "gas"),
        ("show me the electricity spend of our stores", "electricity"),
        ("energy cost of our offices", None),
        ("gas use of our offices", None),
    ],
)
def test_the_cost_of_one_fuel_is_said_to_be_unknown(text: str, fuel: str | None) -> None:
    told = (f"The cost is of all energy; it is not known for {fuel} alone.",) if fuel else ()
    assert plan(text).notes == told


def test_months_of_all_are_not_told_for_one_building() -> None:
    found = _plan("Monthly electricity use of NLS-HOU-003")
    assert found.plan is not None
    rows = [{"group": "NLS-HOU-003", "electricity_kwh": 5.0}]
    months = [{"month": "2025-01-01", "electricity_kwh": 99.0}]
    output = {found.plan.nodes[0].id: {"value": {"rows": rows, "months": months}}}
    answer = compose(found.plan, Finished(output, {}), found.shown)
    assert [table.title for table in answer.tables] == ["Use by group"]
    assert "this answer has no figures per month" in answer.warnings


def test_only_those_of_a_customer_are_kept_of_the_buildings_named() -> None:
    text = "only building NLS-HOU-003 and LHP-HOU-003 and GFG-DAL-003 of customer NLS"
    assert DIRECTORY.located(reading(text)).ids["building"] == ("NLS-HOU-003",)
    unbound = "benchmark building NLS-HOU-003 and LHP-HOU-003 and open a ticket for customer NLS"
    assert DIRECTORY.located(reading(unbound)).ids["building"] == ("NLS-HOU-003", "LHP-HOU-003")


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Which five buildings use the most energy?", (5, "highest")),
        ("which 3 of our stores have the worst EUI", (3, "worst")),
        ("what two sites cost least", (2, "lowest")),
        ("which five buildings are in Houston?", None),
    ],
)
def test_a_question_counts_its_rows(text: str, counted: tuple[int, str] | None) -> None:
    assert [(each.n, each.order) for each in find_counts(text)] == ([counted] if counted else [])
