"""Change-point models of energy against outside temperature (PRISM, CalTRACK; domain.md 4.3).

y per day = μ [+ weekend] + β_h·HDD(b_h) + β_c·CDD(b_c), b_h <= b_c. All pairs of balance points of a 3 °F grid are
solved, then all 0.5 °F ones around the best; `exhaustive` solves all 0.5 °F pairs instead. Degree days of all balance
points are made once per station (`TemperatureDesign`) and shared by its meters; a meter costs two Gram matrices and
closed-form solves.

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
from redaptive.domain.quality.model_fit import lag1_autocorrelation
from redaptive.errors import InvalidInput

Floats = NDArray[np.float64]
GRID_F: Final[Floats] = np.arange(30.0, 90.5, 0.5)
MAX_P_VALUE: Final = 0.1
MIN_DEGREE_DAYS: Final = 20.0
MIN_NONZERO_DAYS: Final = 10.0
MIN_POINTS: Final = 4
COARSE: Final = 6
ROUNDING: Final = 1e-12


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


@dataclass(frozen=True)
class _Candidates:
    """Least squares of all candidates at once; arrays (n_candidates,). Index -1 means that the term is absent."""

    heating_index: NDArray[np.intp]
    cooling_index: NDArray[np.intp]
    heating_beta: Floats
    cooling_beta: Floats
    sse: Floats
    t_heating: Floats
    t_cooling: Floats
    degrees_of_freedom: Floats

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Each term present has β > 0 and p < 0.1."""
        limit = special.stdtrit(np.maximum(self.degrees_of_freedom, 1.0), 1.0 - MAX_P_VALUE / 2.0)
        heating = (self.heating_index < 0) | (self.t_heating > limit)
        cooling = (self.cooling_index < 0) | (self.t_cooling > limit)
        return heating & cooling & (self.degrees_of_freedom >= 1)


@dataclass(frozen=True)
class _Points:
    """The points of one meter: degree days (n, n_balance), `groups` (n, n_groups) of 0 and 1."""

    heating: Floats
    cooling: Floats
    y: Floats
    w: Floats
    groups: Floats
    days: Floats


def design_daily(
    daily_mean_f: ArrayLike, *, weekend: NDArray[np.bool_] | None = None, balance_f: Floats = GRID_F
) -> TemperatureDesign:
    """The design of daily data of one station: a day is a point; days without temperature weigh 0."""
    temperature = np.asarray(daily_mean_f, dtype=np.float64)
    known = np.isfinite(temperature)
    filled = np.where(known, temperature, 65.0)[:, None]
    heating, cooling = np.maximum(0.0, balance_f - filled), np.maximum(0.0, filled - balance_f)
    return TemperatureDesign(balance_f, heating, cooling, known.astype(np.float64), weekend)


def fit_many(design: TemperatureDesign, y_per_day: ArrayLike) -> list[ChangePointFit]:
    """The best model of each meter of a station; `y_per_day` is (n_meters, n_points), NaN is missing."""
    return [fit_one(design, row) for row in np.atleast_2d(np.asarray(y_per_day, dtype=np.float64))]


def fit_one(design: TemperatureDesign, y_per_day: ArrayLike, *, exhaustive: bool = False) -> ChangePointFit:
    """The best model of one meter, with or without the weekend term; `y_per_day` is (n_points,), NaN is missing.

    Raises InvalidInput with fewer than 4 points.
    """
    y = np.asarray(y_per_day, dtype=np.float64)
    used = np.isfinite(y) & (design.weights > 0)
    if int(used.sum()) < MIN_POINTS:
        raise InvalidInput(f"{int(used.sum())} points with energy and temperature are too few.", field="y_per_day")
    plain = _best(design, _points(design, y, used, np.ones((design.n_points, 1))), exhaustive)
    weekend = design.weekend
    if weekend is None or min(int((used & weekend).sum()), int((used & ~weekend).sum())) < 2:
        return plain
    split = _best(
        design, _points(design, y, used, np.stack([~weekend, weekend], axis=1).astype(np.float64)), exhaustive
    )
    return split if split.adjusted_r2 > plain.adjusted_r2 else plain


def _points(design: TemperatureDesign, y: Floats, used: NDArray[np.bool_], groups: Floats) -> _Points:
    days = design.weights[used]
    return _Points(design.heating[used], design.cooling[used], y[used], days / days.mean(), groups[used], days)


def _best(design: TemperatureDesign, points: _Points, exhaustive: bool) -> ChangePointFit:
    n_balance = design.balance_f.size
    step = 1 if exhaustive or n_balance <= 4 * COARSE else COARSE
    grid = np.arange(0, n_balance, step, dtype=np.intp)
    mean = float(np.average(points.y, weights=points.w))
    sst = float(points.w @ (points.y - mean) ** 2)
    found = _solve(points, grid, grid)
    if sst <= 1e-18 * points.y.size * mean**2:  # constant to rounding: nothing for temperature to explain
        return _describe(design, points, found, 0, sst)
    winner = _winner(found, sst, points.y.size)
    if step > 1:
        near = [_near(int(i), n_balance, step) for i in (found.heating_index[winner], found.cooling_index[winner])]
        found = _solve(points, near[0], near[1])
        winner = _winner(found, sst, points.y.size)
    return _describe(design, points, found, winner, sst)


