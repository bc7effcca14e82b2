"""The events that runs wait for: which ones to collect, and what has come; of all runs of this process together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import anyio
from psycopg.types.json import Jsonb

from redaptive.orchestration.intelligent.engine.batch import Batch
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.line import Line
from redaptive.orchestration.state.run_records import JsonObject


@dataclass(frozen=True)
class Signal:
    """An event that reached a node."""

    id: int
    type: str
    data: JsonObject


@dataclass(frozen=True)
class Wait:
    """Events that a node waits for; a `match` of None fits every event of the type."""

    key: WorkflowKey
    node: str
    type: str
    match: JsonObject | None


class Mailbox:
    """Collects events for nodes. `run` must be running; outages are waited out."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._looks: Batch[Wait, list[Signal]] = Batch("looks", self._send_looks)
        self._ends: Batch[tuple[WorkflowKey, str], None] = Batch("ends", self._send_ends)

    async def run(self) -> None:
        """Serve for ever; cancel to end."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._looks.run)
            group.start_soon(self._ends.run)

    async def look(self, wait: Wait) -> list[Signal]:
        """What has come for the node, oldest first, read ones too; from now on what fits is collected.

        A repeated step must find its own event again, therefore the read ones. A match that is known narrows the wait,
        one that is not known leaves it.
        """
        return await self._looks.ask(wait)

    async def stop_waiting(self, key: WorkflowKey, node: str) -> None:
        """The node has its event: collect no more for it."""
        await self._ends.ask((key, node))

    async def _send_looks(self, waits: list[Wait]) -> list[list[Signal]]:
        named = {(wait.key, wait.node): wait for wait in waits}  # twice in a statement, a row cannot be updated
        rows = await self._line.rows(_LOOK, {"waits": Jsonb([_row(wait) for wait in named.values()])})
        found: dict[tuple[str, str, str], list[Signal]] = {}
        for row in rows:
            place = (str(row["tenant"]), row["run"], row["node"])
            found.setdefault(place, []).append(Signal(row["id"], row["type"], row["data"]))
        return [found.get((str(each.key.tenant_id), each.key.run_id, each.node), []) for each in waits]

    async def _send_ends(self, ends: list[tuple[WorkflowKey, str]]) -> list[None]:
        await self._line.rows(
            _END,
            (
                [key.tenant_id for key, _ in ends],
                [key.run_id for key, _ in ends],
                [node for _, node in ends],
            ),
        )
        return [None] * len(ends)


def _row(wait: Wait) -> dict[str, Any]:
    return {
        "tenant": str(wait.key.tenant_id),
        "run": wait.key.run_id,
        "node": wait.node,
        "type": wait.type,
        "match": wait.match,
    }


# Rows are locked in one order, so that two executors that hold one run for a moment do not lock each other out.
_LOOK: Final = """
WITH wanted AS (
  SELECT * FROM jsonb_to_recordset(%(waits)s) AS w (tenant uuid, run text, node text, type text, match jsonb)
  ORDER BY tenant, run, node
), kept AS (
  INSERT INTO run_waits AS k (tenant_id, run_id, node, type, match)
  SELECT tenant, run, node, type, nullif(match, 'null') FROM wanted
  ON CONFLICT (tenant_id, run_id, node) DO UPDATE SET match = coalesce(excluded.match, k.match)
    WHERE k.match IS DISTINCT FROM coalesce(excluded.match, k.match)
)
SELECT w.tenant, w.run, w.node, s.id, s.type, s.data
FROM wanted w JOIN run_signals s ON s.tenant_id = w.tenant AND s.run_id = w.run AND s.node = w.node
ORDER BY s.id
"""
_END: Final = """
WITH ended AS (
  SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS e (tenant, run, node) ORDER BY tenant, run, node
), gone AS (
  DELETE FROM run_waits w USING ended e WHERE w.tenant_id = e.tenant AND w.run_id = e.run AND w.node = e.node
)
UPDATE run_signals s SET read_at = clock_timestamp() FROM ended e
WHERE s.tenant_id = e.tenant AND s.run_id = e.run AND s.node = e.node AND s.read_at IS NULL RETURNING s.id
"""
