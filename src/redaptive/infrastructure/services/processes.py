"""Processes by identity (pid, start time and command), so that a recycled pid is never taken for a server."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from redaptive.infrastructure.services.os_user import Account

START_TIME_TOLERANCE_S = 2.0  # the clock may be adjusted between two readings of one start time
FIRST_PORT, LAST_PORT = 21_000, 31_999  # below the range from which systems draw ports of outgoing connections
_started: set[int] = set()  # pids of our own children, to be reaped


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that cannot be confused with a later one of the same pid."""

    pid: int
    started_at: float
    command: tuple[str, ...]


def identify(pid: int) -> ProcessIdentity | None:
    """The identity of the live process `pid`; None if there is none (a zombie is none)."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            if process.status() == psutil.STATUS_ZOMBIE:
                _reap(pid)
                return None
            return ProcessIdentity(pid, process.create_time(), tuple(process.cmdline()))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def is_alive(identity: ProcessIdentity) -> bool:
    """Whether this very process still runs: same pid, start time and command."""
    found = identify(identity.pid)
    return found is not None and _as_old(found, identity.started_at) and found.command == identity.command


def is_running(pid: int, started_at: float) -> bool:
    """Whether the process `pid` of that start time still runs; its command may have changed, as titles do."""
    found = identify(pid)
    return found is not None and _as_old(found, started_at)


def _as_old(found: ProcessIdentity, started_at: float) -> bool:
    return abs(found.started_at - started_at) < START_TIME_TOLERANCE_S


@contextmanager
def end_of(identity: ProcessIdentity) -> Iterator[Callable[[float], bool]]:
    """A function that waits at most so many seconds and says whether the process has ended.

    On Linux the system tells, at once and at no cost; elsewhere the process is looked at after the time.
    """
    try:
        handle = os.pidfd_open(identity.pid) if hasattr(os, "pidfd_open") else None
    except OSError:  # ended, or a kernel without it
        handle = None
    try:
        if handle is None or not is_alive(identity):  # looked at after opening: the handle is of this very process
            yield lambda timeout_s: _ended_after(identity, timeout_s)
        else:
            opened = handle
            yield lambda timeout_s: _readable(opened, timeout_s)
    finally:
        if handle is not None:
            os.close(handle)


def _ended_after(identity: ProcessIdentity, timeout_s: float) -> bool:
    if is_alive(identity):
        time.sleep(timeout_s)
    return not is_alive(identity)


def _readable(handle: int, timeout_s: float) -> bool:
    waiter = select.poll()  # not select(): it refuses handles above 1023
    waiter.register(handle, select.POLLIN)
    return bool(waiter.poll(timeout_s * 1000))


def _reap(pid: int) -> None:
    """Collect the exit of a server that this process started; other children have owners who wait for them."""
    if pid in _started:
        _started.discard(pid)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def environment(folder: Path) -> dict[str, str]:
    """The fixed environment of a server: nothing of the caller's language, library path or secrets."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(folder)}


def spawn(command: Sequence[str], *, folder: Path, log: Path, account: Account | None) -> ProcessIdentity:
    """The identity of a started server that writes to `log` and runs as `account` (None: as we do).

    It gets a session of its own: Ctrl-C and the closing of a terminal reach us first, and we stop it in order.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment(folder),
            start_new_session=True,
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    # From here on the server is followed by identity, which also works for one that another process started.
    process.returncode = 0
    _started.add(process.pid)
    return _identity_of_started(process.pid, tuple(command))


def _identity_of_started(pid: int, command: tuple[str, ...]) -> ProcessIdentity:
    """The identity once the system shows the new command: for a moment after exec it shows none."""
    found = identify(pid)
    deadline = time.monotonic() + 1.0
    while found is not None and found.command != command and time.monotonic() < deadline:
        time.sleep(0.001)
        found = identify(pid)
    return found or ProcessIdentity(pid, time.time(), command)


def terminate(identity: ProcessIdentity, stop_signal: signal.Signals, timeout_s: float) -> bool:
    """Whether the process ended by `stop_signal`; after `timeout_s` it and its children are killed (False)."""
    if not is_alive(identity):
        return True
    process = psutil.Process(identity.pid)
    children = _children(process)
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(stop_signal)
    alive = _wait([process, *children], timeout_s)
    _kill(alive)
    return process not in alive


def _wait(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Those that still run after at most `timeout_s`.

    Not `psutil.wait_procs`: it waits for a zombie whose parent (an init that does not reap, another user) is idle.
    """
    deadline = time.monotonic() + timeout_s
    alive = [process for process in processes if _runs(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(0.005)
        alive = [process for process in alive if _runs(process)]
    return alive


def _runs(process: psutil.Process) -> bool:
    return bool(process.is_running()) and identify(process.pid) is not None


def _kill(processes: list[psutil.Process]) -> None:
    """Kill and wait until they are gone."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _wait(processes, 5.0)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def strays(name: str, folder: Path) -> list[psutil.Process]:
    """Processes called `name` that work in `folder` or read their configuration there.

    They are servers whose state was lost, or children of a killed one.
    """
    places = (str(folder), f"{folder} (deleted)")  # the second: somebody removed the folder under the server
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if (process.info["name"] or "").startswith(name) and (process.cwd() in places or _reads(process, folder)):
                found.append(process)
    return found


def _reads(process: psutil.Process, folder: Path) -> bool:
    return any(str(part).startswith(f"{folder}/") for part in process.cmdline())


def clear_strays(name: str, folder: Path, stop_signal: signal.Signals, timeout_s: float) -> int:
    """Number of strays found; when this returns they are gone.

    A server is told to stop and ends its children; children of a killed server end by themselves, told or not.
    """
    found = strays(name, folder)
    pids = {process.pid for process in found}
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in pids:
                process.send_signal(stop_signal)
    _kill(_wait(found, timeout_s))
    return len(found)


def free_port(preferred: int | None) -> int:
    """A free TCP port of the loopback address: `preferred` if possible, so that URLs already handed out stay true."""
    candidates = [preferred] if preferred else []
    candidates += [FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT + 1) for _ in range(50)]
    for port in candidates:
        if _is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # The servers set it too: connections of a server that was just stopped do not occupy its port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
