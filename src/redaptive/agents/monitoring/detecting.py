"""Anomalies of stored readings: the live kernel run over a window, with a warm-up on the weeks before it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from anyio import to_thread

from redaptive.agents.monitoring.meters import KILO, SitePrices, holidays_of, read_many, unit_of
from redaptive.agents.monitoring.results import Anomaly
from redaptive.agents.monitoring.window import Window
from redaptive.domain.alerts.evidence import Facts, sentence
from redaptive.domain.alerts.pricing import cost_per_day
from redaptive.domain.anomaly_events import CLASSES, Event, events, is_priced, scored_rows
from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.kernel import score
from redaptive.domain.detectors.kinds import ESTIMATED
from redaptive.domain.detectors.memory.params import MAX_CADENCE_S, MIN_CADENCE_S, NO_CAP_WH, MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import Outcome, Rows, Transitions
from redaptive.domain.detectors.weather import temperature_at
from redaptive.domain.intervals import zone
from redaptive.domain.meter_series import MeterSeries
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.quality.flags import Quality
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.infrastructure.readings.store import ReadingsStore

WARM_UP_DAYS: Final = 42
CHUNK_DAYS: Final = 14
"""Scored at a time, so that a caller sees progress; how the rows are split changes nothing."""
Progress = Callable[[float, float], Awaitable[None]]


@dataclass(frozen=True)
class Judged:
    """What the kernel said about the meters of a call."""

    anomalies: tuple[Anomaly, ...]
    series: tuple[MeterSeries, ...]
    readings: int
    not_persistent: int
    not_judged: tuple[str, ...]


async def detect(
    readings: ReadingsStore,
    weather: WeatherStore,
    meters: Sequence[MonitoredMeter],
    span: Window,
    prices: SitePrices,
    progress: Progress,
) -> Judged:
    """Events of the window at the meters that can be judged, the costliest first."""
    able = [m for m in meters if MIN_CADENCE_S <= m.meter.interval_s <= MAX_CADENCE_S]
    skipped = [f"{m.meter.code}: its intervals last {m.meter.interval_s} s" for m in meters if m not in able]
    if not able:
        return Judged((), (), 0, 0, tuple(skipped))
    start = span.start - timedelta(days=WARM_UP_DAYS)
    series = await to_thread.run_sync(read_many, readings, able, start, span.end)
    air = {m.weather_station: await weather.hourly(m.weather_station, start, span.end) for m in able
           if m.weather_station}  # fmt: skip
    rows = kernel_rows(able, series, air)
    outcome = await _scored(able, rows, start.date(), span.end.date(), progress)
    found: list[Anomaly] = []
    dropped = 0
    for index, meter in enumerate(able):
        scored = scored_rows(outcome, rows, index, meter.meter.interval_s)
        if not np.isfinite(scored.expected).any():
            skipped.append(f"{meter.meter.code}: fewer than two weeks of readings before the end of the window")
        from_s, exports = int(span.start.timestamp()), meter.limits.exports
        own, not_persistent = events(outcome.transitions, index, scored, from_s, exports=exports)
        dropped += not_persistent
        found += [anomaly(meter, event, prices) for event in own]
    found.sort(key=lambda a: (-(a.usd_per_day or 0.0), a.meter_code, a.start, a.kind))
    return Judged(tuple(found), tuple(series), len(rows), dropped, tuple(skipped))


def kernel_rows(meters: Sequence[MonitoredMeter], series: Sequence[MeterSeries], air: dict[str, pl.DataFrame]) -> Rows:
    """Every present reading in order of time, as if it had come when its interval ended."""
    index, start, value, flags, temperature = [], [], [], [], []
    for i, (meter, own) in enumerate(zip(meters, series, strict=True)):
        present = np.flatnonzero(~np.isnan(own.energy))
        at = own.starts_s[present]
        index.append(np.full(present.size, i, np.int32))
        start.append(at)
        value.append(own.energy[present].astype(np.int64))
        estimated = (own.quality[present] & int(Quality.ESTIMATED)) != 0
        flags.append(np.where(estimated, ESTIMATED, 0).astype(np.uint8))
        temperature.append(_temperatures(air.get(meter.weather_station or ""), at))
    starts = np.concatenate(start)
    order = np.argsort(starts, kind="stable")
    number = np.concatenate(index)[order]
    cadence = np.array([m.meter.interval_s for m in meters], np.int64)
    return Rows(
        number,
        starts[order],
        np.concatenate(value)[order],
        np.concatenate(flags)[order],
        starts[order] + cadence[number],
        np.concatenate(temperature)[order],
    )


def meter_params(meters: Sequence[MonitoredMeter]) -> MeterParams:
    """Parameters by position; the store holds energy of intervals, so no register takes part."""
    params = MeterParams.blank(-(-len(meters) // 1024) * 1024)
    params.put(
        np.arange(len(meters)),
        cadence_s=[m.meter.interval_s for m in meters],
        phase_s=[m.limits.phase_s % m.meter.interval_s for m in meters],
        cap_wh=[NO_CAP_WH if m.limits.cap_wh is None else m.limits.cap_wh for m in meters],
        may_export=[m.limits.exports for m in meters],
        calendar_id=np.arange(len(meters)),
    )
    return params


def site_hours(meter: MonitoredMeter, first: datetime, last: datetime) -> SiteHours:
    """Zone, holidays and opening hours of a meter; unknown hours are learned by the kernel."""
    limits = meter.limits
    opening: tuple[tuple[float, float] | None, ...] = ()
    if limits.opens_hour is not None and limits.closes_hour is not None:
        hours = float(limits.opens_hour), float(limits.closes_hour)
        opening = tuple(hours if day == "1" else None for day in limits.open_weekdays)
    return SiteHours(meter.timezone, holidays_of(meter, first, last), opening)


def anomaly(meter: MonitoredMeter, event: Event, prices: SitePrices) -> Anomaly:
    """The event in kWh (m3) and USD, with its evidence in a sentence."""
    start, end = datetime.fromtimestamp(event.start_s, UTC), datetime.fromtimestamp(event.end_s, UTC)
    price = prices.at(meter, start.astimezone(zone(meter.timezone)).date()) if is_priced(event.kind) else None
    excess = None if event.excess_wh is None else event.excess_wh / KILO
    per_day = None if event.excess_wh_per_day is None else event.excess_wh_per_day / KILO
    rate = None if price is None else price.usd_per_unit
    solar = meter.meter.commodity is Commodity.SOLAR
    cost = cost_per_day(event.kind.slug, per_day, rate, generates=solar).usd_per_day
    return Anomaly(
        meter_code=meter.meter.code,
        building_code=meter.meter.building_code,
        unit=unit_of(meter),
        start=start,
        end=end,
        kind=event.kind.slug,
        anomaly_class=CLASSES[event.kind],
        score=event.score,
        expected=None if event.expected_wh is None else event.expected_wh / KILO,
        actual=None if event.actual_wh is None else event.actual_wh / KILO,
        excess=excess,
        usd=None if rate is None or excess is None else excess * rate * (-1 if solar else 1),
        excess_per_day=per_day,
        usd_per_day=None if cost is None else float(cost),
        lasting=event.lasting,
        evidence=evidence(meter, event, cost),
    )


def evidence(meter: MonitoredMeter, event: Event, usd_per_day: Decimal | None) -> str:
    """One sentence for a person, as alerts are written."""
    facts = Facts(
        kind=event.kind.slug,
        subject=f"Meter {meter.meter.code}",
        since=datetime.fromtimestamp(event.start_s, UTC),
        until=datetime.fromtimestamp(event.end_s, UTC),
        timezone=meter.timezone,
        commodity=meter.meter.commodity.value,
        actual=None if event.actual_wh is None else event.actual_wh / KILO,
        expected=None if event.expected_wh is None else event.expected_wh / KILO,
        excess_per_day=None if event.excess_wh_per_day is None else event.excess_wh_per_day / KILO,
        usd_per_day=usd_per_day,
        score=event.score,
        ended=not event.lasting,
        at_zero=event.at_zero,
    )
    return sentence(facts)


async def _scored(meters: Sequence[MonitoredMeter], rows: Rows, first: date, last: date, progress: Progress) -> Outcome:
    """The kernel's outcome of all rows, chunk by chunk."""
    bounds = datetime.combine(first, datetime.min.time(), UTC), datetime.combine(last, datetime.min.time(), UTC)
    sites = [site_hours(m, *bounds) for m in meters]
    calendar = await to_thread.run_sync(LocalCalendar.build, sites, first - timedelta(days=2), (last - first).days + 5)
    params, state = meter_params(meters), State.of_meters(len(meters))
    edges = np.arange(int(bounds[0].timestamp()) - 86_400, int(bounds[1].timestamp()) + 3 * 86_400, CHUNK_DAYS * 86_400)
    cuts = [0, *np.searchsorted(rows.start_s, edges[1:]).tolist(), len(rows)]
    parts, moved = [], []
    for done, (low, high) in enumerate(pairwise(cuts), start=1):
        part = await to_thread.run_sync(score, state, rows.take(np.arange(low, high)), params, calendar)
        parts.append(part)
        moved.append(part.transitions)
        await progress(done, len(cuts) - 1)
    return _joined(parts, moved)


def _joined(parts: Sequence[Outcome], moved: list[Transitions]) -> Outcome:
    whole = Outcome.blank(sum(len(p.verdict) for p in parts))
    at = 0
    for part in parts:
        span = slice(at, at + len(part.verdict))
        for name in ("verdict", "energy", "expected", "score", "kinds", "measured"):
            getattr(whole, name)[span] = getattr(part, name)
        at = span.stop
    return Outcome(
        whole.verdict, whole.energy, whole.expected, whole.score, whole.kinds, whole.measured, whole.intervals,
        whole.register_reset, Transitions.join(moved),
    )  # fmt: skip


def _temperatures(
    air: pl.DataFrame | None, start_s: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Air temperature of the hour of each interval, NaN where unknown."""
    if air is None:
        return np.full(start_s.size, np.nan, np.float32)
    values = air["air_temperature_c"].cast(pl.Float32).fill_null(float("nan")).to_numpy()
    return temperature_at(start_s, air["ts"].dt.epoch("s").to_numpy(), values, 3600)
