"""A portfolio of seven buildings whose every reading is known, and the sums that follow from it by hand.

Local years 2024 and 2025, hourly, in three time zones that change their clocks:

- OFF, New York office of 200,000 ft2: in 2025 5 GWh on two mains and 30,000 therms (the worked example of Local Law
  97 in domain.md 9.3), in 2024 4 GWh; a submeter that repeats the first main; water.
- RET, Los Angeles shop: daily use is 500 + 8 HDD(55 F) + 12 CDD(68 F) kWh; solar panels beside it.
- SQR, Los Angeles office: 300 kW from 08 to 18 local time, else 100 kW, every day.
- GAP, New York office: 50 kW, 40 days of 2025 are missing. NOA, Los Angeles: no floor area.
- MUT, New York: a meter without any reading. LON, London: neither price nor emission factor nor weather.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from redaptive.app import App
from redaptive.domain.portfolio.records import (
    Building,
    BuildingSystems,
    Commodity,
    Customer,
    EnergyPrice,
    Meter,
    MeterRole,
    Site,
)

START, END = date(2024, 1, 1), date(2026, 1, 1)
NEW_YORK, LOS_ANGELES, LONDON = "America/New_York", "America/Los_Angeles", "Europe/London"
MU_KWH, HEATING, COOLING, HEATING_F, COOLING_F = 500.0, 8.0, 12.0, 55.0, 68.0
WH_PER_THERM: Final = 100_000 / 3.412142
THERMS_2025 = 30_000
NY_USD, NY_GAS_USD, NY_WATER_USD = 0.20, 0.04, 2.50
CA_USD, CA_DEMAND_USD = 0.25, 10.0
NYCW_KG, CAMX_KG = 865.744 * 0.45359237 / 1000, 429.983 * 0.45359237 / 1000
"""eGRID2023 rev2, CO2e lb/MWh (domain.md 9.2)."""
GAS_KG_PER_THERM = 5.31145
"""EPA emission factor hub with AR5 potentials (domain.md 9.1)."""
GAP_DAYS = 40

CUSTOMERS = (Customer("C-1", "Alpha", "property"), Customer("C-2", "Beta", "retail"))
SITES = (
    Site("S-NY", "New York", "C-1", NEW_YORK, "US", "NY", "New York", "10001", "4A", "NYCW", "W-NY"),
    Site("S-LA", "Los Angeles", "C-2", LOS_ANGELES, "US", "CA", "Los Angeles", "90001", "3B", "CAMX", "W-LA"),
    Site("S-LON", "London", "C-2", LONDON, "GB", None, "London"),
)
LIT = BuildingSystems(lighting_w_per_ft2=1.2, lighting_type="fluorescent", lighting_hours_per_y=3_500.0)
BUILDINGS = (
    Building("OFF", "Tower", "S-NY", "office", 200_000.0),
    Building("GAP", "Annex", "S-NY", "office", 10_000.0),
    Building("MUT", "Mute", "S-NY", "office", 10_000.0),
    Building("RET", "Shop", "S-LA", "retail", 50_000.0),
    Building("SQR", "Works", "S-LA", "office", 30_000.0, systems=LIT),
    Building("NOA", "Shed", "S-LA", "office", None),
    Building("LON", "House", "S-LON", "office", 20_000.0),
)
METERS = (
    Meter("OFF-E1", "OFF", Commodity.ELECTRICITY),
    Meter("OFF-E2", "OFF", Commodity.ELECTRICITY),
    Meter("OFF-SUB", "OFF", Commodity.ELECTRICITY, MeterRole.SUB, "lighting", "OFF-E1"),
    Meter("OFF-G", "OFF", Commodity.GAS),
    Meter("OFF-W", "OFF", Commodity.WATER),
    Meter("GAP-E", "GAP", Commodity.ELECTRICITY),
    Meter("MUT-E", "MUT", Commodity.ELECTRICITY),
    Meter("RET-E", "RET", Commodity.ELECTRICITY),
    Meter("RET-PV", "RET", Commodity.SOLAR),
    Meter("SQR-E", "SQR", Commodity.ELECTRICITY),
    Meter("NOA-E", "NOA", Commodity.ELECTRICITY),
    Meter("LON-E", "LON", Commodity.ELECTRICITY),
)
PRICES = (
    EnergyPrice("S-NY", Commodity.ELECTRICITY, NY_USD, "kWh", date(2020, 1, 1), source="test"),
    EnergyPrice("S-NY", Commodity.GAS, NY_GAS_USD, "kWh", date(2020, 1, 1), source="test"),
    EnergyPrice("S-NY", Commodity.WATER, NY_WATER_USD, "1000 L", date(2020, 1, 1), source="test"),
    EnergyPrice("S-LA", Commodity.ELECTRICITY, CA_USD, "kWh", date(2020, 1, 1), CA_DEMAND_USD, source="test"),
)


@dataclass(frozen=True)
class Hours:
    """The local days of one zone: hours in UTC, their local hour, and each hour's day since START."""

    ts: pl.Series
    local_hour: np.ndarray
    day: np.ndarray
    year: np.ndarray


def local_hours(zone: str) -> Hours:
    """Every hour of the local days [START, END)."""
    first, last = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC")) for d in (START, END)
    )
    ts = pl.datetime_range(first, last, "1h", time_zone="UTC", closed="left", eager=True).cast(
        pl.Datetime("us", "UTC")
    )
    local = ts.dt.convert_time_zone(zone)
    day = (local.dt.date().cast(pl.Int32) - (START - date(1970, 1, 1)).days).to_numpy()
    return Hours(ts, local.dt.hour().to_numpy(), day, local.dt.year().to_numpy())


