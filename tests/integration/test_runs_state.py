"""Runs looked at, live and afterwards: watched without loss, exported, repeated for comparison, deleted by age."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.integration.runs_world import NODES, TOOLS, RunsWorld, full, runs_world, shop_plan
from tests.integration.test_engine_runs import urls_of

from redaptive.errors import InvalidInput, NotFound
from redaptive.orchestration.control.replay import replay_recorded
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.audit_verification import verify_chain
from redaptive.orchestration.state.retention import purge_runs
from redaptive.orchestration.state.run_changes import apply
from redaptive.orchestration.state.run_export import read_export, verify_export
from redaptive.orchestration.state.run_feed import RunUpdate
from redaptive.orchestration.state.run_records import NodeRecord
from redaptive.orchestration.state.run_watch import RunWatch
from redaptive.settings import Settings


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[RunsWorld]:
    with runs_world(urls_of(servers)) as found:
        yield found


def _watch(world: RunsWorld, recheck_s: float = 60) -> RunWatch:
    return RunWatch(world.pools, world.engine.urls.app, recheck_s=recheck_s)


async def _follow(
    watch: RunWatch, world: RunsWorld, run_id: str, seen: list[RunUpdate], paused: asyncio.Event | None = None
) -> None:
    async for update in watch.watch(world.person.tenant_id, run_id):
        seen.append(update)
        if paused is not None and update.snapshot.run.state == "paused":
            paused.set()


def test_a_viewer_sees_every_change_and_ends_with_the_run(world: RunsWorld) -> None:
    async def work() -> None:
        async with _watch(world) as watch:
            run_id = await world.start(breakpoints=("twice",))
            seen: list[RunUpdate] = []
            viewer = asyncio.create_task(_follow(watch, world, run_id, seen))
            await world.engine.until(run_id, "twice", "gated")
            await world.controller().set_priority(run_id, 3)
            await world.controller().resume(run_id)
            await viewer
            assert watch.statistics().viewers == 0
        numbers = [update.snapshot.run.run_seq for update in seen]
        assert numbers == sorted(set(numbers))
        last = seen[-1].snapshot
        stored = await world.engine.store.snapshot(run_id)
        assert last.run == stored.run
        assert sorted(last.nodes, key=_place) == sorted(stored.nodes, key=_place)
        assert {n.node: n.state for n in last.nodes} == {"count": "done", "twice": "done", "order": "done"}
        assert (last.run.state, last.run.priority, last.run.output) == ("done", 3, {"n": 6, "ticket": "T6"})
        assert any(node.state == "gated" for update in seen for node in update.snapshot.nodes)

    world.do(work())


def _place(record: NodeRecord) -> tuple[str, int]:
    return record.node, record.item_index


def test_a_viewer_misses_nothing_when_the_connection_of_notices_dies(world: RunsWorld) -> None:
    async def work() -> None:
        async with _watch(world) as watch:
            run_id = await world.start(breakpoints=("twice",))
            seen: list[RunUpdate] = []
            paused = asyncio.Event()
            viewer = asyncio.create_task(_follow(watch, world, run_id, seen, paused))
            await paused.wait()
            with psycopg.connect(world.engine.urls.app, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                              " WHERE application_name = 'redaptive-watch'")  # fmt: skip
                await world.controller().resume(run_id)
                await world.engine.ended(run_id)
            await viewer
            assert seen[-1].snapshot.run.state == "done"
            assert watch.statistics().connections == 2

    world.do(work())


def test_a_board_tells_of_all_runs_of_the_tenant_only(world: RunsWorld) -> None:
    async def work() -> None:
        async with _watch(world) as watch:
            board = watch.board(world.person.tenant_id)
            first = asyncio.create_task(anext(board))
            await asyncio.sleep(0)
            run_id = await world.start()
            notice = await first
            assert (notice.run_id, notice.state) == (run_id, "queued")
            while (await anext(board)).state != "done":
                pass
            await board.aclose()

    world.do(work())


def test_a_watch_of_no_run_says_so(world: RunsWorld) -> None:
    async def work() -> None:
        async with _watch(world) as watch:
            with pytest.raises(NotFound):
                await _follow(watch, world, "nothing", [])

    world.do(work())


def test_news_can_be_put_on_a_snapshot_twice(world: RunsWorld) -> None:
    async def work() -> None:
        async with _watch(world) as watch:
            run_id = await world.start()
            seen: list[RunUpdate] = []
            await _follow(watch, world, run_id, seen)
            news = seen[-1].news
            if news is not None:
                assert apply(seen[-1].snapshot, news) == seen[-1].snapshot

    world.do(work())


def test_an_export_reads_back_proves_its_audit_and_repeats_the_same(world: RunsWorld) -> None:
    async def work() -> None:
        each = {
            "id": "each",
            "tool": "shop.double",
            "foreach": {"items": [1, 2, 3]},
            "args": {"n": "$item"},
            "when": {"op": "gt", "left": "$twice.value.n", "right": 5},
        }
        total = {"id": "total", "expr": {"fn": "add", "args": ["$twice.value.n", "$count.value.n"]}}
        never = {"id": "never", "tool": "shop.count", "args": {"start": 1}}
        never["when"] = {"op": "lt", "left": "$count.value.n", "right": 0}
        run_id = await world.start(shop_plan(*NODES, each, total, never, output={"t": "$total"}))
        found = await world.engine.ended(run_id)
        assert found.run.output == {"t": 9}
        export = await world.controller().export(run_id)
        back = read_export(export.json())
        assert back == export
        assert verify_chain(back.audit_lines, back.run.tenant_id, head=back.audit_head).ok
        report = await world.controller().replay(run_id)
        assert report.same
        assert (report.count("same"), report.count("different")) == (9, 0)
        changed = [replace(n, output={"value": {"n": 7}}) if n.node == "twice" else n for n in back.nodes]
        other = replay_recorded(replace(back.snapshot, nodes=tuple(changed)), TOOLS)
        assert [(n.node, n.differences[0].path) for n in other.nodes if n.verdict == "different"] == [
            ("order", "args.n"), ("total", ""),
        ]  # fmt: skip
        with pytest.raises(InvalidInput, match="no export"):
            read_export(json.dumps({"format": "else"}))

    world.do(work())


def test_a_plan_or_inputs_that_are_not_those_of_the_start_are_noticed(world: RunsWorld) -> None:
    async def work() -> None:
        below = shop_plan(NODES[0], id="below", output={}).model_dump(mode="json", by_alias=True)
        inner = {"id": "inner", "sub_plan": {"plan": below}}
        run_id = await world.start(shop_plan(NODES[0], {**inner, "args": {"start": "$in.start"}}, output={}))
        await world.engine.ended(run_id)
        export = await world.controller().export(run_id)
        assert verify_export(export) == await world.controller().verify(run_id)
        plan = {**export.run.plan, "nodes": [*export.run.plan["nodes"], {"id": "more", "tool": "shop.order"}]}
        forged = [
            ("plan of the run is not", replace(export.run, plan=plan)),
            (
                "plan of the run is not",
                replace(export.run, plan=plan, plan_hash=Plan.model_validate(plan).content_hash),
            ),
            ("is no plan", replace(export.run, plan={})),
            ("inputs of the run are not", replace(export.run, inputs={"start": 3})),
        ]
        for why, run in forged:
            check = verify_export(replace(export, run=run))
            assert (check.ok, why in check.reason) == (False, True)
        child = export.children[0]
        check = verify_export(replace(export, children=(replace(child, run=replace(child.run, plan=plan)),)))
        assert (check.ok, check.reason.startswith(f"of its child run {child.run.id}: the plan")) == (False, True)

    world.do(work())


def test_a_cut_off_or_exchanged_audit_is_noticed(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await world.start()
        await world.engine.ended(run_id)
        await world.controller().rollback(run_id, "test")
        await world.engine.ended(run_id)
        export = await world.controller().export(run_id)
        lines, tenant = list(export.audit_lines), export.run.tenant_id
        assert verify_chain(lines, tenant).checked == 2
        cut = verify_chain(lines[:-1], tenant, head=export.audit_head)
        assert (cut.ok, cut.broken_seq) == (False, 2)
        assert verify_chain(lines[1:], tenant).broken_seq == 2
        assert not verify_chain([lines[0], replace(lines[1], actor="mallory")], tenant).ok

    world.do(work())


def test_reading_tools_called_again_show_what_is_different_today(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await world.start()
        await world.engine.ended(run_id)
        tools = world.engine.tools
        report = await world.controller().replay(run_id, tools)
        assert (report.same, report.count("not_compared")) == (True, 1)
        kept = tools.functions["shop.double"]
        tools.functions["shop.double"] = lambda given: {"n": 3 * given["n"]}
        try:
            report = await world.controller().replay(run_id, tools)
        finally:
            tools.functions["shop.double"] = kept
        assert [(n.node, d.path, d.recorded, d.now) for n in report.nodes for d in n.differences] == [
            ("twice", "value.n", 6, 9)
        ]
        assert world.keys(run_id) == ["count", "twice", "order"], "an effect is never repeated"

    world.do(work())


def test_old_runs_are_deleted_and_their_audit_stays(world: RunsWorld) -> None:
    async def work() -> None:
        control, tenant = world.controller(), world.person.tenant_id
        old = await world.start(shop_plan({"id": "inner", "sub_plan": {"plan": _child()}}, output={}))
        finished = (await world.engine.ended(old)).run.finished_at
        assert finished is not None
        live = await world.start(breakpoints=("twice",))
        await world.engine.until(live, "twice", "gated")
        child = (await control.snapshot(old)).children[0]
        workers = world.engine.engine.pools
        with pytest.raises(InvalidInput):
            await purge_runs(workers, tenant, datetime(2020, 1, 1), actor="cron")
        assert await purge_runs(workers, tenant, finished - timedelta(days=1), actor="cron") == 0
        before = len(await control.runs())
        count = await purge_runs(workers, tenant, datetime.now(UTC) + timedelta(seconds=5), actor="cron")
        assert [run.id for run in await control.runs()] == [live]
        assert count == before - 1
        for gone in (old, child):
            with pytest.raises(NotFound):
                await control.snapshot(gone)
        check = await control.verify(old)
        assert (check.ok, check.checked) == (True, 2)
        rows = await workers.query("SELECT count(*) AS n FROM dbos.workflow_status WHERE workflow_uuid LIKE %s",
                                   (f"%/{old}/%",), tenant_id=None)  # fmt: skip
        assert rows[0]["n"] == 0
        await control.cancel(live)

    world.do(work())


def _child() -> dict[str, object]:
    one = {"id": "one", "tool": "shop.count", "args": {"start": 1}}
    return json.loads(shop_plan(one, id="inner", inputs={}, output={}).canonical())


def test_a_given_output_is_marked_in_the_history(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await world.start(breakpoints=("twice",))
        await world.engine.until(run_id, "twice", "gated")
        await world.controller().override(run_id, "twice", full({"n": 1}), "by hand")
        await world.engine.ended(run_id)
        lines = [line for line in await world.controller().history(run_id) if line.node == "twice"]
        assert [(line.who, line.what) for line in lines] == [
            ("alice", "gave an output instead of running it"), ("engine", "done, output given"),
        ]  # fmt: skip

    world.do(work())
