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
LONG_ZERO_H: Final = 24
ACTIVE_IN_COLD: Final = 0.5
SPIKE_FACTOR: Final = 10.0


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

    Electricity zeros count as missing, long zero runs of heating fuels too where it was cold and the meter otherwise
    burns in the cold (energy-science.md 2.4). Estimated values never enter: neither a fit nor a settlement.
    """
    left = np.where(np.isfinite(energy), np.uint8(Left.USED), np.uint8(Left.MISSING))
    found: list[tuple[Left, Bool]] = []
    zero = energy == 0
    found.append((Left.ZERO, np.where(traits.heating[:, None], _cold_zeros(zero, hours, traits.heating), zero)))
    with np.errstate(invalid="ignore"):
        found.append((Left.NEGATIVE, (energy < 0) & ~traits.can_export[:, None]))
        found.append((Left.SPIKE, np.abs(energy) > SPIKE_FACTOR * _usual_maximum(energy)[:, None]))
    found += [
        (reason, mask) for reason, mask in ((Left.ESTIMATED, estimated), (Left.EXCLUDED, excluded)) if mask is not None
    ]
    for reason, mask in found:
        left[mask & (left == Left.USED)] = reason
    return CleanedHours(np.where(left == Left.USED, energy, np.nan), left)


def _usual_maximum(energy: F64) -> F64:
    """(M,) 99th percentile of |value|; infinite where nothing but zeros is known. One pass over a sample of hours."""
    size = np.abs(energy[:, :: max(1, energy.shape[1] // 1500)])
    ranked = np.sort(np.where(np.isfinite(size) & (size > 0), size, np.inf), axis=1)
    count = np.isfinite(ranked).sum(axis=1)
    place = np.minimum(np.maximum(np.ceil(0.99 * count).astype(np.int64) - 1, 0), max(ranked.shape[1] - 1, 0))
    return ranked[np.arange(len(ranked)), place] if ranked.size else np.full(len(energy), np.inf)


def _cold_zeros(zero: Bool, hours: SiteHours, heating: Bool) -> Bool:
    """Zero runs of heating meters with at least a day of cold hours, where the meter burns in the cold otherwise."""
    found = np.zeros(zero.shape, np.bool_)
    with np.errstate(invalid="ignore"):
        cold = hours.temperature_c < COLD_C
    if not heating.any() or not cold.any():
        return found
    for meter in np.flatnonzero(heating):
        if 1.0 - zero[meter, cold].mean() < ACTIVE_IN_COLD:
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], zero[meter].astype(np.int8), [0]])))
        cold_before = np.concatenate([[0], np.cumsum(cold)])
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            if cold_before[end] - cold_before[first] >= LONG_ZERO_H:
                found[meter, first:end] = True
    return found
