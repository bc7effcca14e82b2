"""The report of verified savings: projects with their intervals, the gate, figures of the models, what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from redaptive.domain.baseline.non_routine import Adjustment
from redaptive.domain.baseline.normal_savings import NormalSavings
from redaptive.domain.baseline.portfolio_savings import TotalSavings
from redaptive.domain.baseline.savings import MeterSavings
from redaptive.domain.baseline.verification import Verified
from redaptive.web.blocks import Block, Cell, Chart, Column, Kpi, Kpis, Page, Table, Text
from redaptive.web.numbers import compact, day_text, percent, rounded
from redaptive.web.reports.baseline_charts import actual_and_baseline, savings_bars, with_band
from redaptive.web.reports.savings_tables import ROWS, entered_table, normal_table

CHARTS = 12
Rows = list[tuple[Cell, ...]]


@dataclass(frozen=True)
class SavingsReport:
    """Results in order, their sum by option C, notes on the files, events that a person entered, normal years."""

    results: Sequence[Verified]
    total: TotalSavings
    notes: Sequence[str]
    generated_at: datetime
    tenant: str = ""
    entered: Sequence[Adjustment] = ()
    normal: Sequence[NormalSavings] = ()


def savings_page(report: SavingsReport) -> Page:
    """The whole report."""
    results = report.results
    charts = [chart for result in results[:CHARTS] for chart in _project_charts(result)]
    blocks: list[Block | None] = [
        _kpis(report),
        _summary(report),
        _bars(results),
        _projects(results),
        normal_table(report.normal),
        *charts,
        _meters(results),
        _models(results),
        *_doubts(report),
        _method(report),
    ]
    title = f"Verified savings: {results[0].project.name}" if len(results) == 1 else "Verified savings"
    subtitle = f"{len(results)} projects" if len(results) != 1 else results[0].project.code
    kept = tuple(block for block in blocks if block is not None)
    return Page(title, subtitle, report.generated_at, report.tenant, kept)


def _doubts(report: SavingsReport) -> list[Block]:
    """What was left out, adjusted or doubted; said where nothing was."""
    results = report.results
    tables = (_refused(results), entered_table(report.entered), _events(results, report.entered), _measured(results))
    found: list[Block] = [table for table in tables if table is not None]
    nothing = () if found else ("Nothing: no meter was refused or flagged, and no event was found or entered.",)
    return [Text("quality", "What was left out, adjusted or doubted", nothing), *found]


def _kpis(report: SavingsReport) -> Kpis:
    gates = [r.gate for r in report.results]
    settled = [r.settled_kwh for r in report.results if r.settled_kwh is not None]
    total = report.total
    interval = f"{compact(total.low)} to {compact(total.high)} at 90 %" if total.n_meters else "no meter qualifies"
    return Kpis(
        "kpis",
        (
            Kpi("Savings, whole meters", compact(total.savings), "kWh", interval),
            Kpi("FSU", "–" if total.fsu is None else f"{total.fsu:.0%}", "", "of the sum, at 90 %"),
            Kpi("Verified", str(gates.count("verified")), "", f"of {len(gates)} projects: FSU below 50 %"),
            Kpi("Stipulated", str(gates.count("stipulated")), "", "settled as agreed, with true-up"),
            Kpi("Refused", str(gates.count("refused")), "", "no baseline that holds"),
            Kpi("Settled", compact(sum(settled)), "kWh", f"{len(settled)} of {len(gates)} projects"),
        ),
    )


def _summary(report: SavingsReport) -> Text:
    lines = [f"{r.project.code}: {_sentence(r)}" for r in report.results[:ROWS]]
    advice = [f"{r.project.code}: {text}" for r in report.results if (text := r.project.advice())]
    return Text("summary", "In short", bullets=(*lines, *advice, *report.notes))


def _sentence(result: Verified) -> str:
    if result.savings_kwh is None or result.low_kwh is None or result.high_kwh is None:
        stipulated = "" if result.settled_kwh is None else f" Settled on the stipulated {result.settled_kwh:,.0f} kWh."
        return f"refused. {result.reason}{stipulated}"
    share = "" if result.fraction is None else f" ({result.fraction:.1%} of the baseline)"
    return (
        f"{result.savings_kwh:,.0f} kWh{share}, between {result.low_kwh:,.0f} and {result.high_kwh:,.0f} kWh at 90 %, "
        f"over {result.months:.1f} months; {result.gate}. {result.reason}"
    )


def _bars(results: Sequence[Verified]) -> Chart | None:
    shown = sorted((r for r in results if r.savings_kwh is not None), key=lambda r: -(r.savings_kwh or 0))[:30]
    if not shown:
        return None
    labels = [r.project.code for r in shown]
    saved = [_round(r.savings_kwh) for r in shown]
    low, high = [_round(r.low_kwh) for r in shown], [_round(r.high_kwh) for r in shown]
    caption = "Marks are the ends of the 90 % interval: the wider of Guideline 14's and the resampled one with drift."
    option = savings_bars(labels, saved, low, high, "kWh")
    return Chart("projects-chart", "Savings by project", option, caption, 90 + 28 * len(shown))


def _projects(results: Sequence[Verified]) -> Table:
    columns = (
        Column("project", "project"), Column("measure", "measure"), Column("option", "IPMVP"),
        Column("gate", "gate"), Column("savings", "savings", "kWh"), Column("low", "low", "kWh"),
        Column("high", "high", "kWh"), Column("fsu", "FSU", "%", 0), Column("fraction", "of baseline", "%", 1),
        Column("expected", "expected", "%", 1), Column("settled", "settled", "kWh"), Column("usd", "settled", "USD"),
        Column("months", "months", "", 1),
    )  # fmt: skip
    rows: Rows = []
    for r in results:
        price, settled = r.project.usd_per_kwh, r.settled_kwh
        rows.append(
            (r.project.code, r.project.measure, r.project.option, r.gate, r.savings_kwh, r.low_kwh, r.high_kwh,
             percent(r.fsu), percent(r.fraction), percent(r.project.expected_fraction), settled,
             None if price is None or settled is None else settled * price, r.months)
        )  # fmt: skip
    note = "Settled: verified savings where the gate lets them pass, else the stipulated ones of the period."
    empty = [c.key for i, c in enumerate(columns) if not any(row[i] not in (None, "") for row in rows)]
    return Table("projects", "Projects", columns, tuple(rows), note, ROWS).without(*empty)


def _project_charts(result: Verified) -> list[Chart]:
    if result.period is None or result.savings_kwh is None:
        return []
    ahead, chosen = result.period.ahead, list(result.positions)
    days = [day_text(int(day)) for day in ahead.days.day]
    actual, predicted = (_sum(v[chosen]) for v in (ahead.daily_actual, ahead.daily_predicted))
    code = result.project.code
    lines = actual_and_baseline(days, actual, predicted, "kWh/day")
    saved = np.cumsum(np.nansum(result.period.book.daily[chosen], axis=0))
    share = np.arange(1, saved.size + 1) / saved.size
    half = ((result.high_kwh or 0) - (result.low_kwh or 0)) / 2
    low, high = [_round(v) for v in saved - half * share], [_round(v) for v in saved + half * share]
    band = with_band(days, [_round(v) for v in saved], low, high, "kWh")
    return [
        Chart(
            f"{code}-lines", f"{code}: actual against baseline", lines, f"{result.months:.1f} months of reporting.", 280
        ),
        Chart(
            f"{code}-savings",
            f"{code}: savings so far",
            band,
            "The band is that of the whole period, by its share.",
            260,
        ),
    ]


def _meters(results: Sequence[Verified]) -> Table | None:
    columns = (
        Column("project", "project"), Column("meter", "meter"), Column("gate", "gate"),
        Column("savings", "savings", "kWh"), Column("unadjusted", "without adjustments", "kWh"),
        Column("half_g14", "± Guideline 14", "kWh"), Column("half_resampled", "± resampled with drift", "kWh"),
        Column("covered", "days counted", "%", 0), Column("drift", "drift of"),
    )  # fmt: skip
    rows: Rows = []
    for result, i in _positions(results):
        assert result.period is not None
        book = result.period.book
        meter: MeterSavings = book.meters[i]
        rows.append((result.project.code, meter.meter, meter.gate, meter.savings, meter.unadjusted, meter.half_g14,
                     meter.half_resampled, percent(meter.covered), book.drift[i].source))  # fmt: skip
    return Table("meters", "Meters", columns, tuple(rows), limit=ROWS) if rows else None


def _models(results: Sequence[Verified]) -> Table | None:
    columns = (
        Column("project", "project"), Column("meter", "meter"), Column("model", "model"),
        Column("cv", "CV(RMSE), in sample", "%", 1), Column("nmbe", "NMBE", "%", 2), Column("r2", "R²", "", 3),
        Column("lag1", "lag-1", "", 2), Column("n", "n"), Column("p", "p"),
        Column("unseen", "CV(RMSE), unseen days", "%", 1),
    )  # fmt: skip
    rows = tuple(_model_row(result, i) for result, i in _positions(results))
    note = "n - p in the denominators in sample (ASHRAE Guideline 14)."
    return Table("models", "Models of the meters", columns, rows, note, ROWS) if rows else None


def _positions(results: Sequence[Verified]) -> list[tuple[Verified, int]]:
    """Every meter of the projects by option C."""
    return [(result, i) for result in results if result.period for i in result.positions]


def _model_row(result: Verified, i: int) -> tuple[Cell, ...]:
    assert result.period is not None
    found, meter = result.period.found, result.period.book.meters[i]
    fit, unseen = found.in_sample(meter.interval or "hourly"), found.on_unseen(meter.interval)
    return (
        result.project.code, meter.meter, meter.interval, percent(fit.cv_rmse[i]), percent(fit.nmbe[i]),
        rounded(fit.r2[i]), rounded(fit.autocorrelation[i]), int(fit.n[i]), int(fit.n_parameters[i]),
        percent(unseen.cv_rmse[i]),
    )  # fmt: skip


def _refused(results: Sequence[Verified]) -> Table | None:
    rows: Rows = [(r.project.code, "", r.reason) for r in results if r.gate == "refused" and r.period is None]
    for r in results:
        for i in r.positions if r.period else ():
            meter = r.period.book.meters[i] if r.period else None
            checks = "; ".join(str(f) for f in r.period.found.sufficiency.findings(i)) if r.period else ""
            if meter and (meter.savings is None or checks):
                rows.append(
                    (r.project.code, meter.meter, "; ".join(t for t in (meter.reason.rstrip("."), checks) if t))
                )
    columns = (Column("project", "project"), Column("meter", "meter"), Column("reason", "reasons and flags"))
    return Table("refused", "Refusals and flags", columns, tuple(rows), limit=ROWS) if rows else None


def _events(results: Sequence[Verified], entered: Sequence[Adjustment]) -> Table | None:
    rows: Rows = []
    for r in results:
        for event in r.events:
            name = r.period.found.site.names[event.meter] if r.period else ""
            if any(e.meter == name and e.first < event.end and event.first < e.end for e in entered):
                continue
            first, last = day_text(event.first), day_text(event.end - 1)
            rows.append((r.project.code, name, first, last, percent(event.share), round(event.energy, 1)))
    columns = (Column("project", "project"), Column("meter", "meter"), Column("first", "from"), Column("last", "to"),
               Column("share", "off its usual residual", "%", 1), Column("energy", "energy", "kWh"))  # fmt: skip
    note = "Candidates only: nothing was removed. A person confirms start, end and cause in a file given by --events."
    return Table("events", "Possible non-routine events", columns, tuple(rows), note, ROWS) if rows else None


def _measured(results: Sequence[Verified]) -> Table | None:
    rows: Rows = [(r.project.code, r.measured.method, "; ".join(r.measured.inputs)) for r in results if r.measured]
    columns = (Column("project", "project"), Column("method", "method"), Column("inputs", "inputs"))
    return Table("measured", "Options A, B and D", columns, tuple(rows)) if rows else None


def _method(report: SavingsReport) -> Text:
    return Text(
        "method",
        "Method",
        (
            "Option C (IPMVP): savings are the baseline at reporting conditions less actual use, on days known of "
            "both; the baseline is the year before the installation, whose days are left out.",
            "Two 90 % intervals: ASHRAE Guideline 14 with lag-1 autocorrelation, and residuals of days that the fit "
            "had not seen, resampled in blocks of four weeks on the same dates for all meters, widened by the drift of "
            "meters without a project (of public data where fewer than ten are at hand). The wider one counts.",
            "Guideline 14's formula does not see drift: real meters without a project end 4 to 5 % off their baseline "
            "after a year in the median. Savings settle as verified where the half-width is below half of the savings.",
            report.total.reason,
        ),
    )


def _sum(rows: np.ndarray) -> list[float | None]:
    known = np.isfinite(rows).all(axis=0)
    return [_round(v) if ok else None for v, ok in zip(rows.sum(axis=0), known, strict=True)]


def _round(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.5g}")
