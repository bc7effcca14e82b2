"""Keeping runs for as long as a tenant wants: what old runs did is deleted, the audit of them stays for good.

Works as redaptive_worker: the application's own role may not delete runs. Child runs go with the run that started
them, never before it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.orchestration.state.run_records import AuditNote, Run
from redaptive.orchestration.state.workflow_persistence import RunChange, run_of

BATCH: Final = 200
_OLD: Final = """
SELECT r.* FROM runs r WHERE r.finished_at < %(before)s AND r.tenant_id = %(tenant)s AND (r.parent_run_id IS NULL
  OR NOT EXISTS (SELECT FROM runs p WHERE p.tenant_id = r.tenant_id AND p.id = r.parent_run_id))
  AND NOT EXISTS (SELECT FROM runs k WHERE k.tenant_id = r.tenant_id AND k.parent_run_id = r.id
    AND k.finished_at IS NULL)
ORDER BY r.finished_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_WITH_CHILDREN: Final = """
WITH RECURSIVE family AS (
  SELECT * FROM runs WHERE tenant_id = %(tenant)s AND id = %(run)s
  UNION ALL SELECT k.* FROM runs k JOIN family f ON k.tenant_id = f.tenant_id AND k.parent_run_id = f.id
) SELECT * FROM family
"""


async def purge_runs(
    workers: ConnectionPoolManager, tenant_id: UUID, before: datetime, *, actor: str, reason: str = "retention"
) -> int:
    """Delete the tenant's runs that ended before that moment, with the engine's checkpoints of them; how many.

    Every one gets a last line in its audit, which names what it was. Does not touch runs that have not ended.

    :raises InvalidInput: when the moment has no time zone.
    """
    if before.tzinfo is None:
        raise InvalidInput("The moment has no time zone.", field="before", fix="Give UTC.")
    count = 0
    while purged := await _purge_batch(workers, tenant_id, before, AuditNote(actor, "purge", reason=reason)):
        count += purged
    return count


async def _purge_batch(workers: ConnectionPoolManager, tenant_id: UUID, before: datetime, note: AuditNote) -> int:
    count = 0
    async with workers.transaction(tenant_id) as connection:
        cursor = await connection.execute(_OLD, {"before": before, "tenant": tenant_id, "most": BATCH})
        for row in await cursor.fetchall():
            family = await connection.execute(_WITH_CHILDREN, {"tenant": tenant_id, "run": row["id"]})
            for each in await family.fetchall():
                await _purge(connection, run_of(each), note)
                count += 1
    return count


async def _purge(connection: Connection, run: Run, note: AuditNote) -> None:
    await connection.execute("DELETE FROM runs WHERE tenant_id = %s AND id = %s", (run.tenant_id, run.id))
    await _forget_checkpoints(connection, run)
    kept = {"plan_id": run.plan_id, "plan_hash": run.plan_hash, "state": run.state, "started_by": run.started_by}
    line = AuditNote(note.actor, note.action, reason=note.reason, before={**kept, "finished_at": str(run.finished_at)})
    await RunChange(connection, run.tenant_id).audit(run.id, line)


async def _forget_checkpoints(connection: Connection, run: Run) -> None:
    # The engine's schema is there once an executor has run. Its tables of steps and messages refer to this one.
    found = await connection.execute("SELECT to_regclass('dbos.workflow_status') IS NOT NULL AS there")
    row = await found.fetchone()
    if row is not None and row["there"]:
        workflows = [f"{run.tenant_id}/{run.id}/{epoch}" for epoch in range(run.epoch + 1)]
        await connection.execute("DELETE FROM dbos.workflow_status WHERE workflow_uuid = ANY(%s)", (workflows,))
