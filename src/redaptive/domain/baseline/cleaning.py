"""Which hours of a meter a baseline may use, and why the others are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.days import site_days
from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.baseline.unit_changes import unit_changes
from redaptive.domain.baseline.zero_runs import cold_zeros

Bool = npt.NDArray[np.bool_]
SPIKE_FACTOR: Final = 10.0
BASE_TO_MEDIAN: Final = 0.10
MOST_GAPS: Final = 0.20
LEAST_DAYS: Final = 329
"""Days after a change of unit with which a baseline can be made of them alone."""


class Left(IntEnum):
    """Why an hour is left out; 0 is used."""

    USED = 0
    MISSING = 1
    ZERO = 2
    NEGATIVE = 3
    SPIKE = 4
    ESTIMATED = 5
    EXCLUDED = 6
    OTHER_UNIT = 7


WORDS: Final[Mapping[Left, str]] = {
    Left.MISSING: "no reading",
    Left.ZERO: "a zero that is probably a gap",
    Left.NEGATIVE: "negative, but the meter does not export",
    Left.SPIKE: f"more than {SPIKE_FACTOR:g} times the meter's usual maximum",
    Left.ESTIMATED: "estimated, not measured",
    Left.EXCLUDED: "excluded by a person",
    Left.OTHER_UNIT: "before the meter counted eight times more or less in the same weather",
}


@dataclass(frozen=True)
class MeterTraits:
    """What is known of M meters: `heating` fuels (gas, steam, ...) may rest at zero, `can_export` may go below it."""

    heating: Bool
    can_export: Bool

    @classmethod
    def electricity(cls, meters: int) -> MeterTraits:
        """Plain electricity meters."""
        return cls(np.zeros(meters, np.bool_), np.zeros(meters, np.bool_))


@dataclass(frozen=True)
class CleanedHours:
    """`energy` (M, n) with NaN where an hour is left out, `left` (M, n) uint8 the reason (`Left`)."""

    energy: F64
    left: npt.NDArray[np.uint8]

    def count(self, reason: Left) -> npt.NDArray[np.int64]:
        """(M,) hours left out for this reason."""
        return np.asarray((self.left == reason).sum(axis=1), dtype=np.int64)


def clean(
    energy: F64,
    hours: SiteHours,
    traits: MeterTraits,
    *,
    estimated: Bool | None = None,
    excluded: Bool | None = None,
    fitting: bool = True,
) -> CleanedHours:
    """The hours that may be used of `energy` (M, n).

    Zeros count as missing where a meter otherwise never comes near zero (its 5th percentile is above a tenth of its
    median, less than a fifth of its hours are zero), as electricity mains do; zero runs of heating fuels of ten days or
    more, half of them in the cold, where the meter otherwise burns in the cold (energy-science.md 2.4). Shorter runs
    may be a weekend or Christmas, and a summer has cold nights: those zeros are use. Estimates never enter: neither a
    fit nor a settlement. Where a meter was exchanged early enough for its successor to fill the period, what the older
    one counted is left out; not of a period that is compared with a baseline (`fitting` False).
    """
    left = np.where(np.isfinite(energy), np.uint8(Left.USED), np.uint8(Left.MISSING))
    found: list[tuple[Left, Bool]] = []
    zero = energy == 0
    low, middle, high = _habits(energy)
    never_rests = ~traits.heating & (low > BASE_TO_MEDIAN * middle) & (zero.mean(axis=1) < MOST_GAPS)
    found.append((Left.ZERO, zero & never_rests[:, None] | cold_zeros(zero, hours, traits.heating)))
    with np.errstate(invalid="ignore"):
        found.append((Left.NEGATIVE, (energy < 0) & ~traits.can_export[:, None]))
        found.append((Left.SPIKE, np.abs(energy) > SPIKE_FACTOR * high[:, None]))
    found += [
        (reason, mask) for reason, mask in ((Left.ESTIMATED, estimated), (Left.EXCLUDED, excluded)) if mask is not None
    ]
    for reason, mask in found:
        left[mask & (left == Left.USED)] = reason
    used = np.where(left == Left.USED, energy, np.nan)
    for meter, end in _older_units(used, hours, traits) if fitting else []:
        older = left[meter, :end]
        older[older == Left.USED] = Left.OTHER_UNIT
        used[meter, :end] = np.nan
    return CleanedHours(used, left)


def _older_units(used: F64, hours: SiteHours, traits: MeterTraits) -> list[tuple[int, int]]:
    """(meter, first hour after it) of the changes of unit after which enough days follow."""
    days = site_days(hours)
    changes = unit_changes(days.total(used), days, traits.heating)
    late = (changes.place > 0) & (days.n - changes.place >= LEAST_DAYS)
    return [(int(meter), int(days.first[changes.place[meter]])) for meter in np.flatnonzero(late)]


def _habits(energy: F64) -> tuple[F64, F64, F64]:
    """(M,) 5th percentile, median and 99th percentile of |value| above zero; infinite where nothing but zeros is known.

    From a sample of about 1,500 hours, whose step shares no factor with the 168 hours of a week.
    """
    step = max(1, energy.shape[1] // 1500)
    size = np.abs(energy[:, :: step + (step > 1 and step % 2 == 0)])
    ranked = np.sort(np.where(np.isfinite(size) & (size > 0), size, np.inf), axis=1)
    if not ranked.size:
        nothing = np.full(len(energy), np.inf)
        return nothing, nothing, nothing
    count, rows = np.isfinite(ranked).sum(axis=1), np.arange(len(ranked))
    low, middle, high = (
        ranked[rows, np.clip(np.ceil(share * count).astype(np.int64) - 1, 0, ranked.shape[1] - 1)]
        for share in (0.05, 0.50, 0.99)
    )
    return low, middle, high
