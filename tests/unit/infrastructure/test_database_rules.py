"""Rules of the database layer that need no server: errors, findings, duplicates, hashes, nearest codes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg import errors as pg

from redaptive.errors import Conflict, Exhausted, Internal, InvalidInput, NotFound, Unauthorized, Unavailable
from redaptive.infrastructure.database import revisions
from redaptive.infrastructure.database.bootstrap import urls_from_settings
from redaptive.infrastructure.database.errors import is_connection_lost, translate
from redaptive.infrastructure.database.migrate import history
from redaptive.infrastructure.database.statistics import PoolStatistics
from redaptive.infrastructure.database.stores.audit_store import GENESIS, AuditEntry, entry_hash
from redaptive.infrastructure.database.stores.codes import require_known
from redaptive.infrastructure.database.upsert import UpsertCount, refuse_duplicates
from redaptive.monitoring.connection_health import AlertLevel, judge
from redaptive.settings import Settings

QUIET = PoolStatistics("p", 2, 10, 4, 4, 0, 0, 100, 0, 0, 0, 0, 4, 0, 0, 50, 50, 0, 0)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (pg.UniqueViolation(), Conflict),
        (pg.ForeignKeyViolation(), InvalidInput),
        (pg.CheckViolation(), InvalidInput),
        (pg.NotNullViolation(), InvalidInput),
        (pg.NumericValueOutOfRange(), InvalidInput),
        (pg.InsufficientPrivilege(), Unauthorized),
        (pg.QueryCanceled(), Exhausted),
        (pg.DeadlockDetected(), Conflict),
        (pg.AdminShutdown(), Unavailable),
        (psycopg.OperationalError("gone"), Unavailable),
        (pg.UndefinedTable(), Internal),
    ],
)
def test_each_database_error_has_one_meaning(error: psycopg.Error, kind: type[Exception]) -> None:
    assert type(translate(error)) is kind


def test_only_lost_connections_are_run_again() -> None:
    lost = [pg.AdminShutdown(), pg.CannotConnectNow(), psycopg.OperationalError("server closed the connection")]
    kept = [pg.QueryCanceled(), pg.LockNotAvailable(), pg.DeadlockDetected(), pg.UniqueViolation(), pg.SyntaxError()]
    assert [is_connection_lost(e) for e in lost] == [True] * 3
    assert [is_connection_lost(e) for e in kept] == [False] * 5


def test_findings_of_a_pool() -> None:
    assert judge(QUIET) == []
    cases = {
        "exhausted": replace(QUIET, in_use=10, available=0, waiting=3),
        "nearly_full": replace(QUIET, in_use=9, available=1),
        "error_rate": replace(QUIET, errors=6),
        "acquire_timeouts": replace(QUIET, acquire_timeouts=1),
    }
    for code, look in cases.items():
        assert [alert.code for alert in judge(look)] == [code]
    assert judge(replace(QUIET, errors=5)) == []  # five of a hundred is the limit itself
    assert judge(replace(QUIET, errors=6), before=replace(QUIET, errors=6)) == []
    assert judge(replace(QUIET, transactions=52, errors=2), before=replace(QUIET)) == []  # too few to judge
    assert judge(cases["exhausted"])[0].level is AlertLevel.CRITICAL


def test_duplicates_and_unknown_codes_are_named() -> None:
    refuse_duplicates("meter", ["a", "b"])
    with pytest.raises(InvalidInput, match="once: b, c"):
        refuse_duplicates("meter", ["a", "b", "c", "c", "b"])
    require_known("meter", ["a"], {"a"})
    with pytest.raises(NotFound, match="and 1 more") as unknown:
        require_known("building", ["TOWER-9", "TOWER-8"], ["TOWER-1", "BARN"])
    assert unknown.value.fix == "Nearest codes: TOWER-1."


def test_upsert_counts_add_up() -> None:
    assert UpsertCount(1, 2, 3) + UpsertCount(10, 20, 30) == UpsertCount(11, 22, 33)
    assert UpsertCount(1, 2, 3).total == 6


def test_audit_hash_covers_every_field() -> None:
    tenant = UUID(int=7)
    entry = AuditEntry(1, datetime(2026, 1, 2, tzinfo=UTC), "ann", None, "update", "meter", "M1", None,
                       '{"a": 1}', "run", None, GENESIS, b"")  # fmt: skip
    fields = ["1", str(tenant), "2026-01-02T00:00:00.000000Z", "ann", None, "update", "meter", "M1", None,
              '{"a": 1}', "run", None]  # fmt: skip
    assert entry_hash(entry, tenant) == hashlib.sha256(bytes(32) + json.dumps(fields).encode()).digest()
    changes: list[dict[str, object]] = [
        {"seq": 2}, {"subject": "bob"}, {"on_behalf_of": "x"}, {"action": "x"}, {"object_kind": "x"},
        {"object_id": "x"}, {"before": "{}"}, {"after": "{}"}, {"run_id": None}, {"reason": "x"},
        {"prev_hash": bytes(31) + b"x"}, {"at": datetime(2026, 1, 3, tzinfo=UTC)},
    ]  # fmt: skip
    hashes = {entry_hash(replace(entry, **change), tenant) for change in changes}  # type: ignore[arg-type]
    assert len(hashes | {entry_hash(entry, tenant), entry_hash(entry, UUID(int=8))}) == len(changes) + 2


def test_revisions_form_one_line() -> None:
    found = history()
    assert [r.previous for r in found[1:]] == [r.id for r in found[:-1]]
    assert all(r.title for r in found)
    assert revisions.packaged() == [r.id for r in found]


def test_workers_reach_a_configured_server_as_their_own_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDAPTIVE_DATABASE_URL", "postgresql://app@h/d")
    monkeypatch.setenv("REDAPTIVE_DATABASE_WORKER_URL", "postgresql://worker@h/d")
    urls = urls_from_settings(Settings())
    assert urls is not None
    assert (urls.app, urls.worker) == ("postgresql://app@h/d", "postgresql://worker@h/d")
