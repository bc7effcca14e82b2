"""Meters of simulated campuses in six climates: electricity, chilled water, steam, hot water and gas, with their lives.

The buildings are those of `rc_buildings.py` with plants of limited size: chilled water is locked out in the cold and
saturates at design, heating is set back at night, comes back with a boost and rests in summer. `lived` adds what real
meters show beside the weather: noise with memory, drift, steps, weeks of something else, spikes, gaps, zeros for gaps,
coarse registers. Nothing here knows the baseline's formulas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from scipy.signal import lfilter

from baselines import rc_buildings
from baselines.climates import CLIMATES, Climate, weather
from baselines.rc_buildings import F64, Buildings, Surroundings

YEARS = (2016, 2017)
PLACES = {
    "electricity": tuple(CLIMATES),
    "chilled water": ("phoenix", "orlando", "new york"),
    "steam": ("new york", "minneapolis"),
    "hot water": ("dublin", "minneapolis"),
    "gas": ("london", "new york"),
}
HEATING = ("steam", "hot water", "gas")
MEMORY_H = 168


@dataclass(frozen=True)
class Campus:
    """Meters (M, n) of a fuel in a climate, kWh of each hour of the local years 2016 (`fit`) and 2017 (`test`)."""

    place: str
    fuel: str
    fit: F64
    test: F64
    fit_s: np.ndarray
    test_s: np.ndarray
    fit_c: F64
    test_c: F64
    before_c: F64

    @property
    def climate(self) -> Climate:
        """The climate that its weather was drawn from."""
        return CLIMATES[self.place]

    @property
    def name(self) -> str:
        """Fuel and place in a word for files."""
        return f"{self.fuel}_{self.place}".replace(" ", "")


def campuses(count: int, seed: int) -> Iterator[Campus]:
    """Every fuel in its places, `count` meters each."""
    for place, climate in CLIMATES.items():
        around = weather(climate, YEARS, seed)
        made = rc_buildings.buildings(count, seed + sum(map(ord, place)))
        meters = simulate(made, around, seed + 1)
        zone = ZoneInfo(climate.zone)
        edges = np.searchsorted(
            around.start_s, [datetime(y, 1, 1, tzinfo=zone).timestamp() for y in (2016, 2017, 2018)]
        )
        fit, test = slice(edges[0], edges[1]), slice(edges[1], edges[2])
        for fuel, places in PLACES.items():
            if place not in places:
                continue
            kwh = lived(meters[fuel], seed + len(fuel) + len(place), electric=fuel == "electricity")
            before = around.celsius[fit.start - MEMORY_H : fit.start]
            parts = [value[..., part] for value in (kwh, around.start_s, around.celsius) for part in (fit, test)]
            yield Campus(place, fuel, *parts, before)


def simulate(made: Buildings, around: Surroundings, seed: int) -> dict[str, F64]:
    """(M, n) kWh of each fuel; M buildings that share the weather."""
    rng = np.random.default_rng(seed)
    each = (made.area_m2.size, 1)
    people = _people(made, around, rng)
    lamps = made.lamps[:, None] * np.clip(people * (1.15 - around.sun / 1_500), 0.08, 1)
    plugs = made.plugs[:, None] * (made.standby[:, None] + (1 - made.standby[:, None]) * people)
    heat, cool = _plant(made, around, people > 0.1, 0.9 * lamps + 0.8 * plugs + 6 * people, rng)
    chilled = _chilled_water(cool, made, around, people, rng)
    chiller = (
        (rng.random(each) < 0.75)
        * chilled
        / (made.cop[:, None] * np.clip(1.25 - 0.018 * (around.celsius - 15), 0.6, 1.3))
    )
    heat_pump = (rng.random(each) < 0.25) * heat / 2.8
    loss, day = rng.uniform(0, 2.5, each), around.start_s / 86_400 % 365.25
    on = np.where(rng.random(each) < 0.4, (day < 150) | (day > 265), True)
    taps = made.water[:, None] * (0.25 + people * rng.uniform(0.7, 1.3, people.shape))
    found = {
        "electricity": lamps + plugs + chiller + 1.5 * made.air_change[:, None] * (people > 0.1) + heat_pump,
        "chilled water": chilled,
        "steam": (heat * rng.uniform(1.05, 1.4, each) + loss) * on + taps,
        "hot water": heat * on + loss * (heat > 0),
        "gas": heat / (made.boiler[:, None] * (0.8 + 0.2 * np.minimum(1, heat / 27))) + taps / made.boiler[:, None],
    }
    return {fuel: made.area_m2[:, None] / 1_000 * value for fuel, value in found.items()}


def _people(made: Buildings, around: Surroundings, rng: np.random.Generator) -> F64:
    """(M, n) share of people: terms with emptier summers and turns of the year; a fifth is never empty."""
    each, day = (made.area_m2.size, 1), around.start_s / 86_400 % 365.25
    term = np.where((day > 130) & (day < 235), rng.uniform(0.3, 1.0, each), 1.0)
    term = term * np.where((day > 355) | (day < 8), rng.uniform(0.2, 0.9, each), 1.0)
    people = rc_buildings.occupancy(made, around, rng) * term
    return np.where(rng.random(each) < 0.2, 0.35 + 0.5 * people, people)


def _chilled_water(cool: F64, made: Buildings, around: Surroundings, people: F64, rng: np.random.Generator) -> F64:
    """Sensible and latent load, losses; plants as large as 96 to 100 % of the hours need, half are off in the cold."""
    each = (made.area_m2.size, 1)
    fresh = made.air_change[:, None] * np.where(people > 0.1, 1.0, rng.uniform(0.0, 0.5, each))
    damp = lfilter([1.0], [1.0, -0.97], rng.normal(0, 0.24, around.celsius.size))
    load = cool + fresh * np.maximum(0, 0.9 * (around.celsius - 14) + 2.5 * damp) * rng.uniform(0.2, 1.2, each)
    load += rng.uniform(0, 1.0, each) * (around.celsius > 8)
    largest = [np.quantile(row, share) for row, share in zip(load, rng.uniform(0.96, 1.0, each[0]), strict=True)]
    locked = (rng.random(each) < 0.5) & (around.celsius < rng.uniform(8, 14, each))
    return np.where(locked, 0.0, np.minimum(load, np.array(largest)[:, None]))


def _plant(
    made: Buildings, around: Surroundings, open_: np.ndarray, gain: F64, rng: np.random.Generator
) -> tuple[F64, F64]:
    """(M, n) W/m² of heating and cooling by plants of 25 to 80 W/m² that are set back at night."""
    count = made.area_m2.size
    sizes = rng.uniform(25, 80, count), rng.uniform(25, 80, count)
    return rc_buildings.thermostat(made, around, open_, gain, sizes, rng.uniform(0, 8, count))


def lived(kwh: F64, seed: int, *, electric: bool) -> F64:
    """What a meter would show: the load with noise, drift, breaks, spikes, gaps and the steps of its register."""
    rng = np.random.default_rng([seed, 77])
    count, n = kwh.shape
    y = kwh * np.maximum(
        0.05, 1 + _noise(0.85, (0.02, 0.10), kwh.shape, rng) + _noise(0.995, (0.01, 0.06), kwh.shape, rng)
    )
    y = y * (1 + rng.normal(0, 0.04, (count, 1)) * np.linspace(-1, 1, n))
    size = np.where(rng.random((count, 1)) < 0.3, rng.normal(0, 0.15, (count, 1)), 0.0)
    y = y * np.maximum(0.3, 1 + size * (np.arange(n) > rng.integers(0, n, (count, 1))))
    for row in y:
        _broken(row, rng, electric=electric)
    y = np.where(rng.random((count, n)) < 0.0001, y * rng.uniform(3, 20, (count, n)), y)
    mean = np.maximum(np.nan_to_num(y).mean(axis=1, keepdims=True), 1e-6)
    step = mean * rng.choice([1e-4, 0.02, 0.1], (count, 1), p=[0.6, 0.25, 0.15])
    y = np.round(y / step) * step
    return np.where((y == 0) & electric, np.nan, y)


def _noise(memory: float, spread: tuple[float, float], shape: tuple[int, ...], rng: np.random.Generator) -> F64:
    """Noise of each meter with a memory, its standard deviation drawn from `spread`."""
    size = rng.uniform(*spread, (shape[0], 1)) * np.sqrt(1 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], rng.normal(0, 1, shape), axis=1) * size)


def _broken(row: F64, rng: np.random.Generator, *, electric: bool) -> None:
    """Weeks of another use, gaps of days, and of one meter in seven some gaps written as zeros; in place."""
    for _ in range(rng.poisson(1.0)):
        first, hours = rng.integers(0, row.size), rng.integers(24, 24 * 21)
        row[first : first + hours] *= rng.choice([0.5 if electric else 0.0, 0.6, 1.3])
    for _ in range(rng.poisson(3.0)):
        first = rng.integers(0, row.size)
        row[first : first + int(rng.exponential(30)) + 1] = np.nan
    if rng.random() < 0.15:
        for _ in range(5):
            first = rng.integers(0, row.size)
            row[first : first + int(rng.exponential(24)) + 1] = 0.0
