"""Least squares of all change-point candidates of all meters of a station at once.

A candidate is an intercept, one balance point, or a pair b_h <= b_c. Meters that have the same points share one Gram
matrix; each candidate of each meter is then a closed-form 2 x 2 solve on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
T = TypeVar("T", np.float64, np.intp)
MAX_P_VALUE: Final = 0.1
MIN_DEGREE_DAYS: Final = 20.0
MIN_NONZERO_DAYS: Final = 10.0
ROUNDING: Final = 1e-12
NO_CANDIDATE: Final = -2
SMALL_PRODUCT: Final = 1_000_000


@dataclass(frozen=True)
class Candidates:
    """Least squares of all candidates of all meters; arrays (n_candidates, n_meters), the indices may have one column.

    Index -1 means that the term is absent, -2 that there is no such candidate.
    """

    heating_index: Indices
    cooling_index: Indices
    heating_beta: Floats
    cooling_beta: Floats
    sse: Floats
    t_heating: Floats
    t_cooling: Floats
    free: float

    @property
    def degrees_of_freedom(self) -> Floats:
        """Points less parameters; as many columns as the indices."""
        return np.asarray(self.free - (self.heating_index >= 0) - (self.cooling_index >= 0), dtype=np.float64)

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Each term present has β > 0 and p < 0.1."""
        degrees = self.degrees_of_freedom
        # Three values at most: the limit is looked up, not computed for each candidate.
        terms = np.maximum(self.free - np.arange(3.0), 1.0)
        limit = special.stdtrit(terms, 1.0 - MAX_P_VALUE / 2.0)[(self.free - degrees).astype(np.intp)]
        heating = (self.heating_index < 0) | (self.t_heating > limit)
        cooling = (self.cooling_index < 0) | (self.t_cooling > limit)
        known = (self.heating_index > NO_CANDIDATE) & (self.cooling_index > NO_CANDIDATE)
        return heating & cooling & known & (degrees >= 1)

    def of(self, candidate: Indices) -> Candidates:
        """One candidate of each meter: arrays (1, n_meters)."""
        meters, index = np.arange(candidate.size), np.broadcast_to(candidate, (1, candidate.size))

        def pick(values: NDArray[T]) -> NDArray[T]:
            return np.broadcast_to(values, self.sse.shape)[index, meters]

        h, c = pick(self.heating_index), pick(self.cooling_index)
        betas = pick(self.heating_beta), pick(self.cooling_beta)
        return Candidates(h, c, *betas, pick(self.sse), pick(self.t_heating), pick(self.t_cooling), self.free)


@dataclass(frozen=True)
class Points:
    """Points that some meters share: degree days (n, n_balance), `y` (n, n_meters), `groups` (n, n_groups) of 0, 1."""

    heating: Floats
    cooling: Floats
    y: Floats
    w: Floats
    groups: Floats
    days: Floats

    def sst(self) -> Floats:
        """Weighted sum of squares about the mean of each meter, (n_meters,); 0 where y is constant to rounding."""
        mean = (self.w @ self.y) / self.w.sum()
        sst = self.w @ (self.y - mean) ** 2
        return np.where(sst <= 1e-18 * self.y.shape[0] * mean**2, 0.0, sst)

    def columns(self, index: Indices) -> Floats:
        """Degree days (n, n_index) of heating balance points, and of cooling ones, counted on after them."""
        n_balance = self.heating.shape[1]
        heating, cooling = index[index < n_balance], index[index >= n_balance] - n_balance
        return np.hstack([self.heating[:, heating], self.cooling[:, cooling]])


def grid(balance: Indices) -> tuple[Indices, Indices]:
    """Intercept first, then each single term, then each pair b_h <= b_c: indices (n_candidates, 1)."""
    rows, columns = np.nonzero(balance[:, None] <= balance)
    none = np.full(balance.size, -1, dtype=np.intp)
    h = np.concatenate([[-1], balance, none, balance[rows]])
    c = np.concatenate([[-1], none, balance, balance[columns]])
    return h[:, None], c[:, None]


