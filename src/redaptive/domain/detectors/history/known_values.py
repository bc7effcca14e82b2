"""Medians, means and places of values of which some are unknown (NaN): what history detectors and alerts share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def median(values: Floats | npt.NDArray[np.float32], axis: int) -> Floats:
    """The median over an axis of at most two without NaN; NaN where nothing is known.

    >>> median(np.array([[1.0, np.nan], [3.0, np.nan]]), axis=0).tolist()
    [2.0, nan]
    """
    ranked = np.sort(values, axis=axis).swapaxes(0, axis)  # NaN goes last
    known = np.isfinite(values).sum(axis=axis)
    if not len(ranked):
        return np.full(known.shape, np.nan)
    count, column, table = known.reshape(-1), np.arange(known.size), ranked.reshape(len(ranked), -1)
    low, high = table[np.maximum(count - 1, 0) // 2, column], table[np.minimum(count // 2, len(table) - 1), column]
    return np.where(count > 0, (low + high) / 2, np.nan).reshape(known.shape)


def group_means(values: Floats, group: Ints, groups: int) -> Floats:
    """The mean of the values, all of them known, of each group (groups,); NaN where there is none.

    >>> group_means(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 2]), 3).tolist()
    [2.0, nan, 5.0]
    """
    count = np.bincount(group, minlength=groups)
    total = np.bincount(group, values, minlength=groups)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def at_places(values: Floats, place: Ints) -> Floats:
    """The values at these places; 0 outside of them.

    >>> at_places(np.array([5.0, 7.0]), np.array([-1, 1, 2])).tolist()
    [0.0, 7.0, 0.0]
    """
    found, inside = np.zeros(place.size), (place >= 0) & (place < values.size)
    found[inside] = values[place[inside]]
    return found
