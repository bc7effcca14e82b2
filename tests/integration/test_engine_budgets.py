"""Budgets of runs at work: time in which they work and the prices of their calls; people may take their time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.integration.engine_world import FAST, EngineWorld, engine_world
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.agents.tool import ToolSpec
from redaptive.errors import Unavailable
from redaptive.settings import Settings

PRICE_USD = 1.0
ECHO = {"id": "a", "tool": "t.echo", "args": {"x": 1}}


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    dear = ToolSpec(scope="t:read", usd_per_call=PRICE_USD)
    specs = {"t.dear": dear, "t.dear_and_shaky": dear}
    with engine_world(urls_of(servers), replace(FAST, park_after_s=0.3), specs=specs.get) as found:
        found.tools.functions |= {
            "t.echo": lambda given: given.get("x"),
            "t.undo": lambda given: given,
            "t.hang": lambda _: asyncio.sleep(600),
            "t.dear": lambda given: given.get("x"),
            "t.dear_and_shaky": _shaky,
        }
        yield found


def _shaky(_given: Any) -> Any:
    raise Unavailable("Not now.")


def _error(found: Any) -> tuple[str, str | None]:
    error = found.run.error or {}
    return str(error.get("code")), error.get("field")


def test_a_run_that_works_too_long_ends_and_undoes_what_it_did(world: EngineWorld) -> None:
    made = plan(
        {**ECHO, "compensate": {"tool": "t.undo", "args": {"twice": "$sum"}}},
        {"id": "sum", "expr": {"fn": "add", "args": ["$in.n", 1]}},
        {"id": "h", "tool": "t.hang", "needs": ["a"], "compensate": {"tool": "t.undo"}},
        {"id": "after", "tool": "t.echo", "needs": ["h"]},
        budget={"seconds": 0.4},
    )
    found = world.do(world.run(made, inputs={"n": 1}))
    run_id = found.run.id
    assert (found.run.state, *_error(found)) == ("failed", "exhausted", "budget.seconds")
    assert found.run.error is not None
    assert "0.4 s" in str(found.run.error["message"])
    assert world.tools.keys("t.hang", run_id) == [f"{run_id}:h"]
    undone = [call for call in world.tools.calls if call.tool == "t.undo" and call.key.startswith(run_id)]
    assert [call.key for call in undone] == [f"{run_id}:undo:h", f"{run_id}:undo:a"], "it may have had its effect"
    assert undone[1].arguments == {"twice": 2}
    assert f"{run_id}:after" not in world.tools.keys("t.echo", run_id)
    assert found.run.spent_ms >= 400


def test_waiting_for_people_and_events_costs_nothing(world: EngineWorld) -> None:
    made = plan(
        ECHO,
        {"id": "b", "tool": "t.echo", "needs": ["a"], "breakpoint": True},
        {"id": "p", "tool": "t.echo", "needs": ["b"], "approval": {"reason": "?"}},
        {"id": "w", "wait_event": {"type": "alert.closed"}, "needs": ["p"]},
        budget={"seconds": 1.0},
    )

    async def work() -> None:
        run_id = await world.start(made)
        for node in "bpw":
            await world.until(run_id, node, "gated", "waiting")
            await world.until_run(run_id, "parked")  # 0.3 s later, which no budget of a second outlives four times
            await asyncio.sleep(0.4)
            async with world.store.change() as change:
                if node == "b":
                    await change.wish(run_id, "release", actor="ann", node="b")
                elif node == "p":
                    await change.decide(run_id, "p", approve=True, actor="bob")
                else:
                    await change.signal(run_id, "w", key="e", type="alert.closed", data={})
        found = await world.ended(run_id)
        assert found.run.state == "done", found.run.error
        assert found.run.finished_at is not None
        assert found.run.started_at is not None
        assert (found.run.finished_at - found.run.started_at).total_seconds() > 1.0
        assert found.run.worked_ms < 1_000

    world.do(work())


def test_each_attempt_is_paid_for_and_what_cannot_be_paid_is_not_called(world: EngineWorld) -> None:
    made = plan(
        {"id": "d", "tool": "t.dear", "args": {"x": 1}},
        {"id": "s", "tool": "t.dear_and_shaky", "needs": ["d"], "retry": {"max_attempts": 9, "interval_s": 0}},
        budget={"usd": 3.5},
    )
    found = world.do(world.run(made))
    assert (found.run.state, *_error(found)) == ("failed", "exhausted", "budget.usd")
    calls = [call for call in world.tools.calls if call.key.startswith(found.run.id)]
    assert [(call.tool, call.terms.budget_usd) for call in calls] == [
        ("t.dear", 3.5),
        ("t.dear_and_shaky", 2.5),
        ("t.dear_and_shaky", 1.5),
    ]
    assert found.run.spent_usd == 3.0


def test_items_are_paid_for_one_by_one(world: EngineWorld) -> None:
    items = {"id": "d", "tool": "t.dear", "args": {"x": "$item"}, "foreach": {"items": [1, 2, 3], "concurrency": 1}}
    assert world.do(world.run(plan(items, budget={"usd": 3.0}))).run.state == "done"
    found = world.do(world.run(plan(items, budget={"usd": 2.0})))
    assert (found.run.state, *_error(found)) == ("failed", "exhausted", "budget.usd")
    assert len(world.tools.keys("t.dear", found.run.id)) == 2


def test_a_child_spends_what_is_left_to_its_parent(world: EngineWorld) -> None:
    inner = plan({"id": "d", "tool": "t.dear", "args": {"x": 1}}, {"id": "h", "tool": "t.hang", "needs": ["d"]})
    made = plan(
        {"id": "first", "tool": "t.dear", "args": {"x": 1}},
        {"id": "s", "sub_plan": {"plan": inner.model_dump(mode="json", by_alias=True)}, "needs": ["first"]},
        budget={"seconds": 1.6, "usd": 5.0},
    )
    found = world.do(world.run(made))
    assert (found.run.state, *_error(found)) == ("failed", "exhausted", "s")
    assert "that its parent had left" in str((found.run.error or {})["message"])
    assert found.run.spent_usd == 2 * PRICE_USD
    (child,) = found.children
    run = world.do(world.store.run(child))
    assert run.state == "failed"
    assert run.limit_s is not None
    assert run.limit_s <= 1.6, "not the hour of its own plan"
    assert found.run.worked_ms < run.worked_ms, "its parent only waited for it"
    assert found.run.spent_ms >= run.worked_ms


def test_a_run_out_of_time_is_rolled_back_in_peace(world: EngineWorld) -> None:
    made = plan(
        {**ECHO, "compensate": {"tool": "t.fragile_undo", "args": {"sum": "$sum"}}},
        {"id": "sum", "expr": {"fn": "add", "args": ["$in.n", 1]}},
        {"id": "h", "tool": "t.hang", "needs": ["a"]},
        budget={"seconds": 0.3},
    )

    async def work() -> None:
        found = await world.run(made, inputs={"n": 1})
        assert found.run.state == "needs_attention", "nobody knows t.fragile_undo"
        world.tools.functions["t.fragile_undo"] = lambda given: given
        async with world.store.change() as change:
            await change.roll_back(found.run.id)
        again = await world.ended(found.run.id)
        assert again.run.state == "cancelled", again.run.error
        assert world.tools.calls[-1].arguments == {"sum": 2}

    world.do(work())
