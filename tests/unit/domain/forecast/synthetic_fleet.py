"""Office meters whose loads follow the hour, the weekday, a slow level and the warmth of the day before; seeded."""

from __future__ import annotations

from datetime import date

import numpy as np

from redaptive.domain.forecast.fleet_days import fleet_days
from redaptive.domain.forecast.global_model import Fleet

HOLIDAYS = (date(2018, 1, 1), date(2018, 5, 28), date(2018, 7, 4), date(2018, 9, 3))
START_S = 1_514_764_800  # 2018-01-01T00:00Z, a Monday


def energy(n_meters: int = 10, n_days: int = 240, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """(meters, hours) kWh and (hours,) °C."""
    rng = np.random.default_rng(seed)
    hours = np.arange(24 * n_days)
    hour, weekday = hours % 24, hours // 24 % 7
    open_ = ((hour >= 7) & (hour < 19) & (weekday < 5)).astype(float)
    warm = 12 - 9 * np.cos(2 * np.pi * hours / 8760) + np.repeat(rng.normal(0, 2, n_days), 24)
    size = 10 ** rng.uniform(0.5, 2.5, (n_meters, 1))
    share = rng.uniform(0.3, 2.0, (n_meters, 1))
    level = np.repeat(np.cumsum(rng.normal(0, 0.03, (n_meters, n_days)), axis=1), 24, axis=1)
    noise = rng.normal(0, 0.05, (n_meters, 24 * n_days))
    load = (0.5 + share * open_ + 0.02 * np.roll(warm, 24)) * np.exp(np.clip(level, -1, 1) + noise)
    return size * load, warm


def fleet(n_meters: int = 10, n_days: int = 240, days_ahead: int = 0) -> Fleet:
    """Meters m0, m1, ... from 1 January 2018, UTC."""
    kwh, warm = energy(n_meters, n_days)
    names = tuple(f"m{i}" for i in range(n_meters))
    return Fleet(names, fleet_days(START_S, kwh, "UTC", HOLIDAYS, temperature_c=warm, days_ahead=days_ahead))
