"""Plans run by the engine on a real PostgreSQL: order, conditions, retries, failures, compensation, fan-out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.engine_world import EngineWorld, engine_world

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap, urls_from_settings
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.orchestration.plans.schema import Plan
from redaptive.settings import Settings


def plan(*nodes: dict[str, Any], **given: Any) -> Plan:
    return Plan.model_validate({"id": "test", "title": "Test", "nodes": nodes, **given})


def urls_of(servers: Settings) -> DatabaseUrls:
    if given := urls_from_settings(servers):
        return given
    endpoints = ServiceSupervisor(servers).start()
    return bootstrap(endpoints.database.url, servers.home / "secrets")


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    with engine_world(urls_of(servers)) as found:
        found.tools.functions |= {
            "t.echo": lambda given: given.get("x"),
            "t.undo": lambda given: given,
        }
        yield found


def test_values_flow_from_inputs_through_nodes_to_the_output(world: EngineWorld) -> None:
    made = plan(
        {"id": "a", "tool": "t.echo", "args": {"x": "$in.n"}},
        {"id": "b", "expr": {"fn": "add", "args": ["$a.value", 1]}},
        {"id": "c", "tool": "t.echo", "args": {"x": {"sum": "$b", "price": "$$5"}}},
        output={"sum": "$c.value.sum", "price": "$c.value.price"},
    )
    found = world.do(world.run(made, inputs={"n": 41}))
    assert (found.run.state, found.run.error) == ("done", None)
    assert found.run.output == {"sum": 42, "price": "$5"}
    assert [found.node(n).state for n in "abc"] == ["done"] * 3  # type: ignore[union-attr]
    assert found.node("c").args == {"x": {"sum": 42, "price": "$5"}}  # type: ignore[union-attr]
    call = next(c for c in world.tools.calls if c.key == f"{found.run.id}:a")
    assert call.principal == world.principal


def test_nodes_without_a_path_between_them_run_at_once(world: EngineWorld) -> None:
    both = asyncio.Barrier(2)

    async def meet(_given: Any) -> str:
        await both.wait()
        return "met"

    world.tools.functions["t.meet"] = meet
    made = plan(
        {"id": "left", "tool": "t.meet"},
        {"id": "right", "tool": "t.meet"},
        {"id": "end", "tool": "t.echo", "args": {"x": ["$left.value", "$right.value"]}},
        output={"met": "$end.value"},
    )
    assert world.do(world.run(made)).run.output == {"met": ["met", "met"]}


def test_conditions_skip_and_defaults_stand_in(world: EngineWorld) -> None:
    made = plan(
        {"id": "a", "tool": "t.echo", "args": {"x": "$in.n"}},
        {"id": "big", "tool": "t.echo", "args": {"x": "big"}, "when": {"op": "gt", "left": "$a.value", "right": 10}},
        {
            "id": "small",
            "tool": "t.echo",
            "args": {"x": "small"},
            "when": {"op": "le", "left": "$a.value", "right": 10},
        },
        {"id": "after_big", "tool": "t.echo", "args": {"x": 1}, "needs": ["big"]},
        {"id": "gap", "expr": {"fn": "add", "args": [1, 1]}, "needs": ["big"], "join": "all_done"},
        {
            "id": "either",
            "tool": "t.echo",
            "args": {"x": ["$opt.note", "$small.value"]},
            "needs": ["big", "small"],
        },
        {
            "id": "opt",
            "tool": "t.echo",
            "when": {"op": "exists", "left": "$in.never"},
            "default": {"note": "none"},
            "has_default": True,
        },
        output={"either": "$either.value", "big": "$big.value", "gap": "$gap"},
    )
    found = world.do(world.run(made, inputs={"n": 3}))
    states = {n.node: n.state for n in found.nodes}
    assert states == {
        "a": "done",
        "big": "skipped",
        "small": "done",
        "after_big": "skipped",
        "gap": "done",
        "either": "done",
        "opt": "skipped",
    }
    assert found.node("big").reason == "not $a.value > 10"  # type: ignore[union-attr]
    assert found.run.output == {"either": ["none", "small"], "big": None, "gap": 2}
    assert world.tools.keys("t.echo", f"{found.run.id}:big") == []


def test_a_retryable_error_is_repeated_with_the_same_key_and_another_is_not(world: EngineWorld) -> None:
    tries: list[int] = []

    def flaky(given: Any) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("away")
        return "back"

    def wrong(given: Any) -> str:
        raise InvalidInput("No such site.", field="site")

    world.tools.functions |= {"t.flaky": flaky, "t.wrong": wrong}
    retry = {"max_attempts": 3, "interval_s": 0.01}
    made = plan(
        {"id": "a", "tool": "t.flaky", "retry": retry},
        {"id": "b", "tool": "t.wrong", "retry": retry},
        {"id": "c", "tool": "t.echo", "needs": ["b"]},
        {"id": "d", "tool": "t.echo", "needs": ["a"]},
    )
    found = world.do(world.run(made))
    run_id = found.run.id
    assert world.tools.keys("t.flaky") == [f"{run_id}:a"] * 3
    assert found.node("a").attempt == 3  # type: ignore[union-attr]
    assert world.tools.keys("t.wrong") == [f"{run_id}:b"]
    assert found.run.state == "failed"
    assert found.run.error is not None
    assert (found.run.error["code"], found.run.error["node"], found.run.error["field"]) == ("invalid", "b", "site")
    assert found.node("c").reason == "b did not succeed"  # type: ignore[union-attr]
    assert found.node("d").state == "done", "other branches drain"  # type: ignore[union-attr]


def test_an_attempt_that_takes_too_long_is_an_error(world: EngineWorld) -> None:
    world.tools.functions["t.slow"] = lambda _: asyncio.sleep(60)
    made = plan({"id": "a", "tool": "t.slow", "timeout_s": 0.05, "retry": {"max_attempts": 2, "interval_s": 0}})
    found = world.do(world.run(made))
    assert found.run.error is not None
    assert (found.run.state, found.run.error["code"]) == ("failed", "exhausted")
    assert [c.terms.deadline_ms for c in world.tools.calls if c.tool == "t.slow"] == [50.0, 50.0]


def test_a_failure_that_its_children_accept_does_not_fail_the_run(world: EngineWorld) -> None:
    made = plan(
        {"id": "a", "tool": "t.wrong", "default": {"value": 0}, "has_default": True},
        {"id": "b", "tool": "t.echo", "args": {"x": "$a.value"}, "join": "all_done"},
        output={"b": "$b.value"},
    )
    found = world.do(world.run(made))
    assert (found.run.state, found.run.output) == ("done", {"b": 0})


def test_compensations_run_in_reverse_order_with_the_keys_of_what_they_undo(world: EngineWorld) -> None:
    undone: list[str] = []

    def undo(given: Any) -> str:
        undone.append(given["of"])
        return "ok"

    world.tools.functions["t.take_back"] = undo
    back = {"tool": "t.take_back"}
    made = plan(
        {"id": "a", "tool": "t.echo", "args": {"x": 1}, "compensate": {**back, "args": {"of": "a"}}},
        {"id": "b", "tool": "t.echo", "args": {"x": 2}, "needs": ["a"], "compensate": {**back, "args": {"of": "b"}}},
        {"id": "c", "tool": "t.wrong", "needs": ["b"], "compensate": {**back, "args": {"of": "c"}}},
    )
    found = world.do(world.run(made))
    assert undone == ["b", "a"], "c was refused for certain: there is nothing to undo"
    assert found.run.state == "failed"
    assert world.tools.keys("t.take_back") == [f"{found.run.id}:undo:b", f"{found.run.id}:undo:a"]
    assert [found.node(n).state for n in "abc"] == ["undone", "undone", "failed"]  # type: ignore[union-attr]


def test_a_compensation_that_fails_five_times_needs_attention(world: EngineWorld) -> None:
    def broken(given: Any) -> str:
        raise Unavailable("The bank is closed.")

    world.tools.functions["t.broken"] = broken
    made = plan(
        {"id": "a", "tool": "t.echo", "compensate": {"tool": "t.broken"}},
        {"id": "b", "tool": "t.wrong", "needs": ["a"]},
    )
    found = world.do(world.run(made))
    assert found.run.state == "needs_attention"
    assert found.run.error is not None
    assert found.run.error["remaining"] == {"a": "The bank is closed."}
    assert len(world.tools.keys("t.broken", found.run.id)) == 5
    assert found.node("a").state == "undo_failed"  # type: ignore[union-attr]


def test_a_fast_plan_begins_nothing_after_a_failure(world: EngineWorld) -> None:
    failed = asyncio.Event()

    async def fail(_: Any) -> None:
        failed.set()
        raise InvalidInput("No.")

    async def wait(_: Any) -> str:
        await failed.wait()
        await asyncio.sleep(0.2)
        return "late"

    world.tools.functions |= {"t.fail": fail, "t.wait": wait}
    made = plan(
        {"id": "bad", "tool": "t.fail"},
        {"id": "slow", "tool": "t.wait"},
        {"id": "next", "tool": "t.echo", "needs": ["slow"]},
        on_failure="fast",
    )
    found = world.do(world.run(made))
    assert [found.node(n).state for n in ("bad", "slow", "next")] == ["failed", "done", "cancelled"]  # type: ignore[union-attr]


def test_foreach_calls_once_per_item_and_keeps_the_order(world: EngineWorld) -> None:
    most, now = [0], [0]

    async def double(given: Any) -> int:
        now[0] += 1
        most[0] = max(most[0], now[0])
        await asyncio.sleep(0.01)
        now[0] -= 1
        if given["n"] == 5:
            raise InvalidInput("Not five.")
        return int(given["n"]) * 2

    world.tools.functions["t.double"] = double
    each = {"items": "$in.list", "concurrency": 3, "on_item_error": "skip"}
    made = plan(
        {"id": "d", "tool": "t.double", "args": {"n": "$item", "at": "$index"}, "foreach": each},
        output={"all": "$d", "second": "$d[1].value"},
    )
    found = world.do(world.run(made, inputs={"list": [1, 2, 3, 4, 5, 6]}))
    assert found.run.output == {"all": [{"value": n} if n else None for n in (2, 4, 6, 8, 0, 12)], "second": 4}
    assert most[0] == 3
    assert [i.state for i in found.items("d")] == ["done"] * 4 + ["failed", "done"]
    assert sorted(world.tools.keys("t.double")) == [f"{found.run.id}:d:{i}" for i in range(6)]
    again = plan({"id": "d", "tool": "t.double", "args": {"n": "$item"}, "foreach": {"items": "$in.list"}})
    failed = world.do(world.run(again, inputs={"list": [5, 5]})).run
    assert (failed.state, failed.error and failed.error["message"]) == ("failed", "Not five.")


def test_foreach_is_undone_item_by_item(world: EngineWorld) -> None:
    undone: list[Any] = []
    world.tools.functions["t.drop"] = undone.append
    made = plan(
        {
            "id": "d",
            "tool": "t.echo",
            "args": {"x": "$item"},
            "foreach": {"items": ["p", "q"], "concurrency": 1},
            "compensate": {"tool": "t.drop", "args": {"item": "$item", "was": "$d.value"}},
        },
        {"id": "bad", "tool": "t.wrong", "needs": ["d"]},
    )
    found = world.do(world.run(made))
    assert undone == [{"item": "q", "was": "q"}, {"item": "p", "was": "p"}]
    assert world.tools.keys("t.drop") == [f"{found.run.id}:undo:d:1", f"{found.run.id}:undo:d:0"]


def test_a_sub_plan_is_a_child_run_with_inputs_and_output(world: EngineWorld) -> None:
    inner = {
        "id": "inner",
        "title": "Inner",
        "nodes": [{"id": "x", "tool": "t.echo", "args": {"x": "$in.n"}}],
        "output": {"n": "$x.value"},
    }
    made = plan(
        {"id": "one", "sub_plan": {"plan": inner}, "args": {"n": 7}},
        {
            "id": "many",
            "sub_plan": {"plan": inner},
            "args": {"n": "$item"},
            "foreach": {"items": [1, 2, 3], "concurrency": 2},
        },
        output={"one": "$one.n", "many": "$many"},
    )
    found = world.do(world.run(made))
    assert found.run.output == {"one": 7, "many": [{"n": 1}, {"n": 2}, {"n": 3}]}
    assert sorted(found.children) == [f"{found.run.id}:many:{i}" for i in range(3)] + [f"{found.run.id}:one"]
    child = world.do(world.store.run(f"{found.run.id}:one"))
    assert (child.parent_run_id, child.parent_node, child.queue) == (found.run.id, "one", "children")


def test_an_item_with_a_large_output_is_undone_by_what_it_gave(world: EngineWorld) -> None:
    undone: list[Any] = []
    world.tools.functions["t.drop_large"] = undone.append
    world.tools.functions["t.large"] = lambda given: {"id": given["x"], "board": "x" * 70_000}
    made = plan(
        {
            "id": "d",
            "tool": "t.large",
            "args": {"x": "$item"},
            "foreach": {"items": [1, 2]},
            "compensate": {"tool": "t.drop_large", "args": {"id": "$d.value.id"}},
        },
        {"id": "bad", "tool": "t.wrong", "needs": ["d"]},
    )
    found = world.do(world.run(made))
    assert found.run.state == "failed"
    assert [item.output_ref is None for item in found.items("d")] == [False, False]
    assert undone == [{"id": 2}, {"id": 1}]


def test_a_failed_child_fails_its_parent_and_finished_children_are_undone(world: EngineWorld) -> None:
    undone: list[Any] = []
    world.tools.functions["t.cancel_order"] = undone.append
    inner = {
        "id": "inner",
        "title": "Inner",
        "nodes": [
            {
                "id": "order",
                "tool": "t.echo",
                "args": {"x": 1},
                "compensate": {"tool": "t.cancel_order", "args": {"order": "$order.value"}},
            }
        ],
    }
    bad = {"id": "bad", "title": "Bad", "nodes": [{"id": "x", "tool": "t.wrong"}]}
    made = plan({"id": "one", "sub_plan": {"plan": inner}}, {"id": "two", "sub_plan": {"plan": bad}, "needs": ["one"]})
    found = world.do(world.run(made))
    assert found.run.state == "failed"
    assert found.run.error is not None
    assert (found.run.error["code"], found.run.error["node"]) == ("invalid", "two")
    assert undone == [{"order": 1}]
    assert world.do(world.store.run(f"{found.run.id}:one")).state == "cancelled"
    assert world.tools.keys("t.cancel_order") == [f"{found.run.id}:one:undo:order"]


def test_a_large_output_is_kept_apart_and_a_figure_that_is_none_is_refused(world: EngineWorld) -> None:
    world.tools.functions |= {"t.large": lambda _: "x" * 70_000, "t.nan": lambda _: float("nan")}
    made = plan(
        {"id": "a", "tool": "t.large"},
        {"id": "b", "expr": {"fn": "len", "args": [["$a.value", 1]]}},
        output={"n": "$b"},
    )
    found = world.do(world.run(made))
    record = found.node("a")
    assert record is not None
    assert (found.run.output, record.output) == ({"n": 2}, None)
    assert record.output_ref is not None
    assert world.do(world.store.output(found.run.id, record.output_ref)) == {"value": "x" * 70_000}
    refused = world.do(world.run(plan({"id": "a", "tool": "t.nan"}))).run
    assert refused.error is not None
    assert refused.error["code"] == "invalid"


def test_a_plan_that_cannot_be_ordered_or_a_missing_value_fails_clearly(world: EngineWorld) -> None:
    circle = plan({"id": "a", "tool": "t.echo", "needs": ["b"]}, {"id": "b", "tool": "t.echo", "needs": ["a"]})
    found = world.do(world.run(circle)).run
    assert found.error is not None
    assert (found.state, found.error["message"]) == ("failed", "The plan goes in a circle: a -> b -> a.")
    missing = world.do(world.run(plan({"id": "a", "tool": "t.echo", "args": {"x": "$in.nothing"}}))).run
    assert missing.error is not None
    assert (missing.error["node"], missing.error["code"]) == ("a", "invalid")
    absent = world.do(world.run(plan({"id": "a", "tool": "t.absent"}))).run
    assert absent.error is not None
    assert absent.error["code"] == "not_found"
