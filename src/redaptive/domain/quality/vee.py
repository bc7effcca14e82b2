"""Validation of a meter's readings (VEE, domain.md 6.1): what is missing, impossible or doubtful."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.meter_series import DAY_S, EPOCH, Floats, MeterSeries, utc_offsets_s
from redaptive.domain.quality.flags import Quality

Flags = npt.NDArray[np.int16]
MAX_DAYS: Final = 30
STUCK_INTERVALS: Final = 24
STUCK_S: Final = 6 * 3600
LEVEL_CHANGE_S: Final = DAY_S
"""What stays high for a whole day is a new level, no spike."""


class VeeFlag(IntFlag):
    """What validation found at an interval."""

    MISSING = 1
    NEGATIVE = 2
    SPIKE = 4
    STUCK = 8
    DST = 16
    ROLLOVER = 32
    SUM_CHECK = 64


@dataclass(frozen=True)
class VeeRules:
    """Limits of one meter. `cap` is the most Wh that it can read in an interval (CT rating).

    `exports` allows negative values. `register_size` is what a full register counts, in Wh (10^digits x multiplier):
    only for series made of register differences.
    """

    spike_factor: float = 3.0
    cap: float | None = None
    exports: bool = False
    register_size: float | None = None


@dataclass(frozen=True)
class ClockDay:
    """A local day of 23 or 25 hours inside the series: intervals that it has and intervals that were read."""

    day: date
    hours: float
    expected: int
    present: int


def validate(series: MeterSeries, rules: VeeRules, timezone: str) -> Flags:
    """`VeeFlag` bits of every interval, (n,) int16; the sum check is `sum_check`'s.

    Spikes and caps are judged on values that are no rollover and not negative, stuck runs on all values.
    """
    rollover = rollovers(series.energy, rules)
    with np.errstate(invalid="ignore"):
        negative = (series.energy < 0) & ~rollover & (not rules.exports)
    judged = np.where(rollover | negative, np.nan, series.energy)
    found = {
        VeeFlag.MISSING: np.isnan(series.energy),
        VeeFlag.NEGATIVE: negative,
        VeeFlag.ROLLOVER: rollover,
        VeeFlag.SPIKE: spikes(judged, series.step_s, rules),
        VeeFlag.STUCK: stuck(series.energy, max(STUCK_INTERVALS, STUCK_S // series.step_s)),
        VeeFlag.DST: clock_change(series, timezone),
    }
    flags = np.zeros(series.energy.size, dtype=np.int16)
    for bit, where in found.items():
        flags[where] |= int(bit)
    return flags


def spikes(energy: Floats, step_s: int, rules: VeeRules) -> npt.NDArray[np.bool_]:
    """Above the cap, or above `spike_factor` times the largest sound value of the 30 days before.

    A spike never raises that maximum, unless it lasts a day: then it is a level. Nothing is judged before a day of
    readings, or while the meter has read nothing but zeros.
    """
    found = np.zeros(energy.size, dtype=np.bool_)
    width, day, seen, run = MAX_DAYS * DAY_S // step_s, max(1, DAY_S // step_s), 0, 0
    largest: deque[tuple[int, float]] = deque()
    cap = np.inf if rules.cap is None else rules.cap
    for i, value in enumerate(energy.tolist()):
        if value != value:  # NaN
            continue
        while largest and largest[0][0] < i - width:
            largest.popleft()
        known = largest[0][1] if largest and seen >= day else 0.0
        high = value > cap or (known > 0.0 and value > rules.spike_factor * known)
        found[i], run = high, run + 1 if high else 0
        if high and (value > cap or run < max(2, LEVEL_CHANGE_S // step_s)):
            continue
        seen += 1
        while largest and largest[-1][1] <= value:
            largest.pop()
        largest.append((i, value))
    return found


def stuck(energy: Floats, min_run: int) -> npt.NDArray[np.bool_]:
    """Runs of at least `min_run` equal non-zero values without a gap."""
    found = np.zeros(energy.size, dtype=np.bool_)
    for first, last in runs(energy[1:] == energy[:-1]):
        if last - first + 1 >= min_run and energy[first] != 0:
            found[first : last + 1] = True
    return found


def rollovers(energy: Floats, rules: VeeRules) -> npt.NDArray[np.bool_]:
    """Negative differences that become plausible when one full register is added."""
    if rules.register_size is None:
        return np.zeros(energy.size, dtype=np.bool_)
    known = energy[~np.isnan(energy) & (energy >= 0)]
    usual = rules.spike_factor * float(known.max()) if known.size else np.inf
    limit = min(usual, np.inf if rules.cap is None else rules.cap)
    with np.errstate(invalid="ignore"):
        mended = energy + rules.register_size
        return np.asarray((energy < 0) & (mended >= 0) & (mended <= limit))


def clock_change(series: MeterSeries, timezone: str) -> npt.NDArray[np.bool_]:
    """Intervals within an hour of a clock change that are missing, or whose local time was ambiguous at the source."""
    near = np.zeros(series.energy.size, dtype=np.bool_)
    per_hour = max(1, 3600 // series.step_s)
    for index in _changes(series, timezone):
        near[max(0, index - per_hour) : index + per_hour] = True
    ambiguous = (series.quality & int(Quality.DST_AMBIGUOUS)) != 0
    return np.asarray((near & np.isnan(series.energy)) | ambiguous)


def clock_days(series: MeterSeries, timezone: str) -> list[ClockDay]:
    """The 23- and 25-hour local days that lie wholly in the series."""
    offsets = utc_offsets_s(series.starts_s, timezone)
    day = (series.starts_s + offsets) // DAY_S
    found = []
    for index in _changes(series, timezone):
        own = day == day[index]
        expected, whole = int(own.sum()), DAY_S // series.step_s
        if expected and expected != whole and not (own[0] or own[-1]):
            present = int(np.count_nonzero(~np.isnan(series.energy[own])))
            hours = expected * series.step_s / 3600.0
            found.append(ClockDay(date.fromordinal(int(day[index]) + EPOCH), hours, expected, present))
    return found


def runs(equal: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and last index of each run in which `equal[i]` says that items i and i + 1 belong together."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], equal, [False]]).astype(np.int8)))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(last)


def spans(where: Sequence[bool] | npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """[first, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(end)


def _changes(series: MeterSeries, timezone: str) -> list[int]:
    """Index of the first interval after each change of the local clock."""
    if not series.energy.size:
        return []
    return [int(i) + 1 for i in np.flatnonzero(np.diff(utc_offsets_s(series.starts_s, timezone)))]
