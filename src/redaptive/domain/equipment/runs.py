"""Runs of flagged rows: where they begin and end, which are long enough, which belong together."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.trend import Bools

FEW: Final = 8
Counts = npt.NDArray[np.int64]
Spans = npt.NDArray[np.int64]
"""Shape (n_runs, 2): first row and the row after the last."""


def runs(flags: Bools, at_least: int = 1) -> Spans:
    """Spans of consecutive flagged rows of at least `at_least` rows, in order of time."""
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    first = [0] if flags.size and flags[0] else []
    last = [flags.size] if flags.size and flags[-1] else []
    spans = np.concatenate([first, edges, last]).astype(np.int64).reshape(-1, 2)
    return spans[spans[:, 1] - spans[:, 0] >= at_least]


def counts(flags: Bools) -> Counts:
    """How many rows of each unit are flagged; twice to five times as fast as NumPy's own count along an axis."""
    if len(flags) < FEW:
        return np.array([np.count_nonzero(row) for row in flags], np.int64)
    found: Counts = np.bitwise_count(np.packbits(flags, axis=1)).sum(axis=1, dtype=np.int64)
    return found


def unit_runs(flags: Bools, at_least: int = 1) -> list[tuple[int, Spans]]:
    """Spans of each unit of (units, rows) flags that has any, in order of units."""
    if not flags.any():
        return []
    units, rows = flags.shape
    if units == 1:
        only = runs(flags[0], at_least)
        return [(0, only)] if len(only) else []
    apart = np.zeros((units, rows + 1), bool)  # a row that is never flagged keeps the runs of units apart
    apart[:, :rows] = flags
    spans = runs(apart.ravel(), at_least)
    if not len(spans):
        return []
    unit = spans[:, 0] // (rows + 1)
    spans -= (unit * (rows + 1))[:, None]
    cuts = np.flatnonzero(np.diff(unit)) + 1
    return [(int(unit[first]), part) for first, part in zip(np.r_[0, cuts], np.split(spans, cuts), strict=True)]


def merged(spans: Spans, gap: int) -> Spans:
    """The spans with those joined that are at most `gap` rows apart."""
    if not len(spans):
        return spans
    apart = np.flatnonzero(spans[1:, 0] - spans[:-1, 1] > gap)
    return np.column_stack((spans[np.r_[0, apart + 1], 0], spans[np.r_[apart, len(spans) - 1], 1]))


def flagged(spans: Spans, rows: int) -> Bools:
    """Flags of `rows` rows, True inside of the spans."""
    steps = np.zeros(rows + 1, np.int32)
    np.add.at(steps, spans[:, 0], 1)
    np.add.at(steps, spans[:, 1], -1)
    return np.cumsum(steps[:-1]) > 0
