"""A connection of its own for statements that are said all the time: one round trip each, planned once.

The pool sends BEGIN, tenant, statement and COMMIT as one text, which the server has to plan anew each time. The engine
works as redaptive_worker and needs no tenant; its few statements are worth preparing.
"""

from __future__ import annotations

import asyncio
from typing import LiteralString

import psycopg
from psycopg.rows import DictRow, dict_row

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import Parameters
from redaptive.infrastructure.database.errors import translate

CONNECT_S = 5


def passes(error: RedaptiveError) -> bool:
    """Whether the same statement may succeed later: an outage, a limit of time, rows that another one had locked."""
    return error.retryable or error.retry_after_ms is not None


class Line:
    """One connection, opened when it is first needed and again after a loss; statements wait for each other."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._connection: psycopg.AsyncConnection[DictRow] | None = None
        self._lock = asyncio.Lock()

    async def rows(self, statement: LiteralString, parameters: Parameters) -> list[DictRow]:
        """All rows of a statement that may be said twice: after a loss of the connection it is the caller's to repeat.

        :raises RedaptiveError: Unavailable while the server is away.
        """
        async with self._lock:
            try:
                connection = await self._open()
                cursor = await connection.execute(statement, parameters, prepare=True)
                return await cursor.fetchall()
            except psycopg.Error as error:
                await self._drop()
                raise translate(error) from error
            except asyncio.CancelledError:
                await self._drop()  # in mid-statement: its answer is nobody's
                raise

    async def close(self) -> None:
        """Close it."""
        async with self._lock:
            await self._drop()

    async def _open(self) -> psycopg.AsyncConnection[DictRow]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=CONNECT_S,
                application_name=f"redaptive-{self._name}",
                options="-c statement_timeout=30000 -c timezone=UTC",
            )
        return self._connection

    async def _drop(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
