"""Weather against its normals, published formulas and remembered degree days."""

from __future__ import annotations

from datetime import date
from math import erf, exp, pi, sqrt

import numpy as np
import pytest

from redaptive.errors import InvalidInput, NotFound
from redaptive.sample.cities import CITIES, City
from redaptive.sample.portfolio import build_portfolio
from redaptive.sample.weather import (
    anomaly_sd_f,
    clear_sky_w_m2,
    daily_mean_f,
    hourly_weather,
    seasonal_curve,
    wet_bulb_c,
)
from redaptive.sample.weather_hours import weather_hours

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
FIRST_DAY = 7305  # 1990-01-01
N_YEARS = 60
CITY_IDS = [city.key for city in CITIES]


@pytest.mark.parametrize("city", CITIES, ids=CITY_IDS)
def test_the_spline_preserves_the_monthly_means(city: City) -> None:
    curve, start = seasonal_curve(city.normals_f), 0
    for month, days in enumerate(DAYS):
        fine = curve(np.linspace(start, start + days, 2001))
        assert np.trapezoid(fine, dx=1 / 2000) == pytest.approx(city.normals_f[month], abs=1e-3)
        start += days


def _degree_days(city: City, cooling: bool) -> float:
    """Schoenau and Kehrig (1990), as in ASHRAE Fundamentals: from monthly mean and standard deviation, base 65 F.

    Here for each day of the seasonal curve; z F(z) + f(z) with F and f of the standard normal.
    """
    total = 0.0
    for day in range(365):
        mean = float(seasonal_curve(city.normals_f)(day + 0.5))
        sd = float(anomaly_sd_f(city, np.array(day + 0.5)))
        z = (mean - 65) / sd if cooling else (65 - mean) / sd
        total += sd * (z * 0.5 * (1 + erf(z / sqrt(2))) + exp(-z * z / 2) / sqrt(2 * pi))
    return total


@pytest.mark.parametrize("number", range(12), ids=CITY_IDS)
def test_degree_days_follow_from_the_normals_within_five_per_cent(number: int) -> None:
    daily = daily_mean_f(1, number, FIRST_DAY, round(365.25 * N_YEARS))
    heating, cooling = np.maximum(0, 65 - daily).sum() / N_YEARS, np.maximum(0, daily - 65).sum() / N_YEARS
    # 30 F-days where the figure itself is small: the mean of 60 years is not yet exact.
    assert heating == pytest.approx(_degree_days(CITIES[number], cooling=False), rel=0.05, abs=30)
    assert cooling == pytest.approx(_degree_days(CITIES[number], cooling=True), rel=0.05, abs=30)


@pytest.mark.parametrize("number", range(12), ids=CITY_IDS)
def test_degree_days_are_near_the_remembered_normals(number: int) -> None:
    # NOAA 1991-2020 normals, from memory, unchecked, hence 10 % or 250 F-days.
    city, daily = CITIES[number], daily_mean_f(1, number, FIRST_DAY, round(365.25 * N_YEARS))
    assert np.maximum(0, 65 - daily).sum() / N_YEARS == pytest.approx(city.hdd65_f, rel=0.10, abs=250)
    assert np.maximum(0, daily - 65).sum() / N_YEARS == pytest.approx(city.cdd65_f, rel=0.10, abs=250)


def test_anomalies_persist_from_day_to_day() -> None:
    days = np.arange(FIRST_DAY, FIRST_DAY + 20_000)
    year_day = (days + 0.5) % 365.2425 / 365.2425 * 365
    z = (daily_mean_f(1, 0, FIRST_DAY, 20_000) - seasonal_curve(CITIES[0].normals_f)(year_day)) / anomaly_sd_f(
        CITIES[0], year_day
    )
    assert z.std() == pytest.approx(1.0, abs=0.03)
    assert np.corrcoef(z[:-1], z[1:])[0, 1] == pytest.approx(0.7, abs=0.02)


def test_the_day_is_warmest_at_three_in_the_afternoon() -> None:
    weather = hourly_weather(1, 0, FIRST_DAY * 24 + 6, 24 * 2000)  # Chicago's standard time is UTC-6
    by_hour = weather.air_temperature_c.reshape(-1, 24).mean(axis=0)
    assert by_hour.argmax() in (14, 15)
    assert (by_hour.max() - by_hour.min()) * 1.8 == pytest.approx(CITIES[0].diurnal_range_f, rel=0.03)
    assert ((weather.relative_humidity_pct >= 5) & (weather.relative_humidity_pct <= 100)).all()


def test_wet_bulb_is_stulls_worked_value() -> None:
    # Stull (2011), Journal of Applied Meteorology and Climatology 50: 20 C and 50 % give 13.7 C.
    assert float(wet_bulb_c(np.array(20.0), np.array(50.0))) == pytest.approx(13.7, abs=0.05)


def test_clear_sky_at_equinox_noon_is_haurwitz_formula() -> None:
    # 2024-03-20, near the equinox: the zenith at solar noon is the latitude.
    city = CITIES[0]
    hours = np.arange(19_802 * 24, 19_803 * 24)
    cosine = np.cos(np.radians(city.latitude_deg))
    sun = clear_sky_w_m2(city, hours)
    assert sun.max() == pytest.approx(1098 * cosine * np.exp(-0.059 / cosine), rel=0.02)
    # Twelve hours of daylight, up to the hour.
    assert 11 <= (sun > 5).sum() <= 13


def test_a_window_of_weather_is_the_same_as_in_a_longer_one() -> None:
    long, short = hourly_weather(1, 3, 480_000, 2_000), hourly_weather(1, 3, 480_777, 500)
    for name in ("air_temperature_c", "relative_humidity_pct", "global_irradiance_w_m2"):
        assert np.array_equal(getattr(long, name)[777:1277], getattr(short, name))


def test_the_frame_has_every_hour_of_the_local_days_and_refuses_the_rest() -> None:
    portfolio = build_portfolio("demo")
    frame = weather_hours(portfolio, "KORD", date(2025, 3, 9), date(2025, 3, 10))
    assert frame.height == 23
    assert frame.null_count().sum_horizontal().item() == 0
    assert str(frame["ts"][0]) == "2025-03-09 06:00:00+00:00"
    with pytest.raises(NotFound, match="XXXX"):
        weather_hours(portfolio, "XXXX", date(2025, 1, 1), date(2025, 1, 2))
    with pytest.raises(InvalidInput, match="No weather"):
        weather_hours(portfolio, "KORD", date(2020, 1, 1), date(2020, 1, 2))
