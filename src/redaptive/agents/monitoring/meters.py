"""Meters with what the tools need of them: their readings on the grid, holidays and prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

import holidays
import numpy as np
import polars as pl
from anyio import to_thread

from redaptive.domain.answers import DataQuality, Source
from redaptive.domain.meter_series import MeterSeries, on_grid
from redaptive.domain.portfolio.records import Commodity, EnergyPrice
from redaptive.domain.quality.flags import DOUBTFUL, Quality
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter, MonitoringStore
from redaptive.infrastructure.database.stores.price_store import PriceStore
from redaptive.infrastructure.readings.store import ReadingsStore

KILO: Final = 1000.0
"""Stored Wh to kWh, and litres to m3."""
MAX_METERS: Final = 500


@dataclass(frozen=True)
class Tenant:
    """The stores of one tenant."""

    meters: MonitoringStore
    prices: PriceStore
    readings: ReadingsStore


def unit_of(meter: MonitoredMeter) -> str:
    """kWh, or m3 for water."""
    return "m3" if meter.meter.commodity is Commodity.WATER else "kWh"


def require_energy(meter: MonitoredMeter) -> None:
    """Nothing, or InvalidInput for a water meter."""
    if meter.meter.commodity is Commodity.WATER:
        raise InvalidInput(f"{meter.meter.code} measures no energy.", field="meter_id", fix="Name an energy meter.")


async def chosen(
    store: MonitoringStore, meter_ids: Sequence[str] | None, building_ids: Sequence[str] | None, limit: int = MAX_METERS
) -> list[MonitoredMeter]:
    """The named meters, else those of the buildings, else all; InvalidInput when they are more than `limit`."""
    if meter_ids:
        found = await store.meters(meter_ids)
    else:
        found = await store.meters_of(building_ids, limit=limit + 1)
    if len(found) > limit:
        raise InvalidInput(
            f"More than {limit} meters are meant.", field="meter_ids", fix="Name meters or buildings, part by part."
        )
    if not found:
        raise InvalidInput("There is no meter.", field="meter_ids", fix="Import meters first.")
    return found


async def one(store: MonitoringStore, meter_id: str) -> MonitoredMeter:
    """The meter with that code; raises NotFound."""
    return (await store.meters([meter_id]))[0]


def read_many(
    readings: ReadingsStore, meters: Sequence[MonitoredMeter], start: datetime, end: datetime
) -> list[MeterSeries]:
    """The readings of [start, end) of each meter on its grid, which is widened to whole intervals at the start."""
    longest = max(m.meter.interval_s for m in meters)
    frame = readings.readings([m.number for m in meters], start - timedelta(seconds=longest), end)
    parts = {int(str(number)): rows for (number,), rows in frame.group_by("meter_id", maintain_order=True)}
    return [_on_own_grid(m, parts.get(m.number, frame.clear()), start, end) for m in meters]


def read_series(readings: ReadingsStore, meter: MonitoredMeter, start: datetime, end: datetime) -> MeterSeries:
    """The readings of one meter in [start, end)."""
    return read_many(readings, [meter], start, end)[0]


def _on_own_grid(meter: MonitoredMeter, rows: pl.DataFrame, start: datetime, end: datetime) -> MeterSeries:
    step = meter.meter.interval_s
    phase = meter.limits.phase_s % step
    first = math.floor((start.timestamp() - phase) / step) * step
    ts = rows["ts"].dt.epoch("s").to_numpy() - phase
    value, last = rows["value"].to_numpy().astype(np.float64), math.ceil(end.timestamp()) - phase
    found = on_grid(ts, value, rows["quality"].to_numpy(), step, first, last)
    return MeterSeries(first + phase, step, found.energy, found.quality)


async def last_end(readings: ReadingsStore, meters: Sequence[MonitoredMeter]) -> datetime:
    """End of the newest interval of any of the meters; InvalidInput when none has a reading."""
    latest = await to_thread.run_sync(readings.latest, [m.number for m in meters])
    if latest.is_empty():
        codes = ", ".join(m.meter.code for m in meters[:3])
        raise InvalidInput(f"{codes} has no reading.", field="readings", fix="Ingest or import readings first.")
    steps = {m.number: m.meter.interval_s for m in meters}
    ends = [ts + timedelta(seconds=steps[number]) for number, ts in latest.select("meter_id", "ts").iter_rows()]
    newest: datetime = max(ends)
    return newest


def holidays_of(meter: MonitoredMeter, start: datetime, end: datetime) -> frozenset[date]:
    """Public holidays of the site; none where its country's are unknown."""
    return _holidays(meter.country, meter.state, start.year, end.year)


@lru_cache(maxsize=256)
def _holidays(country: str, state: str | None, first: int, last: int) -> frozenset[date]:
    for subdivision in (state, None):
        try:
            return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=range(first, last + 1)))
        except NotImplementedError:
            continue
    return frozenset()


class SitePrices:
    """Prices by site and commodity, remembering where the used ones came from."""

    def __init__(self, prices: Sequence[EnergyPrice]) -> None:
        self._prices = prices
        self.used: set[str] = set()

    @classmethod
    async def read(cls, store: PriceStore) -> SitePrices:
        """All prices of the tenant."""
        return cls(await store.prices())

    def at(self, meter: MonitoredMeter, day: date) -> EnergyPrice | None:
        """The price of the meter's commodity at its site on a day; solar is worth the electricity it replaces."""
        commodity = meter.meter.commodity
        wanted = Commodity.ELECTRICITY if commodity is Commodity.SOLAR else commodity
        for price in self._prices:
            held = price.effective_from <= day and (price.effective_to is None or day < price.effective_to)
            if held and (price.site_code, price.commodity) == (meter.site_code, wanted):
                self.used.add(f"site prices: {price.source or 'unnamed'}")
                return price
        return None


def quality_of(series: Sequence[MeterSeries]) -> DataQuality:
    """Coverage of the series, and the shares of estimated and doubtful readings."""
    total = sum(s.energy.size for s in series) or 1
    present = sum(int(np.count_nonzero(~np.isnan(s.energy))) for s in series)
    estimated = sum(int(np.count_nonzero(s.quality & int(Quality.ESTIMATED))) for s in series)
    doubtful = sum(int(np.count_nonzero(s.quality & int(DOUBTFUL))) for s in series)
    return DataQuality(100.0 * present / total, 100.0 * estimated / total, 100.0 * doubtful / total)


async def readings_source(readings: ReadingsStore, meters: Sequence[MonitoredMeter]) -> Source:
    """Where the readings come from: the meters and the version of the table."""
    version = (await to_thread.run_sync(readings.statistics)).version
    named = meters[0].meter.code if len(meters) == 1 else f"{len(meters)} meters"
    return Source("readings", named, f"table version {version}")


def last_values(frame: pl.DataFrame) -> dict[int, tuple[datetime, int]]:
    """Newest interval and stored value by meter number."""
    return {number: (ts, value) for number, ts, value in frame.select("meter_id", "ts", "value").iter_rows()}
