"""Synthetic hourly weather of a city: normals by periodic spline, AR(1) daily anomalies, a daily cosine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.special import betaincinv

from redaptive.sample.cities import CITIES, City
from redaptive.sample.randomness import Floats, Purpose, ar1, integers16, lags

ANOMALY_PHI = 0.7
_MONTH_STARTS = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365], dtype=np.float64)


@dataclass(frozen=True)
class HourlyWeather:
    """Weather of consecutive UTC hours from `first_hour` (hours since 1970): arrays of shape (n_hours,)."""

    first_hour: int
    air_temperature_c: Floats
    relative_humidity_pct: Floats
    global_irradiance_w_m2: Floats


@lru_cache(maxsize=64)
def seasonal_curve(normals: tuple[float, ...]) -> CubicSpline:
    """Periodic spline over the day of the year (0-365) whose twelve monthly means are `normals`."""
    middles = (_MONTH_STARTS[:-1] + _MONTH_STARTS[1:]) / 2
    nodes = np.append(middles, middles[0] + 365)
    lengths = np.diff(_MONTH_STARTS)
    means = np.empty((12, 12))
    for column in range(12):
        values = np.append(np.eye(12)[column], np.eye(12)[column][0])
        spline = CubicSpline(nodes, values, bc_type="periodic")
        for row in range(12):
            means[row, column] = spline.integrate(_MONTH_STARTS[row], _MONTH_STARTS[row + 1]) / lengths[row]
    heights = np.linalg.solve(means, np.array(normals))
    return CubicSpline(nodes, np.append(heights, heights[0]), bc_type="periodic")


def anomaly_sd_f(city: City, day_of_year: Floats) -> Floats:
    """Standard deviation of the daily mean (F): largest in mid January, smallest in mid July."""
    swing = np.cos(2 * np.pi * (day_of_year - 15) / 365)
    return (city.winter_sd_f + city.summer_sd_f) / 2 + (city.winter_sd_f - city.summer_sd_f) / 2 * swing


def _day_of_year(days: npt.NDArray[np.int64]) -> Floats:
    """Day of the year in [0, 365) at noon of each day since 1970, by the mean year."""
    return np.asarray((days + 0.5) % 365.2425 / 365.2425 * 365.0, dtype=np.float64)


def daily_mean_f(seed: int, station: int, first_day: int, n_days: int) -> Floats:
    """Daily mean air temperature (F) of a city for days since 1970: normal plus AR(1) anomaly."""
    city, reach = CITIES[station], lags(ANOMALY_PHI) - 1
    day = _day_of_year(np.arange(first_day, first_day + n_days))
    noise = integers16(seed, Purpose.ANOMALY, station, first_day - reach, n_days + reach)
    return np.asarray(seasonal_curve(city.normals_f)(day) + anomaly_sd_f(city, day) * ar1(noise, ANOMALY_PHI))


def daily_clearness(seed: int, station: int, first_day: int, n_days: int) -> Floats:
    """Share of the clear-sky radiation that arrives each day, a beta variable around the city's mean."""
    uniform = integers16(seed, Purpose.CLEARNESS, station, first_day, n_days) / 65536.0 + 1 / 131072
    mean = CITIES[station].clearness
    return np.asarray(betaincinv(5 * mean, 5 * (1 - mean), uniform), dtype=np.float64)


def clear_sky_w_m2(city: City, hours: npt.NDArray[np.int64]) -> Floats:
    """Clear-sky global horizontal irradiance at mid hour: Haurwitz (1945), declination by Spencer (1971)."""
    solar = (hours + 0.5 + city.longitude_deg / 15) % 24
    angle = 2 * np.pi * _day_of_year((hours + city.utc_offset_h) // 24) / 365
    declination = (
        0.006918 - 0.399912 * np.cos(angle) + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2 * angle) + 0.000907 * np.sin(2 * angle)
    )  # fmt: skip
    latitude, hour_angle = np.radians(city.latitude_deg), (solar - 12) * np.pi / 12
    sine = np.sin(latitude) * np.sin(declination)
    cos_zenith = np.maximum(sine + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle), 1e-3)
    return np.asarray(1098.0 * cos_zenith * np.exp(-0.059 / cos_zenith))


def relative_humidity_pct(air_c: Floats, dew_point_c: Floats) -> Floats:
    """Relative humidity (%) by the Magnus formula with the constants of Alduchov and Eskridge (1996)."""

    def pressure(celsius: Floats) -> Floats:
        return np.asarray(np.exp(17.625 * celsius / (243.04 + celsius)))

    return np.clip(100 * pressure(dew_point_c) / pressure(air_c), 5.0, 100.0)


def wet_bulb_c(air_c: Floats, humidity_pct: Floats) -> Floats:
    """Wet-bulb temperature (C) at sea level by Stull (2011), valid for 5-99 % and -20-50 C."""
    return np.asarray(
        air_c * np.arctan(0.151977 * np.sqrt(humidity_pct + 8.313659))
        + np.arctan(air_c + humidity_pct)
        - np.arctan(humidity_pct - 1.676331)
        + 0.00391838 * humidity_pct**1.5 * np.arctan(0.023101 * humidity_pct)
        - 4.686035
    )


def hourly_weather(seed: int, station: int, first_hour: int, n_hours: int) -> HourlyWeather:
    """Weather of `n_hours` UTC hours of the city with number `station`, rounded to 0.1."""
    city = CITIES[station]
    hours = np.arange(first_hour, first_hour + n_hours)
    local = hours + city.utc_offset_h
    first_day = int(local[0] // 24)
    n_days = int(local[-1] // 24) - first_day + 1
    day = local // 24 - first_day
    clear = daily_clearness(seed, station, first_day, n_days)[day]
    mean_f = daily_mean_f(seed, station, first_day, n_days)[day]
    swing = city.diurnal_range_f / 2 * np.cos(2 * np.pi * (local % 24 + 0.5 - 15) / 24)
    air_c = np.round((mean_f + swing - 32) / 1.8, 1)
    dew_c = np.minimum((mean_f - city.dew_depression_f * (0.6 + 0.6 * clear) - 32) / 1.8, air_c)
    return HourlyWeather(
        first_hour,
        air_c,
        np.round(relative_humidity_pct(air_c, dew_c), 1),
        np.round(clear_sky_w_m2(city, hours) * clear, 1),
    )
