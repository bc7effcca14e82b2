"""Calls to real agent processes: one is killed in the middle of its calls, breakers open and close, calls go on."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import anyio
import pytest

from redaptive.agents.calls.outcomes import CallOutcome
from redaptive.agents.calls.policy import AgentPolicy, CallPolicy
from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.calls.statistics import call_statistics
from redaptive.agents.invoker import HttpInvoker, Terms
from redaptive.agents.principal import local_principal
from redaptive.agents.registry import describe
from redaptive.errors import Unauthorized, Unavailable
from redaptive.infrastructure.resilience.circuit_breaker import BreakerPolicy
from redaptive.infrastructure.resilience.retry_manager import BudgetPolicy, RetryPolicy

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "fakes")]
processes = importlib.import_module("replica_processes")
lake = importlib.import_module("lake_agent")
SPECS = {tool.name: tool.spec for tool in describe(lake.LakeAgent).tools}
CALLER = local_principal(lake.TENANT, "acme", {lake.READ, lake.WRITE})
POLICY = AgentPolicy(
    breaker=BreakerPolicy(min_calls=3, open_s=0.3, jitter=0.0, probes=1),
    retry=RetryPolicy(max_attempts=8),
    budget=BudgetPolicy(capacity=100),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def pair(tmp_path) -> Iterator[list[object]]:
    started = processes.start_replicas(("a", "b"), tmp_path)
    try:
        yield started
    finally:
        for each in started:
            each.kill()


def _invoker(**given) -> ResilientInvoker:
    return ResilientInvoker(CallPolicy(POLICY), spec_of=SPECS.get, random=Random(5), **given)


def _connect(invoker: ResilientInvoker, *replicas) -> None:
    for each in replicas:
        opener = partial(HttpInvoker, {"lake": each.url})
        invoker.connect("lake", opener, replica_id=each.name, identity=CALLER)


async def _until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not condition():  # noqa: ASYNC110 -- watches another process
            await anyio.sleep(0.01)


def _connected(invoker: ResilientInvoker) -> set[str]:
    return {key for key, each in call_statistics(invoker)["lake"].replicas.items() if each.connected}


@pytest.mark.anyio
async def test_calls_go_on_when_a_replica_is_killed_in_the_middle_of_them(pair, tmp_path) -> None:
    heard: list[CallOutcome] = []
    answers: list[str] = []
    async with _invoker(listeners=[heard.append]) as invoker:
        _connect(invoker, *pair)
        await _until(lambda: _connected(invoker) == {"a", "b"})

        async def ask(tool: str) -> None:
            answers.append((await invoker.call(tool, {}, principal=CALLER)).value["by"])

        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(ask, "lake.wait")
            await _until(lambda: all((tmp_path / f"began-wait-{name}").exists() for name in "ab"))
            pair[0].kill()
            await _until(lambda: any(each.at_fault for each in heard))
            (tmp_path / "release").touch()
            for _ in range(12):
                group.start_soon(ask, "lake.measure")
        figures = call_statistics(invoker)["lake"]
    lost = [each for each in heard if each.code == "unavailable"]
    assert len(answers) == 24
    assert set(answers) == {"b"}
    assert {each.replica_id for each in lost} == {"a"}
    assert lost
    assert figures.retries.retries >= len(lost)
    assert (tmp_path / "runs-wait").read_text().split() == ["b"] * 12


@pytest.mark.anyio
async def test_a_write_without_a_key_is_not_sent_again(pair, tmp_path) -> None:
    async with _invoker() as invoker:
        _connect(invoker, *pair)
        await _until(lambda: _connected(invoker) == {"a", "b"})
        codes: list[str] = []

        async def fill() -> None:
            try:
                codes.append((await invoker.call("lake.fill", {}, principal=CALLER)).value["by"])
            except Unavailable as error:
                codes.append(error.code)

        async with anyio.create_task_group() as group:
            group.start_soon(fill)
            await _until(lambda: len(list(tmp_path.glob("began-fill-*"))) == 1)
            (began,) = tmp_path.glob("began-fill-*")
            next(each for each in pair if began.name.endswith(each.name)).kill()
    assert codes == ["unavailable"]
    assert len(list(tmp_path.glob("began-fill-*"))) == 1


@pytest.mark.anyio
async def test_a_late_agent_is_waited_for_and_a_dead_one_is_left_alone_until_it_is_back(tmp_path) -> None:
    port = processes.free_port()
    async with _invoker() as invoker:
        opener = partial(HttpInvoker, {"lake": f"http://127.0.0.1:{port}/mcp"})
        invoker.connect("lake", opener, replica_id="a", identity=CALLER)
        with pytest.raises(Unavailable, match="No replica of lake"):
            await invoker.call("lake.measure", {}, terms=Terms(deadline_ms=50))
        (running,) = processes.start_replicas(["a"], tmp_path, port=port)
        try:
            await _expect_answer(invoker, "lake.measure")
            with pytest.raises(Unauthorized):
                await invoker.call("lake.fill", {}, principal=local_principal(lake.TENANT, "acme", {lake.READ}))
            assert _state(invoker) == "closed"
            async with anyio.create_task_group() as group:
                for _ in range(4):
                    group.start_soon(_expect_answer, invoker, "lake.wait")
                await _until((tmp_path / "began-wait-a").exists)
                running.kill()
                await _until(lambda: _state(invoker) == "open")
                (tmp_path / "release").touch()
                (running,) = processes.start_replicas(["a"], tmp_path, port=port)
            assert _state(invoker) == "closed"
        finally:
            running.kill()
    assert call_statistics(invoker)["lake"].replicas["a"].breaker.opened >= 1


async def _expect_answer(invoker: ResilientInvoker, tool: str) -> None:
    with anyio.fail_after(60):
        while True:
            try:
                await invoker.call(tool, {}, principal=CALLER)
            except Unavailable:
                await anyio.sleep(0.05)
            else:
                return


def _state(invoker: ResilientInvoker) -> str:
    return call_statistics(invoker)["lake"].replicas["a"].breaker.state
