"""The pool of PostgreSQL connections: bounded, tenant-scoped, self-healing, measured."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, LiteralString
from uuid import UUID

import anyio
import psycopg
import structlog
from opentelemetry import trace
from psycopg import AsyncConnection, sql
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from redaptive.errors import Exhausted, Internal, RedaptiveError, Unavailable
from redaptive.infrastructure.database.errors import is_connection_lost, translate
from redaptive.infrastructure.database.session import session
from redaptive.infrastructure.database.statistics import PoolHealth, PoolStatistics
from redaptive.settings import Settings

Connection = AsyncConnection[DictRow]
Parameters = Sequence[Any] | Mapping[str, Any] | None
RECONNECT_GIVE_UP_S = 0.2  # short, so that a waiting caller starts a fresh attempt instead of sleeping out a back-off
SLICE_S = 0.1
CLEAN_UP_S = 5.0
_NOT_PLAIN = re.compile(r"[^a-z0-9_-]")
log = structlog.get_logger(__name__)


class ConnectionPoolManager:
    """A named pool over one URL. Callers get a transaction that sees one tenant's rows, or one retried read.

    `transaction` retries its beginning only: what the block did before the connection broke is the caller's to
    judge (`Unavailable`).
    `query` is for idempotent reads: a lost connection is replaced, and the statement runs exactly once more.
    A caller waits at most `acquire_timeout_s`, then gets Exhausted (all connections busy) or Unavailable (no server).
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "interactive",
        min_size: int = 2,
        max_size: int = 20,
        acquire_timeout_s: float = 2.0,
        statement_timeout_s: float = 30.0,
        idle_in_transaction_timeout_s: float = 60.0,
    ) -> None:
        self.name = name
        self._acquire_timeout_s = acquire_timeout_s
        self._label = f"redaptive-{_NOT_PLAIN.sub('-', name)[:20]}"
        self._suspect = False
        self._in_use = self._waiting = self._transactions = self._queries = self._errors = self._retries = (
            self._lost
        ) = 0
        self._url = url
        self._each: dict[str, Any] = {
            "autocommit": True,
            "row_factory": dict_row,
            "application_name": self._label,
            "connect_timeout": max(1, round(acquire_timeout_s)),
            "options": f"-c statement_timeout={round(statement_timeout_s * 1000)} "
            f"-c idle_in_transaction_session_timeout={round(idle_in_transaction_timeout_s * 1000)} "
            "-c timezone=UTC",
        }
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            kwargs=self._each,
            min_size=min(min_size, max_size),
            max_size=max_size,
            timeout=acquire_timeout_s,
            reconnect_timeout=RECONNECT_GIVE_UP_S,
            name=name,
            open=False,
        )

    @classmethod
    def from_settings(cls, settings: Settings, url: str, *, name: str = "interactive") -> ConnectionPoolManager:
        """A pool with the sizes and limits of the settings."""
        return cls(
            url,
            name=name,
            min_size=settings.pool_min,
            max_size=settings.pool_max,
            acquire_timeout_s=settings.pool_acquire_timeout_s,
            statement_timeout_s=settings.statement_timeout_s,
        )

    async def open(self, *, wait_s: float = 10.0) -> None:
        """Open the pool and its first connections; raises Unavailable when none comes within `wait_s` seconds."""
        # The library logs each connection of an outage; one outage is one event of ours, and a metric.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        try:
            await self._pool.open(wait=True, timeout=wait_s)
        except PoolTimeout as error:
            await self._pool.close()
            raise Unavailable(
                f"The database did not answer within {wait_s:g} s (pool {self.name}).",
                fix="Start it with `redaptive services start`, or check REDAPTIVE_DATABASE_URL.",
            ) from error

    async def close(self) -> None:
        """Close every connection; callers that still wait get Unavailable. Not cut off by a cancellation."""
        with anyio.CancelScope(shield=True):  # it waits for the pool's tasks first, and would leave connections open
            await self._pool.close()

    async def __aenter__(self) -> ConnectionPoolManager:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID | None) -> AsyncIterator[Connection]:
        """A connection inside a transaction that sees only `tenant_id`'s rows (None: no tenant's rows).

        Commits at the end of the block, rolls back on any exception or cancellation, and always gives back the
        connection. Errors of the database become errors of the platform. Only its beginning is retried once.
        """
        self._transactions += 1
        connection = await self._begun(tenant_id)
        try:
            yield connection
            await _commit(connection)
        except psycopg.Error as error:
            raise self._failed(error) from error
        finally:
            await self._release(connection)

    async def query(
        self, statement: LiteralString | sql.SQL | sql.Composed, params: Parameters = None, *, tenant_id: UUID | None
    ) -> list[DictRow]:
        """All rows of an idempotent read as dictionaries; run once more if the connection was lost."""
        self._queries += 1
        deadline = time.monotonic() + self._acquire_timeout_s
        connection = await self._acquire(deadline)
        try:
            return await self._read(connection, statement, params, tenant_id)
        except psycopg.Error as error:
            if not is_connection_lost(error):
                raise self._failed(error) from error
            self._notice_loss()
        finally:
            await self._release(connection)
        return await self._query_again(statement, params, tenant_id)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        """A connection beside the pool, for what lives as long as a session does: locks, LISTEN. Not repaired."""
        try:
            async with session(self._url, **self._each) as connection:
                yield connection
        except psycopg.Error as error:
            raise self._failed(error) from error

    async def health(self) -> PoolHealth:
        """Whether a round trip works now, with its latency in milliseconds; never raises."""
        started = time.perf_counter()
        try:
            await self.query("SELECT 1", tenant_id=None)
        except RedaptiveError as error:
            return PoolHealth(False, None, error.message, self.statistics())
        return PoolHealth(True, (time.perf_counter() - started) * 1000, "answers", self.statistics())

    def statistics(self) -> PoolStatistics:
        """The counters now; cheap, touches no connection."""
        raw = self._pool.get_stats()
        return PoolStatistics(
            name=self.name,
            min_size=raw["pool_min"],
            max_size=raw["pool_max"],
            size=raw["pool_size"],
            available=raw["pool_available"],
            in_use=self._in_use,
            waiting=self._waiting,  # the pool's own figure keeps callers that gave up
            requests=raw.get("requests_num", 0),
            queued=raw.get("requests_queued", 0),
            wait_ms=raw.get("requests_wait_ms", 0),
            usage_ms=raw.get("usage_ms", 0),
            acquire_timeouts=raw.get("requests_errors", 0),
            connections=raw.get("connections_num", 0),
            connection_errors=raw.get("connections_errors", 0),
            lost=self._lost,
            transactions=self._transactions,
            queries=self._queries,
            errors=self._errors,
            retries=self._retries,
        )

    async def _begun(self, tenant_id: UUID | None) -> Connection:
        deadline = time.monotonic() + self._acquire_timeout_s
        for take in (self._acquire, self._acquire_proven):
            connection = await take(deadline)
            try:
                await connection.execute(self._begin(tenant_id).encode())
            except psycopg.Error as error:
                await self._release(connection)
                if take == self._acquire_proven or not is_connection_lost(error):
                    raise self._failed(error) from error
                self._notice_loss()
            except BaseException:
                await self._release(connection)
                raise
            else:
                self._suspect = False
                return connection
        raise AssertionError("the second attempt either returns or raises")

    async def _query_again(
        self, statement: LiteralString | sql.SQL | sql.Composed, params: Parameters, tenant_id: UUID | None
    ) -> list[DictRow]:
        self._retries += 1
        connection = await self._acquire_proven(time.monotonic() + self._acquire_timeout_s)
        try:
            return await self._read(connection, statement, params, tenant_id)
        except psycopg.Error as error:
            raise self._failed(error) from error
        finally:
            await self._release(connection)

    async def _read(
        self,
        connection: Connection,
        statement: LiteralString | sql.SQL | sql.Composed,
        params: Parameters,
        tenant_id: UUID | None,
    ) -> list[DictRow]:
        # BEGIN, tenant, statement and COMMIT in one message: one round trip instead of three. Parameters are bound
        # by libpq's quoting on our side, because the server binds none in a message of several commands.
        text = statement if isinstance(statement, str) else statement.as_string(connection)
        cursor = psycopg.AsyncClientCursor(connection, row_factory=dict_row)
        await cursor.execute(f"{self._begin(tenant_id)}; {text}; COMMIT".encode(), params)
        for _ in ("BEGIN", "set_config"):
            cursor.nextset()
        rows = await cursor.fetchall()
        self._suspect = False
        return rows

    def _begin(self, tenant_id: UUID | None) -> str:
        # One message for BEGIN and the settings: a round trip less. Literals, because several commands in one
        # message take no parameters; a UUID's digits and our own label cannot carry SQL.
        tenant = "" if tenant_id is None else str(UUID(int=tenant_id.int))
        span = trace.get_current_span().get_span_context()
        traced = (
            f", set_config('application_name', '{self._label}:{span.trace_id:032x}', true)" if span.is_valid else ""
        )
        return f"BEGIN; SELECT set_config('app.tenant', '{tenant}', true){traced}"

    async def _acquire(self, deadline: float) -> Connection:
        while True:
            left = deadline - time.monotonic()
            # After a loss callers ask in short slices, because each request makes the pool try to connect anew.
            timeout = min(left, SLICE_S) if self._suspect else left
            self._waiting += 1
            try:
                connection = await self._pool.getconn(timeout=max(0.001, timeout))
            except PoolTimeout as error:
                if time.monotonic() < deadline:
                    continue
                raise self._nothing_free() from error
            except (TooManyRequests, PoolClosed) as error:
                raise Unavailable(f"Pool {self.name} is closed or full: {error}") from error
            finally:
                self._waiting -= 1
            self._in_use += 1
            return connection

    async def _acquire_proven(self, deadline: float) -> Connection:
        while True:
            connection = await self._acquire(deadline)
            try:
                await connection.execute("")
            except psycopg.Error as error:
                self._notice_loss()
                await self._release(connection)
                if time.monotonic() >= deadline:
                    raise self._failed(error) from error
            except BaseException:
                await self._release(connection)
                raise
            else:
                self._suspect = False
                return connection

    async def _release(self, connection: Connection) -> None:
        # Shielded: a cancelled caller must still give its connection back, clean.
        with anyio.CancelScope(shield=True):
            try:
                with anyio.move_on_after(CLEAN_UP_S):
                    await _roll_back(connection)
                if connection.pgconn.transaction_status != TransactionStatus.IDLE:
                    await connection.close()
            finally:
                self._in_use -= 1
                await self._pool.putconn(connection)

    def _nothing_free(self) -> RedaptiveError:
        look = self.statistics()
        if self._in_use >= look.max_size:
            return Exhausted(
                f"No database connection came free within {self._acquire_timeout_s:g} s "
                f"(pool {self.name}: all {look.max_size} in use, {look.waiting} waiting).",
                fix="Try again, or raise REDAPTIVE_POOL_MAX.",
                retry_after_ms=500,
            )
        self._suspect = True
        return Unavailable(
            f"The database gave no connection within {self._acquire_timeout_s:g} s (pool {self.name}).",
            fix="Try again; `redaptive status` shows the server.",
            retry_after_ms=500,
        )

    def _notice_loss(self) -> None:
        if not self._suspect:
            log.warning("database_connection_lost", pool=self.name)
        self._lost += 1
        self._suspect = True

    def _failed(self, error: psycopg.Error) -> RedaptiveError:
        self._errors += 1
        if is_connection_lost(error):
            self._notice_loss()
        return translate(error)


async def _commit(connection: Connection) -> None:
    cursor = await connection.execute("COMMIT")
    if cursor.statusmessage == "ROLLBACK":
        # The block caught a database error and went on; the server had already given the transaction up.
        raise Internal("The transaction was rolled back: a statement in it had failed and was ignored.")


async def _roll_back(connection: Connection) -> None:
    status = connection.pgconn.transaction_status
    if connection.closed or status == TransactionStatus.IDLE:
        return
    try:
        if status == TransactionStatus.ACTIVE:
            await connection.close()  # cancelled in mid-statement: its answer is not ours to read
        else:
            await connection.execute("ROLLBACK")
    except psycopg.Error as error:
        log.info("rollback_failed", error=str(error))
