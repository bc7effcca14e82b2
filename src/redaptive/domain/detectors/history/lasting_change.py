"""Lasting changes of a meter as findings: the day each began and ended, its energy and price, its hours, its cause.

The weeks come from `lasting_levels`; the day is the one that splits the days beside best. What is due is the level
without the change (season, other meters and other changes kept), at the energy of the unchanged days. A change that is
gross and alike in all hours is the meter's: no use, no price. Failure modes are those of `lasting_levels`.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.finding import Finding, Lasting, Sure, times
from redaptive.domain.detectors.history.known_values import group_means
from redaptive.domain.detectors.history.lasting_levels import SEASONS_W, YEAR_W, Levels, level_changes
from redaptive.domain.detectors.history.retrospective import broken
from redaptive.domain.detectors.history.week_parts import GROSS, WeekParts, cell_of_week, part_of_week
from redaptive.domain.detectors.history.weekly_use import (
    DAY_S,
    FLOOR,
    NO_LEVEL,
    DailyUse,
    SharedLevel,
    WeeklyLevel,
    daily_use,
    weekly_level,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NEAR_DAYS: Final = 10
"""The day of a change lies at most so far from the week at which it was found."""
BESIDE_DAYS: Final = 56
"""The hours of these days before a change (and after its end) say which hours it moved."""
MOST_SCALE: Final = 1.5
CELLS: Final = 72
HIGH_STRENGTH: Final = 8.0
NOTHING, HARDLY = 0.005, 0.03
"""A level below these shares of what is due: nothing is read any more, in some hours or in all alike."""
LEAST_DAYS, LEAST_PAIRS = 25, 60
YEAR_DAYS: Final = 365.25


@dataclass(frozen=True)
class Series:
    """Readings of one meter in order: UTC and local clock seconds of their start, kWh, length of an interval."""

    meter: str
    start_s: Ints
    local_s: Ints
    value: Floats
    cadence_s: int


@dataclass(frozen=True)
class Change:
    """A lasting change: local days [first, end) since 1970, kWh of its known days as read and due, hours of the week.

    `by_cell` (72,) read over due by hour of a working day, Saturday, Sunday; `still`: the history ends in it.
    """

    first_day: int
    end_day: int
    days: int
    read_kwh: float
    due_kwh: float
    still: bool
    strength: float
    seasons: bool
    parts: WeekParts
    by_cell: Floats

    @property
    def factor(self) -> float | None:
        """The ratio of the meter where the change is one of the meter, else None."""
        return self.parts.factor

    @property
    def kind(self) -> str:
        """`multiplier` or `zero` where the meter changed rather than the building."""
        if self.read_kwh < NOTHING * self.due_kwh:
            return "zero"
        if self.factor is not None:
            return "multiplier"
        return "zero" if self.read_kwh < HARDLY * self.due_kwh else "lasting_change"


@dataclass(frozen=True)
class Course:
    """By day (n,) from the Monday `first_day` on: kWh as read (NaN unknown), as due with and without the changes."""

    first_day: int
    read_kwh: Floats
    changed_kwh: Floats
    usual_kwh: Floats


def lasting_changes(series: Series, shared: SharedLevel = NO_LEVEL) -> tuple[list[Change], Course]:
    """The lasting changes of one meter in order of time, and its daily use beside what is due."""
    if not series.value.size:
        return [], Course(0, series.value, series.value, series.value)
    teaches_nothing = broken(series.value, max(1, DAY_S // series.cadence_s))
    series = replace(series, value=np.where(teaches_nothing, np.nan, series.value))
    use = daily_use(series.local_s, series.value, series.cadence_s)
    level = weekly_level(use)
    found = level_changes(level, shared)
    dated = _dates(use, level, found)
    scale = _scale(use, level, found, dated)
    seasons = bool(np.isfinite(level.log).sum() >= SEASONS_W) or shared is not NO_LEVEL
    changes = [
        _measured(series, use, scale * _due(use, level, found, dated, {i}), dated[i], (strength, seasons))
        for i, strength in enumerate(found.strength)
    ]
    changes = [change for change in changes if change.end_day - change.first_day >= LEAST_DAYS]
    return changes, Course(
        use.first_day,
        use.kwh,
        scale * _due(use, level, found, dated, set()),
        scale * _due(use, level, found, dated, set(range(len(dated)))),
    )


def _dates(use: DailyUse, level: WeeklyLevel, found: Levels) -> list[tuple[int, int]]:
    """Days [first, end) of each change, counted from the first day; the end of the weeks where it lasts."""
    log = np.log(np.maximum(use.kwh, 0.0) / max(use.mean_kwh, 1e-300) + FLOOR) - np.tile(level.weekday, use.weeks)
    last, dated = use.known_end, []
    for change in found.changes:
        off = log - np.repeat(found.path(without=change), 7)
        first = _best_day(off, change.first * 7, change.size)
        still = change.end * 7 >= last - 7
        dated.append((first, use.kwh.size if still else _best_day(change.size - off, change.end * 7, change.size)))
    return dated


def _best_day(off: Floats, near: int, size: float) -> int:
    """The day around `near` before which `off` is nearer to zero and from which on it is nearer to `size`."""
    low, high = max(0, near - NEAR_DAYS), min(off.size, near + NEAR_DAYS)
    part = off[low:high]
    gain = np.nan_to_num(np.abs(part - size) - np.abs(part))
    cost = np.concatenate([[0.0], np.cumsum(-gain)]) + gain.sum()
    return low + int(cost.argmin())


def _due(use: DailyUse, level: WeeklyLevel, found: Levels, dated: list[tuple[int, int]], without: Set[int]) -> Floats:
    """kWh of each day by season, other meters and the changes but those `without`, before scaling."""
    log = np.repeat(found.base, 7) + np.tile(level.weekday, use.weeks)
    for i, (change, (first, end)) in enumerate(zip(found.changes, dated, strict=True)):
        if i not in without:
            log[first:end] += change.size
    return np.maximum(np.exp(log) - FLOOR, 0.0) * use.mean_kwh


def _scale(use: DailyUse, level: WeeklyLevel, found: Levels, dated: list[tuple[int, int]]) -> float:
    """What makes the unchanged days' energy that which was read: a level is a median, and energy a sum."""
    calm = np.isfinite(use.kwh)
    for first, end in dated:
        calm[first:end] = False
    calm = calm if calm.any() else np.isfinite(use.kwh)
    due = float(_due(use, level, found, dated, set())[calm].sum())
    return float(np.clip(use.kwh[calm].sum() / due, 1 / MOST_SCALE, MOST_SCALE)) if due > 0 else 1.0


