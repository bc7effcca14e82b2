"""Runs of one tenant in PostgreSQL: started, read, wished about, decided, audited. Row security holds throughout.

A run is started by its row: an executor of the engine takes it from there. What people want of it (pause, step,
cancel, ...) are rows too; the engine hears of them at once. Every change is followed by a NOTIFY on `run_changes`
with `{"tenant", "run", "seq", "state"}`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Final, LiteralString, TypeVar
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from pydantic import JsonValue, TypeAdapter

from redaptive.errors import Conflict, NotFound
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager, Parameters
from redaptive.orchestration.state.run_records import (
    FINAL_STATES,
    ApprovalRecord,
    AuditLine,
    AuditNote,
    ControlKind,
    ControlRecord,
    JsonObject,
    NewRun,
    NodeRecord,
    Run,
    RunFilter,
    RunState,
    Snapshot,
)

CHANGES: Final = "run_changes"
"""Channel of NOTIFY: a run or one of its nodes changed."""
GENESIS: Final = bytes(32)
# One statement, so that all parts are of one moment.
_SNAPSHOT: Final = """
SELECT r.*,
  (SELECT coalesce(json_agg(n ORDER BY n.started_at NULLS LAST, n.node, n.item_index), '[]') FROM run_nodes n
    WHERE n.tenant_id = r.tenant_id AND n.run_id = r.id) AS nodes,
  (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM run_control c
    WHERE c.tenant_id = r.tenant_id AND c.run_id = r.id) AS control,
  (SELECT coalesce(json_agg(a ORDER BY a.requested_at), '[]') FROM run_approvals a
    WHERE a.tenant_id = r.tenant_id AND a.run_id = r.id) AS approvals,
  (SELECT coalesce(json_agg(k.id ORDER BY k.created_at, k.id), '[]') FROM runs k
    WHERE k.tenant_id = r.tenant_id AND k.parent_run_id = r.id) AS children
