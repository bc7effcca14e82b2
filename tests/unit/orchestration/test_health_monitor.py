"""The health monitor by a fake clock: hysteresis, calls and probes, snapshots, who answers."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import anyio
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.agents.calls.outcomes import CallOutcome
from redaptive.infrastructure.discovery.service_registry import ServiceReplica
from redaptive.orchestration.health_monitor import HealthMonitor, MonitorPolicy, StandingChange, http_probe

sys.path.insert(0, str(Path(__file__).parents[2] / "fakes"))
FakeClock = importlib.import_module("fake_clock").FakeClock
POLICY = MonitorPolicy(degrade_after=2, fail_after=4, recover_after=3, recent=50, timeout_s=0.05)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _monitor(*replicas: str, **given) -> HealthMonitor:
    monitor = HealthMonitor(POLICY, clock=FakeClock(), **given)
    for each in replicas:
        monitor.watch("lake", each)
    return monitor


def _calls(monitor: HealthMonitor, replica: str, *faults: bool, seconds: float = 0.01) -> None:
    for fault in faults:
        code = "unavailable" if fault else "ok"
        monitor.heard(CallOutcome("lake", replica, "lake.measure", code, seconds, fault))


def test_bad_calls_degrade_then_fail_and_one_is_not_enough() -> None:
    heard: list[StandingChange] = []
    monitor = _monitor("a", on_change=heard.append)
    assert monitor.standing("lake", "a") == "unknown"
    _calls(monitor, "a", False, True)
    assert monitor.standing("lake", "a") == "healthy"
    _calls(monitor, "a", True)
    assert monitor.standing("lake", "a") == "degraded"
    _calls(monitor, "a", True, True)
    assert monitor.standing("lake", "a") == "failing"
    assert [(each.before, each.after) for each in heard] == [
        ("unknown", "healthy"),
        ("healthy", "degraded"),
        ("degraded", "failing"),
    ]
    assert list(monitor.changes) == heard


def test_recovery_takes_good_signals_in_a_row_one_step_at_a_time() -> None:
    monitor = _monitor("a")
    _calls(monitor, "a", *[True] * 4)
    _calls(monitor, "a", False, False, True, False, False)
    assert monitor.standing("lake", "a") == "failing"
    _calls(monitor, "a", False)
    assert monitor.standing("lake", "a") == "degraded"
    _calls(monitor, "a", *[False] * 60)
    assert monitor.standing("lake", "a") == "healthy"


def test_faults_that_are_spread_out_degrade_too() -> None:
    monitor = _monitor("a")
    _calls(monitor, "a", *[False, False, True] * 10)
    _calls(monitor, "a", False)
    assert monitor.standing("lake", "a") == "degraded"
    assert 0.3 < monitor.snapshot().agents["lake"].replicas[0].fault_share < 0.35


@given(st.lists(st.booleans(), max_size=120))
def test_a_lone_bad_signal_never_moves_a_healthy_replica_further_than_degraded(faults) -> None:
    monitor = _monitor("a")
    in_a_row = 0
    for fault in faults:
        before = monitor.standing("lake", "a")
        _calls(monitor, "a", fault)
        after = monitor.standing("lake", "a")
        in_a_row = in_a_row + 1 if fault else 0
        if after == "failing" and before != "failing":
            assert in_a_row >= POLICY.fail_after
        if before == "failing" and after != "failing":
            assert after == "degraded"


def test_a_snapshot_says_who_answers() -> None:
    monitor = _monitor("a", "b")
    monitor.watch("pond", "x")
    monitor.watch("river", "y")
    _calls(monitor, "a", *[True] * 4)
    assert monitor.snapshot().agents["lake"].standing == "degraded"
    _calls(monitor, "b", False, seconds=0.25)
    assert monitor.snapshot().agents["lake"].standing == "degraded"
    assert monitor.snapshot().agents["lake"].replicas[1].p95_ms == 250.0
    _calls(monitor, "b", *[True] * 4)
    assert monitor.snapshot().agents["lake"].standing == "failing"
    assert monitor.snapshot().agents["pond"].standing == "unknown"
    assert monitor.snapshot().answering == {"pond", "river"}
    monitor.forget("pond", "x")
    assert monitor.snapshot().answering == {"river"}
    _calls(monitor, "nobody", True)
    assert monitor.standing("lake", "nobody") == "unknown"


@pytest.mark.anyio
async def test_probes_run_side_by_side_and_hang_at_most_their_limit() -> None:
    async def hang() -> str:
        await anyio.sleep_forever()

    async def boom() -> str:
        raise OSError("no route")

    async def well() -> str:
        return "ok"

    monitor = HealthMonitor(POLICY, clock=FakeClock())
    for n in range(20):
        monitor.watch("lake", f"hang-{n}", hang)
    monitor.watch("lake", "boom", boom)
    monitor.watch("lake", "well", well)
    with anyio.fail_after(5):
        for _ in range(4):
            await monitor.check()
    assert {monitor.standing("lake", f"hang-{n}") for n in range(20)} == {"failing"}
    assert (monitor.standing("lake", "boom"), monitor.standing("lake", "well")) == ("failing", "healthy")


@pytest.mark.anyio
async def test_the_http_probe_reads_status_and_the_monitor_follows_the_registry() -> None:
    answers = {"/ok": (200, "ok"), "/tired": (200, "degraded"), "/down": (200, "failing"), "/gone": (503, "ok")}

    def answer(request: httpx2.Request) -> httpx2.Response:
        code, status = answers[request.url.path]
        return httpx2.Response(code, json={"status": status})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        found = [await http_probe(http, f"http://a{path}")() for path in answers]
        assert found == ["ok", "degraded", "failing", "failing"]
        monitor = HealthMonitor(POLICY, clock=FakeClock())
        tired = ServiceReplica("lake", "a", "http://a/mcp", "1", "http://a/tired")
        local = ServiceReplica("pond", "b", "in-process", "1")
        monitor.follow([tired, local], http)
        await monitor.check()
        assert monitor.standing("lake", "a") == "degraded"
        assert monitor.standing("pond", "b") == "unknown"
        monitor.follow([local], http)
        assert set(monitor.snapshot().agents) == {"pond"}
