"""A portfolio of nine buildings whose readings follow formulas, so that every figure can be computed by hand.

Readings run from 2024-01-01T00Z to 2026-01-02T00Z: the edges lie outside of the local years 2024 and 2025, and both
time zones change their clocks.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

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

START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
NEW_YORK, CHICAGO, LONDON = "America/New_York", "America/Chicago", "Europe/London"
MU, BETA_H, BETA_C, HEAT_F, COOL_F = 1000.0, 20.0, 15.0, 50.0, 68.0
"""Planted in NYC-WX: kWh a day, kWh per degree-day, balance points in °F."""
USD_NY, USD_NY_GAS, USD_CHI, USD_WATER = 0.20, 0.05, 0.10, 2.5
LAMPS = BuildingSystems(lighting_w_per_ft2=1.2, lighting_type="fluorescent", lighting_hours_per_y=3000.0)

CUSTOMERS = [Customer("OFFICES", "Offices", "office"), Customer("SCHOOLS", "Schools", "education")]
SITES = [
    Site("NYC", "New York", "OFFICES", NEW_YORK, "US", "NY", "New York", None, "4A", "NYCW", "W-NYC"),
    Site("CHI", "Chicago", "SCHOOLS", CHICAGO, "US", "IL", "Chicago", None, "5A", "RFCW", None),
    Site("LON", "London", "OFFICES", LONDON, "GB", None, "London"),
]
BUILDINGS = [
    Building("NYC-TWO", "Two mains", "NYC", "office", 50_000.0, systems=LAMPS),
    Building("NYC-GAP", "Gap", "NYC", "office", 20_000.0),
    Building("NYC-WX", "Weather", "NYC", "office", 40_000.0),
    Building("CHI-SUN", "Solar", "CHI", "k12_school", 30_000.0),
    Building("CHI-NOAREA", "No area", "CHI", "office", None),
    Building("CHI-SQUARE", "Square wave", "CHI", "office", 60_000.0),
    Building("CHI-BARE", "No meter", "CHI", "office", 10_000.0),
    Building("CHI-EMPTY", "No reading", "CHI", "office", 10_000.0),
    Building("LON-1", "No price", "LON", "office", 15_000.0),
]
E, G, W, S = Commodity.ELECTRICITY, Commodity.GAS, Commodity.WATER, Commodity.SOLAR
METERS = [
    Meter("TWO-E1", "NYC-TWO", E),
    Meter("TWO-E2", "NYC-TWO", E),
    Meter("TWO-SUB", "NYC-TWO", E, MeterRole.SUB, "lighting", "TWO-E1"),
    Meter("TWO-GAS", "NYC-TWO", G),
    Meter("TWO-WATER", "NYC-TWO", W),
    Meter("GAP-E", "NYC-GAP", E),
    Meter("WX-E", "NYC-WX", E),
    Meter("SUN-E", "CHI-SUN", E),
    Meter("SUN-PV", "CHI-SUN", S),
    Meter("NOAREA-E", "CHI-NOAREA", E),
    Meter("SQUARE-E", "CHI-SQUARE", E),
    Meter("EMPTY-E", "CHI-EMPTY", E),
    Meter("LON-E", "LON-1", E),
]
SCALE = {"TWO-E1": 60, "TWO-E2": 25, "TWO-SUB": 20, "TWO-GAS": 40, "TWO-WATER": 1, "GAP-E": 15, "SUN-E": 30,
         "SUN-PV": 5, "NOAREA-E": 12, "LON-E": 18}  # fmt: skip
"""Mean power in kW (hundreds of litres an hour for water)."""
GAP = (date(2025, 3, 1), date(2025, 4, 1))
PRICES = [
    EnergyPrice("NYC", E, USD_NY, "kWh", date(2024, 1, 1), 10.0, source="hand"),
    EnergyPrice("NYC", G, USD_NY_GAS, "kWh", date(2024, 1, 1), source="hand"),
    EnergyPrice("NYC", W, USD_WATER, "kl", date(2024, 1, 1), source="hand"),
    EnergyPrice("CHI", E, USD_CHI, "kWh", date(2024, 1, 1), source="hand"),
]
TIMEZONES = {b.code: next(s.timezone for s in SITES if s.code == b.site_code) for b in BUILDINGS}


def temperature_f(day: date) -> float:
    """The mean outside temperature of a local day in New York."""
    season = math.cos(2.0 * math.pi * (day.timetuple().tm_yday - 200) / 365.0)
    return 57.0 + 27.0 * season + (day.toordinal() * 37 % 11 - 5)


def weather_use_kwh(day: date) -> float:
    """The planted use of NYC-WX."""
    t = temperature_f(day)
    return MU + BETA_H * max(0.0, HEAT_F - t) + BETA_C * max(0.0, t - COOL_F)


def hours() -> list[datetime]:
    """The start of every hour of the readings, UTC."""
    return [START + timedelta(hours=i) for i in range(int((END - START).total_seconds() // 3600))]


def weather_frame() -> pl.DataFrame:
    """Hours of the station W-NYC: the temperature is the same all day long."""
    zone = ZoneInfo(NEW_YORK)
    celsius = [(temperature_f(ts.astimezone(zone).date()) - 32.0) / 1.8 for ts in hours()]
    return pl.DataFrame({"ts": hours(), "air_temperature_c": celsius}).cast({"ts": pl.Datetime("us", "UTC")})


def readings() -> pl.DataFrame:
    """meter (code), ts, value (Wh or litres) of all meters."""
    frames = []
    for number, meter in enumerate(METERS):
        if meter.code != "EMPTY-E":
            values = _values(meter.code, number, ZoneInfo(TIMEZONES[meter.building_code]))
            frames.append(
                pl.DataFrame({"meter": meter.code, "ts": [t for t, _ in values], "value": [v for _, v in values]})
            )
    return pl.concat(frames).cast({"ts": pl.Datetime("us", "UTC"), "value": pl.Int32})


def _values(code: str, number: int, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    found = []
    for i, ts in enumerate(hours()):
        local = ts.astimezone(zone)
        if code == "GAP-E" and GAP[0] <= local.date() < GAP[1]:
            continue
        if code == "WX-E":
            length = _length_h(local.date(), zone)
            value = round(1000.0 * weather_use_kwh(local.date()) / length)
        elif code == "SQUARE-E":
            value = 300_000 if 8 <= local.hour < 18 else 100_000
        else:
            value = SCALE[code] * (900 + (i * 7919 + number * 131) % 200)
        found.append((ts, value))
    return found


def _length_h(day: date, zone: ZoneInfo) -> float:
    def midnight(on: date) -> datetime:
        return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)

    return (midnight(day + timedelta(days=1)) - midnight(day)).total_seconds() / 3600.0


async def load_small(app: App, tenant_id: UUID, frame: pl.DataFrame, *, marked: str = "", seal: bool = True) -> None:
    """Writes records, weather and readings; `marked` is put behind every name."""
    store = app.portfolio(tenant_id)
    await store.upsert_customers([Customer(c.code, c.name + marked, c.sector) for c in CUSTOMERS])
    await store.upsert_sites(SITES)
    await store.upsert_buildings([Building(**{**vars(b), "name": b.name + marked}) for b in BUILDINGS])
    await store.upsert_meters(METERS)
    await store.upsert_prices(PRICES)
    await store.create_portfolio("offices", "Offices" + marked, ["NYC-TWO", "NYC-WX"])
    await app.weather(tenant_id).upsert_hours("W-NYC", weather_frame())
    numbers = pl.DataFrame(
        [(m.code, m.meter_no) for m in await store.meters()], schema=["meter", "meter_id"], orient="row"
    )
    batch = frame.join(numbers.cast({"meter_id": pl.Int32}), on="meter").with_columns(quality=pl.lit(0, pl.Int8))
    app.readings.append(batch.select("meter_id", "ts", "value", "quality"), source=f"small:{tenant_id}", token=1)
    if seal:
        app.readings.seal_all(await store.calendar())