def near(h: Indices, c: Indices, n_balance: int, step: int) -> tuple[Indices, Indices]:
    """The candidates around the balance points of each meter, in the order of `grid`: (n_candidates, n_meters)."""
    around = np.arange(-step, step + 1, dtype=np.intp)[:, None]

    def window(index: Indices) -> Indices:
        close = index + around
        return np.where((index >= 0) & (close >= 0) & (close < n_balance), close, NO_CANDIDATE)

    heating, cooling, none = window(h), window(c), np.full((around.size, h.size), -1, dtype=np.intp)
    pairs = np.repeat(heating, around.size, axis=0), np.tile(cooling, (around.size, 1))
    return np.vstack([none[:1], heating, none, pairs[0]]), np.vstack([none[:1], none, cooling, pairs[1]])


def _centred(points: Points, x: Floats) -> Floats:
    """`x` less its weighted mean within each group: the intercepts leave the normal equations (Frisch-Waugh)."""
    means = (points.groups.T @ (points.w[:, None] * x)) / (points.groups.T @ points.w)[:, None]
    centred: Floats = x - points.groups @ means
    return centred


def _product(x: Floats, y: Floats) -> Floats:
    """xᵀy. For small matrices the start of BLAS threads costs five times the product."""
    small = x.size * y.shape[1] < SMALL_PRODUCT
    product: Floats = np.einsum("ni,nj->ij", x, y) if small else x.T @ y
    return product


def solve(points: Points, h: Indices, c: Indices) -> Candidates:
    """All candidates (indices as of `grid` or `near`) from one Gram matrix of the columns that occur in any."""
    n_balance = points.heating.shape[1]
    columns = np.unique(np.concatenate([h[h >= 0], c[c >= 0] + n_balance]))
    raw, root = points.columns(columns), np.sqrt(points.w)[:, None]
    x, y = _centred(points, raw) * root, _centred(points, points.y) * root
    gram = _product(x, x)
    usable = (points.days @ (raw > 0) >= MIN_NONZERO_DAYS) & (points.days @ raw >= MIN_DEGREE_DAYS)
    usable = np.append(usable & (np.diag(gram) > 0), True)
    first = np.where(h >= 0, np.searchsorted(columns, h), -1)
    second = np.where(c >= 0, np.searchsorted(columns, c + n_balance), -1)
    allowed = usable[first] & usable[second] & ((h < 0) | (c < 0) | (h <= c))
    solved = _least_squares(gram, _product(x, y), np.einsum("nm,nm->m", y, y), first, second)
    free = float(points.y.shape[0] - points.groups.shape[1])
    return _judged(solved, np.where(allowed, h, NO_CANDIDATE), np.where(allowed, c, NO_CANDIDATE), free)


def _least_squares(gram: Floats, cross: Floats, total: Floats, h: Indices, c: Indices) -> tuple[Floats, ...]:
    """β_h, β_c, SSE and the variance factors of both β's by 2 x 2 solves; column -1 is an absent term (β = 0).

    SSE has a floor at rounding, so that of two exact fits the one with fewer terms wins. SSE is inf where the two
    columns cannot be told apart.
    """
    n, n_meters = cross.shape
    padded, right = np.zeros((n + 1, n + 1)), np.zeros((n + 1, n_meters))
    padded[:n, :n], padded[n, n], right[:n] = gram, 1.0, cross
    s_hh, s_cc, s_hc = padded[h, h], padded[c, c], np.where((h < 0) | (c < 0), 0.0, padded[h, c])
    meters = np.arange(n_meters)
    g_h, g_c, det = right[h, meters], right[c, meters], s_hh * s_cc - s_hc**2
    sound = det > 1e-9 * s_hh * s_cc
    det = np.where(sound, det, 1.0)
    beta_h, beta_c = (g_h * s_cc - g_c * s_hc) / det, (g_c * s_hh - g_h * s_hc) / det
    sse = np.where(sound, np.maximum(ROUNDING * total, total - beta_h * g_h - beta_c * g_c), np.inf)
    return beta_h, beta_c, sse, np.where(sound, s_cc / det, 1.0), np.where(sound, s_hh / det, 1.0)


def _judged(solved: tuple[Floats, ...], h: Indices, c: Indices, free: float) -> Candidates:
    beta_h, beta_c, sse, factor_h, factor_c = solved
    degrees = np.asarray(free - (h >= 0) - (c >= 0), dtype=np.float64)
    variance = np.maximum(sse / np.maximum(degrees, 1.0), 1e-200)
    t_h, t_c = beta_h / np.sqrt(variance * factor_h), beta_c / np.sqrt(variance * factor_c)
    return Candidates(h, c, beta_h, beta_c, sse, t_h, t_c, free)
