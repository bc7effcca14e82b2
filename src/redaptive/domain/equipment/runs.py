"""Runs of flagged rows: where they begin and end, which are long enough, which belong together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from redaptive.domain.equipment.trend import Bools

Spans = npt.NDArray[np.int64]
"""Shape (n_runs, 2): first row and the row after the last."""


def runs(flags: Bools, at_least: int = 1) -> Spans:
    """Spans of consecutive flagged rows of at least `at_least` rows, in order of time."""
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    first = [0] if flags.size and flags[0] else []
    last = [flags.size] if flags.size and flags[-1] else []
    spans = np.concatenate([first, edges, last]).astype(np.int64).reshape(-1, 2)
    return spans[spans[:, 1] - spans[:, 0] >= at_least]


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
