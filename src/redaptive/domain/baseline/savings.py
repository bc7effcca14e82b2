"""Verified savings by IPMVP option C: whole meters against their baselines, with intervals and the settlement gate.

Savings = baseline at reporting conditions - actual, plus or minus non-routine adjustments, on days that are known of
both (domain.md 7.7). Two 90 % intervals: ASHRAE Guideline 14's with lag-1 autocorrelation, and block-bootstrapped
residuals of unseen days widened by the drift of meters without a project. The wider one counts. A model that does not
qualify gives a refusal, never a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from redaptive.domain.baseline.counterfactual import Counterfactual
from redaptive.domain.baseline.drift import Drift, drift_errors, drift_of
from redaptive.domain.baseline.fitness import DISQUALIFIED_CV, Fitness, Interval
from redaptive.domain.baseline.hours import F64
from redaptive.domain.baseline.non_routine import Adjustment, apply, replaced
from redaptive.domain.baseline.resampling import ErrorModel, total_errors
from redaptive.domain.baseline.study import BaselineStudy
from redaptive.domain.baseline.unit_changes import unit_changes
from redaptive.domain.quality.model_fit import effective_points, fsu_coefficient, t_two_sided
from redaptive.errors import InvalidInput

CONFIDENCE: Final = 0.90
MAX_FSU: Final = 0.50
STIPULATED: Final = "Settle on stipulated savings with true-up."
MIN_COVERED: Final = 0.90
MAX_REPLACED: Final = 0.50
"""Share of the reporting days that events may take: what is left must still be the project's period (2.6)."""
MOST_TIMES: Final = 8.0
"""Use this many times the baseline, or this part of it, is another unit or meter until somebody expects it."""
DAYS_OF_MONTH: Final = 30.4
Gate = Literal["verified", "stipulated", "refused"]


@dataclass(frozen=True)
class MeterSavings:
    """Savings of one meter, energy of its unit over the covered days; None where it is refused.

    `low`, `high`: the settled 90 % interval; `half_g14`, `half_resampled`: half-widths of the two; `fsu` the settled
    half-width over the savings. `fraction` of the baseline. `unadjusted`: savings without the adjustments. `doubt`: why
    they may not be settled on although an interval is known.
    """

    meter: str
    gate: Gate
    reason: str
    interval: Interval | None = None
    savings: float | None = None
    low: float | None = None
    high: float | None = None
    fraction: float | None = None
    baseline: float | None = None
    actual: float | None = None
    covered: float = 0.0
    half_g14: float | None = None
    half_resampled: float | None = None
    fsu: float | None = None
    unadjusted: float | None = None
    doubt: str = ""


@dataclass(frozen=True)
class SavingsBook:
    """Savings of M meters. `errors` (M, draws): estimate less truth, 0 for refused ones, for sums over meters.

    `daily` (M, D): adjusted savings of each day.
    """

    meters: tuple[MeterSavings, ...]
    errors: F64
    daily: F64
    drift: tuple[Drift, ...]


@dataclass(frozen=True)
class SavingsOptions:
    """`drift`: that of each meter's fuel, default from `comparison`, else the public data; see `ErrorModel`.

    `expected`: meters of projects that mean to save nearly everything, such as a boiler that is replaced.
    """

    errors: ErrorModel = field(default_factory=ErrorModel)
    drift_electricity: Drift | None = None
    drift_heating: Drift | None = None
    max_fsu: float = MAX_FSU
    min_covered: float = MIN_COVERED
    expected: frozenset[str] = frozenset()


def comparison_drift(found: BaselineStudy, ahead: Counterfactual, *, heating: bool = False) -> Drift:
    """The drift of meters without a project, whose baselines and reporting period are those of the projects'."""
    actual, predicted, covered = ahead.totals()
    mine = (found.site.traits.heating == heating) & (covered >= MIN_COVERED) & (predicted > 0)
    mine &= np.array([c.interval is not None for c in found.choices], np.bool_)
    mine &= (actual < MOST_TIMES * predicted) & (actual * MOST_TIMES > predicted)
    mine &= unit_changes(ahead.daily_actual, ahead.days, found.site.traits.heating).place == 0
    with np.errstate(invalid="ignore", divide="ignore"):
        nmbe = np.where(mine, (actual - predicted) / predicted, np.nan)
        own = np.where(mine, _half(_noise(found, ahead, ErrorModel())) / predicted, np.nan)
    return drift_of(nmbe, own, fuel="heating" if heating else "electricity")


