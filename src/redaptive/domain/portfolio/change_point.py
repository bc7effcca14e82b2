"""Change-point models of energy against outside temperature (PRISM, CalTRACK; domain.md 4.3).

y per day = μ [+ weekend] + β_h·HDD(b_h) + β_c·CDD(b_c), b_h <= b_c. All pairs of balance points of a 3 °F grid are
solved, then all 0.5 °F ones around the best; `exhaustive` solves all 0.5 °F pairs instead. Degree days of all balance
points are made once per station (`TemperatureDesign`) and shared by its meters; meters that lack the same days
are solved together (`change_point_candidates`).

A candidate counts only where each β > 0 with p < 0.1 (two-sided t) and its degree days are not nearly all zero; the
best adjusted R² wins. Balance points are not counted as parameters, as in CalTRACK. One that ends at the intercept
says so in `kind`: its prediction is flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from redaptive.domain.degree_days import BASE_F, cooling_degree_days, heating_degree_days
from redaptive.domain.portfolio.change_point_candidates import Candidates, Floats, Indices, Points, grid, near, solve
from redaptive.domain.quality.model_fit import lag1_autocorrelation
from redaptive.errors import InvalidInput

GRID_F: Final[Floats] = np.arange(30.0, 90.5, 0.5)
MIN_POINTS: Final = 4
COARSE: Final = 6
CLOSE: Final = 1e-9
METERS_AT_ONCE: Final = 512


class ModelKind(StrEnum):
    """Which terms a fitted model has."""

    INTERCEPT_ONLY = "intercept_only"
    HEATING = "heating"
    COOLING = "cooling"
    HEATING_COOLING = "heating_cooling"
    HEATING_COOLING_ONE_BALANCE = "heating_cooling_one_balance"


@dataclass(frozen=True)
class TemperatureDesign:
    """Degree days per day for each balance point: `heating` and `cooling` are (n_points, n_balance) °F.

    A point is a day or a bill (its mean per day); `weights` (n_points) are days of the bill, 0 where temperature is
    missing; `weekend` marks weekend days and is None for bills.
    """

    balance_f: Floats
    heating: Floats
    cooling: Floats
    weights: Floats
    weekend: NDArray[np.bool_] | None = None

    @property
    def n_points(self) -> int:
        """Days or bills."""
        return int(self.weights.size)


@dataclass(frozen=True)
class ChangePointFit:
    """A fitted model; `unit` of the μ's and β's is that of y per day (and per °F).

    `cv_rmse` and `nmbe` are fractions with n - `n_parameters`. `weekend_per_day` is added to `base_per_day` on weekend
    days. `p_values` are those of β_h and β_c (None where the term is absent).
    """

    kind: ModelKind
    base_per_day: float
    weekend_per_day: float
    heating_per_day_f: float
    cooling_per_day_f: float
    heating_balance_f: float | None
    cooling_balance_f: float | None
    r2: float
    adjusted_r2: float
    cv_rmse: float
    nmbe: float
    autocorrelation: float
    n: int
    n_parameters: int
    p_values: tuple[float | None, float | None]

    def predict(self, daily_mean_f: ArrayLike, weekend: NDArray[np.bool_] | None = None) -> Floats:
        """y per day for daily mean temperatures °F; NaN where the temperature is."""
        temperature = np.asarray(daily_mean_f, dtype=np.float64)
        heating = heating_degree_days(temperature, self.heating_balance_f or BASE_F)
        cooling = cooling_degree_days(temperature, self.cooling_balance_f or BASE_F)
        y = self.base_per_day + self.heating_per_day_f * heating + self.cooling_per_day_f * cooling
        return y if weekend is None else y + self.weekend_per_day * weekend


def design_daily(
    daily_mean_f: ArrayLike, *, weekend: NDArray[np.bool_] | None = None, balance_f: Floats = GRID_F
) -> TemperatureDesign:
    """The design of daily data of one station: a day is a point; days without temperature weigh 0."""
    temperature = np.asarray(daily_mean_f, dtype=np.float64)
    known = np.isfinite(temperature)
    filled = np.where(known, temperature, 65.0)[:, None]
    heating, cooling = np.maximum(0.0, balance_f - filled), np.maximum(0.0, filled - balance_f)
    return TemperatureDesign(balance_f, heating, cooling, known.astype(np.float64), weekend)


def fit_many(design: TemperatureDesign, y_per_day: ArrayLike, *, exhaustive: bool = False) -> list[ChangePointFit]:
    """The best model of each meter of a station; `y_per_day` is (n_meters, n_points), NaN is missing.

    Meters that lack the same points are solved at once. Raises InvalidInput where a meter has fewer than 4 points.
    """
    y = np.atleast_2d(np.asarray(y_per_day, dtype=np.float64))
    used = np.isfinite(y) & (design.weights > 0)
    if y.shape[0] and int(used.sum(axis=1).min()) < MIN_POINTS:
        raise InvalidInput(
            f"{int(used.sum(axis=1).min())} points with energy and temperature are too few.", field="y_per_day"
        )
    found: dict[int, ChangePointFit] = {}
    for pattern, meters in _alike(used):
        for first in range(0, meters.size, METERS_AT_ONCE):
            some = meters[first : first + METERS_AT_ONCE]
            found.update(zip(some.tolist(), _fit_alike(design, y[some], pattern, exhaustive), strict=True))
    return [found[meter] for meter in range(y.shape[0])]


def fit_one(design: TemperatureDesign, y_per_day: ArrayLike, *, exhaustive: bool = False) -> ChangePointFit:
    """The best model of one meter, with or without the weekend term; `y_per_day` is (n_points,), NaN is missing.

    Raises InvalidInput with fewer than 4 points.
    """
    return fit_many(design, np.asarray(y_per_day, dtype=np.float64)[None, :], exhaustive=exhaustive)[0]


def _alike(used: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], Indices]]:
    """Each pattern of used points with the meters that have it."""
    groups: dict[bytes, list[int]] = {}
    for meter, row in enumerate(np.packbits(used, axis=1)):
        groups.setdefault(row.tobytes(), []).append(meter)
    return [(used[meters[0]], np.array(meters, dtype=np.intp)) for meters in groups.values()]


def _fit_alike(design: TemperatureDesign, y: Floats, used: NDArray[np.bool_], exhaustive: bool) -> list[ChangePointFit]:
    """The better of the models without and with a weekend term, of meters with the same points."""
    plain = _Search(design, _points(design, y, used, np.ones((design.n_points, 1))), exhaustive)
    weekend = design.weekend
    if weekend is None or min(int((used & weekend).sum()), int((used & ~weekend).sum())) < 2:
        return [plain.describe(meter) for meter in range(y.shape[0])]
    groups = np.stack([~weekend, weekend], axis=1).astype(np.float64)
    split = _Search(design, _points(design, y, used, groups), exhaustive)
    return [_better(plain, split, meter) for meter in range(y.shape[0])]


def _better(plain: _Search, split: _Search, meter: int) -> ChangePointFit:
    gain = float(split.adjusted_r2[meter] - plain.adjusted_r2[meter])
    if abs(gain) > CLOSE:
        return (split if gain > 0 else plain).describe(meter)
    one, other = plain.describe(meter), split.describe(meter)  # residuals settle what normal equations cannot
    return other if other.adjusted_r2 > one.adjusted_r2 else one


def _points(design: TemperatureDesign, y: Floats, used: NDArray[np.bool_], groups: Floats) -> Points:
    days = design.weights[used]
    return Points(design.heating[used], design.cooling[used], y[:, used].T, days / days.mean(), groups[used], days)


class _Search:
    """The best candidate of each meter, all on the same points."""

    def __init__(self, design: TemperatureDesign, points: Points, exhaustive: bool) -> None:
        self._design, self._points, self._sst = design, points, points.sst()
        n_balance = design.balance_f.size
        step = 1 if exhaustive or n_balance <= 4 * COARSE else COARSE
        found = solve(points, *grid(np.arange(0, n_balance, step, dtype=np.intp)))
        best = found.of(self._winner(found))
        if step > 1:
            around = near(best.heating_index[0], best.cooling_index[0], n_balance, step)
            found = solve(points, *around)
            best = found.of(self._winner(found))
        self._best = best
        self.adjusted_r2 = self._adjusted(best)[0]

    def _adjusted(self, found: Candidates) -> Floats:
        n, sst = self._points.y.shape[0], np.where(self._sst > 0, self._sst, 1.0)
        adjusted: Floats = 1.0 - (found.sse / np.maximum(found.degrees_of_freedom, 1.0)) / (sst / (n - 1))
        return adjusted

    def _winner(self, found: Candidates) -> Indices:
        """The best eligible candidate; the intercept where y is constant: nothing is left to explain."""
        best = np.argmax(np.where(found.eligible, self._adjusted(found), -np.inf), axis=0)
        return np.where(self._sst > 0, best, 0)

    def describe(self, meter: int) -> ChangePointFit:
        """The fit of one meter, its residuals computed from the points."""
        return _describe(self._design, self._points, self._best, meter, float(self._sst[meter]))


def _describe(design: TemperatureDesign, points: Points, best: Candidates, meter: int, sst: float) -> ChangePointFit:
    y, h, c = points.y[:, meter], int(best.heating_index[0, meter]), int(best.cooling_index[0, meter])
    beta_h, beta_c = float(best.heating_beta[0, meter]), float(best.cooling_beta[0, meter])
    slopes = beta_h * points.heating[:, h] * (h >= 0) + beta_c * points.cooling[:, c] * (c >= 0)
    intercepts = (points.groups.T @ (points.w * (y - slopes))) / (points.groups.T @ points.w)
    residual = y - slopes - points.groups @ intercepts
    degrees = float(best.degrees_of_freedom[0, meter])
    sse, n, mean = float(points.w @ residual**2), y.size, float(np.average(y, weights=points.w))
    r2 = 1.0 - sse / sst if sst > 0 else 0.0
    return ChangePointFit(
        kind=_kind(h, c),
        base_per_day=float(intercepts[0]),
        weekend_per_day=float(intercepts[-1] - intercepts[0]),
        heating_per_day_f=beta_h,
        cooling_per_day_f=beta_c,
        heating_balance_f=float(design.balance_f[h]) if h >= 0 else None,
        cooling_balance_f=float(design.balance_f[c]) if c >= 0 else None,
        r2=r2,
        adjusted_r2=1.0 - (1.0 - r2) * (n - 1) / degrees,
        cv_rmse=float(np.sqrt(sse / degrees)) / mean if mean else float("nan"),
        nmbe=float(points.w @ residual) / (degrees * mean) if mean else float("nan"),
        autocorrelation=lag1_autocorrelation(residual),
        n=n,
        n_parameters=n - int(degrees),
        p_values=(
            _p_value(float(best.t_heating[0, meter]), degrees, h),
            _p_value(float(best.t_cooling[0, meter]), degrees, c),
        ),
    )


def _kind(heating: int, cooling: int) -> ModelKind:
    """The kind from the indices of the two balance points; negative is absent."""
    if heating >= 0 and cooling >= 0:
        return ModelKind.HEATING_COOLING_ONE_BALANCE if heating == cooling else ModelKind.HEATING_COOLING
    if heating >= 0:
        return ModelKind.HEATING
    return ModelKind.COOLING if cooling >= 0 else ModelKind.INTERCEPT_ONLY


def _p_value(t: float, degrees_of_freedom: float, index: int) -> float | None:
    return None if index < 0 else float(2.0 * special.stdtr(degrees_of_freedom, -abs(t)))
