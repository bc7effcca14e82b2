"""Events in: an event starts the runs that are to begin with it and reaches the runs that wait for it, once.

Both are rows written in the transaction that notes the event as handled, and acknowledged after it. So an event that
is delivered again, by a crash or by Valkey, changes nothing.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from valkey.asyncio import Valkey

from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.events.catalogue import EVENT_TYPES
from redaptive.infrastructure.messaging.events.consumer import EventConsumer
from redaptive.infrastructure.messaging.events.envelope import Event
from redaptive.infrastructure.messaging.events.workflow_events import WorkflowRunFinished
from redaptive.orchestration.intelligent.engine.matching import fits, inputs_of, run_id_of
from redaptive.orchestration.intelligent.engine.requests import plan_of_json
from redaptive.orchestration.state.run_records import JsonObject, NewRun
from redaptive.orchestration.state.workflow_persistence import insert_run

GROUP: Final = "engine"
MOST_CHAINED: Final = 25
"""A trigger on events of runs may cause such an event itself. More runs of one trigger with one first cause than this
are taken for a circle."""
log = structlog.get_logger(__name__)


def consumers(client: Valkey, pools: ConnectionPoolManager, name: str) -> list[EventConsumer]:
    """A consumer per topic, members of one group over all executors; the pool's role is redaptive_worker."""
    by_topic: dict[str, list[str]] = {}
    for kind in EVENT_TYPES:
        by_topic.setdefault(kind.topic, []).append(kind.type)
    return [
        EventConsumer(client, pools, topic=topic, group=GROUP, name=name, handlers=dict.fromkeys(types, handle))
        for topic, types in sorted(by_topic.items())
    ]


async def handle(connection: AsyncConnection[DictRow], event: Event) -> None:
    """Start and wake what the event is for, in the caller's transaction; platform events are for nobody."""
    if event.tenant is None:
        return
    data: JsonObject = event.data.model_dump(mode="json")
    await _signal(connection, event.tenant, event, data)
    await _start(connection, event.tenant, event, data)


async def _signal(connection: AsyncConnection[DictRow], tenant: UUID, event: Event, data: JsonObject) -> None:
    await connection.execute(
        "INSERT INTO run_signals (tenant_id, run_id, node, key, type, data)"
        " SELECT w.tenant_id, w.run_id, w.node, %(key)s, %(type)s, %(data)s FROM run_waits w"
        " WHERE w.tenant_id = %(tenant)s AND w.type = %(type)s AND (w.match IS NULL OR %(data)s @> w.match)"
        " ON CONFLICT (tenant_id, run_id, node, key) DO NOTHING",
        {"key": str(event.id), "type": event.data.type, "data": Jsonb(data), "tenant": tenant},
    )


async def _start(connection: AsyncConnection[DictRow], tenant: UUID, event: Event, data: JsonObject) -> None:
    cursor = await connection.execute(
        "SELECT * FROM run_triggers WHERE tenant_id = %s AND event_type = %s AND enabled ORDER BY name",
        (tenant, event.data.type),
    )
    for row in await cursor.fetchall():
        if not fits(data, row["match"]) or await _goes_round(connection, row, event):
            continue
        try:
            run = _new_run(row, event, data)
        except InvalidInput as error:  # of this trigger alone: the others have theirs, and the event is no fault
            log.error("trigger_failed", trigger=row["name"], event_id=str(event.id), error=error.message)
            continue
        await insert_run(connection, tenant, run)


async def _goes_round(connection: AsyncConnection[DictRow], row: DictRow, event: Event) -> bool:
    """Whether the trigger has started so many runs in this chain of causes that it must be what starts itself."""
    if event.data.topic != WorkflowRunFinished.topic:
        return False
    cursor = await connection.execute(
        "SELECT count(*) AS n FROM runs WHERE tenant_id = %s AND correlation_id = %s AND origin = 'event'"
        " AND id LIKE 'evt:%%:' || %s::text",
        (row["tenant_id"], event.correlation_id or str(event.id), row["name"]),
    )
    found = await cursor.fetchone()
    if found is None or found["n"] < MOST_CHAINED:
        return False
    log.error("trigger_goes_round", trigger=row["name"], event_id=str(event.id), correlation_id=event.correlation_id)
    return True


def _new_run(row: DictRow, event: Event, data: JsonObject) -> NewRun:
    return NewRun(
        id=run_id_of(event.id, row["name"]),
        plan=row["plan"],
        plan_hash=plan_of_json(row["plan"]).content_hash,
        inputs=inputs_of(row["inputs"], data),
        started_by=row["created_by"],
        scopes=frozenset(row["scopes"]),
        priority=row["priority"],
        queue=row["queue"],
        origin="event",
        correlation_id=event.correlation_id or str(event.id),
    )
