"""What an executor tells of its calls: breakers, retries and bulkheads as they stand, and never too much of it."""

from __future__ import annotations

from io import StringIO
from random import Random

import pytest
from rich.console import Console
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_replica import FakeReplica

from redaptive.agents.calls.policy import AgentPolicy, CallPolicy
from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.tool import ToolSpec
from redaptive.cli import agents_status, output
from redaptive.errors import Unavailable
from redaptive.infrastructure.resilience.bulkhead import BulkheadPolicy
from redaptive.infrastructure.resilience.circuit_breaker import BreakerPolicy
from redaptive.infrastructure.resilience.retry_manager import BudgetPolicy, RetryPolicy
from redaptive.orchestration.executor_figures import MOST_REPLICAS, CallFigures, ExecutorStatus, figures_of

AWAY = Unavailable("The agent water did not answer.")
SPECS = {"water.read": ToolSpec(scope="water:read")}
POLICY = AgentPolicy(
    breaker=BreakerPolicy(min_calls=4, open_s=30.0, jitter=0.0),
    retry=RetryPolicy(max_attempts=1),
    budget=BudgetPolicy(capacity=7, ratio=0.0, per_minute=0.0),
    bulkhead=BulkheadPolicy(limit=5, queue=9),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _invoker(clock: FakeClock) -> ResilientInvoker:
    return ResilientInvoker(CallPolicy(POLICY), spec_of=SPECS.get, clock=clock, random=Random(1))


async def _failed(times: int, clock: FakeClock) -> ResilientInvoker:
    invoker = _invoker(clock)
    invoker.attach("water", FakeReplica("a", broken=AWAY), replica_id="local")
    for _ in range(times):
        with pytest.raises(Unavailable):
            await invoker.call("water.read", {})
    return invoker


@pytest.mark.anyio
async def test_an_open_breaker_says_when_it_tries_again(anyio_backend: str) -> None:
    clock = FakeClock()
    invoker = await _failed(4, clock)
    (found,) = figures_of(invoker).replicas
    assert (found.breaker, found.again_in_s, found.failed, found.opened) == ("open", 30.0, 4, 1)
    assert (found.last_fault, found.p50_ms) == ("water.read: unavailable", None)
    clock.pass_by(12.5)
    assert figures_of(invoker).replicas[0].again_in_s == 17.5
    clock.pass_by(18)
    assert figures_of(invoker).replicas[0].breaker == "half_open"


@pytest.mark.anyio
async def test_what_is_left_of_bulkhead_and_retries_is_told_with_its_limits(anyio_backend: str) -> None:
    invoker = _invoker(FakeClock())
    invoker.attach("water", FakeReplica("a"), replica_id="local")
    for _ in range(3):
        await invoker.call("water.read", {})
    invoker.routes["water"].retries.budget.take()
    figures = figures_of(invoker)
    (agent,), (replica,) = figures.agents, figures.replicas
    assert (agent.in_flight, agent.most_in_flight, agent.waiting, agent.most_waiting) == (0, 5, 0, 9)
    assert (agent.retries_left, agent.most_retries_left) == (6.0, 7.0)
    assert (replica.calls, replica.window_calls, replica.window_failures) == (3, 3, 0)
    assert replica.p50_ms is not None
    assert replica.p95_ms is not None
    assert 0 <= replica.p50_ms <= replica.p95_ms


def test_no_more_replicas_than_the_bound_are_told_and_the_rest_is_counted() -> None:
    invoker = _invoker(FakeClock())
    for number in range(MOST_REPLICAS + 3):
        invoker.attach("water", FakeReplica(str(number)), replica_id=f"r{number}")
    figures = figures_of(invoker)
    assert (len(figures.replicas), figures.left_out) == (MOST_REPLICAS, 3)
    assert CallFigures.model_validate_json(figures.model_dump_json()) == figures


@pytest.mark.anyio
async def test_the_table_fits_eighty_columns_and_names_the_fault(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents_status, "out", Console(width=80, file=StringIO(), highlight=False))
    monkeypatch.setattr(output, "out", agents_status.out)
    figures = figures_of(await _failed(4, FakeClock()))
    agents_status.show(ExecutorStatus(executor="e", host="h", pid=7, up_s=5, told_ago_s=1.0, figures=figures))
    agents_status.show(ExecutorStatus(executor="f", host="h", pid=8, up_s=5, told_ago_s=None, figures=None))
    file = output.out.file
    assert isinstance(file, StringIO)
    lines = file.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    (row,) = [line.split() for line in lines if line.strip().startswith("water ")]
    assert row[:4] == ["water", "OPEN", "30", "4"]
    told = " ".join(" ".join(lines).split())
    assert "water last failed in water.read: unavailable." in told
    assert "process 8 on h, up 5 s: it has told nothing" in told
