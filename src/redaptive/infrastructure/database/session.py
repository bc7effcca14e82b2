"""A connection beside the pool, for what lives as long as a session does: LISTEN, advisory locks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection


@asynccontextmanager
async def session(url: str, **options: Any) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection in autocommit over `url`, closed however the block ends; `options` are psycopg's. psycopg.Error.

    Not `async with connection`: that rolls back before it closes, and where a task group's cancellation comes a
    second time there, the connection is left open.
    """
    connection: AsyncConnection[Any] = await AsyncConnection.connect(url, **{"autocommit": True, **options})
    try:
        yield connection
    finally:
        await connection.close()
