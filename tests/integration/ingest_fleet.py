"""A small fleet for the ingest tests: a tenant with meters, an open gate on the session's servers, a publisher."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import paho.mqtt.client as mqtt
import polars as pl

from redaptive.app import open_app
from redaptive.domain.portfolio.records import Building, Commodity, Customer, Meter, Site
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.infrastructure.messaging.batches import ReadingBatch, decode
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.settings import Settings
from redaptive.streams.ingest.mqtt_client import mqtt_client
from redaptive.streams.ingest.service import Gate, open_gate

START = 1_767_225_600
"""2026-01-01T00:00:00Z."""
METERS = [
    Meter("E-1", "B", Commodity.ELECTRICITY, interval_s=900),
    Meter("E-2", "B", Commodity.ELECTRICITY, interval_s=900, multiplier=40.0),
    Meter("G-1", "B", Commodity.GAS, interval_s=3600),
    Meter("W-1", "B", Commodity.WATER, interval_s=3600),
]


@dataclass(frozen=True)
class Fleet:
    """A tenant with four meters, the gate, and where the log stood when it was opened."""

    tenant: str
    tenant_id: UUID
    numbers: dict[str, int]
    gate: Gate
    pools: ConnectionPoolManager
    worker_url: str
    log_url: str
    since: dict[int, int]

    async def batches(self, gateway: str, log: ReadingLog | None = None) -> list[ReadingBatch]:
        """The gateway's batches in the log since the fleet was opened."""
        found = await self.gate.directory.known_gateway(self.tenant_id, gateway)
        if found is None:
            return []
        reading_log = log or self.gate.log
        entries = [e for p, at in self.since.items() for e in await reading_log.read_after(p, at, count=100_000)]
        return [batch for e in entries if (batch := decode(e.body)).gateway == found.number]

    async def readings(self, gateway: str) -> list[tuple[str, int, int]]:
        """The gateway's readings in the log as (meter code, start, value), sorted."""
        codes = {number: code for code, number in self.numbers.items()}
        rows = []
        for batch in await self.batches(gateway):
            columns = (batch.meter.tolist(), batch.start_s.tolist(), batch.value.tolist())
            rows += [(codes[meter], start, value) for meter, start, value in zip(*columns, strict=True)]
        return sorted(rows)

    async def refused(self) -> list[dict[str, Any]]:
        """The refused rows of the tenant, by time and row."""
        return await self.pools.query(
            "SELECT * FROM refused_reading ORDER BY received_at, row_no", tenant_id=self.tenant_id
        )


@asynccontextmanager
async def fleet(settings: Settings) -> AsyncIterator[Fleet]:
    """A fleet of a tenant of its own on the settings' servers."""
    tenant = f"t-{uuid4().hex[:12]}"
    async with open_app(settings) as app:
        tenant_id = await app.tenant_id(tenant, create=True)
        store = PortfolioStore(app.pools, tenant_id)
        await store.upsert_customers([Customer("C", "C", "office")])
        await store.upsert_sites([Site("S", "S", "C", "America/New_York", weather_station="KNYC")])
        await store.upsert_buildings([Building("B", "B", "S", "office", 1e4)])
        await store.upsert_meters(METERS)
        numbers = {m.code: m.meter_no for m in await store.meters() if m.meter_no is not None}
        await WeatherStore(app.pools, tenant_id).upsert_hours("KNYC", _weather())
        log_url = app.endpoints.log.url
        async with open_gate(settings, worker_url=app.urls.worker, log_url=log_url) as gate:
            since = {end.partition: end.last for end in await gate.log.ends()}
            yield Fleet(tenant, tenant_id, numbers, gate, app.pools, app.urls.worker, log_url, since)


def _weather() -> pl.DataFrame:
    hours = pl.Series("ts", np.arange(START, START + 86_400, 3_600) * 1_000_000).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"ts": hours, "air_temperature_c": [float(h) - 5.5 for h in range(24)]})


def batch(sequence: int, readings: Sequence[tuple[str, int, object]], unit: str = "kWh", **more: object) -> bytes:
    """A JSON batch of (meter, start, value) rows; without a sequence if it is -1."""
    rows = [{"meter": meter, "start": start, "value": value} for meter, start, value in readings]
    numbered = {"sequence": sequence} if sequence >= 0 else {}
    return json.dumps({**numbered, "unit": unit, "readings": rows, **more}).encode()


class Publisher:
    """A gateway's client: publishes at QoS 1 and waits for the broker's acknowledgement."""

    def __init__(self, url: str, name: str) -> None:
        self.client, address = mqtt_client(url, name)
        self.received: list[mqtt.MQTTMessage] = []
        self.acknowledged: set[int] = set()
        self.client.on_publish = lambda client, data, number, reason, properties: self.acknowledged.add(number)
        self.client.on_message = lambda client, data, message: self.received.append(message)
        self.client.connect(address.host, address.port)
        self.client.loop_start()

    def publish(self, topic: str, payload: bytes) -> None:
        """Returns when the broker has it on disk; without a connection the client keeps it until there is one."""
        number, end = self.client.publish(topic, payload, qos=1).mid, time.monotonic() + 20
        while number not in self.acknowledged:
            assert time.monotonic() < end, "the broker does not acknowledge"
            time.sleep(0.005)

    def close(self) -> None:
        """End the connection."""
        self.client.disconnect()
        self.client.loop_stop()


def run(settings: Settings, test: Callable[[Fleet], Awaitable[None]]) -> None:
    """The test with a fleet of its own."""

    async def main() -> None:
        async with fleet(settings) as made:
            await test(made)

    asyncio.run(main())