def savings(
    found: BaselineStudy,
    ahead: Counterfactual,
    adjustments: Sequence[Adjustment] = (),
    options: SavingsOptions | None = None,
) -> SavingsBook:
    """Savings of every meter of a study in a reporting period; raises InvalidInput for an adjustment of no meter."""
    options = options or SavingsOptions()
    unknown = sorted({a.meter for a in adjustments} - set(found.site.names))
    if unknown:
        raise InvalidInput(f"An event names meter {unknown[0]}, which is not in the study.", field="meter")
    drift = _drifts(found, options)
    _, predicted, _ = ahead.totals()
    noise = _noise(found, ahead, options.errors)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = _half(noise) / np.abs(predicted)
    spread = np.array([d.spreads(own[i : i + 1])[0] for i, d in enumerate(drift)])
    scale = np.array([d.scales(own[i : i + 1])[0] for i, d in enumerate(drift)])
    errors = noise * scale[:, None] + drift_errors(predicted, spread, options.errors.draws, options.errors.seed + 1)
    changed = _changed_units(found, ahead)
    rows, daily = [], []
    for i in range(len(found.site.names)):
        row, by_day = _one(found, ahead, adjustments, options, errors[i], i, changed.get(i))
        rows.append(row)
        daily.append(by_day)
    refused = np.array([row.savings is None for row in rows], np.bool_)
    return SavingsBook(tuple(rows), np.where(refused[:, None], 0.0, errors), np.array(daily), drift)


def g14_half(
    fit: Fitness, meter: int, interval: str, baseline: float, n_baseline: float, m: float, months: float
) -> float:
    """Half-width of the 90 % interval by Guideline 14, energy: FSU times savings, which does not depend on them.

    t k CV sqrt((n/n')(1 + 2/n')/m) times the baseline energy; n' of lag-1 autocorrelation (energy-science.md 2.5).
    """
    rho = float(np.clip(fit.autocorrelation[meter], 0.0, 0.999))
    n_effective = effective_points(int(n_baseline), rho)
    granularity: Literal["hourly", "daily", "billing"] = (
        "hourly" if interval == "hourly" else "daily" if interval == "daily" else "billing"
    )
    k = fsu_coefficient(granularity, months)
    degrees = max(1.0, n_baseline - float(fit.n_parameters[meter]))
    root = np.sqrt((n_baseline / n_effective) * (1 + 2 / n_effective) / m)
    return float(t_two_sided(CONFIDENCE, degrees) * k * fit.cv_rmse[meter] * root * abs(baseline))


def _drifts(found: BaselineStudy, options: SavingsOptions) -> tuple[Drift, ...]:
    nothing = np.zeros(0)
    electricity = options.drift_electricity or drift_of(nothing, nothing)
    heating = options.drift_heating or drift_of(nothing, nothing, fuel="heating")
    return tuple(heating if heats else electricity for heats in found.site.traits.heating)


def _noise(found: BaselineStudy, ahead: Counterfactual, model: ErrorModel) -> F64:
    """(M, draws) errors of the covered totals by resampled residuals of unseen days."""
    total = found.days.total(found.cleaned.energy)
    known = np.isfinite(found.cleaned.energy)
    residual = total - found.days.total(np.where(known, found.unseen, np.nan))
    if len(found.chosen("daily")) or len(found.chosen("monthly")):
        coarse = np.concatenate([found.chosen("daily"), found.chosen("monthly")])
        residual[coarse] = (total - found.daily_unseen)[coarse]
    days = ahead.both.sum(axis=1).astype(np.int64)
    return total_errors(residual, days, model, heating=found.site.traits.heating)


def _half(errors: F64) -> F64:
    low, high = np.quantile(errors, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2], axis=-1)
    return np.asarray((high - low) / 2)


def _unfit(found: BaselineStudy, meter: int) -> str:
    """Why a meter has no baseline: the checks that refuse it with number and limit, else what the models lack."""
    failed = found.sufficiency.refusal(meter)
    return f"No baseline: {failed}." if failed else found.choices[meter].reason


def _one(
    found: BaselineStudy, ahead: Counterfactual, adjustments: Sequence[Adjustment], options: SavingsOptions,
    errors: F64, i: int, changed: str | None,
) -> tuple[MeterSavings, F64]:  # fmt: skip
    name, choice = found.site.names[i], found.choices[i]
    nothing = np.full(ahead.days.n, np.nan)
    if choice.interval is None:
        return MeterSavings(name, "refused", _unfit(found, i)), nothing
    difference = ahead.daily_predicted[i] - ahead.daily_actual[i]
    adjusted, added = apply(adjustments, name, difference, ahead.days)
    known = np.isfinite(adjusted)
    of_events = replaced(adjustments, name, ahead.days.day)
    covered, taken = (float(days.mean()) if days.size else 0.0 for days in (np.isfinite(difference), of_events))
    if reason := _too_little(covered, taken, options.min_covered):
        return MeterSavings(name, "refused", reason, choice.interval, covered=covered), nothing
    baseline, actual = (float(v[i][known].sum()) for v in (ahead.daily_predicted, ahead.daily_actual))
    wrong = None if name in options.expected else _other_unit(actual, baseline) or changed
    if wrong:
        return MeterSavings(name, "refused", wrong, choice.interval, covered=covered), nothing
    saved = float(adjusted[known].sum()) + added
    half_g14 = _g14(found, i, choice.interval, baseline, int(known.sum()))
    half = max(half_g14, float(_half(errors)))
    fsu = half / abs(saved) if saved else float("inf")
    doubt = _too_few_hours(found, ahead, i)
    gate, reason = _gate(saved, fsu, options.max_fsu, doubt)
    row = MeterSavings(
        name, gate, reason, choice.interval, saved, saved - half, saved + half, saved / baseline if baseline else None,
        baseline, actual, float(known.mean()), half_g14, float(_half(errors)), fsu,
        float(np.nansum(difference)), doubt,
    )  # fmt: skip
    return row, adjusted


