"""What people do to runs, through the controller and a real engine: held, changed, approved, undone, repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.integration.runs_world import NODES, TOOLS, RunsWorld, full, runs_world, shop_plan
from tests.integration.test_engine_runs import urls_of

from redaptive.errors import Conflict, InvalidInput, NotFound, Unauthorized
from redaptive.orchestration.control.forking import ForkTerms
from redaptive.orchestration.control.permissions import APPROVE, OPERATE, OVERRIDE, READ
from redaptive.orchestration.control.starting import Checker, StartTerms
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.settings import Settings

DONE = ("done", "failed", "cancelled", "needs_attention")


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[RunsWorld]:
    with runs_world(urls_of(servers)) as found:
        yield found


async def _held(world: RunsWorld, node: str, *nodes: dict[str, Any], **terms: Any) -> str:
    """A run that stands at a breakpoint before the node."""
    run_id = await world.start(shop_plan(*nodes), breakpoints=(node,), **terms)
    await world.engine.until(run_id, node, "gated")
    return run_id


def test_a_run_from_start_to_end_with_its_history_and_audit(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await world.start(reason="month end")
        await world.engine.ended(run_id)
        control = world.controller()
        seen = await control.snapshot(run_id)
        assert (seen.run.state, seen.run.output) == ("done", {"n": 6, "ticket": "T6"})
        assert [(node.id, node.state, node.parents) for node in seen.nodes] == [
            ("count", "done", ()), ("twice", "done", ("count",)), ("order", "done", ("twice",)),
        ]  # fmt: skip
        assert seen.edges == (("count", "twice"), ("twice", "order"))
        lines = await control.history(run_id)
        assert [(line.who, line.what) for line in lines[:1]] == [("alice", "started the run")]
        assert [line.node for line in lines if line.what.startswith("began shop")] == ["count", "twice", "order"]
        inspected = await control.inspect(run_id, "twice")
        assert inspected.record is not None
        assert (inspected.record.args, inspected.record.output) == ({"n": 3}, {"value": {"n": 6}})
        check = await control.verify(run_id)
        assert (check.ok, check.checked) == (True, 1)

    world.do(work())


def test_what_may_not_run_is_not_queued(world: RunsWorld) -> None:
    async def work() -> None:
        control = world.controller()
        before = len(await control.runs())
        with pytest.raises(InvalidInput, match="unknown_tool"):
            await control.start(shop_plan({"id": "x", "tool": "shop.steal"}), {"start": 1})
        with pytest.raises(InvalidInput, match="bad_inputs"):
            await control.start(shop_plan(), {})
        with pytest.raises(InvalidInput, match="missing_scope"):
            await world.controller("shop:write").start(shop_plan(), {"start": 1})
        assert len(await control.runs()) == before
        twice = [await control.start(shop_plan(), {"start": 1}, StartTerms(run_id="same")) for _ in range(2)]
        assert [each.new for each in twice] == [True, False]

    world.do(work())


def test_each_deed_needs_its_scope(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await _held(world, "twice")
        blind = world.controller(READ, OPERATE, APPROVE, OVERRIDE)
        deeds = [
            blind.start(shop_plan(), {"start": 1}), blind.pause(run_id), blind.resume(run_id), blind.step(run_id),
            blind.set_breakpoint(run_id, "order"), blind.clear_breakpoint(run_id, "twice"),
            blind.override(run_id, "twice", full({"n": 1})), blind.approve(run_id, "twice"),
            blind.reject(run_id, "twice"), blind.cancel(run_id), blind.rollback(run_id),
            blind.signal(run_id, "twice", {}), blind.set_priority(run_id, 5), blind.fork(run_id, ForkTerms("twice")),
            blind.replay(run_id), blind.snapshot(run_id), blind.runs(), blind.history(run_id), blind.export(run_id),
            blind.inspect(run_id, "twice"), blind.verify(run_id), blind.pending_approvals(),
        ]  # fmt: skip
        for deed in deeds:
            with pytest.raises(Unauthorized):
                await deed
        with pytest.raises(Unauthorized):
            await world.controller(OVERRIDE).override(run_id, "twice", full({"n": 1}))
        seen = await world.controller().snapshot(run_id)
        assert (seen.run.state, len(await world.controller()._store.audit_trail(run_id))) == ("paused", 1)
        await world.controller().cancel(run_id)

    world.do(work())


def test_a_pause_takes_effect_at_the_next_node_and_resume_goes_on(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await world.start(paused=True)
        await world.engine.until(run_id, "count", "gated")
        control = world.controller()
        seen = await control.snapshot(run_id)
        assert (seen.paused, seen.held) == (True, ("count",))
        assert seen.node("count").waiting_for == "resume or step (the run is paused)"  # type: ignore[union-attr]
        await control.step(run_id)
        await world.engine.until(run_id, "twice", "gated")
        assert world.keys(run_id) == ["count"]
        with pytest.raises(Conflict, match="done already"):
            await control.step(run_id, "count")
        await control.resume(run_id, "looked fine")
        assert (await world.engine.ended(run_id)).run.state == "done"
        with pytest.raises(Conflict, match="has ended"):
            await control.pause(run_id)
        audit = await control._store.audit_trail(run_id)
        assert [(line.action, line.reason) for line in audit] == [
            ("start", ""),
            ("step", ""),
            ("resume", "looked fine"),
        ]

    world.do(work())


def test_breakpoints_of_a_person_are_set_and_cleared(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await _held(world, "twice")
        control = world.controller()
        with pytest.raises(InvalidInput, match="no node nowhere"):
            await control.set_breakpoint(run_id, "nowhere")
        with pytest.raises(Conflict, match="count is done already"):
            await control.set_breakpoint(run_id, "count")
        await control.set_breakpoint(run_id, "order")
        await control.set_breakpoint(run_id, "order")
        await control.clear_breakpoint(run_id, "twice")
        snapshot = await world.engine.until(run_id, "order", "gated")
        assert [c.node for c in snapshot.control if c.kind == "breakpoint" and c.cleared_at is None] == ["order"]
        with pytest.raises(Conflict, match="No breakpoint"):
            await control.clear_breakpoint(run_id, "twice")
        await control.resume(run_id)
        assert (await world.engine.ended(run_id)).run.state == "done"

    world.do(work())


def test_an_override_must_be_of_the_nodes_type_and_takes_its_place(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await _held(world, "twice")
        control = world.controller()
        for wrong in ({"n": 7}, full({"n": "seven"}), full({"m": 7}), None):
            with pytest.raises(InvalidInput):
                await control.override(run_id, "twice", wrong)
        with pytest.raises(InvalidInput) as error:
            await control.override(run_id, "twice", full({"n": "seven"}))
        assert error.value.field == "twice.value.n"
        await control.override(run_id, "twice", full({"n": 100}), "measured by hand")
        found = await world.engine.ended(run_id)
        assert found.run.output == {"n": 100, "ticket": "T100"}
        assert world.keys(run_id) == ["count", "order"]
        with pytest.raises(Conflict, match="has ended"):
            await control.override(run_id, "twice", full({"n": 1}))
        line = next(x for x in await control._store.audit_trail(run_id) if x.action == "override")
        assert (line.actor, line.reason, json.loads(line.after or "")["output"]["value"]) == (
            "alice", "measured by hand", {"n": 100},
        )  # fmt: skip

    world.do(work())


def test_an_approval_holds_for_exactly_what_was_seen(world: RunsWorld) -> None:
    async def work() -> None:
        gated = {**NODES[2], "approval": {"reason": "it costs money", "scope": "runs:approve"}}
        run_id = await world.start(shop_plan(*NODES[:2], gated))
        await world.engine.until(run_id, "order", "gated")
        control = world.controller()
        (asked,) = (await control.snapshot(run_id)).approvals
        assert (asked.args, asked.tool) == ({"n": 6}, "shop.order")
        with pytest.raises(Conflict, match="not those that you looked at"):
            await control.approve(run_id, "order", args_sha256="0" * 64)
        with pytest.raises(NotFound):
            await control.approve(run_id, "twice")
        decided = await control.approve(run_id, "order", "fine", args_sha256=asked.args_sha256[:12])
        assert (decided.state, decided.decided_by) == ("approved", "alice")
        assert (await world.engine.ended(run_id)).run.state == "done"
        with pytest.raises(Conflict, match="approved already"):
            await control.reject(run_id, "order")

    world.do(work())


def test_an_approval_of_a_scope_of_its_own_needs_that_scope(world: RunsWorld) -> None:
    async def work() -> None:
        gated = {**NODES[2], "approval": {"reason": "large", "scope": "finance:sign"}}
        run_id = await world.start(shop_plan(*NODES[:2], gated))
        await world.engine.until(run_id, "order", "gated")
        with pytest.raises(Unauthorized, match="finance:sign"):
            await world.controller().approve(run_id, "order")
        await world.controller().cancel(run_id)
        assert (await world.engine.ended(run_id)).run.state == "cancelled"

    world.do(work())


def test_rollback_undoes_a_finished_run_once_and_no_fork_builds_on_it(world: RunsWorld) -> None:
    async def work() -> None:
        last = {"id": "last", "tool": "shop.count", "args": {"start": 1}, "needs": ["order"]}
        run_id = await world.start(shop_plan(*NODES, last))
        await world.engine.ended(run_id)
        control = world.controller()
        await control.rollback(run_id, "wrong month")
        found = await world.engine.ended(run_id)
        assert found.run.state == "cancelled"
        assert world.keys(run_id) == ["count", "twice", "order", "last", "undo:order"]
        assert found.node("order").state == "undone"  # type: ignore[union-attr]
        with pytest.raises(Conflict, match="rolled back already"):
            await control.rollback(run_id)
        with pytest.raises(Conflict, match=r"order of run .+ was undone"):
            await control.fork(run_id, ForkTerms("last"))
        fork = await control.fork(run_id, ForkTerms("order"))
        assert (await world.engine.ended(fork.run_id)).run.state == "done"
        assert world.keys(fork.run_id) == ["order", "last"]

    world.do(work())


def test_a_node_without_a_way_back_gets_that_of_its_contract(world: RunsWorld) -> None:
    async def work() -> None:
        order = TOOLS["shop.order"]
        contract = replace(order, spec=replace(order.spec, compensate_with="withdraw"))
        control = WorkflowController(world.pools, world.person, Checker({**TOOLS, "shop.order": contract}))
        bare = {key: value for key, value in NODES[2].items() if key != "compensate"}
        made = await control.start(shop_plan(*NODES[:2], bare), {"start": 2})
        await world.engine.ended(made.run_id)
        await control.rollback(made.run_id, "wrong month")
        found = await world.engine.ended(made.run_id)
        assert (found.run.state, world.keys(made.run_id)[-1]) == ("cancelled", "undo:order")
        assert world.engine.tools.calls[-1].arguments == {"ticket": "T6"}

    world.do(work())


def test_cancel_with_compensation_undoes_what_was_done(world: RunsWorld) -> None:
    async def work() -> None:
        last = {"id": "last", "tool": "shop.double", "args": {"n": 1}, "needs": ["order"], "breakpoint": True}
        run_id = await world.start(shop_plan(*NODES, last))
        await world.engine.until(run_id, "last", "gated")
        control = world.controller()
        with pytest.raises(Conflict, match="cancel --compensate"):
            await control.rollback(run_id)
        await control.cancel(run_id, "stop", compensate=True)
        found = await world.engine.ended(run_id)
        assert (found.run.state, world.keys(run_id)[-1]) == ("cancelled", "undo:order")

    world.do(work())


def test_a_fork_repeats_a_node_and_what_follows_and_says_what_happens_again(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await world.start()
        await world.engine.ended(run_id)
        control = world.controller()
        look = await control.fork(run_id, ForkTerms("twice"), dry_run=True)
        assert (look.plan.runs_again, look.plan.effects_again) == (("twice", "order"), ("order",))
        fork = await control.fork(run_id, ForkTerms("twice", outputs={"twice": full({"n": 9})}, reason="what if"))
        found = await world.engine.ended(fork.run_id)
        assert (found.run.output, found.run.forked_from) == ({"n": 9, "ticket": "T9"}, run_id)
        assert world.keys(fork.run_id) == ["order"]
        again = await control.fork(run_id, ForkTerms("count", inputs={"start": 10}))
        assert (await world.engine.ended(again.run_id)).run.output == {"n": 22, "ticket": "T22"}
        for wrong in (ForkTerms("nowhere"), ForkTerms("count", inputs={"start": "x"})):
            with pytest.raises(InvalidInput):
                await control.fork(run_id, wrong)
        with pytest.raises(InvalidInput, match="cannot be kept"):
            await control.fork(run_id, ForkTerms("count", inputs={"start": 1}, keep_gate=True))
        actions = [line.action for line in await control._store.audit_trail(fork.run_id)]
        assert (actions, (await control.verify(fork.run_id)).ok) == (["fork"], True)

    world.do(work())


def test_a_fork_needs_results_to_build_on(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await _held(world, "twice")
        control = world.controller()
        with pytest.raises(Conflict, match="twice, on which order builds"):
            await control.fork(run_id, ForkTerms("order"))
        fork = await control.fork(run_id, ForkTerms("order", outputs={"twice": full({"n": 4})}))
        assert (await world.engine.ended(fork.run_id)).run.output == {"n": 4, "ticket": "T4"}
        await control.cancel(run_id)

    world.do(work())


def test_a_signal_must_be_the_event_that_is_waited_for(world: RunsWorld) -> None:
    async def work() -> None:
        wanted = {"type": "workflow.run.started", "match": {"plan": "audit"}}
        follow = {"id": "twice", "tool": "shop.double", "args": {"n": "$other.run_seq"}}
        run_id = await world.start(shop_plan({"id": "other", "wait_event": wanted}, follow, output={}))
        await world.engine.until(run_id, "other", "waiting")
        control = world.controller()
        seen = (await control.snapshot(run_id)).node("other")
        assert seen is not None
        assert seen.waiting_for == "event workflow.run.started with plan = audit"
        event = {"run_id": "r", "run_seq": 4, "plan": "audit", "started_by": "bob"}
        for wrong in ({"nonsense": 1}, {**event, "run_seq": "four"}, {**event, "plan": "other"}):
            with pytest.raises(InvalidInput):
                await control.signal(run_id, "other", wrong)
        with pytest.raises(InvalidInput, match="waits for no event"):
            await control.signal(run_id, "twice", event)
        assert await control.signal(run_id, "other", event, key="k")
        found = await world.engine.ended(run_id)
        assert found.node("twice").output == {"value": {"n": 8}}  # type: ignore[union-attr]

    world.do(work())


def test_priorities_are_bounded_and_kept(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await _held(world, "count")
        control = world.controller()
        with pytest.raises(InvalidInput):
            await control.set_priority(run_id, 1001)
        await control.set_priority(run_id, 7)
        assert (await control.run(run_id)).priority == 7
        await control.cancel(run_id)

    world.do(work())


def test_a_forged_audit_line_is_named(world: RunsWorld) -> None:
    async def work() -> str:
        run_id = await _held(world, "twice")
        control = world.controller()
        await control.set_priority(run_id, 5, "urgent")
        await control.resume(run_id)
        await world.engine.ended(run_id)
        assert (await control.verify(run_id)).checked == 3
        return run_id

    run_id = world.do(work())
    with psycopg.connect(world.engine.urls.owner) as owner:
        for switch in ("DISABLE TRIGGER run_audit_is_final", "NO FORCE ROW LEVEL SECURITY"):
            owner.execute(f"ALTER TABLE run_audit {switch}".encode())
        owner.execute("UPDATE run_audit SET reason = 'routine' WHERE run_id = %s AND seq = 2", (run_id,))
        for switch in ("ENABLE TRIGGER run_audit_is_final", "FORCE ROW LEVEL SECURITY"):
            owner.execute(f"ALTER TABLE run_audit {switch}".encode())
    check = world.do(world.controller().verify(run_id))
    assert (check.ok, check.broken_seq, check.checked) == (False, 2, 1)


def test_another_tenants_runs_cannot_be_reached(world: RunsWorld) -> None:
    async def work() -> None:
        run_id = await _held(world, "twice")
        other = world.controller(tenant_id=uuid4())
        for deed in (other.pause(run_id), other.snapshot(run_id), other.cancel(run_id), other.verify(run_id)):
            with pytest.raises(NotFound):
                await deed
        await world.controller().cancel(run_id)

    world.do(work())
