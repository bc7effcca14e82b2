"""The record of handled events: in the transaction of the effect, so that an event has its effect once."""

from __future__ import annotations

from psycopg import AsyncConnection
from psycopg.rows import DictRow


async def first_time(connection: AsyncConnection[DictRow], consumer: str, event_key: str) -> bool:
    """Whether the consumer has not handled the event yet; notes it, with the caller's transaction.

    Of two transactions with the same event the second waits for the first, and gets False if that commits.
    """
    cursor = await connection.execute(
        "INSERT INTO processed_event (consumer, event_key) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (consumer, event_key),
    )
    return cursor.rowcount == 1


async def forget(connection: AsyncConnection[DictRow], older_than_h: float) -> int:
    """Remove notes older than that; give more hours than events stay in their streams. How many."""
    cursor = await connection.execute(
        "DELETE FROM processed_event WHERE processed_at < clock_timestamp() - make_interval(secs => %s)",
        (older_than_h * 3600,),
    )
    return cursor.rowcount