def _too_little(covered: float, replaced: float, needed: float) -> str | None:
    """Why the days of a reporting period do not suffice; None where they do."""
    if covered < needed:
        return f"{covered:.0%} of the reporting days are known, {needed:.0%} are needed."
    if replaced > MAX_REPLACED:
        return (
            f"Events that were entered take {replaced:.0%} of the reporting days, {MAX_REPLACED:.0%} at most may be: "
            "what is left does not speak for the project."
        )
    return None


def _other_unit(actual: float, baseline: float) -> str | None:
    """What is wrong where use and baseline are far apart; None where they are not."""
    if not baseline > 0 or baseline / MOST_TIMES <= actual <= baseline * MOST_TIMES:
        return None
    return (
        f"Use is {actual / baseline:.3g} times the baseline: a unit, a multiplier or the meter has probably changed. "
        "Correct the readings, or give the project the expected_fraction that it means to save."
    )


def unit_doubts(found: BaselineStudy, ahead: Counterfactual) -> dict[int, str]:
    """What speaks for another unit or meter in the period, by position of the meter; those with a model only."""
    actual, predicted, _ = ahead.totals()
    changed = _changed_units(found, ahead)
    totals = {i: _other_unit(float(actual[i]), float(predicted[i])) for i in range(len(found.site.names))}
    doubts = {i: text or changed.get(i) for i, text in totals.items() if found.choices[i].interval is not None}
    return {i: text for i, text in doubts.items() if text}


def _changed_units(found: BaselineStudy, ahead: Counterfactual) -> dict[int, str]:
    """What is wrong with meters that began to count eight times more or less within the period, by position."""
    changes = unit_changes(ahead.daily_actual, ahead.days, found.site.traits.heating)
    return {
        int(i): f"From {np.datetime64(int(ahead.days.day[changes.place[i]]), 'D')} on the meter counts "
        f"{changes.ratio[i]:.3g} times as much in the same weather: a unit, a multiplier or the meter has probably "
        "changed. Correct the readings, or give the project the expected_fraction that it means to save."
        for i in np.flatnonzero(changes.place)
    }


def _g14(found: BaselineStudy, i: int, interval: Interval, baseline: float, n_days: int) -> float:
    fit, months = found.in_sample(interval), n_days / DAYS_OF_MONTH
    points = {"hourly": 24.0 * n_days, "daily": float(n_days), "monthly": max(1.0, months)}
    return g14_half(fit, i, interval, baseline, float(fit.n[i]), points[interval], months)


def _too_few_hours(found: BaselineStudy, ahead: Counterfactual, i: int) -> str:
    """What keeps savings from being settled on where a tenth of the hours is missing (domain.md 7.7); "" if nothing."""
    shares = {
        period: float(np.isfinite(cleaned.energy[i]).mean())
        for period, cleaned in (("baseline", found.cleaned), ("reporting period", ahead.cleaned))
    }
    few = [f"{share:.0%} of the hours of the {period}" for period, share in shares.items() if share < MIN_COVERED]
    return f"Only {' and '.join(few)} are known, {MIN_COVERED:.0%} are needed." if few else ""


def _gate(saved: float, fsu: float, most: float, doubt: str) -> tuple[Gate, str]:
    if doubt:
        return "stipulated", f"{doubt} {STIPULATED}"
    if saved <= 0:
        return "stipulated", f"No positive savings are seen. {STIPULATED}"
    if fsu < most:
        return "verified", f"FSU {fsu:.0%} at 90 % is below {most:.0%}: settle on verified savings."
    return "stipulated", f"FSU {fsu:.0%} at 90 % is not below {most:.0%}. {STIPULATED}"


def disqualified(cv_rmse: float) -> bool:
    """Whether a model of this CV(RMSE) may not be used for savings at all."""
    return not cv_rmse <= DISQUALIFIED_CV
