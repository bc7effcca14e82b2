"""What the engine itself reads and writes of single runs, as redaptive_worker: approvals, outputs, children."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import JsonValue

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager, Parameters
from redaptive.orchestration.intelligent.engine.keys import INTERPRETER, WorkflowKey
from redaptive.orchestration.state.run_records import FINAL_STATES, JsonObject, NewRun, Run
from redaptive.orchestration.state.workflow_persistence import insert_run, run_of


@dataclass(frozen=True)
class Decision:
    """State of an approval; `holds` is false when it was asked for other arguments."""

    state: Literal["pending", "approved", "rejected", "expired"]
    holds: bool
    decided_by: str | None
    comment: str
    expires_at: datetime | None


@dataclass(frozen=True)
class Question:
    """What a person is asked to approve."""

    node: str
    tool: str
    args: JsonObject
    reason: str
    scope: str
    timeout_s: float | None

    @property
    def args_sha256(self) -> str:
        """Hash of tool and arguments: a decision holds for exactly these."""
        text = json.dumps([self.tool, self.args], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class BegunItem:
    """An item of a foreach; a large output is kept apart, under `output_ref`."""

    item_index: int
    state: str
    output: JsonValue
    output_ref: str | None
    error: JsonObject | None


class EngineStore:
    """Statements about one run each; every one may be said twice."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools

    async def recorded(self, key: WorkflowKey) -> dict[int, JsonObject]:
        """Step id -> result of the workflow's checkpoints; read outside of the step path, so it takes no step id."""
        rows = await self._pools.query(
            "SELECT function_id, output FROM dbos.operation_outputs WHERE workflow_uuid = %s AND output IS NOT NULL",
            (str(key),),
            tenant_id=None,
        )
        return {int(row["function_id"]): json.loads(row["output"]) for row in rows}

    async def recorded_before(self, key: WorkflowKey) -> dict[int, JsonObject]:
        """What the run's earlier workflows recorded; of a step that was repeated, the last result."""
        found: dict[int, JsonObject] = {}
        for epoch in range(key.epoch):
            found |= await self.recorded(replace(key, epoch=epoch))
        return found

    async def workflow_statuses(self, keys: list[WorkflowKey]) -> dict[WorkflowKey, str]:
        """DBOS's word for each workflow: PENDING, ENQUEUED, CANCELLED, SUCCESS, ERROR; unknown ones are left out."""
        rows = await self._pools.query(
            "SELECT workflow_uuid, status FROM dbos.workflow_status WHERE workflow_uuid = ANY(%s)",
            ([str(key) for key in keys],),
            tenant_id=None,
        )
        return {WorkflowKey.parse(row["workflow_uuid"]): str(row["status"]) for row in rows}

    async def format_without_executor(self, key: WorkflowKey) -> str | None:
        """The interpreter format that the run's unfinished workflow waits for; None when a living executor is of it.

        None too when the workflow is of our format: any executor of this release takes it.
        """
        rows = await self._pools.query(
            "SELECT w.application_version AS format FROM dbos.workflow_status w"
            " WHERE w.workflow_uuid = %s AND w.status IN ('PENDING', 'ENQUEUED') AND w.application_version <> %s"
            " AND NOT EXISTS (SELECT FROM engine_executors e"
            " WHERE e.version = w.application_version AND e.expires_at > clock_timestamp())",
            (str(key), INTERPRETER),
            tenant_id=None,
        )
        return str(rows[0]["format"]) if rows else None

    async def tenant_name(self, tenant_id: UUID) -> str:
        """The tenant's name; raises NotFound."""
        rows = await self._pools.query("SELECT name FROM tenants WHERE id = %s", (tenant_id,), tenant_id=None)
        if not rows:
            raise NotFound(f"No tenant {tenant_id}.", field="tenant")
        return str(rows[0]["name"])

    async def keep_output(self, key: WorkflowKey, sha256: str, value: JsonValue) -> None:
        """Keep a large output."""
        await self._write(
            "INSERT INTO run_outputs (tenant_id, run_id, sha256, body) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (key.tenant_id, key.run_id, sha256, Jsonb(value)),
        )

    async def output(self, key: WorkflowKey, sha256: str) -> JsonValue:
        """A large output; a fork finds those of the run it was forked from. Raises NotFound."""
        rows = await self._pools.query(
            "SELECT o.body FROM run_outputs o WHERE o.tenant_id = %s AND o.sha256 = %s"
            " AND o.run_id IN (SELECT unnest(ARRAY[r.id, r.forked_from]) FROM runs r"
            " WHERE r.tenant_id = o.tenant_id AND r.id = %s) LIMIT 1",
            (key.tenant_id, sha256, key.run_id),
            tenant_id=None,
        )
        if not rows:
            raise NotFound(f"Run {key.run_id} has no output {sha256}.", field="output_ref")
        body: JsonValue = rows[0]["body"]
        return body

    async def finished_items(self, key: WorkflowKey, node: str) -> dict[int, tuple[JsonValue, str | None]]:
        """Index -> output (or its reference) of the items of a foreach that are done."""
        rows = await self._pools.query(
            "SELECT item_index, output, output_ref FROM run_nodes WHERE tenant_id = %s AND run_id = %s AND node = %s"
            " AND item_index >= 0 AND state = 'done'",
            (key.tenant_id, key.run_id, node),
            tenant_id=None,
        )
        return {row["item_index"]: (row["output"], row["output_ref"]) for row in rows}

    async def begun_items(self, key: WorkflowKey, node: str) -> list[BegunItem]:
        """The items of a foreach that have begun, by index."""
        rows = await self._pools.query(
            "SELECT item_index, state, output, output_ref, error FROM run_nodes"
            " WHERE tenant_id = %s AND run_id = %s AND node = %s AND item_index >= 0 ORDER BY item_index",
            (key.tenant_id, key.run_id, node),
            tenant_id=None,
        )
        return [BegunItem(**row) for row in rows]

    async def used(self, key: WorkflowKey, controls: list[int]) -> None:
        """Clear wishes that have had their effect."""
        await self._write(
            "UPDATE run_control SET cleared_at = clock_timestamp()"
            " WHERE tenant_id = %s AND id = ANY(%s) AND cleared_at IS NULL",
            (key.tenant_id, controls),
        )

    async def looked_at(self, key: WorkflowKey, signals: list[int]) -> None:
        """These events were not the ones: a parked run need not wake for them."""
        await self._write(
            "UPDATE run_signals SET read_at = clock_timestamp() WHERE tenant_id = %s AND id = ANY(%s)",
            (key.tenant_id, signals),
        )

    async def ask(self, key: WorkflowKey, question: Question) -> Decision:
        """The state of the approval, asked for if it was not yet."""
        rows = await self._pools.query(_ASK, _question(key, question), tenant_id=None)
        row = rows[0]
        holds = row["args_sha256"] == question.args_sha256
        return Decision(row["state"], holds, row["decided_by"], row["comment"], row["expires_at"])

    async def start_children(self, key: WorkflowKey, children: list[NewRun]) -> None:
        """Queue child runs; those that exist are left alone."""
        async with self._pools.transaction(None) as connection:
            for child in children:
                await insert_run(connection, key.tenant_id, child)

    async def runs(self, key: WorkflowKey, ids: list[str]) -> dict[str, Run]:
        """Runs of the tenant by id; unknown ids are left out."""
        rows = await self._pools.query(
            "SELECT * FROM runs WHERE tenant_id = %s AND id = ANY(%s)", (key.tenant_id, ids), tenant_id=None
        )
        return {row["id"]: run_of(row) for row in rows}

    async def children_of(self, key: WorkflowKey, node: str) -> list[Run]:
        """The runs that a node started, newest first."""
        rows = await self._pools.query(
            "SELECT * FROM runs WHERE tenant_id = %s AND parent_run_id = %s AND parent_node = %s"
            " ORDER BY created_at DESC",
            (key.tenant_id, key.run_id, node),
            tenant_id=None,
        )
        return [run_of(row) for row in rows]

    async def cancel_children(self, key: WorkflowKey, reason: str) -> None:
        """End the runs that the run started and that have not ended."""
        await self._write(
            _CANCEL_CHILDREN,
            {"tenant": key.tenant_id, "run": key.run_id, "reason": reason, "final": sorted(FINAL_STATES)},
        )

    async def undo_children(self, key: WorkflowKey, ids: list[str]) -> None:
        """Queue the undoing of child runs that have ended, once."""
        await self._write(
            "UPDATE runs SET state = 'queued', mode = 'rollback', epoch = epoch + 1, finished_at = NULL,"
            " executor_id = NULL, run_seq = run_seq + 1 WHERE tenant_id = %s AND id = ANY(%s) AND mode = 'forward'"
            " AND finished_at IS NOT NULL",
            (key.tenant_id, ids),
        )

    async def _write(self, statement: Any, parameters: Parameters) -> None:
        async with self._pools.transaction(None) as connection:
            await connection.execute(statement, parameters)


