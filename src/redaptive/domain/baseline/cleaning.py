"""Which hours of a meter a baseline may use, and why the others are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import F64, SiteHours

Bool = npt.NDArray[np.bool_]
COLD_C: Final = 10.0
LONG_ZERO_H: Final = 240
MOSTLY: Final = 0.5
ACTIVE_IN_COLD: Final = 0.5
SPIKE_FACTOR: Final = 10.0
BASE_TO_MEDIAN: Final = 0.10
MOST_GAPS: Final = 0.20


class Left(IntEnum):
    """Why an hour is left out; 0 is used."""

    USED = 0
    MISSING = 1
    ZERO = 2
    NEGATIVE = 3
    SPIKE = 4
    ESTIMATED = 5
    EXCLUDED = 6


WORDS: Final[Mapping[Left, str]] = {
    Left.MISSING: "no reading",
    Left.ZERO: "a zero that is probably a gap",
    Left.NEGATIVE: "negative, but the meter does not export",
    Left.SPIKE: f"more than {SPIKE_FACTOR:g} times the meter's usual maximum",
    Left.ESTIMATED: "estimated, not measured",
    Left.EXCLUDED: "excluded by a person",
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
    energy: F64, hours: SiteHours, traits: MeterTraits, *, estimated: Bool | None = None, excluded: Bool | None = None
) -> CleanedHours:
    """The hours that may be used of `energy` (M, n).

    Zeros count as missing where a meter otherwise never comes near zero (its 5th percentile is above a tenth of its
    median, less than a fifth of its hours are zero), as electricity mains do; zero runs of heating fuels of ten days or
    more, half of them in the cold, where the meter otherwise burns in the cold (energy-science.md 2.4). Shorter runs
    may be a weekend or Christmas, and a summer has cold nights: those zeros are use. Estimates never enter: neither a
    fit nor a settlement.
    """
    left = np.where(np.isfinite(energy), np.uint8(Left.USED), np.uint8(Left.MISSING))
    found: list[tuple[Left, Bool]] = []
    zero = energy == 0
    low, middle, high = _habits(energy)
    never_rests = ~traits.heating & (low > BASE_TO_MEDIAN * middle) & (zero.mean(axis=1) < MOST_GAPS)
    found.append((Left.ZERO, zero & never_rests[:, None] | _cold_zeros(zero, hours, traits.heating)))
    with np.errstate(invalid="ignore"):
        found.append((Left.NEGATIVE, (energy < 0) & ~traits.can_export[:, None]))
        found.append((Left.SPIKE, np.abs(energy) > SPIKE_FACTOR * high[:, None]))
    found += [
        (reason, mask) for reason, mask in ((Left.ESTIMATED, estimated), (Left.EXCLUDED, excluded)) if mask is not None
    ]
    for reason, mask in found:
        left[mask & (left == Left.USED)] = reason
    return CleanedHours(np.where(left == Left.USED, energy, np.nan), left)


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


def _cold_zeros(zero: Bool, hours: SiteHours, heating: Bool) -> Bool:
    """Long zero runs of heating meters, half of them in the cold (mean of 24 h), where the meter otherwise burns."""
    found = np.zeros(zero.shape, np.bool_)
    with np.errstate(invalid="ignore"):
        cold = hours.mean_24h_c < COLD_C
    if not heating.any() or not cold.any():
        return found
    cold_before = np.concatenate([[0], np.cumsum(cold)])
    for meter in np.flatnonzero(heating):
        if 1.0 - zero[meter, cold].mean() < ACTIVE_IN_COLD:
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], zero[meter].astype(np.int8), [0]])))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            length = end - first
            if length >= LONG_ZERO_H and cold_before[end] - cold_before[first] >= MOSTLY * length:
                found[meter, first:end] = True
    return found
