"""One deed of a person on one run: permission, change and audit line, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue

from redaptive.agents.principal import Principal
from redaptive.errors import Conflict, InvalidInput
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.orchestration.plans.references import listed
from redaptive.orchestration.plans.schema import Node, Plan
from redaptive.orchestration.state.run_records import AuditNote, ControlKind, ControlRecord, Run
from redaptive.orchestration.state.workflow_persistence import RunChange


@dataclass(frozen=True)
class Deed:
    """What is to be done: the scope it needs, its word in the audit, the node (empty: the run), and why."""

    scope: str
    action: str
    run_id: str
    node: str = ""
    reason: str = ""


@dataclass
class OpenDeed:
    """A deed in its transaction, with the run locked. `after` becomes part of the audit line."""

    run: Run
    plan: Plan
    change: RunChange
    connection: Connection
    deed: Deed
    actor: str
    before: dict[str, JsonValue] = field(default_factory=dict)
    after: dict[str, JsonValue] = field(default_factory=dict)

    @property
    def node(self) -> Node:
        """The plan's node that the deed is about.

        :raises InvalidInput: for an unknown one; says which there are.
        """
        return node_of(self.plan, self.deed.node)

    def require_unfinished(self) -> None:
        """Nothing, while the run has not ended.

        :raises Conflict: when it has.
        """
        if self.run.finished:
            raise Conflict(
                f"Run {self.run.id} has ended ({self.run.state}).",
                field="run",
                fix="`redaptive runs fork` repeats it from a node, `rollback` undoes it.",
            )

    async def node_state(self) -> str:
        """The state of the deed's node, `pending` while nothing has happened to it."""
        cursor = await self.connection.execute(
            "SELECT state FROM run_nodes WHERE tenant_id = %s AND run_id = %s AND node = %s AND item_index = -1",
            (self.run.tenant_id, self.run.id, self.node.id),
        )
        row = await cursor.fetchone()
        return str(row["state"]) if row else "pending"

    async def active(self) -> list[ControlRecord]:
        """Wishes in force for the run, oldest first."""
        cursor = await self.connection.execute(
            "SELECT id, node, kind, value, actor, reason, at, cleared_at FROM run_control"
            " WHERE tenant_id = %s AND run_id = %s AND cleared_at IS NULL ORDER BY id",
            (self.run.tenant_id, self.run.id),
        )
        return [ControlRecord(**row) for row in await cursor.fetchall()]

    async def wish(self, kind: ControlKind, *, value: JsonValue = None) -> None:
        """Say what is wanted for the deed's node, or for the run, unless exactly that is in force already."""
        node = self.deed.node
        if any(w.kind == kind and w.node == node and w.value == value for w in await self.active()):
            return
        await self.change.wish(self.run.id, kind, actor=self.actor, node=node, reason=self.deed.reason, value=value)


@asynccontextmanager
async def open_deed(pools: ConnectionPoolManager, principal: Principal, deed: Deed) -> AsyncIterator[OpenDeed]:
    """The deed, permitted and with its run locked; at the end of the block it is written down and committed.

    Viewers are told by the run's number. A deed that is refused leaves no trace in the run.

    :raises Unauthorized: the scope is missing. :raises NotFound: no such run.
    """
    principal.require(deed.scope)
    async with pools.transaction(principal.tenant_id) as connection:
        change = RunChange(connection, principal.tenant_id)
        run = await change.run(deed.run_id)
        opened = OpenDeed(run, Plan.model_validate(run.plan), change, connection, deed, actor_of(principal))
        opened.before["state"] = run.state
        if deed.node:
            opened.before["node_state"] = await opened.node_state()
        yield opened
        await _touch(opened)
        note = AuditNote(opened.actor, deed.action, deed.node, deed.reason, opened.before, opened.after or None)
        await change.audit(run.id, note)


def actor_of(principal: Principal) -> str:
    """Who is written into the audit: the subject, and for whom it acts."""
    if principal.on_behalf_of and principal.on_behalf_of != principal.subject:
        return f"{principal.subject} for {principal.on_behalf_of}"
    return principal.subject


def node_of(plan: Plan, name: str) -> Node:
    """The plan's node of that name.

    :raises InvalidInput: for an unknown one; says which there are.
    """
    for node in plan.nodes:
        if node.id == name:
            return node
    known = listed([node.id for node in plan.nodes])
    raise InvalidInput(f"The plan {plan.id} has no node {name}.", field="node", fix=f"There are: {known}.")


async def _touch(opened: OpenDeed) -> None:
    # Only the number: a parked run is woken by what came after its changed_at.
    await opened.connection.execute(
        "UPDATE runs SET run_seq = run_seq + 1 WHERE tenant_id = %s AND id = %s",
        (opened.run.tenant_id, opened.run.id),
    )
