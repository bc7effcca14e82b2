"""Servers of a stream test's own, and one worker in this process."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import open_log
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.infrastructure.services.server import Endpoints
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
from redaptive.streams.flush import Step, nothing
from redaptive.streams.worker import Tools


@dataclass(frozen=True)
class StreamServers:
    """Real PostgreSQL and Valkey with nothing in them, and where they are."""

    settings: Settings
    endpoints: Endpoints
    urls: DatabaseUrls
    supervisor: ServiceSupervisor

    def stop_database(self) -> None:
        """Take PostgreSQL away, so that nobody brings it back."""
        self.supervisor._all["database"].stop(needed=lambda: False)

    def start_database(self) -> None:
        """Bring it back on its old port."""
        self.supervisor.ensure()


@contextmanager
def stream_servers(**settings: object) -> Iterator[StreamServers]:
    """Servers in a home of their own, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="redaptive-stream-"))
    home.chmod(0o755)
    chosen = Settings(home=home, log_level="ERROR", **settings)  # type: ignore[arg-type]
    supervisor = ServiceSupervisor(chosen)
    try:
        endpoints = supervisor.start()
        yield StreamServers(chosen, endpoints, bootstrap(endpoints.database.url, home / "secrets"), supervisor)
    finally:
        supervisor.stop()
        rmtree(home, ignore_errors=True)


@asynccontextmanager
async def worker_tools(servers: StreamServers, step: Step = nothing) -> AsyncIterator[Tools]:
    """What a worker needs, connected."""
    store = ReadingsStore.open(servers.settings.readings_root)
    try:
        async with open_log(servers.endpoints.log.url, servers.settings) as reading_log:
            async with ConnectionPoolManager(servers.urls.worker, name="stream", min_size=1, max_size=4) as pools:
                yield Tools(servers.settings, reading_log, pools, store, step)
    finally:
        store.close()
