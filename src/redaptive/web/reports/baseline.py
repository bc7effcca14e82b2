"""The report of baselines: actual against baseline, residuals, what was left out and why, the worst meters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from redaptive.domain.baseline.cleaning import WORDS
from redaptive.domain.baseline.counterfactual import Counterfactual
from redaptive.domain.baseline.days import SiteDays
from redaptive.domain.baseline.fitness import DISQUALIFIED_CV, LIMITS, Interval
from redaptive.domain.baseline.hours import F64
from redaptive.domain.baseline.monthly import month_totals, months_of
from redaptive.domain.baseline.study import BaselineStudy
from redaptive.domain.quality.portfolio_quality import quality
from redaptive.web.blocks import Block, Cell, Chart, Column, Kpi, Kpis, Page, Table, Text
from redaptive.web.numbers import day_text, percent, rounded
from redaptive.web.reports.baseline_charts import actual_and_baseline, residual_columns

WORST = 10
GRAINS: Final[tuple[Interval, ...]] = ("hourly", "daily", "monthly")
ROWS = 40


@dataclass(frozen=True)
class BaselineReport:
    """The study, what it predicts for another period (None: only the fit), the names of periods and file notes."""

    found: BaselineStudy
    ahead: Counterfactual | None
    train: str
    predict: str | None
    unit: str
    notes: Sequence[str]
    generated_at: datetime
    title: str = "Baselines"


def baseline_page(report: BaselineReport) -> Page:
    """The whole report."""
    blocks: list[Block | None] = [
        _kpis(report),
        _summary(report),
        _total_chart(report),
        _residual_chart(report),
        _meter_table(report),
        Text("worst-head", "The worst meters", (_worst_text(report),)),
        _worst_table(report),
        *_worst_charts(report),
        Text("quality", "What was left out, and why"),
        _refused_table(report),
        _quality_table(report),
        _flag_table(report),
        _hours_table(report),
        _method(report),
    ]
    names = report.found.site.names
    subtitle = f"{len(names)} meters; fitted on {report.train}" + (
        f", compared with {report.predict}" if report.predict else ""
    )
    kept = tuple(block for block in blocks if block is not None)
    return Page(report.title, subtitle, report.generated_at, "", kept)


def _kpis(report: BaselineReport) -> Kpis:
    found, ahead = report.found, report.ahead
    modelled = [c for c in found.choices if c.interval]
    grain = _grain(found)
    mine = found.chosen(grain)
    items = [
        Kpi("Meters", f"{len(found.choices):,}", "", f"{len(modelled):,} with a baseline"),
        Kpi("Within limits", f"{sum(c.within_limits for c in modelled):,}", "", "CV(RMSE) by ASHRAE Guideline 14"),
        Kpi("CV(RMSE)", _pct(_median(found.in_sample(grain).cv_rmse[mine])), "", f"median, {grain}, in sample, n - p"),
    ]
    if grain != "monthly":
        unseen = found.on_unseen(grain).cv_rmse[mine]
        items.append(Kpi("CV(RMSE)", _pct(_median(unseen)), "", "median, daily, weeks not seen"))
    if ahead:
        actual, predicted, _ = ahead.totals()
        change = (actual.sum() - predicted.sum()) / predicted.sum() if predicted.sum() else float("nan")
        out = _median(ahead.out_of_sample(grain).cv_rmse[mine])
        items += [
            Kpi("CV(RMSE)", _pct(out), "", f"median, {grain}, {report.predict}"),
            Kpi("Actual against baseline", _pct(change, signed=True), "", f"{report.predict}, covered days"),
        ]
    return Kpis("kpis", tuple(items))


def _grain(found: BaselineStudy) -> Interval:
    """The finest interval that any meter's model has."""
    return next((grain for grain in GRAINS if len(found.chosen(grain))), "hourly")


