"""What a person may do to the runs of a tenant. Each deed needs a scope and leaves a line in the run's audit.

Wishes are rows that the engine hears of at once and that hold over crashes; nothing here talks to an executor.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from pydantic import JsonValue

from redaptive.agents.principal import Principal
from redaptive.errors import Conflict, InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.orchestration.ai.plan_validator import Finding
from redaptive.orchestration.control.approving import decide
from redaptive.orchestration.control.deeds import Deed, OpenDeed, actor_of, open_deed
from redaptive.orchestration.control.forking import ForkPlan, ForkTerms, plan_fork
from redaptive.orchestration.control.overriding import require_output
from redaptive.orchestration.control.permissions import APPROVE, OPERATE, OVERRIDE, READ
from redaptive.orchestration.control.replay import ReplayReport, replay_reads, replay_recorded, summary
from redaptive.orchestration.control.signalling import require_event
from redaptive.orchestration.control.starting import Checker, StartTerms, new_run
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.audit_verification import verify_chain, verify_run
from redaptive.orchestration.state.history import HistoryLine, NodeHistory, history, node_history
from redaptive.orchestration.state.run_export import RunExport, export_run, whole_nodes
from redaptive.orchestration.state.run_records import (
    ApprovalRecord,
    AuditNote,
    JsonObject,
    Run,
    RunFilter,
    Snapshot,
)
from redaptive.orchestration.state.run_snapshot import RunSnapshot, view
from redaptive.orchestration.state.workflow_persistence import RunAuditCheck, WorkflowStore

if TYPE_CHECKING:
    from redaptive.agents.invoker import ToolInvoker

NOT_BEGUN = frozenset({"pending", "gated"})


@dataclass(frozen=True)
class Started:
    """A run that was asked for; `new` is False when one of this id was there already."""

    run_id: str
    new: bool
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Forked:
    """A fork that was started, or with an empty `run_id` only looked at, and what it does."""

    run_id: str
    plan: ForkPlan


class WorkflowController:
    """Runs of the principal's tenant, read and changed with the principal's rights."""

    def __init__(self, pools: ConnectionPoolManager, principal: Principal, checker: Checker) -> None:
        self._pools = pools
        self._principal = principal
        self._checker = checker
        self._store = WorkflowStore(pools, principal.tenant_id)

    @property
    def actor(self) -> str:
        """Who is written into the audit."""
        return actor_of(self._principal)

    @property
    def tenant_id(self) -> UUID:
        """Whose runs these are."""
        return self._principal.tenant_id

    async def start(self, plan: Plan, inputs: Mapping[str, JsonValue], terms: StartTerms | None = None) -> Started:
        """Queue a run of the plan, with the ways back that it lacks; an executor takes it from there.

        :raises InvalidInput: the plan or its inputs may not run; nothing is queued. :raises Unauthorized: scope.
        """
        self._principal.require(OPERATE)
        wanted = terms or StartTerms()
        plan = self._checker.completed(plan, self._principal)
        warnings = self._checker.require(plan, inputs, self._principal)
        run = new_run(plan, inputs, self._principal, wanted)
        actor = actor_of(self._principal)
        async with self._store.change() as change:
            if made := await change.create_run(run):
                if wanted.paused:
                    await change.wish(run.id, "pause", actor=actor)
                for node in wanted.breakpoints:
                    await change.wish(run.id, "breakpoint", actor=actor, node=node)
                after: JsonObject = {"plan_hash": run.plan_hash, "inputs": run.inputs, "priority": run.priority}
                await change.audit(run.id, AuditNote(actor, "start", reason=wanted.reason, after=after))
        return Started(run.id, made, tuple(warnings))

    async def pause(self, run_id: str, reason: str = "") -> None:
        """Hold every node that has not begun; what is at work ends."""
        async with self._deed(Deed(OPERATE, "pause", run_id, reason=reason)) as opened:
            opened.require_unfinished()
            await opened.wish("pause")

    async def resume(self, run_id: str, reason: str = "") -> None:
        """End the pause, and let go what breakpoints hold right now; breakpoints ahead stay.

        :raises Conflict: nothing holds the run.
        """
        async with self._deed(Deed(OPERATE, "resume", run_id, reason=reason)) as opened:
            opened.require_unfinished()
            held = await _held(opened)
            if not await opened.change.clear(run_id, ["pause"]) and not held:
                raise Conflict(f"Run {run_id} is not held: it is {opened.run.state}.", field="run")
            for node in held:
                await opened.change.wish(run_id, "release", actor=opened.actor, node=node, reason=reason)
            opened.after["released"] = list(held)

    async def step(self, run_id: str, node: str = "", reason: str = "") -> None:
        """Let one held node go: the named one, or the first in the plan's order.

        :raises Conflict: the run is neither paused nor at a breakpoint.
        """
        async with self._deed(Deed(OPERATE, "step", run_id, node, reason)) as opened:
            opened.require_unfinished()
            held = await _held(opened)
            if not held and not any(w.kind == "pause" for w in await opened.active()):
                raise Conflict(f"Nothing of run {run_id} is held.", field="run", fix="Pause it, or set a breakpoint.")
            if node and opened.before["node_state"] not in NOT_BEGUN:
                raise Conflict(f"{node} is {opened.before['node_state']} already.", field="node")
            await opened.change.wish(run_id, "step", actor=opened.actor, node=node, reason=reason)

    async def set_breakpoint(self, run_id: str, node: str, reason: str = "") -> None:
        """Hold the node when its turn comes.

        :raises Conflict: it has begun already.
        """
        async with self._deed(Deed(OPERATE, "break", run_id, node, reason)) as opened:
            opened.require_unfinished()
            _require_not_begun(opened)
            await opened.wish("breakpoint")

    async def clear_breakpoint(self, run_id: str, node: str, reason: str = "") -> None:
        """Remove a breakpoint that a person set; a node that it holds goes on. Those of the plan stay.

        :raises Conflict: there is none.
        """
        async with self._deed(Deed(OPERATE, "unbreak", run_id, node, reason)) as opened:
            if not await opened.change.clear(run_id, ["breakpoint"], node=node):
                in_plan = " (the plan has one: step over it)" if opened.node.breakpoint else ""
                raise Conflict(f"No breakpoint was set at {node}{in_plan}.", field="node")

    async def override(self, run_id: str, node: str, output: JsonValue, reason: str = "") -> None:
        """Give the node this output instead of running it; it must be of the type that the node would give.

        :raises InvalidInput: it is not. :raises Conflict: the node has begun.
        """
        async with self._deed(Deed(OVERRIDE, "override", run_id, node, reason)) as opened:
            opened.require_unfinished()
            _require_not_begun(opened)
            require_output(opened.plan, opened.node, output, self._checker.tools, self._checker.patterns)
            await opened.change.clear(run_id, ["override"], node=node)
            await opened.change.wish(run_id, "override", actor=opened.actor, node=node, reason=reason, value=output)
            opened.after["output"] = output

    async def approve(
        self, run_id: str, node: str, reason: str = "", *, args_sha256: str | None = None
    ) -> ApprovalRecord:
        """Let the node's call be made with exactly the arguments it was asked for; see `decide`."""
        return await self._decide(run_id, node, reason, args_sha256, approve=True)

    async def reject(
        self, run_id: str, node: str, reason: str = "", *, args_sha256: str | None = None
    ) -> ApprovalRecord:
        """Forbid the node's call: the node fails."""
        return await self._decide(run_id, node, reason, args_sha256, approve=False)

    async def cancel(self, run_id: str, reason: str = "", *, compensate: bool = False) -> None:
        """End the run; with `compensate` what it did is undone first. A run that never began ends at once."""
        async with self._deed(Deed(OPERATE, "cancel", run_id, reason=reason)) as opened:
            opened.require_unfinished()
            opened.after["compensate"] = compensate
            if opened.run.state == "queued" and opened.run.started_at is None:
                await opened.change.set_state(run_id, "cancelled", expected=["queued"])
            else:
                await opened.wish("cancel", value={"compensate": compensate})

    async def rollback(self, run_id: str, reason: str = "") -> None:
        """Undo a run that has ended: compensations in reverse order. One that still runs: cancel with compensation.

        :raises Conflict: it has not ended, never began, or was rolled back.
        """
        async with self._deed(Deed(OPERATE, "rollback", run_id, reason=reason)) as opened:
            _require_undoable(opened.run)
            await opened.change.roll_back(run_id)
            opened.after["epoch"] = opened.run.epoch + 1

    async def signal(self, run_id: str, node: str, data: JsonObject, *, key: str = "", reason: str = "") -> bool:
        """Give a node the event that it waits for; False when one with this key came before.

        :raises InvalidInput: the node waits for no event, or the data is not of its type.
        """
        async with self._deed(Deed(OPERATE, "signal", run_id, node, reason)) as opened:
            opened.require_unfinished()
            kind = require_event(opened.node, data)
            name = key or f"person:{uuid4().hex}"
            opened.after |= {"type": kind, "key": name, "data": data}
            return await opened.change.signal(run_id, node, key=name, type=kind, data=data)

    async def set_priority(self, run_id: str, priority: int, reason: str = "") -> None:
        """Smaller goes first among the queued; a run at work keeps working."""
        if not 0 <= priority <= 1000:
            raise InvalidInput(f"{priority} is no priority.", field="priority", fix="Give 0 (first) to 1000 (last).")
        async with self._deed(Deed(OPERATE, "priority", run_id, reason=reason)) as opened:
            opened.require_unfinished()
            opened.before["priority"], opened.after["priority"] = opened.run.priority, priority
            await opened.connection.execute(
                "UPDATE runs SET priority = %s WHERE tenant_id = %s AND id = %s",
                (priority, opened.run.tenant_id, run_id),
            )

    async def fork(self, run_id: str, terms: ForkTerms, *, dry_run: bool = False) -> Forked:
        """A new run that repeats this one from a node on. What it does again has its effects again.

        :raises Conflict: it would build on what was undone or has no result. :raises InvalidInput: new values do
            not fit the plan.
        """
        self._principal.require(OVERRIDE if terms.outputs else OPERATE)
        snapshot = await self._whole(run_id)
        plan = Plan.model_validate(snapshot.run.plan)
        wanted = plan_fork(snapshot, plan, terms, self._checker.tools)
        self._checker.require(plan, wanted.inputs, self._principal)
        for name, output in terms.outputs.items():
            node = next(each for each in plan.nodes if each.id == name)
            require_output(plan, node, output, self._checker.tools, self._checker.patterns)
        if dry_run:
            return Forked("", wanted)
        return Forked(await self._start_fork(run_id, plan, wanted, terms), wanted)

    async def run(self, run_id: str) -> Run:
        """The run; raises NotFound."""
        self._principal.require(READ)
        return await self._store.run(run_id)

    async def runs(self, wanted: RunFilter | None = None) -> list[Run]:
        """Runs of the tenant, newest first."""
        self._principal.require(READ)
        return await self._store.list_runs(wanted)

    async def snapshot(self, run_id: str) -> RunSnapshot:
        """The run as people look at it, now."""
        self._principal.require(READ)
        return view(await self._store.snapshot(run_id))

    async def history(self, run_id: str) -> tuple[HistoryLine, ...]:
        """Everything that happened to the run, oldest first."""
        self._principal.require(READ)
        return history(await self._store.snapshot(run_id), await self._store.audit_trail(run_id))

    async def inspect(self, run_id: str, node: str) -> NodeHistory:
        """Inputs, output, attempts, decisions and history of a node."""
        self._principal.require(READ)
        return node_history(await self._whole(run_id), await self._store.audit_trail(run_id), node)

    async def pending_approvals(self) -> list[ApprovalRecord]:
        """Decisions that the tenant's people are asked for, oldest first."""
        self._principal.require(READ)
        return await self._store.pending_approvals()

    async def verify(self, run_id: str, *, head: str | None = None) -> RunAuditCheck:
        """Whether the run's audit is unbroken; works for purged runs too. See `verify_run`. Raises NotFound."""
        self._principal.require(READ)
        lines = await self._store.audit_trail(run_id)
        if lines and lines[-1].action == "purge":
            return verify_chain(lines, self._principal.tenant_id, head=head)
        return verify_run(await self._store.run(run_id), lines, head=head)

    async def export(self, run_id: str) -> RunExport:
        """The run as a document, its child runs included."""
        self._principal.require(READ)
        return await export_run(self._store, run_id)

    async def replay(self, run_id: str, invoker: ToolInvoker | None = None, reason: str = "") -> ReplayReport:
        """The run compared with a repetition: worked out from its record or, with `invoker`, by calling again what
        only reads. Nothing of it has an effect.
        """
        async with self._deed(Deed(READ, "replay", run_id, reason=reason)) as opened:
            snapshot = await self._whole(run_id)
            if invoker is None:
                report = replay_recorded(snapshot, self._checker.tools, self._checker.patterns)
            else:
                report = await replay_reads(snapshot, self._checker.tools, invoker, self._principal)
            opened.after |= {"mode": report.mode, **summary(report)}
            return report

    def _deed(self, deed: Deed) -> AbstractAsyncContextManager[OpenDeed]:
        return open_deed(self._pools, self._principal, deed)

    async def _whole(self, run_id: str) -> Snapshot:
        snapshot = await self._store.snapshot(run_id)
        return replace(snapshot, nodes=await whole_nodes(self._store, snapshot))

    async def _decide(
        self, run_id: str, node: str, reason: str, args_sha256: str | None, *, approve: bool
    ) -> ApprovalRecord:
        deed = Deed(APPROVE, "approve" if approve else "reject", run_id, node, reason)
        async with self._deed(deed) as opened:
            return await decide(opened, self._principal, approve=approve, args_sha256=args_sha256)

    async def _start_fork(self, source: str, plan: Plan, wanted: ForkPlan, terms: ForkTerms) -> str:
        """Queue the fork; both runs' audits say so."""
        run = new_run(plan, wanted.inputs, self._principal, StartTerms())
        fork = wanted.applied_to(run, terms, source)
        after: JsonObject = {
            "plan_hash": fork.plan_hash, "inputs": fork.inputs, "forked_from": source, "node": terms.node,
            "given": [*sorted(terms.outputs)], "effects_again": [*wanted.effects_again],
        }  # fmt: skip
        async with self._deed(Deed(OPERATE, "forked", source, terms.node, terms.reason)) as opened:
            await opened.change.create_run(fork)
            await opened.change.audit(fork.id, AuditNote(opened.actor, "fork", terms.node, terms.reason, after=after))
            opened.after["run"] = fork.id
        return fork.id


def _require_not_begun(opened: OpenDeed) -> None:
    state = opened.before["node_state"]
    if state not in NOT_BEGUN:
        raise Conflict(f"{opened.deed.node} is {state} already.", field="node", fix="`redaptive runs fork` repeats it.")


async def _held(opened: OpenDeed) -> tuple[str, ...]:
    """The nodes that a pause or breakpoint holds, by their rows."""
    cursor = await opened.connection.execute(
        "SELECT node FROM run_nodes WHERE tenant_id = %s AND run_id = %s AND item_index = -1 AND state = 'gated'"
        " AND reason IN ('paused', 'breakpoint') ORDER BY node",
        (opened.run.tenant_id, opened.run.id),
    )
    return tuple(row["node"] for row in await cursor.fetchall())


def _require_undoable(run: Run) -> None:
    if not run.finished:
        raise Conflict(
            f"Run {run.id} is {run.state}.", field="run", fix="`redaptive runs cancel --compensate` undoes a live run."
        )
    if run.started_at is None:
        raise Conflict(f"Run {run.id} never began: there is nothing to undo.", field="run")
    if run.mode == "rollback" and run.state != "needs_attention":
        raise Conflict(f"Run {run.id} was rolled back already.", field="run")
