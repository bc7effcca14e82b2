"""What people do to a run at work: approve, hold, step, override, pause, cancel, roll back, fork, park."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.engine_world import EngineWorld, engine_world
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.errors import Conflict
from redaptive.settings import Settings

CHAIN = (
    {"id": "a", "tool": "t.echo", "args": {"x": 1}},
    {"id": "b", "tool": "t.echo", "args": {"x": "$a.value"}},
    {"id": "c", "tool": "t.echo", "args": {"x": "$b.value"}},
)


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    with engine_world(urls_of(servers)) as found:
        found.tools.functions |= {"t.echo": lambda given: given.get("x"), "t.hang": lambda _: asyncio.sleep(600)}
        yield found


def _keys(world: EngineWorld, run_id: str) -> list[str]:
    return [call.key.rpartition(":")[2] for call in world.tools.calls if call.key.startswith(run_id)]


def test_an_approval_shows_tool_and_arguments_and_decides(world: EngineWorld) -> None:
    made = plan(
        CHAIN[0],
        {
            "id": "pay",
            "tool": "t.echo",
            "args": {"x": "$a.value"},
            "approval": {"reason": "costs money"},
            "retry": {"max_attempts": 3, "interval_s": 0},
        },
        output={"paid": "$pay.value"},
    )

    async def decide(approve: bool) -> Any:
        run_id = await world.start(made)
        snapshot = await world.until(run_id, "pay", "gated")
        (asked,) = snapshot.approvals
        assert (asked.tool, asked.args, asked.state, asked.reason) == ("t.echo", {"x": 1}, "pending", "costs money")
        assert (await world.until_run(run_id, "waiting")).state == "waiting"
        async with world.store.change() as change:
            await change.decide(run_id, "pay", approve=approve, actor="bob", comment="because")
        with pytest.raises(Conflict):
            async with world.store.change() as change:
                await change.decide(run_id, "pay", approve=approve, actor="bob")
        return await world.ended(run_id)

    assert world.do(decide(True)).run.output == {"paid": 1}
    refused = world.do(decide(False))
    assert (refused.run.state, refused.run.error["message"]) == ("failed", "bob rejected pay: because")
    assert _keys(world, refused.run.id) == ["a"]


def test_a_figure_worked_out_waits_for_its_approval_too(world: EngineWorld) -> None:
    sums = {"id": "total", "expr": {"fn": "add", "args": ["$a.value", 4]}, "approval": {"reason": "to be published"}}
    made = plan(CHAIN[0], sums, output={"total": "$total"})

    async def work() -> Any:
        run_id = await world.start(made)
        (asked,) = (await world.until(run_id, "total", "gated")).approvals
        assert (asked.args, asked.state) == ({"value": 5}, "pending")
        async with world.store.change() as change:
            await change.decide(run_id, "total", approve=True, actor="bob")
        return await world.ended(run_id)

    assert world.do(work()).run.output == {"total": 5}


def test_an_approval_that_nobody_gives_expires(world: EngineWorld) -> None:
    made = plan({"id": "pay", "tool": "t.echo", "approval": {"reason": "?", "timeout_s": 0.1}})
    found = world.do(world.run(made))
    assert found.run.error is not None
    assert (found.run.state, found.run.error["message"]) == ("failed", "Nobody approved pay in time.")
    assert found.approvals[0].state == "expired"


def test_a_breakpoint_holds_until_released_and_step_moves_one_node(world: EngineWorld) -> None:
    async def work() -> None:
        held = {**CHAIN[1], "breakpoint": True}
        run_id = await world.start(plan(CHAIN[0], held, CHAIN[2]))
        snapshot = await world.until(run_id, "b", "gated")
        node = snapshot.node("b")
        assert node is not None
        assert (node.reason, node.args) == ("breakpoint", {"x": 1})
        assert (await world.until_run(run_id, "paused")).state == "paused"
        await world.wish(run_id, "breakpoint", "c")
        await world.wish(run_id, "step")
        await world.until(run_id, "c", "gated")
        await world.until(run_id, "b", "done")
        assert _keys(world, run_id) == ["a", "b"]
        await world.wish(run_id, "release", "c")
        found = await world.ended(run_id)
        assert found.run.state == "done"
        assert {c.kind: c.cleared_at is not None for c in found.control} == {
            "breakpoint": False,
            "step": True,
            "release": True,
        }

    world.do(work())


def test_an_override_takes_the_place_of_the_call(world: EngineWorld) -> None:
    async def work() -> None:
        run_id = await world.start(plan(CHAIN[0], {**CHAIN[1], "breakpoint": True}, CHAIN[2], output={"c": "$c.value"}))
        await world.until(run_id, "b", "gated")
        await world.wish(run_id, "override", "b", {"value": 99})
        found = await world.ended(run_id)
        assert found.run.output == {"c": 99}
        node = found.node("b")
        assert node is not None
        assert (node.overridden, node.output) == (True, {"value": 99})
        assert _keys(world, run_id) == ["a", "c"]

    world.do(work())


def test_pause_holds_the_next_nodes_and_resume_lets_them_go(world: EngineWorld) -> None:
    go = asyncio.Event()

    async def wait(_: Any) -> str:
        await go.wait()
        return "went"

    world.tools.functions["t.gate"] = wait

    async def work() -> None:
        run_id = await world.start(plan({"id": "a", "tool": "t.gate"}, CHAIN[1], CHAIN[2]))
        await world.until(run_id, "a", "running")
        await world.wish(run_id, "pause")
        await asyncio.sleep(0.2)
        go.set()
        await world.until(run_id, "b", "gated")
        assert (await world.until_run(run_id, "paused")).state == "paused"
        assert _keys(world, run_id) == ["a"]
        async with world.store.change() as change:
            assert await change.clear(run_id, ["pause"]) == 1
        assert (await world.ended(run_id)).run.state == "done"

    world.do(work())


def test_cancel_stops_a_call_at_work_and_undoes_when_told_so(world: EngineWorld) -> None:
    undone: list[Any] = []
    world.tools.functions["t.undo"] = undone.append
    back = {"tool": "t.undo", "args": {"was": "$a.value"}}
    lost = {"tool": "t.undo", "args": {"was": "$b.value"}}
    made = plan({**CHAIN[0], "compensate": back}, {"id": "b", "tool": "t.hang", "needs": ["a"], "compensate": lost})

    async def work(value: Any) -> Any:
        run_id = await world.start(made)
        await world.until(run_id, "b", "running")
        await world.wish(run_id, "cancel", value=value)
        return await world.ended(run_id)

    found = world.do(work(None))
    assert (found.run.state, found.node("b").state, undone) == ("cancelled", "cancelled", [])
    assert found.run.error["message"] == "cancelled by tester"
    found = world.do(work({"compensate": True}))
    assert (found.run.state, undone) == ("cancelled", [{"was": None}, {"was": 1}])
    assert world.tools.keys("t.undo") == [f"{found.run.id}:undo:b", f"{found.run.id}:undo:a"]


def test_cancel_reaches_children(world: EngineWorld) -> None:
    inner = {"id": "inner", "title": "Inner", "nodes": [{"id": "x", "tool": "t.hang"}]}

    async def work() -> None:
        run_id = await world.start(plan({"id": "one", "sub_plan": {"plan": inner}}))
        await world.until(f"{run_id}:one", "x", "running")
        await world.wish(run_id, "cancel")
        assert (await world.ended(run_id)).run.state == "cancelled"
        assert (await world.ended(f"{run_id}:one")).run.state == "cancelled"

    world.do(work())


def test_a_finished_run_is_rolled_back_and_a_failed_undo_repeated(world: EngineWorld) -> None:
    undone: list[str] = []
    closed = [True]

    def undo(given: Any) -> str:
        if given["of"] == "a" and closed[0]:
            raise Conflict("The bank is closed.")
        undone.append(given["of"])
        return "ok"

    world.tools.functions["t.undo2"] = undo
    nodes = [{**node, "compensate": {"tool": "t.undo2", "args": {"of": node["id"]}}} for node in CHAIN[:2]]

    async def roll_back(run_id: str) -> str:
        async with world.store.change() as change:
            await change.roll_back(run_id)
        return (await world.ended(run_id)).run.state

    async def work() -> None:
        run_id = (await world.run(plan(*nodes))).run.id
        assert await roll_back(run_id) == "needs_attention"
        assert undone == ["b"]
        closed[0] = False
        assert await roll_back(run_id) == "cancelled"
        assert undone == ["b", "a"]
        assert _keys(world, run_id)[:2] == ["a", "b"], "nothing ran again"

    world.do(work())


def test_each_item_is_undone_with_its_own_output(world: EngineWorld) -> None:
    undone: list[Any] = []
    world.tools.functions["t.undo4"] = lambda given: undone.append(given["was"])
    each = {
        "id": "each",
        "tool": "t.echo",
        "args": {"x": "$item"},
        "foreach": {"items": [7, 8]},
        "compensate": {"tool": "t.undo4", "args": {"was": "$each.value"}},
    }

    async def work() -> str:
        run_id = (await world.run(plan(each))).run.id
        async with world.store.change() as change:
            await change.roll_back(run_id)
        return (await world.ended(run_id)).run.state

    assert (world.do(work()), sorted(undone)) == ("cancelled", [7, 8])


def test_a_fork_keeps_what_was_before_and_runs_the_rest_under_new_keys(world: EngineWorld) -> None:
    async def work() -> None:
        made = plan(CHAIN[0], {**CHAIN[1], "breakpoint": True}, CHAIN[2], output={"c": "$c.value"})
        first = await world.start(made)
        await world.until(first, "b", "gated")
        await world.wish(first, "override", "b", {"value": 5})
        assert (await world.ended(first)).run.output == {"c": 5}
        kept = await world.run(made, forked_from=first, fork_node="c", origin="fork")
        assert (kept.run.output, _keys(world, kept.run.id)) == ({"c": 5}, ["c"])
        again = await world.start(made, forked_from=first, fork_node="b", fork_gate=False, origin="fork")
        await world.until(again, "b", "gated")
        await world.wish(again, "release", "b")
        found = await world.ended(again)
        assert (found.run.output, _keys(world, again)) == ({"c": 1}, ["b", "c"])

    world.do(work())


def test_a_fork_past_an_undone_node_is_refused(world: EngineWorld) -> None:
    world.tools.functions["t.undo3"] = lambda _: "ok"
    nodes = [{**CHAIN[0], "compensate": {"tool": "t.undo3"}}, CHAIN[1]]

    async def work() -> None:
        made = plan(*nodes)
        first = (await world.run(made)).run.id
        async with world.store.change() as change:
            await change.roll_back(first)
        await world.ended(first)
        # Its first workflow undid nothing, so the copy would be of effects that a later one took back.
        found = await world.run(made, forked_from=first, fork_node="b", origin="fork")
        assert found.run.error is not None
        assert (found.run.state, found.run.error["code"]) == ("failed", "conflict")

    world.do(work())


def test_preset_outputs_stand_in_for_nodes(world: EngineWorld) -> None:
    found = world.do(world.run(plan(*CHAIN, output={"c": "$c.value"}), preset={"b": {"value": 8}}))
    assert (found.run.output, _keys(world, found.run.id)) == ({"c": 8}, ["a", "c"])


def test_a_wait_gets_the_event_that_came_before_it_began(world: EngineWorld) -> None:
    wait = {"type": "alert.closed", "match": {"alert": "$in.alert"}}
    made = plan(
        {"id": "a", "tool": "t.echo", "breakpoint": True},
        {"id": "w", "wait_event": wait, "needs": ["a"]},
        output={"by": "$w.by"},
    )

    async def work() -> None:
        run_id = await world.start(made, inputs={"alert": 7})
        await world.until(run_id, "a", "gated")
        async with world.store.change() as change:
            assert await change.signal(run_id, "w", key="e1", type="alert.closed", data={"alert": 6, "by": "x"})
            assert await change.signal(run_id, "w", key="e2", type="alert.closed", data={"alert": 7, "by": "ann"})
        await world.wish(run_id, "release", "a")
        assert (await world.ended(run_id)).run.output == {"by": "ann"}

    world.do(work())


def test_a_wait_for_an_event_that_never_comes_is_an_error(world: EngineWorld) -> None:
    made = plan({"id": "w", "wait_event": {"type": "alert.closed", "timeout_s": 0.1}})
    found = world.do(world.run(made)).run
    assert found.error is not None
    assert (found.state, found.error["code"]) == ("failed", "exhausted")