def temperature_f(zone: str) -> np.ndarray:
    """The planted mean of each local day: a year's wave and a spread that is the same in every run."""
    n = np.arange((END - START).days)
    spread = np.random.default_rng(len(zone)).normal(0.0, 6.0, n.size)
    return 62.0 - 18.0 * np.cos(2 * np.pi * (n - 15) / 365.25) + spread


def _spread(total_wh: int, n: int) -> np.ndarray:
    """`n` whole numbers as equal as can be, with exactly this sum."""
    values = np.full(n, total_wh // n, dtype=np.int64)
    values[: total_wh - values.sum()] += 1
    return values


def _yearly(hours: Hours, wh_2024: int, wh_2025: int) -> np.ndarray:
    values = np.zeros(hours.year.size, dtype=np.int64)
    for year, total in ((2024, wh_2024), (2025, wh_2025)):
        inside = hours.year == year
        values[inside] = _spread(total, int(inside.sum()))
    return values


def planted_daily_kwh() -> np.ndarray:
    """Use of the shop on each local day."""
    t = temperature_f(LOS_ANGELES)
    return MU_KWH + HEATING * np.maximum(0, HEATING_F - t) + COOLING * np.maximum(0, t - COOLING_F)


def _shop(hours: Hours) -> np.ndarray:
    per_day = np.bincount(hours.day)
    return np.round(planted_daily_kwh()[hours.day] * 1000 / per_day[hours.day]).astype(np.int64)


def readings() -> dict[str, pl.DataFrame]:
    """ts and value of each meter that has readings."""
    ny, la, lon = local_hours(NEW_YORK), local_hours(LOS_ANGELES), local_hours(LONDON)
    first = _yearly(ny, 2_500_000_000, 3_000_000_000)
    sun = np.where((la.local_hour >= 9) & (la.local_hour < 15), 12_000, 0)
    square = np.where((la.local_hour >= 8) & (la.local_hour < 18), 300_000, 100_000)
    found = {
        "OFF-E1": (ny, first),
        "OFF-E2": (ny, _yearly(ny, 1_500_000_000, 2_000_000_000)),
        "OFF-SUB": (ny, first),
        "OFF-G": (ny, _yearly(ny, 10**9, round(THERMS_2025 * WH_PER_THERM))),
        "OFF-W": (ny, _yearly(ny, 8_000_000, 9_000_000)),
        "GAP-E": (ny, np.full(ny.day.size, 50_000)),
        "RET-E": (la, _shop(la)),
        "RET-PV": (la, sun),
        "SQR-E": (la, square),
        "NOA-E": (la, np.full(la.day.size, 20_000)),
        "LON-E": (lon, np.full(lon.day.size, 30_000)),
    }
    frames = {code: pl.DataFrame({"ts": h.ts, "value": v.astype(np.int32)}) for code, (h, v) in found.items()}
    missing = (ny.year == 2025) & (ny.day >= 366 + 100) & (ny.day < 366 + 100 + GAP_DAYS)
    frames["GAP-E"] = frames["GAP-E"].filter(pl.Series(~missing))
    return frames


def weather_hours(zone: str) -> pl.DataFrame:
    """Hours of a station: the day's mean all day long."""
    hours = local_hours(zone)
    celsius = (temperature_f(zone)[hours.day] - 32.0) / 1.8
    return pl.DataFrame({"ts": hours.ts, "air_temperature_c": celsius})


async def load(app: App, tenant: str, *, factor: int = 1, mark: str = "") -> None:
    """Everything of the portfolio in a tenant; readings times `factor`, names with `mark` behind them."""
    tenant_id = await app.tenant_id(tenant, create=True)
    store, weather = app.portfolio(tenant_id), app.weather(tenant_id)
    await store.upsert_customers([Customer(c.code, c.name + mark, c.sector + mark) for c in CUSTOMERS])
    await store.upsert_sites(SITES)
    await store.upsert_buildings([_renamed(b, mark) for b in BUILDINGS])
    await store.upsert_meters(METERS)
    await store.upsert_prices(PRICES)
    await store.create_portfolio("all", "All" + mark, [b.code for b in BUILDINGS])
    await weather.upsert_hours("W-NY", weather_hours(NEW_YORK))
    await weather.upsert_hours("W-LA", weather_hours(LOS_ANGELES))
    numbers = {m.code: m.meter_no for m in await store.meters()}
    frames = [
        frame.select(
            pl.lit(numbers[code], pl.Int32).alias("meter_id"), "ts", pl.col("value") * factor, quality=pl.lit(0, pl.Int8)
        )
        for code, frame in readings().items()
    ]
    app.readings.append(pl.concat(frames), source=f"test:{tenant}", token=1)
    app.readings.seal_all(await store.calendar())


def _renamed(building: Building, mark: str) -> Building:
    return Building(
        building.code, building.name + mark, building.site_code, building.building_type,
        building.gross_floor_area_ft2, systems=building.systems,
    )  # fmt: skip


def sum_kwh(codes: tuple[str, ...], year: int) -> float:
    """kWh (kilolitres) of meters in a local year, summed from the planted frames."""
    zones = {s.code: s.timezone for s in SITES}
    place = {b.code: zones[b.site_code] for b in BUILDINGS}
    owner = {m.code: m.building_code for m in METERS}
    frames = readings()
    total = 0
    for code in codes:
        local = pl.col("ts").dt.convert_time_zone(place[owner[code]]).dt.year() == year
        total += int(frames[code].filter(local)["value"].cast(pl.Int64).sum())
    return total / 1000.0


