"""The report of a fleet's baselines: how many meters qualify, how well they fit, which checks fail, the worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from redaptive.domain.baseline.fitness import DISQUALIFIED_CV, LIMITS
from redaptive.domain.baseline.sufficiency import BY_CODE
from redaptive.web.blocks import Chart, Column, Json, Kpi, Kpis, Page, Table, Text
from redaptive.web.charts import BLUE, PALETTE
from redaptive.web.numbers import percent

WORST: Final = 25
REFUSED: Final = 100
EDGES: Final = (0.0, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50, 0.75, 1.0, np.inf)


@dataclass(frozen=True)
class FleetReport:
    """`figures`: a row a meter as the fleet job writes them; `without`: meters that have no weather station."""

    figures: pl.DataFrame
    period: str
    without: Sequence[str]
    folder: str
    generated_at: datetime
    tenant: str = ""


def fleet_page(report: FleetReport) -> Page:
    """The whole report."""
    figures = report.figures
    tables = (_checks(figures), _worst(figures), _refused(figures))
    blocks = (_kpis(figures), _summary(report), _histogram(figures), *tables)
    subtitle = f"{figures.height:,} meters; fitted on {report.period}"
    kept = (*(block for block in blocks if block is not None), _method())
    return Page("Baselines of the fleet", subtitle, report.generated_at, report.tenant, kept)


def _kpis(figures: pl.DataFrame) -> Kpis:
    good = figures.filter(pl.col("qualifies"))
    middle = good["cv_rmse"].median()
    return Kpis(
        "kpis",
        (
            Kpi("Meters", f"{figures.height:,}", "", "with a weather station"),
            Kpi("Qualify", f"{good.height:,}", "", f"data suffice, CV(RMSE) at most {DISQUALIFIED_CV:.0%}"),
            Kpi("Within limits", f"{int(figures['within_limits'].sum()):,}", "",
                f"CV(RMSE) at most {LIMITS['hourly'].cv_rmse:.0%}, ASHRAE Guideline 14"),
            Kpi("CV(RMSE)", f"{middle:.1%}" if isinstance(middle, float) else "–", "", "median of those that qualify"),
        ),
    )  # fmt: skip


def _summary(report: FleetReport) -> Text:
    said = [f"The models lie in {report.folder}, at most 512 meters a file; figures.parquet has a row a meter."]
    if report.without:
        named = ", ".join(report.without[:10]) + (" …" if len(report.without) > 10 else "")
        said.append(f"Without a weather station and so without a baseline: {len(report.without):,} ({named}).")
    return Text("summary", "In short", tuple(said))


def _histogram(figures: pl.DataFrame) -> Chart | None:
    known = figures["cv_rmse"].drop_nulls().to_numpy()
    if not known.size:
        return None
    counts, _ = np.histogram(known, bins=EDGES)
    labels = [f"{low:.0%} to {high:.0%}" for low, high in pairwise(EDGES[:-1])]
    option: dict[str, Json] = {
        "color": list(PALETTE), "aria": {"enabled": True}, "animation": False, "tooltip": {"trigger": "axis"},
        "grid": {"left": 70, "right": 24, "top": 24, "bottom": 48},
        "xAxis": {"type": "category", "data": [*labels, f"above {EDGES[-2]:.0%}"], "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "name": "meters", "nameLocation": "middle", "nameGap": 50, "minInterval": 1},
        "series": [{"name": "meters", "type": "bar", "data": counts.tolist(), "itemStyle": {"color": BLUE}}],
    }  # fmt: skip
    return Chart("cv", "CV(RMSE) in sample, hourly", option, "All meters that could be fitted, n - p.", 280)


def _checks(figures: pl.DataFrame) -> Table | None:
    codes = figures.select(pl.col("failed").str.split(";").explode()).filter(pl.col("failed") != "")["failed"]
    rows = tuple(
        (
            code,
            BY_CODE[code].text,
            "refuses" if BY_CODE[code].refuses else "flag",
            f"{BY_CODE[code].limit:g} {BY_CODE[code].unit}",
            count,
        )
        for code, count in codes.value_counts(sort=True).sort("count", "failed", descending=[True, False]).iter_rows()
    )
    columns = (Column("check", "check"), Column("text", "what it means"), Column("effect", "effect"),
               Column("limit", "limit"), Column("meters", "meters"))  # fmt: skip
    return Table("checks", "Checks that failed", columns, rows) if rows else None


def _worst(figures: pl.DataFrame) -> Table | None:
    worst = figures.filter(pl.col("qualifies")).sort("cv_rmse", descending=True).head(WORST)
    columns = (Column("meter", "meter"), Column("cv", "CV(RMSE)", "%", 1), Column("nmbe", "NMBE", "%", 2),
               Column("r2", "R²", "", 3), Column("lag1", "lag-1", "", 2), Column("n", "hours"),
               Column("failed", "flags"))  # fmt: skip
    rows = tuple(
        (row["meter"], percent(row["cv_rmse"]), percent(row["nmbe"]), row["r2"], row["lag1"], row["n"],
         row["failed"].replace(";", ", ") or "none")
        for row in worst.iter_rows(named=True)
    )  # fmt: skip
    return Table("worst", "The worst that qualify, in sample", columns, rows) if rows else None


def _refused(figures: pl.DataFrame) -> Table | None:
    refused = figures.filter(~pl.col("qualifies")).sort("meter")
    rows = tuple(
        (row["meter"], percent(row["cv_rmse"]), row["n"], _why(row["failed"], row["cv_rmse"]))
        for row in refused.iter_rows(named=True)
    )
    columns = (Column("meter", "meter"), Column("cv", "CV(RMSE)", "%", 1), Column("n", "hours"),
               Column("why", "why"))  # fmt: skip
    return Table("refused", "Meters that do not qualify", columns, rows, limit=REFUSED) if rows else None


def _why(failed: str, cv_rmse: float | None) -> str:
    """The checks that refuse a meter and a CV(RMSE) that is too large; checks that are flags refuse nobody."""
    reasons = [code for code in failed.split(";") if code in BY_CODE and BY_CODE[code].refuses]
    if cv_rmse is not None and cv_rmse > DISQUALIFIED_CV:
        reasons.append(f"CV(RMSE) above {DISQUALIFIED_CV:.0%}")
    return ", ".join(reasons) or "no model"


def _method() -> Text:
    return Text(
        "method",
        "Method",
        (
            "Hourly: time of week and temperature (LBNL-4944E) with public holidays as Sundays, means of the last 24 "
            "and 168 hours, effects of the week of the year and two robust passes. Estimated readings never enter.",
            "In sample says how well a model describes its own year, not how it predicts the next one; meters without "
            "a project end 5 % off their baseline after a year in the median.",
        ),
    )
