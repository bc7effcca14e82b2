"""The kernel on the sample portfolio, graded by its truth tables: recall by fault kind and error in USD a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from detection.ours import HOUR_S, SLICE_H
from detection.tables import table
from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import Rows, Transitions
from redaptive.sample.cities import CITIES
from redaptive.sample.faults import Fault
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.sample.readings import SampleReadings
from redaptive.sample.specs import MeterKind
from redaptive.sample.weather_hours import weather_hours

BEFORE = timedelta(days=180)
AFTER = timedelta(days=2)
USD_PER_KWH = 0.12
DAY_S = 86_400
PASSING = (Kind.SPIKE, Kind.GAP, Kind.BAD_VALUE)
"""Alarms on single readings; USD a day is taken from the last other alarm within the fault."""


@dataclass(frozen=True)
class Trial:
    """A fault with its meter's readings around it, and what is true of it."""

    fault: Fault
    start_s: np.ndarray
    value_wh: np.ndarray
    temperature_c: np.ndarray
    cadence_s: int
    begin_s: int
    end_s: int
    true_wh_per_day: float
    timezone: str
    generates: bool


def grade(size: str, per_kind: int) -> Iterable[str]:
    """Tables over at most `per_kind` faults of each kind with 180 days of history before."""
    portfolio = build_portfolio(size)
    trials = trials_of(portfolio, per_kind)
    moved = alarms(portfolio, trials)
    small = sum(t.fault.subthreshold for t in trials)
    yield f"Sample {size}: {len(trials)} faults, each on a meter of its own; {small} of them too small to matter."
    yield ""
    yield from _by_kind(trials, moved)


def trials_of(portfolio: SamplePortfolio, per_kind: int) -> list[Trial]:
    """At most so many faults of each kind, with history before."""
    readings = SampleReadings(portfolio)
    taken: dict[str, int] = {}
    trials = []
    for fault in portfolio.faults:
        inside = fault.start - BEFORE >= portfolio.start and fault.end + AFTER <= portfolio.end
        if not inside or taken.get(fault.type, 0) >= per_kind:
            continue
        taken[fault.type] = taken.get(fault.type, 0) + 1
        trials.append(_trial(portfolio, readings, fault))
    return trials


