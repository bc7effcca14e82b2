"""Database, roles and passwords of a fresh server, and the URLs that everything else uses."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg
import structlog
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.database import revisions
from redaptive.late import late
from redaptive.settings import Settings

DATABASE = "redaptive"
OWNER, APP, WORKER = "redaptive_owner", "redaptive_app", "redaptive_worker"
SECRETS_FILE = "database-roles.json"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DatabaseUrls:
    """libpq connection strings by role; not printed, because they hold passwords."""

    owner: str = field(repr=False)
    app: str = field(repr=False)
    worker: str = field(repr=False)


@dataclass(frozen=True)
class _Credentials:
    owner: str
    app: str
    worker: str


def bootstrap(superuser_url: str, credentials_dir: Path, *, database: str = DATABASE) -> DatabaseUrls:
    """The URLs of a database that exists, has its three roles and the newest schema.

    Idempotent. A warm call costs one connection: it reads the revision and stops when that is the packaged head.
    Passwords are made once and kept in a 0600 file in `credentials_dir`.
    Raises Unavailable when the server does not answer.
    """
    credentials = _load_or_create(credentials_dir / SECRETS_FILE)
    urls = _urls(superuser_url, credentials, database)
    if _is_ready(urls.owner):
        return urls
    _create_roles(superuser_url, credentials)
    _create_database(superuser_url, database)
    upgrade: Callable[[str], str | None] = late("redaptive.infrastructure.database.migrate:upgrade")
    log.info("database_ready", database=database, revision=upgrade(urls.owner))
    return urls


def urls_from_settings(settings: Settings) -> DatabaseUrls | None:
    """The URLs of a configured server, None when the embedded server is to be used.

    Raises InvalidInput when an owner URL is given without a `database_url`.
    """
    app, owner = settings.database_url, settings.database_owner_url
    if app is None:
        if owner is not None:
            raise InvalidInput(
                "An owner URL is set without the application's URL.",
                field="REDAPTIVE_DATABASE_URL",
                fix="Set REDAPTIVE_DATABASE_URL too, as the role redaptive_app.",
            )
        return None
    text, worker = app.get_secret_value(), settings.database_worker_url
    return DatabaseUrls(
        owner=owner.get_secret_value() if owner else text,
        app=text,
        worker=worker.get_secret_value() if worker else text,
    )


def _is_ready(owner_url: str) -> bool:
    try:
        with psycopg.connect(owner_url, connect_timeout=5, autocommit=True) as connection:
            if connection.execute("SELECT to_regclass('alembic_version') IS NULL").fetchone() == (True,):
                return False
            return connection.execute("SELECT version_num FROM alembic_version").fetchone() == (revisions.newest(),)
    except psycopg.OperationalError:
        return False  # no database or role yet, or no server: the full path tells which


def _create_roles(superuser_url: str, credentials: _Credentials) -> None:
    with _superuser(superuser_url) as connection:
        for role, password in ((OWNER, credentials.owner), (APP, credentials.app), (WORKER, credentials.worker)):
            exists = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            statement = sql.SQL(
                "{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {password}"
            )
            verb = sql.SQL("CREATE" if exists is None else "ALTER")
            connection.execute(statement.format(verb=verb, role=sql.Identifier(role), password=sql.Literal(password)))


def _create_database(superuser_url: str, database: str) -> None:
    name = sql.Identifier(database)
    with _superuser(superuser_url) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
            statement = "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0"
            connection.execute(sql.SQL(statement).format(name, sql.Identifier(OWNER)))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        grant = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}")
        connection.execute(grant.format(name, sql.Identifier(APP), sql.Identifier(WORKER)))


def _superuser(superuser_url: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(superuser_url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise Unavailable(
            f"The database server does not answer: {error}", fix="Start it with `redaptive services start`."
        ) from error


def _urls(superuser_url: str, credentials: _Credentials, database: str) -> DatabaseUrls:
    server = {k: v for k, v in conninfo_to_dict(superuser_url).items() if k not in {"user", "password", "dbname"}}

    def url(user: str, password: str) -> str:
        return make_conninfo("", **server, user=user, password=password, dbname=database)

    return DatabaseUrls(url(OWNER, credentials.owner), url(APP, credentials.app), url(WORKER, credentials.worker))


def _load_or_create(path: Path) -> _Credentials:
    if path.exists():
        return _Credentials(**json.loads(path.read_text()))
    made = _Credentials(*(secrets.token_urlsafe(32) for _ in range(3)))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first: its passwords count
        return _Credentials(**json.loads(path.read_text()))
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(asdict(made)))
        file.flush()
        os.fsync(file.fileno())
    return made
