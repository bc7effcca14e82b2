"""PostgreSQL from the wheel: its own data folder, scram passwords, the loopback address only."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import psycopg
import structlog

from redaptive.errors import Conflict, Unavailable
from redaptive.infrastructure.services.credentials import ensure_password
from redaptive.infrastructure.services.files import write_private
from redaptive.infrastructure.services.installation import POSTGRES_MAJOR, postgres_programs
from redaptive.infrastructure.services.os_user import (
    Account,
    check_owner,
    database_account,
    database_folder,
    location_note,
)
from redaptive.infrastructure.services.processes import environment
from redaptive.infrastructure.services.server import Progress

SUPERUSER = "postgres"
# Written into postgresql.conf when the folder is made, where an operator may change them.
FIRST_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
_log = structlog.get_logger(__name__)


class PostgresServer:
    """The embedded PostgreSQL of a home folder."""

    name = "database"
    title = "PostgreSQL"
    process_name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends the sessions, checkpoints, exits
    stop_timeout_s = 30.0

    def __init__(self, home: Path, db_os_user: str) -> None:
        self._home = home
        self._password_file = home / "secrets" / "database"
        self._db_os_user = db_os_user

    @cached_property
    def account(self) -> Account | None:
        """The system user that runs it when we are root; raises InvalidInput if there is none of that name."""
        return database_account(self._db_os_user)

    @property
    def _folder(self) -> Path:
        return database_folder(self._home, self.account)

    @property
    def data_folder(self) -> Path:
        """The PGDATA folder."""
        return self._folder / "data"

    def prepare(self, progress: Progress) -> None:
        """Make the data folder at the first start; raises Conflict for data of another major version."""
        self._make_folder(progress)
        password = ensure_password(self._password_file)
        if not self.data_folder.exists():
            progress("Creating the database (first start)")
            self._initialise(password)
        self._check_version()
        check_owner(self.data_folder, self.account)
        # Left by a server that was killed. No server uses the folder (strays were cleared), and a process that
        # got the old pid meanwhile would make PostgreSQL refuse to start.
        (self.data_folder / "postmaster.pid").unlink(missing_ok=True)

    def command(self, port: int) -> list[str]:
        """`postgres` in the foreground; port, addresses and the sync below are ours, all else is in postgresql.conf."""
        ours = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        if sys.platform == "linux":
            # After a crash every file is synced before recovery: one by one that took seconds, more with each table.
            ours["recovery_init_sync_method"] = "syncfs"
        options = [part for name, value in ours.items() for part in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self.data_folder), *options]

    def url(self, port: int) -> str:
        """The superuser's URL of the maintenance database `postgres`."""
        return f"postgresql://{SUPERUSER}:{ensure_password(self._password_file)}@127.0.0.1:{port}/postgres"

    def probe(self, port: int, pid: int) -> str | None:
        """The version once the server accepts connections."""
        # Asking the status file first keeps "the database system is starting up" out of the log.
        if not self._says_ready(pid):
            return None
        try:
            return postgres_version(self.url(port))
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                return None
            raise Unavailable(
                f"The embedded PostgreSQL in {self._folder} does not accept the password kept for it.",
                field=str(self._password_file),
                fix="Put back the password file that belongs to this data.",
            ) from error

    @cached_property
    def _programs(self) -> Path:
        return postgres_programs(self._folder, self.account)

    def _says_ready(self, pid: int) -> bool:
        try:
            lines = (self.data_folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _make_folder(self, progress: Progress) -> None:
        """The folder around the data: closed for an ordinary user, traversable for the other user of a root run."""
        mode = 0o711 if self.account else 0o700
        elsewhere = not self._folder.is_relative_to(self._home.resolve())
        if elsewhere and not location_note(self._home).exists():
            progress(f"Keeping PostgreSQL data in {self._folder}: {self._home} is closed to {_name(self)}")
            _log.warning("database_folder_elsewhere", folder=str(self._folder), home=str(self._home))
            # The note comes first: data that exists without it would be lost from sight.
            self._set_aside(progress)
            write_private(location_note(self._home), str(self._folder), durable=True)
        if not self._folder.exists():
            self._folder.mkdir()
            self._folder.chmod(mode)

    def _set_aside(self, progress: Progress) -> None:
        """Move the data of an earlier home of the same path out of the way: its password went with that home."""
        if not self.data_folder.exists():
            return
        aside = self._folder / f"of-removed-home-{secrets.token_hex(4)}"
        self.data_folder.rename(aside)
        progress(f"The home that used {self.data_folder} was removed: its data is now {aside}; delete it if unwanted")
        _log.warning("database_of_removed_home_set_aside", folder=str(aside))

    def _initialise(self, password: str) -> None:
        """Run initdb beside the data folder, then rename: a killed initdb leaves no half data folder."""
        for leftover in self._folder.glob("new-*"):
            shutil.rmtree(leftover)
        new = self._folder / f"new-{secrets.token_hex(4)}"
        new.mkdir(mode=0o700)
        password_file = new.with_suffix(".password")
        write_private(password_file, password)
        if self.account:
            os.chown(new, self.account.uid, self.account.gid)
            os.chown(password_file, self.account.uid, self.account.gid)
        try:
            self._run_initdb(new, password_file)
        finally:
            password_file.unlink()
        new.rename(self.data_folder)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        command = [str(self._programs / "initdb"), "-D", str(folder), f"--username={SUPERUSER}"]
        command += [f"--pwfile={password_file}", "--auth=scram-sha-256", "--data-checksums", "--no-instructions"]
        # The built-in locale sorts and folds the same on every system, so an upgrade of the system spoils no index.
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # Synced to disk, although --no-sync saves 0.4 s: what is committed later rests on these files.
        command += [f"--set={name}={value}" for name, value in FIRST_SETTINGS.items()]
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if done.returncode != 0:
            raise Unavailable(
                f"initdb could not create the database in {folder}:\n{done.stdout[-500:]}{done.stderr[-1500:]}",
                field="REDAPTIVE_HOME",
                fix="Check free space and permissions of that folder, then try again.",
            )

    def _check_version(self) -> None:
        version_file = self.data_folder / "PG_VERSION"
        found = version_file.read_text(encoding="utf-8").strip() if version_file.exists() else "unknown"
        if found != str(POSTGRES_MAJOR):
            raise Conflict(
                f"The data in {self.data_folder} is of PostgreSQL {found}, this server is {POSTGRES_MAJOR}.",
                field=str(version_file),
                fix="Run `redaptive db upgrade` (dump and restore).",
            )


def _name(server: PostgresServer) -> str:
    return server.account.name if server.account else "others"


def postgres_version(url: str, timeout_s: int = 5) -> str:
    """The version that the server at `url` reports; raises psycopg.OperationalError if it does not answer."""
    with psycopg.connect(url, connect_timeout=timeout_s) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    assert row is not None  # SHOW returns one row
    return str(row[0])
