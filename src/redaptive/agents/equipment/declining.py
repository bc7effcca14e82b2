"""Efficiency by day out of a trend, and its decline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from redaptive.agents.equipment.results import CusumPoint, DegradationTrend
from redaptive.domain.equipment.chiller import GPM_F_PER_TON
from redaptive.domain.equipment.degradation import degradation
from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.trend import Bools, Trend
from redaptive.errors import InvalidInput

DAY_S: Final = 86_400
LEAST_HOURS: Final = 2.0
LEAST_TONS_SHARE: Final = 0.15
"""Rows below this share of the largest load are starts and stops."""


@dataclass(frozen=True)
class Daily:
    """Means of the days on which the equipment ran: days since 1970, efficiency, load, weather (None unknown)."""

    quantity: str
    day: Floats
    y: Floats
    load: Floats
    weather: Floats | None


def decline(trend: Trend) -> DegradationTrend:
    """The change of efficiency at equal load and weather.

    :raises InvalidInput: naming the points that are missing, or saying that there are too few days.
    """
    daily = _daily(trend)
    found = degradation(daily.day, daily.y, daily.load, daily.weather)
    days = [datetime.fromtimestamp(float(day) * DAY_S, UTC).date() for day in daily.day]
    return DegradationTrend(
        equipment_id=trend.equipment_id,
        quantity=daily.quantity,
        change_pct_per_y=found.change_pct_per_y,
        low_pct_per_y=found.low_pct_per_y,
        high_pct_per_y=found.high_pct_per_y,
        significant=found.significant,
        alarm_on=None if found.alarm_index is None else days[found.alarm_index],
        cusum=tuple(CusumPoint(day, round(float(value), 4)) for day, value in zip(days, found.cusum, strict=True)),
        r2=found.r2,
        samples=found.samples,
    )


def _daily(trend: Trend) -> Daily:
    x = trend.columns
    weather = x.get("wet_bulb", x.get("oat"))
    if {"power", "flow", "chws", "chwr"} <= x.keys():
        tons = x["flow"] * (x["chwr"] - x["chws"]) / GPM_F_PER_TON
        runs = (tons > LEAST_TONS_SHARE * np.nanmax(tons, initial=0.0)) & (tons > 0.0) & (x["power"] > 0.0)
        return _by_day(trend, "kW/ton", x["power"], tons, runs, weather)
    if "power" in x and weather is not None:
        runs = x["power"] > LEAST_TONS_SHARE * np.nanmax(x["power"], initial=0.0)
        return _by_day(trend, "kW", x["power"], None, runs, weather)
    missing = [name for name in ("power", "flow", "chws", "chwr") if name not in x]
    raise InvalidInput(
        f"Efficiency needs power and either flow, chws and chwr or oat; missing: {', '.join(missing)}.",
        field=f"points.{missing[0]}",
        fix="Load or give these points.",
    )


def _by_day(
    trend: Trend, quantity: str, power: Floats, tons: Floats | None, runs: Bools, weather: Floats | None
) -> Daily:
    """Sums of each day's running rows, so that kW/ton of a day is its energy over its cooling."""
    known = runs & np.isfinite(power) & (True if weather is None else np.isfinite(weather))
    number = (trend.start_s + trend.step_s * np.arange(trend.rows)) // DAY_S
    first = int(number[0])
    count = np.bincount(number[known] - first, minlength=1)
    days = np.flatnonzero(count * trend.step_s >= LEAST_HOURS * 3600.0)

    def mean(values: Floats) -> Floats:
        return np.bincount(number[known] - first, values[known], count.size)[days] / count[days]

    if tons is None:
        load = mean(weather) if weather is not None else np.zeros(days.size)
        return Daily(quantity, (days + first).astype(np.float64), mean(power), load, None)
    wet = None if weather is None else mean(weather)
    cooling = mean(tons)
    return Daily(quantity, (days + first).astype(np.float64), mean(power) / cooling, cooling, wet)
