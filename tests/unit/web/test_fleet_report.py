"""The page of a fleet's baselines: who qualifies, who does not, and what is said of a fleet of which none does."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from redaptive.web.blocks import Chart, Kpis, Page, Table
from redaptive.web.render import render_html
from redaptive.web.reports.fleet_baselines import FleetReport, fleet_page

FIGURES = pl.DataFrame(
    {
        "meter": ["a", "b", "c", "d"],
        "qualifies": [True, True, False, False],
        "within_limits": [True, False, False, False],
        "n": [8760, 8000, 300, 8760],
        "cv_rmse": [0.12, 0.44, None, 1.7],
        "nmbe": [0.0, -1e-9, None, 0.0],
        "r2": [0.9, 0.4, None, 0.1],
        "lag1": [0.8, 0.7, 0.0, 0.9],
        "failed": ["", "level_shift;zeros", "short;zeros", ""],
    }
)


def page(figures: pl.DataFrame) -> Page:
    return fleet_page(FleetReport(figures, "2018", ["x"], "/baselines", datetime(2026, 1, 1, tzinfo=UTC)))


def tables(made: Page) -> dict[str, Table]:
    return {block.id: block for block in made.blocks if isinstance(block, Table)}


def test_every_meter_is_in_the_worst_or_among_the_refused() -> None:
    made = page(FIGURES)
    found = tables(made)
    assert [row[:2] for row in found["worst"].rows] == [("b", 44.0), ("a", 12.0)]
    assert str(found["worst"].rows[0][2]) == "0.0"  # never -0.00
    assert [(row[0], row[3]) for row in found["refused"].rows] == [("c", "short"), ("d", "CV(RMSE) above 100%")]
    assert [(row[0], row[4]) for row in found["checks"].rows] == [("zeros", 2), ("level_shift", 1), ("short", 1)]
    (chart,) = (block for block in made.blocks if isinstance(block, Chart))
    (bars,) = chart.option["series"]  # type: ignore[misc]
    assert sum(bars["data"]) == 3  # type: ignore[index, call-overload]
    html = render_html(made)
    assert "without a baseline: 1 (x)." in html


def test_a_fleet_of_which_none_qualifies_says_so() -> None:
    made = page(FIGURES[2:3])
    assert set(tables(made)) == {"checks", "refused"}
    (kpis,) = (block for block in made.blocks if isinstance(block, Kpis))
    assert [item.value for item in kpis.items] == ["1", "0", "0", "–"]
