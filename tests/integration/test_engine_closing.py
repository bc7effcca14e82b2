"""An engine that closes leaves no task of a workflow behind on a loop that goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tests.fakes.fake_tools import FakeTools
from tests.integration.engine_world import FAST
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.agents.principal import Principal
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.intelligent.engine.runtime import WorkflowEngine
from redaptive.settings import Settings

SLOW = plan({"id": "a", "tool": "t.slow", "args": {}}, output={"n": "$a.value"})


def workflows() -> list[asyncio.Task[Any]]:
    """Tasks that run a workflow of DBOS."""
    return [t for t in asyncio.all_tasks() if "_execute_workflow" in getattr(t.get_coro(), "__qualname__", "")]


def test_no_task_of_a_workflow_outlives_its_engine(servers: Settings) -> None:
    """One that nobody holds any more would be destroyed at some later moment, with an error in whatever goes on."""
    urls, tools = urls_of(servers), FakeTools()
    began = asyncio.Semaphore(0)

    async def slow(given: object) -> int:
        began.release()
        await asyncio.sleep(20)
        return 1

    tools.functions["t.slow"] = slow

    async def work() -> tuple[int, int]:
        async with ConnectionPoolManager(urls.app, max_size=4) as pools:
            name = f"t-{uuid4().hex[:12]}"
            principal = Principal(await TenantStore(pools).ensure(name), name, "alice", frozenset({"sites:read"}))
            engine = WorkflowEngine(urls.worker, tools, owner_url=urls.owner, options=replace(FAST, grace_s=0.1))
            async with engine, asyncio.timeout(20):
                for _ in range(3):
                    await engine.start(RunRequest(SLOW, {}, principal))
                for _ in range(3):
                    await began.acquire()
                at_work = len(workflows())
                for live in engine._notices.live:
                    live.task = None  # as of one that has not come so far
            return at_work, len(workflows())

    assert asyncio.run(work()) == (3, 0)
