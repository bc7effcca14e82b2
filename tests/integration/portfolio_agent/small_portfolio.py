from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

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
GAS_KG_PER_THERM = 5.31145
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
E = Commodity.ELECTRICITY
METERS = (
    Meter("OFF-E1", "OFF", E),
    Meter("OFF-E2", "OFF", E),
    Meter("OFF-SUB", "OFF", E, MeterRole.SUB, "lighting", "OFF-E1"),
    Meter("OFF-G", "OFF", Commodity.GAS),
    Meter("OFF-W", "OFF", Commodity.WATER),
    Meter("GAP-E", "GAP", E),
    Meter("MUT-E", "MUT", E),
    Meter("RET-E", "RET", E),
    Meter("RET-PV", "RET", Commodity.SOLAR),
    Meter("SQR-E", "SQR", E),
    Meter("NOA-E", "NOA", E),
    Meter("LON-E", "LON", E),
)
PRICES = (
    EnergyPrice("S-NY", E, NY_USD, "kWh", date(2020, 1, 1), source="test"),
    EnergyPrice("S-NY", Commodity.GAS, NY_GAS_USD, "kWh", date(2020, 1, 1), source="test"),
    EnergyPrice("S-NY", Commodity.WATER, NY_WATER_USD, "1000 L", date(2020, 1, 1), source="test"),
    EnergyPrice("S-LA", E, CA_USD, "kWh", date(2020, 1, 1), CA_DEMAND_USD, source="test"),
)


@dataclass(frozen=True)
class Hours:
    ts: pl.Series
    local_hour: np.ndarray
    day: np.ndarray
    year: np.ndarray


def local_hours(zone):
    first, last = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC")) for d in (START, END)
    )
    ts = pl.datetime_range(first, last, "1h", time_zone="UTC", closed="left", eager=True).cast(pl.Datetime("us", "UTC"))
    local = ts.dt.convert_time_zone(zone)
    day = (local.dt.date().cast(pl.Int32) - (START - date(1970, 1, 1)).days).to_numpy()
    return Hours(ts, local.dt.hour().to_numpy(), day, local.dt.year().to_numpy())


def temperature_f(zone):
    n = np.arange((END - START).days)
    return (
        62.0 - 18.0 * np.cos(2 * np.pi * (n - 15) / 365.25) + np.random.default_rng(len(zone)).normal(0.0, 6.0, n.size)
    )


def _spread(total_wh, n):
    values = np.full(n, total_wh // n, dtype=np.int64)
    values[: total_wh - values.sum()] += 1
    return values


def _yearly(hours, a, b):
    values = np.zeros(hours.year.size, dtype=np.int64)
    for year, total in ((2024, a), (2025, b)):
        inside = hours.year == year
        values[inside] = _spread(total, int(inside.sum()))
    return values


def planted_daily_kwh():
    t = temperature_f(LOS_ANGELES)
    return MU_KWH + HEATING * np.maximum(0, HEATING_F - t) + COOLING * np.maximum(0, t - COOLING_F)


def _shop(hours):
    per_day = np.bincount(hours.day)
    return np.round(planted_daily_kwh()[hours.day] * 1000 / per_day[hours.day]).astype(np.int64)


def readings():
    ny, la, lon = local_hours(NEW_YORK), local_hours(LOS_ANGELES), local_hours(LONDON)
    first = _yearly(ny, 2_500_000_000, 3_000_000_000)
    sun = np.where((la.local_hour >= 9) & (la.local_hour < 15), 12_000, 0)
    square = np.where((la.local_hour >= 8) & (la.local_hour < 18), 300_000, 100_000)
    found = {
        "OFF-E1": (ny, first),
        "OFF-E2": (ny, _yearly(ny, 1_500_000_000, 2_000_000_000)),
        "OFF-SUB": (ny, first),
        "OFF-G": (ny, _yearly(ny, 10**9, round(THERMS_2025 * 100 / 3.412142 * 1000))),
        "OFF-W": (ny, _yearly(ny, 8_000_000, 9_000_000)),
        "GAP-E": (ny, np.full(ny.day.size, 50_000)),
        "RET-E": (la, _shop(la)),
        "RET-PV": (la, sun),
        "SQR-E": (la, square),
        "NOA-E": (la, np.full(la.day.size, 20_000)),
        "LON-E": (lon, np.full(lon.day.size, 30_000)),
    }
    frames = {code: pl.DataFrame({"ts": h.ts, "value": v.astype(np.int32)}) for code, (h, v) in found.items()}
    missing = (ny.year == 2025) & (ny.day >= 466) & (ny.day < 466 + GAP_DAYS)
    frames["GAP-E"] = frames["GAP-E"].filter(pl.Series(~missing))
    return frames


def weather_hours(zone):
    hours = local_hours(zone)
    return pl.DataFrame({"ts": hours.ts, "air_temperature_c": (temperature_f(zone)[hours.day] - 32.0) / 1.8})


async def load(app, tenant, factor=1, mark="", extra=None):
    tenant_id = await app.tenant_id(tenant, create=True)
    store, weather = app.portfolio(tenant_id), app.weather(tenant_id)

    buildings = [replace(b, name=b.name + mark) for b in BUILDINGS] + (
        [Building(extra, extra + mark, "S-LA", "office", 1e6)] if extra else []
    )
    meters = list(METERS) + ([Meter(extra + "-E", extra, E)] if extra else [])
    await store.upsert_customers([replace(c, name=c.name + mark, sector=c.sector + mark) for c in CUSTOMERS])
    await store.upsert_sites([replace(s, name=s.name + mark) for s in SITES])
    await store.upsert_buildings(buildings)
    await store.upsert_meters(meters)
    await store.upsert_prices([replace(p, usd_per_unit=p.usd_per_unit * factor) for p in PRICES])
    await store.create_portfolio("all", "All" + mark, [b.code for b in BUILDINGS])
    if extra:
        await store.create_portfolio(extra, "All" + mark, [extra])
    shift = 20.0 if extra else 0.0
    for st, z in (("W-NY", NEW_YORK), ("W-LA", LOS_ANGELES)):
        await weather.upsert_hours(st, weather_hours(z).with_columns(pl.col("air_temperature_c") + shift))
    numbers = {m.code: m.meter_no for m in await store.meters()}
    all_r = readings()
    if extra:
        all_r[extra + "-E"] = all_r["SQR-E"]
    frames = [
        f.select(
            pl.lit(numbers[c], pl.Int32).alias("meter_id"),
            "ts",
            (pl.col("value").cast(pl.Int64) * factor).cast(pl.Int32),
            quality=pl.lit(0, pl.Int8),
        )
        for c, f in all_r.items()
    ]
    app.readings.append(pl.concat(frames), source=f"test:{tenant}", token=1)
    app.readings.seal_all(await store.calendar())


def sum_kwh(codes, year):
    zones = {s.code: s.timezone for s in SITES}
    place = {b.code: zones[b.site_code] for b in BUILDINGS}
    owner = {m.code: m.building_code for m in METERS}
    frames, total = readings(), 0
    for code in codes:
        local = pl.col("ts").dt.convert_time_zone(place[owner[code]]).dt.year() == year
        total += int(frames[code].filter(local)["value"].cast(pl.Int64).sum())
    return total / 1000.0
