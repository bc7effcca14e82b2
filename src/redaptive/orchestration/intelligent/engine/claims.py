"""Taking runs: fairly between tenants, then by queue and priority; and giving them back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from psycopg.rows import DictRow
from pydantic import TypeAdapter

from redaptive.orchestration.intelligent.engine.batch import Batch
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.line import Line
from redaptive.orchestration.state.run_records import ControlRecord, JsonObject, Run
from redaptive.orchestration.state.workflow_persistence import run_of

_CONTROLS: Final = TypeAdapter(tuple[ControlRecord, ...])


@dataclass(frozen=True)
class Claim:
    """A run that is this executor's now, with the wishes in force. `begun`: an executor has had it before."""

    run: Run
    controls: tuple[ControlRecord, ...]
    begun: bool


@dataclass(frozen=True)
class Adopted:
    """A run whose workflow was handed to this executor, and what the workflow has recorded: step id -> result."""

    claim: Claim
    recorded: dict[int, JsonObject]


class Claims:
    """Takes runs from the table for one executor; its role sees all tenants. `run` must be running."""

    def __init__(self, line: Line, executor_id: str) -> None:
        self._line = line
        self._executor_id = executor_id
        self._adoptions: Batch[WorkflowKey, Adopted | None] = Batch("adoptions", self._adopt)

    async def run(self) -> None:
        """Serve adoptions for ever; cancel to end."""
        await self._adoptions.run()

    async def take(self, most: int, most_batch: int) -> list[Claim]:
        """Up to `most` queued runs, `most_batch` of them from the queue `batch`."""
        rows = await self._line.rows(_TAKE, {"most": most, "batch": max(0, most_batch), "executor": self._executor_id})
        return [_claim(row) for row in rows]

    async def adopt(self, key: WorkflowKey) -> Adopted | None:
        """The run whose workflow was handed to this executor by recovery or resume; None when it has ended already.

        What is recorded is read with it: the hand-off has changed the owner, so nobody else records any more.
        """
        return await self._adoptions.ask(key)

    async def _adopt(self, keys: list[WorkflowKey]) -> list[Adopted | None]:
        places = {
            "tenants": [key.tenant_id for key in keys],
            "runs": [key.run_id for key in keys],
            "epochs": [key.epoch for key in keys],
            "workflows": [str(key) for key in keys],
        }
        rows = await self._line.rows(_ADOPT, {**places, "executor": self._executor_id})
        found = {WorkflowKey(row["tenant_id"], row["id"], row["epoch"]): _adopted(row) for row in rows}
        return [found.get(key) for key in keys]

    async def wake(self, keys: list[WorkflowKey]) -> int:
        """Queue those of the runs that are parked; how many."""
        rows = await self._line.rows(
            "UPDATE runs r SET state = 'queued', run_seq = run_seq + 1, executor_id = NULL"
            " FROM unnest(%s::uuid[], %s::text[]) AS k (tenant, run)"
            " WHERE r.tenant_id = k.tenant AND r.id = k.run AND r.state = 'parked' RETURNING r.id",
            ([key.tenant_id for key in keys], [key.run_id for key in keys]),
        )
        return len(rows)

    async def wake_due(self, most: int = 500) -> int:
        """Queue parked runs for which something has come that no notice told of, or whose time is up; how many."""
        rows = await self._line.rows(_WAKE_DUE, (most,))
        return len(rows)

    async def controls(self, keys: list[WorkflowKey]) -> dict[WorkflowKey, tuple[ControlRecord, ...]]:
        """The wishes in force for each of the runs."""
        rows = await self._line.rows(_WISHES, ([key.tenant_id for key in keys], [key.run_id for key in keys]))
        found = {(row["tenant"], row["run"]): _CONTROLS.validate_python(row["controls"]) for row in rows}
        return {key: found.get((key.tenant_id, key.run_id), ()) for key in keys}


def _adopted(row: DictRow) -> Adopted:
    return Adopted(_claim(row), {int(step): json.loads(output) for step, output in row["recorded"].items()})


def _claim(row: DictRow) -> Claim:
    return Claim(run_of(row), _CONTROLS.validate_python(row["controls"]), bool(row["begun"]))


