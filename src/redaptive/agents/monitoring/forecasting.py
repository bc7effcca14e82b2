"""Load forecasts and peak outlooks of one meter from its stored readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from redaptive.agents.monitoring.meters import KILO, holidays_of, read_series, unit_of
from redaptive.agents.monitoring.results import FlaggedSpan, ForecastInterval, LoadForecast, PeakAlert
from redaptive.agents.monitoring.validating import LISTED, rules_of
from redaptive.domain.forecast.load_forecast import Forecast, forecast_load
from redaptive.domain.forecast.methods import SeasonalLevel, SeasonalNaive
from redaptive.domain.forecast.model_bytes import StoredModel
from redaptive.domain.forecast.within_hour import HOUR_S, by_interval
from redaptive.domain.intervals import local_month, next_month, zone
from redaptive.domain.meter_series import Floats, Ints, MeterSeries
from redaptive.domain.peaks import PeakOutlook, demand_kw, peak_outlook, windows, without_errors
from redaptive.domain.quality.vee import Flags, VeeFlag, spans
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.forecasts import issuing
from redaptive.streams.forecasts.history import History
from redaptive.streams.forecasts.store_history import FORECAST_DAYS, groups_of, history_of

HISTORY_DAYS: Final = 119
"""Seven weeks of like days before each of eight weeks of past errors."""
USUAL_MONTHS: Final = 3
"""Months before the peak's, whose peaks are the usual ones."""
METHOD: Final = SeasonalLevel()
NAIVE: Final = SeasonalNaive()


@dataclass(frozen=True)
class Trained:
    """A trained model, None where there is none, and the hourly weather of the meter's station, None without one.

    The weather has the columns ts and air_temperature_c.
    """

    model: StoredModel | None
    air: pl.DataFrame | None


@dataclass(frozen=True)
class Issued:
    """A forecast with the history it was made from and the seasonal naive one beside it; `notes` for the reader.

    `model`: the trained one that made it; None where it is of the meter's own past.
    """

    series: MeterSeries
    forecast: Forecast
    naive: Floats
    notes: tuple[str, ...] = ()
    model: StoredModel | None = None