def _near(index: int, n_balance: int, step: int) -> NDArray[np.intp]:
    """The balance points around `index`; none where the term is absent."""
    if index < 0:
        return np.empty(0, dtype=np.intp)
    return np.arange(max(0, index - step), min(n_balance, index + step + 1), dtype=np.intp)


def _winner(found: _Candidates, sst: float, n: int) -> int:
    adjusted = 1.0 - (found.sse / np.maximum(found.degrees_of_freedom, 1.0)) / (sst / (n - 1))
    return int(np.argmax(np.where(found.eligible, adjusted, -np.inf)))


def _centred(points: _Points, x: Floats) -> Floats:
    """`x` less its weighted mean within each group: the intercepts leave the normal equations (Frisch-Waugh)."""
    means = (points.groups.T @ (points.w[:, None] * x)) / (points.groups.T @ points.w)[:, None]
    centred: Floats = x - points.groups @ means
    return centred


def _solve(points: _Points, h: NDArray[np.intp], c: NDArray[np.intp]) -> _Candidates:
    """Intercept first, then each single term, then each pair b_h <= b_c of balance indices, from one Gram matrix."""
    raw = np.hstack([points.heating[:, h], points.cooling[:, c]])
    root = np.sqrt(points.w)[:, None]
    x = _centred(points, raw) * root
    y = (_centred(points, points.y[:, None]) * root)[:, 0]
    # einsum, not matmul: for matrices this small the start of BLAS threads costs five times the product.
    gram, cross, total = np.einsum("ni,nj->ij", x, x), np.einsum("ni,n->i", x, y), float(y @ y)
    usable = (points.days @ (raw > 0) >= MIN_NONZERO_DAYS) & (points.days @ raw >= MIN_DEGREE_DAYS)
    usable &= np.diag(gram) > 0
    singles = np.flatnonzero(usable)
    is_heating = singles < h.size
    rows, columns = np.nonzero((h[:, None] <= c) & usable[: h.size, None] & usable[None, h.size :])
    first = np.concatenate([[-1], np.where(is_heating, singles, -1), rows])
    second = np.concatenate([[-1], np.where(is_heating, -1, singles), columns + h.size])
    solved = _least_squares(gram, cross, total, first, second)
    index = np.concatenate([h, c, [-1]])
    free = float(points.y.size - points.groups.shape[1])
    return _judged(solved, index[first], index[second], free)


def _least_squares(
    gram: Floats, cross: Floats, total: float, h: NDArray[np.intp], c: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """β_h, β_c, SSE and the variance factors of both β's by 2 x 2 solves; column -1 is an absent term (β = 0).

    SSE has a floor at rounding, so that of two exact fits the one with fewer terms wins. SSE is inf where the two
    columns cannot be told apart.
    """
    n = cross.size
    padded, right = np.zeros((n + 1, n + 1)), np.zeros(n + 1)
    padded[:n, :n], padded[n, n], right[:n] = gram, 1.0, cross
    s_hh, s_cc, s_hc = padded[h, h], padded[c, c], np.where((h < 0) | (c < 0), 0.0, padded[h, c])
    g_h, g_c, det = right[h], right[c], s_hh * s_cc - s_hc**2
    sound = det > 1e-9 * s_hh * s_cc
    det = np.where(sound, det, 1.0)
    beta_h, beta_c = (g_h * s_cc - g_c * s_hc) / det, (g_c * s_hh - g_h * s_hc) / det
    sse = np.where(sound, np.maximum(ROUNDING * total, total - beta_h * g_h - beta_c * g_c), np.inf)
    return beta_h, beta_c, sse, s_cc / det, s_hh / det


def _judged(
    solved: tuple[Floats, Floats, Floats, Floats, Floats], h: NDArray[np.intp], c: NDArray[np.intp], free: float
) -> _Candidates:
    beta_h, beta_c, sse, factor_h, factor_c = solved
    degrees = np.asarray(free - (h >= 0) - (c >= 0), dtype=np.float64)
    variance = np.maximum(sse / np.maximum(degrees, 1.0), 1e-200)
    t_h, t_c = beta_h / np.sqrt(variance * factor_h), beta_c / np.sqrt(variance * factor_c)
    return _Candidates(h, c, beta_h, beta_c, sse, t_h, t_c, degrees)


def _describe(
    design: TemperatureDesign, points: _Points, found: _Candidates, winner: int, sst: float
) -> ChangePointFit:
    h, c = int(found.heating_index[winner]), int(found.cooling_index[winner])
    beta_h, beta_c = float(found.heating_beta[winner]), float(found.cooling_beta[winner])
    slopes = beta_h * points.heating[:, h] * (h >= 0) + beta_c * points.cooling[:, c] * (c >= 0)
    intercepts = (points.groups.T @ (points.w * (points.y - slopes))) / (points.groups.T @ points.w)
    residual = points.y - slopes - points.groups @ intercepts
    degrees = float(found.degrees_of_freedom[winner])
    sse, n, mean = float(points.w @ residual**2), points.y.size, float(np.average(points.y, weights=points.w))
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
        p_values=(_p_value(found.t_heating[winner], degrees, h), _p_value(found.t_cooling[winner], degrees, c)),
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
