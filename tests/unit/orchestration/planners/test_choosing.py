"""Choosing among measures that were found: each gets its cash flow, and these are the candidates."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import edges, made, node, tools

from redaptive.orchestration.plans.expressions import evaluate
from redaptive.orchestration.plans.json_types import ANY
from redaptive.orchestration.plans.references import Scope
from redaptive.orchestration.plans.schema import Json

FOUND = "find opportunities at B-1"
OPPORTUNITIES: list[Json] = [
    {"building_code": "B-1", "measure": "led", "variant": None, "capex_usd": {"mid": 9000.0},
     "savings_usd_per_y": 3000.0, "service_life_y": 12, "om_usd_per_y": 0.0, "avoided_t_co2e_per_y": 2.5},
    {"building_code": "B-1", "measure": "pv", "variant": "roof", "capex_usd": {"mid": 80000.0},
     "savings_usd_per_y": 9000.0, "service_life_y": 25, "om_usd_per_y": 500.0, "avoided_t_co2e_per_y": 30.0},
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"{FOUND}, then work out the cash flow of each, then select projects for a budget of 400,000 dollars",
        f"{FOUND}, then work out the cash flow of each, then fund with 400,000 dollars what is best",
        f"{FOUND}, then select among those for a budget of 400,000 dollars",
        f"{FOUND}, then fund the best of them with a budget of 400,000 dollars",
    ],
)
def test_measures_found_are_valued_one_by_one_and_chosen_among(text: str) -> None:
    found = made(text)
    assert tools(found) == ["find_opportunities", "project_cashflow", "select_projects"]
    assert {("find_opportunities", "project_cashflow"), ("project_cashflow", "select_projects")} <= edges(found)
    assert node(found, "select_projects").args == {"budget_usd": 400_000, "candidates": "$candidates"}


def test_candidates_carry_name_value_and_cost_of_each_measure() -> None:
    found = made(f"{FOUND}, then select among those for a budget of 400,000 dollars")
    flows: list[Json] = [{"value": {"npv_usd": "11000.00"}}, {"value": {"npv_usd": "-1.50"}}]
    scope = Scope({}, {"find_opportunities": {"value": {"opportunities": OPPORTUNITIES}}, "project_cashflow": flows})
    expr = next(each.expr for each in found.nodes if each.id == "candidates")
    assert expr is not None
    assert evaluate(expr, scope.lookup, lambda _: ANY) == [
        {"project_id": "B-1 led", "npv_usd": "11000.00", "capex_usd": 9000.0, "savings_usd_per_y": 3000.0,
         "building_id": "B-1", "avoided_t_co2e_per_y": 2.5},
        {"project_id": "B-1 pv roof", "npv_usd": "-1.50", "capex_usd": 80000.0, "savings_usd_per_y": 9000.0,
         "building_id": "B-1", "avoided_t_co2e_per_y": 30.0},
    ]  # fmt: skip


def test_a_ranking_stays_one() -> None:
    found = made(f"{FOUND}, then rank the portfolio for a budget of 400,000 dollars")
    assert tools(found) == ["find_opportunities", "rank_and_summarize_portfolio"]