def _summary(report: BaselineReport) -> Text:
    kinds = [c.interval or "none" for c in report.found.choices]
    counts = ", ".join(f"{kinds.count(k)} {k}" for k in (*GRAINS, "none") if k in kinds)
    said = [f"Models: {counts}."]
    if report.ahead:
        said.append(
            "The difference to the baseline holds everything that changed since: measures, use, and ordinary drift. "
            "On real meters without a project half of them drift by more than 4 % in a year, which CV(RMSE) does "
            "not show; for savings with their uncertainty run redaptive mv report."
        )
    return Text("summary", "In short", tuple(said), tuple(report.notes))


def _total_chart(report: BaselineReport) -> Chart | None:
    """Weekly energy of all modelled meters together."""
    if report.ahead is None:
        return None
    labels, (actual, predicted) = _together(report, report.ahead)
    option = actual_and_baseline(labels, actual, predicted, f"{report.unit}/{_span(report)}")
    caption = "All meters with a baseline, on the days that are known of each."
    return Chart("total", f"Actual against baseline, {report.predict}", option, caption)


def _residual_chart(report: BaselineReport) -> Chart | None:
    if report.ahead is None:
        return None
    labels, (actual, predicted) = _together(report, report.ahead)
    share = [
        None if a is None or not p else round(100 * (a - p) / p, 1) for a, p in zip(actual, predicted, strict=True)
    ]
    option = residual_columns(labels, share)
    return Chart(
        "residuals", f"Residuals by {_span(report)}", option, "Actual less baseline, in per cent of the baseline.", 260
    )


def _span(report: BaselineReport) -> str:
    """What charts add up to: bills say nothing of weeks."""
    return "month" if _grain(report.found) == "monthly" else "week"


def _together(report: BaselineReport, ahead: Counterfactual) -> tuple[list[str], list[list[float | None]]]:
    """Labels of spans, and actual and predicted sums of all modelled meters on the days that are known of each.

    A day that is known of no meter is None, not 0.
    """
    both = ahead.both
    known = both.any(axis=0)
    pair = (ahead.daily_actual, ahead.daily_predicted)
    return _spans(report, ahead.days, [np.where(known, np.where(both, v, 0.0).sum(axis=0), np.nan) for v in pair])


def _spans(report: BaselineReport, days: SiteDays, daily: Sequence[F64]) -> tuple[list[str], list[list[float | None]]]:
    """Labels and sums of full months where all models are monthly, else of weeks."""
    if _span(report) == "month":
        first, end = months_of(days)
        sums = month_totals(np.stack(daily), days, first, end)
        return [day_text(int(day))[:7] for day in first], [[_round(x) for x in row] for row in sums]
    weeks = days.n // 7
    labels = [day_text(int(day)) for day in days.day[: weeks * 7 : 7]]
    rows = [_week_totals(v[: weeks * 7].reshape(weeks, 7)) for v in daily]
    return labels, [[_round(x) for x in row] for row in rows]


def _week_totals(days: F64) -> F64:
    """(weeks,) sums of the days that are known; NaN for a week of which none is, so that charts show a gap."""
    return np.where(np.isfinite(days).any(axis=1), np.nansum(days, axis=1), np.nan)


def _meter_table(report: BaselineReport) -> Table:
    found, ahead = report.found, report.ahead
    columns = [
        Column("meter", "meter"),
        Column("model", "model"),
        Column("cv_in", "CV(RMSE), in sample", "%", 1),
        Column("nmbe_in", "NMBE, in sample", "%", 2),
        Column("r2", "R²", "", 3),
        Column("cv_unseen", "CV(RMSE), days not seen", "%", 1),
        Column("limits", "within limits"),
    ]
    if ahead:
        columns += [
            Column("cv_out", "CV(RMSE), out of sample", "%", 1),
            Column("nmbe_out", "NMBE, out of sample", "%", 1),
            Column("actual", "actual", report.unit),
            Column("baseline", "baseline", report.unit),
            Column("covered", "days covered", "%", 0),
        ]
    totals = ahead.totals() if ahead else None
    rows = tuple(_meter_row(report, totals, i) for i in range(len(found.choices)))
    note = "In sample n - p in the denominators, out of sample n. The model of each meter was chosen by its data."
    return Table("meters", "Meters", tuple(columns), rows, note, ROWS)


