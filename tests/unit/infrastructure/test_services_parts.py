"""Parts of the service supervisor that need no server: identities, leases, states, folders and system users."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.services import os_user
from redaptive.infrastructure.services.credentials import ensure_password
from redaptive.infrastructure.services.files import folder_size_bytes, rotate, tail, write_private
from redaptive.infrastructure.services.installation import package_folder
from redaptive.infrastructure.services.leases import Leases
from redaptive.infrastructure.services.lifecycle import backoff_s
from redaptive.infrastructure.services.os_user import Account, database_account, database_folder, first_closed
from redaptive.infrastructure.services.processes import (
    ProcessIdentity,
    end_of,
    free_port,
    identify,
    is_alive,
    is_running,
    strays,
    terminate,
)
from redaptive.infrastructure.services.server import ServiceEndpoint
from redaptive.infrastructure.services.state import REMEMBER_DEATHS_S, ServiceState, load_state, save_state

STRANGER = Account("stranger", 64999, 64999)  # owns nothing here


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works in `tmp_path` and does nothing."""
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder below `tmp_path` with a stated mode, so that only the tests' own folders decide."""
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    for path in (tmp_path / "a", folder):
        path.chmod(0o755)
    return folder


def test_an_identity_holds_only_for_the_same_pid_start_and_command(sleeper: subprocess.Popen[bytes]) -> None:
    found = identify(sleeper.pid)
    assert found is not None
    assert is_alive(found)
    assert not is_alive(ProcessIdentity(found.pid, found.started_at - 60, found.command))
    assert not is_alive(ProcessIdentity(found.pid, found.started_at, (*found.command, "else")))
    assert is_running(found.pid, found.started_at)
    assert not is_running(found.pid, found.started_at - 60)


def test_a_killed_child_that_nobody_waited_for_is_not_alive(sleeper: subprocess.Popen[bytes]) -> None:
    found = identify(sleeper.pid)
    assert found is not None
    os.kill(sleeper.pid, signal.SIGKILL)
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)  # a zombie now
    assert not is_alive(found)


def test_the_end_of_a_process_is_noticed(sleeper: subprocess.Popen[bytes]) -> None:
    found = identify(sleeper.pid)
    assert found is not None
    with end_of(found) as ended_within:
        assert not ended_within(0.01)
        os.kill(sleeper.pid, signal.SIGKILL)
        assert ended_within(30.0)
    with end_of(found) as ended_within:  # one that ended before
        assert ended_within(0.01)
    me = identify(os.getpid())
    assert me is not None
    with end_of(ProcessIdentity(me.pid, me.started_at - 60, me.command)) as ended_within:  # the pid was recycled
        assert ended_within(0.01)


def test_terminate_kills_what_ignores_the_signal() -> None:
    code = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    found = identify(process.pid)
    assert found is not None
    assert not terminate(found, signal.SIGTERM, timeout_s=0.2)
    assert not is_alive(found)
    process.wait()
    process.stdout.close()


def test_strays_are_found_by_name_and_folder(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert [p.pid for p in strays("python", tmp_path.resolve())] == [sleeper.pid]
    assert strays("python", tmp_path.resolve() / "other") == []
    assert strays("postgres", tmp_path.resolve()) == []


def test_a_taken_port_is_not_given_and_a_free_one_is_kept() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


def test_leases_of_dead_and_of_recycled_pids_do_not_count(tmp_path: Path) -> None:
    leases = Leases(tmp_path)
    mine = leases.acquire()
    me = identify(os.getpid())
    assert me is not None
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name, pid, started_at in (("dead", dead.pid, me.started_at), ("recycled", me.pid, me.started_at - 3600)):
        write_private(tmp_path / "leases" / f"{name}.json", f'{{"pid": {pid}, "started_at": {started_at}}}')
    assert leases.live() == 1
    assert sorted(path.name for path in (tmp_path / "leases").iterdir()) == [mine.name]
    leases.drop(mine)
    leases.drop(mine)
    assert not leases.needed()


def test_keep_needs_no_lease(tmp_path: Path) -> None:
    leases = Leases(tmp_path)
    leases.keep()
    assert leases.needed()
    leases.unkeep()
    leases.unkeep()
    assert not leases.needed()


def test_two_leases_of_one_process_end_one_by_one(tmp_path: Path) -> None:
    leases = Leases(tmp_path)
    first, second = leases.acquire(), leases.acquire()
    leases.drop(first)
    assert leases.needed()
    leases.drop(second)
    assert not leases.needed()


def test_a_state_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "database.json"
    assert load_state(path) == ServiceState()
    state = ServiceState(ProcessIdentity(7, 1.5, ("postgres", "-D", "x")), 21_000, "18.4", (1.0, 2.0))
    save_state(path, state)
    assert load_state(path) == state
    assert path.stat().st_mode & 0o777 == 0o600


def test_deaths_of_long_ago_are_forgotten() -> None:
    now = 10_000.0
    state = ServiceState(deaths=(now - REMEMBER_DEATHS_S - 1, now - 61, now - 59)).died(now)
    assert state.deaths == (now - 61, now - 59, now)
    assert state.deaths_since(now - 60) == 2


def test_backoff_doubles_from_a_tenth_of_a_second_to_thirty() -> None:
    assert [backoff_s(n) for n in range(1, 6)] == [0.1, 0.2, 0.4, 0.8, 1.6]
    assert backoff_s(0) == 0.1
    assert backoff_s(50) == 30.0


def test_a_password_is_generated_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "log"
    first = ensure_password(path)
    assert ensure_password(path) == first
    assert ensure_password(tmp_path / "secrets" / "cache") != first
    assert len(first) >= 32
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_keeps_the_old_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "\ud800")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_tail_and_the_rotation_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log.log"
    assert "no log" in tail(log)
    log.write_text("".join(f"line {n}\n" for n in range(50)))
    assert tail(log).splitlines() == [f"line {n}" for n in range(30, 50)]
    rotate(log, limit_bytes=10_000)
    assert log.exists()
    rotate(log, limit_bytes=10)
    assert not log.exists()
    assert folder_size_bytes(tmp_path) == (tmp_path / "log.1.log").stat().st_size


