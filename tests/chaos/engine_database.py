"""A private database with the engine's schema, and what the kill tests start and read in it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

from tests.chaos.engine_processes import Executor
from tests.integration.private_postgres import PrivatePostgres

from redaptive.agents.principal import Principal
from redaptive.errors import NotFound, RedaptiveError
from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.intelligent.engine.checkpoints import migrate
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import FINAL_STATES, Run, Snapshot
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

RUNS = int(os.environ.get("REDAPTIVE_CHAOS_RUNS", "60"))
CONCURRENCY = 8
STEPS = ("a", "b", "c", "d", "e")
FIVE = Plan.model_validate(
    {
        "id": "five",
        "title": "Five steps",
        "nodes": [
            {
                "id": name,
                "tool": "t.echo",
                "args": {"x": {"n": "$in.n", "after": f"${before}.value" if before else None}},
            }
            for before, name in zip((None, *STEPS), STEPS, strict=False)
        ],
        "output": {"deep": "$e.value.after.after.after.after.n", "n": "$e.value.n"},
    }
)


class Database:
    """A private server, with what the tests read of it."""

    def __init__(self) -> None:
        self.server = PrivatePostgres()
        self.server.start()
        self.urls: DatabaseUrls = bootstrap(self.server.url, self.server.root / "credentials")
        migrate(self.urls.owner)

    def do(self, work: Callable[[Watch], Awaitable[None]], timeout_s: float = 60 + RUNS) -> None:
        async def within() -> None:
            async with (
                ConnectionPoolManager(self.urls.app, max_size=4) as pools,
                ConnectionPoolManager(self.urls.worker, max_size=2) as all_tenants,
            ):
                name = f"t-{uuid4().hex[:8]}"
                tenant = await TenantStore(pools).ensure(name)
                watch = Watch(WorkflowStore(pools, tenant), all_tenants, Principal(tenant, name, "tester", frozenset()))
                try:
                    async with asyncio.timeout(timeout_s):
                        await work(watch)
                except TimeoutError:
                    raise AssertionError(f"after {timeout_s:.0f} s: {await watch.unfinished()}") from None

        asyncio.run(within())


class Watch:
    """Starts runs and looks at them."""

    def __init__(self, store: WorkflowStore, pools: ConnectionPoolManager, principal: Principal) -> None:
        self.store, self.pools, self.principal = store, pools, principal

    async def start(self, plan: Plan, **inputs: Any) -> str:
        request = RunRequest(plan, inputs, self.principal)
        await self.store.create_run(request.new_run())
        return request.run_id

    async def start_many(self, count: int) -> list[str]:
        return [await self.start(FIVE, n=n) for n in range(count)]

    async def count(self, where: str, *values: Any) -> int:
        rows = await self.pools.query(
            f"SELECT count(*) AS n FROM runs WHERE tenant_id = %s AND {where}",  # type: ignore[arg-type]
            (self.principal.tenant_id, *values),
            tenant_id=None,
        )
        return int(rows[0]["n"])

    async def until_true(self, enough: Callable[[int], bool], where: str, *values: Any) -> None:
        while True:
            if enough(await self.count(where, *values)):
                return
            await asyncio.sleep(0.005)

    async def until_done(self, share: float, of: int) -> None:
        await self.until_true(lambda n: n >= share * of, "state = 'done'")

    async def until_nothing_of(self, executor: Executor) -> float:
        """Seconds until no unfinished run is the executor's any more."""
        begun = time.monotonic()
        await self.until_true(lambda n: n == 0, "executor_id = %s", executor.id)
        return time.monotonic() - begun

    async def ended(self, run_id: str) -> Run:
        while True:
            with suppress(RedaptiveError):  # the server may be away
                if (run := await self.store.run(run_id)).state in FINAL_STATES:
                    return run
            await asyncio.sleep(0.05)

    async def until(self, run_id: str, look: Callable[[Snapshot], bool]) -> Snapshot:
        while True:
            with suppress(NotFound):
                if look(snapshot := await self.store.snapshot(run_id)):
                    return snapshot
            await asyncio.sleep(0.02)

    async def unfinished(self) -> str:
        """Who lives, and where the runs stand that have not ended, with their workflows."""
        alive = await self.pools.query(
            "SELECT id, expires_at - clock_timestamp() AS left FROM engine_executors", tenant_id=None
        )
        rows = await self.pools.query(
            "SELECT r.id, r.state, r.epoch, r.executor_id, r.started_at, r.changed_at, w.status,"
            " w.executor_id AS workflow_executor, w.recovery_attempts, w.queue_name FROM runs r"
            " LEFT JOIN dbos.workflow_status w ON w.workflow_uuid = r.tenant_id || '/' || r.id || '/' || r.epoch"
            " WHERE r.tenant_id = %s AND r.finished_at IS NULL ORDER BY r.created_at LIMIT 20",
            (self.principal.tenant_id,),
            tenant_id=None,
        )
        return "\n".join(f"{dict(row)}" for row in (*alive, *rows))

    async def check_all(self, run_ids: list[str]) -> None:
        """Every run is done with the right output, and has each of its steps once."""
        for n, run_id in enumerate(run_ids):
            run = await self.ended(run_id)
            assert (run.state, run.output) == ("done", {"deep": n, "n": n}), run.error
        rows = await self.pools.query(
            "SELECT count(*) AS n, count(DISTINCT workflow_uuid) AS runs FROM dbos.operation_outputs"
            " WHERE workflow_uuid LIKE %s || '/%%'",
            (str(self.principal.tenant_id),),
            tenant_id=None,
        )
        assert (rows[0]["n"], rows[0]["runs"]) == (len(STEPS) * len(run_ids), len(run_ids))


def end(*started: Executor) -> None:
    """Kill those that still run."""
    for executor in started:
        if executor.process.poll() is None:
            executor.kill()
