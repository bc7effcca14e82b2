"""Which runs an executor takes: tenants in turn, batch runs limited, urgent ones first, and nobody takes one twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.agents.principal import Principal
from redaptive.infrastructure.database.bootstrap import DatabaseUrls
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.intelligent.engine.claims import Claims
from redaptive.orchestration.intelligent.engine.line import Line
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.state.workflow_persistence import WorkflowStore
from redaptive.settings import Settings

Starts = Callable[..., Awaitable[None]]
Work = Callable[[list[str], Starts, Claims, Claims], Awaitable[None]]


@pytest.fixture(scope="module")
def urls(servers: Settings) -> DatabaseUrls:
    return urls_of(servers)


def _do(urls: DatabaseUrls, tenants: int, work: Work) -> None:
    async def within() -> None:
        async with ConnectionPoolManager(urls.app, max_size=4) as pools:
            names = [f"t-{uuid4().hex[:8]}" for _ in range(tenants)]
            ids = {name: await TenantStore(pools).ensure(name) for name in names}

            async def start(tenant: str, count: int, **given: object) -> None:
                who = Principal(ids[tenant], tenant, "alice", frozenset())
                for _ in range(count):
                    request = RunRequest(plan({"id": "a", "tool": "t.x"}), {}, who, **given)  # type: ignore[arg-type]
                    await WorkflowStore(pools, ids[tenant]).create_run(request.new_run())

            lines = [Line(urls.worker, "test") for _ in range(2)]
            try:
                await work(
                    [str(ids[n]) for n in names],
                    lambda t, *a, **k: start(names[t], *a, **k),
                    *(Claims(line, f"e-{uuid4().hex}") for line in lines),
                )
            finally:
                rows = "UPDATE runs SET state = 'cancelled', finished_at = clock_timestamp(), executor_id = NULL"
                await lines[0].rows(rows + " WHERE finished_at IS NULL RETURNING id", ())
                for line in lines:
                    await line.close()

    asyncio.run(within())


def test_a_tenant_with_many_runs_does_not_keep_others_waiting(urls: DatabaseUrls) -> None:
    async def work(tenants: list[str], start: Starts, claims: Claims, _other: Claims) -> None:
        await start(0, 20)
        await start(1, 3)
        taken = Counter(str(c.run.tenant_id) for c in await claims.take(6, 0))
        assert taken == {tenants[0]: 3, tenants[1]: 3}
        await start(1, 3)
        again = Counter(str(c.run.tenant_id) for c in await claims.take(6, 0))
        assert again == {tenants[0]: 3, tenants[1]: 3}, "runs at work count for their tenant"

    _do(urls, 2, work)


def test_batch_runs_take_what_is_left_to_them_and_urgent_runs_come_first(urls: DatabaseUrls) -> None:
    async def work(_tenants: list[str], start: Starts, claims: Claims, _other: Claims) -> None:
        await start(0, 4, queue="batch", priority=0)
        await start(0, 2)
        await start(0, 1, priority=5)
        taken = [(c.run.queue, c.run.priority) for c in await claims.take(10, 2)]
        assert sorted(taken) == [("batch", 0)] * 2 + [("interactive", 5), ("interactive", 100), ("interactive", 100)]
        assert [c.run.queue for c in await claims.take(10, 1)] == ["batch"]
        await start(0, 1)
        await start(0, 1, priority=5)
        assert [c.run.priority for c in await claims.take(1, 0)] == [5]

    _do(urls, 1, work)


def test_a_thousand_batch_runs_do_not_hide_what_a_person_of_the_same_tenant_waits_for(urls: DatabaseUrls) -> None:
    async def work(_tenants: list[str], start: Starts, claims: Claims, _other: Claims) -> None:
        await start(0, 1000, queue="batch")
        await start(0, 5)
        taken = Counter(c.run.queue for c in await claims.take(8, 4))
        assert taken == {"interactive": 5, "batch": 3}

    _do(urls, 1, work)


@pytest.mark.parametrize("queue", ["interactive", "batch"])
def test_five_runs_behind_a_thousand_of_another_tenant_come_at_once(urls: DatabaseUrls, queue: str) -> None:
    async def work(tenants: list[str], start: Starts, claims: Claims, other: Claims) -> None:
        await start(0, 1000, queue=queue, priority=0)
        assert len(await claims.take(8, 8)) == 8
        await start(1, 5, queue=queue, priority=1000)
        taken = [str(c.run.tenant_id) for each in (claims, other) for c in await each.take(4, 4)]
        assert Counter(taken) == {tenants[1]: 5, tenants[0]: 3}, "their priority counts within their tenant only"

    _do(urls, 2, work)


def test_two_executors_never_take_the_same_run(urls: DatabaseUrls) -> None:
    async def work(_tenants: list[str], start: Starts, first: Claims, second: Claims) -> None:
        await start(0, 30)
        taken: list[str] = []
        while len(taken) < 30:
            for claims in await asyncio.gather(first.take(4, 0), second.take(4, 0)):
                taken += [claim.run.id for claim in claims]
                assert all(claim.run.state == "running" and not claim.begun for claim in claims)
        assert len(set(taken)) == 30
        assert await first.take(4, 0) == []

    _do(urls, 1, work)
