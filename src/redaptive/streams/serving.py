"""A worker as a process: connected, with `/health`, `/ready` and `/metrics`, until a signal ends it."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Final

import anyio
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.statistics import PoolCollector
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.events.housekeeping import keep_clean
from redaptive.infrastructure.messaging.events.relay import OutboxRelay
from redaptive.infrastructure.messaging.events.streams import EventProducer
from redaptive.infrastructure.messaging.guards import LogState
from redaptive.infrastructure.messaging.redis_streams import open_log
from redaptive.infrastructure.metrics.metrics_collector import CONTENT_TYPE, MetricsCollector
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.settings import Settings
from redaptive.streams.loopback import serve_on_loopback
from redaptive.streams.upkeep import run_upkeep
from redaptive.streams.worker import StreamWorker, Tools

log = structlog.get_logger(__name__)
STATEMENT_TIMEOUT_S: Final = 60.0


@asynccontextmanager
async def open_tools(
    settings: Settings, *, worker_url: str, log_url: str, store: ReadingsStore
) -> AsyncIterator[Tools]:
    """What a worker needs, connected; `worker_url` is of the role redaptive_worker."""
    pools = ConnectionPoolManager(
        worker_url,
        name="stream",
        min_size=1,
        max_size=4,
        acquire_timeout_s=settings.pool_acquire_timeout_s,
        statement_timeout_s=STATEMENT_TIMEOUT_S,
    )
    async with pools, open_log(log_url, settings) as reading_log:
        yield Tools(settings, reading_log, pools, store)


async def run_worker(
    tools: Tools, *, log_url: str, port: int | None = None, only: Collection[int] | None = None
) -> None:
    """Work until SIGTERM or SIGINT, then flush and give the partitions back; `port` serves health and metrics.

    Each worker is also ready to publish the outbox; one of them does.
    """
    worker = StreamWorker(tools, only=only)
    async with anyio.create_task_group() as group:
        group.start_soon(_stop_on_signal, worker)
        group.start_soon(_publish_events, tools, log_url)
        group.start_soon(run_upkeep, worker, tools)
        if port is not None:
            group.start_soon(serve_on_loopback, worker_app(worker, tools), port)
        await worker.run()
        group.cancel_scope.cancel()


async def _stop_on_signal(worker: StreamWorker) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            log.info("stream_worker_stops", signal=number.name)
            worker.stop()


async def _publish_events(tools: Tools, log_url: str) -> None:
    client = connect(log_url)
    try:
        outbox = OutboxRelay(tools.pools, EventProducer(client))
        async with anyio.create_task_group() as group:
            group.start_soon(keep_clean, client, tools.pools, outbox)
            group.start_soon(outbox.run)
    finally:
        with anyio.CancelScope(shield=True):
            await client.aclose()


def worker_app(worker: StreamWorker, tools: Tools) -> Starlette:
    """`/health`: the loop turns; `/ready`: leases can be renewed; `/metrics` for Prometheus."""
    metrics = worker_metrics(worker, tools)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "worker": worker.owned.leases.worker})

    async def ready(_: Request) -> Response:
        found = await tools.pools.health()
        body = {"status": "ok" if found.ok else "failing", "partitions": sorted(worker.owned.scorers)}
        return JSONResponse(body, status_code=200 if found.ok else 503)

    async def page(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    return Starlette(routes=[Route("/health", health), Route("/ready", ready), Route("/metrics", page)])


def worker_metrics(worker: StreamWorker, tools: Tools) -> MetricsCollector:
    """All metrics of a worker's process: `redaptive_stream_*`, `redaptive_log_*`, the pool's."""
    metrics = MetricsCollector()
    metrics.registry.register(PoolCollector([tools.pools]))
    metrics.attach("log", lambda: asdict(tools.reading_log.statistics()))
    metrics.attach("stream", lambda: {**worker.figures.as_dict(), **_held(worker)})
    metrics.attach("stream_rows", lambda: _verdicts(worker))
    return metrics


def _held(worker: StreamWorker) -> dict[str, float]:
    scorers = worker.owned.scorers.values()
    return {
        "partitions": len(scorers),
        "unflushed_readings": worker.unflushed,
        "lease_epoch_max": max((scorer.epoch for scorer in scorers), default=0),
        "meters": sum(len(scorer.fleet) for scorer in scorers),
        **{state.value: worker.owned.guards[state.value] for state in (LogState.REGRESSED, LogState.GAP)},
    }


COUNTED: Final = (
    "ok",
    "duplicate",
    "late",
    "too_late",
    "filled",
    "future",
    "bad",
    "misaligned",
    "unknown",
    "known_batches",
    "unreadable",
    "without_tenant",
)


def _verdicts(worker: StreamWorker) -> dict[str, float]:
    """Rows by verdict of the partitions held, since the installation began."""
    scorers = list(worker.owned.scorers.values())
    return {name: sum(scorer.counters[name] for scorer in scorers) for name in COUNTED}
