"""Runs that only wait leave memory, and come back for what they waited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.engine_world import FAST, EngineWorld, engine_world
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.settings import Settings


@pytest.fixture(scope="module")
def parking(servers: Settings) -> Iterator[EngineWorld]:
    with engine_world(urls_of(servers), replace(FAST, park_after_s=0.05)) as found:
        found.tools.functions |= {"t.echo": lambda given: given.get("x")}
        yield found


def test_a_run_that_only_waits_is_parked_and_woken(parking: EngineWorld) -> None:
    made = plan(
        {"id": "a", "tool": "t.echo", "args": {"x": 1}},
        {"id": "w", "wait_event": {"type": "alert.closed"}, "needs": ["a"]},
        {"id": "p", "tool": "t.echo", "args": {"x": "$w.by"}, "approval": {"reason": "?"}},
        {"id": "c", "tool": "t.echo", "args": {"x": "$p.value"}, "breakpoint": True},
        output={"by": "$c.value"},
    )

    async def work() -> None:
        run_id = await parking.start(made)
        await parking.until_run(run_id, "parked")
        assert parking.engine.live == 0, "nothing of it is left in memory"
        async with parking.store.change() as change:
            await change.signal(run_id, "w", key="e1", type="alert.closed", data={"by": "ann"})
        await parking.until(run_id, "p", "gated")
        await parking.until_run(run_id, "parked")
        async with parking.store.change() as change:
            await change.decide(run_id, "p", approve=True, actor="bob")
        await parking.until(run_id, "c", "gated")
        await parking.until_run(run_id, "parked")
        await parking.wish(run_id, "release", "c")
        found = await parking.ended(run_id)
        assert found.run.output == {"by": "ann"}
        calls = [c.key.removeprefix(run_id + ":") for c in parking.tools.calls if c.key.startswith(run_id)]
        assert calls == ["a", "p", "c"], "every call was made once, over three parkings"

    parking.do(work())


def test_times_of_what_had_ended_stay_when_a_run_is_taken_up_again(parking: EngineWorld) -> None:
    made = plan(
        {"id": "a", "tool": "t.echo", "args": {"x": "$item"}, "foreach": {"items": [1, 2]}},
        {"id": "w", "wait_event": {"type": "alert.closed"}, "needs": ["a"]},
        {"id": "z", "tool": "t.echo", "args": {"x": 2}, "needs": ["w"]},
    )

    async def work() -> None:
        run_id = await parking.start(made)
        await parking.until_run(run_id, "parked")
        before = await parking.store.snapshot(run_id)
        async with parking.store.change() as change:
            await change.signal(run_id, "w", key="e1", type="alert.closed", data={"by": "ann"})
        after = await parking.ended(run_id)
        parts = [(each.node("a"), *each.items("a")) for each in (before, after)]
        first, again = ([each and (each.state, each.started_at, each.finished_at) for each in part] for part in parts)
        assert len(first) == 3
        assert again == first

    parking.do(work())


def test_a_parked_run_is_cancelled_and_its_time_runs_out(parking: EngineWorld) -> None:
    async def work() -> None:
        wait = {"type": "alert.closed", "timeout_s": 1.0}
        late = await parking.start(plan({"id": "w", "wait_event": wait}))
        ended = await parking.start(plan({"id": "w", "wait_event": {"type": "alert.closed"}}))
        found = await parking.until_run(late, "parked")
        assert found.wake_at is not None
        assert found.wake_at < datetime.now(UTC) + timedelta(seconds=2)
        await parking.until_run(ended, "parked")
        await parking.wish(ended, "cancel")
        assert (await parking.ended(ended)).run.state == "cancelled"
        lost = (await parking.ended(late)).run
        assert lost.error is not None
        assert (lost.state, lost.error["code"]) == ("failed", "exhausted")

    parking.do(work())
