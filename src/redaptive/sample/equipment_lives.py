"""Simulated units that age and fail: yearly snapshots with what happened in the twelve months after. Seeded.

The hazard is Weibull in effective age, times what faults, wear and starts add, and a part that no feature shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MEDIAN_Y, SHAPE = 15.0, 3.0


@dataclass(frozen=True)
class UnitYears:
    """One row per unit and year in which it still worked at the beginning.

    `x` has the columns age over median life, duty, fault hours of the last year, degradation in % a year, starts a
    day, repairs of three years; `age_y` the true age; `failed` whether it failed within the year.
    """

    unit: Ints
    year: Ints
    x: Floats
    age_y: Floats
    duty: Floats
    failed: Bools


def simulate_lives(seed: int, *, units: int = 1_500, years: int = 8) -> UnitYears:
    """Unit-years of a fleet of mixed age."""
    rng = np.random.default_rng((seed, 0x11FE))
    age = rng.uniform(0.0, 18.0, units)
    duty, starts = rng.uniform(0.5, 1.5, units), rng.gamma(4.0, 1.5, units)
    frailty = rng.normal(0.0, 0.4, units)
    repairs, alive = np.zeros((units, 3)), np.ones(units, bool)
    eta = MEDIAN_Y / np.log(2.0) ** (1.0 / SHAPE)
    rows: list[tuple[Ints, Ints, Floats, Floats, Floats, Bools]] = []
    for year in range(years):
        fault_hours = rng.gamma(0.6, 250.0 * (0.4 + age / MEDIAN_Y), units)
        wear = rng.normal(1.0 + 0.12 * age, 0.8, units)
        shown = wear + rng.normal(0.0, 0.8, units)
        base = ((age * duty + duty) / eta) ** SHAPE - (age * duty / eta) ** SHAPE
        extra = 0.0011 * fault_hours + 0.28 * (wear - 2.0) + 0.08 * (starts - 6.0) + 0.35 * repairs.sum(axis=1)
        hazard = base * np.exp(extra + frailty - 0.9)
        failed = alive & (rng.random(units) < -np.expm1(-hazard))
        x = np.column_stack((age / MEDIAN_Y, duty, fault_hours, shown, starts, repairs.sum(axis=1)))
        keep = np.flatnonzero(alive)
        rows.append((keep, np.full(keep.size, year), x[keep], age[keep], duty[keep], failed[keep]))
        repairs = np.column_stack((repairs[:, 1:], rng.poisson(0.15 + 0.002 * fault_hours)))
        alive &= ~failed
        age = age + 1.0
    unit, when, x, ages, duties, outcome = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return UnitYears(unit, when, x, ages, duties, outcome)