def _meter_row(report: BaselineReport, totals: tuple[F64, F64, F64] | None, i: int) -> tuple[Cell, ...]:
    found, choice = report.found, report.found.choices[i]
    fit = found.in_sample(choice.interval or "hourly")
    not_seen = None if choice.interval == "monthly" else percent(found.on_unseen(choice.interval).cv_rmse[i])
    row: list[Cell] = [found.site.names[i], choice.interval or "none", percent(fit.cv_rmse[i]), percent(fit.nmbe[i]),
                       rounded(fit.r2[i]), not_seen, choice.within_limits]  # fmt: skip
    if report.ahead and totals:
        out = report.ahead.out_of_sample(choice.interval or "daily")
        actual, predicted, covered = (v[i] for v in totals)
        missing = choice.interval is None or covered == 0
        row += [percent(out.cv_rmse[i]), percent(out.nmbe[i]), None if missing else rounded(actual),
                None if missing else rounded(predicted), percent(covered)]  # fmt: skip
    return tuple(row)


def worst_meters(report: BaselineReport) -> list[int]:
    """The meters with a baseline that it fits worst: out of sample where there is such a period."""
    cv, _ = _judged(report)
    modelled = [i for i, c in enumerate(report.found.choices) if c.interval and np.isfinite(cv[i])]
    return sorted(modelled, key=lambda i: -cv[i])[:WORST]


def _judged(report: BaselineReport) -> tuple[F64, F64]:
    """(M,) CV(RMSE) and NMBE by which meters are ranked: of days, and of months where the model is monthly."""
    found, ahead = report.found, report.ahead
    days, months = (ahead.daily_fit, ahead.monthly_fit) if ahead else (found.hourly_unseen_fit, found.monthly_fit)
    monthly = np.array([c.interval == "monthly" for c in found.choices], np.bool_)
    return np.where(monthly, months.cv_rmse, days.cv_rmse), np.where(monthly, months.nmbe, days.nmbe)


def _worst_text(report: BaselineReport) -> str:
    where = f"in {report.predict}" if report.predict else "on weeks not seen (monthly: in sample)"
    return f"Ranked by CV(RMSE) of days, of months where the model is monthly, {where}; none is left out."


def _worst_table(report: BaselineReport) -> Table:
    grains = {choice.interval for choice in report.found.choices if choice.interval}
    mixed = "daily or monthly CV(RMSE)" if "monthly" in grains else "daily CV(RMSE)"
    of = "monthly CV(RMSE)" if grains == {"monthly"} else mixed
    columns = (Column("meter", "meter"), Column("model", "model"), Column("cv", of, "%", 1),
               Column("nmbe", "NMBE", "%", 1), Column("flags", "what the checks say"))  # fmt: skip
    found, (cv, nmbe) = report.found, _judged(report)
    rows = tuple(
        (found.site.names[i], found.choices[i].interval, percent(cv[i]), percent(nmbe[i]),
         "; ".join(str(f) for f in found.sufficiency.findings(i)) or "nothing")
        for i in worst_meters(report)
    )  # fmt: skip
    return Table("worst", "Worst ten", columns, rows)


def _worst_charts(report: BaselineReport) -> list[Chart]:
    if report.ahead is None:
        return []
    ahead, monthly = report.ahead, _span(report) == "month"
    every_day = [day_text(int(day)) for day in ahead.days.day]
    charts = []
    for rank, i in enumerate(worst_meters(report), start=1):
        pair = (ahead.daily_actual[i], ahead.daily_predicted[i])
        labels, (actual, predicted) = (
            _spans(report, ahead.days, pair) if monthly else (every_day, [[_round(v) for v in row] for row in pair])
        )
        option = actual_and_baseline(labels, actual, predicted, f"{report.unit}/{'month' if monthly else 'day'}")
        charts.append(Chart(f"worst-{rank}", report.found.site.names[i], option, report.found.choices[i].reason, 240))
    return charts


