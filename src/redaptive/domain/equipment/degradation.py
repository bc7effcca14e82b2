"""How fast equipment loses efficiency at equal load and weather, with an interval that knows about autocorrelation.

Regression on time beside load, its square and wet bulb, with AR(1) errors by iterated Prais-Winsten; the
autocorrelation is corrected for its small-sample bias. A CUSUM of the innovations dates the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.trend import Bools
from redaptive.errors import InvalidInput

MIN_DAYS: Final = 60
SLACK, ALARM = 0.5, 8.0
"""Of the CUSUM, in standard deviations; without a change it alarms about once in ten thousand days."""
YEAR: Final = 365.25
ROUNDS: Final = 6
LARGEST_RHO: Final = 0.95


@dataclass(frozen=True)
class Degradation:
    """Change in % of the level at the beginning, per year, with its 95 % interval.

    `cusum` has one value a day, in standard deviations; `alarm_index` is the first day above `ALARM`.
    """

    change_pct_per_y: float
    low_pct_per_y: float
    high_pct_per_y: float
    level: float
    rho: float
    r2: float
    samples: int
    cusum: Floats
    alarm_index: int | None

    @property
    def significant(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low_pct_per_y > 0.0 or self.high_pct_per_y < 0.0


def degradation(day: Floats, y: Floats, load: Floats, wet_bulb: Floats | None) -> Degradation:
    """The trend of daily values `y` (kW/ton or kWh): arrays of shape (n,), `day` in days, without NaN, ascending.

    :raises InvalidInput: fewer than `MIN_DAYS` days, or a load or a wet bulb that time explains wholly.
    """
    if day.size < MIN_DAYS:
        raise InvalidInput(
            f"A trend needs {MIN_DAYS} days with data; there are {day.size}.", field="period", fix="Give a longer one."
        )
    design = _design(day, load, wet_bulb)
    next_day = np.concatenate(([False], np.diff(day) <= 1.0))
    beta, rho, half, sigma = _fit(design, y, next_day)
    explained = design[:, :-1] @ beta[:-1]
    level = float(np.mean(explained))
    scale = 100.0 * YEAR / level
    slope = sorted((scale * (beta[-1] - half), scale * (beta[-1] + half)))
    residual = y - design @ beta
    r2 = 1.0 - float(residual @ residual) / float(((y - y.mean()) ** 2).sum())
    cusum = _cusum(y - explained, rho, sigma, next_day)
    above = np.flatnonzero(cusum > ALARM)
    return Degradation(
        float(scale * beta[-1]), float(slope[0]), float(slope[1]), level, rho, r2, day.size, cusum,
        int(above[0]) if above.size else None,
    )  # fmt: skip


def _design(day: Floats, load: Floats, wet_bulb: Floats | None) -> Floats:
    """Columns 1, load, load2, wet bulb, time since the first day; inputs centred, constant ones left out."""
    columns = [np.ones(day.size)]
    for values in (load, wet_bulb):
        if values is not None and np.ptp(values) > 1e-9:
            standard = (values - values.mean()) / values.std()
            columns.append(standard)
            if values is load:
                columns.append(standard**2 - 1.0)
    columns.append(day - day[0])
    design = np.column_stack(columns)
    if np.linalg.matrix_rank(design / np.abs(design).max(axis=0)) < design.shape[1]:
        raise InvalidInput(
            "Load or wet bulb changes with time in a straight line: the trend cannot be told from it.",
            field="period",
            fix="Give a period in which the load varies.",
        )
    return design


def _fit(design: Floats, y: Floats, next_day: Bools) -> tuple[Floats, float, float, float]:
    """(coefficients, rho, half width of the 95 % interval of the slope, standard deviation of the innovations)."""
    rho, n, k = 0.0, *design.shape
    for _ in range(ROUNDS):
        x, target = _whitened(design, rho, next_day), _whitened(y, rho, next_day)
        residual = y - design @ _solved(x, target)
        before = residual[np.flatnonzero(next_day) - 1]
        raw = float(residual[next_day] @ before / max(float(before @ before), 1e-300))
        rho = float(np.clip(raw + (2.0 + 4.0 * raw) / max(int(next_day.sum()), 1), 0.0, LARGEST_RHO))
    x, target = _whitened(design, rho, next_day), _whitened(y, rho, next_day)
    beta = _solved(x, target)
    rest = target - x @ beta
    variance = float(rest @ rest) / (n - k)
    error = float(np.sqrt(variance * np.linalg.inv(x.T @ x)[-1, -1]))
    return beta, rho, float(special.stdtrit(n - k, 0.975)) * error, float(np.sqrt(variance))


def _solved(x: Floats, target: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(x, target, rcond=None)[0], np.float64)


def _whitened(values: Floats, rho: float, next_day: Bools) -> Floats:
    """Values less rho times those of the day before; a day without one is scaled to the same variance."""
    shifted = np.concatenate((values[:1], values[:-1]))
    mask = next_day if values.ndim == 1 else next_day[:, None]
    return np.where(mask, values - rho * shifted, np.sqrt(1.0 - rho * rho) * values)


def _cusum(rest: Floats, rho: float, sigma: float, next_day: Bools) -> Floats:
    """Upper CUSUM of the innovations of what load and weather leave, against the first month."""
    centred = rest - np.mean(rest[: MIN_DAYS // 2])
    steps = _whitened(centred, rho, next_day) / max(sigma, 1e-300) - SLACK
    found, total = np.empty(rest.size), 0.0
    for i, step in enumerate(steps.tolist()):
        total = max(0.0, total + step)
        found[i] = total
    return found
