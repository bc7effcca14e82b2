"""Events written with their effect: they are published if, and only if, the transaction commits."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging.events.envelope import Event, to_json


async def add_to_outbox(connection: AsyncConnection[DictRow], events: Sequence[Event]) -> int:
    """Write the events into the outbox with the caller's transaction, in one statement; how many were new.

    An id that is there already is left alone, so the same fact may be written again.
    :raises InvalidInput: an event without a tenant; those have no effect to be tied to and are published directly.
    """
    if not events:
        return 0
    if any(event.tenant is None for event in events):
        raise InvalidInput("An event of the platform has no outbox.", field="tenant", fix="Publish it directly.")
    cursor = await connection.execute(
        "INSERT INTO outbox (tenant_id, id, topic, type, key, body)"
        " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])"
        " ON CONFLICT (tenant_id, id) DO NOTHING",
        (
            [event.tenant for event in events],
            [event.id for event in events],
            [event.topic for event in events],
            [event.data.type for event in events],
            [event.key for event in events],
            [to_json(event) for event in events],
        ),
    )
    return cursor.rowcount
