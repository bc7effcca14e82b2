"""Finding what is this executor's and yet nobody works on: runs that a lost race or a failed start left behind.

Idea: a workflow or run that names this living executor, and that is not among those its process holds, is handed out
again when two looks in a row find it so. What looks forgotten but is not costs nothing but work: its execution loses
the token of its owner with the hand-off, and can record no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import psycopg
import structlog

from redaptive.orchestration.intelligent.engine.keys import INTERPRETER

RECOVERY_QUEUE: Final = "_dbos_internal_queue"
"""Where DBOS puts what it recovers; `tests/contract/test_dbos.py` holds it to that."""
UNCARRIED: Final = (
    "NOT EXISTS (SELECT FROM dbos.workflow_status w"
    " WHERE w.workflow_uuid = r.tenant_id || '/' || r.id || '/' || r.epoch AND w.status IN ('PENDING', 'ENQUEUED'))"
)
"""Of a run `r`: no workflow runs it or will."""
Connection = psycopg.Connection[tuple[object, ...]]
log = structlog.get_logger(__name__)


class Forgotten:
    """`here` gives the ids of the workflows that this process holds; it is called from the thread of the lease."""

    def __init__(self, executor_id: str, here: Callable[[], frozenset[str]]) -> None:
        self._executor_id, self._here = executor_id, here
        self._missed: frozenset[str] = frozenset()

    def look(self, connection: Connection) -> list[str]:
        """Hand out again what was missed by the look before as well; their workflow ids."""
        rows = connection.execute(_OURS, {"executor": self._executor_id, "version": INTERPRETER}).fetchall()
        missed = frozenset(str(row[0]) for row in rows) - self._here()
        again = sorted(missed & self._missed)
        self._missed = missed
        if again:
            log.error("runs_forgotten", workflows=again[:10], count=len(again), executor=self._executor_id)
            places = {"workflows": again, "executor": self._executor_id, "queue": RECOVERY_QUEUE}
            connection.execute(_QUEUE_WORKFLOWS, places)
            connection.execute(_QUEUE_RUNS, places)
        return again


_OURS: Final = f"""
SELECT w.workflow_uuid FROM dbos.workflow_status w
WHERE w.status = 'PENDING' AND w.executor_id = %(executor)s::text AND w.application_version = %(version)s::text
UNION
SELECT r.tenant_id || '/' || r.id || '/' || r.epoch FROM runs r
WHERE r.executor_id = %(executor)s::text AND r.state = 'running' AND r.finished_at IS NULL AND {UNCARRIED}
"""  # noqa: S608 -- constants only
# As DBOS's own recovery does it: without an owner's token, and dispatched again by the queue.
_QUEUE_WORKFLOWS: Final = """
UPDATE dbos.workflow_status SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL,
  updated_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
  queue_name = coalesce(queue_name, %(queue)s::text)
WHERE workflow_uuid = ANY(%(workflows)s::text[]) AND status = 'PENDING' AND executor_id = %(executor)s::text
"""
_QUEUE_RUNS: Final = f"""
UPDATE runs r SET state = 'queued', executor_id = NULL, run_seq = r.run_seq + 1
WHERE r.tenant_id || '/' || r.id || '/' || r.epoch = ANY(%(workflows)s::text[])
  AND r.executor_id = %(executor)s::text AND r.state = 'running' AND r.finished_at IS NULL AND {UNCARRIED}
"""  # noqa: S608 -- constants only