def _question(key: WorkflowKey, question: Question) -> dict[str, Any]:
    return {
        "tenant": key.tenant_id,
        "run": key.run_id,
        "node": question.node,
        "tool": question.tool,
        "args": Jsonb(question.args),
        "sha": question.args_sha256,
        "reason": question.reason,
        "scope": question.scope,
        "timeout": question.timeout_s,
    }


# Asked again with other arguments, an undecided question is replaced; a decided one stays, and does not hold.
_ASK: Final = """
WITH made AS (
  INSERT INTO run_approvals (tenant_id, run_id, node, tool, args, args_sha256, reason, scope, expires_at)
  VALUES (%(tenant)s, %(run)s, %(node)s, %(tool)s, %(args)s, %(sha)s, %(reason)s, %(scope)s,
    clock_timestamp() + make_interval(secs => %(timeout)s::float))
  ON CONFLICT (tenant_id, run_id, node) DO NOTHING RETURNING *
), changed AS (
  UPDATE run_approvals SET args = %(args)s, args_sha256 = %(sha)s,
    state = CASE WHEN expires_at <= clock_timestamp() THEN 'expired' ELSE state END
  WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND node = %(node)s AND state = 'pending'
    AND (args_sha256 <> %(sha)s OR expires_at <= clock_timestamp()) RETURNING *
)
SELECT * FROM made UNION ALL SELECT * FROM changed UNION ALL
SELECT * FROM run_approvals WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND node = %(node)s LIMIT 1
"""
_CANCEL_CHILDREN: Final = """
WITH queued AS (
  UPDATE runs SET state = 'cancelled', finished_at = clock_timestamp(), run_seq = run_seq + 1
  WHERE tenant_id = %(tenant)s AND parent_run_id = %(run)s AND state = 'queued' RETURNING id
)
INSERT INTO run_control (tenant_id, run_id, kind, actor, reason)
SELECT tenant_id, id, 'cancel', 'engine', %(reason)s FROM runs r
WHERE r.tenant_id = %(tenant)s AND r.parent_run_id = %(run)s AND NOT r.state = ANY(%(final)s)
  AND r.id NOT IN (SELECT id FROM queued)
  AND NOT EXISTS (SELECT FROM run_control c WHERE c.tenant_id = r.tenant_id AND c.run_id = r.id
    AND c.kind = 'cancel' AND c.cleared_at IS NULL)
"""
