"""How temperature enters the hourly baseline: piecewise linear, plus what the building remembers of recent days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from redaptive.domain.baseline.hours import F64, SiteHours
from redaptive.errors import InvalidInput

SEGMENTS: Final = 6
BASIS: Final = SEGMENTS + 2


@dataclass(frozen=True)
class WeatherBasis:
    """Knots in °C and the mean and spread of each column in the fit period; they belong to the model.

    Columns: six segments of the temperature that sum to it (LBNL-4944E), the means of the last 24 and 168 hours.
    `knots` (5,), `mean` (8,), `spread` (8,) float64 °C.
    """

    knots: F64
    mean: F64
    spread: F64

    def columns(self, hours: SiteHours) -> F64:
        """(n, 8) standardised columns; NaN where the weather is unknown."""
        raw = _raw(hours, self.knots)
        return (raw - self.mean) / self.spread


def weather_basis(hours: SiteHours) -> WeatherBasis:
    """The basis of a fit period: knots evenly between the 1st and 99th percentile of its temperatures.

    :raises InvalidInput: less than a day of known temperatures, or a constant one.
    """
    known = hours.temperature_c[hours.weather_known]
    if known.size < 24 or float(np.ptp(known)) <= 0:
        raise InvalidInput(
            f"All {known.size:,} known temperatures of the fit period are the same: that is no weather."
            if known.size >= 24
            else f"Only {known.size} hours of the fit period have a temperature.",
            field="weather",
            fix="Give hourly temperatures of the fit period.",
        )
    low, high = np.percentile(known, [1, 99])
    if high <= low:
        low, high = float(known.min()), float(known.max())
    knots = np.linspace(low, high, SEGMENTS + 1)[1:-1]
    raw = _raw(hours, knots)[hours.weather_known]
    spread = raw.std(axis=0)
    return WeatherBasis(knots, raw.mean(axis=0), np.where(spread > 0, spread, 1.0))


def _raw(hours: SiteHours, knots: F64) -> F64:
    t = hours.temperature_c
    inner = [np.clip(t - low, 0.0, high - low) for low, high in pairwise(knots)]
    segments = [np.minimum(t, knots[0]), *inner, np.maximum(t - knots[-1], 0.0)]
    return np.stack([*segments, hours.mean_24h_c, hours.mean_week_c], axis=1)
