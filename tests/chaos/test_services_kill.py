"""kill -9 of an embedded server and of the process that supervises it: what was acknowledged is there afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import valkey

from redaptive.errors import Unavailable
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no embedded servers on Windows")
PATIENCE_S = 60.0

USER_PROCESS = """
import sys, time
from pathlib import Path
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
supervisor = ServiceSupervisor(Settings(home=Path(sys.argv[1])))
supervisor.start()
print("pids", *[status.pid for status in supervisor.status()], flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that any system user may traverse; afterwards nothing runs in it."""
    folder = Path(tempfile.mkdtemp(prefix="redaptive-chaos-"))
    folder.chmod(0o711)
    yield folder
    left = servers_of(folder)
    for process in left:
        process.kill()
    shutil.rmtree(folder)
    assert not left


@pytest.fixture
def supervisor(home: Path) -> Iterator[ServiceSupervisor]:
    made = ServiceSupervisor(Settings(home=home))
    yield made
    made.stop()


def servers_of(home: Path) -> list[psutil.Process]:
    """Live processes that work for `home`, found by their command or folder and without the supervisor's files."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "status"]):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            named = (process.info["name"] or "").startswith(("postgres", "valkey"))
            if named and str(home) in " ".join([*(process.info["cmdline"] or []), process.cwd()]):
                found.append(process)
    return found


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def pids(supervisor: ServiceSupervisor) -> list[int]:
    return [status.pid or 0 for status in supervisor.status()]


def kill(supervisor: ServiceSupervisor, name: str) -> int:
    """The pid of the server that was killed."""
    (pid,) = [status.pid for status in supervisor.status() if status.name == name]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def back(supervisor: ServiceSupervisor, name: str, killed: int) -> Callable[[], bool]:
    """Whether the service runs in another process than the killed one."""
    return lambda: any(
        status.name == name and status.state == "running" and status.pid not in (None, killed)
        for status in supervisor.status()
    )


def killed_user(home: Path) -> list[int]:
    """Pids of the servers that a process started before it was killed, kill -9."""
    user = subprocess.Popen([sys.executable, "-c", USER_PROCESS, str(home)], stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    line = next(line for line in user.stdout if line.startswith("pids "))
    user.kill()
    user.communicate()
    return [int(pid) for pid in line.split()[1:]]


def test_acknowledged_rows_survive_the_kill_of_postgresql(supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as endpoints:
        acknowledged = []
        with psycopg.connect(endpoints.database.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (value int PRIMARY KEY)")
            for value in range(200):
                connection.execute("INSERT INTO kept VALUES (%s)", (value,))
                acknowledged.append(value)
            killed = kill(supervisor, "database")
            with suppress(psycopg.OperationalError):
                for value in range(200, 100_000):
                    connection.execute("INSERT INTO kept VALUES (%s)", (value,))
                    acknowledged.append(value)
            assert connection.broken
        until(back(supervisor, "database", killed), "PostgreSQL is restarted")
        until(lambda: answers(endpoints.database.url), "PostgreSQL answers at the URL handed out before")
        with psycopg.connect(endpoints.database.url) as connection:
            kept = {row[0] for row in connection.execute("SELECT value FROM kept")}
        assert kept >= set(acknowledged)
        assert len(kept) <= len(acknowledged) + 1  # the one in flight may have been committed


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def test_acknowledged_entries_survive_the_kill_of_the_log(supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as endpoints:
        with valkey.Valkey.from_url(endpoints.log.url) as log:
            for first in range(0, 5_000, 500):
                pipeline = log.pipeline(transaction=False)
                for number in range(first, first + 500):
                    pipeline.xadd("readings", {"n": number}, id=f"{number + 1}-0")
                pipeline.execute()
        killed = kill(supervisor, "log")
        until(back(supervisor, "log", killed), "the log is restarted")
        assert supervisor.ensure() == endpoints  # waits until it answers, at the old URL
        with valkey.Valkey.from_url(endpoints.log.url) as log:
            assert log.xlen("readings") == 5_000
            entries = log.xrange("readings")
        assert [int(fields[b"n"]) for _, fields in entries] == list(range(5_000))


def test_all_three_killed_at_once_come_back(supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as endpoints:
        before = {name: kill(supervisor, name) for name in ("database", "log", "cache")}
        for name, killed in before.items():
            until(back(supervisor, name, killed), f"{name} is restarted")
        assert supervisor.ensure() == endpoints
        assert not set(pids(supervisor)) & set(before.values())


def test_servers_of_a_killed_process_are_adopted_and_then_stopped(home: Path, supervisor: ServiceSupervisor) -> None:
    orphans = killed_user(home)
    assert pids(supervisor) == orphans
    with supervisor.session():
        assert pids(supervisor) == orphans
    assert servers_of(home) == []


def test_ctrl_c_reaches_the_user_who_stops_the_servers_in_order(home: Path) -> None:
    command = [sys.executable, "-c", USER_PROCESS, str(home)]
    user = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    assert user.stdout is not None
    line = next(line for line in user.stdout if line.startswith("pids "))
    assert {os.getpgid(int(pid)) for pid in line.split()[1:]}.isdisjoint({user.pid})
    os.killpg(user.pid, signal.SIGINT)  # what a terminal does
    user.communicate()
    assert servers_of(home) == []
    database_log = (home / "log" / "database.log").read_text()
    assert "received fast shutdown request" in database_log
    assert "database system is shut down" in database_log
    assert "User requested shutdown" in (home / "log" / "log.log").read_text()


def test_a_server_killed_together_with_its_supervisor_is_replaced(home: Path, supervisor: ServiceSupervisor) -> None:
    orphans = killed_user(home)
    os.kill(orphans[0], signal.SIGKILL)
    # The pid in the left-behind file now belongs to a live process: PostgreSQL alone would refuse to start.
    stale = home / "services" / "database" / "data" / "postmaster.pid"
    stale.write_text("\n".join(["1", *stale.read_text().splitlines()[1:], ""]))
    until(lambda: supervisor.status()[0].state == "crashed", "the status shows the crash")
    with supervisor.session() as endpoints:
        assert answers(endpoints.database.url)
        assert pids(supervisor)[1:] == orphans[1:]
        assert pids(supervisor)[0] != orphans[0]
    assert servers_of(home) == []


@pytest.mark.parametrize("name", ["database", "log"])
def test_a_running_server_whose_state_was_lost_is_replaced(home: Path, name: str) -> None:
    orphans = killed_user(home)
    (home / "run" / f"{name}.json").unlink()  # as if it was killed between the start and the note of it
    later = ServiceSupervisor(Settings(home=home))
    with later.session() as endpoints:
        assert answers(endpoints.database.url)
        lost = {"database": 0, "log": 1}[name]
        assert not psutil.pid_exists(orphans[lost]) or psutil.Process(orphans[lost]).status() == "zombie"
        assert pids(later)[lost] != orphans[lost]
    assert servers_of(home) == []


def test_a_recycled_pid_is_not_taken_for_a_server(home: Path, supervisor: ServiceSupervisor) -> None:
    with supervisor.session():
        pass
    state = home / "run" / "cache.json"
    state.write_text(
        f'{{"process": {{"pid": {os.getpid()}, "started_at": 1.0, "command": ["valkey-server"]}},'
        ' "port": 29999, "version": "9.1.2", "deaths": []}'
    )
    assert supervisor.status()[2].state == "crashed"
    with supervisor.session():
        assert pids(supervisor)[2] not in (0, os.getpid())
    assert servers_of(home) == []


def test_five_deaths_in_a_minute_end_the_restarts(home: Path, supervisor: ServiceSupervisor) -> None:
    with supervisor.session():
        for _ in range(4):
            killed = kill(supervisor, "cache")
            until(back(supervisor, "cache", killed), "the cache is restarted")
        kill(supervisor, "cache")
        until(lambda: "cache" in supervisor.failures(), "the watch gives up")
        assert "died 5 times" in str(supervisor.failures()["cache"])
        assert "Configuration loaded" in str(supervisor.failures()["cache"])  # its log
        assert [status.state for status in supervisor.status()] == ["running", "running", "crashed"]
        with pytest.raises(Unavailable, match="died 5 times") as caught:
            supervisor.ensure()
        assert caught.value.retry_after_ms == 60_000
        assert [status.state for status in supervisor.status()] == ["running", "running", "crashed"]
    assert servers_of(home) == []


def test_a_second_user_restarts_what_dies_after_the_first_was_killed(home: Path, supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as endpoints:
        killed_user(home)
        killed = kill(supervisor, "database")
        until(back(supervisor, "database", killed), "the remaining user restarts it")
        until(lambda: answers(endpoints.database.url), "it answers at the old URL")
    assert servers_of(home) == []


def test_postgresql_with_many_sessions_comes_back(supervisor: ServiceSupervisor) -> None:
    with supervisor.session() as endpoints:
        connections = [psycopg.connect(endpoints.database.url) for _ in range(60)]
        killed = kill(supervisor, "database")
        until(back(supervisor, "database", killed), "PostgreSQL is restarted under 60 connections")
        for connection in connections:
            connection.close()
        until(lambda: answers(endpoints.database.url), "it answers at the old URL")
        assert supervisor.failures() == {}
