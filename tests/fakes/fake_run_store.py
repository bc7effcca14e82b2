"""A fake store of runs: snapshots by id, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from redaptive.errors import NotFound
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import NodeRecord, Run, Snapshot
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

AT = datetime(2026, 11, 26, 4, tzinfo=UTC)


class FakeRunStore(WorkflowStore):
    """Gives back the snapshots that it was given; counts how often it was asked."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self.snapshots = {each.run.id: each for each in snapshots}
        self.asked = 0

    async def snapshot(self, run_id: str) -> Snapshot:
        """The snapshot of that id; raises NotFound."""
        self.asked += 1
        if run_id not in self.snapshots:
            raise NotFound(f"There is no run {run_id}.")
        return self.snapshots[run_id]


def finished(run_id: str, plan: Plan, outputs: dict[str, JsonValue], args: dict[str, Any] | None = None) -> Snapshot:
    """A run of a plan that is done, with the outputs of its nodes."""
    told: dict[str, Any] = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    run = Run(
        tenant_id=UUID(int=1), id=run_id, plan_id=plan.id, title=plan.title, plan=told, plan_hash="", inputs={},
        preset={}, state="done", priority=100, queue="interactive", origin="ask", started_by="ann", on_behalf_of=None,
        scopes=(), correlation_id="", parent_run_id=None, parent_node=None, forked_from=None, fork_node=None,
        fork_gate=True, mode="forward", epoch=1, executor_id=None, error=None, output=None, run_seq=1, created_at=AT,
        started_at=AT, changed_at=AT, finished_at=AT, wake_at=None,
    )  # fmt: skip
    nodes = tuple(
        NodeRecord(
            node=node.id,
            item_index=-1,
            state="done",
            tool=node.tool or "",
            attempt=1,
            args=args or dict(node.args),
            output=outputs[node.id],
            output_ref=None,
            overridden=False,
            reason="",
            progress=None,
            error=None,
            started_at=AT,
            finished_at=AT,
        )
        for node in plan.nodes
        if node.id in outputs
    )
    return Snapshot(run, nodes, (), (), ())
