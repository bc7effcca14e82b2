"""Seeded hourly weather and meters of tests: schedules, weather response, noise with memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import SiteHours, site_hours

F64 = npt.NDArray[np.float64]
START_S = 1_514_764_800  # 2018-01-01T00:00Z, a Monday


def weather(n: int, seed: int = 0) -> F64:
    """Hourly °C with a year, a day and fronts that last days."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    fronts = ar1(rng, 1, n, 0.98, 3.0)[0]
    yearly = 10.0 * np.sin(2 * np.pi * (t - 2_600) / 8_766)
    return 11.0 + yearly + 4.0 * np.sin(2 * np.pi * (t - 9) / 24) + fronts


def ar1(rng: np.random.Generator, meters: int, n: int, rho: float, spread: float) -> F64:
    """Noise (meters, n) of standard deviation `spread` whose neighbours correlate by `rho`."""
    steps = rng.normal(0.0, spread * np.sqrt(1 - rho**2), (meters, n))
    out = np.empty((meters, n))
    out[:, 0] = rng.normal(0.0, spread, meters)
    for i in range(1, n):
        out[:, i] = rho * out[:, i - 1] + steps[:, i]
    return out


def site(n: int = 8_760, seed: int = 0, start_s: int = START_S) -> SiteHours:
    """A site in London with seeded weather."""
    return site_hours(start_s, weather(n, seed), "Europe/London")


def meters(hours: SiteHours, count: int, seed: int = 1, noise: float = 0.08) -> F64:
    """Meters (count, n): a base, office hours, cooling when open, heating always; noise in shares of the mean."""
    rng = np.random.default_rng(seed)
    hour, day = hours.slot % 24, hours.slot // 24
    busy = ((hour >= 8) & (hour < 18) & (day < 5)).astype(np.float64)
    warm, cold = np.maximum(0, hours.temperature_c - 15), np.maximum(0, 12 - hours.temperature_c)
    base, open_kwh, cooling, heating = (rng.uniform(low, high, (count, 1)) for low, high in
                                        ((20, 60), (10, 80), (0.2, 3), (0.1, 1.5)))  # fmt: skip
    y = base + open_kwh * busy + cooling * warm * busy + heating * cold
    return np.asarray(y * (1 + ar1(rng, count, hours.n, 0.8, noise)))
