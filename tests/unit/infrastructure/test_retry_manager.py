"""Retries by a fake clock: waits, budget, deadline, and what is never repeated."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.errors import Conflict, Exhausted, Internal, InvalidInput, NotFound, Unauthorized, Unavailable
from redaptive.infrastructure.resilience.retry_manager import (
    BudgetPolicy,
    Deadline,
    RetryBudget,
    RetryManager,
    RetryPolicy,
    worth_retrying,
)

sys.path.insert(0, str(Path(__file__).parents[2] / "fakes"))
FakeClock = importlib.import_module("fake_clock").FakeClock
AMPLE = BudgetPolicy(capacity=1e9)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock():
    return FakeClock()


def _manager(clock, policy: RetryPolicy | None = None, budget: BudgetPolicy = AMPLE, seed: int = 1) -> RetryManager:
    return RetryManager(policy, RetryBudget(budget, clock=clock), random=Random(seed), sleep=clock.sleep)


def _failing(times: int, error: Exception):
    seen: list[int] = []

    async def attempt(number: int) -> str:
        seen.append(number)
        if len(seen) <= times:
            raise error
        return "done"

    return attempt, seen


@pytest.mark.anyio
async def test_it_repeats_until_it_succeeds_and_counts(clock) -> None:
    manager = _manager(clock)
    attempt, seen = _failing(2, Unavailable("away"))
    assert await manager.run(attempt) == "done"
    assert seen == [0, 1, 2]
    assert (manager.statistics().calls, manager.statistics().retries) == (1, 2)


@pytest.mark.anyio
async def test_the_last_error_is_raised_when_attempts_are_used_up(clock) -> None:
    manager = _manager(clock, RetryPolicy(max_attempts=3))
    attempt, seen = _failing(9, Unavailable("away"))
    with pytest.raises(Unavailable, match="away"):
        await manager.run(attempt)
    assert seen == [0, 1, 2]


@pytest.mark.anyio
async def test_waits_have_full_jitter_below_a_doubling_limit(clock) -> None:
    policy = RetryPolicy(max_attempts=12, base_s=0.1, cap_s=5.0)
    waits = []
    for seed in range(200):
        clock.slept.clear()
        with pytest.raises(Unavailable):
            await _manager(clock, policy, seed=seed).run(_failing(99, Unavailable("away"))[0])
        waits.append(list(clock.slept))
    for k, found in enumerate(zip(*waits, strict=True)):
        limit = min(5.0, 0.1 * 2**k)
        assert max(found) <= limit
        assert min(found) < 0.1 * limit
        assert max(found) > 0.9 * limit
    again = []
    for seed in (3, 3):
        clock.slept.clear()
        with pytest.raises(Unavailable):
            await _manager(clock, policy, seed=seed).run(_failing(99, Unavailable("away"))[0])
        again.append(list(clock.slept))
    assert again[0] == again[1] == waits[3]


@pytest.mark.anyio
async def test_the_callee_decides_how_long_to_wait_at_least(clock) -> None:
    manager = _manager(clock, RetryPolicy(base_s=0.1))
    await manager.run(_failing(1, Exhausted("busy", retry_after_ms=2_500))[0])
    assert 2.5 <= clock.slept[0] <= 2.6


@pytest.mark.anyio
async def test_a_wait_that_is_too_long_to_hold_a_call_open_is_passed_on(clock) -> None:
    attempt, seen = _failing(1, Unavailable("breaker open", retry_after_ms=30_000))
    with pytest.raises(Unavailable):
        await _manager(clock).run(attempt)
    assert (seen, clock.slept) == ([0], [])


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (Unavailable("x"), True),
        (Unavailable("planned only", retryable=False), False),
        (Exhausted("rate", retry_after_ms=100), True),
        (Exhausted("deadline"), False),
        (Conflict("key in use", retry_after_ms=1_000), True),
        (Conflict("other arguments"), False),
        (InvalidInput("x"), False),
        (NotFound("x"), False),
        (Unauthorized("x"), False),
        (Internal("x"), False),
    ],
)
@pytest.mark.anyio
async def test_only_what_may_succeed_later_is_repeated(clock, error, again) -> None:
    assert worth_retrying(error) is again
    attempt, seen = _failing(1, error)
    if again:
        assert await _manager(clock).run(attempt) == "done"
    else:
        with pytest.raises(type(error)):
            await _manager(clock).run(attempt)
    assert len(seen) == 1 + again


@pytest.mark.anyio
async def test_what_must_not_run_twice_is_not_repeated(clock) -> None:
    attempt, seen = _failing(1, Unavailable("died mid-call"))
    with pytest.raises(Unavailable):
        await _manager(clock).run(attempt, repeatable=lambda error: False)
    assert seen == [0]


@pytest.mark.anyio
async def test_a_deadline_is_never_slept_past(clock) -> None:
    manager = _manager(clock)
    attempt, seen = _failing(9, Exhausted("rate", retry_after_ms=2_000))
    began = clock.now
    with pytest.raises(Exhausted):
        await manager.run(attempt, deadline=Deadline(5.0, clock=clock))
    assert clock.now - began <= 5.0
    assert len(seen) == 3
    with pytest.raises(Exhausted):
        await manager.run(_failing(9, Exhausted("rate", retry_after_ms=2_000))[0], deadline=Deadline(1.5, clock=clock))
    assert manager.statistics().out_of_time == 1


@pytest.mark.anyio
async def test_an_outage_is_retried_for_a_tenth_of_its_calls_only(clock) -> None:
    manager = _manager(clock, RetryPolicy(max_attempts=3), BudgetPolicy(ratio=0.1, per_minute=0, capacity=5))
    attempts = 0

    async def down(number: int) -> None:
        nonlocal attempts
        attempts += 1
        raise Unavailable("away")

    for _ in range(1_000):
        with pytest.raises(Unavailable):
            await manager.run(down)
    assert 1_095 <= attempts <= 1_105
    assert manager.statistics().out_of_budget > 800


@given(
    ratio=st.floats(0, 1),
    rate=st.floats(0, 60),
    capacity=st.floats(0, 20),
    steps=st.lists(st.one_of(st.just("call"), st.just("retry"), st.floats(0, 30)), max_size=300),
)
def test_the_budget_is_never_exceeded_over_any_span(ratio, rate, capacity, steps) -> None:
    clock = FakeClock()
    budget = RetryBudget(BudgetPolicy(ratio=ratio, per_minute=rate, capacity=capacity), clock=clock)
    spans: list[tuple[float, int, int]] = [(clock.now, 0, 0)]
    calls = retries = 0
    for step in steps:
        if step == "call":
            budget.called()
            calls += 1
        elif step == "retry":
            retries += budget.take()
        else:
            clock.pass_by(step)
        spans.append((clock.now, calls, retries))
        assert 0 <= budget.tokens <= max(capacity, 0) + 1e-9
    for at, c, r in spans[::7]:
        assert retries - r <= capacity + ratio * (calls - c) + rate * (clock.now - at) / 60 + 1e-6


def test_a_deadline_counts_down_to_zero(clock) -> None:
    deadline = Deadline(2.0, clock=clock)
    assert deadline.left_s() == 2.0
    clock.pass_by(5)
    assert deadline.left_s() == 0.0
    assert not deadline.allows(0.0)
    assert Deadline(None).left_s() is None
    assert Deadline(None).allows(1e9)
