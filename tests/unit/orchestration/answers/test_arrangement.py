"""Lists are ranked and cut as the question says; what is left out is counted, and figures keep their places."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.orchestration.planners.world import made

from redaptive.orchestration.answers.arrangement import Arrangement, arrangement_of
from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.plans.signatures import value_at


def _row(group: str, cost: float | None, area: float, eui: float) -> dict[str, Any]:
    return {
        "group": group, "buildings": 1, "cost_usd": cost, "floor_area_ft2": area, "site_eui_kbtu_per_ft2": eui,
        "electricity_kwh": 10 * area, "energy_kbtu": 34 * area,
    }  # fmt: skip


ROWS = [
    _row("B-1", 100.0, 50.0, 9.0),
    _row("B-2", 900.0, 900.0, 3.0),
    _row("B-3", None, 10.0, 5.0),
    _row("B-4", 400.0, 40.0, 7.0),
]
USED = {"analyze_portfolio_usage": {"value": {"rows": ROWS}}}


def _answer(wish: Arrangement) -> RunAnswer:
    return compose(made("which stores use most?"), Finished(USED, {}), wish)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("which stores cost most?", ["B-2", "B-4", "B-1", "B-3"]),
        ("top 2 by cost", ["B-2", "B-4"]),
        ("the two cheapest", ["B-1", "B-4"]),
        ("best 2 by cost", ["B-1", "B-4"]),
        ("worst one by EUI", ["B-1", "B-4", "B-3", "B-2"]),
        ("top 4 by cost per square foot in 2025", ["B-4", "B-1", "B-2", "B-3"]),
        ("which cost most per square foot?", ["B-4", "B-1", "B-2", "B-3"]),
        ("top 3", ["B-2", "B-4", "B-1"]),
        ("what did they use?", ["B-1", "B-2", "B-3", "B-4"]),
    ],
)
def test_rows_are_ordered_by_what_is_said(text: str, first: list[str]) -> None:
    found = _answer(arrangement_of(text)).tables[0]
    assert [row[0] for row in found.rows] == first
    assert found.left_out == 4 - len(first)
    assert [ROWS[at]["group"] for at in found.places] == first


def test_the_first_rows_are_told_with_the_figure_that_orders_them() -> None:
    found = _answer(arrangement_of("top 2 by cost"))
    assert found.sentences[0].text == "By cost, highest first: B-2 (900 USD), B-4 (400 USD). 2 of 4 shown."
    for figure in found.sentences[0].figures:
        assert value_at(USED[figure.node], figure.path) == figure.value  # type: ignore[arg-type]


def test_a_quantity_that_no_row_has_is_said_not_invented() -> None:
    found = _answer(arrangement_of("rank them by payback"))
    assert [row[0] for row in found.tables[0].rows] == ["B-1", "B-2", "B-3", "B-4"]
    assert "no row of this answer has a figure for payback" in found.warnings[0]


def test_what_orders_the_rows_is_a_column_of_the_table() -> None:
    found = _answer(arrangement_of("which use the most energy?")).tables[0]
    assert found.columns[:2] == ("Group", "Energy, kBtu")
    assert found.ordered_by == "energy_kbtu"


def test_savings_are_best_where_they_are_high() -> None:
    rows = [{"building_code": f"B-{n}", "savings_usd_per_y": n} for n in (3, 2, 1)]
    plan = made("find opportunities at NLS-CHI-01")
    outputs: dict[str, Any] = {"find_opportunities": {"value": {"opportunities": rows}}}
    best = compose(plan, Finished(outputs, {}), arrangement_of("the best two by savings")).tables[0]
    worst = compose(plan, Finished(outputs, {}), arrangement_of("the worst two")).tables[0]
    assert [row[0] for row in best.rows] == ["B-3", "B-2"]
    assert [row[0] for row in worst.rows] == ["B-1", "B-2"]


def test_units_choose_the_columns() -> None:
    found = _answer(Arrangement(by="electricity", only=("electricity",), without=("cost",))).tables[0]
    assert found.columns == ("Group", "kWh")
