"""A linear regression a meter and hour: how a meter's next day follows from its own last days, fitted anew each week.

The distance of an hour from its base (the mean of like days at the recent level), in mean loads, is explained by the
last days, levels, recent distances, calendar and past temperature (`regression_columns.py`). A ridge regression of the
past, newer days weighing more, in which the hours before and after count with each hour. An hour that coefficients of
earlier days missed by far weighs less, as Huber's weights do (Annals of Mathematical Statistics 35(1), 1964), so that a
closure or an event does not bend them. After Uniejewski, Nowotarski and Weron (Energies 9(8), 2016): autoregressions by
hour with shrinkage. The trees know all meters and see what is not linear; this knows the one meter. It fails where the
last year says nothing of the next day.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

import numpy as np

from redaptive.domain.forecast.fleet_days import F32, HOURS, FleetDays
from redaptive.domain.forecast.regression_columns import Columns, columns

REGRESSED: Final = ("electricity", "")
"""Commodities whose next day goes by the regression of each meter; the empty one is that of files that name none."""
SPAN_DAYS: Final = 420
"""Days before the first day asked for that enter the first fit."""
WEEK_DAYS: Final = 7
JUDGED_DAYS: Final = 91
"""After so many days the coefficients that weigh hours are renewed."""
HALF_LIFE_DAYS: Final = 200.0
LEAST_DAYS: Final = 42
"""A meter with fewer known days keeps to its base."""
RIDGE: Final = 0.03
BESIDE: Final = 1.0
"""Weight of the hour before and the hour after in the equations of an hour."""
MISSED: Final = 0.08
"""An hour that was missed by more than this share of the mean load loses weight."""
FAR: Final = 0.5
MOST_STEP: Final = 1.0
CHUNK: Final = 40
THREADS: Final = 2


class MeterRegression:
    """Day-ahead forecasts of a grid, each from the days before it. Fits go on from the first day that was asked for."""

    def __init__(self, days: FleetDays) -> None:
        self._days = days
        self._first = days.n_days
        self._lines: F32 = np.empty((len(days.energy), HOURS, 0), np.float32)

    def line(self, target: int, until: int) -> F32:
        """(meters, 24) kWh of day `target`, issued when it begins; NaN where no like day is known.

        `until`: the day after the last one that will be asked for. Coefficients of a week come from the days before it.
        """
        if not self._first <= target < self._first + self._lines.shape[-1]:
            self._first = self._week(target)
            places = range(0, len(self._days.energy), CHUNK)
            end = min(self._days.n_days, max(until, target + 1))
            with ThreadPoolExecutor(THREADS) as pool:  # numpy lets go of the interpreter while it computes
                parts = list(pool.map(lambda low: self._walked(slice(low, low + CHUNK), end), places))
            self._lines = np.concatenate(parts) if parts else self._lines
        return self._lines[..., target - self._first]

    def _week(self, day: int) -> int:
        return max(0, day - (self._days.first_day + day) % WEEK_DAYS)

    def _walked(self, meters: slice, end: int) -> F32:
        """(meters, 24, days) of the weeks from the first one on, the sums growing with each."""
        start = max(0, self._first - SPAN_DAYS)
        known = columns(self._days, meters, slice(start, end))
        sums = _Sums(known)
        weeks = {self._first - start, *(self._week(day) - start for day in range(self._first + WEEK_DAYS, end))}
        judged = {day - start for day in range(start, end) if (self._days.first_day + day) % JUDGED_DAYS == 0}
        found = []
        edges = sorted({0, end - start, *weeks, *judged})
        for low, high in pairwise(edges):
            part = known.span(slice(low, high))
            if low in weeks:
                found.append(_continued(part, sums.coefficients()))
            sums.add(part, renew=high in judged)
        return np.concatenate(found, axis=-1)


class _Sums:
    """Normal equations of a chunk of meters, (meters, 24, columns, columns) and (meters, 24, columns, 1)."""

    def __init__(self, known: Columns) -> None:
        meters, hours, count, _ = known.x.shape
        self._square = np.zeros((meters, hours, count, count), np.float32)
        self._right = np.zeros((meters, hours, count, 1), np.float32)
        self._judge = np.zeros((meters, hours, count), np.float32)
        self._told = np.zeros(meters, np.int64)

    def add(self, part: Columns, *, renew: bool) -> None:
        """Adds days; `renew` the coefficients that weigh the hours to come."""
        told = np.isfinite(part.target)
        target = np.where(told, np.clip(part.target, -FAR, FAR), 0).astype(np.float32)
        age = np.arange(target.shape[-1], dtype=np.float32)[::-1]
        missed = np.abs(target - _steps(self._judge, part.x))
        weight = told * np.float32(0.5) ** (age / np.float32(HALF_LIFE_DAYS)) * MISSED / np.maximum(missed, MISSED)
        root = np.sqrt(weight).astype(np.float32)
        weighed = part.x * root[:, :, None, :]
        fade = np.float32(0.5 ** (target.shape[-1] / HALF_LIFE_DAYS))
        self._square = fade * self._square + np.matmul(weighed, weighed.swapaxes(-1, -2))
        self._right = fade * self._right + np.matmul(weighed, (root * target)[..., None])
        self._told += told.sum(axis=(1, 2))
        if renew:
            self._judge = self.coefficients()

    def coefficients(self) -> F32:
        """(meters, 24, columns); zero for meters with too short a past."""
        ridge = RIDGE * np.eye(self._square.shape[-1], dtype=np.float32)
        found = np.linalg.solve(_with_neighbours(self._square) + ridge, _with_neighbours(self._right))[..., 0]
        return np.asarray(np.where((self._told >= LEAST_DAYS * HOURS)[:, None, None], found, 0), np.float32)


def _steps(coefficients: F32, x: F32) -> F32:
    """(meters, 24, days) distance from the base in mean loads."""
    found = np.matmul(coefficients[:, :, None, :], x)[:, :, 0]
    return np.asarray(np.clip(found, -MOST_STEP, MOST_STEP), np.float32)


def _continued(ahead: Columns, coefficients: F32) -> F32:
    return np.asarray(ahead.base + ahead.scale * _steps(coefficients, ahead.x), np.float32)


def _with_neighbours(sums: F32) -> F32:
    return np.asarray(sums + BESIDE * (np.roll(sums, 1, axis=1) + np.roll(sums, -1, axis=1)), np.float32)
