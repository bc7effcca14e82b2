"""A small fleet with planted faults: hourly and quarter-hourly meters in two time zones, 120 days to 2025-10-29."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from redaptive.agents.principal import Principal
from redaptive.app import App
from redaptive.domain.portfolio.records import Building, Commodity, Customer, EnergyPrice, Meter, MeterRole, Site

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
START = datetime(2025, 7, 1, tzinfo=UTC)
DAYS = 120
END = START + timedelta(days=DAYS)
USD_PER_KWH, USD_PER_KW, USD_PER_M3 = 0.2, 15.0, 4.0
CUSTOMERS = [Customer("C", "Customer", "office")]
SITES = [Site("NY", "New York", "C", NEW_YORK, "US", "NY"), Site("CH", "Chicago", "C", CHICAGO, "US", "IL")]
BUILDINGS = [Building("TOWER", "Tower", "NY", "office", 50_000.0), Building("PLANT", "Plant", "CH", "office", 9_000.0)]
E, W = Commodity.ELECTRICITY, Commodity.WATER
METERS = [
    Meter("MAIN", "TOWER", E, interval_s=900),
    Meter("SUB-A", "TOWER", E, MeterRole.SUB, "lighting", "MAIN", 900),
    Meter("SUB-B", "TOWER", E, MeterRole.SUB, "hvac", "MAIN", 900),
    Meter("STEP", "PLANT", E, interval_s=3600),
    Meter("DROP", "PLANT", E, interval_s=3600),
    Meter("STUCK", "PLANT", E, interval_s=3600),
    Meter("CALM", "PLANT", E, interval_s=3600),
    Meter("WATER", "PLANT", W, interval_s=3600),
    Meter("EMPTY", "PLANT", E, interval_s=3600),
    Meter("SCALED", "PLANT", E, interval_s=3600, multiplier=40.0),
]
PRICES = [
    EnergyPrice("NY", E, USD_PER_KWH, "kWh", date(2020, 1, 1), USD_PER_KW, source="test"),
    EnergyPrice("CH", W, USD_PER_M3, "1000 L", date(2020, 1, 1), source="test"),
    EnergyPrice("CH", E, USD_PER_KWH, "kWh", date(2020, 1, 1), source="test"),
]
HOLIDAYS = (date(2025, 7, 4), date(2025, 9, 1), date(2025, 10, 13))
STEP_DAY, STEP_FACTOR = 105, 1.6
DROP_HOURS = (110 * 24 + 9, 110 * 24 + 21)
STUCK_HOURS = (112 * 24 + 3, 112 * 24 + 51)
NEGATIVE, SPIKE, GAP = 113 * 24 + 5, 114 * 24 + 7, 115 * 24 + 8
"""Hours in which CALM reads nonsense, ten times too much, and nothing."""


@dataclass(frozen=True)
class Fleet:
    """The fleet as loaded into a tenant."""

    principal: Principal
    numbers: dict[str, int]
    readings: pl.DataFrame


def _load(timezone: str, step_s: int, seed: int) -> np.ndarray:
    """Wh per interval: a working week by local time with 4 % noise."""
    n = DAYS * 86_400 // step_s
    zone = ZoneInfo(timezone)
    local = [(START + timedelta(seconds=step_s * i)).astimezone(zone) for i in range(n)]
    open_now = np.array([t.weekday() < 5 and 8 <= t.hour < 18 and t.date() not in HOLIDAYS for t in local])
    shape = np.where(open_now, 60_000.0, 20_000.0) * step_s / 3600
    hourly = np.array([1.0 + 0.01 * t.hour for t in local])
    return shape * hourly * np.exp(0.04 * np.random.default_rng(seed).standard_normal(n))


@cache
def values(factor: float = 1.0) -> dict[str, np.ndarray]:
    """Wh (litres) of every interval, NaN where the meter sent nothing."""
    sub_a, sub_b = _load(NEW_YORK, 900, 1), _load(NEW_YORK, 900, 2)
    step, drop, stuck, calm, water, scaled = (_load(CHICAGO, 3600, seed) for seed in range(3, 9))
    step[STEP_DAY * 24 :] *= STEP_FACTOR
    drop[slice(*DROP_HOURS)] = np.nan
    stuck[slice(*STUCK_HOURS)] = 23_456.0
    calm[NEGATIVE], calm[SPIKE], calm[GAP : GAP + 2] = -5_000.0, 900_000.0, np.nan
    found = {"SUB-A": sub_a, "SUB-B": sub_b, "MAIN": (sub_a + sub_b) * 1.1, "STEP": step, "DROP": drop,
             "STUCK": stuck, "CALM": calm, "WATER": water, "SCALED": scaled}  # fmt: skip
    return {code: np.round(wh * factor) for code, wh in found.items()}


@cache
def by_code(factor: float = 1.0) -> pl.DataFrame:
    """meter (code), ts, value, quality of all readings."""
    parts = []
    steps = {m.code: m.interval_s for m in METERS}
    for code, wh in values(factor).items():
        present = np.flatnonzero(~np.isnan(wh))
        seconds = int(START.timestamp()) + steps[code] * present
        ts = pl.from_epoch(pl.Series("ts", seconds), "s").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        value = pl.Series("value", wh[present].astype(np.int32))
        parts.append(pl.DataFrame([ts, value]).with_columns(meter=pl.lit(code), quality=pl.lit(0, pl.Int8)))
    return pl.concat(parts)


def frame(numbers: dict[str, int], factor: float = 1.0) -> pl.DataFrame:
    """All readings as the store wants them."""
    keys = pl.DataFrame(
        {"meter": list(numbers), "meter_id": list(numbers.values())}, schema_overrides={"meter_id": pl.Int32}
    )
    return by_code(factor).join(keys, on="meter", maintain_order="left").select("meter_id", "ts", "value", "quality")


async def load(app: App, principal: Principal, factor: float = 1.0, mark: str = "") -> Fleet:
    """Writes the fleet into the principal's tenant; the store is open, nothing is sealed."""
    store = app.portfolio(principal.tenant_id)
    await store.upsert_customers([Customer(c.code, c.name + mark, c.sector) for c in CUSTOMERS])
    await store.upsert_sites(SITES)
    await store.upsert_buildings([Building(**{**vars(b), "name": b.name + mark}) for b in BUILDINGS])
    await store.upsert_meters(METERS)
    await store.upsert_prices(PRICES)
    numbers = {m.code: m.meter_no for m in await store.meters() if m.meter_no is not None}
    rows = frame(numbers, factor)
    app.readings.append(rows, source=f"fleet:{principal.tenant_id}", token=1)
    return Fleet(principal, numbers, rows)