def issue(
    readings: ReadingsStore, meter: MonitoredMeter, at: datetime, horizon_s: int, trained: Trained | None = None
) -> Issued:
    """The forecast of `horizon_s` from the last interval that ended by `at`.

    Suspect readings, and those of its history that validation calls errors, are taken as missing.
    By the trained model where there is one that knows the meter's last weeks, else by the meter's own like days, and
    the next day by its own regression, as the command line does.
    """
    series = read_series(readings, meter, at - timedelta(days=HISTORY_DAYS), at)
    days = holidays_of(meter, at - timedelta(days=HISTORY_DAYS), at + timedelta(seconds=horizon_s))
    steps = -(-horizon_s // series.step_s)
    sound, flags = without_errors(series.without_suspects(), rules_of(meter), meter.timezone)

    def forecast(method: SeasonalLevel | SeasonalNaive) -> Forecast:
        moment = int(at.timestamp())
        return forecast_load(sound, meter.timezone, method, issue_s=moment, steps=steps, holidays=days)

    own, naive = forecast(METHOD), forecast(NAIVE).p50
    if trained is None:
        return Issued(series, own, naive)
    first, hours = _hours(own)
    (group,) = groups_of([meter])
    stored = history_of(readings, group, trained.air, datetime.fromtimestamp(first, UTC), FORECAST_DAYS)
    history = _without_hours(stored, series.starts_s[flags != 0])
    why = ""
    if trained.model is not None:
        made, why = _by_model(history, trained.model, own, sound)
        if made is not None:
            return Issued(series, made, naive, model=trained.model)
    found = issuing.by_regression(history, hours)
    if found is not None:
        quantiles = np.concatenate(found) * KILO
        made = by_interval(own, sound, quantiles, first, f"{own.method}; {issuing.REGRESSION}")
        own = replace(made, errors_used=own.errors_used)  # after the first day, and within hours, they still count
    return Issued(series, own, naive, (why,) if why else ())


def _without_hours(history: History, starts_s: Ints) -> History:
    """The history without the hours that these moments lie in."""
    hours = (starts_s - history.start_s) // HOUR_S
    energy = history.energy.copy()
    energy[:, hours[(hours >= 0) & (hours < energy.shape[1])]] = np.nan
    return replace(history, energy=energy)


def _hours(own: Forecast) -> tuple[int, int]:
    """The first full hour of a forecast, epoch seconds, and how many it touches."""
    first = own.start_s // HOUR_S * HOUR_S
    return first, -(-(own.start_s + own.step_s * own.p50.size - first) // HOUR_S)


def _by_model(history: History, model: StoredModel, own: Forecast, past: MeterSeries) -> tuple[Forecast | None, str]:
    """The model's forecast in the intervals of the own one, or None and why there is none."""
    first, hours = _hours(own)
    if hours > issuing.MOST_HOURS:
        return None, f"the trained model reaches {issuing.MOST_HOURS} hours: the meter's own past is used"
    found = issuing.issue(history, first, hours, model)
    if found.refused:
        return None, f"the trained model cannot be used: {found.refused[0][1]}"
    quantiles = np.stack([found.p10[0], found.p50[0], found.p90[0]]) * KILO
    name = found.method if own.step_s == HOUR_S else f"{found.method}, hours divided as {own.method}"
    return by_interval(own, past, quantiles, first, name), ""


def as_result(meter: MonitoredMeter, issued: Issued) -> LoadForecast:
    """The forecast in kWh; intervals for which the past says nothing are left out."""
    made = issued.forecast
    starts = [datetime.fromtimestamp(made.start_s + i * made.step_s, UTC) for i in range(made.p50.size)]
    columns = zip(starts, made.p10 / KILO, made.p50 / KILO, made.p90 / KILO, issued.naive / KILO, strict=True)
    rows = [
        ForecastInterval(start, float(low), float(middle), float(high), None if np.isnan(naive) else float(naive))
        for start, low, middle, high, naive in columns
        if not np.isnan(middle)
    ]
    beside = [row.naive for row in rows if row.naive is not None]
    return LoadForecast(
        meter_code=meter.meter.code,
        unit=unit_of(meter),
        issued_at=datetime.fromtimestamp(made.issue_s, UTC),
        interval_s=made.step_s,
        method=made.method,
        p50_total=float(sum(row.p50 for row in rows)),
        naive_total=sum(beside) if len(beside) == len(rows) else None,
        past_errors_used=made.errors_used,
        intervals=tuple(rows),
    )


def outlook(meter: MonitoredMeter, issued: Issued, window_s: int, usd_per_kw_month: float | None) -> PeakAlert:
    """The peak outlook of the local month that holds the issue."""
    at = datetime.fromtimestamp(issued.forecast.issue_s, UTC)
    month = at.astimezone(zone(meter.timezone)).date().replace(day=1)
    sound, flags = without_errors(issued.series, rules_of(meter), meter.timezone)
    found = peak_outlook(
        sound,
        issued.forecast,
        meter.timezone,
        month=month,
        window_s=window_s,
        usd_per_kw_month=usd_per_kw_month,
    )
    usual = usual_peak_kw(sound, meter.timezone, month, found.window_s)
    since = local_month(next_month(month, -USUAL_MONTHS), meter.timezone).start
    left_out = _left_out(issued.series, flags, since)
    return PeakAlert(
        meter_code=meter.meter.code,
        issued_at=at,
        period_start=_utc(found.period_start_s),
        period_end=_utc(found.period_end_s),
        window_min=found.window_s // 60,
        peak_set_kw=found.peak_set_kw,
        peak_set_at=None if found.peak_set_s is None else _utc(found.peak_set_s),
        usual_peak_kw=usual,
        projected_peak_kw=found.projected_peak_kw,
        projected_p90_kw=found.projected_p90_kw,
        expected_at=_utc(found.expected_s),
        risk=found.risk,
        minutes_to_act=found.minutes_to_act,
        shed_kwh=found.shed_kwh,
        usd_per_kw_month=found.usd_per_kw_month,
        usd_at_stake=found.usd_at_stake,
        usd_at_stake_p90=found.usd_at_stake_p90,
        left_out_intervals=sum(span.intervals for span in left_out),
        left_out=left_out[:LISTED],
        evidence=evidence(meter, found, usual, left_out),
    )


def not_counted(alert: PeakAlert) -> tuple[str, ...]:
    """A warning of the readings that set no peak, where there are any."""
    if not alert.left_out:
        return ()
    return (
        f"{alert.left_out_intervals} of the readings are left out as errors of the meter (left_out); the utility may "
        "bill one that is real: see validate_estimate_edit",
    )


def _left_out(series: MeterSeries, flags: Flags, since: datetime) -> tuple[FlaggedSpan, ...]:
    """Runs of intervals that set no peak, the largest first."""
    counted = (flags != 0) & (series.starts_s >= since.timestamp())
    found = []
    for first, end in spans(counted):
        bits = int(np.bitwise_or.reduce(flags[first:end]))
        name = " and ".join((bit.name or "").lower() for bit in VeeFlag if bits & int(bit))
        total = float(series.energy[first:end].sum()) / KILO
        found.append(FlaggedSpan(name, series.at(first), series.at(end), end - first, total))
    return tuple(sorted(found, key=lambda span: (-_span_kw(span), span.start)))


def _span_kw(span: FlaggedSpan) -> float:
    """Mean power of a run, kW."""
    return (span.original or 0.0) / ((span.end - span.start).total_seconds() / HOUR_S)


def usual_peak_kw(series: MeterSeries, timezone: str, month: date, window_s: int) -> float | None:
    """Median of the peaks of the three months before, of those that lie wholly in the series."""
    peaks = []
    whole, first = windows(series.energy, series.start_s, series.step_s, window_s)
    starts = first + window_s * np.arange(whole.size)
    for back in range(1, USUAL_MONTHS + 1):
        span = local_month(next_month(month, -back), timezone)
        own = whole[(starts >= span.start.timestamp()) & (starts < span.end.timestamp())]
        if series.start_s <= span.start.timestamp() and own.size and not np.isnan(own).all():
            peaks.append(float(np.nanmax(demand_kw(own, window_s))))
    return float(np.median(peaks)) if peaks else None


def evidence(
    meter: MonitoredMeter, found: PeakOutlook, usual_kw: float | None, left_out: Sequence[FlaggedSpan] = ()
) -> str:
    """One sentence for a person; the largest reading that was left out is named in it."""
    local = _utc(found.expected_s).astimezone(zone(meter.timezone))
    so_far = "no peak is set yet" if found.peak_set_kw is None else f"the peak set is {found.peak_set_kw:,.0f} kW"
    errors = _errors(left_out, meter.timezone)
    if usual_kw is not None:
        so_far += f" (usual months: {usual_kw:,.0f} kW)"
    if found.risk == "none":
        high = f"{found.projected_p90_kw:,.0f} kW"
        return f"{meter.meter.code}: {so_far}, and even the high forecast stays at {high}{errors}."
    ahead = found.projected_p50_kw if found.risk == "likely" else found.projected_p90_kw
    stake = found.usd_at_stake if found.risk == "likely" else found.usd_at_stake_p90
    cost = "" if stake is None else f", {stake:,.0f} USD of demand charge this month"
    return (
        f"{meter.meter.code}: {so_far}; a peak of {ahead:,.0f} kW is {found.risk} at {local:%a %d %b %H:%M} "
        f"local time{cost}{errors}."
    )


def _errors(left_out: Sequence[FlaggedSpan], timezone: str) -> str:
    """How many intervals were left out, and the largest of them."""
    if not left_out:
        return ""
    count, worst = sum(span.intervals for span in left_out), left_out[0]
    local = worst.start.astimezone(zone(timezone))
    named = f"{worst.flag} of {_span_kw(worst):,.0f} kW on {local:%a %d %b %H:%M}"
    if count == 1:
        return f"; 1 interval is left out as an error of the meter: {named}"
    return f"; {count} intervals are left out as errors of the meter, the largest a {named}"


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
