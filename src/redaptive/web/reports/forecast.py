"""The report of forecasts: fan charts, peak days, and the totals beside those of last week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from redaptive.domain.forecast.peak_days import PeakDay
from redaptive.domain.meter_series import Floats
from redaptive.web.blocks import Block, Chart, Column, Kpi, Kpis, Page, Table, Text
from redaptive.web.charts import BLUE, GREY, ORANGE
from redaptive.web.numbers import day_text
from redaptive.web.reports.baseline_charts import Option, line, lines

MOST_CHARTS: Final = 24
PAST_SHOWN: Final = 7 * 24
TRAINED: Final = "global model"
LEGEND: Final = ("reading", "P10 to P90", "expected (P50)", "last week")


@dataclass(frozen=True)
class Fan:
    """One meter or a total: kWh of the hours before the issue, and four forecasts of the hours after it."""

    name: str
    past: Floats
    p10: Floats
    p50: Floats
    p90: Floats
    naive: Floats
    peaks: Sequence[PeakDay]


@dataclass(frozen=True)
class ForecastReport:
    """What is shown: totals first, then meters by size; `labels` local times of past and forecast hours.

    `whole`: totals of all meters of a clock and commodity, which the figures add up; `totals`: those of more than one
    meter, with those of sites, which are drawn.
    """

    whole: Sequence[Fan]
    totals: Sequence[Fan]
    meters: Sequence[Fan]
    labels: Sequence[str]
    hours: int
    method: str
    issued: str
    notes: Sequence[str]
    refused: Sequence[tuple[str, str]]


def forecast_page(report: ForecastReport, tenant: str, at: datetime) -> Page:
    """The page of a forecast."""
    blocks: list[Block] = [_kpis(report), peak_table(report), meter_table(report)]
    by_size = sorted(report.meters, key=lambda fan: -float(np.nansum(fan.p50)))
    for number, fan in enumerate((*report.totals, *by_size[:MOST_CHARTS])):
        blocks.append(_chart(fan, number, report.labels))
    if report.refused:
        columns = (Column("meter", "meter"), Column("reason", "reason"))
        blocks.append(Table("refused", "Meters without a forecast", columns, tuple(report.refused)))
    blocks.append(_method(report))
    return Page("Load forecast", f"{report.hours} hours from {report.issued}", at, tenant, tuple(blocks))


def peak_table(report: ForecastReport) -> Table:
    """Days that may set a new peak over the last four weeks, totals first."""
    columns = (
        Column("name", "meter or total"), Column("day", "local day"), Column("risk", "new peak"),
        Column("at", "hour of the forecast"), Column("expected", "expected peak hour", "kWh", 1),
        Column("high", "P90", "kWh", 1), Column("past", "peak of four weeks", "kWh", 1),
    )  # fmt: skip
    rows = [
        (fan.name, day_text(p.day), p.risk, _label(report, p.hour),
         round(p.expected_kwh, 3), round(p.high_kwh, 3), round(p.past_peak_kwh, 3))
        for fan in (*report.totals, *report.meters) for p in fan.peaks if p.risk != "none"
    ]  # fmt: skip
    rows.sort(key=lambda row: row[2] != "likely")
    note = "Likely: the median forecast exceeds the highest hour of the last four weeks. Possible: only the P90 does."
    return Table("peaks", "Peak-day warnings", columns, tuple(rows), note, limit=60)


def meter_table(report: ForecastReport) -> Table:
    """Energy of the horizon by meter, beside the same hours a week before."""
    columns = (
        Column("meter", "meter"), Column("expected", "expected", "kWh", 1),
        Column("week", "same hours last week", "kWh", 1),
        Column("peak", "highest hour", "kWh", 1), Column("band", "mean width P10-P90", "% of P50", 1),
    )  # fmt: skip
    rows = []
    for fan in report.meters:
        energy = float(np.nansum(fan.p50))
        width = 100.0 * float(np.nansum(fan.p90 - fan.p10)) / energy if energy > 0 else None
        peak = float(np.nanmax(fan.p50)) if np.isfinite(fan.p50).any() else None
        rows.append((fan.name, round(energy, 3), round(float(np.nansum(fan.naive)), 3), peak, width))
    return Table("meters", "Energy by meter", columns, tuple(rows), limit=200)


def _kpis(report: ForecastReport) -> Kpis:
    energy = sum(float(np.nansum(fan.p50)) for fan in report.whole)
    week = sum(float(np.nansum(fan.naive)) for fan in report.whole)
    risks = [p.risk for fan in report.whole for p in fan.peaks]
    change = f"{energy / week - 1:+.1%}" if week > 0 else "–"
    worst = next((risk for risk in ("likely", "possible") if risk in risks), "none")
    return Kpis("figures", (
        Kpi("expected energy", f"{energy:,.0f}", "kWh", f"{report.hours} hours, {len(report.meters)} meters"),
        Kpi("against last week", change, "", "same hours, seasonal naive forecast"),
        Kpi("new peak of the total", worst, "", "over the last four weeks"),
        _method_kpi(report.method),
    ))  # fmt: skip


def _method_kpi(method: str) -> Kpi:
    """The kind of method large, its version and dates small."""
    if method.startswith(TRAINED):
        return Kpi("method", TRAINED, "", method.removeprefix(TRAINED).strip())
    return Kpi("method", method.split(",")[0].split(" (")[0], "", method.partition("; ")[2])


def fan_option(labels: Sequence[str], fan: Fan) -> Option:
    """Past in blue, the median in orange, P10 and P90 as a shaded band, last week dotted."""
    n = fan.past.size
    gap: list[float | None] = [None] * n
    option = lines(labels, {}, "kWh")
    band = [v if v is None or w is None else round(v - w, 4)
            for v, w in zip(_values(fan.p90), _values(fan.p10), strict=True)]  # fmt: skip
    option["legend"] = {"top": 0, "show": True, "data": list(LEGEND), "type": "scroll"}
    option["series"] = [
        line("reading", [*_values(fan.past), *[None] * fan.p50.size], BLUE, {}),
        line("P10", [*gap, *_values(fan.p10)], GREY, {"stack": "band", "lineStyle": {"opacity": 0}}),
        line("P10 to P90", [*gap, *band], ORANGE,
              {"stack": "band", "lineStyle": {"opacity": 0}, "areaStyle": {"opacity": 0.25}}),
        line("expected (P50)", [*gap, *_values(fan.p50)], ORANGE, {"lineStyle": {"width": 2}}),
        line("last week", [*gap, *_values(fan.naive)], GREY, {"lineStyle": {"type": "dotted"}}),
    ]  # fmt: skip
    return option


def _chart(fan: Fan, number: int, labels: Sequence[str]) -> Chart:
    energy, peak = float(np.nansum(fan.p50)), float(np.nanmax(fan.p50)) if np.isfinite(fan.p50).any() else float("nan")
    caption = f"{energy:,.0f} kWh expected, highest hour {peak:,.1f} kWh; four of five readings should lie in the band."
    return Chart(f"fan-{number}", fan.name, fan_option(labels, fan), caption)


def _method(report: ForecastReport) -> Text:
    return Text(
        "method", "Method",
        (
            f"{report.method}. Issued {report.issued}: nothing later is known to it, no actual temperature of the "
            "future either. The dotted line is the seasonal naive forecast: the reading 168 hours before.",
            "P10 and P90 of a total are not the sums of those of the meters: errors of meters partly cancel.",
        ),
        tuple(report.notes),
    )  # fmt: skip


def _values(values: Floats) -> list[float | None]:
    return [float(f"{v:.5g}") if np.isfinite(v) else None for v in values]


def _label(report: ForecastReport, hour: int) -> str:
    return report.labels[len(report.labels) - report.hours + hour]
