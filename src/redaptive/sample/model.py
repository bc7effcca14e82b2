"""Hourly and quarter-hourly energy of a building's components before noise, calibrated to its yearly targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from redaptive.sample.building_types import TYPES, electricity_shares
from redaptive.sample.calendars import LocalCalendar, hour_of, local_calendar
from redaptive.sample.cities import CITIES
from redaptive.sample.profiles import profiles
from redaptive.sample.randomness import Floats
from redaptive.sample.specs import BuildingSpec, NonRoutineEvent, Project
from redaptive.sample.weather import HourlyWeather, hourly_weather

ELECTRIC = ("lighting", "plug", "hvac", "refrigeration", "process", "ev")
HOURS_PER_YEAR = 8766.0
DC_TO_AC = 0.80
"""Output of a solar array per irradiance relative to 1 kW/m2: inverter, wiring, soiling and tilt together."""


@dataclass(frozen=True)
class Term:
    """One summand of a component: amplitude (Wh or litres per hour) x profile x driver of temperature."""

    name: str
    component: str
    profile: str
    driver: str


TERMS = (
    Term("lighting", "lighting", "lighting", "none"),
    Term("plug", "plug", "plug", "none"),
    Term("fans", "hvac", "hvac", "none"),
    Term("cooling", "hvac", "hvac", "cooling"),
    Term("heating", "hvac", "heating", "heating"),
    Term("refrigeration", "refrigeration", "refrigeration", "condenser"),
    Term("process", "process", "process", "none"),
    Term("ev", "ev", "ev", "none"),
    Term("gas_heating", "gas", "heating", "heating"),
    Term("gas_hot_water", "gas", "water", "none"),
    Term("water", "water", "water", "tower"),
)


class Climate:
    """Weather and calendars over the whole horizon, each made once; `start` and `end` are the bounds of any window."""

    def __init__(self, seed: int, start: date, end: date) -> None:
        self.seed, self.start, self.end = seed, start, end
        self._weather: dict[int, HourlyWeather] = {}
        self._unit_sums: dict[tuple[object, ...], dict[str, float]] = {}

    def calendar(self, city: int) -> LocalCalendar:
        """Local calendar of a city."""
        return local_calendar(CITIES[city].timezone, self.start, self.end)

    def weather(self, city: int) -> HourlyWeather:
        """Weather of a city on the hours of its calendar."""
        if city not in self._weather:
            calendar = self.calendar(city)
            self._weather[city] = hourly_weather(self.seed, city, calendar.first_hour, len(calendar.slot))
        return self._weather[city]

    def temperature_c(self, city: int, first_hour: int, last_hour: int) -> Floats:
        """Air temperature of the UTC hours [first_hour, last_hour)."""
        weather = self.weather(city)
        return weather.air_temperature_c[first_hour - weather.first_hour : last_hour - weather.first_hour]

    def irradiance_w_m2(self, city: int, first_hour: int, last_hour: int) -> Floats:
        """Global irradiance of the UTC hours [first_hour, last_hour)."""
        weather = self.weather(city)
        return weather.global_irradiance_w_m2[first_hour - weather.first_hour : last_hour - weather.first_hour]

    def unit_sums(self, spec: BuildingSpec, years: tuple[date, date]) -> dict[str, float]:
        """Sum per year of profile x driver of each term over the history: what one unit of amplitude uses."""
        key = (spec.type_key, spec.city, spec.variant, spec.cooling_base_c, spec.heating_base_c, years)
        if key not in self._unit_sums:
            zone = CITIES[spec.city].timezone
            first, last = hour_of(years[0], zone), hour_of(years[1], zone)
            slots = self.calendar(spec.city).slots(first, last)
            drivers = _drivers(spec, self.temperature_c(spec.city, first, last))
            tables = profiles(spec.type_key, spec.variant)
            scale = HOURS_PER_YEAR / (last - first)
            self._unit_sums[key] = {
                term.name: float((tables.at(term.profile, 1)[slots] * drivers[term.driver]).sum()) * scale
                for term in TERMS
            }
        return self._unit_sums[key]


def _drivers(spec: BuildingSpec, air_c: Floats) -> dict[str, Floats]:
    """Temperature drivers of the terms."""
    return {
        "none": np.ones_like(air_c),
        "cooling": np.maximum(0.0, air_c - spec.cooling_base_c),
        "heating": np.maximum(0.0, spec.heating_base_c - air_c),
        "condenser": 1 + 0.012 * np.maximum(0.0, air_c - 10.0),
        "tower": 1 + 0.03 * np.maximum(0.0, air_c - 18.0),
    }


def annual_wh(spec: BuildingSpec) -> dict[str, float]:
    """Target of each term in Wh (litres for water) per year."""
    shares = electricity_shares(TYPES[spec.type_key], CITIES[spec.city])
    rest = (1 - spec.ev_share) * spec.electricity_kwh_per_y * 1000
    targets = {name: share * rest for name, share in shares.items()}
    targets["ev"] = spec.ev_share * spec.electricity_kwh_per_y * 1000
    targets["gas_heating"] = spec.heating_kwh_per_y * 1000
    targets["gas_hot_water"] = spec.hot_water_kwh_per_y * 1000
    targets["water"] = spec.water_l_per_y
    return targets


class BuildingModel:
    """Evaluates the components of one building on any window of whole UTC hours."""

    def __init__(
        self,
        spec: BuildingSpec,
        climate: Climate,
        years: tuple[date, date],
        projects: tuple[Project, ...] = (),
        events: tuple[NonRoutineEvent, ...] = (),
    ) -> None:
        self.spec, self.climate = spec, climate
        self.projects, self.events = projects, events
        units = climate.unit_sums(spec, years)
        self.annual = annual_wh(spec)
        self._amplitude = {name: wh / units[name] if units[name] > 50 else 0.0 for name, wh in self.annual.items()}
        self._tables = profiles(spec.type_key, spec.variant)

    def slots(self, first_hour: int, last_hour: int) -> npt.NDArray[np.int64]:
        """Calendar slots of the window."""
        return self.climate.calendar(self.spec.city).slots(first_hour, last_hour)

    def temperature_c(self, first_hour: int, last_hour: int) -> Floats:
        """Air temperature of the window."""
        return self.climate.temperature_c(self.spec.city, first_hour, last_hour)

    def profile(self, name: str, first_hour: int, last_hour: int, quarters: int) -> Floats:
        """A use profile on the intervals of the window, `quarters` per hour."""
        slots = self.slots(first_hour, last_hour)
        if quarters == 4:
            slots = (slots[:, None] * 4 + np.arange(4)).ravel()
        return self._tables.at(name, quarters)[slots]

    def components(
        self, names: frozenset[str], first_hour: int, last_hour: int, quarters: int, *, changes: bool = True
    ) -> dict[str, Floats]:
        """Wh (litres) per interval of the named components; `changes=False` leaves out projects, not events."""
        drivers = _drivers(self.spec, self.temperature_c(first_hour, last_hour))
        result: dict[str, Floats] = {}
        for term in TERMS:
            amplitude = self._amplitude[term.name] / quarters
            if term.component not in names or amplitude == 0.0:
                continue
            part = amplitude * self.profile(term.profile, first_hour, last_hour, quarters)
            if term.driver != "none":
                part *= np.repeat(drivers[term.driver], quarters) if quarters > 1 else drivers[term.driver]
            result[term.component] = result[term.component] + part if term.component in result else part
        for name in result:
            factor = self._factor(name, first_hour, last_hour, changes)
            if factor is not None:
                result[name] = result[name] * np.repeat(factor, quarters)
        return result

    def solar_wh(self, first_hour: int, last_hour: int) -> npt.NDArray[np.int64]:
        """Wh generated per hour, limited by an inverter of 1/1.2 of the array."""
        sun = self.climate.irradiance_w_m2(self.spec.city, first_hour, last_hour)
        heat = 1 - 0.004 * np.maximum(0.0, self.temperature_c(first_hour, last_hour) + 0.03 * sun - 25)
        output = np.minimum(self.spec.pv_kwdc * sun * DC_TO_AC * heat, self.spec.pv_kwdc * 1000 / 1.2)
        return np.rint(output).astype(np.int64)

    def _factor(self, component: str, first_hour: int, last_hour: int, changes: bool) -> Floats | None:
        """Multiplier per hour from projects and events, None where there is none in the window."""
        zone, factor = CITIES[self.spec.city].timezone, None
        hours = np.arange(first_hour, last_hour)
        for project in self.projects if changes else ():
            start, end = hour_of(project.start, zone), hour_of(project.end, zone)
            if project.component == component and start < last_hour:
                saving = np.array(project.savings_by_hour)[self.slots(first_hour, last_hour) % 24]
                done = np.clip((hours - start) / (end - start), 0.0, 1.0)
                factor = (1 - saving * done) * (1.0 if factor is None else factor)
        for event in self.events if component != "water" else ():
            start, end = hour_of(event.start, zone), hour_of(event.end, zone)
            if start < last_hour and end > first_hour:
                within = np.where((hours >= start) & (hours < end), event.factor, 1.0)
                factor = within if factor is None else factor * within
        return factor
