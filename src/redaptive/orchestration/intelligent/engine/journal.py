"""What people see of runs, written behind the work: many changes of many runs in one statement, in their order.

Steps do not wait for it; a run's end does. The checkpoints decide what happened, the journal only tells: what a crash
loses is written again when the run is recovered. Every write names this executor, so that one that lost a run, and
does not know it yet, changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from redaptive.errors import Internal, RedaptiveError
from redaptive.infrastructure.messaging.events.envelope import Event, to_json
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.line import Line, passes
from redaptive.orchestration.intelligent.engine.spending import Spent
from redaptive.orchestration.state.run_records import RunState

GATHER_S: Final = 0.06
"""How long changes are gathered after a first one, seconds: below what a person notices, and one write for many."""
FEW_S: Final = 0.015
FEW: Final = 8
"""When changes of fewer runs than this have come within `FEW_S`, they are written then: waiting would gather little."""
HURRY_S: Final = 0.005
"""The same when a run waits for its end to be stored."""
RETRY_S: Final = 0.5
MOST_ROWS: Final = 2_000
log = structlog.get_logger(__name__)


class Fenced(BaseException):
    """This executor lost the run to another one and must stop working on it. No error: nothing may handle it."""


@dataclass
class NodeEntry:
    """Changes of a node; None leaves the stored value as it is, but `error` and `reason` are always replaced."""

    node: str
    state: str
    item_index: int = -1
    tool: str | None = None
    attempt: int | None = None
    args: Any = None
    output: Any = None
    output_ref: str | None = None
    overridden: bool | None = None
    reason: str = ""
    progress: float | None = None
    error: Any = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass
class RunEntry:
    """Changes of a run; None leaves the stored value as it is."""

    state: RunState | None = None
    output: Any = None
    error: Any = None
    finished_at: datetime | None = None
    release: bool = False
    wake_at: datetime | None = None
    spent: Spent | None = None
    nodes: dict[tuple[str, int], NodeEntry] = field(default_factory=dict)
    count: int = 0
    events: list[Event] = field(default_factory=list)
    waiters: list[asyncio.Future[None]] = field(default_factory=list)


class Journal:
    """Gathers changes and writes them. `run` must be running for anything to be written."""

    def __init__(self, line: Line, executor_id: str) -> None:
        self._line = line
        self._executor_id = executor_id
        self._entries: dict[WorkflowKey, RunEntry] = {}
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()

    def node(self, key: WorkflowKey, entry: NodeEntry, events: Sequence[Event] = ()) -> None:
        """Note a change of a node, and the events that go out with it."""
        run = self._entry(key)
        place = (entry.node, entry.item_index)
        if (known := run.nodes.get(place)) is not None:
            entry = _merged(known, entry)
        run.nodes[place] = entry
        run.events += events
        run.count += 1
        self._wake.set()

    def run_state(self, key: WorkflowKey, state: RunState, events: Sequence[Event] = ()) -> None:
        """Note the run's state, and the events that go out with it."""
        run = self._entry(key)
        run.state = state
        run.events += events
        run.count += 1
        self._wake.set()

    def spend(self, key: WorkflowKey, spent: Spent) -> None:
        """Note what the run has used of its budget."""
        self._entry(key).spent = spent
        self._wake.set()

    async def end(self, key: WorkflowKey, entry: RunEntry) -> None:
        """Write the end, or the parking, of a run and everything noted before; returns when it is stored.

        :raises Fenced: the run is another executor's by now.
        """
        run = _joined(self._entry(key), entry)
        run.count += 1
        await self._stored(run)

    async def flush(self, key: WorkflowKey) -> None:
        """Return when everything noted of the run is stored.

        :raises Fenced: the run is another executor's by now.
        """
        await self._stored(self._entry(key))

    async def run(self) -> None:
        """Write for ever; cancel to end. Outages are waited out."""
        while True:
            await self._wake.wait()
            await self._gather()
            await self.write()

    async def _gather(self) -> None:
        for seconds in (FEW_S, GATHER_S - FEW_S):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._hurry.wait()
                await asyncio.sleep(HURRY_S)
                return
            if len(self._entries) < FEW:
                return

    async def write(self) -> None:
        """Write what was gathered."""
        self._wake.clear()
        self._hurry.clear()
        while self._entries:
            batch = self._take()
            try:
                await self._store(batch)
            except RedaptiveError as error:
                log.warning("journal_waits", code=error.code, error=error.message)
                self._put_back(batch)
                await asyncio.sleep(RETRY_S)

    async def _store(self, batch: dict[WorkflowKey, RunEntry]) -> None:
        try:
            touched = await self._send(batch)
        except RedaptiveError as error:
            if passes(error):
                raise
            if len(batch) > 1:  # one run that the database refuses must not take the others with it
                for key, entry in batch.items():
                    await self._store({key: entry})
                return
            (key, entry) = next(iter(batch.items()))
            log.error("journal_refused", run=key.run_id, error=error.message)
            _answer(entry, Internal(f"What happened to the run cannot be kept: {error.message}"))
            return
        for key, entry in batch.items():
            _answer(entry, None if key in touched else Fenced())

    def _entry(self, key: WorkflowKey) -> RunEntry:
        return self._entries.setdefault(key, RunEntry())

    async def _stored(self, entry: RunEntry) -> None:
        waiter = asyncio.get_running_loop().create_future()
        entry.waiters.append(waiter)
        self._wake.set()
        self._hurry.set()
        await waiter

    def _take(self) -> dict[WorkflowKey, RunEntry]:
        batch: dict[WorkflowKey, RunEntry] = {}
        rows = 0
        while self._entries and rows < MOST_ROWS:
            key = next(iter(self._entries))
            batch[key] = self._entries.pop(key)
            rows += 1 + len(batch[key].nodes)
        return batch

    def _put_back(self, batch: dict[WorkflowKey, RunEntry]) -> None:
        for key, old in batch.items():
            new = self._entries.get(key)
            self._entries[key] = old if new is None else _joined(old, new)

    async def _send(self, batch: dict[WorkflowKey, RunEntry]) -> set[WorkflowKey]:
        runs = [_run_row(key, entry) for key, entry in batch.items()]
        nodes = [_node_row(key, node) for key, entry in batch.items() for node in entry.nodes.values()]
        events = [_event_row(key, event) for key, entry in batch.items() for event in entry.events]
        rows = await self._line.rows(
            _WRITE,
            {"runs": Jsonb(runs), "nodes": Jsonb(nodes), "events": Jsonb(events), "executor": self._executor_id},
        )
        return {WorkflowKey(UUID(str(row["tenant_id"])), row["id"], row["epoch"]) for row in rows}


