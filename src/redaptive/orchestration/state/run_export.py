"""A run as one JSON document: plan, inputs, every node's values, decisions, audit; enough to compare and to prove."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from redaptive.errors import InvalidInput
from redaptive.orchestration.state.audit_verification import head_of, verify_run
from redaptive.orchestration.state.run_records import (
    ApprovalRecord,
    AuditLine,
    ControlRecord,
    NodeRecord,
    Run,
    Snapshot,
)
from redaptive.orchestration.state.workflow_persistence import RunAuditCheck, WorkflowStore


@dataclass(frozen=True)
class ExportedLine:
    """A line of the audit with its hashes in hex."""

    seq: int
    at: datetime
    actor: str
    action: str
    node: str
    reason: str
    before: str | None
    after: str | None
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class RunExport:
    """Everything kept of a run. Large outputs are inside; `audit_head` is the hash of the last line."""

    format: Literal["redaptive-run-1"]
    run: Run
    nodes: tuple[NodeRecord, ...]
    control: tuple[ControlRecord, ...]
    approvals: tuple[ApprovalRecord, ...]
    audit: tuple[ExportedLine, ...]
    audit_head: str
    children: tuple[RunExport, ...]

    def json(self) -> str:
        """The document, indented."""
        return _ADAPTER.dump_json(self, indent=2).decode()

    @property
    def snapshot(self) -> Snapshot:
        """The run as the database gave it."""
        return Snapshot(self.run, self.nodes, self.control, self.approvals, tuple(c.run.id for c in self.children))

    @property
    def audit_lines(self) -> tuple[AuditLine, ...]:
        """The audit as the database gave it."""
        return tuple(_line(self.run.id, line) for line in self.audit)


_ADAPTER = TypeAdapter(RunExport)


async def export_run(store: WorkflowStore, run_id: str) -> RunExport:
    """The run with its child runs, at any depth; raises NotFound."""
    snapshot = await store.snapshot(run_id)
    lines = await store.audit_trail(run_id)
    return RunExport(
        format="redaptive-run-1",
        run=snapshot.run,
        nodes=await whole_nodes(store, snapshot),
        control=snapshot.control,
        approvals=snapshot.approvals,
        audit=tuple(_exported(line) for line in lines),
        audit_head=head_of(lines),
        children=tuple([await export_run(store, child) for child in snapshot.children]),
    )


async def whole_nodes(store: WorkflowStore, snapshot: Snapshot) -> tuple[NodeRecord, ...]:
    """The node records with large outputs put in their place."""
    found = []
    for node in snapshot.nodes:
        if node.output is None and node.output_ref is not None:
            found.append(replace(node, output=await store.output(snapshot.run.id, node.output_ref)))
        else:
            found.append(node)
    return tuple(found)


def read_export(text: str | bytes) -> RunExport:
    """The run that the document describes.

    :raises InvalidInput: when it is none; names the first field that does not fit.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise InvalidInput(
            f"This is no export of a run: {first['msg']}.",
            field=place,
            fix="Make one with `redaptive runs export RUN`.",
        ) from error


def verify_export(found: RunExport, head: str | None = None) -> RunAuditCheck:
    """Whether audit, plan and inputs of the exported run are as they were, and those of its child runs."""
    check = verify_run(found.run, found.audit_lines, head=head or found.audit_head or None)
    for child in found.children if check.ok else ():
        if not (below := verify_export(child)).ok:
            return replace(below, reason=f"of its child run {child.run.id}: {below.reason}")
    return check


def _exported(line: AuditLine) -> ExportedLine:
    values = asdict(line)
    del values["run_id"]
    return ExportedLine(**{**values, "prev_hash": line.prev_hash.hex(), "hash": line.hash.hex()})


def _line(run_id: str, line: ExportedLine) -> AuditLine:
    try:
        hashes = {"prev_hash": bytes.fromhex(line.prev_hash), "hash": bytes.fromhex(line.hash)}
    except ValueError as error:
        raise InvalidInput(f"The hash of audit line {line.seq} is no hex.", field=f"audit.{line.seq}") from error
    return AuditLine(run_id=run_id, **{**asdict(line), **hashes})
