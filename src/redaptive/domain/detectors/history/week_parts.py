"""Which hours of the week a lasting change moved, and what commonly does that.

Idea: kW in three parts of the week (working hours Monday to Friday 6:00 to 22:00, weeknights, weekends) against what is
due there. The same share everywhere, the same kW everywhere, or mostly one part: each has its usual causes. Failure
mode: a building that is open at night has other parts; a cause is a place to look first, never a proof.
Source: limits and causes are design values (domain.md 4.4 on night and weekend ratios).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WORKING, NIGHT, WEEKEND = 0, 1, 2
OPENS_H, CLOSES_H = 6, 22
HOURS: Final = np.array([80.0, 40.0, 48.0])
"""Hours of the week of each part."""
ALIKE, SAME_RATIO = 1.6, 1.5
MOSTLY, HARDLY = 0.75, 0.3
OVER: Final = 2.0
GROSS: Final = 4.5
"""A use so many times (or a part of) what is due, by the same share in all parts, is the meter's doing."""

CAUSES: Final = {
    ("all hours alike", True): "every hour of the week by about the same share: more use of the whole building, a new "
    "tenant, or another ratio after a meter exchange",
    ("all hours alike", False): "every hour of the week by about the same share: less use of the whole building, or "
    "another ratio after a meter exchange",
    ("round the clock", True): "about the same kW day and night: plant that was added or left on and is never switched "
    "off",
    ("round the clock", False): "about the same kW day and night: plant that was taken out or switched off",
    (
        "nights and weekends",
        True,
    ): "mostly nights and weekends: a schedule or setback was lost, or plant was left on by hand",
    ("nights and weekends", False): "mostly nights and weekends: plant that ran when the building rests is off now",
    ("nights", True): "mostly weeknights: a night setback was lost, or plant runs on after hours",
    ("nights", False): "mostly weeknights: plant that ran at night is off now",
    ("weekends", True): "mostly weekends: the weekend program was lost, or people work on weekends now",
    ("weekends", False): "mostly weekends: what ran on weekends is off now",
    ("working hours", True): "mostly working hours: a new tenant, more people, or new equipment in use",
    ("working hours", False): "mostly working hours: a tenant left, or less is in use",
    ("no part alone", True): "no part of the week alone: look for what began that day",
    ("no part alone", False): "no part of the week alone: look for what ended that day",
}


@dataclass(frozen=True)
class WeekParts:
    """Mean kW (3,) of working hours, weeknights and weekends: as read, and as due."""

    read_kw: Floats
    due_kw: Floats

    @property
    def moved(self) -> str:
        """The part of the week that changed, a key of `CAUSES`."""
        moved = self.read_kw - self.due_kw
        total = float((moved * HOURS).sum())
        if total == 0:
            return "no part alone"
        along = moved * np.sign(total)
        if _alike(along / np.maximum(self.due_kw, 1e-12)):
            return "round the clock" if _alike(self.due_kw) else "all hours alike"
        if _alike(along):
            return "round the clock"
        _, night, weekend = along * HOURS / abs(total)
        if night + weekend >= MOSTLY:
            return _rest(along)
        return "working hours" if night + weekend <= HARDLY else "no part alone"

    @property
    def cause(self) -> str:
        """What changed and what commonly does that, as part of a sentence."""
        rise = bool(((self.read_kw - self.due_kw) * HOURS).sum() > 0)
        return CAUSES[self.moved, rise]

    @property
    def factor(self) -> float | None:
        """Read over due where that is gross and alike in all parts of the week: a ratio of the meter; else None."""
        read, due = float((self.read_kw * HOURS).sum()), float((self.due_kw * HOURS).sum())
        if not (read > 0 and due > 0 and (self.read_kw > 0).all() and (self.due_kw > 0).all()):
            return None
        ratios = self.read_kw / self.due_kw
        alike = float(ratios.max() / ratios.min()) <= SAME_RATIO
        return read / due if alike and max(read / due, due / read) >= GROSS else None


def _alike(values: Floats) -> bool:
    """Whether all are above zero and the largest is at most 1.6 times the smallest."""
    return bool(values.min() > 0 and values.max() <= ALIKE * values.min())


def _rest(along: Floats) -> str:
    if along[WEEKEND] >= OVER * max(along[NIGHT], 0.0):
        return "weekends"
    return "nights" if along[NIGHT] >= OVER * max(along[WEEKEND], 0.0) else "nights and weekends"


def part_of_week(local_s: Ints) -> Ints:
    """The part of the week (0 to 2) of these local clock seconds."""
    hour, weekday = _clock(local_s)
    night = (hour < OPENS_H) | (hour >= CLOSES_H)
    part: Ints = np.where(night, NIGHT, WORKING).astype(np.int64)
    part[weekday >= 5] = WEEKEND
    return part


def cell_of_week(local_s: Ints) -> Ints:
    """The hour of the day of its kind (0 to 23 working days, 24 to 47 Saturdays, 48 to 71 Sundays)."""
    hour, weekday = _clock(local_s)
    cell: Ints = hour + 24 * np.maximum(weekday - 4, 0)
    return cell


def _clock(local_s: Ints) -> tuple[Ints, Ints]:
    """The hour of the day and the day of the week (0 Monday)."""
    return local_s // 3600 % 24, (local_s // 86_400 + 3) % 7
