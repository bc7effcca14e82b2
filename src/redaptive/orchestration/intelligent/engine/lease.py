"""The executor's lease: who lives, by the database's clock; whose runs must be taken over.

It runs in a thread with a connection of its own, so that work in the event loop cannot make it late. It stops
renewing when the loop has not turned for `STUCK_S`: a process that cannot work must not hold runs.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
import structlog
from dbos import DBOS

from redaptive.orchestration.intelligent.engine.forgotten import UNCARRIED, Connection, Forgotten
from redaptive.orchestration.intelligent.engine.keys import INTERPRETER

HEARTBEAT_S: Final = 1.0
TTL_S: Final = 4.5
"""A lease without renewal ends after this time. With a look every LOOK_S and DBOS's queue poll of 1 s, the runs of a
killed executor go on after at most 6 s."""
LOOK_S: Final = 0.25
SWEEP_S: Final = 10.0
STUCK_S: Final = 3.0
_SWEEP_LOCK: Final = 7_301_944_249
log = structlog.get_logger(__name__)


class Lease:
    """One executor's lease. `lost` is called once, from the thread, when another one has taken over its runs.

    `here` gives the ids of the workflows that this process holds.
    """

    def __init__(
        self, url: str, executor_id: str, lost: Callable[[], None], here: Callable[[], frozenset[str]]
    ) -> None:
        self._url, self.executor_id, self._lost = url, executor_id, lost
        self._forgotten = Forgotten(executor_id, here)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-lease", daemon=True)
        self._turned = time.monotonic()
        self._recovering = threading.Event()
        self._taking = threading.Lock()
        self.taken_over: list[str] = []

    def start(self) -> None:
        """Take the lease; raises psycopg.Error when the database does not answer."""
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(
                "INSERT INTO engine_executors (id, version, host, pid, expires_at)"
                " VALUES (%s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s))",
                (self.executor_id, INTERPRETER, socket.gethostname(), os.getpid(), TTL_S),
            )
        self._turned = time.monotonic()
        self._thread.start()

    def recover_others(self) -> None:
        """From now on take over the runs of dead executors: DBOS is ready."""
        self._recovering.set()

    def turned(self) -> None:
        """The event loop has turned."""
        self._turned = time.monotonic()

    def leave_to_others(self) -> None:
        """Take over nothing more; returns when a take-over that has begun is done."""
        self._recovering.clear()
        with self._taking:
            pass

    def release(self) -> None:
        """Give the lease up, so that others may take over at once what is left; returns when the thread has ended."""
        self._stop.set()
        self._thread.join(10)
        try:
            with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                connection.execute(
                    "UPDATE engine_executors SET expires_at = clock_timestamp() WHERE id = %s", (self.executor_id,)
                )
        except psycopg.Error as error:
            log.warning("lease_not_released", error=str(error))

    def _run(self) -> None:
        waiting = False
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=2) as connection:
                    waiting = False
                    if not self._hold(connection):
                        log.critical("lease_lost", executor=self.executor_id)
                        self._lost()
                        return
            except psycopg.Error as error:
                log.log(logging.INFO if waiting else logging.WARNING, "lease_waits", error=str(error))
                waiting = True
                self._stop.wait(LOOK_S)

    def _hold(self, connection: Connection) -> bool:
        """Renew and look after others until told to stop; false when the lease is gone."""
        renewed, swept, connected = 0.0, time.monotonic(), time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            if now - renewed >= HEARTBEAT_S and now - self._turned < STUCK_S:
                if not self._renew(connection):
                    return False
                renewed = now
            # After an outage everybody's lease has run out: give the others the time to renew first.
            with self._taking:
                if self._recovering.is_set() and now - connected > TTL_S:
                    self._take_over(connection)
                    if now - swept >= SWEEP_S:
                        sweep(connection)
                        self._forgotten.look(connection)
                        swept = now
            self._stop.wait(LOOK_S)
        return True

    def _renew(self, connection: Connection) -> bool:
        cursor = connection.execute(
            "UPDATE engine_executors SET expires_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
            (TTL_S, self.executor_id),
        )
        return cursor.rowcount == 1

    def _take_over(self, connection: Connection) -> None:
        rows = connection.execute(
            "DELETE FROM engine_executors WHERE expires_at < clock_timestamp() AND id <> %s RETURNING id",
            (self.executor_id,),
        ).fetchall()
        if rows:
            dead = [str(row[0]) for row in rows]
            log.warning("executors_taken_over", executors=dead)
            self.taken_over += dead
            recover(dead)
            requeue(connection)


def recover(executor_ids: Sequence[str]) -> int:
    """Hand the unfinished workflows of dead executors to the living; how many. Repeating it changes nothing.

    The one private call of DBOS: its public ways recover only an executor's own workflows, or need its paid service.
    """
    return len(DBOS._recover_pending_workflows(list(executor_ids)))


def sweep(connection: Connection) -> None:
    """Find what fell between: workflows and runs whose executor has no lease. One executor at a time does it."""
    if connection.execute("SELECT pg_try_advisory_lock(%s)", (_SWEEP_LOCK,)).fetchone() != (True,):
        return
    try:
        rows = connection.execute(
            "SELECT DISTINCT executor_id FROM dbos.workflow_status WHERE status = 'PENDING'"
            " AND application_version = %s AND executor_id NOT IN (SELECT id FROM engine_executors)",
            (INTERPRETER,),
        ).fetchall()
        if rows:
            recover([str(row[0]) for row in rows])
        requeue(connection)
        _warn_of_strangers(connection)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_SWEEP_LOCK,))


def requeue(connection: Connection) -> int:
    """Queue runs whose executor is gone and that no workflow will bring back; how many.

    Those were taken but not started yet, or were being parked.
    """
    cursor = connection.execute(
        "UPDATE runs r SET state = CASE r.state WHEN 'parking' THEN 'parked' ELSE 'queued' END,"  # noqa: S608 -- constants only
        " executor_id = NULL, run_seq = r.run_seq + 1"
        " WHERE r.executor_id IS NOT NULL AND r.finished_at IS NULL"
        f" AND r.executor_id NOT IN (SELECT id FROM engine_executors) AND {UNCARRIED}"
    )
    return cursor.rowcount


def _warn_of_strangers(connection: Connection) -> None:
    row = connection.execute(
        "SELECT count(*) FROM dbos.workflow_status w WHERE w.status IN ('PENDING', 'ENQUEUED')"
        " AND w.application_version IS NOT NULL AND w.application_version <> %s"
        " AND NOT EXISTS (SELECT FROM engine_executors e WHERE e.version = w.application_version)",
        (INTERPRETER,),
    ).fetchone()
    if row and row[0]:
        log.error("runs_of_another_format", runs=row[0], fix="Start an executor of the release that began them.")
