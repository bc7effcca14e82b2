"""Meters of a file judged with hindsight, each beside what the meters of its commodity do together, and audited."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from redaptive.documents.results import MeterHint
from redaptive.documents.series_units import unit_of_values
from redaptive.domain.detectors.history import audit, lasting_change, retrospective
from redaptive.domain.detectors.history.finding import ENERGY, Finding, measured, rank
from redaptive.domain.detectors.history.lasting_levels import without_gross
from redaptive.domain.detectors.history.shared_course import SharedCourse, shared_course
from redaptive.domain.detectors.history.weekly_use import SharedLevel, daily_use, shared_level, weekly_level
from redaptive.domain.intervals import zone

WH_PER_KWH: Final = 1000.0
MICROSECONDS: Final = 1_000_000
MOST_SHARING: Final = 200
"""Meters of a commodity from which the shared course is taken, evenly over the file."""


@dataclass(frozen=True)
class MeterClock:
    """Readings of one meter in order: UTC and local clock seconds, kWh, length of an interval."""

    start_s: retrospective.Ints
    local_s: retrospective.Ints
    value: retrospective.Floats
    cadence_s: int

    @property
    def standing(self) -> retrospective.Standing:
        """How far each reading stands from its hour of the week."""
        return retrospective.standing(self.local_s, self.value, self.cadence_s)


@dataclass(frozen=True)
class Audited:
    """Findings in order, and the daily use of each meter that has a lasting change."""

    findings: list[Finding]
    courses: dict[str, lasting_change.Course]


def clock_of(rows: pl.DataFrame, cadence_s: int, timezone: str) -> MeterClock:
    """The readings (ts, value in Wh) of one meter, which ascend."""
    local = rows["ts"].dt.convert_time_zone(zone(timezone).key).dt.replace_time_zone("UTC", ambiguous="earliest")
    start_s, local_s = (ts.dt.timestamp("us").to_numpy() // MICROSECONDS for ts in (rows["ts"], local))
    return MeterClock(start_s, local_s, rows["value"].to_numpy().astype(np.float64) / WH_PER_KWH, cadence_s)


def shared_courses(frame: pl.DataFrame, hints: Sequence[MeterHint], timezone: str) -> dict[str, SharedCourse]:
    """What the meters of each commodity do together, hour by hour."""
    found = {}
    for commodity, clocks in _sharing(frame, hints, timezone):
        found[commodity] = shared_course([(clock.local_s, clock.standing.z) for clock in clocks])
    return found


def shared_levels(frame: pl.DataFrame, hints: Sequence[MeterHint], timezone: str) -> dict[str, SharedLevel]:
    """What the meters of each commodity do together over the seasons, week by week."""
    found = {}
    for commodity, clocks in _sharing(frame, hints, timezone):
        levels = (weekly_level(daily_use(clock.local_s, clock.value, clock.cadence_s)) for clock in clocks)
        found[commodity] = shared_level([without_gross(level) for level in levels])
    return found


def _sharing(
    frame: pl.DataFrame, hints: Sequence[MeterHint], timezone: str
) -> Iterator[tuple[str, Iterator[MeterClock]]]:
    """By commodity the meters whose course is shared."""
    for commodity in sorted({str(hint.commodity) for hint in hints}):
        mine = [hint for hint in hints if str(hint.commodity) == commodity]
        cadence = {hint.code: hint.interval_s for hint in mine[:: -(-len(mine) // MOST_SHARING)]}
        chosen = frame.filter(pl.col("meter_code").is_in(list(cadence)))
        yield (
            commodity,
            (
                clock_of(rows.sort("ts"), cadence[str(code)], timezone)
                for (code,), rows in chosen.group_by("meter_code")
            ),
        )


def audit_readings(
    frame: pl.DataFrame,
    hints: Sequence[MeterHint],
    timezone: str,
    price_usd_per_kwh: float | None,
    flag_score: float,
    done: Callable[[int], None],
) -> Audited:
    """The findings of every meter, the largest difference of energy first; `frame` as of a ReadingsFile.

    Only what is in kWh has a price; water, and volumes of gas, have none.
    """
    by_code = {hint.code: hint for hint in hints}
    hourly, weekly = shared_courses(frame, hints, timezone), shared_levels(frame, hints, timezone)
    found: list[Finding] = []
    courses: dict[str, lasting_change.Course] = {}
    for (code,), rows in frame.group_by("meter_code", maintain_order=True):
        hint = by_code[str(code)]
        unit = unit_of_values(hint)
        price = price_usd_per_kwh if unit == ENERGY else None
        clock, commodity = clock_of(rows.sort("ts"), hint.interval_s, timezone), str(hint.commodity)
        series = lasting_change.Series(hint.code, clock.start_s, clock.local_s, clock.value, clock.cadence_s)
        changes, course = lasting_change.lasting_changes(series, weekly[commodity])
        judged = _judged(clock, hourly[commodity], lasting_change.lift(series, changes))
        history = audit.History(hint.code, clock.start_s, clock.local_s, clock.value, judged, clock.cadence_s)
        mine = audit.audit(history, price, flag_score)
        mine += [lasting_change.finding_of(series, change, price) for change in changes]
        found += [measured(finding, commodity, unit) for finding in mine]
        courses.update({hint.code: course} if changes else {})
        done(rows.height)
    return Audited(rank(found), courses)


def _judged(clock: MeterClock, course: SharedCourse, lift: retrospective.Floats) -> retrospective.Judged:
    """The readings judged beside what their lasting changes make of them: a change is not found again at its ends."""
    if (lift == 1).all():
        return retrospective.judge(clock.standing, course)
    level = replace(clock, value=clock.value / lift).standing
    judged = retrospective.judge(replace(level, value=clock.value), course)
    return replace(judged, expected=judged.expected * lift)
