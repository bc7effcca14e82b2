"""Processes that find each other through Valkey: a keyed write survives its agent, the dead are forgotten."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from valkey.asyncio import Valkey

from redaptive.agents.calls.policy import AgentPolicy, CallPolicy
from redaptive.agents.calls.statistics import call_statistics
from redaptive.agents.invoker import Terms
from redaptive.agents.principal import local_principal
from redaptive.agents.registry import AgentRegistry, describe
from redaptive.infrastructure.discovery.service_registry import IN_PROCESS, ServiceRegistry, ServiceReplica
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.infrastructure.resilience.retry_manager import BudgetPolicy, RetryPolicy
from redaptive.orchestration.agent_calls import open_agent_calls
from redaptive.orchestration.health_monitor import MonitorPolicy

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "fakes")]
processes = importlib.import_module("replica_processes")
private = importlib.import_module("private_valkey")
lake = importlib.import_module("lake_agent")
DESCRIBED = describe(lake.LakeAgent).tools
CALLER = local_principal(lake.TENANT, "acme", {lake.READ, lake.WRITE})
POLICY = AgentPolicy(retry=RetryPolicy(max_attempts=40), budget=BudgetPolicy(capacity=100))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def valkey():
    server = private.PrivateValkey()
    server.start()
    yield server
    server.close()


async def _until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not condition():  # noqa: ASYNC110 -- watches another process
            await anyio.sleep(0.02)


@pytest.mark.anyio
async def test_a_keyed_write_is_finished_by_the_replica_that_is_left(valkey, tmp_path) -> None:
    pair = processes.start_replicas(("a", "b"), tmp_path, valkey=valkey.port)
    client = Valkey(port=valkey.port)
    registry = ServiceRegistry(client)
    metrics = MetricsCollector()
    try:
        async with open_agent_calls(
            AgentRegistry(),
            registry,
            identity=CALLER,
            policy=CallPolicy(POLICY),
            monitoring=MonitorPolicy(interval_s=0.1),
            metrics=metrics,
            follow_s=0.1,
        ) as calls:
            invoker, monitor = calls.invoker, calls.monitor
            await _until(lambda: "lake" in invoker.routes and len(call_statistics(invoker)["lake"].replicas) == 2)
            await _until(lambda: registry.tools() == {tool.name: tool.schema_hash for tool in DESCRIBED})
            answers: list[str] = []

            async def fill() -> None:
                terms = Terms(idempotency_key="run-1:fill")
                answers.append((await invoker.call("lake.fill", {}, principal=CALLER, terms=terms)).value["by"])

            async with anyio.create_task_group() as group:
                group.start_soon(fill)
                await _until(lambda: len(list(tmp_path.glob("began-fill-*"))) == 1)
                victim = next(each for each in pair if (tmp_path / f"began-fill-{each.name}").exists())
                survivor = next(each for each in pair if each is not victim)
                victim.kill()
                (tmp_path / "release").touch()
            assert answers == [survivor.name]
            assert (tmp_path / "runs-fill").read_text().split() == [survivor.name]
            await fill()
            assert (tmp_path / "runs-fill").read_text().split() == [survivor.name], "the key's result is kept"
            await _until(lambda: [each.replica_id for each in registry.replicas("lake")] == [survivor.name])
            await _until(lambda: list(call_statistics(invoker)["lake"].replicas) == [survivor.name])
            await _until(lambda: monitor.snapshot().agents["lake"].standing == "healthy")
            assert monitor.snapshot().answering == {"lake"}
            page = metrics.exposition().decode()
            assert f'redaptive_calls_connected{{agent="lake",replica="{survivor.name}"}} 1' in page
        assert b"redaptive_calls" not in metrics.exposition()
    finally:
        await client.aclose()
        for each in pair:
            each.kill()


@pytest.mark.anyio
async def test_announcements_expire_are_withdrawn_and_outlive_a_server_that_is_away(valkey) -> None:
    ours, theirs = Valkey(port=valkey.port), Valkey(port=valkey.port)
    writer, reader = ServiceRegistry(ours, ttl_ms=700), ServiceRegistry(theirs)
    for name in ("one", "two"):
        await writer.announce(ServiceReplica("lake", name, f"http://{name}:1/mcp", "1"))
    await writer.announce(ServiceReplica("lake", "inside", IN_PROCESS, "1"))
    await reader.refresh()
    assert [each.replica_id for each in reader.replicas()] == ["one", "two"]
    await writer.withdraw("lake", "two")
    await reader.refresh()
    assert [each.replica_id for each in reader.replicas()] == ["one"]
    with anyio.fail_after(20):
        while await ours.exists("services:lake:one"):  # noqa: ASYNC110 -- asks a server
            await anyio.sleep(0.02)
    await reader.refresh()
    assert reader.replicas() == ()
    assert await ours.zcard("services:index") == 0
    await writer.refresh()
    await reader.refresh()
    assert [each.replica_id for each in reader.replicas()] == ["one"]
    valkey.kill()
    await reader.refresh()
    assert reader.statistics().failures == 1
    assert [each.replica_id for each in writer.replicas()] == ["inside", "one"]
    await ours.aclose()
    await theirs.aclose()
