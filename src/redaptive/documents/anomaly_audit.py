"""Meters of a file judged with hindsight, each beside what the meters of its commodity do together, and audited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from redaptive.documents.results import MeterHint
from redaptive.domain.detectors.history import audit, retrospective
from redaptive.domain.detectors.history.finding import Finding, rank
from redaptive.domain.detectors.history.shared_course import SharedCourse, shared_course
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


def clock_of(rows: pl.DataFrame, cadence_s: int, timezone: str) -> MeterClock:
    """The readings (ts, value in Wh) of one meter, which ascend."""
    local = rows["ts"].dt.convert_time_zone(zone(timezone).key).dt.replace_time_zone("UTC", ambiguous="earliest")
    start_s, local_s = (ts.dt.timestamp("us").to_numpy() // MICROSECONDS for ts in (rows["ts"], local))
    return MeterClock(start_s, local_s, rows["value"].to_numpy().astype(np.float64) / WH_PER_KWH, cadence_s)


def shared_courses(frame: pl.DataFrame, hints: Sequence[MeterHint], timezone: str) -> dict[str, SharedCourse]:
    """What the meters of each commodity do together."""
    found = {}
    for commodity in sorted({str(hint.commodity) for hint in hints}):
        mine = [hint for hint in hints if str(hint.commodity) == commodity]
        cadence = {hint.code: hint.interval_s for hint in mine[:: -(-len(mine) // MOST_SHARING)]}
        standings = []
        for (code,), rows in frame.filter(pl.col("meter_code").is_in(list(cadence))).group_by("meter_code"):
            one = clock_of(rows.sort("ts"), cadence[str(code)], timezone).standing
            standings.append((one.start_s, one.z))
        found[commodity] = shared_course(standings)
    return found


def audit_readings(
    frame: pl.DataFrame,
    hints: Sequence[MeterHint],
    timezone: str,
    price_usd_per_kwh: float | None,
    flag_score: float,
    done: Callable[[int], None],
) -> list[Finding]:
    """The findings of every meter, the largest difference of energy first; `frame` as of a ReadingsFile."""
    by_code = {hint.code: hint for hint in hints}
    courses = shared_courses(frame, hints, timezone)
    found: list[Finding] = []
    for (code,), rows in frame.group_by("meter_code", maintain_order=True):
        hint = by_code[str(code)]
        clock = clock_of(rows.sort("ts"), hint.interval_s, timezone)
        judged = retrospective.judge(clock.standing, courses[str(hint.commodity)])
        history = audit.History(hint.code, clock.start_s, clock.local_s, clock.value, judged, clock.cadence_s)
        found += audit.audit(history, price_usd_per_kwh, flag_score)
        done(rows.height)
    return rank(found)