def _refused_table(report: BaselineReport) -> Table | None:
    found = report.found
    rows = tuple(
        (found.site.names[i], _refusal(found, i)) for i, choice in enumerate(found.choices) if choice.interval is None
    )
    columns = (Column("meter", "meter"), Column("reason", "reason"))
    return Table("refused", "Meters without a baseline", columns, rows, limit=ROWS) if rows else None


def _refusal(found: BaselineStudy, meter: int) -> str:
    if not np.isfinite(found.cleaned.energy[meter]).any():
        return "No usable reading in the fit period."
    return found.sufficiency.refusal(meter) or found.choices[meter].reason


def _quality_table(report: BaselineReport) -> Table | None:
    found = report.found
    scores = sorted(quality(found.site.names, found.cleaned, found.sufficiency), key=lambda q: q.score)
    rows = tuple((q.meter, q.score, round(100 * q.known, 1), "; ".join(q.reasons) or "nothing") for q in scores)
    columns = (Column("meter", "meter"), Column("score", "score", "0-100", 0), Column("known", "hours used", "%", 1),
               Column("reasons", "reasons"))  # fmt: skip
    note = "The used share of the hours less what each flag costs; at most 40 where a check refuses the meter."
    return Table("data-quality", "Data quality, poorest first", columns, rows, note, 20)


def _flag_table(report: BaselineReport) -> Table | None:
    found = report.found
    rows = tuple(
        (found.site.names[i], finding.code, finding.text, round(finding.value, 4), finding.limit, finding.unit)
        for i in range(len(found.choices))
        for finding in found.sufficiency.findings(i)
        if not finding.refuses and found.choices[i].interval
    )
    columns = (Column("meter", "meter"), Column("check", "check"), Column("text", "what it means"),
               Column("value", "value", "", 3), Column("limit", "limit", "", 3), Column("unit", "unit"))  # fmt: skip
    return Table("flags", "Flags on meters with a baseline", columns, rows, limit=ROWS) if rows else None


def _hours_table(report: BaselineReport) -> Table | None:
    cleaned = report.found.cleaned
    rows = []
    for reason, words in WORDS.items():
        count = cleaned.count(reason)
        if count.any():
            rows.append((words, int(count.sum()), int((count > 0).sum())))
    columns = (Column("reason", "reason"), Column("hours", "hours"), Column("meters", "meters"))
    return Table("left-out", "Hours left out of the fit", columns, tuple(rows)) if rows else None


def _method(report: BaselineReport) -> Text:
    limits = "; ".join(f"{k} CV(RMSE) {v.cv_rmse:.0%}, NMBE {v.nmbe:.0%}" for k, v in LIMITS.items())
    return Text(
        "method",
        "Method",
        (
            "Hourly: time of week and temperature (LBNL-4944E) with holidays as Sundays, means of the last 24 and 168 "
            "hours, effects of the week of the year, robust weights, and four fifths of what the last four weeks were "
            "above or below the rest. Daily and monthly: change points of degree days (CalTRACK). The finest model "
            "that the data carry is taken, unless a coarser one predicts unseen days better by a tenth.",
            f"Limits: {limits}. A model with a CV(RMSE) above {DISQUALIFIED_CV:.0%} does not qualify. "
            f"Share of down-weighted or left-out hours and all checks are in summary.json. Fit period: {report.train}.",
        ),
    )


def _median(values: F64) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _pct(value: float, *, signed: bool = False) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:+.1%}" if signed else f"{value:.1%}"


def _round(value: float) -> float | None:
    return float(f"{value:.4g}") if np.isfinite(value) else None
