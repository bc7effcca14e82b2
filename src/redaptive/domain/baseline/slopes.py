"""Weather slopes of each hour of the day, shrunk towards the meter's common ones as far as its noise asks for.

A building that is set back at night answers cold most strongly in the morning, chillers answer heat in the afternoon:
one slope, or one for occupied hours, is wrong for both. 24 hours of five working days and of two rest days have 48
slopes a column. Each has few hours of its own, so it is shrunk like an effect in an empirical Bayes model: the prior
weight is `SHRINK` times the variance of the noise over the mean square of the common slopes (James and Stein 1961;
Robinson 1991, Statistical Science 6:15).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.baseline.hours import F64, SLOTS
from redaptive.domain.baseline.slot_layout import F32, PAIRS
from redaptive.domain.baseline.weather_basis import BASIS
from redaptive.domain.meter_series import Ints

GROUPS: Final = 48
WORKDAYS: Final = 5
SHRINK: Final = 20.0
LEAST_H, MOST_H = 5.0, 500.0
"""Bounds of the prior weight, in hours of a column's usual spread."""
GROUP_OF_SLOT: Final[Ints] = np.arange(SLOTS) % 24 + 24 * (np.arange(SLOTS) >= 24 * WORKDAYS)


def group_sums(by_slot: F32) -> F64:
    """(168, ...) summed over the days of each group: (48, ...); hours of working days first."""
    days = by_slot.reshape(7, 24, *by_slot.shape[1:])
    return np.concatenate([days[:WORKDAYS].sum(axis=0), days[WORKDAYS:].sum(axis=0)]).astype(np.float64)


def slopes(gram: F32, cross: F32, ridge: F64, noise: F64) -> F64:
    """(48, M, 8) slopes from the moments within slots, `gram` (168, M, 36) and `cross` (168, M, 8).

    `ridge` (M,) is added to the diagonal of the common slopes; `noise` (M,) is the spread of the residuals.
    """
    own_gram, own_cross = group_sums(gram), group_sums(cross)
    common = solve(own_gram.sum(axis=0).T, own_cross.sum(axis=0).T, np.maximum(ridge, 1e-9)).T
    size = np.maximum((common * common).mean(axis=1), 1e-9)
    prior = np.clip(SHRINK * noise * noise / size, LEAST_H, MOST_H)
    # (G + p) s = c + p common is (G + p)(s - common) = c - G common
    pulled = own_cross + prior[:, None] * common
    packed = own_gram.reshape(-1, len(PAIRS[0])).T
    found = solve(packed, pulled.reshape(-1, BASIS).T, np.tile(prior, GROUPS))
    return np.ascontiguousarray(found.T).reshape(own_cross.shape)


def solve(packed: F64, right: F64, ridge: F64) -> F64:
    """(8, N) solutions of N symmetric positive definite systems by Cholesky, all at once.

    `packed` (36, N) upper triangles, `right` (8, N), `ridge` (N,) is added to the diagonals. A loop over the eight
    columns with vectors of N is ten times as fast as one LAPACK call a system.

    >>> one = np.eye(BASIS)[PAIRS][:, None]
    >>> solve(one, np.full((BASIS, 1), 3.0), np.ones(1))[0, 0].round(6).item()
    1.5
    """
    lower = np.zeros((BASIS, BASIS, packed.shape[1]))
    lower[PAIRS[1], PAIRS[0]] = packed
    lower[np.arange(BASIS), np.arange(BASIS)] += ridge
    for j in range(BASIS):
        if j:
            lower[j:, j] -= np.einsum("ipn,pn->in", lower[j:, :j], lower[j, :j])
        lower[j:, j] /= np.sqrt(np.maximum(lower[j, j], 1e-12))
    found = right.copy()
    for j in range(BASIS):
        found[j] = (found[j] - np.einsum("pn,pn->n", lower[j, :j], found[:j])) / lower[j, j]
    for j in reversed(range(BASIS)):
        found[j] = (found[j] - np.einsum("pn,pn->n", lower[j + 1 :, j], found[j + 1 :])) / lower[j, j]
    return found
