"""What is known of a run: rows of the tables of runs, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import JsonValue

RunState = Literal[
    "queued",
    "running",
    "paused",
    "waiting",
    "parking",
    "parked",
    "compensating",
    "done",
    "failed",
    "cancelled",
    "needs_attention",
]
FINAL_STATES: Final[frozenset[RunState]] = frozenset(("done", "failed", "cancelled", "needs_attention"))
"""States that a run never leaves by itself."""
ControlKind = Literal["pause", "breakpoint", "step", "release", "override", "cancel"]
Queue = Literal["interactive", "batch", "children"]
RunOrigin = Literal["person", "ask", "event", "schedule", "parent", "fork"]
JsonObject = dict[str, JsonValue]


@dataclass(frozen=True)
class NewRun:
    """A run to be started. `plan` is the plan's canonical JSON object, `plan_hash` its content hash.

    `scopes` are those of the person; tool calls of the run carry exactly them. `preset` gives nodes their outputs
    instead of running them. Smaller `priority` first.
    """

    id: str
    plan: JsonObject
    plan_hash: str
    inputs: JsonObject
    started_by: str
    scopes: frozenset[str]
    on_behalf_of: str | None = None
    priority: int = 100
    queue: Queue = "interactive"
    origin: RunOrigin = "person"
    correlation_id: str = ""
    parent_run_id: str | None = None
    parent_node: str | None = None
    forked_from: str | None = None
    fork_node: str | None = None
    fork_gate: bool = True
    preset: JsonObject = field(default_factory=dict)
    limit_s: float | None = None


@dataclass(frozen=True)
class Run:
    """One run. `error` is an error as `RedaptiveError.as_dict` plus `node`; `run_seq` grows with every change.

    `worked_ms`: time in which it worked; `spent_ms`: with the share of its children, which is what the budget limits.
    """

    tenant_id: UUID
    id: str
    plan_id: str
    title: str
    plan: JsonObject
    plan_hash: str
    inputs: JsonObject
    preset: JsonObject
    state: RunState
    priority: int
    queue: Queue
    origin: RunOrigin
    started_by: str
    on_behalf_of: str | None
    scopes: tuple[str, ...]
    correlation_id: str
    parent_run_id: str | None
    parent_node: str | None
    forked_from: str | None
    fork_node: str | None
    fork_gate: bool
    mode: Literal["forward", "rollback"]
    epoch: int
    executor_id: str | None
    error: JsonObject | None
    output: JsonObject | None
    run_seq: int
    created_at: datetime
    started_at: datetime | None
    changed_at: datetime
    finished_at: datetime | None
    wake_at: datetime | None
    worked_ms: int = 0
    spent_ms: int = 0
    spent_usd: float = 0.0
    limit_s: float | None = None

    @property
    def finished(self) -> bool:
        """Whether it has ended, well or not."""
        return self.state in FINAL_STATES


@dataclass(frozen=True)
class NodeRecord:
    """One node of a run, or one item of its foreach (`item_index` >= 0).

    `output` is null while `output_ref` names a large one; `reason` says why it is gated or skipped.
    """

    node: str
    item_index: int
    state: str
    tool: str
    attempt: int
    args: JsonValue
    output: JsonValue
    output_ref: str | None
    overridden: bool
    reason: str
    progress: float | None
    error: JsonObject | None
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class ControlRecord:
    """A wish about a run that is in force until `cleared_at`; `node` is empty where the whole run is meant."""

    id: int
    node: str
    kind: ControlKind
    value: JsonValue
    actor: str
    reason: str
    at: datetime
    cleared_at: datetime | None


@dataclass(frozen=True)
class ApprovalRecord:
    """A decision that a node waits for, or waited for, about one tool with exactly these arguments."""

    run_id: str
    node: str
    tool: str
    args: JsonObject
    args_sha256: str
    reason: str
    scope: str
    state: Literal["pending", "approved", "rejected", "expired"]
    requested_at: datetime
    expires_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    comment: str


@dataclass(frozen=True)
class Snapshot:
    """All that people see of a run at one moment; `run.run_seq` says up to where."""

    run: Run
    nodes: tuple[NodeRecord, ...]
    control: tuple[ControlRecord, ...]
    approvals: tuple[ApprovalRecord, ...]
    children: tuple[str, ...]

    def node(self, name: str) -> NodeRecord | None:
        """The record of a node, None when nothing happened to it yet."""
        return next((n for n in self.nodes if n.node == name and n.item_index < 0), None)

    def items(self, name: str) -> tuple[NodeRecord, ...]:
        """The items of a foreach node that have begun, by index."""
        return tuple(n for n in self.nodes if n.node == name and n.item_index >= 0)


@dataclass(frozen=True)
class RunFilter:
    """Which runs to list; what is None does not narrow. Newest first, `before` pages back by creation time."""

    states: frozenset[RunState] | None = None
    plan_id: str | None = None
    started_by: str | None = None
    parent_run_id: str | None = None
    top_level: bool = False
    before: datetime | None = None
    limit: int = 50


@dataclass(frozen=True)
class AuditLine:
    """One line of a run's audit; `before` and `after` are JSON texts exactly as written, the hash covers all."""

    run_id: str
    seq: int
    at: datetime
    actor: str
    action: str
    node: str
    reason: str
    before: str | None
    after: str | None
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True)
class AuditNote:
    """A line to be written: who did what to which node (empty: the run), why, and the state before and after."""

    actor: str
    action: str
    node: str = ""
    reason: str = ""
    before: Mapping[str, JsonValue] | None = None
    after: Mapping[str, JsonValue] | None = None
