"""Executors are killed, frozen and cut off under load: every result is right, every step is recorded once.

`REDAPTIVE_CHAOS_RUNS` makes it large: the number of runs of five steps (default 60).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos.engine_database import CONCURRENCY, RUNS, STEPS, Database, Watch, end
from tests.chaos.engine_processes import Executor, Executors

from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import Snapshot


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    found = Database()
    yield found
    found.server.stop()


@pytest.fixture
def executors(database: Database) -> Iterator[Executors]:
    with tempfile.TemporaryDirectory() as folder:
        yield Executors(database.urls.worker, Path(folder), CONCURRENCY)


async def _stopped_at_work(watch: Watch, executor: Executor) -> int:
    """Freeze it at a moment when it holds runs; how many. What it had sent before may still take effect meanwhile."""
    while True:
        executor.stop()
        await asyncio.sleep(0.2)
        if held := await watch.count("executor_id = %s", executor.id):
            return held
        executor.wake()
        await asyncio.sleep(0.01)


def test_of_two_executors_one_is_killed_under_load(database: Database, executors: Executors) -> None:
    victim, survivor = executors.start(), executors.start()

    async def work(watch: Watch) -> None:
        runs = await watch.start_many(RUNS)
        await watch.until_done(0.3, RUNS)
        held = await _stopped_at_work(watch, victim)
        victim.kill()
        takeover_s = await watch.until_nothing_of(victim)
        await watch.check_all(runs)
        twice = sum(n - 1 for n in executors.calls().values())
        print(f"\nkill: {RUNS} runs, {held} held by the dead, taken over after {takeover_s:.1f} s, {twice} calls twice")
        assert held > 0
        assert twice <= CONCURRENCY
        assert len(executors.calls()) == len(STEPS) * RUNS

    try:
        database.do(work)
    finally:
        end(victim, survivor)


def test_a_frozen_executor_that_wakes_changes_nothing(database: Database, executors: Executors) -> None:
    zombie, survivor = executors.start(), executors.start()

    async def work(watch: Watch) -> None:
        runs = await watch.start_many(RUNS)
        await watch.until_done(0.3, RUNS)
        await watch.until_true(lambda n: n > 0, "executor_id = %s", zombie.id)
        zombie.stop()
        takeover_s = await watch.until_nothing_of(zombie)
        zombie.wake()
        assert await asyncio.to_thread(zombie.process.wait, 30) == 3, "it noticed, and ended"
        await watch.check_all(runs)
        twice = sum(n - 1 for n in executors.calls().values())
        print(f"\nzombie: taken over after {takeover_s:.1f} s, {twice} calls twice")
        assert twice <= 2 * CONCURRENCY  # those in flight when it froze, and the one each run went on to when it woke

    try:
        database.do(work)
    finally:
        zombie.wake()
        end(zombie, survivor)


def test_gates_compensations_and_items_survive_a_kill(database: Database, executors: Executors) -> None:
    flag = executors.folder / "go"
    until = str(flag)
    back = {"tool": "t.undo", "args": {}}
    held = Plan.model_validate(
        {
            "id": "held",
            "title": "Held",
            "nodes": [
                {"id": "a", "tool": "t.echo"},
                {"id": "b", "tool": "t.echo", "needs": ["a"], "breakpoint": True},
            ],
        }
    )
    undone = Plan.model_validate(
        {
            "id": "undone",
            "title": "Undone",
            "nodes": [
                {"id": "a", "tool": "t.echo", "compensate": {"tool": "t.undo", "args": {"until": until}}},
                {"id": "b", "tool": "t.echo", "needs": ["a"], "compensate": back},
                {"id": "c", "tool": "t.fail", "needs": ["b"]},
            ],
        }
    )
    items = Plan.model_validate(
        {
            "id": "items",
            "title": "Items",
            "nodes": [
                {
                    "id": "d",
                    "tool": "t.echo",
                    "args": {"x": "$item.x", "until": "$item.until"},
                    "foreach": {"items": "$in.items", "concurrency": 2},
                }
            ],
            "output": {"all": "$d"},
        }
    )
    each = [{"x": n, "until": until if n >= 6 else None} for n in range(8)]
    victim = executors.start()

    async def work(watch: Watch) -> None:
        at_gate, undoing, fan = await watch.start(held), await watch.start(undone), await watch.start(items, items=each)
        await watch.until(at_gate, lambda s: s.run.state == "paused")
        await watch.until(undoing, lambda s: s.run.state == "compensating" and _state(s, "a") == "undoing")
        await watch.until(fan, lambda s: sum(i.state == "done" for i in s.items("d")) == 6)
        victim.kill()
        second = executors.start()
        try:
            await watch.until_nothing_of(victim)
            flag.touch()
            failed = await watch.ended(undoing)
            assert failed.state == "failed"
            assert (await watch.ended(fan)).output == {"all": [{"value": n} for n in range(8)]}
            snapshot = await watch.until(at_gate, lambda s: s.run.state == "paused" and s.run.executor_id == second.id)
            assert _state(snapshot, "b") == "gated", "held across the kill"
            async with watch.store.change() as change:
                await change.wish(at_gate, "release", actor="tester", node="b")
            assert (await watch.ended(at_gate)).state == "done"
        finally:
            second.kill()
        calls = executors.calls()
        assert {calls[f"t.echo {at_gate}:{n}"] for n in "ab"} == {1}
        assert (calls[f"t.undo {undoing}:undo:b"], calls[f"t.undo {undoing}:undo:a"]) == (1, 2)
        of_items = [calls[f"t.echo {fan}:d:{n}"] for n in range(8)]
        assert of_items[:6] == [1] * 6
        assert set(of_items[6:]) <= {1, 2}, "only what was in flight may be called again"

    try:
        database.do(work)
    finally:
        end(victim)


def test_the_budget_of_time_goes_on_where_a_killed_executor_left_it(database: Database, executors: Executors) -> None:
    hang = {"id": "h", "tool": "t.echo", "args": {"until": str(executors.folder / "never")}}
    made = Plan.model_validate({"id": "slow", "title": "Slow", "nodes": [hang], "budget": {"seconds": 3600}})
    victim = executors.start()

    async def work(watch: Watch) -> None:
        run_id = await watch.start(made)
        await watch.until_true(lambda n: n == 1, "worked_ms >= 5000")  # it stores its time while the call goes on
        victim.kill()
        await watch.pools.query(
            "UPDATE runs SET worked_ms = 3599500 WHERE tenant_id = %s RETURNING id",  # as if it had worked for an hour
            (watch.principal.tenant_id,),
            tenant_id=None,
        )
        second = executors.start()
        try:
            ended = await watch.ended(run_id)
        finally:
            second.kill()
        assert ended.error is not None
        assert (ended.state, ended.error["field"]) == ("failed", "budget.seconds")
        assert ended.worked_ms >= 3_600_000
        assert executors.calls() == {f"t.echo {run_id}:h": 2}

    try:
        database.do(work)
    finally:
        end(victim)


def test_what_was_paid_for_before_a_kill_is_not_paid_for_again(database: Database, executors: Executors) -> None:
    flag = executors.folder / "go"
    made = Plan.model_validate(
        {
            "id": "dear",
            "title": "Dear",
            "nodes": [
                {
                    "id": "d",
                    "tool": "t.dear",
                    "args": {"x": "$item", "until": str(flag)},
                    "foreach": {"items": [1, 2, 3, 4], "concurrency": 4},
                },
                {"id": "e", "tool": "t.dear", "args": {"x": 5}, "needs": ["d"]},
                {"id": "f", "tool": "t.dear", "args": {"x": 6}, "needs": ["e"]},
            ],
            "budget": {"usd": 5},
        }
    )
    victim = executors.start()

    async def work(watch: Watch) -> None:
        run_id = await watch.start(made)
        while len(executors.calls()) < 4:  # noqa: ASYNC110 -- watches other processes
            await asyncio.sleep(0.02)
        victim.kill()
        assert await _money(watch, run_id) == (4, 4), "taken before the calls, none of which has come back"
        second = executors.start()
        try:
            await watch.until_nothing_of(victim)
            flag.touch()
            ended = await watch.ended(run_id)
        finally:
            second.kill()
        assert ended.error is not None
        assert (ended.state, ended.error["field"], ended.error["node"]) == ("failed", "budget.usd", "f")
        assert await _money(watch, run_id) == (5, 5)
        assert ended.spent_usd == 5
        calls = executors.calls()
        assert calls == {**{f"t.dear {run_id}:d:{n}": 2 for n in range(4)}, f"t.dear {run_id}:e": 1}

    try:
        database.do(work)
    finally:
        end(victim)


async def _money(watch: Watch, run_id: str) -> tuple[int, int]:
    """USD spent by the account, and how many attempts are paid for."""
    rows = await watch.pools.query(
        "SELECT spent_usd, (SELECT count(*) FROM run_charges c WHERE c.run_id = a.run_id) AS charges"
        " FROM run_accounts a WHERE run_id = %s",
        (run_id,),
        tenant_id=None,
    )
    return int(rows[0]["spent_usd"]), int(rows[0]["charges"])


def test_the_database_restarts_in_the_middle(database: Database, executors: Executors) -> None:
    executor = executors.start()

    async def work(watch: Watch) -> None:
        runs = await watch.start_many(RUNS // 2)
        await watch.until_done(0.3, RUNS // 2)
        database.server.kill()
        await asyncio.sleep(1)
        await asyncio.to_thread(database.server.restart_after_kill)
        for run_id in runs:
            await watch.ended(run_id)
        await watch.check_all(runs)
        twice = sum(n - 1 for n in executors.calls().values())
        print(f"\nrestart: {len(runs)} runs right, {twice} calls twice")
        assert executor.process.poll() is None, "it waited the outage out"

    try:
        database.do(work)
    finally:
        end(executor)


def _state(snapshot: Snapshot, node: str) -> str | None:
    found = snapshot.node(node)
    return found.state if found else None
