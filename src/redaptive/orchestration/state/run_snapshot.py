"""A run as people look at it: the graph of its plan with the state of every node and what each one waits for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from redaptive.orchestration.intelligent.dag_drawing import describe
from redaptive.orchestration.intelligent.dag_engine import order, parents, reduced
from redaptive.orchestration.plans.schema import Node, Plan
from redaptive.orchestration.state.run_records import (
    FINAL_STATES,
    ApprovalRecord,
    ControlRecord,
    JsonObject,
    NodeRecord,
    Run,
    Snapshot,
)

ENDED: Final = frozenset({"done", "skipped", "failed", "cancelled", "undone", "undo_failed"})
"""States of nodes that will not run any more."""


@dataclass(frozen=True)
class NodeView:
    """One node: what it does, how far it is, and what it waits for in words (empty: for nothing).

    `progress` is a share from 0 to 1, of a tool that tells or of the items of a foreach; `items_*` count those.
    """

    id: str
    what: str
    tool: str
    parents: tuple[str, ...]
    state: str
    reason: str
    waiting_for: str
    attempt: int
    progress: float | None
    items_begun: int
    items_done: int
    items_failed: int
    breakpoint: bool
    overridden: bool
    started_at: datetime | None
    finished_at: datetime | None
    error: JsonObject | None

    @property
    def held(self) -> bool:
        """Whether a person holds it: by pause or breakpoint."""
        return self.state == "gated" and self.reason in {"paused", "breakpoint"}


@dataclass(frozen=True)
class RunSnapshot:
    """A run at one moment; `seq` says up to where. `edges` are those of the drawing: no longer way implies one."""

    run: Run
    plan: Plan
    nodes: tuple[NodeView, ...]
    edges: tuple[tuple[str, str], ...]
    paused: bool
    cancelling: bool
    approvals: tuple[ApprovalRecord, ...]
    children: tuple[str, ...]

    @property
    def seq(self) -> int:
        """Number of the last visible change that is in here."""
        return self.run.run_seq

    def node(self, name: str) -> NodeView | None:
        """The view of a node, None for an unknown one."""
        return next((node for node in self.nodes if node.id == name), None)

    @property
    def held(self) -> tuple[str, ...]:
        """Nodes that a pause or a breakpoint holds, in topological order."""
        return tuple(node.id for node in self.nodes if node.held)

    def as_dict(self) -> dict[str, object]:
        """The snapshot for programs."""
        run = asdict(self.run)
        return {
            **{name: run[name] for name in _SHOWN},
            "paused": self.paused,
            "cancelling": self.cancelling,
            "nodes": [asdict(node) for node in self.nodes],
            "edges": [list(edge) for edge in self.edges],
            "approvals": [asdict(approval) for approval in self.approvals],
            "children": list(self.children),
        }


_SHOWN: Final = (
    "id", "plan_id", "title", "plan_hash", "state", "mode", "priority", "queue", "origin", "started_by",
    "on_behalf_of", "inputs", "preset", "error", "output", "run_seq", "parent_run_id", "forked_from", "fork_node",
    "executor_id", "created_at", "started_at", "finished_at", "wake_at",
)  # fmt: skip


def view(snapshot: Snapshot) -> RunSnapshot:
    """What people see of the snapshot; the plan of a run is valid, so it has an order."""
    plan = Plan.model_validate(snapshot.run.plan)
    nodes, above = {node.id: node for node in plan.nodes}, parents(plan)
    active = [wish for wish in snapshot.control if wish.cleared_at is None]
    pending = tuple(each for each in snapshot.approvals if each.state == "pending")
    states = {record.node: record.state for record in snapshot.nodes if record.item_index < 0}
    views = [_Look(snapshot, active, pending, states).node(nodes[name], above[name]) for name in order(plan)]
    return RunSnapshot(
        run=snapshot.run,
        plan=plan,
        nodes=tuple(views),
        edges=tuple(reduced(plan)),
        paused=any(wish.kind == "pause" for wish in active) and not snapshot.run.finished,
        cancelling=any(wish.kind == "cancel" for wish in active) and not snapshot.run.finished,
        approvals=pending,
        children=snapshot.children,
    )


@dataclass(frozen=True)
class _Look:
    snapshot: Snapshot
    active: list[ControlRecord]
    pending: tuple[ApprovalRecord, ...]
    states: dict[str, str]

    def node(self, node: Node, above: tuple[str, ...]) -> NodeView:
        record, items = self.snapshot.node(node.id), self.snapshot.items(node.id)
        breakpoint = any(wish.kind == "breakpoint" and wish.node == node.id for wish in self.active)
        return NodeView(
            id=node.id,
            what=describe(node),
            tool=node.tool or "",
            parents=above,
            state=record.state if record else "pending",
            reason=record.reason if record else "",
            waiting_for=self._waiting_for(node, record, above),
            attempt=record.attempt if record else 0,
            progress=record.progress if record else None,
            items_begun=len(items),
            items_done=sum(item.state == "done" for item in items),
            items_failed=sum(item.state == "failed" for item in items),
            breakpoint=node.breakpoint or breakpoint,
            overridden=bool(record and record.overridden),
            started_at=record.started_at if record else None,
            finished_at=record.finished_at if record else None,
            error=record.error if record else None,
        )

    def _waiting_for(self, node: Node, record: NodeRecord | None, above: tuple[str, ...]) -> str:
        if self.snapshot.run.state in FINAL_STATES:
            return ""
        if record is None or record.state == "pending":
            open_parents = [name for name in above if self.states.get(name, "pending") not in ENDED]
            return ", ".join(open_parents) or ("an executor" if self.snapshot.run.state == "queued" else "")
        if record.state == "gated":
            return self._gate(node, record.reason)
        if record.state != "waiting":
            return ""
        if node.wait_event:
            return _event(node, record.args)
        return "its child runs"

    def _gate(self, node: Node, reason: str) -> str:
        if reason == "paused":
            return "resume or step (the run is paused)"
        if reason == "breakpoint":
            return "resume or step (breakpoint)"
        scope = next((each.scope for each in self.pending if each.node == node.id), "")
        return f"approval by a person with {scope}" if scope else reason


def _event(node: Node, match: JsonValue) -> str:
    wanted = node.wait_event
    kind = wanted.type if wanted else "?"
    fields = ", ".join(f"{key} = {value}" for key, value in match.items()) if isinstance(match, dict) else ""
    return f"event {kind}{f' with {fields}' if fields else ''}"