def test_an_endpoint_does_not_show_its_password() -> None:
    endpoint = ServiceEndpoint("log", "redis://:hidden@127.0.0.1:1/0", True, "9.1.2")
    assert "hidden" not in repr(endpoint)
    assert "hidden" not in str(endpoint)


def test_a_closed_folder_is_named(open_folder: Path) -> None:
    assert first_closed(open_folder, STRANGER) in (None, *open_folder.parents[1:])  # pytest's own may be closed
    open_folder.parent.chmod(0o700)
    closed = first_closed(open_folder, STRANGER)
    assert closed is not None
    assert open_folder.is_relative_to(closed)
    owner = Account("owner", open_folder.stat().st_uid, open_folder.stat().st_gid)
    assert first_closed(open_folder, owner) is None or owner.uid != 0


def test_data_of_a_closed_home_goes_below_the_fallback_root(tmp_path: Path, open_folder: Path) -> None:
    home = tmp_path / "closed" / "home"
    home.mkdir(parents=True)
    home.parent.chmod(0o700)
    if first_closed(open_folder, STRANGER) is not None:
        # The fallback root is closed too (pytest's folder): nothing is left but to say so.
        with pytest.raises(Unavailable, match="cannot traverse"):
            database_folder(home, STRANGER, open_folder)
        return
    folder = database_folder(home, STRANGER, open_folder)
    assert folder.parent == open_folder.resolve()
    assert database_folder(tmp_path / "closed" / "home2", STRANGER, open_folder) != folder


def test_an_ordinary_user_keeps_everything_in_the_home(tmp_path: Path) -> None:
    assert database_folder(tmp_path, None) == tmp_path.resolve() / "services" / "database"


def test_the_note_in_the_home_decides_where_the_data_is(tmp_path: Path) -> None:
    write_private(os_user.location_note(tmp_path), str(tmp_path / "elsewhere"))
    assert database_folder(tmp_path, None) == tmp_path / "elsewhere"


def test_existing_data_is_never_left_behind(tmp_path: Path, open_folder: Path) -> None:
    home = tmp_path / "closed" / "home"
    (home / "services" / "database" / "data").mkdir(parents=True)
    home.parent.chmod(0o700)
    with pytest.raises(Unavailable, match="cannot traverse") as caught:
        database_folder(home, STRANGER, open_folder)
    assert caught.value.field == "REDAPTIVE_HOME"
    assert "REDAPTIVE_HOME" in (caught.value.fix or "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root switches to another user")
def test_root_refuses_root_and_strangers_as_database_user() -> None:
    assert database_account("nobody") is not None
    for name in ("root", "no-such-user-here"):
        with pytest.raises(InvalidInput, match=name) as caught:
            database_account(name)
        assert caught.value.field == "REDAPTIVE_DB_OS_USER"


def test_a_missing_wheel_names_the_setting_to_use_instead() -> None:
    with pytest.raises(Unavailable, match="no_such_wheel") as caught:
        package_folder("no_such_wheel", "REDAPTIVE_LOG_URL")
    assert "REDAPTIVE_LOG_URL" in (caught.value.fix or "")
