"""The session's servers where a test run is given some: REDAPTIVE_TEST_SUPERUSER_URL and REDAPTIVE_TEST_VALKEY_URL.

The PostgreSQL gets a database of the run's own, and the three roles; the Valkey or Redis lends two of its numbered
databases, which are emptied. Two runs may share the servers: each waits for nothing of the other's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import valkey
from psycopg import sql
from pydantic import SecretStr

from redaptive.infrastructure.database.bootstrap import SECRETS_FILE, DatabaseUrls, bootstrap
from redaptive.infrastructure.messaging.durability import REQUIRED
from redaptive.settings import Settings

POSTGRES, VALKEY = "REDAPTIVE_TEST_SUPERUSER_URL", "REDAPTIVE_TEST_VALKEY_URL"
ROLES_LOCK = 7_274_001
PASSWORDS = {"owner": "test-owner", "app": "test-app", "worker": "test-worker"}
"""The same in each run: roles belong to the whole server, so one run must not change another's."""
CLAIM, CLAIM_S = "redaptive:test:databases", 7200


def server_environment(settings: Settings) -> dict[str, str]:
    """The variables that lead a command to the servers of `settings`."""
    urls = {
        "REDAPTIVE_DATABASE_URL": settings.database_url,
        "REDAPTIVE_DATABASE_OWNER_URL": settings.database_owner_url,
        "REDAPTIVE_DATABASE_WORKER_URL": settings.database_worker_url,
        "REDAPTIVE_LOG_URL": settings.log_url,
        "REDAPTIVE_CACHE_URL": settings.cache_url,
    }
    given = {name: url.get_secret_value() for name, url in urls.items() if url is not None}
    return {"REDAPTIVE_HOME": str(settings.home), **given}


@contextmanager
def configured(settings: Settings) -> Iterator[Settings]:
    """The settings with the URLs of the servers that the environment names; as they are where it names none."""
    with _postgres(settings.home) as database, _valkey() as valkeys:
        yield settings.model_copy(update={**database, **valkeys})


@contextmanager
def _postgres(home: Path) -> Iterator[dict[str, SecretStr]]:
    superuser = os.environ.get(POSTGRES)
    if superuser is None:
        yield {}
        return
    database = f"redaptive_test_{uuid4().hex[:8]}"
    try:
        urls = _bootstrapped(superuser, home / "secrets", database)
        names = {"database_url": urls.app, "database_owner_url": urls.owner, "database_worker_url": urls.worker}
        yield {name: SecretStr(url) for name, url in names.items()}
    finally:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(database)))


def _bootstrapped(superuser: str, secrets: Path, database: str) -> DatabaseUrls:
    secrets.mkdir(parents=True, exist_ok=True)
    (secrets / SECRETS_FILE).write_text(json.dumps(PASSWORDS))
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (ROLES_LOCK,))
        return bootstrap(superuser, secrets, database=database)


@contextmanager
def _valkey() -> Iterator[dict[str, SecretStr]]:
    url = os.environ.get(VALKEY)
    if url is None:
        yield {}
        return
    with valkey.Valkey.from_url(url) as server:
        for name, value in REQUIRED.items():  # a server made for caches would lose the log
            server.config_set(name, value)
        free = (n for n in range(2, 16, 2) if server.set(f"{CLAIM}:{n}", os.getpid(), nx=True, ex=CLAIM_S))
        log = next(free, None)
        assert log is not None, f"every numbered database is taken; delete the keys {CLAIM}:*"
        urls = {"log_url": _numbered(url, log), "cache_url": _numbered(url, log + 1)}
        try:
            _empty(urls.values())
            yield {name: SecretStr(own) for name, own in urls.items()}
        finally:
            _empty(urls.values())
            server.delete(f"{CLAIM}:{log}")


def _numbered(url: str, database: int) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _empty(urls: Iterable[str]) -> None:
    for url in urls:
        with valkey.Valkey.from_url(url) as client:
            client.flushdb()
