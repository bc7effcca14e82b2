"""Meters of the tenant's readings store as histories for forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from anyio import to_thread

from redaptive.app import App
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter, MonitoringStore
from redaptive.streams.forecasts.history import History
from redaptive.streams.forecasts.store_history import can_be_forecast, groups_of, history_of, newest_hour

MOST_METERS: Final = 20_000


async def store_histories(
    app: App, codes: Sequence[str] | None, sites: Sequence[str] | None, days: int, tenant_name: str | None = None
) -> list[History]:
    """The last days of a tenant's energy meters, hourly or finer: one history per commodity, clock and station.

    `tenant_name`: default that of the settings. Raises NotFound for unknown meters or sites, InvalidInput where no
    meter can be forecast.
    """
    tenant = await app.tenant_id(tenant_name)
    meters = await _chosen(MonitoringStore(app.pools, tenant), codes, sites)
    end = await to_thread.run_sync(newest_hour, app.readings, meters)
    if end is None:
        raise InvalidInput("The meters have no reading.", field="readings", fix="Import or ingest readings first.")
    histories = []
    for group in groups_of(meters):
        station = group.climate.station
        air = await app.weather(tenant).hourly(station, end - timedelta(days=days), end) if station else None
        histories.append(await to_thread.run_sync(history_of, app.readings, group, air, end, days))
    return histories


async def _chosen(
    store: MonitoringStore, codes: Sequence[str] | None, sites: Sequence[str] | None
) -> list[MonitoredMeter]:
    found = await store.meters(codes) if codes else await store.meters_of(None, limit=MOST_METERS)
    unknown = sorted(set(sites or ()) - {meter.site_code for meter in found})
    if unknown:
        known = ", ".join(sorted({meter.site_code for meter in found})[:10])
        raise NotFound(
            f"No such meter is at {', '.join(unknown)}.", field="--sites", fix=f"Sites with meters: {known}."
        )
    meters = [m for m in found if can_be_forecast(m) and (not sites or m.site_code in sites)]
    if not meters:
        raise InvalidInput("There is no meter with hourly readings.", field="--meters", fix="Import meters first.")
    return meters


def issue_time(histories: Sequence[History], at: datetime | None) -> int:
    """Seconds of the full hour at which forecasts are issued: the given moment, else the end of the readings."""
    return int(at.timestamp()) // 3_600 * 3_600 if at else min(history.end_s for history in histories)
