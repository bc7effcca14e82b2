"""Recording steps: the checkpoints of all runs of this process in shared commits.

DBOS records a step by itself: it looks whether the step was recorded before, then checks the owner and inserts, on a
thread and with a commit for each step. The interpreter knows from the start what was recorded (`store.recorded`), so
it needs no look; and steps that end while a commit is under way share the next one. The rows and the check of the
owner are DBOS's own: its fork, its step list and its recovery read them as if it had written them
(`tests/contract/test_dbos.py` holds the table to that).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import structlog
from psycopg.types.json import Jsonb

from redaptive.errors import Internal, RedaptiveError
from redaptive.orchestration.intelligent.engine.checkpoints import APPLICATION
from redaptive.orchestration.intelligent.engine.journal import Fenced
from redaptive.orchestration.intelligent.engine.line import Line, passes

RETRY_S: Final = 0.25
MOST: Final = 500
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

    @property
    def place(self) -> tuple[str, int]:
        """What it is the record of."""
        return self.workflow_id, self.step


def now_ms() -> int:
    """The present instant, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Recorder:
    """Writes step records; `run` must be running."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._waiting: list[tuple[StepRecord, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()

    async def record(self, record: StepRecord) -> None:
        """Return when the record is durable.

        :raises Fenced: the workflow is another execution's by now.
        """
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((record, written))
        self._wake.set()
        await written

    async def run(self) -> None:
        """Write for ever; cancel to end. Outages are waited out: everything pauses until the record is kept."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._write(batch)

    async def _write(self, batch: list[tuple[StepRecord, asyncio.Future[None]]]) -> None:
        while True:
            try:
                kept = await self._send([record for record, _ in batch])
                break
            except RedaptiveError as error:
                if not passes(error):
                    await self._one_by_one(batch, error)
                    return
                log.warning("recorder_waits", code=error.code, error=error.message)
                await asyncio.sleep(RETRY_S)
        for record, written in batch:
            if written.done():
                continue
            if kept.get(record.place) == record.completed_ms:
                written.set_result(None)
            else:
                written.set_exception(Fenced())

    async def _one_by_one(self, batch: list[tuple[StepRecord, asyncio.Future[None]]], error: RedaptiveError) -> None:
        """One record that the database refuses must not take the others with it."""
        if len(batch) > 1:
            for each in batch:
                await self._write([each])
            return
        (record, written) = batch[0]
        log.error("record_refused", workflow=record.workflow_id, step=record.step, error=error.message)
        if not written.done():
            written.set_exception(Internal(f"The result of {record.name} cannot be kept: {error.message}"))

    async def _send(self, records: list[StepRecord]) -> dict[tuple[str, int], int]:
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
        return {(row["workflow_uuid"], row["function_id"]): row["completed_at_epoch_ms"] for row in found}


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