def _merged(old: NodeEntry, new: NodeEntry) -> NodeEntry:
    values = {f.name: getattr(new, f.name) for f in fields(NodeEntry)}
    kept = ("tool", "attempt", "args", "output", "output_ref", "overridden", "progress", "started_at", "finished_at")
    for name in kept:
        if values[name] is None:
            values[name] = getattr(old, name)
    return NodeEntry(**values)


def _joined(old: RunEntry, new: RunEntry) -> RunEntry:
    for place, entry in new.nodes.items():
        known = old.nodes.get(place)
        old.nodes[place] = entry if known is None else _merged(known, entry)
    if new.state is not None:
        old.state, old.output, old.error = new.state, new.output, new.error
        old.finished_at, old.release, old.wake_at = new.finished_at, new.release, new.wake_at
    old.spent = new.spent or old.spent
    old.count += new.count
    old.events += new.events
    old.waiters += new.waiters
    return old


def _answer(entry: RunEntry, failure: BaseException | None) -> None:
    for waiter in entry.waiters:
        if waiter.done():
            continue
        if failure is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(failure)


def _run_row(key: WorkflowKey, entry: RunEntry) -> dict[str, Any]:
    spent = entry.spent or Spent(0, 0)
    return {
        **_name(key),
        "epoch": key.epoch,
        "n": entry.count,
        "state": entry.state,
        "output": entry.output,
        "error": entry.error,
        "finished": _iso(entry.finished_at),
        "release": entry.release,
        "wake": _iso(entry.wake_at),
        "worked": spent.worked_ms,
        "spent": spent.spent_ms,
    }


