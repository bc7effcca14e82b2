"""Clocks of meters: a repeated hour that was summed or copied, and weeks whose daily shape is shifted."""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.domain.meter_series import Ints

BLOCK_DAYS: Final = 28
MAX_SHIFT_H: Final = 3
MIN_GAIN: Final = 0.05
MIN_LIKENESS: Final = 0.90
DOUBLED: Final = 1.6
LEAST_SWING_C: Final = 0.5


def clock_changes(hours: SiteHours) -> tuple[Ints, Ints]:
    """Index of the second pass of each repeated local hour, and of the first hour after each skipped one."""
    step = np.diff(hours.slot % 24) % 24
    return np.flatnonzero(step == 0) + 1, np.flatnonzero(step == 2) + 1


def warmest_hour(hours: SiteHours) -> float | None:
    """Local hour at which the mean day is warmest, by its first harmonic; None where days and nights hardly differ."""
    known = np.isfinite(hours.temperature_c)
    of_day = hours.slot[known] % 24
    total = np.bincount(of_day, hours.temperature_c[known], 24)
    count = np.bincount(of_day, minlength=24)
    if not count.all():
        return None
    wave = np.fft.rfft(total / count)[1] / 12
    return None if np.abs(wave) < LEAST_SWING_C else float(-np.angle(wave) * 24 / (2 * np.pi) % 24)


def repeated_hours_wrong(energy: F64, hours: SiteHours) -> Ints:
    """(M,) repeated hours that hold the sum of both passes in one of them, the other being missing or zero."""
    wrong = np.zeros(len(energy), np.int64)
    for second in clock_changes(hours)[0]:
        if not 2 <= second < hours.n - 1:
            continue
        pair = np.nan_to_num(energy[:, second - 1 : second + 1])
        with np.errstate(invalid="ignore"):
            beside = (energy[:, second - 2] + energy[:, second + 1]) / 2
            wrong += (pair.min(axis=1) == 0) & (pair.max(axis=1) > DOUBLED * beside) & (beside > 0)
    return wrong


def shifted_blocks(energy: F64, hours: SiteHours) -> tuple[Ints, Ints]:
    """(M,) number of four-week blocks whose weekday shape fits the meter's usual one better when moved; hours moved.

    The usual shape is the median over blocks, so a shift of most of the year is seen as a shift of the rest. A block
    counts when moving it raises the correlation by 0.05, to at least 0.9. Needs three blocks.
    """
    shapes = _shapes(energy, hours)
    if shapes.shape[1] < 3:
        return np.zeros(len(energy), np.int64), np.zeros(len(energy), np.int64)
    usual = _standard(np.nan_to_num(np.median(shapes, axis=1)))
    moves = np.arange(-MAX_SHIFT_H, MAX_SHIFT_H + 1)
    likeness = np.stack([(np.roll(shapes, -move, axis=2) * usual[:, None]).mean(axis=2) for move in moves], axis=2)
    likeness = np.nan_to_num(likeness, nan=-1.0)
    best = likeness.argmax(axis=2)
    top, unmoved = likeness.max(axis=2), likeness[..., MAX_SHIFT_H]
    moved = (best != MAX_SHIFT_H) & (top - unmoved >= MIN_GAIN) & (top >= MIN_LIKENESS)
    by = np.where(moved, moves[best], 0)
    largest = by[np.arange(len(by)), np.abs(by).argmax(axis=1)]
    return moved.sum(axis=1), largest


def _shapes(energy: F64, hours: SiteHours) -> F64:
    """(M, blocks, 24) standardised mean weekday by local hour; NaN where a block lacks an hour."""
    block = (hours.day - hours.day[0]) // BLOCK_DAYS
    n_blocks = int((hours.day[-1] - hours.day[0] + 1) // BLOCK_DAYS)
    at = np.where((hours.slot < 5 * 24) & (block < n_blocks), block * 24 + hours.slot % 24, n_blocks * 24)
    order = np.argsort(at, kind="stable")
    starts = np.searchsorted(at[order], np.arange(n_blocks * 24))
    used = order[: np.searchsorted(at[order], n_blocks * 24)]
    if n_blocks == 0 or used.size == 0:
        return np.zeros((len(energy), 0, 24))
    value = energy[:, used]
    known = np.isfinite(value)
    starts = np.minimum(starts, used.size - 1)
    total = np.add.reduceat(np.where(known, value, 0.0), starts, axis=1)
    count = np.add.reduceat(known.astype(np.float64), starts, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _standard((total / count).reshape(len(energy), n_blocks, 24))


def _standard(shape: F64) -> F64:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((shape - shape.mean(axis=-1, keepdims=True)) / shape.std(axis=-1, keepdims=True))
