"""Runs that a lost race or a failed start left with an executor that does not know of them end all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.integration.engine_world import EngineWorld, engine_world
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.orchestration.intelligent.engine import lease
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey, execute_step
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.settings import Settings

TWO = plan(
    {"id": "a", "tool": "t.echo", "args": {"x": "$in.n"}},
    {"id": "b", "tool": "t.echo", "args": {"x": "$a.value"}},
    output={"n": "$b.value"},
)


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    with pytest.MonkeyPatch.context() as patch, engine_world(urls_of(servers)) as found:
        patch.setattr(lease, "SWEEP_S", 0.2)
        found.tools.functions["t.echo"] = lambda given: given.get("x")
        yield found


def like(world: EngineWorld, model: str, run_id: str, **given: Any) -> None:
    """Put a workflow into DBOS's tables that is like that of the run `model`, but for what is given."""
    key, old = (str(WorkflowKey(world.principal.tenant_id, name)) for name in (run_id, model))
    with psycopg.connect(world.urls.owner) as connection:
        for table in ("workflow_status", "workflow_input"):
            connection.execute(
                f"CREATE TEMP TABLE t AS SELECT * FROM dbos.{table} WHERE workflow_uuid = %s".encode(), (old,)
            )
            connection.execute("UPDATE t SET workflow_uuid = %s", (key,))
            if table == "workflow_status":
                connection.execute("UPDATE t SET status = 'PENDING', completed_at = NULL, creator_xid = 'other'")
                connection.execute("UPDATE t SET owner_xid = 'token', executor_id = %(executor)s", given)
            connection.execute(f"INSERT INTO dbos.{table} SELECT * FROM t".encode())
            connection.execute("DROP TABLE t")


def recorded(world: EngineWorld, model: str, run_id: str) -> None:
    """Put the first step of `model` among those that the workflow has recorded."""
    key, old = (str(WorkflowKey(world.principal.tenant_id, name)) for name in (run_id, model))
    with psycopg.connect(world.urls.owner) as connection:
        connection.execute(
            "CREATE TEMP TABLE t AS SELECT * FROM dbos.operation_outputs WHERE workflow_uuid = %s AND function_id = %s",
            (old, execute_step(0)),
        )
        assert connection.execute("UPDATE t SET workflow_uuid = %s", (key,)).rowcount == 1
        connection.execute("INSERT INTO dbos.operation_outputs SELECT * FROM t")


def test_a_run_that_a_dead_executor_began_between_goes_on_with_its_steps(world: EngineWorld) -> None:
    model = world.do(world.run(TWO, inputs={"n": 1})).run.id
    request = RunRequest(TWO, {"n": 1}, world.principal)
    like(world, model, request.run_id, executor="dead-1")
    recorded(world, model, request.run_id)

    async def run() -> Any:
        return await world.ended((await world.engine.start(request)).id)

    found = world.do(run()).run
    assert (found.state, found.output, found.error) == ("done", {"n": 1}, None)
    calls = [call.key for call in world.tools.calls if call.key is not None and call.key.startswith(found.id)]
    assert calls == [f"{found.id}:b"], "what the dead one had done is not done again"


@pytest.mark.parametrize("begun", [True, False])
def test_a_run_that_is_ours_and_nobody_works_on_is_handed_out_again(world: EngineWorld, begun: bool) -> None:
    model = world.do(world.run(TWO, inputs={"n": 1})).run.id
    request = RunRequest(TWO, {"n": 2}, world.principal)
    new = request.new_run()
    if begun:
        like(world, model, request.run_id, executor=world.engine.executor_id)

    with psycopg.connect(world.urls.owner, autocommit=True) as connection:
        # As if it had been taken by this process, which then lost it.
        connection.execute(
            "CREATE OR REPLACE FUNCTION public.taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " NEW.state := 'running'; NEW.executor_id := TG_ARGV[0]; NEW.started_at := clock_timestamp(); RETURN NEW;"
            " END $$"
        )
        connection.execute(
            f"CREATE TRIGGER zz_taken BEFORE INSERT ON runs FOR EACH ROW"
            f" EXECUTE FUNCTION public.taken('{world.engine.executor_id}')".encode()
        )
        try:
            found = world.do(_created(world, new))
        finally:
            connection.execute("DROP TRIGGER zz_taken ON runs")
    assert found == "running"
    ended = world.do(world.ended(request.run_id)).run
    assert (ended.state, ended.output, ended.error) == ("done", {"n": 2}, None)


async def _created(world: EngineWorld, new: Any) -> str:
    await world.store.create_run(new)
    return (await world.store.run(new.id)).state