FROM runs r WHERE r.id = %s
"""
_NODES: Final = TypeAdapter(tuple[NodeRecord, ...])
_CONTROLS: Final = TypeAdapter(tuple[ControlRecord, ...])
_APPROVALS: Final = TypeAdapter(tuple[ApprovalRecord, ...])
RecordT = TypeVar("RecordT", Run, ApprovalRecord)


@dataclass(frozen=True)
class RunAuditCheck:
    """Result of a verification: lines checked, and the first one that does not fit with the reason."""

    ok: bool
    checked: int
    broken_seq: int | None = None
    reason: str = ""


class RunChange:
    """Changes of runs within one transaction, so that a deed and its audit line stand together."""

    def __init__(self, connection: Connection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def create_run(self, run: NewRun) -> bool:
        """Queue the run; False when a run of this id exists already (the same request said twice)."""
        return await insert_run(self._connection, self._tenant_id, run)

    async def set_state(self, run_id: str, state: RunState, *, expected: Sequence[RunState]) -> Run:
        """The run in its new state; only from an expected one, so that two writers cannot both win.

        :raises NotFound: no such run. :raises Conflict: it is in another state.
        """
        cursor = await self._connection.execute(
            "UPDATE runs SET state = %(state)s, run_seq = run_seq + 1, changed_at = clock_timestamp(),"
            " finished_at = CASE WHEN %(state)s = ANY(%(final)s) THEN clock_timestamp() END"
            " WHERE tenant_id = %(tenant)s AND id = %(run)s AND state = ANY(%(expected)s) RETURNING *",
            {
                "state": state,
                "final": sorted(FINAL_STATES),
                "tenant": self._tenant_id,
                "run": run_id,
                "expected": list(expected),
            },
        )
        if (row := await cursor.fetchone()) is not None:
            return run_of(row)
        raise _wrong_state(await self.run(run_id), expected)

    async def roll_back(self, run_id: str) -> Run:
        """The run, queued to have its finished nodes undone in reverse order; asked again, what failed is repeated.

        :raises NotFound: no such run. :raises Conflict: it has not ended: cancel it with {"compensate": true} instead.
        """
        cursor = await self._connection.execute(
            "UPDATE runs SET state = 'queued', mode = 'rollback', epoch = epoch + 1, finished_at = NULL,"
            " run_seq = run_seq + 1, changed_at = clock_timestamp()"
            " WHERE tenant_id = %s AND id = %s AND finished_at IS NOT NULL RETURNING *",
            (self._tenant_id, run_id),
        )
        if (row := await cursor.fetchone()) is not None:
            return run_of(row)
        raise _wrong_state(await self.run(run_id), sorted(FINAL_STATES))

    async def run(self, run_id: str) -> Run:
        """The run, locked until the transaction ends.

        :raises NotFound: no such run.
        """
        # NO KEY UPDATE: nodes and wishes that refer to the run may be written meanwhile.
        cursor = await self._connection.execute(
            "SELECT * FROM runs WHERE tenant_id = %s AND id = %s FOR NO KEY UPDATE",
            (self._tenant_id, run_id),
        )
        return _found(await cursor.fetchone(), run_id)

    async def wish(
        self, run_id: str, kind: ControlKind, *, actor: str, node: str = "", reason: str = "", value: JsonValue = None
    ) -> int:
        """The number of a new wish, in force until it is cleared or, for step, release and override, used."""
        cursor = await self._connection.execute(
            "INSERT INTO run_control (tenant_id, run_id, node, kind, value, actor, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            # An override's JSON null is a value; the absence of one is SQL's null.
            (
                self._tenant_id,
                run_id,
                node,
                kind,
                Jsonb(value) if kind == "override" or value is not None else None,
                actor,
                reason,
            ),
        )
        row = await cursor.fetchone()
        return int(row["id"]) if row else 0

    async def clear(self, run_id: str, kinds: Sequence[ControlKind], *, node: str | None = None) -> int:
        """Take wishes back (of one node, or of all): resume after pause, remove breakpoints; how many."""
        cursor = await self._connection.execute(
            "UPDATE run_control SET cleared_at = clock_timestamp() WHERE tenant_id = %s AND run_id = %s"
            " AND kind = ANY(%s) AND cleared_at IS NULL AND (%s::text IS NULL OR node = %s)",
            (self._tenant_id, run_id, list(kinds), node, node),
        )
        return cursor.rowcount

    async def signal(self, run_id: str, node: str, *, key: str, type: str, data: JsonObject) -> bool:
        """Give a waiting node its event; False when one with this key was given before."""
        cursor = await self._connection.execute(
            "INSERT INTO run_signals (tenant_id, run_id, node, key, type, data) VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (tenant_id, run_id, node, key) DO NOTHING",
            (self._tenant_id, run_id, node, key, type, Jsonb(data)),
        )
        return cursor.rowcount == 1

    async def decide(self, run_id: str, node: str, *, approve: bool, actor: str, comment: str = "") -> ApprovalRecord:
        """The approval after the decision.

        :raises NotFound: nothing is asked for that node. :raises Conflict: it is decided or expired.
        """
        cursor = await self._connection.execute(
            "UPDATE run_approvals SET state = %s, decided_by = %s, decided_at = clock_timestamp(), comment = %s"
            " WHERE tenant_id = %s AND run_id = %s AND node = %s AND state = 'pending'"
            " AND (expires_at IS NULL OR expires_at > clock_timestamp()) RETURNING *",
            ("approved" if approve else "rejected", actor, comment, self._tenant_id, run_id, node),
        )
        if (row := await cursor.fetchone()) is not None:
            return _record(ApprovalRecord, row)
        cursor = await self._connection.execute(
            "SELECT state FROM run_approvals WHERE tenant_id = %s AND run_id = %s AND node = %s",
            (self._tenant_id, run_id, node),
        )
        if (row := await cursor.fetchone()) is None:
            raise NotFound(f"Run {run_id} asks no approval for {node}.", field="node")
        state = "expired" if row["state"] == "pending" else row["state"]
        raise Conflict(f"The approval of {node} in run {run_id} is {state} already.", field="node")

    async def audit(self, run_id: str, note: AuditNote) -> None:
        """Append one line. Lines of one run wait for each other until the transaction ends: append last."""
        await self._connection.execute(
            "INSERT INTO run_audit (tenant_id, run_id, actor, action, node, reason, before, after)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                self._tenant_id,
                run_id,
                note.actor,
                note.action,
                note.node,
                note.reason,
                _text(note.before),
                _text(note.after),
            ),
        )


class WorkflowStore:
    """Reads the runs of one tenant, and opens transactions that change them.

    The pool's role must be redaptive_app: row security is what keeps other tenants out.
    """

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    @asynccontextmanager
    async def change(self) -> AsyncIterator[RunChange]:
        """A transaction; commits at the end of the block, rolls back when it raises."""
        async with self._pools.transaction(self._tenant_id) as connection:
            yield RunChange(connection, self._tenant_id)

    async def create_run(self, run: NewRun) -> bool:
        """Queue the run in a transaction of its own, with an audit line; False when it exists already."""
        async with self.change() as change:
            if made := await change.create_run(run):
                after: dict[str, JsonValue] = {"plan_hash": run.plan_hash, "inputs": run.inputs}
                await change.audit(run.id, AuditNote(run.started_by, "start", after=after))
            return made

    async def run(self, run_id: str) -> Run:
        """The run; raises NotFound."""
        rows = await self._read("SELECT * FROM runs WHERE id = %s", (run_id,))
        return _found(rows[0] if rows else None, run_id)

    async def snapshot(self, run_id: str) -> Snapshot:
        """All that is visible of the run, of one moment; raises NotFound."""
        rows = await self._read(_SNAPSHOT, (run_id,))
        row = rows[0] if rows else {}
        return Snapshot(
            _found(row or None, run_id),
            _NODES.validate_python(row["nodes"]),
            _CONTROLS.validate_python(row["control"]),
            _APPROVALS.validate_python(row["approvals"]),
            tuple(row["children"]),
        )

    async def list_runs(self, wanted: RunFilter | None = None) -> list[Run]:
        """Runs, newest first."""
        look = wanted or RunFilter()
        rows = await self._read(
            "SELECT * FROM runs WHERE (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"
            " AND (%(plan)s::text IS NULL OR plan_id = %(plan)s) AND (%(by)s::text IS NULL OR started_by = %(by)s)"
            " AND (%(parent)s::text IS NULL OR parent_run_id = %(parent)s)"
            " AND (NOT %(top)s OR parent_run_id IS NULL)"
            " AND (%(before)s::timestamptz IS NULL OR created_at < %(before)s)"
            " ORDER BY created_at DESC LIMIT %(limit)s",
            {
                "states": sorted(look.states) if look.states is not None else None,
                "plan": look.plan_id,
                "by": look.started_by,
                "parent": look.parent_run_id,
                "top": look.top_level,
                "before": look.before,
                "limit": look.limit,
            },
        )
        return [run_of(row) for row in rows]

    async def pending_approvals(self) -> list[ApprovalRecord]:
        """Decisions that people are asked for, oldest first."""
        rows = await self._read("SELECT * FROM run_approvals WHERE state = 'pending' ORDER BY requested_at")
        return [_record(ApprovalRecord, row) for row in rows]

    async def output(self, run_id: str, sha256: str) -> JsonValue:
        """A large output by the reference of its node; raises NotFound."""
        rows = await self._read("SELECT body FROM run_outputs WHERE run_id = %s AND sha256 = %s", (run_id, sha256))
        if not rows:
            raise NotFound(f"Run {run_id} has no output {sha256}.", field="output_ref")
        body: JsonValue = rows[0]["body"]
        return body

    async def audit_trail(self, run_id: str) -> list[AuditLine]:
        """The audit of a run, oldest first."""
        rows = await self._read(
            "SELECT run_id, seq, at, actor, action, node, reason, before::text AS before, after::text AS after,"
            " prev_hash, hash FROM run_audit WHERE run_id = %s ORDER BY seq",
            (run_id,),
        )
        return [AuditLine(**row) for row in rows]

    async def _read(self, statement: LiteralString, parameters: Parameters = None) -> list[DictRow]:
        return await self._pools.query(statement, parameters, tenant_id=self._tenant_id)


async def insert_run(connection: Connection, tenant_id: UUID, run: NewRun) -> bool:
    """Queue the run with the caller's transaction; False when a run of this id exists already."""
    cursor = await connection.execute(
        "INSERT INTO runs (tenant_id, id, plan_id, title, plan, plan_hash, inputs, preset, priority, queue, origin,"
        " started_by, on_behalf_of, scopes, correlation_id, parent_run_id, parent_node, forked_from, fork_node,"
        " fork_gate, limit_s)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (tenant_id, id) DO NOTHING",
        (
            tenant_id,
            run.id,
            run.plan.get("id", ""),
            run.plan.get("title", ""),
            Jsonb(run.plan),
            run.plan_hash,
            Jsonb(run.inputs),
            Jsonb(run.preset),
            run.priority,
            run.queue,
            run.origin,
            run.started_by,
            run.on_behalf_of,
            sorted(run.scopes),
            run.correlation_id,
            run.parent_run_id,
            run.parent_node,
            run.forked_from,
            run.fork_node,
            run.fork_gate,
            run.limit_s,
        ),
    )
    return cursor.rowcount == 1