def _measured(
    series: Series, use: DailyUse, due: Floats, days: tuple[int, int], known_by: tuple[float, bool]
) -> Change:
    last = use.known_end
    first, end = days[0], min(days[1], last)
    known = np.flatnonzero(np.isfinite(use.kwh[first:end])) + first
    read_kwh, due_kwh = float(use.kwh[known].sum()), float(due[known].sum())
    if read_kwh > 0 and not due_kwh / GROSS <= read_kwh <= due_kwh * GROSS:
        due_kwh = read_kwh * _years_before(use, first, end, due_kwh / max(read_kwh, 1e-300))
    day = series.local_s // DAY_S - use.first_day
    still = end >= last
    beside = (day >= first - BESIDE_DAYS) & (day < first)
    if not still:
        beside |= (day >= end) & (day < end + BESIDE_DAYS)
    inside = (day >= first) & (day < end)
    parts, by_cell = _hours(series, inside, beside, due_kwh / max(read_kwh, 1e-300))
    return Change(
        use.first_day + first, use.first_day + end, known.size, read_kwh, due_kwh, still, *known_by, parts, by_cell
    )


def _years_before(use: DailyUse, first: int, end: int, otherwise: float) -> float:
    """Energy of the same days of the week in the last year before a gross change over that read in it.

    The level's floor holds seasons of a gross change back. `otherwise` where fewer than sixty days are known in both.
    """
    day = np.arange(first, end)
    before = day - YEAR_W * 7 * ((day - first) // (YEAR_W * 7) + 1)
    day, before = day[before >= 0], before[before >= 0]
    known = np.isfinite(use.kwh[day]) & np.isfinite(use.kwh[before])
    read = float(use.kwh[day][known].sum())
    return float(use.kwh[before][known].sum()) / read if known.sum() >= LEAST_PAIRS and read > 0 else otherwise


def _hours(
    series: Series, inside: npt.NDArray[np.bool_], beside: npt.NDArray[np.bool_], due_share: float
) -> tuple[WeekParts, Floats]:
    """kW by part of the week as read and as due, and read over due by hour of the kind of day.

    The hours of the days beside, scaled to the energy that is due in the change.
    """
    cell, part = cell_of_week(series.local_s), part_of_week(series.local_s)
    known = np.isfinite(series.value)
    usual = group_means(series.value[known & beside], cell[known & beside], CELLS)
    rows = np.flatnonzero(known & inside)
    due = usual[cell[rows]]
    missing = ~np.isfinite(due)
    due[missing] = series.value[rows][missing] * due_share
    read = series.value[rows]
    due *= float(read.sum()) * due_share / max(float(due.sum()), 1e-300)
    to_kw = 3600 / series.cadence_s
    read_kw, due_kw = (np.nan_to_num(to_kw * group_means(v, part[rows], 3)) for v in (read, due))
    read_cell, due_cell = (group_means(v, cell[rows], CELLS) for v in (read, due))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where((read_cell > 0) & (due_cell > 0), read_cell / due_cell, 1.0)
    return WeekParts(read_kw, due_kw), ratio


def lift(series: Series, changes: Sequence[Change]) -> Floats:
    """(n,) by what the lasting changes multiply each reading; 1 outside of them."""
    factor, day, cell = np.ones(series.value.size), series.local_s // DAY_S, cell_of_week(series.local_s)
    for change in changes:
        inside = (day >= change.first_day) & (day < change.end_day)
        factor[inside] *= change.by_cell[cell[inside]]
    return factor


def finding_of(series: Series, change: Change, price_usd_per_kwh: float | None) -> Finding:
    """The change with its price and its sentence; strengths in standard errors are its score, up to 100."""
    day = series.local_s // DAY_S
    rows = np.flatnonzero((day >= change.first_day) & (day < change.end_day))
    excess = change.read_kwh - change.due_kwh
    per_day = excess / max(change.days, 1)
    price = None if change.kind != "lasting_change" else price_usd_per_kwh
    yearly = None if price is None or not change.still else round(per_day * YEAR_DAYS * price, 2)
    sure: Sure = "high" if change.strength >= HIGH_STRENGTH and change.seasons else "fair"
    lasting = Lasting(
        change.first_day, change.end_day - 1, per_day, _share(change), change.still, yearly, change.parts.moved, sure
    )
    cost = None if price is None else round(excess * price, 2)
    hours = float(np.isfinite(series.value[rows]).sum()) * series.cadence_s / 3600
    bare = Finding(
        series.meter, change.kind, int(series.start_s[rows[0]]), int(series.start_s[rows[-1]]) + series.cadence_s,
        hours, min(change.strength, 100.0), change.read_kwh, change.due_kwh, cost, "", lasting,
    )  # fmt: skip
    return replace(bare, sentence=_sentence(bare, change, price_usd_per_kwh))


def _share(change: Change) -> float:
    return change.read_kwh / change.due_kwh - 1 if change.due_kwh > 0 else 0.0


def _sentence(found: Finding, change: Change, price: float | None) -> str:
    since, until = _date(change.first_day), _date(change.end_day - 1)
    length = change.end_day - change.first_day
    span = f"since {since}, still so on {until}" if change.still else f"from {since} to {until}"
    read, due = (kwh / max(change.days, 1) for kwh in (change.read_kwh, change.due_kwh))
    if change.kind != "lasting_change":
        return _of_meter(found, change, f"{span} ({length} days)", price)
    way, sign = ("more", "+") if read > due else ("less", "-")
    text = (
        f"{found.meter}: uses {abs(_share(change)):.0%} {way} {span} ({length} days): {read:,.0f} kWh a day where "
        f"{due:,.0f} are due, {sign}{abs(found.excess_kwh):,.0f} kWh {'so far' if change.still else 'in all'}"
    )
    if found.cost_usd is not None:
        text += f", {abs(found.cost_usd):,.0f} USD {way}"
    if found.lasting is not None and found.lasting.usd_per_year is not None:
        text += f", {abs(found.lasting.usd_per_year):,.0f} USD a year if it goes on"
    doubt = "" if change.seasons else "; no other year and few other meters to compare with"
    sure = found.lasting.sure if found.lasting is not None else "fair"
    return f"{text}. It is {change.parts.cause}. How sure: {sure}{doubt}."


def _of_meter(found: Finding, change: Change, span: str, price: float | None) -> str:
    if change.kind == "zero":
        return f"{found.meter}: hardly anything is read {span}: the meter failed, or what it feeds is out of use."
    text = (
        f"{found.meter}: reads {times(change.factor or 1.0)} its usual course in all hours {span}: another unit or "
        "multiplier, or a meter exchange, is likely, not use, so it has no price"
    )
    if price is None:
        return text + "; check the bills that hold these readings."
    way = "too much" if found.excess_kwh > 0 else "too little"
    return text + f"; bills of these readings may be {abs(found.excess_kwh) * price:,.0f} USD {way}: check them."


def _date(day: int) -> str:
    return f"{datetime.fromtimestamp(day * DAY_S, UTC):%a %d %b %Y}"
