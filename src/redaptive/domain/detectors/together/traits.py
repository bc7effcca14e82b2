"""What is known of each reading of a fleet and its past when it is judged by learned trees (`learned`): its traits.

Idea: distances in spreads and in shares of the expectation (logarithms, since what matters is a share), now and as
fading means of hours to weeks, by night, at work and at weekends; beside the hour before and after, for a clock that
runs wrong; beside a level that is learned slowly; and how strange the meter looked so far. None has a unit, all are
rounded, so that a file in another unit has the same. Failure mode: as of the expectation; a meter read seldom has few.
Source: ours; kept are those that trees used on development buildings (docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.together.first_days import DAY_H, WEEKDAYS, Bool, Floats
from redaptive.domain.detectors.together.strangeness import Strangeness
from redaptive.domain.detectors.together.usual import LEAST_SPREAD, SLOTS, Due, Usual

NOW: Final = (
    "score", "z", "raw", "moved", "now", "months", "usual_now", "usual_hours", "usual_quarter", "usual_months",
    "drift", "run", "runs", "zeros", "spread", "spread_all", "level", "visits", "hour", "share", "share_own",
    "toward_work", "work_over_night", "slow", "since_flag_h",
)  # fmt: skip
MEANS: Final = (
    ("z", 6.0), ("z", 24.0), ("z", 72.0), ("z", 336.0), ("far", 6.0), ("far", 24.0), ("far", 168.0),
    ("share", 6.0), ("share", 24.0), ("share", 336.0), ("off", 6.0), ("off", 24.0), ("off", 168.0), ("off", 1440.0),
    ("square", 6.0), ("square", 24.0), ("night", 16.0), ("work", 16.0), ("weekend", 36.0), ("weekday", 72.0),
    ("early", 96.0), ("late", 96.0), ("slow", 72.0), ("slow", 336.0),
    ("score", 6.0), ("score", 24.0), ("score", 168.0), ("score", 2160.0),
)  # fmt: skip
"""What is averaged, and over how many hours it fades."""
SOURCES: Final = ("z", "far", "share", "off", "square", "night", "work", "weekend", "weekday", "early", "late", "slow",
                  "score")  # fmt: skip
NAMES: Final = (*NOW, *(f"{name}_{hours:g}h" for name, hours in MEANS))
DIGITS: Final = 4
MOST_Z, MEAN_Z, MOST_SHARE, PAD, LEAST_SHARE = 50.0, 10.0, 4.0, 0.03, 0.001
MOST_RUN, MOST_VISITS, MOST_SCORE, MOST_AWAY, SINCE_H = 200.0, 60.0, 20.0, 2.0, 48.0
SLOW_RATE, SLOW_SPREADS, USUAL_DAY_RATE, LEAST_GAP, MOST_GAP = 0.05, 4.0, 0.02, 0.05, 3.0
STRANGE: Final = 8.0
"""Score from which a reading counts as strange here."""
_PLACES: Final = np.array([SOURCES.index(name) for name, _ in MEANS])
_SQUARES: Final = [k for k, (name, _) in enumerate(MEANS) if name == "square"]
_SHARES: Final = [MEANS.index(("share", MEANS[k][1])) for k in _SQUARES]
Traited = npt.NDArray[np.float32]


class Traits:
    """State of `meters` meters that are read every `hours` hours; `of` is called once an interval, in order."""

    def __init__(self, meters: int, hours: float) -> None:
        self._hours, self._visit = hours, min(hours, 1.0)
        self._rates = self._visit / np.array([[rate] for _, rate in MEANS])
        self._means = np.zeros((len(MEANS), meters))
        self._slow, self._slow_seen = np.zeros((2, SLOTS, meters))
        self._day, self._day_seen = np.zeros((2, 2, meters))
        self._since = np.full(meters, SINCE_H)

    def of(
        self, slot: int, energy: Floats, usual: Usual, due: Due, raw: Floats, moved: Floats, z: Floats,
        strange: Strangeness, score: Floats,
    ) -> Traited:  # fmt: skip
        """Traits of the readings of an interval, (len(NAMES), meters); nothing but the past and `energy` is used.

        `raw` and `z` are distances without and with what others explain, NaN unknown; `strange` has just scored.
        """
        known, given = np.isfinite(z), np.isfinite(energy)
        size = np.maximum(usual.size, LEAST_SPREAD)
        expected = due.expected + moved * due.spread
        share = np.where(known, _share(energy, expected, size), 0.0)
        slow = self._beside_slow(slot, energy, known, size)
        self._take_means(slot, energy, usual, due, (z, share, slow, score), known, given)
        self._learn_slow(slot, energy, given, due.spread)
        work, night = self._take_day(slot, energy, known)
        gap = work - expected
        gap = np.where(np.abs(gap) < LEAST_GAP * size, LEAST_GAP * size, gap)
        self._since = np.where(score >= STRANGE, 0.0, np.minimum(self._since + given * self._visit, SINCE_H))
        own = np.where(known, _share(energy, due.expected, size), 0.0)
        now = (
            score, _clipped(z, MOST_Z), _clipped(raw, MOST_Z), moved, *strange.parts(),
            np.minimum(strange.run, MOST_RUN), strange.run / (strange.usual_run + 1.0), strange.zeros,
            due.spread / size, usual.spread_of_all / size, expected / size, np.minimum(due.visits, MOST_VISITS),
            np.full(len(z), float(slot % DAY_H)), share, own,
            np.where(known, _clipped((energy - expected) / gap, MOST_GAP), 0.0),
            _clipped((work - night) / size, MOST_GAP), slow, self._since,
        )  # fmt: skip
        found = np.concatenate([np.stack(now), self._shown()])
        return np.round(found, DIGITS).astype(np.float32)

    def _beside_slow(self, slot: int, energy: Floats, known: Bool, size: Floats) -> Floats:
        level, seen = self._slow[slot], self._slow_seen[slot]
        return np.where(known & (seen > 0), _share(energy, level, size), 0.0)

    def _learn_slow(self, slot: int, energy: Floats, given: Bool, spread: Floats) -> None:
        level, seen = self._slow[slot], self._slow_seen[slot]
        energy = np.where(given, energy, level)
        most = SLOW_SPREADS * spread
        held = np.where(seen > 0, np.minimum(np.maximum(energy, level - most), level + most), energy)
        self._slow[slot] = level + self._visit * np.maximum(SLOW_RATE, 1.0 / (seen + 1.0)) * (held - level)
        self._slow_seen[slot] += given * self._visit

    def _take_means(
        self, slot: int, energy: Floats, usual: Usual, due: Due, values: tuple[Floats, ...], known: Bool, given: Bool
    ) -> None:
        z, share, slow, score = values
        away, off = _clipped(z, MEAN_Z), np.abs(share)
        here = np.abs(energy - due.expected)
        scale = np.maximum(usual.size, LEAST_SPREAD)
        beside = [
            _clipped((np.abs(energy - usual.at((slot + step) % SLOTS)) - here) / scale, MOST_AWAY) for step in (-1, 1)
        ]
        rows = np.stack([away, np.abs(away), share, off, share * share, share, share, share, share, *beside, slow,
                         np.minimum(score, MOST_SCORE)])  # fmt: skip
        day, hour = divmod(slot, DAY_H)
        rest, dark = day >= WEEKDAYS, hour < 6 or hour >= 22
        fits = np.array([1, 1, 1, 1, 1, dark, 9 <= hour < 17 and not rest, rest, not rest, 1, 1, 1, 1], np.float64)
        counts = np.broadcast_to(known, rows.shape) * fits[:, None]
        counts[-1] = given
        self._means += self._rates * counts[_PLACES] * (rows[_PLACES] - self._means)

    def _take_day(self, slot: int, energy: Floats, known: Bool) -> tuple[Floats, Floats]:
        """What each meter reads at work and by night, learned over weeks."""
        day, hour = divmod(slot, DAY_H)
        for place, fits in enumerate((day < WEEKDAYS and 10 <= hour < 16, hour < 5)):
            if fits:
                level, seen = self._day[place], self._day_seen[place]
                rate = self._visit * np.maximum(USUAL_DAY_RATE, 1.0 / (seen + 1.0))
                self._day[place] = np.where(known, level + rate * (energy - level), level)
                self._day_seen[place] += known * self._visit
        return self._day[0], self._day[1]

    def _shown(self) -> Floats:
        """The means; those of squares as deviations from the mean over the same hours."""
        shown = self._means.copy()
        shown[_SQUARES] = np.sqrt(np.maximum(shown[_SQUARES] - shown[_SHARES] ** 2, 0.0))
        return shown


def _share(energy: Floats, expected: Floats, size: Floats) -> Floats:
    """Logarithm of a reading over what is expected, both a little raised by the meter's size."""
    pad, least = PAD * size, LEAST_SHARE * size
    over = np.maximum(energy + pad, least) / np.maximum(expected + pad, least)
    return _clipped(np.log(over), MOST_SHARE)


def _clipped(values: Floats, most: float) -> Floats:
    """Between -most and most, 0 where unknown."""
    found: Floats = np.minimum(np.maximum(np.where(np.isnan(values), 0.0, values), -most), most)
    return found
