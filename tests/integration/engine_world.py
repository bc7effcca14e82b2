"""One engine with fake tools on real servers, for the tests of a module; its event loop turns while a test runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from tests.fakes.fake_tools import FakeTools

from redaptive.agents.principal import Principal
from redaptive.errors import NotFound
from redaptive.infrastructure.database.bootstrap import DatabaseUrls
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions, WorkflowEngine
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import ControlKind, Run, Snapshot
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

ResultT = TypeVar("ResultT")
FAST = EngineOptions(grace_s=1.0, undo_interval_s=0.01, park_after_s=3600.0)


@dataclass
class EngineWorld:
    """The engine, its tools, and a tenant with a person."""

    runner: asyncio.Runner
    urls: DatabaseUrls
    tools: FakeTools
    engine: WorkflowEngine
    pools: ConnectionPoolManager
    principal: Principal

    def do(self, work: Coroutine[Any, Any, ResultT], timeout_s: float = 30) -> ResultT:
        """The result of the work, on the engine's loop."""

        async def within() -> ResultT:
            async with asyncio.timeout(timeout_s):
                return await work

        return self.runner.run(within())

    @property
    def store(self) -> WorkflowStore:
        return WorkflowStore(self.pools, self.principal.tenant_id)

    async def start(self, plan: Plan, **given: Any) -> str:
        """The id of a queued run; `inputs` are empty unless given."""
        request = RunRequest(plan, given.pop("inputs", {}), self.principal, **given)
        return (await self.engine.start(request)).id

    async def ended(self, run_id: str) -> Snapshot:
        """What is known of the run when it has ended."""
        await self.engine.wait(self.principal.tenant_id, run_id)
        return await self.store.snapshot(run_id)

    async def ended_soon(self, run_id: str) -> Snapshot:
        """The same for a run that may not be there yet."""
        while True:
            with suppress(NotFound):
                await self.store.run(run_id)
                return await self.ended(run_id)
            await asyncio.sleep(0.02)

    async def run(self, plan: Plan, **given: Any) -> Snapshot:
        """A run, begun and ended."""
        return await self.ended(await self.start(plan, **given))

    async def until(self, run_id: str, node: str, *states: str) -> Snapshot:
        """What is known when the node is in one of the states."""
        while True:
            with suppress(NotFound):  # a child that is not started yet
                snapshot = await self.store.snapshot(run_id)
                found = snapshot.node(node)
                if found is not None and found.state in states:
                    return snapshot
            await asyncio.sleep(0.02)

    async def until_run(self, run_id: str, *states: str) -> Run:
        """The run when it is in one of the states."""
        while True:
            if (found := await self.store.run(run_id)).state in states:
                return found
            await asyncio.sleep(0.02)

    async def wish(self, run_id: str, kind: ControlKind, node: str = "", value: Any = None) -> None:
        async with self.store.change() as change:
            await change.wish(run_id, kind, actor="tester", node=node, value=value)


@contextmanager
def engine_world(urls: DatabaseUrls, options: EngineOptions = FAST, **given: Any) -> Iterator[EngineWorld]:
    """An open engine; closes at the end."""
    tools = FakeTools()
    with asyncio.Runner() as runner:

        async def opened() -> tuple[WorkflowEngine, ConnectionPoolManager, Principal]:
            engine = WorkflowEngine(urls.worker, tools, owner_url=urls.owner, options=options, **given)
            await engine.__aenter__()
            pools = ConnectionPoolManager(urls.app, max_size=4)
            await pools.open()
            name = f"t-{uuid4().hex[:12]}"
            tenant = await TenantStore(pools).ensure(name)
            return engine, pools, Principal(tenant, name, "alice", frozenset({"sites:read"}))

        async def closed() -> None:
            await engine.__aexit__(None, None, None)
            await pools.close()

        engine, pools, principal = runner.run(opened())
        try:
            yield EngineWorld(runner, urls, tools, engine, pools, principal)
        finally:
            runner.run(closed())
