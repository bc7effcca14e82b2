"""The kernel once more, by itself: plain Python, one reading of one meter at a time, float64, no arrays.

Written from the detectors' descriptions, not from their code paths: no batches, rounds, bitmaps of rows, calendars in
tables or shared functions. float64 and float32 decide differently where a number lies on a threshold: `Doubt` notes
such a decision, and what follows of that meter is not compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from tests.unit.domain.detectors.scalar_days import BAD_VALUE, GAP, LEVEL_SHIFT, OFF_HOURS, SPIKE, STUCK, Days

NAN = math.nan
REGISTER_FLAG = 1
OK, DUPLICATE, LATE, TOO_LATE, FUTURE, BAD, MISALIGNED, UNKNOWN = range(8)


class Doubt:
    """Compares; `raised` once a comparison was too close to call in another precision."""

    def __init__(self) -> None:
        self.raised = False

    def over(self, a: float, b: float) -> bool:
        """Whether a > b."""
        if a != b and abs(a - b) <= 2e-4 + 2e-3 * max(abs(a), abs(b)):
            self.raised = True
        return a > b


@dataclass
class Site:
    """Zone and opening hours by weekday (None: closed all day; no tuple: unknown)."""

    zone: str
    opening: tuple[tuple[float, float] | None, ...] = ()

    def local(self, start_s: int) -> datetime:
        """Local time of the quarter of an hour that holds the second."""
        return datetime.fromtimestamp(start_s - start_s % 900, UTC).astimezone(ZoneInfo(self.zone))

    def closed(self, moment: datetime) -> bool:
        """Whether it is closed then, its hours being known."""
        hours = self.opening[moment.weekday()]
        return hours is None or not hours[0] <= moment.hour + moment.minute / 60 < hours[1]


@dataclass
class Facts:
    """What is known of a meter."""

    cadence_s: int
    site: Site
    cap_wh: int
    may_export: bool = False
    digits: int = 0


@dataclass
class Said:
    """What the reference says of one reading."""

    verdict: int
    energy: int = 0
    expected: float = NAN
    score: float = NAN
    kinds: int = 0
    comparable: bool = True
    moved: list[tuple[int, bool]] = field(default_factory=list)


@dataclass
class Slot:
    """Level and spread of one hour of the week."""

    level: float = 0.0
    spread: float = 0.0


def clip(x: float, most: float) -> float:
    """x within -most and most."""
    return min(max(x, -most), most)


class Meter:
    """One meter and everything remembered of it."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.doubt = facts, Doubt()
        self.sent: set[int] = set()
        self.newest = -1
        self.count: int | None = None
        self.on: set[int] = set()
        self.slots = [Slot() for _ in range(168)]
        self.seen_h = self.scale = self.shift = 0.0
        self.slope, self.mean_k = [0.0, 0.0], [0.0, 0.0]  # heating, cooling
        self.quarters, self.months = [0.0] * 4, 0.0
        self.usual = [1.0, 1.0, 1.0]  # of |z| now, of the quarter's mean, of the months' mean
        self.last_energy, self.equal, self.usual_equal, self.zeros = -1.0, 0.0, 2.0, 0.0
        self.up = self.down = 0.0
        self.last_wh, self.run, self.usual_run = -(2**62), 0.0, 0.0
        self.low = self.high = self.closed_h = 0.0
        self.today: date | None = None
        self.last_start = 0
        self.read: list[tuple[float, float, int, tuple[float, float, float]]] = []
        self.days = Days()

    def take(self, start_s: int, value: int, flags: int, received_s: int, temperature: float) -> Said:
        """Judge a reading."""
        verdict = self._admit(start_s, value, flags, received_s)
        number = start_s // self.facts.cadence_s
        if verdict == BAD:
            return self._bad(number)
        if verdict == LATE:
            self.sent.add(number)
            return Said(LATE, value)
        return self._judge(start_s, number, value, flags, temperature) if verdict == OK else Said(verdict)

    def _admit(self, start_s: int, value: int, flags: int, received_s: int) -> int:
        f = self.facts
        if start_s - received_s > max(2 * f.cadence_s, 300):
            return FUTURE
        if start_s % f.cadence_s:
            return MISALIGNED
        if flags & REGISTER_FLAG:
            possible = 0 <= value <= 10**f.digits - 1
        else:
            possible = (-f.cap_wh if f.may_export else 0) <= value <= f.cap_wh
        if not possible:
            return BAD
        behind = self.newest - start_s // f.cadence_s
        if behind < 0:
            return OK
        if behind >= 64:
            return TOO_LATE
        return DUPLICATE if self.newest - behind in self.sent else LATE

    def _bad(self, number: int) -> Said:
        if number <= self.newest:
            return Said(BAD)
        said = Said(BAD, comparable=not self.doubt.raised)
        if BAD_VALUE not in self.on:
            said.moved.append((BAD_VALUE, True))
        self.on.add(BAD_VALUE)
        said.kinds = mask(self.on)
        return said

    def _judge(self, start_s: int, number: int, value: int, flags: int, temperature: float) -> Said:
        steps = number - self.newest if self.newest >= 0 else 0
        now = self.facts.site.local(start_s)
        moved: list[tuple[int, bool]] = []
        if self.today is not None and self.today != now.date():
            moved += self._end_of_day()
        self.today, self.last_start, self.newest = now.date(), start_s, number
        self.sent.add(number)
        whole, energy = self._energy(value, flags, steps)
        if self.scale == 0 and energy == 0:
            energy = NAN  # before its first use
        hours = self.facts.cadence_s / 3600
        expected, spread, z, warm, score = self._expect(energy, temperature, hours, now)
        moved += self._alarms(whole, energy, expected, spread, z if warm else NAN, hours, steps, now)
        shown = mask(self.on) | (1 << GAP if (GAP, True) in moved else 0)
        return Said(OK, whole, expected if warm else NAN, score, shown, not self.doubt.raised, moved)

    def _energy(self, value: int, flags: int, steps: int) -> tuple[int, float]:
        """Whole Wh, and Wh as a number to learn from, NaN where it is none of a single interval."""
        if not flags & REGISTER_FLAG:
            return value, float(value)
        last, self.count = self.count, value
        if last is None:
            return 0, NAN
        room, limit = 10**self.facts.digits, self.facts.cap_wh * max(steps, 1)
        used = value - last
        if used < 0:
            used += room
            if last <= room - room // 10 or value > room // 10 or used > limit:
                return 0, NAN
        elif used > limit:
            return 0, NAN
        return used, float(used) if steps <= 1 else NAN

    def _expect(
        self, energy: float, temperature: float, hours: float, now: datetime
    ) -> tuple[float, float, float, bool, float]:
        """Expectation, spread, z, whether detectors may know, score; everything learned."""
        number = now.weekday() * 24 + now.hour
        slot, yesterday = self.slots[number], self.slots[number - 24]
        level, spread = slot.level, slot.spread
        if spread == 0 and yesterday.spread > 0:
            level, spread = yesterday.level, max(yesterday.spread, 0.057 * self.scale)
        degrees = self.mean_k if math.isnan(temperature) else [max(15 - temperature, 0), max(temperature - 18, 0)]
        above = [(k - mean) * (self.seen_h > 0) for k, mean in zip(degrees, self.mean_k, strict=True)]
        weather = sum(slope * k for slope, k in zip(self.slope, above, strict=True))
        known = spread > 0
        expected = level + self.shift * self.scale + weather
        width = max(spread, 0.057 * self.scale, 1e-3)
        z = (energy - expected) / width if known else NAN
        warm = known and self.seen_h >= 336
        score, hold = self._rank(energy, hours, now.hour // 6, z, expected, width)
        shown = expected if warm else NAN
        beside = (level, self.slots[number - 1].level, self.slots[(number + 1) % 168].level)
        self.read.append((energy, shown, now.hour, beside))
        if not math.isnan(energy):
            self._learn(energy, hours, hold, slot, (level, spread), known, (expected, width, weather), above)
        rate = hours / min(self.seen_h + (hours if math.isnan(energy) else 0.0), 840)
        self.mean_k = [mean + rate * (k - mean) for k, mean in zip(degrees, self.mean_k, strict=True)]
        return expected, width, z, warm, score

    def _learn(
        self, energy: float, hours: float, hold: float, slot: Slot, was: tuple[float, float], known: bool,
        judged: tuple[float, float, float], above: list[float],
    ) -> None:  # fmt: skip
        level, spread = was
        expected, width, weather = judged
        weight, begun, scale = min(hours, 1) * hold, self.scale > 0, self.scale
        self.seen_h += hours
        residual = energy - expected if known else 0.0
        clipped, weeks = clip(residual, 5 * width), self.seen_h / 168
        if known:
            slot.level = level + weight * max(0.2, 1 / (weeks + 1)) * clipped
            slot.spread = spread + weight * max(0.006, 1 / (weeks + 2)) * (1.25 * abs(clipped) - spread)
        else:
            slot.level, slot.spread = energy - weather, 0.2 * abs(energy)
        slot.spread = max(slot.spread, 1e-3)
        size = min(abs(energy), 4 * scale + 1) if begun else abs(energy)
        self.scale += hold * hours / min(self.seen_h, 672) * (size - scale)
        self.shift += weight * 0.0048 * clipped / max(scale, 1e-3)
        self.shift *= 1 - 0.0018 * min(hours, 1)
        gain = weight * 0.0002 * 25 * clip(residual, 3 * width) / (25 + above[0] ** 2 + above[1] ** 2)
        self.slope = [slope + gain * k for slope, k in zip(self.slope, above, strict=True)]

    def _rank(
        self, energy: float, hours: float, quarter: int, z: float, expected: float, width: float
    ) -> tuple[float, float]:
        """Score, and how fast to learn."""
        if math.isnan(energy):
            return 0.0, 1.0
        visit = min(hours, 1)
        weight, z = (0.0, 0.0) if math.isnan(z) else (visit, z)
        self.quarters[quarter] += 0.08 * weight * (clip(z, 5) - self.quarters[quarter])
        self.months += 0.0006 * weight * (clip(z, 5) - self.months)
        parts = [abs(z), abs(self.quarters[quarter]), abs(self.months)]
        score = sum(w * p / u for w, p, u in zip((0.8, 0.47, 0.69), parts, self.usual, strict=True))
        if energy == self.last_energy:
            self.equal += 1
        else:
            if self.equal > 0:
                self.usual_equal += 0.02 * (min(self.equal, 3 * self.usual_equal) - self.usual_equal)
            self.equal = 0.0
        if energy != 0:
            score = max(score, 2.63 * self.equal / (self.usual_equal + 1))
        elif self.doubt.over(expected, 4 * width):
            score = max(score, 10 * (1 - self.zeros))
        score = min(score, 100.0) if self.seen_h >= 24 else 0.0
        hold = 0.41 if self.doubt.over(score, 2.8) else 1.0
        rate = hold * weight * max(0.0034, 1 / (self.seen_h + 20))
        for k, floor in enumerate((0.3, 0.15, 0.07)):
            target = 1.25 * min(parts[k], 3 * self.usual[k])
            self.usual[k] = max(self.usual[k] + rate * (target - self.usual[k]), floor)
        self.zeros += visit / min(self.seen_h + hours, 2000) * ((energy == 0) - self.zeros)
        self.last_energy = energy
        return score, hold

    def _alarms(
        self,
        whole: int,
        energy: float,
        expected: float,
        spread: float,
        z: float,
        hours: float,
        steps: int,
        now: datetime,
    ) -> list[tuple[int, bool]]:
        judged = not math.isnan(z)
        wanted = {kind: kind in self.on for kind in (SPIKE, LEVEL_SHIFT, STUCK, OFF_HOURS)}
        if judged:
            wanted[SPIKE] = self.doubt.over(abs(z), 3.0 if SPIKE in self.on else 6.0)
            change = (clip(z, 4) * hours, -clip(z, 4) * hours)
            self.up = min(max(self.up + change[0] - hours, 0), 32)
            self.down = min(max(self.down + change[1] - hours, 0), 32)
        larger = max(self.up, self.down)
        wanted[LEVEL_SHIFT] = self.doubt.over(larger, 16) or (LEVEL_SHIFT in self.on and self.doubt.over(larger, 4))
        wanted[STUCK] = self._is_stuck(whole, hours)
        if judged:
            wanted[OFF_HOURS] = self._off_hours(energy, expected, spread, hours, now)
        wanted[BAD_VALUE] = False
        moved = [(GAP, True), (GAP, False)] if steps > 2 else []
        return moved + self._set(wanted)

    def _is_stuck(self, whole: int, hours: float) -> bool:
        if whole == self.last_wh and whole != 0:
            self.run += 1
        else:
            broken = 0.0 if STUCK in self.on else self.run
            self.usual_run = max(self.usual_run * 0.9995, broken)
            self.run = 1.0
        equal, self.last_wh = whole == self.last_wh and whole != 0, whole
        return equal and not self.doubt.over(max(8, 4 / hours, 3 * self.usual_run) - self.run, 0)

    def _off_hours(self, energy: float, expected: float, spread: float, hours: float, now: datetime) -> bool:
        if self.high > self.low:
            back = min(0.001 * hours, 1) * (self.high - self.low)
            self.low, self.high = min(self.low + back, expected), max(self.high - back, expected)
        else:
            self.low, self.high = expected, expected + 1
        span, site = self.high - self.low, self.facts.site
        closed = site.closed(now) if site.opening else self.doubt.over(self.low + 0.25 * span, expected)
        over = closed and self.doubt.over(energy, expected + max(0.4 * span, 4 * spread))
        self.closed_h = self.closed_h + hours if over else 0.0
        return self.closed_h >= max(1.0, hours)

    def _set(self, wanted: dict[int, bool]) -> list[tuple[int, bool]]:
        moved = [(kind, on) for kind, on in wanted.items() if on != (kind in self.on)]
        for kind, on in moved:
            (self.on.add if on else self.on.discard)(kind)
        return moved

    def _end_of_day(self) -> list[tuple[int, bool]]:
        assert self.today is not None
        rest = self.facts.site.local(self.last_start).weekday() >= 5
        found = self.days.judge(self.read, self.facts.cadence_s / 3600, rest, self.on, self.doubt)
        self.read = []
        return self._set(found)


def mask(kinds: set[int]) -> int:
    """Kinds as bits."""
    return sum(1 << kind for kind in kinds)
