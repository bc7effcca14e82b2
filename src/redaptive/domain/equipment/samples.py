"""Samples of one point as they come, before they are on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.points import Floats

Seconds = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """Samples of one point: seconds since 1970 UTC, ascending or not, and values; NaN is missing."""

    at_s: Seconds
    values: Floats


def distances(at_s: Seconds) -> Seconds:
    """Seconds between moments that follow each other, ascending or not; moments that are there twice count once.

    Without numpy's `unique`, which takes two seconds for half a million moments.
    """
    apart = np.diff(at_s)
    if (apart < 0).any():
        apart = np.diff(np.sort(at_s))
    return apart[apart > 0]


def coarser(values: Floats, factor: int) -> Floats:
    """Means of `factor` values each; NaN where all are missing. The length must be a multiple."""
    groups = values.reshape(-1, factor)
    known = np.isfinite(groups)
    count = known.sum(axis=1)
    total = np.where(known, groups, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
