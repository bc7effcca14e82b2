"""Following a run of `ask`: a line for each step as it ends, and the decisions that it waits for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import typer
from anyio import to_thread

from redaptive.app import App
from redaptive.cli.output import err
from redaptive.cli.runs_view import node_note
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.orchestration.state.run_export import whole_nodes
from redaptive.orchestration.state.run_records import ApprovalRecord, Snapshot
from redaptive.orchestration.state.run_snapshot import view
from redaptive.orchestration.state.run_watch import RunWatch
from redaptive.orchestration.state.workflow_persistence import WorkflowStore


@dataclass(frozen=True)
class Watched:
    """The run when it ended, or when it began to wait for somebody who is not here; large outputs are inside."""

    snapshot: Snapshot
    waits_for: str = ""


async def watch(running: App, control: WorkflowController, run_id: str, *, approve: bool, quiet: bool) -> Watched:
    """Follow the run; approvals are given with `approve`, asked for on a terminal, else left to others."""
    said: dict[str, str] = {}
    decided: set[str] = set()
    waits = ""
    async with RunWatch(running.pools, running.urls.app) as watching:
        snapshot = None
        async for update in watching.watch(control.tenant_id, run_id):
            snapshot = update.snapshot
            if not quiet:
                _tell(snapshot, said)
            waits = await _decide(control, snapshot, decided, approve=approve, quiet=quiet)
            if waits:
                break
    store = WorkflowStore(running.pools, control.tenant_id)
    last = snapshot or await store.snapshot(run_id)
    return Watched(replace(last, nodes=await whole_nodes(store, last)), waits)


def _tell(snapshot: Snapshot, said: dict[str, str]) -> None:
    for node in view(snapshot).nodes:
        if node.state == "pending" or said.get(node.id) == node.state:
            continue
        said[node.id] = node.state
        err.print(f"  {node.id}: {node_note(node, datetime.now(UTC))}", markup=False, style="dim")


async def _decide(
    control: WorkflowController, snapshot: Snapshot, decided: set[str], *, approve: bool, quiet: bool
) -> str:
    """Approve, or ask; what the run waits for when nobody here may decide."""
    for record in snapshot.approvals:
        if record.state != "pending" or record.node in decided:
            continue
        decided.add(record.node)
        if approve:
            await control.approve(record.run_id, record.node, "--yes", args_sha256=record.args_sha256)
        elif quiet or not sys.stdin.isatty():
            return f"approval of {record.node} ({record.reason})"
        elif await to_thread.run_sync(_confirmed, record):
            await control.approve(record.run_id, record.node, "asked", args_sha256=record.args_sha256)
        else:
            await control.reject(record.run_id, record.node, "asked", args_sha256=record.args_sha256)
    return ""


def _confirmed(record: ApprovalRecord) -> bool:
    err.print(f"\n{record.reason}\n  {record.tool} {record.args}", markup=False)
    return typer.confirm("Approve?", err=True)
