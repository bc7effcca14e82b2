"""Recording steps: the checkpoints of all runs of this process in shared commits.

DBOS records a step by itself: it looks whether the step was recorded before, then checks the owner and inserts, on a
thread and with a commit for each step. The interpreter knows from the start what was recorded (`Claims.adopt`), so
it needs no look; and steps that end while a commit is under way share the next one. The rows and the check of the
owner are DBOS's own: its fork, its step list and its recovery read them as if it had written them
(`tests/contract/test_dbos.py` holds the table to that).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import structlog
from psycopg.types.json import Jsonb

from redaptive.errors import Internal, RedaptiveError
from redaptive.orchestration.intelligent.engine.batch import Batch
from redaptive.orchestration.intelligent.engine.checkpoints import APPLICATION
from redaptive.orchestration.intelligent.engine.journal import Fenced
from redaptive.orchestration.intelligent.engine.line import Line

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class StepRecord:
    """A step that ended: of which workflow, owned by which token, and its result as JSON text; times in epoch ms."""

    workflow_id: str
    owner: str
    step: int
    name: str
    output: str
    started_ms: int
    completed_ms: int


def now_ms() -> int:
    """The present instant, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Recorder:
    """Writes step records; `run` must be running."""

    def __init__(self, line: Line) -> None:
        self._line = line
        # What a step did is kept even if nobody waits for it any more.
        self._records: Batch[StepRecord, int | None] = Batch("records", self._send, every=True)

    async def record(self, record: StepRecord) -> None:
        """Return when the record is durable.

        :raises Fenced: the workflow is another execution's by now.
        :raises Internal: the database refuses it.
        """
        try:
            completed_ms = await self._records.ask(record)
        except RedaptiveError as error:
            log.error("record_refused", workflow=record.workflow_id, step=record.step, error=error.message)
            raise Internal(f"The result of {record.name} cannot be kept: {error.message}") from error
        if completed_ms != record.completed_ms:
            raise Fenced

    async def run(self) -> None:
        """Write for ever; cancel to end. Outages are waited out: everything pauses until the record is kept."""
        await self._records.run()

    async def _send(self, records: list[StepRecord]) -> list[int | None]:
        rows = [
            {
                "workflow": record.workflow_id,
                "owner": record.owner,
                "step": record.step,
                "name": record.name,
                "output": record.output,
                "started": record.started_ms,
                "completed": record.completed_ms,
            }
            for record in records
        ]
        found = await self._line.rows(_RECORD, {"rows": Jsonb(rows), "application": APPLICATION})
        kept = {(row["workflow_uuid"], row["function_id"]): int(row["completed_at_epoch_ms"]) for row in found}
        return [kept.get((record.workflow_id, record.step)) for record in records]


# The rows of workflow_status stay locked until the commit, so that a hand-off cannot fall between check and insert.
_RECORD: Final = """
WITH wanted AS (
  SELECT * FROM jsonb_to_recordset(%(rows)s) AS w (workflow text, owner text, step integer, name text, output text,
    started bigint, completed bigint)
), owned AS MATERIALIZED (
  SELECT s.workflow_uuid, s.owner_xid FROM dbos.workflow_status s
  WHERE (s.workflow_uuid, s.owner_xid) IN (SELECT workflow, owner FROM wanted)
  ORDER BY s.workflow_uuid FOR NO KEY UPDATE
)
INSERT INTO dbos.operation_outputs AS o (workflow_uuid, function_id, function_name, output, serialization,
  started_at_epoch_ms, completed_at_epoch_ms, application_name, retention_timestamp)
SELECT w.workflow, w.step, w.name, w.output, 'portable_json', w.started, w.completed, %(application)s::text,
  (extract(epoch FROM clock_timestamp()) * 1000)::bigint
FROM wanted w JOIN owned s ON s.workflow_uuid = w.workflow AND s.owner_xid = w.owner
ON CONFLICT (workflow_uuid, function_id) DO UPDATE SET completed_at_epoch_ms = o.completed_at_epoch_ms
RETURNING workflow_uuid, function_id, completed_at_epoch_ms
"""
