"""Lasting changes of audits on injected level changes in three years of real meters of development buildings.

A change is found where one is listed with the same sign that shares at least half of the days of both, and whose size
(as a logarithm) is between half and twice the true one. "By chance": the same on the unchanged readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from detection import hindsight, meters
from detection.injection import DAY, Hours, Matrix
from detection.tables import table
from redaptive.domain.detectors.history.lasting_change import Change, Series, lasting_changes
from redaptive.domain.detectors.history.lasting_levels import without_gross
from redaptive.domain.detectors.history.weekly_use import SharedLevel, daily_use, shared_level, weekly_level

SIZES = (0.10, 0.20, 0.50)
MONTHS = {1: 30, 3: 91, 6: 182}
YEAR = 365.25
LEAST_READ, LEAST_USE = 0.9, 0.3


@dataclass(frozen=True)
class Injected:
    """A level change of one meter: hours [first, end), signed size, months, excess in kWh."""

    meter: int
    first: int
    end: int
    size: float
    months: int
    excess_kwh: float


@dataclass(frozen=True)
class Told:
    """What was said of one injected change: whether found, days off its begin, excess over the true one."""

    injected: Injected
    found: bool
    by_chance: bool
    days_off: float
    of_truth: float


class Judge:
    """Lasting changes of the meters of a span, each beside the course of its fuel (of the unchanged readings)."""

    def __init__(self, span: meters.Span) -> None:
        self.span, self.local = span, hindsight.local_clock(span.start_s, span.slot)
        self.shared = {bool(fuel): self._shared(span.electric == fuel) for fuel in (True, False)}

    def _shared(self, chosen: np.ndarray) -> SharedLevel:
        uses = [daily_use(self.local, self.span.kwh[:, m], 3600) for m in np.flatnonzero(chosen)]
        return shared_level([without_gross(weekly_level(use)) for use in uses])

    def changes(self, meter: int, kwh: Matrix) -> list[Change]:
        """The lasting changes of these hours of a meter."""
        read = np.isfinite(kwh)
        series = Series("m", self.span.start_s[read], self.local[read], kwh[read], 3600)
        return lasting_changes(series, self.shared[bool(self.span.electric[meter])])[0]


def draw(span: meters.Span, seed: int) -> Iterator[Injected]:
    """Each size up and down for each length on each meter, at a drawn place with readings and use."""
    rng = np.random.default_rng(seed)
    for meter in range(len(span.names)):
        kwh = span.kwh[:, meter]
        for size, (months, days), sign in ((s, m, w) for s in SIZES for m in MONTHS.items() for w in (1, -1)):
            for _ in range(50):
                first = DAY * int(rng.integers(60, len(kwh) // DAY - 30))
                part = kwh[first : first + days * DAY]
                usual = LEAST_USE * np.nanmean(kwh) * part.size
                if part.size >= 28 * DAY and np.isfinite(part).mean() > LEAST_READ and np.nansum(part) > usual:
                    excess = float(sign * size * np.nansum(part))
                    yield Injected(meter, first, first + part.size, sign * size, months, excess)
                    break


def rows(seeds: Iterable[int]) -> Iterable[str]:
    """Tables of development buildings, 2016 to 2018."""
    span = meters.load(2018, of_development=True, years_before=2)
    judge = Judge(span)
    plain = [judge.changes(m, span.kwh[:, m]) for m in range(len(span.names))]
    told = [_told(judge, one, plain[one.meter]) for seed in seeds for one in draw(span, seed)]
    for name, chosen in (("electricity", span.electric), ("gas", ~span.electric)):
        years = np.isfinite(span.kwh[:, chosen]).sum() / DAY / YEAR
        alone = [change for m in np.flatnonzero(chosen) for change in plain[m]]
        of_meter = sum(change.kind != "lasting_change" for change in alone)
        yield f"\n{name}: {int(chosen.sum())} meters, {years:.0f} meter-years; nothing injected: {len(alone)} changes,"
        yield f"{len(alone) / years:.2f} a meter-year, {of_meter} of them said to be of the meter\n"
        yield from _table([one for one in told if chosen[one.injected.meter]])


def _told(judge: Judge, one: Injected, plain: list[Change]) -> Told:
    kwh = judge.span.kwh[:, one.meter].copy()
    kwh[one.first : one.end] *= 1 + one.size
    days = judge.local[[one.first, one.end - 1]] // 86_400 + np.array([0, 1])
    matched = [change for change in judge.changes(one.meter, kwh) if _matches(change, days, one.size)]
    chance = any(_matches(change, days, one.size) for change in plain)
    if not matched:
        return Told(one, False, chance, np.nan, np.nan)
    best = matched[0]
    return Told(one, True, chance, abs(best.first_day - days[0]), (best.read_kwh - best.due_kwh) / one.excess_kwh)


def _matches(change: Change, days: Hours, size: float) -> bool:
    both = min(change.end_day, days[1]) - max(change.first_day, days[0])
    either = max(change.end_day, days[1]) - min(change.first_day, days[0])
    if change.due_kwh <= 0 or change.read_kwh <= 0:
        return False
    ratio = np.log(change.read_kwh / change.due_kwh) / np.log1p(size)
    return bool(2 * both >= either and 0.5 <= ratio <= 2.0)


def _table(told: list[Told]) -> Iterator[str]:
    head = ("size", *(f"{months} months" for months in MONTHS), "by chance", "median days off", "excess over truth")
    lines = []
    for size in SIZES:
        mine = [one for one in told if np.isclose(abs(one.injected.size), size)]
        cells = []
        for months in MONTHS:
            of = [one for one in mine if one.injected.months == months]
            cells.append(f"{np.mean([one.found for one in of]):.0%} of {len(of)}")
        found = [one for one in mine if one.found]
        off, truth = (np.median([getattr(one, key) for one in found]) if found else np.nan
                      for key in ("days_off", "of_truth"))  # fmt: skip
        chance = np.mean([one.by_chance for one in mine])
        lines.append([f"{size:.0%}", *cells, f"{chance:.1%}", f"{off:.0f}", f"{truth:.2f}"])
    yield from table(head, lines)
