"""The store of runs on a real PostgreSQL: started once, changed with notice, isolated by tenant, audited for good."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import psycopg
import pytest

from redaptive.errors import Conflict, NotFound, Unauthorized
from redaptive.infrastructure.database.bootstrap import DatabaseUrls
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.plans.schema import Node, Plan
from redaptive.orchestration.state.audit_verification import verify_chain
from redaptive.orchestration.state.run_records import AuditNote, ControlRecord, NewRun, RunFilter
from redaptive.orchestration.state.workflow_persistence import CHANGES, WorkflowStore

Work = Callable[[WorkflowStore], Awaitable[None]]


@pytest.fixture(scope="module")
def urls(database_urls: DatabaseUrls) -> DatabaseUrls:
    return database_urls


def new_run(run_id: str | None = None) -> NewRun:
    plan = Plan(id="demo", title="Demo", nodes=(Node(id="a", tool="energy-monitoring.find_sites"),))
    return NewRun(
        id=run_id or f"r-{uuid4().hex}",
        plan=json.loads(plan.canonical()),
        plan_hash=plan.content_hash,
        inputs={"days": 7},
        started_by="alice",
        scopes=frozenset({"b", "a"}),
    )


@asynccontextmanager
async def _stores(urls: DatabaseUrls, count: int = 1) -> AsyncIterator[list[WorkflowStore]]:
    async with ConnectionPoolManager(urls.app, max_size=4) as pools:
        tenants = [await TenantStore(pools).ensure(f"t-{uuid4().hex[:12]}") for _ in range(count)]
        yield [WorkflowStore(pools, tenant) for tenant in tenants]


def run_with(urls: DatabaseUrls, work: Work) -> None:
    async def within() -> None:
        async with _stores(urls) as (store,):
            await work(store)

    asyncio.run(within())


def test_a_run_is_started_once(urls: DatabaseUrls) -> None:
    async def work(store: WorkflowStore) -> None:
        run = new_run()
        assert await store.create_run(run)
        assert not await store.create_run(run)
        found = (await store.snapshot(run.id)).run
        assert (found.state, found.scopes, found.inputs, found.plan_id) == ("queued", ("a", "b"), {"days": 7}, "demo")
        assert Plan.model_validate(found.plan).content_hash == found.plan_hash
        assert [line.action for line in await store.audit_trail(run.id)] == ["start"]
        assert [r.id for r in await store.list_runs(RunFilter(states=frozenset({"queued"})))] == [run.id]
        assert await store.list_runs(RunFilter(states=frozenset({"done"}))) == []

    run_with(urls, work)


def test_a_change_is_told_at_once(urls: DatabaseUrls) -> None:
    async def work(store: WorkflowStore) -> None:
        run = new_run()
        async with await psycopg.AsyncConnection.connect(urls.app, autocommit=True) as listener:
            await listener.execute(f"LISTEN {CHANGES}".encode())
            await store.create_run(run)
            async with store.change() as change:
                await change.set_state(run.id, "cancelled", expected=["queued"])
            heard = [json.loads(n.payload) async for n in listener.notifies(timeout=10, stop_after=2)]
        assert [(h["run"], h["seq"], h["state"]) for h in heard] == [(run.id, 0, "queued"), (run.id, 1, "cancelled")]

    run_with(urls, work)


def test_a_state_changes_only_from_an_expected_one(urls: DatabaseUrls) -> None:
    async def work(store: WorkflowStore) -> None:
        run = new_run()
        await store.create_run(run)
        async with store.change() as change:
            assert (await change.set_state(run.id, "cancelled", expected=["queued"])).finished_at is not None
        with pytest.raises(Conflict, match="is cancelled"):
            async with store.change() as change:
                await change.set_state(run.id, "cancelled", expected=["queued"])
        with pytest.raises(NotFound):
            async with store.change() as change:
                await change.set_state("no-such", "cancelled", expected=["queued"])

    run_with(urls, work)


async def _in_force(store: WorkflowStore, run_id: str) -> list[ControlRecord]:
    return [wish for wish in (await store.snapshot(run_id)).control if wish.cleared_at is None]


def test_wishes_hold_until_cleared(urls: DatabaseUrls) -> None:
    async def work(store: WorkflowStore) -> None:
        run = new_run()
        await store.create_run(run)
        async with store.change() as change:
            await change.wish(run.id, "pause", actor="alice")
            await change.wish(run.id, "breakpoint", actor="alice", node="a")
            await change.wish(run.id, "override", actor="alice", node="a", value=None)
        assert [(w.kind, w.node) for w in await _in_force(store, run.id)] == [
            ("pause", ""),
            ("breakpoint", "a"),
            ("override", "a"),
        ]
        async with store.change() as change:
            assert await change.clear(run.id, ["pause", "breakpoint"], node="a") == 1
            assert await change.signal(run.id, "a", key="e1", type="x", data={})
            assert not await change.signal(run.id, "a", key="e1", type="x", data={})
        assert [w.kind for w in await _in_force(store, run.id)] == ["pause", "override"]
        assert len((await store.snapshot(run.id)).control) == 3

    run_with(urls, work)


def test_the_audit_is_chained_and_final(urls: DatabaseUrls) -> None:
    async def work(store: WorkflowStore) -> None:
        run = new_run()
        await store.create_run(run)
        async with store.change() as change:
            await change.audit(run.id, AuditNote("bob", "pause", reason="é", before={"state": "running"}))
        check = verify_chain(await store.audit_trail(run.id), store._tenant_id)
        assert (check.ok, check.checked) == (True, 2)
        with psycopg.connect(urls.owner) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("UPDATE run_audit SET actor = 'x'")
        with psycopg.connect(urls.owner) as owner:
            tenant = str(store._tenant_id)
            owner.execute("ALTER TABLE run_audit DISABLE TRIGGER run_audit_is_final")
            owner.execute("ALTER TABLE run_audit NO FORCE ROW LEVEL SECURITY")
            owner.execute("UPDATE run_audit SET actor = 'mallory' WHERE tenant_id = %s AND seq = 1", (tenant,))
            owner.execute("ALTER TABLE run_audit FORCE ROW LEVEL SECURITY")
            owner.execute("ALTER TABLE run_audit ENABLE TRIGGER run_audit_is_final")
        broken = verify_chain(await store.audit_trail(run.id), store._tenant_id)
        assert (broken.ok, broken.broken_seq) == (False, 1)

    run_with(urls, work)


def test_another_tenant_sees_and_reaches_nothing(urls: DatabaseUrls) -> None:
    async def within() -> None:
        async with _stores(urls, 2) as (mine, theirs):
            run = new_run()
            await theirs.create_run(run)
            with pytest.raises(NotFound):
                await mine.snapshot(run.id)
            assert await mine.list_runs() == []
            assert await mine.create_run(run), "ids are a tenant's own"
            with pytest.raises(NotFound):
                async with mine.change() as change:
                    await change.decide(run.id, "a", approve=True, actor="x")

    asyncio.run(within())


def test_what_a_run_does_cannot_be_changed(urls: DatabaseUrls) -> None:
    async def work(store: WorkflowStore) -> None:
        run = new_run()
        await store.create_run(run)
        with pytest.raises(Unauthorized):
            async with store._pools.transaction(UUID(str(store._tenant_id))) as connection:
                await connection.execute("UPDATE runs SET scopes = '{admin}' WHERE id = %s", (run.id,))

    run_with(urls, work)