def _node_row(key: WorkflowKey, node: NodeEntry) -> dict[str, Any]:
    row = {f.name: getattr(node, f.name) for f in fields(NodeEntry)}
    return {**_name(key), **row, "started_at": _iso(node.started_at), "finished_at": _iso(node.finished_at)}


def _event_row(key: WorkflowKey, event: Event) -> dict[str, Any]:
    about = {"event": str(event.id), "topic": event.topic, "type": event.data.type, "key": event.key}
    return {**_name(key), **about, "body": to_json(event)}


def _name(key: WorkflowKey) -> dict[str, str]:
    return {"tenant": str(key.tenant_id), "run": key.run_id}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


_WRITE: Final = """
WITH touched AS (
  UPDATE runs r SET run_seq = r.run_seq + t.n, changed_at = clock_timestamp(),
    state = coalesce(t.state, r.state), output = coalesce(t.output, r.output), error = coalesce(t.error, r.error),
    finished_at = coalesce(t.finished, r.finished_at), wake_at = t.wake, worked_ms = greatest(r.worked_ms, t.worked),
    spent_ms = greatest(r.spent_ms, t.spent), spent_usd = greatest(r.spent_usd, (
      SELECT a.spent_usd::double precision FROM run_accounts a WHERE a.tenant_id = r.tenant_id AND a.run_id = r.id)),
    executor_id = CASE WHEN t.release THEN NULL ELSE r.executor_id END
  FROM jsonb_to_recordset(%(runs)s) AS t (tenant uuid, run text, epoch integer, n integer, state text, output jsonb,
    error jsonb, finished timestamptz, release boolean, wake timestamptz, worked bigint, spent bigint)
  WHERE r.tenant_id = t.tenant AND r.id = t.run AND r.epoch = t.epoch AND r.executor_id = %(executor)s::text
  RETURNING r.tenant_id, r.id, r.epoch, r.run_seq
), noted AS (
  INSERT INTO run_nodes AS n (tenant_id, run_id, node, item_index, state, tool, attempt, args, output, output_ref,
    overridden, reason, progress, error, executor_id, run_seq, started_at, finished_at)
  SELECT w.tenant_id, w.id, c.node, c.item_index, c.state, coalesce(c.tool, ''), coalesce(c.attempt, 0), c.args,
    c.output, c.output_ref, coalesce(c.overridden, false), c.reason, c.progress, c.error, %(executor)s::text, w.run_seq,
    c.started_at, c.finished_at
  FROM jsonb_to_recordset(%(nodes)s) AS c (tenant uuid, run text, node text, item_index integer, state text,
    tool text, attempt integer, args jsonb, output jsonb, output_ref text, overridden boolean, reason text,
    progress real, error jsonb, started_at timestamptz, finished_at timestamptz)
  JOIN touched w ON w.tenant_id = c.tenant AND w.id = c.run
  ON CONFLICT (tenant_id, run_id, node, item_index) DO UPDATE SET state = excluded.state,
    tool = coalesce(nullif(excluded.tool, ''), n.tool), attempt = greatest(excluded.attempt, n.attempt),
    args = coalesce(excluded.args, n.args), output = coalesce(excluded.output, n.output),
    output_ref = coalesce(excluded.output_ref, n.output_ref), overridden = excluded.overridden OR n.overridden,
    reason = excluded.reason, progress = coalesce(excluded.progress, n.progress), error = excluded.error,
    executor_id = excluded.executor_id, run_seq = excluded.run_seq,
    started_at = coalesce(n.started_at, excluded.started_at),
    finished_at = CASE WHEN n.state = excluded.state THEN coalesce(n.finished_at, excluded.finished_at)
      ELSE coalesce(excluded.finished_at, n.finished_at) END  -- who goes on with a run tells again what had ended
), told AS (
  INSERT INTO outbox (tenant_id, id, topic, type, key, body)
  SELECT w.tenant_id, e.event, e.topic, e.type, e.key, e.body
  FROM jsonb_to_recordset(%(events)s) AS e (tenant uuid, run text, event uuid, topic text, type text, key text,
    body text)
  JOIN touched w ON w.tenant_id = e.tenant AND w.id = e.run
  ON CONFLICT (tenant_id, id) DO NOTHING
)
SELECT tenant_id, id, epoch FROM touched
"""
