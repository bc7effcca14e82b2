"""The breaker by a fake clock: when it opens, how it tries again, what it forgets."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.errors import Unavailable
from redaptive.infrastructure.resilience.circuit_breaker import BreakerPolicy, CircuitBreaker

sys.path.insert(0, str(Path(__file__).parents[2] / "fakes"))
FakeClock = importlib.import_module("fake_clock").FakeClock
POLICY = BreakerPolicy(window_s=10, min_calls=4, failure_rate=0.5, open_s=30, max_open_s=100, jitter=0.0, probes=2)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker("agent a", POLICY, clock=clock)


def _calls(breaker, *verdicts: bool) -> None:
    for failed in verdicts:
        permit = breaker.acquire()
        permit.failed() if failed else permit.succeeded()


def test_it_opens_at_the_failure_rate_and_not_before_enough_calls(breaker) -> None:
    _calls(breaker, True, True, True)
    assert breaker.state == "closed"
    _calls(breaker, True)
    assert breaker.state == "open"
    assert breaker.statistics().opened == 1


def test_below_the_rate_it_stays_closed(breaker) -> None:
    _calls(breaker, *([False, False, True] * 20))
    assert breaker.state == "closed"
    assert breaker.statistics().window_failures == 20


def test_an_open_breaker_refuses_and_says_when_to_come_back(breaker, clock) -> None:
    _calls(breaker, *[True] * 4)
    clock.pass_by(10)
    with pytest.raises(Unavailable, match="agent a") as refused:
        breaker.acquire()
    assert refused.value.retry_after_ms == 20_000
    assert refused.value.retryable
    assert breaker.statistics().refused == 1
    assert breaker.statistics().open_left_s == 20.0


def test_after_the_pause_a_few_probes_close_it(breaker, clock) -> None:
    _calls(breaker, *[True] * 4)
    clock.pass_by(30)
    first, second = breaker.acquire(), breaker.acquire()
    assert breaker.state == "half_open"
    with pytest.raises(Unavailable):
        breaker.acquire()
    first.succeeded()
    assert breaker.state == "half_open"
    second.succeeded()
    assert breaker.state == "closed"
    assert breaker.statistics().window_calls == 0


def test_each_failed_trial_doubles_the_pause_up_to_the_limit(breaker, clock) -> None:
    _calls(breaker, *[True] * 4)
    for pause in (30, 60, 100, 100):
        clock.pass_by(pause - 0.001)
        assert breaker.state == "open"
        clock.pass_by(0.001)
        _calls(breaker, True)
    clock.pass_by(100)
    _calls(breaker, False, False)
    _calls(breaker, *[True] * 4)
    clock.pass_by(30)
    assert breaker.state == "half_open", "a success resets the pause"


def test_a_call_without_verdict_gives_its_probe_back(breaker, clock) -> None:
    _calls(breaker, *[True] * 4)
    clock.pass_by(30)
    for _ in range(5):
        breaker.acquire().withdrawn()
    assert breaker.admits


def test_a_verdict_counts_once_and_not_in_a_later_state(breaker, clock) -> None:
    late = breaker.acquire()
    _calls(breaker, *[True] * 4)
    clock.pass_by(30)
    assert breaker.state == "half_open"
    late.failed()
    late.failed()
    assert breaker.state == "half_open"
    assert breaker.statistics().failed == 5


def test_old_failures_are_forgotten(breaker, clock) -> None:
    _calls(breaker, True, True, True)
    clock.pass_by(10.1)
    _calls(breaker, True)
    assert breaker.state == "closed"
    assert breaker.statistics().window_calls == 1


def test_slow_calls_count_as_failed(clock) -> None:
    breaker = CircuitBreaker("a", BreakerPolicy(min_calls=2, slow_s=1.0), clock=clock)
    for _ in range(2):
        permit = breaker.acquire()
        clock.pass_by(1.5)
        permit.succeeded()
    assert breaker.state == "open"


def test_jitter_spreads_the_pause_and_is_seeded(clock) -> None:
    def pause(seed: int) -> float:
        breaker = CircuitBreaker("a", BreakerPolicy(min_calls=1, jitter=0.5), clock=clock, random=Random(seed))
        _calls(breaker, True)
        return breaker.statistics().open_left_s

    assert pause(1) == pause(1)
    assert pause(1) != pause(2)
    assert all(30.0 <= pause(seed) <= 45.0 for seed in range(20))


@given(st.lists(st.sampled_from(["ok", "fail", "drop", "open", "wait"]), max_size=200))
def test_it_never_refuses_for_good_and_never_has_more_probes_than_allowed(steps) -> None:
    clock = FakeClock()
    breaker, out = CircuitBreaker("a", POLICY, clock=clock), []
    for step in steps:
        if step == "wait":
            clock.pass_by(7)
        elif step == "open":
            if breaker.admits:
                out.append((breaker.state, breaker.acquire()))
        elif out:
            {"ok": out[0][1].succeeded, "fail": out[0][1].failed, "drop": out[0][1].withdrawn}[step]()
            out.pop(0)
    for _, permit in out:
        permit.withdrawn()
    clock.pass_by(POLICY.max_open_s)
    assert breaker.admits
    _calls(breaker, *[False] * POLICY.probes)
    assert breaker.state == "closed"
