"""Buildings made of physics instead of regressions: two thermal nodes, sun, thermostats, machines; seeded.

A third source beside the public campus and the synthetic meters, whose heating and cooling follow no straight line: air
and mass are two nodes with heat losses, sun through windows and people's heat; thermostats set back at night; chillers
lose efficiency in heat, boilers at part load. One implicit step an hour (the idea of ISO 52016-1, with two nodes). The
same building is simulated with and without a retrofit, so its savings are known with their interactions: better lamps
heat less, so gas rises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.signal import lfilter

from baselines.real_meters import ZONE, Estate

F64 = npt.NDArray[np.float64]
YEARS = (2017, 2018, 2019)
MOST_W_M2 = 80.0
LATITUDE = np.deg2rad(52.2)
BANK_HOLIDAYS = {"2017-05-01", "2017-05-29", "2017-08-28", "2018-05-07", "2018-05-28", "2018-08-27", "2019-05-06",
                 "2019-05-27", "2019-08-26"}  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """What all buildings share, (n,) hours: UTC seconds, °C, W/m² on the horizontal, local hour, workdays."""

    start_s: npt.NDArray[np.int64]
    celsius: F64
    sun: F64
    hour: npt.NDArray[np.int64]
    workday: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Buildings:
    """Properties of M buildings, each (M,): W/K and Wh/K a m² of floor, W/m², hours, °C."""

    area_m2: F64
    loss: F64
    air_change: F64
    mass: F64
    window: F64
    lamps: F64
    plugs: F64
    standby: F64
    opens: F64
    closes: F64
    heat_to: F64
    cool_to: F64
    setback: F64
    cop: F64
    boiler: F64
    water: F64

    def lit(self, share: float) -> Buildings:
        """With lamps that take `share` less."""
        return replace(self, lamps=self.lamps * (1 - share))

    def insulated(self, share: float) -> Buildings:
        """With `share` less loss through the envelope."""
        return replace(self, loss=self.loss * (1 - share))


def surroundings(seed: int) -> Surroundings:
    """Three seeded years of an Atlantic climate: fronts of days, clouds that go with them, sun by its height."""
    rng = np.random.default_rng(seed)
    first, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (YEARS[0], YEARS[-1] + 1))
    start = np.arange(first, end, 3_600)
    day, hour = start / 86_400 % 365.25, start / 3_600 % 24
    front = lfilter([1.0], [1.0, -0.98], rng.normal(0, 0.75, start.size))
    cloud = 1 / (1 + np.exp(-(0.3 * front + lfilter([1.0], [1.0, -0.95], rng.normal(0, 0.5, start.size)))))
    tilt = np.deg2rad(-23.44 * np.cos(2 * np.pi * (day + 10) / 365.25))
    height = np.sin(LATITUDE) * np.sin(tilt) + np.cos(LATITUDE) * np.cos(tilt) * np.cos(np.pi * (hour - 12) / 12)
    sun = 950 * np.maximum(0, height) ** 1.15 * (1 - 0.75 * cloud)
    warm = 10.5 - 7 * np.cos(2 * np.pi * (day - 20) / 365.25) + front + lfilter([0.06], [1.0, -0.9], sun) / 70
    local = pl.from_epoch(pl.Series(start), "s").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)
    dates = local.dt.date().cast(pl.String).to_numpy()
    christmas = np.array([d[5:] >= "12-24" or d[5:] <= "01-01" for d in dates])
    free = christmas | np.isin(dates, list(BANK_HOLIDAYS)) | (local.dt.weekday().to_numpy() > 5)
    return Surroundings(start, warm, sun, local.dt.hour().to_numpy().astype(np.int64), ~free)


def buildings(count: int, seed: int) -> Buildings:
    """Seeded offices, schools and laboratories, from old and heavy to new and light."""
    rng = np.random.default_rng(seed)

    def of(low: float, high: float) -> F64:
        return rng.uniform(low, high, count)

    return Buildings(
        area_m2=of(800, 15_000), loss=of(0.3, 1.6), air_change=of(0.15, 0.7), mass=of(25, 90), window=of(0.02, 0.10),
        lamps=of(5, 14), plugs=of(4, 15), standby=of(0.15, 0.5), opens=np.round(of(6, 9)), closes=np.round(of(17, 22)),
        heat_to=of(19, 22), cool_to=of(23, 26), setback=of(2, 6), cop=of(2.5, 4.5), boiler=of(0.75, 0.93),
        water=of(0.3, 2.0),
    )  # fmt: skip


def simulate(made: Buildings, around: Surroundings, seed: int) -> tuple[F64, F64]:
    """(M, n) kWh of electricity and of gas; the same seed has the same people in it, whatever the retrofit."""
    rng = np.random.default_rng(seed)
    count, n = made.area_m2.size, around.celsius.size
    people = occupancy(made, around, rng)
    lamps = made.lamps[:, None] * np.clip(people * (1.15 - around.sun / 1_500), 0.08, 1)
    plugs = made.plugs[:, None] * (made.standby[:, None] + (1 - made.standby[:, None]) * people)
    plugs *= 1 + 0.06 * lfilter([1.0], [1.0, -0.8], rng.normal(0, 0.6, (count, n)), axis=1)
    gain = 0.9 * lamps + 0.8 * plugs + 6 * people
    heat, cool = thermostat(made, around, people > 0.1, gain, (MOST_W_M2, MOST_W_M2), 6.0)
    gas = heat / (made.boiler[:, None] * (0.80 + 0.20 * np.minimum(1, heat / 27)))  # worse at part load
    gas += made.water[:, None] * (0.25 + people * rng.uniform(0.7, 1.3, people.shape)) / made.boiler[:, None]
    chiller = cool / (made.cop[:, None] * np.clip(1.25 - 0.018 * (around.celsius - 15), 0.6, 1.3))
    fans = 1.5 * made.air_change[:, None] * (people > 0.1)
    scale = made.area_m2[:, None] / 1_000
    return scale * (lamps + plugs + chiller + fans), scale * gas


def occupancy(made: Buildings, around: Surroundings, rng: np.random.Generator) -> F64:
    """(M, n) share of people: ramps in the morning and evening, weekends with a few, days that differ."""
    into = np.clip((around.hour - made.opens[:, None] + 1) / 2, 0, 1)
    out = np.clip((made.closes[:, None] - around.hour) / 2, 0, 1)
    days = around.celsius.size // 24 + 2
    each_day = np.repeat(np.clip(rng.normal(0.9, 0.07, (made.area_m2.size, days)), 0.5, 1), 24, axis=1)
    weekend = rng.uniform(0.0, 0.25, (made.area_m2.size, 1))
    return np.minimum(into, out) * np.where(around.workday, 1.0, weekend) * each_day[:, : around.celsius.size]


def thermostat(
    made: Buildings,
    around: Surroundings,
    open_: npt.NDArray[np.bool_],
    gain: F64,
    most: tuple[F64 | float, F64 | float],
    warmer_at_night: F64 | float,
) -> tuple[F64, F64]:
    """(M, n) W/m² of heating and cooling that keep the air between its set points; plants of `most` W/m²."""
    heat, cool = np.zeros_like(gain), np.zeros_like(gain)
    air, mass, couple = made.heat_to.copy(), made.heat_to.copy(), 4.0
    for k in range(around.celsius.size):
        here, outside = open_[:, k], around.celsius[k]
        loss = made.loss + made.air_change * np.where(here, 1.0, 0.2)
        low = made.heat_to - np.where(here, 0.0, made.setback)
        high = np.where(here, made.cool_to, made.cool_to + warmer_at_night)
        held = made.mass * mass + made.window * around.sun[k] * 0.6
        # implicit step of the mass node, put into the balance of the air, whose own mass is 3 Wh/K a m²
        share = couple / (made.mass + couple)
        conduct = 3.0 + loss + couple * (1 - share)
        known = 3.0 * air + loss * outside + share * held + gain[:, k] + made.window * around.sun[k] * 0.4
        free = known / conduct
        heat[:, k] = np.clip((low - free) * conduct, 0, most[0])
        cool[:, k] = np.clip((free - high) * conduct, 0, most[1])
        air = free + (heat[:, k] - cool[:, k]) / conduct
        mass = (held + couple * air) / (made.mass + couple)
    return heat, cool


def estate(count: int, seed: int = 1) -> Estate:
    """Two meters a building, electricity and gas, over three years, as the bench of real meters takes them."""
    return estate_of(buildings(count, seed), surroundings(seed), seed)


def estate_of(made: Buildings, around: Surroundings, seed: int) -> Estate:
    """The same of given buildings."""
    names = tuple(f"r{i}_{fuel}" for fuel in "eg" for i in range(made.area_m2.size))
    return Estate(names, np.vstack(simulate(made, around, seed)), around.start_s, around.celsius)