# Candidates come per tenant, those of the queue batch apart, so that one tenant's thousand runs cost the others nothing
# and a thousand batch runs do not hide what a person waits for; a tenant's n-th candidate has its turn when every other
# tenant has n runs at work, among batch runs too. SKIP LOCKED: executors do not wait for each other.
_TAKE: Final = """
WITH busy AS (
  SELECT tenant_id, count(*) AS n FROM runs WHERE executor_id IS NOT NULL AND state = 'running' GROUP BY tenant_id
), candidates AS (
  SELECT c.tenant_id, c.id, c.queue, c.priority, c.created_at,
    coalesce(b.n, 0)
      + row_number() OVER (PARTITION BY c.tenant_id ORDER BY c.queue = 'batch', c.priority, c.created_at) AS turn
  FROM tenants t LEFT JOIN busy b ON b.tenant_id = t.id CROSS JOIN (VALUES (false), (true)) AS q (batch)
  CROSS JOIN LATERAL (
    SELECT r.tenant_id, r.id, r.queue, r.priority, r.created_at FROM runs r
    WHERE r.tenant_id = t.id AND r.state = 'queued' AND (r.queue = 'batch') = q.batch
    ORDER BY r.priority, r.created_at LIMIT 2 * %(most)s::integer) c
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY queue ORDER BY turn, priority, created_at) AS in_queue FROM candidates
), picked AS (
  SELECT r.tenant_id, r.id, r.started_at FROM runs r
  JOIN ranked c ON c.tenant_id = r.tenant_id AND c.id = r.id
    AND (c.queue <> 'batch' OR c.in_queue <= %(batch)s::integer)
  WHERE r.state = 'queued' ORDER BY c.turn, c.queue = 'batch', c.priority, c.created_at
  LIMIT %(most)s::integer FOR UPDATE OF r SKIP LOCKED
)
UPDATE runs r SET state = 'running', executor_id = %(executor)s::text, run_seq = r.run_seq + 1,
  changed_at = clock_timestamp(), started_at = coalesce(r.started_at, clock_timestamp()), wake_at = NULL
FROM picked p WHERE r.tenant_id = p.tenant_id AND r.id = p.id
RETURNING r.*, p.started_at IS NOT NULL AS begun, (
  SELECT coalesce(json_agg(w ORDER BY w.id), '[]') FROM run_control w
  WHERE w.tenant_id = r.tenant_id AND w.run_id = r.id AND w.cleared_at IS NULL) AS controls
"""
_ADOPT: Final = """
WITH wanted AS (
  SELECT * FROM unnest(%(tenants)s::uuid[], %(runs)s::text[], %(epochs)s::integer[], %(workflows)s::text[])
    AS k (tenant, run, epoch, workflow) ORDER BY tenant, run
)
UPDATE runs r SET state = 'running', executor_id = %(executor)s::text, run_seq = r.run_seq + 1,
  changed_at = clock_timestamp(), started_at = coalesce(r.started_at, clock_timestamp()), wake_at = NULL
FROM wanted k WHERE r.tenant_id = k.tenant AND r.id = k.run AND r.epoch = k.epoch AND r.finished_at IS NULL
RETURNING r.*, true AS begun, (
  SELECT coalesce(json_agg(w ORDER BY w.id), '[]') FROM run_control w
  WHERE w.tenant_id = r.tenant_id AND w.run_id = r.id AND w.cleared_at IS NULL) AS controls, (
  SELECT coalesce(json_object_agg(o.function_id, o.output), '{}') FROM dbos.operation_outputs o
  WHERE o.workflow_uuid = k.workflow AND o.output IS NOT NULL) AS recorded
"""
# changed_at of a parked run is when it began to park: whatever came after that was not looked at.
_WAKE_DUE: Final = """
UPDATE runs SET state = 'queued', run_seq = run_seq + 1, executor_id = NULL WHERE (tenant_id, id) IN (
  SELECT r.tenant_id, r.id FROM runs r WHERE r.state = 'parked' AND (
    r.wake_at <= clock_timestamp()
    OR EXISTS (SELECT FROM run_signals s JOIN run_nodes n USING (tenant_id, run_id, node)
      WHERE s.tenant_id = r.tenant_id AND s.run_id = r.id AND s.read_at IS NULL AND n.item_index = -1
        AND n.state = 'waiting')
    OR EXISTS (SELECT FROM run_control w WHERE w.tenant_id = r.tenant_id AND w.run_id = r.id
      AND greatest(w.at, w.cleared_at) > r.changed_at)
    OR EXISTS (SELECT FROM run_approvals a WHERE a.tenant_id = r.tenant_id AND a.run_id = r.id
      AND a.decided_at > r.changed_at)
    OR EXISTS (SELECT FROM runs k WHERE k.tenant_id = r.tenant_id AND k.parent_run_id = r.id
      AND k.finished_at > r.changed_at))
  LIMIT %s::integer FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_WISHES: Final = """
SELECT w.tenant_id AS tenant, w.run_id AS run, json_agg(w ORDER BY w.id) AS controls
FROM run_control w JOIN unnest(%s::uuid[], %s::text[]) AS k (tenant, run)
  ON w.tenant_id = k.tenant AND w.run_id = k.run
WHERE w.cleared_at IS NULL GROUP BY w.tenant_id, w.run_id
"""