def _trial(portfolio: SamplePortfolio, readings: SampleReadings, fault: Fault) -> Trial:
    spec = portfolio.meter_specs[fault.meter]
    city = CITIES[portfolio.building_specs[spec.building].city]
    start, end = fault.start - BEFORE, fault.end + AFTER
    frame = readings.frame([fault.meter], start, end)
    weather = weather_hours(portfolio, city.station, start, end)
    weather = weather.select(pl.col("ts").cast(frame.schema["ts"]).alias("hour"), "air_temperature_c")
    frame = frame.with_columns(hour=pl.col("ts").dt.truncate("1h"))
    frame = frame.join(weather, on="hour", how="left", maintain_order="left")
    first, last = readings.hours(spec.building, fault.start, fault.end)
    cadence_s = HOUR_S // spec.quarters
    clean = readings.clean_values([spec], first, last)[0]
    stamps = frame["ts"].dt.epoch("s").to_numpy().astype(np.int64)
    value = frame["value"].to_numpy().astype(np.int64)
    during = (stamps >= first * HOUR_S) & (stamps < last * HOUR_S)
    truth = int(value[during].sum() - clean[stamps[during] // cadence_s - first * spec.quarters].sum())
    days = (fault.end - fault.start).days
    air = frame["air_temperature_c"].to_numpy().astype(np.float32)
    return Trial(fault, stamps, value, air, cadence_s, first * HOUR_S, last * HOUR_S, truth / days,
                 city.timezone, spec.kind is MeterKind.SOLAR)  # fmt: skip


def alarms(portfolio: SamplePortfolio, trials: list[Trial]) -> Transitions:
    """Alarms of all meters, each fed week by week from its own first reading."""
    state = State.of_meters(len(trials))
    params = MeterParams.uniform(state.rows, HOUR_S)
    zones = sorted({city.timezone for city in CITIES})
    specs = [portfolio.meter_specs[t.fault.meter] for t in trials]
    cities = [CITIES[portfolio.building_specs[spec.building].city] for spec in specs]
    own = np.arange(len(trials))
    params.put(
        own,
        cadence_s=[t.cadence_s for t in trials],
        calendar_id=[zones.index(city.timezone) for city in cities],
        may_export=[spec.kind is MeterKind.SOLAR for spec in specs],
    )
    days = (portfolio.end - portfolio.start).days + 3
    calendar = LocalCalendar.build([SiteHours(zone) for zone in zones], portfolio.start - timedelta(days=1), days)
    parts = []
    longest = max(len(t.start_s) for t in trials)
    for begin in range(0, longest, SLICE_H):
        week = slice(begin, begin + SLICE_H)
        start_s, value, air = (
            np.concatenate([getattr(t, n)[week] for t in trials]) for n in ("start_s", "value_wh", "temperature_c")
        )
        index = np.repeat(own, [len(t.start_s[week]) for t in trials]).astype(np.int32)
        rows = Rows(index, start_s, value, np.zeros(len(index), np.uint8), start_s + HOUR_S, air)
        parts.append(kernel.score(state, rows, params, calendar).transitions)
    return Transitions.join(parts)


def _by_kind(trials: list[Trial], moved: Transitions) -> Iterable[str]:
    head = ("fault", "faults", "found", "by chance", "median days", "most frequent first alarm", "small: found",
            "true USD/day", "said USD/day", "median error USD/day")  # fmt: skip
    rows = []
    for kind in sorted({t.fault.type for t in trials}):
        mine = [(i, t) for i, t in enumerate(trials) if t.fault.type == kind]
        rows.append(
            _row(
                kind,
                [m for m in mine if not m[1].fault.subthreshold],
                [m for m in mine if m[1].fault.subthreshold],
                moved,
            )
        )
    yield from table(head, rows)
    quiet = [(i, t.begin_s - 150 * DAY_S, t.begin_s) for i, t in enumerate(trials)]
    alarms = sum(len(opened(moved, *window)) for window in quiet)
    yield f"\nAlarms in the 150 days before the faults: {alarms / len(trials) / 150 * 30.4:.2f} a meter-month."


def _row(kind: str, main: list[tuple[int, Trial]], small: list[tuple[int, Trial]], moved: Transitions) -> list[object]:
    found = [(t, at) for i, t in main if len(at := opened(moved, i, t.begin_s, t.end_s + DAY_S))]
    chance = sum(len(opened(moved, i, 2 * t.begin_s - t.end_s - DAY_S, t.begin_s)) > 0 for i, t in main)
    lucky = sum(len(opened(moved, i, t.begin_s, t.end_s + DAY_S)) > 0 for i, t in small)
    delay = [(moved.at_s[at].min() - t.begin_s) / DAY_S for t, at in found]
    first = [int(moved.kind[at[np.argmin(moved.at_s[at])]]) for t, at in found]
    lasting = [(t, at[~np.isin(moved.kind[at], PASSING)]) for t, at in found]
    said = [(t, _usd(float(np.nan_to_num(moved.excess_wh_per_day[at[-1]])))) for t, at in lasting if len(at)]
    error = [abs(usd - _usd(t.true_wh_per_day)) for t, usd in said]
    slug = Kind(max(set(first), key=first.count)).slug if first else "-"
    return [
        kind, len(main), len(found), chance, f"{np.median(delay):.1f}" if delay else "-", slug,
        f"{lucky} of {len(small)}", f"{sum(_usd(t.true_wh_per_day) for t, _ in said):.0f}",
        f"{sum(usd for _, usd in said):.0f}", f"{np.median(error):.2f}" if error else "-",
    ]  # fmt: skip


def opened(moved: Transitions, index: int, first_s: int, end_s: int) -> np.ndarray:
    """Which are openings of that meter from one moment up to another."""
    return np.flatnonzero((moved.index == index) & moved.opened & (moved.at_s >= first_s) & (moved.at_s < end_s))


def _usd(wh: float) -> float:
    return wh / 1000 * USD_PER_KWH
