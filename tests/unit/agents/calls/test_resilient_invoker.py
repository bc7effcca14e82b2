"""The resilient invoker over fake replicas: choice, failover, what is never repeated, limits, and its figures."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from uuid import UUID

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from redaptive.agents.calls import resilient_invoker
from redaptive.agents.calls.outcomes import CallOutcome
from redaptive.agents.calls.policy import AgentPolicy, CallPolicy
from redaptive.agents.calls.replicas import Replica, choose
from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.calls.statistics import CallsCollector, call_statistics
from redaptive.agents.invoker import Terms
from redaptive.agents.principal import local_principal
from redaptive.agents.tool import ToolSpec
from redaptive.errors import (
    Conflict,
    Exhausted,
    Internal,
    InvalidInput,
    NotFound,
    Unauthorized,
    Unavailable,
)
from redaptive.infrastructure.resilience.bulkhead import BulkheadPolicy
from redaptive.infrastructure.resilience.circuit_breaker import BreakerPolicy, CircuitBreaker
from redaptive.infrastructure.resilience.retry_manager import BudgetPolicy, RetryPolicy

sys.path.insert(0, str(Path(__file__).parents[3] / "fakes"))
FakeReplica = importlib.import_module("fake_replica").FakeReplica
FakeClock = importlib.import_module("fake_clock").FakeClock
SPECS = {
    "water.read": ToolSpec(scope="water:read"),
    "water.write": ToolSpec(scope="water:write", side_effect="write"),
    "water.put": ToolSpec(scope="water:write", side_effect="write", idempotent=True),
    "water.quick": ToolSpec(scope="water:read", timeout_s=0.02, latency_p50_ms=1, latency_p95_ms=2),
}
FAST = AgentPolicy(
    breaker=BreakerPolicy(min_calls=4, open_s=30, jitter=0.0, probes=1),
    retry=RetryPolicy(base_s=0.001, cap_s=0.002),
    budget=BudgetPolicy(capacity=1_000),
    grace_s=0.02,
)
AWAY = Unavailable("The agent water did not answer: Connection closed.")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _invoker(*replicas, policy: AgentPolicy = FAST, **given) -> ResilientInvoker:
    invoker = ResilientInvoker(CallPolicy(policy), spec_of=SPECS.get, random=Random(1), **given)
    for each in replicas:
        invoker.attach("water", each, replica_id=each.name)
    return invoker


@pytest.mark.anyio
async def test_another_replica_answers_when_one_dies(anyio_backend) -> None:
    heard: list[CallOutcome] = []
    a, b = FakeReplica("a", broken=AWAY), FakeReplica("b")
    invoker = _invoker(a, b, listeners=[heard.append])
    for _ in range(20):
        assert (await invoker.call("water.read", {"x": 1})).value == "b"
    assert 1 <= len(a.calls) < 20, "the breaker keeps calls from the dead one"
    assert Counter((each.replica_id, each.code, each.at_fault) for each in heard) == {
        ("a", "unavailable", True): len(a.calls),
        ("b", "ok", False): 20,
    }
    assert call_statistics(invoker)["water"].replicas["a"].breaker.state == "open"


@pytest.mark.parametrize(
    ("tool", "key", "moves"),
    [
        ("water.read", None, True),
        ("water.put", None, True),
        ("water.write", "run:node", True),
        ("water.write", None, False),
        ("water.unknown", None, False),
        ("water.unknown", "run:node", True),
    ],
)
@pytest.mark.anyio
async def test_a_call_that_may_have_run_moves_on_only_where_that_does_no_harm(tool, key, moves) -> None:
    replicas = [FakeReplica(name, errors=[AWAY]) for name in "ab"]
    invoker = _invoker(*replicas)
    terms = Terms(idempotency_key=key)
    if moves:
        await invoker.call(tool, {"x": 1}, terms=terms)
    else:
        with pytest.raises(Unavailable, match="Connection closed"):
            await invoker.call(tool, {"x": 1}, terms=terms)
    sent = [call for each in replicas for call in each.calls]
    assert len(sent) == (3 if moves else 1)
    assert all(call[:2] == (tool, {"x": 1}) and call[2].idempotency_key == key for call in sent)


@pytest.mark.anyio
async def test_a_write_that_never_left_is_tried_again() -> None:
    invoker, late = _invoker(), FakeReplica("late")
    opened = anyio.Event()

    @asynccontextmanager
    async def opener():
        await opened.wait()
        yield late

    async with invoker:
        invoker.connect("water", opener, replica_id="late")
        async with anyio.create_task_group() as group:
            group.start_soon(invoker.call, "water.write", {})
            await anyio.wait_all_tasks_blocked()
            opened.set()
    assert len(late.calls) == 1


@pytest.mark.parametrize("error", [InvalidInput("x"), NotFound("x"), Unauthorized("x"), Internal("x"), Conflict("x")])
@pytest.mark.anyio
async def test_an_answer_of_the_agent_is_no_fault_of_the_replica(error) -> None:
    a = FakeReplica("a", broken=error)
    invoker = _invoker(a)
    for _ in range(10):
        with pytest.raises(type(error)):
            await invoker.call("water.read", {})
    assert len(a.calls) == 10
    assert call_statistics(invoker)["water"].replicas["a"].breaker.failed == 0


@pytest.mark.anyio
async def test_a_hanging_replica_counts_as_failed_and_another_one_answers() -> None:
    a, b = FakeReplica("a", hangs=True), FakeReplica("b")
    invoker = _invoker(a, b)
    answers = [(await invoker.call("water.quick", {})).value for _ in range(6)]
    assert answers == ["b"] * 6
    assert call_statistics(invoker)["water"].replicas["a"].breaker.failed == len(a.calls) >= 1


@pytest.mark.anyio
async def test_the_deadline_is_the_callers_over_all_attempts() -> None:
    a = FakeReplica("a", hangs=True)
    invoker = _invoker(a)
    with anyio.fail_after(5), pytest.raises(Exhausted, match="in time"):
        await invoker.call("water.read", {}, terms=Terms(deadline_ms=20))
    b = FakeReplica("b", broken=AWAY)
    with pytest.raises(Unavailable):
        await _invoker(b).call("water.read", {}, terms=Terms(deadline_ms=5_000, idempotency_key="k"))
    given_ms = [terms.deadline_ms for _, _, terms in b.calls]
    assert len(given_ms) == 3
    assert 5_000 >= given_ms[0] > given_ms[1] > given_ms[2] > 0
    assert {terms.idempotency_key for _, _, terms in b.calls} == {"k"}


@pytest.mark.anyio
async def test_an_open_breaker_says_when_to_come_back_and_lets_one_probe_through() -> None:
    clock = FakeClock()
    a = FakeReplica("a", broken=AWAY)
    invoker = _invoker(a, clock=clock)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await invoker.call("water.read", {})
    sent = len(a.calls)
    with pytest.raises(Unavailable, match="No replica of water") as refused:
        await invoker.call("water.read", {})
    assert refused.value.retry_after_ms == 30_000
    assert len(a.calls) == sent == 4
    clock.pass_by(30)
    a.broken = None
    assert (await invoker.call("water.read", {})).value == "a"
    assert call_statistics(invoker)["water"].replicas["a"].breaker.state == "closed"


@pytest.mark.anyio
async def test_an_outage_costs_little_more_than_its_calls() -> None:
    a = FakeReplica("a", broken=AWAY)
    policy = AgentPolicy(
        breaker=BreakerPolicy(min_calls=10_000),
        retry=RetryPolicy(base_s=0.0, cap_s=0.0),
        budget=BudgetPolicy(ratio=0.1, per_minute=0, capacity=10),
    )
    invoker = _invoker(a, policy=policy)
    for _ in range(500):
        with pytest.raises(Unavailable):
            await invoker.call("water.read", {})
    assert 500 <= len(a.calls) <= 500 * 1.1 + 10


@pytest.mark.anyio
async def test_a_full_agent_refuses_and_keeps_its_limit() -> None:
    release, active, most = anyio.Event(), 0, 0

    async def before() -> None:
        nonlocal active, most
        active += 1
        most = max(most, active)
        await release.wait()
        active -= 1

    invoker = _invoker(FakeReplica("a", before=before), policy=AgentPolicy(bulkhead=BulkheadPolicy(limit=2, queue=3)))
    refused = 0

    async def one() -> None:
        nonlocal refused
        try:
            await invoker.call("water.read", {})
        except Exhausted:
            refused += 1

    async with anyio.create_task_group() as group:
        for _ in range(9):
            group.start_soon(one)
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert (most, refused) == (2, 4)


@pytest.mark.anyio
async def test_calls_that_are_given_up_leave_no_trace() -> None:
    a = FakeReplica("a", hangs=True)
    heard: list[CallOutcome] = []
    invoker = _invoker(a, listeners=[heard.append])
    for _ in range(5):
        with anyio.move_on_after(0.002):
            await invoker.call("water.read", {})
    found = call_statistics(invoker)["water"]
    assert (found.replicas["a"].outstanding, found.replicas["a"].breaker.failed, found.bulkhead.active) == (0, 0, 0)
    assert heard == []


@pytest.mark.anyio
async def test_load_is_spread_and_follows_who_is_less_busy() -> None:
    slow_gate = anyio.Event()
    slow, quick = FakeReplica("slow", before=slow_gate.wait), FakeReplica("quick")
    invoker = _invoker(slow, quick)
    async with anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(invoker.call, "water.read", {})
            await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()
        assert len(slow.calls) + len(quick.calls) >= 30
        assert len(slow.calls) < 10 < len(quick.calls)
        slow_gate.set()
    even = [FakeReplica(str(n)) for n in range(4)]
    invoker = _invoker(*even)
    for _ in range(400):
        await invoker.call("water.read", {})
    assert all(60 <= len(each.calls) <= 140 for each in even)


@pytest.mark.anyio
async def test_replicas_that_stand_badly_are_avoided_while_others_are_there() -> None:
    standing = {"a": "failing", "b": "degraded", "c": "healthy"}
    a, b, c = (FakeReplica(name) for name in "abc")
    invoker = _invoker(a, b, c, standing_of=lambda agent, replica: standing[replica])
    for _ in range(10):
        await invoker.call("water.read", {})
    assert (len(a.calls), len(b.calls), len(c.calls)) == (0, 0, 10)
    invoker.detach("water", "c")
    await invoker.call("water.read", {})
    assert len(b.calls) == 1
    invoker.detach("water", "b")
    await invoker.call("water.read", {})
    assert len(a.calls) == 1
    invoker.detach("water", "a")
    with pytest.raises(NotFound, match="No agent water"):
        await invoker.call("water.read", {})


@pytest.mark.anyio
async def test_unbuilt_and_unknown_agents_are_told_apart() -> None:
    invoker = ResilientInvoker()
    with pytest.raises(Unavailable, match="not available yet") as unbuilt:
        await invoker.call("energy-finance.calculate_bill", {})
    assert not unbuilt.value.retryable
    with pytest.raises(NotFound):
        await invoker.call("made-up.tool", {})
    with pytest.raises(Conflict):
        invoker.connect("water", lambda: None, replica_id="x")
    _invoker(FakeReplica("a"))
    with pytest.raises(Conflict, match="already"):
        _invoker(FakeReplica("a"), FakeReplica("a"))


@pytest.mark.anyio
async def test_a_connection_serves_only_the_tenant_that_its_token_stands_for() -> None:
    mine = local_principal(UUID(int=1), "t", {"water:read", "water:write"})
    replica = FakeReplica("far")

    @asynccontextmanager
    async def opener():
        yield replica

    async with _invoker() as invoker:
        invoker.connect("water", opener, replica_id="far", identity=mine)
        await anyio.wait_all_tasks_blocked()
        await invoker.call("water.read", {}, principal=local_principal(UUID(int=1), "t", {"water:read"}))
        for who, what in (
            (local_principal(UUID(int=2), "other", {"water:read"}), "does not stand for"),
            (local_principal(UUID(int=1), "t", {"water:read"}, subject="reader"), "lacks the scope water:write"),
        ):
            with pytest.raises(Unauthorized, match=what):
                await invoker.call("water.write", {}, principal=who)
        with pytest.raises(Unauthorized, match="not known here"):
            await invoker.call("water.unknown", {}, principal=local_principal(UUID(int=1), "t", {"water:read"}))
        await invoker.call("water.unknown", {}, principal=mine)
    assert [tool for tool, _, _ in replica.calls] == ["water.read", "water.unknown"]
    assert replica.principals == [None, None]


@pytest.mark.anyio
async def test_a_connection_that_breaks_is_opened_again() -> None:
    opened = 0

    @asynccontextmanager
    async def opener():
        nonlocal opened
        opened += 1
        if opened in (1, 3):
            raise OSError("nobody there")
        replica = FakeReplica(f"connection {opened}")
        async with anyio.create_task_group() as group:

            async def breaks() -> None:
                await trouble.wait()
                raise ExceptionGroup("unhandled errors in a TaskGroup", [OSError("reset")])

            if opened == 2:
                group.start_soon(breaks)
            yield replica
            group.cancel_scope.cancel()

    trouble = anyio.Event()
    async with _invoker() as invoker:
        replica = invoker.connect("water", opener, replica_id="r")
        assert (await invoker.call("water.write", {})).value == "connection 2"
        trouble.set()
        while replica.link.connected:  # noqa: ASYNC110 -- no event says so
            await anyio.sleep(0.001)
        assert (await invoker.call("water.read", {})).value == "connection 4"


@given(
    outstanding=st.lists(st.integers(0, 5), max_size=6),
    admitted=st.lists(st.booleans(), min_size=6, max_size=6),
    tried=st.sets(st.integers(0, 5)),
    seed=st.integers(0, 99),
)
def test_the_choice_is_a_callable_replica_and_a_fresh_one_if_there_is_one(outstanding, admitted, tried, seed) -> None:
    replicas = []
    for n, busy in enumerate(outstanding):
        breaker = CircuitBreaker("x", BreakerPolicy(min_calls=1))
        if not admitted[n]:
            breaker.acquire().failed()
        replica = Replica("a", str(n), _AlwaysThere(), breaker)
        replica.outstanding = busy
        replicas.append(replica)
    usable = {n for n in range(len(outstanding)) if admitted[n]}
    chosen = choose(replicas, {str(n) for n in tried}, lambda agent, replica: "unknown", Random(seed))
    if not usable:
        assert chosen is None
    else:
        pool = (usable - tried) or usable
        assert int(chosen.replica_id) in pool
        others = pool - {int(chosen.replica_id)}
        assert not others or any(outstanding[n] >= chosen.outstanding for n in others)


class _AlwaysThere:
    connected = True


@pytest.mark.anyio
async def test_work_beside_the_calls_is_begun_again_when_it_fails_and_ends_with_them(monkeypatch) -> None:
    monkeypatch.setattr(resilient_invoker, "RESTART_S", 0.0)
    begun, enough = 0, anyio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ValueError("boom")
        enough.set()
        await anyio.sleep_forever()

    invoker = _invoker(FakeReplica("a"))
    with pytest.raises(Conflict):
        invoker.start(work)
    with anyio.fail_after(5):
        async with invoker:
            invoker.start(work)
            await enough.wait()
            assert (await invoker.call("water.read", {})).value == "a"
    assert begun == 3


@pytest.mark.anyio
async def test_an_error_inside_the_context_stays_what_it_is() -> None:
    with pytest.raises(NotFound, match="No agent water"):
        async with _invoker() as invoker:
            await invoker.call("water.read", {})


@pytest.mark.anyio
async def test_the_figures_can_be_scraped() -> None:
    invoker = _invoker(FakeReplica("a", broken=AWAY), FakeReplica("b"))
    for _ in range(12):
        await invoker.call("water.read", {})
    registry = CollectorRegistry()
    registry.register(CallsCollector(invoker))
    value = registry.get_sample_value
    assert value("redaptive_calls_breaker_state", {"agent": "water", "replica": "a"}) == 2
    assert value("redaptive_calls_breaker_state", {"agent": "water", "replica": "b"}) == 0
    assert value("redaptive_calls_calls_total", {"agent": "water", "replica": "b"}) == 12
    assert value("redaptive_calls_retries_total", {"agent": "water"}) == 4
    assert value("redaptive_calls_connected", {"agent": "water", "replica": "a"}) == 1
