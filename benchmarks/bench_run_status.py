"""From a change of a run's state to the viewer who sees it: the watch beside polling, on one private PostgreSQL.

Run: `python benchmarks/bench_run_status.py [runs] [viewers per run] [executors]`. Prints a Markdown table.

The clock starts when a node of a plan ends in the engine (`finished_at`), a process of its own, and stops when a viewer
in this process has the node as done: the engine's journal, the commit, the notice and the read are all in it. Polling
is the usual way without notices: a viewer reads the run every 200 ms; both look at the same runs at the same time.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.chaos.engine_processes import Executors
from tests.integration.private_postgres import PrivatePostgres

from redaptive.agents.principal import Principal
from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.intelligent.engine.checkpoints import migrate
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import Snapshot
from redaptive.orchestration.state.run_watch import RunWatch
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

NODES, POLL_S, PACE_S = 6, 0.2, 0.1
GOAL_MS = 100
Viewer = Callable[[str], Awaitable[None]]


class Clock:
    """Milliseconds from the end of each node to the moment that one viewer had it."""

    def __init__(self) -> None:
        self.found: list[float] = []

    def look(self, snapshot: Snapshot, had: set[str]) -> None:
        """Note the nodes that are done and that this viewer did not have yet."""
        now = datetime.now(UTC)
        for node in snapshot.nodes:
            if node.item_index < 0 and node.finished_at is not None and node.node not in had:
                had.add(node.node)
                self.found.append((now - node.finished_at).total_seconds() * 1000)

    def row(self, name: str, reads: int) -> str:
        """A row of the table."""
        ordered = sorted(self.found)
        p99 = ordered[int(0.99 * (len(ordered) - 1))]
        return (
            f"| {name} | {len(ordered)} | {statistics.median(ordered):.1f} | {p99:.1f} | {ordered[-1]:.1f} | {reads} |"
        )


def plan() -> Plan:
    """Two chains beside each other that meet at the end."""
    nodes = [
        {
            "id": f"n{at}",
            "tool": "t.work",
            "args": {"x": f"$n{at - 2}.value" if at > 1 else 1, "sleep_s": random.uniform(0.1, 0.4)},
        }
        for at in range(NODES)
    ]
    return Plan.model_validate({"id": "bench", "title": "Bench", "nodes": nodes})


async def _measure(urls: DatabaseUrls, runs: int, viewers: int) -> None:
    async with (
        ConnectionPoolManager(urls.app, max_size=10) as pools,
        ConnectionPoolManager(urls.app, name="polling", max_size=10) as polling,
        RunWatch(pools, urls.app) as watch,
    ):
        tenant = await TenantStore(pools).ensure(f"bench-{uuid4().hex[:8]}")
        watched, polled = Clock(), Clock()
        store = WorkflowStore(polling, tenant)
        reads = 0

        async def watching(run_id: str) -> None:
            had: set[str] = set()
            async for update in watch.watch(tenant, run_id):
                watched.look(update.snapshot, had)

        async def asking(run_id: str) -> None:
            nonlocal reads
            had: set[str] = set()
            while True:
                snapshot = await store.snapshot(run_id)
                reads += 1
                polled.look(snapshot, had)
                if snapshot.run.finished:
                    return
                await asyncio.sleep(POLL_S)

        took_s = await _run_all(WorkflowStore(pools, tenant), tenant, runs, [*[watching] * viewers, asking])
        print(f"\n{runs} runs of {NODES} nodes in {took_s:.1f} s; {viewers} watching viewers a run, 1 that polls\n")
        print("| viewer | nodes seen | p50 ms | p99 ms | max ms | reads |\n|---|---|---|---|---|---|")
        print(watched.row("watch (LISTEN, then read by number)", watch.statistics().reads))
        print(polled.row(f"polling every {POLL_S * 1000:.0f} ms", reads))
        print(f"\nGoal: p99 of the watch at most {GOAL_MS} ms.")


async def _run_all(store: WorkflowStore, tenant: UUID, runs: int, viewers: list[Viewer]) -> float:
    principal = Principal(tenant, "bench", "bench", frozenset())
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(runs):
            request = RunRequest(plan(), {}, principal)
            await store.create_run(request.new_run())
            for viewer in viewers:
                group.create_task(viewer(request.run_id))
            await asyncio.sleep(PACE_S)
    return time.perf_counter() - began


def main() -> None:
    """Start a private server, measure, print."""
    given = [int(text) for text in sys.argv[1:]]
    runs, viewers, count = [*given, *(60, 3, 1)[len(given) :]]
    server = PrivatePostgres()
    try:
        server.start(max_connections=200)
        urls = bootstrap(server.url, server.root / "credentials")
        migrate(urls.owner)
        executors = Executors(urls.worker, server.root, concurrency=64)
        started = [executors.start() for _ in range(count)]
        try:
            asyncio.run(_measure(urls, runs, viewers))
        finally:
            for each in started:
                each.kill()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
