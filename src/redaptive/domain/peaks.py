"""Billing-period peaks: what is already set, what the forecast adds, what that costs, and how long there is to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from redaptive.domain.forecast.load_forecast import Forecast
from redaptive.domain.intervals import local_month
from redaptive.domain.meter_series import Floats, MeterSeries
from redaptive.domain.quality.vee import Flags, VeeFlag, VeeRules, validate
from redaptive.domain.quality.vee_estimate import REPLACED
from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class PeakOutlook:
    """Demand in kW of windows of `window_s`. `risk`: likely (P50 above the peak set), possible (P90), none.

    `usd_at_stake` is the demand charge of one billing period on what P50 adds to the peak (`usd_at_stake_p90` on what
    P90 adds); None without a demand charge. `minutes_to_act` counts from the issue to the first window above.
    """

    period_start_s: int
    period_end_s: int
    window_s: int
    peak_set_kw: float | None
    peak_set_s: int | None
    projected_p50_kw: float
    projected_p90_kw: float
    projected_peak_kw: float
    expected_s: int
    risk: str
    minutes_to_act: float | None
    shed_kwh: float
    usd_per_kw_month: float | None
    usd_at_stake: float | None
    usd_at_stake_p90: float | None


ERRORS: Final = REPLACED & ~VeeFlag.MISSING
"""What validation finds at an interval and would replace: such a reading sets no peak."""


def without_errors(series: MeterSeries, rules: VeeRules, timezone: str) -> tuple[MeterSeries, Flags]:
    """The series with readings that validation calls errors taken as missing, and the `ERRORS` bits of each interval.

    A day of readings must lie before a spike for it to be one, and a level of a whole day is none (`vee.spikes`).
    """
    flags = np.asarray(validate(series, rules, timezone) & int(ERRORS), np.int16)
    sound = np.where(flags == 0, series.energy, np.nan)
    return MeterSeries(series.start_s, series.step_s, sound, series.quality), flags


def demand_kw(energy_wh: Floats, step_s: int) -> Floats:
    """Mean power of each interval.

    >>> demand_kw(np.array([250.0]), 900).tolist()
    [1.0]
    """
    return energy_wh * 3.6 / step_s


def windows(energy_wh: Floats, first_s: int, step_s: int, window_s: int) -> tuple[Floats, int]:
    """Energy of the clock-aligned demand windows, NaN unless every interval of one is known; and the first's start."""
    if window_s % step_s:
        raise InvalidInput(f"A demand window of {window_s} s holds no whole intervals of {step_s} s.", field="window")
    per = window_s // step_s
    start = -(-first_s // window_s) * window_s
    kept = energy_wh[(start - first_s) // step_s :]
    whole = kept[: kept.size // per * per].reshape(-1, per)
    return whole.sum(axis=1), start


def peak_outlook(
    series: MeterSeries,
    forecast: Forecast,
    timezone: str,
    *,
    month: date,
    window_s: int,
    usd_per_kw_month: float | None,
) -> PeakOutlook:
    """The projected peak of the local month against the peak already set in it.

    The billing period is the calendar month; forecasts beyond its end do not count. Windows are never shorter than
    the readings. Raises InvalidInput when the forecast has no window inside the month.
    """
    span = local_month(month, timezone)
    period = int(span.start.timestamp()), int(span.end.timestamp())
    window = max(window_s, series.step_s)
    set_kw, set_s = _highest(*_inside(series.energy, series.start_s, series.step_s, window, period), window)
    p50, start = _inside(forecast.p50, forecast.start_s, forecast.step_s, window, period)
    p90, _ = _inside(forecast.p90, forecast.start_s, forecast.step_s, window, period)
    p50_kw, p50_s = _highest(p50, start, window)
    p90_kw, p90_s = _highest(p90, start, window)
    if p50_kw is None or p90_kw is None or p50_s is None or p90_s is None:
        raise InvalidInput("The forecast has no interval left in the month.", field="horizon_h", fix="Look further.")
    floor = set_kw or 0.0
    risk = "likely" if p50_kw > floor else "possible" if p90_kw > floor else "none"
    above, expected_s = (p50, p50_s) if risk == "likely" else (p90, p90_s)
    rate = usd_per_kw_month
    return PeakOutlook(
        period_start_s=period[0],
        period_end_s=period[1],
        window_s=window,
        peak_set_kw=set_kw,
        peak_set_s=set_s,
        projected_p50_kw=p50_kw,
        projected_p90_kw=p90_kw,
        projected_peak_kw=max(floor, p50_kw),
        expected_s=expected_s,
        risk=risk,
        minutes_to_act=_minutes_to(above, floor, start, window, forecast.issue_s) if risk != "none" else None,
        shed_kwh=float(np.nansum(np.maximum(0.0, p50 - floor * window / 3.6))) / 1000.0,
        usd_per_kw_month=rate,
        usd_at_stake=None if rate is None else rate * max(0.0, p50_kw - floor),
        usd_at_stake_p90=None if rate is None else rate * max(0.0, p90_kw - floor),
    )


def _inside(energy: Floats, first_s: int, step_s: int, window_s: int, period: tuple[int, int]) -> tuple[Floats, int]:
    """Demand windows that start in the period; windows outside of it are NaN."""
    whole, start = windows(energy, first_s, step_s, window_s)
    at = start + window_s * np.arange(whole.size)
    return np.where((at >= period[0]) & (at < period[1]), whole, np.nan), start


def _highest(energy: Floats, start_s: int, window_s: int) -> tuple[float | None, int | None]:
    """kW and start of the highest window, the first of equals; None where nothing is known."""
    if not energy.size or np.isnan(energy).all():
        return None, None
    index = int(np.nanargmax(energy))
    return float(demand_kw(energy, window_s)[index]), start_s + index * window_s


def _minutes_to(energy: Floats, floor_kw: float, start_s: int, window_s: int, issue_s: int) -> float:
    with np.errstate(invalid="ignore"):
        first = int(np.flatnonzero(demand_kw(energy, window_s) > floor_kw)[0])
    return max(0.0, (start_s + first * window_s - issue_s) / 60.0)
