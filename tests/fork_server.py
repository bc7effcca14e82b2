"""A process that has imported the platform and forks for each command, so that a command need not import it again.

Started by `tests/command_line.py`. It forks while it has no second Python thread, has run no event loop, query or
compiled kernel, and has no module of the command line: that is imported by each command anew, as it reads the
environment. What a command finds warm are imports and the packaged language model; its hash seed is the server's.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final, NoReturn

import redaptive

COMMAND_LINE: Final = ("redaptive.cli.", "redaptive.__main__.")
DESCRIPTORS: Final = 4
"""What comes with each command: its standard input, output and error, and where to tell of its end."""
LONGEST: Final = 1 << 20
NATIVE: Final = frozenset({"jemalloc_bg_thd", "polars-ooc-clea"})
"""Threads that polars makes when it is imported: its allocator's, and one that waits for files to remove."""


def import_all() -> None:
    """Import what any command imports and read the language model, then forget the command line itself."""
    for module in pkgutil.walk_packages(redaptive.__path__, "redaptive."):
        with suppress(ImportError):  # of an extra that is not installed
            import_module(module.name)
    import_module("redaptive.cli.main").all_commands()
    plan = import_module("redaptive.cli.plan")
    planner = plan.offline_planner(lambda: datetime.now(UTC))
    planner.plan(plan.PlanRequest("How did our stores do?", "", plan.every_scope()))
    for name in [name for name in sys.modules if f"{name}.".startswith(COMMAND_LINE)]:
        del sys.modules[name]
    del redaptive.cli
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page


def check_fit_to_fork() -> None:
    """A child has the thread that forked alone: locks that others held would stay held."""
    assert threading.active_count() == 1, threading.enumerate()
    names = {_name_of(task) for task in os.listdir("/proc/self/task") if int(task) != os.getpid()}
    assert names <= NATIVE, names


def _name_of(task: str) -> str:
    with open(f"/proc/self/task/{task}/comm", encoding="utf-8") as file:
        return file.read().strip()


def serve(requests: socket.socket) -> Mapping[str, Any] | None:
    """Fork for each request until nobody can ask any more; in a child, which holds its own streams: what to run."""
    waking, woken = socket.socketpair()
    woken.setblocking(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the commands and for who waits for them
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno())
    ends: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([requests, waking], [], [])
        if waking in ready:
            waking.recv(LONGEST)
            _tell_ends(ends)
        if requests in ready:
            message, descriptors, _, _ = socket.recv_fds(requests, LONGEST, DESCRIPTORS)
            if not message:
                return None
            *streams, end = descriptors
            pid = os.fork()
            if pid == 0:
                for each in (requests, waking, woken, *ends.values()):
                    each.close()
                os.close(end)
                _take(streams)
                return json.loads(message)
            for stream in streams:
                os.close(stream)
            ends[pid] = socket.socket(fileno=end)
            _send(ends[pid], pid)


def _tell_ends(ends: dict[int, socket.socket]) -> None:
    for pid in list(ends):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            with ends.pop(pid) as end:
                _send(end, os.waitstatus_to_exitcode(status))


def _send(end: socket.socket, number: int) -> None:
    try:
        end.send(str(number).encode())
    except BrokenPipeError:  # who asked does not wait any more
        return


def _take(streams: list[int]) -> None:
    """Give the process the signals and the standard streams of a new one."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def run(command: Mapping[str, Any]) -> None:
    """Become `python -m redaptive` in the given folder and environment; leaves with SystemExit, as that does."""
    os.chdir(command["cwd"])
    os.environ.clear()
    os.environ.update(command["env"])
    time.tzset()
    sys.path[0] = os.getcwd()
    sys.argv = ["redaptive", *command["arguments"]]
    runpy.run_module("redaptive", run_name="__main__", alter_sys=True)


def end(code: int) -> NoReturn:
    """The end of a process, but for modules that are taken apart: what is frozen cannot be, and extensions complain."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main(requests: socket.socket) -> NoReturn:
    """Serve; in a child: run its command and end."""
    import_all()
    check_fit_to_fork()
    command = serve(requests)
    try:
        if command is not None:
            run(command)
    except SystemExit as done:
        end(done.code if isinstance(done.code, int) else int(done.code is not None))
    except BaseException:
        traceback.print_exc()
        end(1)
    end(0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
