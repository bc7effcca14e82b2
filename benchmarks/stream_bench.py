"""Servers, fleets and readings of the streaming benchmarks."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import numpy as np
import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from redaptive.infrastructure.database.bootstrap import DATABASE, DatabaseUrls, bootstrap
from redaptive.infrastructure.messaging.batches import ReadingBatch
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.infrastructure.services.server import Endpoints
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
from redaptive.streams.serving import open_tools
from redaptive.streams.worker import Tools

PARTITIONS = 16
GATEWAY_METERS = 512
START_S = 1_781_481_600
"""2026-06-15 00:00 UTC."""


@dataclass(frozen=True)
class Bench:
    """Servers that hold nothing but the benchmark."""

    settings: Settings
    endpoints: Endpoints
    urls: DatabaseUrls

    @property
    def superuser_url(self) -> str:
        """The database as one whom row security does not bind."""
        return make_conninfo(self.endpoints.database.url, dbname=DATABASE)


@contextmanager
def bench_servers(**settings: object) -> Iterator[Bench]:
    """Fresh servers, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="redaptive-bench-"))
    home.chmod(0o755)
    given = {"stream_partitions": PARTITIONS, "log_memory_mb": 4096, "log_level": "ERROR", **settings}
    chosen = Settings(home=home, **given)  # type: ignore[arg-type]
    supervisor = ServiceSupervisor(chosen)
    try:
        endpoints = supervisor.start()
        yield Bench(chosen, endpoints, bootstrap(endpoints.database.url, home / "secrets"))
    finally:
        supervisor.stop()
        rmtree(home, ignore_errors=True)


@contextmanager
def worker_process(bench: Bench, settings: Mapping[str, object]) -> Iterator[psutil.Process]:
    """A `redaptive worker` on the servers, as users start it; stopped afterwards."""
    given = {"home": bench.settings.home, "stream_partitions": PARTITIONS, "log_level": "ERROR", **settings}
    environment = os.environ | {f"REDAPTIVE_{name.upper()}": str(value) for name, value in given.items()}
    process = psutil.Popen([sys.executable, "-m", "redaptive", "worker"], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


@asynccontextmanager
async def bench_tools(bench: Bench) -> AsyncIterator[Tools]:
    """What a worker needs, connected."""
    store = ReadingsStore.open(bench.settings.readings_root)
    async with open_tools(
        bench.settings, worker_url=bench.urls.worker, log_url=bench.endpoints.log.url, store=store
    ) as tools:
        yield tools
    store.close()


def make_meters(bench: Bench, meters: int, cadence_s: int) -> None:
    """Meters 1 to `meters` in one building of one tenant."""
    tenant, customer, site, building = (uuid4() for _ in range(4))
    with psycopg.connect(bench.superuser_url) as connection:
        connection.execute("INSERT INTO tenants (id, name) VALUES (%s, 'bench')", (tenant,))
        connection.execute("INSERT INTO customers VALUES (%s, %s, 'c', 'C', 'retail')", (tenant, customer))
        connection.execute(
            "INSERT INTO sites (tenant_id, id, code, name, customer_id, timezone, country)"
            " VALUES (%s, %s, 's', 'S', %s, 'America/Chicago', 'US')",
            (tenant, site, customer),
        )
        connection.execute(
            "INSERT INTO buildings (tenant_id, id, code, name, site_id, building_type, parking_area_ft2, systems)"
            " VALUES (%s, %s, 'b', 'B', %s, 'office', 0, '{}')",
            (tenant, building, site),
        )
        connection.execute(
            "INSERT INTO meters (tenant_id, meter_no, code, building_id, commodity, role, interval_s, multiplier)"
            " OVERRIDING SYSTEM VALUE SELECT %s, n, 'm' || n, %s, 'electricity', 'main', %s, 1"
            " FROM generate_series(1, %s) AS n",
            (tenant, building, cadence_s, meters),
        )
    with psycopg.connect(bench.superuser_url, autocommit=True) as connection:
        connection.execute("ANALYZE")


class Readings:
    """A fleet's readings: daily shape, 4 % noise, one in 100,000 a spike; the same for the same meter and interval."""

    def __init__(self, meters: int, cadence_s: int, seed: int = 1) -> None:
        self._cadence_s = cadence_s
        self._rng = np.random.default_rng(seed)
        self._base = 3_000 * self._rng.lognormal(0, 0.5, meters + 1) * cadence_s / 900
        self.gateways = [
            np.arange(first, min(first + GATEWAY_METERS, meters + 1), dtype=np.int32)
            for first in range(1, meters + 1, GATEWAY_METERS)
        ]

    def interval(self, step: int, received_s: float | None = None) -> Iterator[ReadingBatch]:
        """One batch per gateway."""
        start = START_S + step * self._cadence_s
        hour = start / 3600 % 24
        shape = 0.4 + 0.6 * np.exp(-(((hour - 19) / 5) ** 2))
        for gateway, meters in enumerate(self.gateways, start=1):
            value = self._base[meters] * shape * self._rng.normal(1, 0.04, len(meters))
            value *= np.where(self._rng.random(len(meters)) < 1e-5, 20, 1)
            yield self.batch(gateway, step, meters, value, start, received_s)

    def batch(
        self, gateway: int, step: int, meters: np.ndarray, value: np.ndarray, start: int, received_s: float | None
    ) -> ReadingBatch:
        """A batch of one interval."""
        at = start + self._cadence_s + 2.0 if received_s is None else received_s
        return ReadingBatch(
            gateway=gateway,
            sequence=step + 1,
            received_us=int(at * 1e6),
            trace_id="",
            meter=meters,
            start_s=np.full(len(meters), start, np.int64),
            value=np.round(value).astype(np.int64),
            flags=np.zeros(len(meters), np.uint8),
            temperature_dc=np.full(len(meters), 215, np.int16),
        )
