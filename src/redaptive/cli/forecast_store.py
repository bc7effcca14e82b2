"""Meters of the readings store as histories for forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from anyio import to_thread

from redaptive.agents.monitoring.meters import holidays_of
from redaptive.app import App
from redaptive.cli.forecast_files import KILO, History
from redaptive.domain.baseline.hour_matrix import hourly_weather
from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter, MonitoringStore

TRAIN_DAYS: Final = 1_200
FORECAST_DAYS: Final = 430
"""A year and what its features need."""
AHEAD: Final = timedelta(days=30)
MOST_METERS: Final = 20_000


async def store_histories(app: App, codes: Sequence[str] | None, days: int) -> list[History]:
    """The last days of the tenant's energy meters, hourly or finer: one history per clock, calendar and station."""
    tenant = await app.tenant_id()
    store = MonitoringStore(app.pools, tenant)
    found = await store.meters(codes) if codes else await store.meters_of(None, limit=MOST_METERS)
    meters = [m for m in found if m.meter.interval_s <= HOUR_S and m.meter.commodity is not Commodity.WATER]
    if not meters:
        raise InvalidInput("There is no meter with hourly readings.", field="--meters", fix="Import meters first.")
    end = await to_thread.run_sync(_newest_hour, app, meters)
    groups: dict[tuple[str, str, str | None, str | None], list[MonitoredMeter]] = {}
    for meter in meters:
        key = (meter.timezone, meter.country, meter.state, meter.weather_station)
        groups.setdefault(key, []).append(meter)
    histories = []
    for (_, _, _, station), members in groups.items():
        start = end - timedelta(days=days)
        air = await app.weather(tenant).hourly(station, start, end) if station else None
        histories.append(await to_thread.run_sync(_history, app, members, air, (start, end)))
    return histories


def _newest_hour(app: App, meters: Sequence[MonitoredMeter]) -> datetime:
    """End of the newest full hour that any of the meters has read."""
    latest = app.readings.latest([m.number for m in meters])
    if latest.is_empty():
        raise InvalidInput("The meters have no reading.", field="readings", fix="Import or ingest readings first.")
    steps = {m.number: m.meter.interval_s for m in meters}
    ends = [ts.timestamp() + steps[number] for number, ts in latest.select("meter_id", "ts").iter_rows()]
    return datetime.fromtimestamp(int(max(ends)) // HOUR_S * HOUR_S, UTC)


def _history(
    app: App, meters: Sequence[MonitoredMeter], air: pl.DataFrame | None, span: tuple[datetime, datetime]
) -> History:
    start_s, end_s = (int(moment.timestamp()) for moment in span)
    rows = {meter.number: row for row, meter in enumerate(meters)}
    frame = app.readings.hourly(list(rows), *span)
    row = frame["meter_id"].cast(pl.Int64).replace_strict(rows, return_dtype=pl.Int64).to_numpy()
    hour = (frame["hour_ts"].dt.epoch("s").to_numpy() - start_s) // HOUR_S
    needed = np.array([max(1, HOUR_S // meter.meter.interval_s) for meter in meters], np.int64)
    whole = frame["n"].to_numpy() >= needed[row]
    energy = np.full((len(meters), (end_s - start_s) // HOUR_S), np.nan)
    energy[row[whole], hour[whole]] = frame["value_sum"].to_numpy()[whole] / KILO
    warm = np.full(energy.shape[1], np.nan) if air is None else hourly_weather(air, (start_s, end_s))[0]
    closed = holidays_of(meters[0], span[0], span[1] + AHEAD)
    notes = () if air is not None else ("No weather is stored for some meters: their forecast goes without it.",)
    return History(tuple(m.meter.code for m in meters), meters[0].timezone, closed, start_s, energy, warm, notes)
