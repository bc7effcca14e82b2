"""Executors that start together on one database: one brings the schema up, the others wait their turn."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from redaptive.errors import Unavailable
from redaptive.infrastructure.database.bootstrap import DatabaseUrls
from redaptive.orchestration.intelligent.engine import checkpoints
from redaptive.orchestration.intelligent.engine.checkpoints import _MIGRATION_LOCK, migrate

HOLD = "SELECT pg_advisory_lock(%s)"
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE '%%advisory_lock%%' AND pid <> pg_backend_pid() AND usename = current_user
"""


def _second_waits(connection: psycopg.Connection) -> None:
    while connection.execute(WAITING).fetchone() == (0,):
        time.sleep(0.02)


def test_who_waits_its_turn_does_not_hold_up_an_index_that_is_built_concurrently(database_urls: DatabaseUrls) -> None:
    table = f"t_{uuid4().hex[:12]}"
    with ThreadPoolExecutor(1) as threads:
        with psycopg.connect(database_urls.owner, autocommit=True) as first:
            first.execute(HOLD, (_MIGRATION_LOCK,))
            first.execute(f"CREATE TABLE {table} (a int)")
            second = threads.submit(migrate, database_urls.owner)
            _second_waits(first)
            first.execute("SET statement_timeout = '10s'")  # the index waited for the waiting process, which waited
            first.execute(f"CREATE INDEX CONCURRENTLY ON {table} (a)")
            first.execute(f"DROP TABLE {table}")
            assert not second.done()
        second.result(timeout=60)


def test_a_turn_that_never_comes_is_an_error_that_says_what_to_look_for(
    database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_LONGEST_TURN_S", 0.0)
    with psycopg.connect(database_urls.owner, autocommit=True) as first:
        first.execute(HOLD, (_MIGRATION_LOCK,))
        with pytest.raises(Unavailable, match="Another process has been changing the schema"):
            migrate(database_urls.owner)
