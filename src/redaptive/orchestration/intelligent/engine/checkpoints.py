"""DBOS and its schema: the one place that configures it. Private members of DBOS are used in `steps.py`, `lease.py`,
`dispatch.py` and `runtime.py`, its tables in `forgotten.py`, `recorder.py` and `claims.py`;
`tests/contract/test_dbos.py` holds them to what we take them for.

DBOS knows no tenants. Its tables lie in the schema `dbos`, made by the owner's role; the engine works as
redaptive_worker, which may read and write them but not change them.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Final

import psycopg
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.database.bootstrap import WORKER
from redaptive.orchestration.intelligent.engine.keys import INTERPRETER

SCHEMA: Final = "dbos"
APPLICATION: Final = "redaptive"
_MIGRATION_LOCK: Final = 7_301_944_248
_LONGEST_TURN_S: Final = 600.0
_AGAIN_S: Final = 0.2
_REDUCED: Final = frozenset({"user", "password", "host", "port", "dbname"})


@dataclass(frozen=True)
class CheckpointOptions:
    """Threads for DBOS's blocking writes, connections of its pool, and its Conductor key where one is bought."""

    threads: int = 16
    connections: int = 20
    conductor_key: str | None = None


def sqlalchemy_url(url: str) -> str:
    """The libpq URL or connection string as SQLAlchemy wants it.

    >>> sqlalchemy_url("host=127.0.0.1 port=5 user=u password=p dbname=d")
    'postgresql+psycopg://u:p@127.0.0.1:5/d'

    :raises InvalidInput: without a PostgreSQL URL. There is no other mode: DBOS would fall back to SQLite silently.
    """
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError as error:
        raise InvalidInput(f"The engine needs a PostgreSQL URL: {error}", field="REDAPTIVE_DATABASE_URL") from error
    if not parts.get("dbname"):
        raise InvalidInput(
            "The engine needs a PostgreSQL URL that names a database.",
            field="REDAPTIVE_DATABASE_URL",
            fix="Give postgresql://user:password@host/database.",
        )
    socket = parts.get("host", "").startswith("/")
    made = URL.create(
        "postgresql+psycopg",
        username=parts.get("user"),
        password=parts.get("password"),
        host=None if socket else parts.get("host"),
        port=int(parts["port"]) if "port" in parts else None,
        database=parts["dbname"],
        query={key: value for key, value in parts.items() if key not in _REDUCED or (key == "host" and socket)},
    )
    return made.render_as_string(hide_password=False)


def migrate(owner_url: str, role: str = WORKER) -> None:
    """Bring the schema of checkpoints to this release, as the owner; then let `role` use it. Idempotent.

    :raises Unavailable: when the database does not answer.
    """
    quiet()
    try:
        with psycopg.connect(owner_url, connect_timeout=5, autocommit=True) as connection:
            _take_turn(connection)
            DBOS.migrate(sqlalchemy_url(owner_url), schema=SCHEMA, application_role=role)
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", fix="Start it or check the URL.") from error


def _take_turn(connection: psycopg.Connection) -> None:
    """Hold the lock of migrations until the connection closes.

    A statement that waits for a lock has a snapshot, and DBOS builds its indexes concurrently, which waits for every
    snapshot: two executors that began together on an empty database would wait for each other for ever.
    """
    given_up = time.monotonic() + _LONGEST_TURN_S
    while connection.execute("SELECT pg_try_advisory_lock(%s)", (_MIGRATION_LOCK,)).fetchone() != (True,):
        if time.monotonic() > given_up:
            raise Unavailable(
                f"Another process has been changing the schema of runs for {_LONGEST_TURN_S:g} s.",
                fix="Look for it in pg_stat_activity, and start again when it has ended.",
            )
        time.sleep(_AGAIN_S)


def configuration(worker_url: str, executor_id: str, options: CheckpointOptions) -> DBOSConfig:
    """The configuration of this process's DBOS; `executor_id` must never have been used before."""
    return DBOSConfig(
        name=APPLICATION,
        system_database_url=sqlalchemy_url(worker_url),
        dbos_system_schema=SCHEMA,
        sys_db_pool_size=options.connections,
        max_executor_threads=options.threads,
        serializer=DBOSPortableJSONSerializer(),
        application_version=INTERPRETER,
        executor_id=executor_id,
        run_migrations=False,
        use_listen_notify=True,
        log_level="CRITICAL",
        conductor_key=options.conductor_key,
    )


def quiet() -> None:
    """Keep DBOS's own log out of ours: it reports a fenced or parked run as an error with a stack trace.

    Without a handler of ours DBOS would make one that keeps the standard error stream of that moment for ever.
    """
    own = logging.getLogger("dbos")
    own.setLevel(logging.CRITICAL)
    if not own.handlers:
        own.addHandler(logging.NullHandler())
        own.propagate = False
