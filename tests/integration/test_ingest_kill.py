"""The ingester and the log are killed under load: every batch is in the log, copies are known as such."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.ingest_fleet import METERS, START, Publisher, batch

from redaptive.app import open_app
from redaptive.domain.portfolio.records import Building, Customer, Site
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.messaging.batches import decode
from redaptive.infrastructure.messaging.redis_streams import open_log
from redaptive.infrastructure.services.mqtt import embedded_broker
from redaptive.infrastructure.services.state import load_state
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
from redaptive.streams.known_batches import KnownBatches

TENANT, GATEWAYS, MESSAGES = "killed", 3, 120


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="redaptive-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


async def prepare(settings: Settings) -> None:
    async with open_app(settings) as app:
        store = PortfolioStore(app.pools, await app.tenant_id(TENANT, create=True))
        await store.upsert_customers([Customer("C", "C", "office")])
        await store.upsert_sites([Site("S", "S", "C", "America/New_York")])
        await store.upsert_buildings([Building("B", "B", "S", "office", 1e4)])
        await store.upsert_meters(METERS)


class Ingester:
    """`redaptive ingest` as a process of its own, killed and started again."""

    def __init__(self, home: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("REDAPTIVE_")}
        self._environment = {**kept, "REDAPTIVE_HOME": str(home), "REDAPTIVE_TENANT": TENANT}
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "redaptive", "ingest", "--no-http", "--no-drop"]
        return subprocess.Popen(command, env=self._environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def wait_until_ready(self) -> None:
        """Until it has subscribed: before its first subscription the broker has nobody to keep messages for."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if b"Ctrl-C stops" in line:
                return
        raise AssertionError("the ingester did not start")

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.communicate()

    def restart(self) -> None:
        """A kill -9 and a new one."""
        self.kill()
        self._process = self._start()


async def entries(url: str, settings: Settings) -> list[tuple[int, int, bytes, int]]:
    """(gateway, sequence, contents, start) of each entry in the order of the log; all are in one partition."""
    async with open_log(url, settings) as reading_log:
        found = [e for p in range(reading_log.partitions) for e in await reading_log.read_after(p, 0, count=100_000)]
    batches = [decode(entry.body) for entry in found]
    return [(b.gateway, b.sequence, b.start_s.tobytes() + b.value.tobytes(), int(b.start_s[0])) for b in batches]


def test_nothing_is_lost_when_ingester_and_log_are_killed(home: Path) -> None:
    settings = Settings(home=home, tenant=TENANT, log_level="WARNING")
    supervisor = ServiceSupervisor(settings)
    endpoints = supervisor.start(keep=True)
    try:
        asyncio.run(prepare(settings))
        with embedded_broker(settings) as broker:
            ingester, sender = Ingester(home), Publisher(broker.url, "fleet")
            halfway = threading.Event()

            def send() -> None:
                for number in range(MESSAGES):
                    for gateway in range(GATEWAYS):
                        start = START + 900 * (number * GATEWAYS + gateway)
                        payload = batch(number, [("E-1", start, 1)])
                        sender.publish(f"redaptive/{TENANT}/G-{gateway}/readings", payload)
                    if number == MESSAGES // 2:
                        halfway.set()
                    time.sleep(0.05)

            sending = threading.Thread(target=send)
            deadline = time.monotonic() + 60

            def wait_for(count: int) -> set[int]:
                while True:
                    starts = {start for *_, start in asyncio.run(entries(endpoints.log.url, settings))}
                    if len(starts) >= count or time.monotonic() > deadline:
                        return starts
                    time.sleep(0.1)

            ingester.wait_until_ready()
            sending.start()
            wait_for(1)
            ingester.restart()
            halfway.wait(20)
            process = load_state(home / "run" / "log.json").process
            assert process is not None
            os.kill(process.pid, signal.SIGKILL)
            time.sleep(0.2)
            ingester.restart()
            sending.join()
            starts = wait_for(MESSAGES * GATEWAYS)
            ingester.kill()
            sender.close()
        assert starts == {START + 900 * n for n in range(MESSAGES * GATEWAYS)}
        log = asyncio.run(entries(endpoints.log.url, settings))
        known = KnownBatches()
        kept = [
            start
            for gateway, sequence, contents, start in log
            if (known.take(gateway, sequence) if sequence >= 0 else known.take_content(gateway, contents))
        ]
        assert set(kept) == starts  # the owner's rules drop copies, and never a batch that it has not seen
    finally:
        supervisor.stop()
