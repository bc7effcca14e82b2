"""`redaptive agents status` reads what executors tell, as long as their lease runs; nothing of the dead."""

from __future__ import annotations

import json
import os
from asyncio import to_thread
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from tests.command_line import redaptive
from tests.fakes.fake_replica import FakeReplica
from tests.integration.engine_world import EngineWorld, engine_world
from tests.integration.test_engine_runs import urls_of

from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.orchestration.executor_figures import ExecutorStatus, executors, figures_of, tell
from redaptive.settings import Settings


@pytest.fixture
def world(servers: Settings) -> Iterator[EngineWorld]:
    with engine_world(urls_of(servers)) as found:
        yield found


def _own(world: EngineWorld) -> list[ExecutorStatus]:
    found = world.do(executors(world.pools))
    return [each for each in found if each.executor == world.engine.executor_id]


def _invoker() -> ResilientInvoker:
    invoker = ResilientInvoker(random=Random(1))
    invoker.attach("water", FakeReplica("a"), replica_id="local")
    return invoker


def test_what_an_executor_tells_is_read_by_others_until_its_lease_ends(servers: Settings) -> None:
    with engine_world(urls_of(servers)) as world:
        (silent,) = _own(world)
        assert (silent.pid, silent.figures, silent.told_ago_s) == (os.getpid(), None, None)
        figures = figures_of(_invoker())
        world.do(tell(world.engine.pools, world.engine.executor_id, figures))
        (told,) = _own(world)
        assert told.figures == figures
        gone = world.engine.executor_id
    with engine_world(urls_of(servers)) as other:
        assert gone not in {each.executor for each in other.do(executors(other.pools))}


def test_figures_of_another_version_are_passed_over(world: EngineWorld) -> None:
    async def told() -> None:
        async with world.engine.pools.transaction(None) as connection:
            await connection.execute(
                "UPDATE engine_executors SET figures = %s WHERE id = %s",
                (json.dumps({"at": 0, "replicas": "many"}), world.engine.executor_id),
            )

    world.do(told())
    (found,) = _own(world)
    assert found.figures is None


def test_the_command_shows_each_executor_and_its_agents(world: EngineWorld, cli_environment: dict[str, str]) -> None:
    world.do(tell(world.engine.pools, world.engine.executor_id, figures_of(_invoker())))
    done = world.do(to_thread(_run, cli_environment, "--json"), 120)  # the executor's loop turns meanwhile
    (found,) = [each for each in json.loads(done.stdout)["executors"] if each["executor"] == world.engine.executor_id]
    (replica,) = found["figures"]["replicas"]
    assert (replica["agent"], replica["replica"], replica["breaker"]) == ("water", "local", "closed")
    shown = world.do(to_thread(_run, cli_environment), 120).stdout
    assert f"process {os.getpid()} on" in shown
    assert "water" in shown


def _run(environment: dict[str, str], *more: str) -> Any:
    done = redaptive("agents", "status", *more, env=environment)
    assert done.returncode == 0, done.stderr
    return done
