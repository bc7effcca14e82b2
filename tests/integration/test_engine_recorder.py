"""Step records on a real PostgreSQL: as DBOS reads them, fenced by the owner's token, one bad one alone refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from dbos import DBOS
from tests.integration.engine_world import EngineWorld, engine_world
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.errors import Internal
from redaptive.orchestration.intelligent.engine.journal import Fenced
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey, execute_step
from redaptive.orchestration.intelligent.engine.recorder import StepRecord, now_ms
from redaptive.settings import Settings


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    with engine_world(urls_of(servers)) as found:
        found.tools.functions |= {"t.echo": lambda given: given.get("x"), "t.hang": lambda _: asyncio.sleep(600)}
        yield found


def test_dbos_reads_our_records_as_its_own(world: EngineWorld) -> None:
    async def work() -> None:
        made = plan({"id": "a", "tool": "t.echo", "args": {"x": "\u00e9"}}, {"id": "b", "tool": "t.absent"})
        run = (await world.run(made)).run
        steps = await DBOS.list_workflow_steps_async(str(WorkflowKey.of(run)))
        first, second = sorted(steps, key=lambda s: s["function_id"])
        assert (first["function_id"], first["function_name"]) == (execute_step(0), "a")
        assert first["output"] == {"ok": {"value": "\u00e9"}}
        assert second["output"]["error"]["code"] == "not_found"

    world.do(work())


def test_a_record_needs_the_present_token_and_is_written_once(world: EngineWorld) -> None:
    async def work() -> None:
        run_id = await world.start(plan({"id": "a", "tool": "t.hang"}))
        await world.until(run_id, "a", "running")
        key = WorkflowKey(world.principal.tenant_id, run_id)
        rows = await world.engine.pools.query(
            "SELECT owner_xid FROM dbos.workflow_status WHERE workflow_uuid = %s", (str(key),), tenant_id=None
        )
        good = StepRecord(str(key), rows[0]["owner_xid"], 900, "x", "{}", now_ms(), 1_000)
        record = world.engine.recorder.record
        await record(good)
        await record(good)  # said again after a lost answer
        for other in (replace(good, owner="a-zombie", step=901), replace(good, completed_ms=2_000)):
            with pytest.raises(Fenced):
                await record(other)
        bad, fine = replace(good, step=902, output="\0"), replace(good, step=903)
        found = await asyncio.gather(record(bad), record(fine), return_exceptions=True)
        assert isinstance(found[0], Internal)
        assert found[1] is None
        assert sorted(await world.engine.store.recorded(key)) == [900, 903]
        await world.wish(run_id, "cancel")
        assert (await world.ended(run_id)).run.state == "cancelled"

    world.do(work())


def test_an_output_that_the_database_cannot_keep_fails_its_node_only(world: EngineWorld) -> None:
    made = plan({"id": "a", "tool": "t.echo", "args": {"x": "$in.text"}}, {"id": "b", "tool": "t.echo"})
    world.tools.functions["t.nul"] = lambda _: "a\0b"
    found = world.do(world.run(plan({"id": "a", "tool": "t.nul"}, {"id": "b", "tool": "t.echo"})))
    assert [n.state for n in found.nodes] == ["failed", "done"]
    assert found.run.error is not None
    assert found.run.error["code"] == "invalid"
    assert world.do(world.run(made, inputs={"text": "fine"})).run.state == "done"
