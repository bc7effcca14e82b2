"""Runs as people look at them: snapshots, history, forks and repetitions, worked out from records alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.fakes.fake_catalogue import fake_catalogue

from redaptive.errors import Conflict, InvalidInput
from redaptive.orchestration.control.forking import ForkTerms, plan_fork
from redaptive.orchestration.control.replay import replay_recorded
from redaptive.orchestration.control.starting import with_defaults
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.history import history
from redaptive.orchestration.state.run_records import (
    ApprovalRecord,
    AuditLine,
    ControlRecord,
    NodeRecord,
    Run,
    Snapshot,
)
from redaptive.orchestration.state.run_snapshot import view

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
PLAN = Plan.model_validate(
    {
        "id": "p",
        "title": "P",
        "inputs": {"type": "object", "properties": {"limit": {"type": "integer", "default": 5}}},
        "nodes": [
            {"id": "sites", "tool": "demo.find_sites", "args": {"limit": "$in.limit"}},
            {"id": "off", "tool": "demo.switch_off", "args": {"site_id": "$sites.value.best"},
             "approval": {"reason": "cuts power"},
             "compensate": {"tool": "demo.switch_on", "args": {"site_id": "$sites.value.best"}}},
            {"id": "meter", "tool": "demo.read_meter", "args": {"meter_id": "m"}},
            {"id": "late", "tool": "demo.read_meter", "args": {"meter_id": "m"}, "needs": ["off"],
             "when": {"op": "gt", "left": "$sites.value.count", "right": 1}},
        ],
        "output": {"best": "$sites.value.best"},
    }
)  # fmt: skip
SITES = {"value": {"best": "S1", "count": 2}}


def _record(node: str, state: str, **more: Any) -> NodeRecord:
    fields = dict.fromkeys(("args", "output", "output_ref", "progress", "error", "started_at", "finished_at"))
    known = {"item_index": -1, "tool": "", "attempt": 1, "overridden": False, "reason": ""}
    return NodeRecord(**{**fields, **known, "node": node, "state": state, **more})


def _snapshot(*nodes: NodeRecord, control: tuple[ControlRecord, ...] = (), **more: Any) -> Snapshot:
    names = Run.__dataclass_fields__
    run = Run(
        **{
            **dict.fromkeys(names),
            "tenant_id": UUID(int=1), "id": "r", "plan_id": "p", "title": "P", "plan": json.loads(PLAN.canonical()),
            "plan_hash": PLAN.content_hash, "inputs": {"limit": 5}, "preset": {}, "state": "running", "priority": 100,
            "queue": "interactive", "origin": "person", "started_by": "ann", "scopes": (), "run_seq": 4,
            "created_at": START, "started_at": START, "changed_at": START, "mode": "forward", "epoch": 0,
            **more,
        }
    )  # fmt: skip
    approvals = tuple(
        ApprovalRecord("r", n.node, n.tool, {}, "0" * 64, "cuts power", "runs:approve", "pending", START, None, None,
                       None, "")
        for n in nodes if n.reason == "approval"
    )  # fmt: skip
    return Snapshot(run, nodes, control, approvals, ())


DONE = (
    _record("sites", "done", args={"limit": 5}, output=SITES, started_at=START, finished_at=START),
    _record("off", "done", args={"site_id": "S1"}, output={"value": {"ticket": "T"}}),
    _record("meter", "done", args={"meter_id": "m"}, output={"value": 1}),
    _record("late", "done", args={"meter_id": "m"}, output={"value": 1}),
)


def _held(reason: str) -> str:
    seen = view(_snapshot(DONE[0], _record("off", "gated", reason=reason)))
    node = seen.node("off")
    assert node is not None
    assert node.held is (reason != "approval")
    return node.waiting_for


def test_a_snapshot_says_what_each_node_waits_for() -> None:
    assert _held("approval") == "approval by a person with runs:approve"
    assert _held("breakpoint") == "resume or step (breakpoint)"
    assert _held("paused") == "resume or step (the run is paused)"
    seen = view(_snapshot(_record("sites", "running")))
    assert {node.id: (node.state, node.waiting_for) for node in seen.nodes} == {
        "sites": ("running", ""), "off": ("pending", "sites"), "meter": ("pending", ""),
        "late": ("pending", "sites, off"),
    }  # fmt: skip
    assert all(not node.waiting_for for node in view(_snapshot(state="cancelled")).nodes)


def test_a_snapshot_knows_wishes_in_force_only() -> None:
    def wish(kind: Any, node: str = "", cleared: bool = False) -> ControlRecord:
        return ControlRecord(1, node, kind, None, "ann", "", START, START if cleared else None)

    seen = view(_snapshot(control=(wish("pause", cleared=True), wish("breakpoint", "late"), wish("cancel"))))
    assert (seen.paused, seen.cancelling) == (False, True)
    ended = view(_snapshot(state="done", control=(wish("pause"), wish("cancel"))))
    assert (ended.paused, ended.cancelling) == (False, False), "nothing of an ended run is held"
    assert [node.id for node in seen.nodes if node.breakpoint] == ["late"]
    assert json.loads(json.dumps(seen.as_dict(), default=str))["edges"] == [
        ["sites", "off"], ["off", "late"],
    ]  # fmt: skip


def test_the_history_is_in_the_order_of_time() -> None:
    later = START + timedelta(seconds=3)
    audit = [AuditLine("r", 1, later, "bob", "pause", "", "lunch", None, None, b"", b"")]
    lines = history(_snapshot(replace(DONE[0], finished_at=later + timedelta(seconds=1), attempt=2)), audit)
    assert [(line.who, line.node, line.what, line.detail) for line in lines] == [
        ("engine", "", "began to run it", ""),
        ("engine", "sites", "began", 'with {"limit": 5}'),
        ("bob", "", "paused the run", "lunch"),
        ("engine", "sites", "done at attempt 2 after 4.0 s", json.dumps(SITES)),
    ]


def test_a_fork_keeps_what_does_not_depend_on_the_node() -> None:
    found = plan_fork(_snapshot(*DONE), PLAN, ForkTerms("off"), fake_catalogue())
    assert sorted(found.preset) == ["meter", "sites"]
    assert (found.runs_again, found.effects_again, found.fork_node) == (("off", "late"), ("off",), "off")
    given = plan_fork(_snapshot(*DONE), PLAN, ForkTerms("off", outputs={"off": {"value": 1}}), fake_catalogue())
    assert (given.runs_again, given.effects_again) == (("late",), ())


def test_a_fork_runs_a_failed_node_beside_again() -> None:
    nodes = (*DONE[:2], replace(DONE[2], state="failed", output=None), DONE[3])
    found = plan_fork(_snapshot(*nodes), PLAN, ForkTerms("late"), fake_catalogue())
    assert found.runs_again == ("meter", "late")
    assert found.fork_node == "meter", "the engine copies only steps before the first node that runs"


def test_a_fork_that_makes_no_sense_is_refused() -> None:
    tools = fake_catalogue()
    with pytest.raises(InvalidInput, match="no node x"):
        plan_fork(_snapshot(*DONE), PLAN, ForkTerms("x"), tools)
    with pytest.raises(InvalidInput, match="no node x"):
        plan_fork(_snapshot(*DONE), PLAN, ForkTerms("off", outputs={"x": 1}), tools)
    with pytest.raises(Conflict, match="has not begun"):
        plan_fork(_snapshot(started_at=None), PLAN, ForkTerms("off"), tools)
    with pytest.raises(Conflict, match="off, on which late builds"):
        plan_fork(_snapshot(DONE[0]), PLAN, ForkTerms("late"), tools)
    undone = (DONE[0], replace(DONE[1], state="undone"), *DONE[2:])
    with pytest.raises(Conflict, match="off of run r was undone"):
        plan_fork(_snapshot(*undone), PLAN, ForkTerms("meter"), tools)


def test_a_repetition_notices_conditions_arguments_and_output() -> None:
    run = {"state": "done", "output": {"best": "S1"}}
    assert replay_recorded(_snapshot(*DONE, **run), fake_catalogue()).same
    fewer = replace(DONE[0], output={"value": {"best": "S2", "count": 1}})
    found = replay_recorded(_snapshot(fewer, *DONE[1:], **run), fake_catalogue())
    assert {n.node: (n.verdict, n.reason) for n in found.nodes if n.verdict == "different"} == {
        "off": ("different", ""),
        "late": ("different", "$sites.value.count > 1 does not hold now, but it was done"),
        "output": ("different", ""),
    }


def test_a_repetition_of_a_run_at_work_compares_what_has_ended() -> None:
    found = replay_recorded(_snapshot(DONE[0], _record("off", "gated", reason="approval")), fake_catalogue())
    assert [(n.node, n.verdict) for n in found.nodes] == [
        ("sites", "same"), ("off", "not_compared"), ("meter", "not_compared"), ("late", "not_compared"),
    ]  # fmt: skip


def test_inputs_are_completed_by_the_plans_defaults() -> None:
    assert with_defaults(PLAN, {}) == {"limit": 5}
    assert with_defaults(PLAN, {"limit": 9}) == {"limit": 9}
