"""Spans of a series that lie at another level than the rest, beside what covariates explain.

Idea: circular binary segmentation with covariates. Of all spans [first, end) the one whose indicator explains most of
what covariates and the spans before it leave over is added; each span is moved once more given the others; those that
explain too little are taken out. A span that reaches the end is a step that lasts. All spans of a series of n values
are compared at once: O(n^2) by sums, no loop over spans.
Failure mode: a slow drift becomes steps; covariates that look like a span (a season seen once) hide it.
Source: Olshen, Venkatraman et al. 2004 (circular binary segmentation), Frisch and Waugh 1933 (covariates taken off).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
LEAST_OWN: Final = 0.03
"""A span whose indicator is explained by the others but for a thirtieth is not judged."""
LEAST_LEFT: Final = 1e-9


@dataclass(frozen=True)
class LevelSpan:
    """Places [first, end) of a series that lie `size` off the rest; `gain`: sum of squares that it explains."""

    first: int
    end: int
    size: float
    gain: float

    def mark(self, n: int) -> Floats:
        """1 in the span, else 0, (n,)."""
        marks = np.zeros(n)
        marks[self.first : self.end] = 1.0
        return marks


@dataclass(frozen=True)
class Fitted:
    """Spans in order, what covariates explain (n,), and what is left over, (n,), NaN where the weight is 0."""

    spans: tuple[LevelSpan, ...]
    explained: Floats
    residual: Floats


def level_spans(
    y: Floats, weight: Floats, covariates: Floats, allowed: Bool, most: int, least_gain: float, apart: int = 1
) -> Fitted:
    """At most `most` spans that each explain `least_gain` and more of the weighted sum of squares of `y` (n,).

    `covariates` (n, p) hold the constant; `allowed` (n + 1, n + 1) says which [first, end) may be a span; a `weight` of
    0 leaves a value out. Deterministic.

    >>> y = np.array([0.0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    >>> every = np.triu(np.ones((11, 11), bool), 3)
    >>> [(s.first, s.end) for s in level_spans(y, np.ones(10), np.ones((10, 1)), every, 3, 0.5).spans]
    [(4, 10)]
    """
    found: list[LevelSpan] = []
    while len(found) < most:
        best = best_span(y, weight, _with(covariates, found), allowed & _apart(len(y), found, apart))
        if best is None or best.gain < least_gain:
            break
        found = _moved(y, weight, covariates, allowed, [*found, best], apart)
    return settled(y, weight, covariates, found, least_gain)


def settled(y: Floats, weight: Floats, covariates: Floats, spans: list[LevelSpan], least_gain: float) -> Fitted:
    """These spans fitted together, without those that explain too little beside the others."""
    kept = sorted(_pruned(y, weight, covariates, spans, least_gain), key=lambda s: (s.first, s.end))
    columns, root = _with(covariates, kept), np.sqrt(weight)
    slopes = np.linalg.lstsq(columns * root[:, None], root * np.where(weight > 0, y, 0.0), rcond=None)[0]
    explained = covariates @ slopes[: covariates.shape[1]]
    left = np.where(weight > 0, y - columns @ slopes, np.nan)
    sized = [replace(s, size=float(size)) for s, size in zip(kept, slopes[covariates.shape[1] :], strict=True)]
    return Fitted(tuple(sized), explained, left)


def best_span(y: Floats, weight: Floats, columns: Floats, allowed: Bool) -> LevelSpan | None:
    """The allowed span that explains most of what the columns leave over; None where no span is judged."""
    root = np.sqrt(weight)
    basis = _basis(columns * root[:, None])
    filled = root * np.where(weight > 0, y, 0.0)
    left = filled - basis @ (basis.T @ filled)
    top = _from_0(np.cumsum(root * left))
    along = np.concatenate([np.zeros((1, basis.shape[1])), np.cumsum(basis * root[:, None], axis=0)])
    own, total = along @ along.T, _from_0(np.cumsum(weight))
    square = np.diag(own).copy()
    own *= 2.0
    own += total - square
    own -= (total + square)[:, None]
    judged = allowed & (own > LEAST_OWN * (total - total[:, None])) & (own > LEAST_LEFT)
    if not judged.any():
        return None
    moved = top - top[:, None]
    gain = np.full(own.shape, -1.0)
    np.divide(moved * moved, own, out=gain, where=judged)
    first, end = np.unravel_index(int(gain.argmax()), gain.shape)
    return LevelSpan(int(first), int(end), float(moved[first, end] / own[first, end]), float(gain[first, end]))


def _moved(
    y: Floats, weight: Floats, covariates: Floats, allowed: Bool, spans: list[LevelSpan], apart: int
) -> list[LevelSpan]:
    """The spans, each put once more where it fits best beside the others."""
    for place in range(len(spans)):
        others = [*spans[:place], *spans[place + 1 :]]
        best = best_span(y, weight, _with(covariates, others), allowed & _apart(len(y), others, apart))
        if best is not None:
            spans = [*spans[:place], best, *spans[place + 1 :]]
    return spans


def _apart(n: int, spans: list[LevelSpan], least: int) -> Bool:
    """(n + 1, n + 1) which spans begin and end where another does or at least so far from it, and are no copy."""
    good = np.ones(n + 1, np.bool_)
    edges = sorted({place for span in spans for place in (span.first, span.end)})
    for edge in edges:
        good[max(0, edge - least + 1) : edge + least] = False
    good[edges] = True
    both = good[:, None] & good[None, :]
    for span in spans:
        both[span.first, span.end] = False
    return both


def _pruned(y: Floats, weight: Floats, covariates: Floats, spans: list[LevelSpan], least: float) -> list[LevelSpan]:
    """The spans without those that explain too little beside the others, the least first; sizes and gains anew."""
    while spans:
        spans = [_judged(y, weight, _with(covariates, [o for o in spans if o is not s]), s) for s in spans]
        worst = min(spans, key=lambda s: s.gain)
        if worst.gain >= least:
            return spans
        spans = [s for s in spans if s is not worst]
    return spans


def _judged(y: Floats, weight: Floats, columns: Floats, span: LevelSpan) -> LevelSpan:
    """Size and gain of one span beside the columns."""
    root, mark = np.sqrt(weight), span.mark(len(y))
    basis = _basis(columns * root[:, None])
    own = root * mark
    own -= basis @ (basis.T @ own)
    square = float(own @ own)
    if square <= max(LEAST_OWN * float(weight @ mark), LEAST_LEFT):
        return replace(span, gain=0.0)
    along = float(own @ (root * np.where(weight > 0, y, 0.0)))
    return replace(span, size=along / square, gain=along**2 / square)


def _with(covariates: Floats, spans: list[LevelSpan]) -> Floats:
    return np.column_stack([covariates, *(span.mark(len(covariates)) for span in spans)])


def _basis(columns: Floats) -> Floats:
    """An orthonormal basis of the columns' space."""
    left, size, _ = np.linalg.svd(columns, full_matrices=False)
    return left[:, size > 1e-9 * max(float(size.max(initial=0.0)), 1e-300)]


def _from_0(sums: Floats) -> Floats:
    return np.concatenate([[0.0], sums])