def audit_hash(line: AuditLine, tenant_id: UUID) -> bytes:
    """SHA-256 over the previous hash and the JSON array of the line's texts, as the server computes it."""
    at = line.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    what = (line.actor, line.action, line.node, line.reason, line.before, line.after)
    canonical = json.dumps([str(line.seq), str(tenant_id), line.run_id, at, *what], ensure_ascii=False)
    return hashlib.sha256(line.prev_hash + canonical.encode()).digest()


def _record(kind: type[RecordT], row: DictRow) -> RecordT:
    # By name: a later release may have added columns.
    return kind(**{name: row[name] for name in kind.__dataclass_fields__})


def run_of(row: DictRow) -> Run:
    """The run of a row with all columns."""
    return _record(Run, {**row, "scopes": tuple(row["scopes"])})


def _found(row: DictRow | None, run_id: str) -> Run:
    if row is None:
        raise NotFound(f"No run {run_id}.", field="run", fix="`redaptive runs list` shows them.")
    return run_of(row)


def _wrong_state(run: Run, expected: Sequence[RunState]) -> Conflict:
    return Conflict(
        f"Run {run.id} is {run.state}.", field="run", fix=f"This works for runs that are {' or '.join(expected)}."
    )


def _text(value: Mapping[str, JsonValue] | None) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True)
