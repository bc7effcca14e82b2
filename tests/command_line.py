"""Commands of the command line for tests: forked from a process that has imported everything already.

A forked command is a process of its own with the environment, folder and streams that it is given, and it ends as one;
`tests/fork_server.py` says what it finds warm. Where the start is what a test is about (the installed script, what is
imported, hash seeds, signals and kills, servers that go on), the test starts a new Python instead.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from select import select

SERVER = Path(__file__).with_name("fork_server.py")
WITHOUT_THREADS = {"OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
"""They would begin with the import, and with the first sentence."""


class ForkServer:
    """A server that forks a process for each command."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, str(SERVER), str(number)],
                env={**os.environ, **WITHOUT_THREADS},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[number],
            )  # fmt: skip

    def stop(self) -> None:
        """Let it end."""
        self._requests.close()
        self._process.wait(60)

    @contextmanager
    def forked(
        self, *arguments: str, env: Mapping[str, str], cwd: Path, streams: tuple[int, int, int]
    ) -> Iterator[ForkedCommand]:
        """A command that begins now, with descriptors for its streams; killed at the end where it still runs."""
        asked = json.dumps({"arguments": arguments, "env": dict(env), "cwd": str(cwd)}).encode()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                socket.send_fds(self._requests, [asked], [*streams, theirs.fileno()])
            command = ForkedCommand(ours)
            try:
                yield command
            finally:
                command.kill()


class ForkedCommand:
    """A command that a server forked."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self._code: int | None = None
        self.pid = self._number()

    def wait(self, timeout_s: float) -> int:
        """Its exit code, of a signal the negative number; raises TimeoutError where it goes on for longer."""
        if self._code is None:
            ready, _, _ = select([self._told], [], [], timeout_s)
            if not ready:
                raise TimeoutError
            self._code = self._number()
        return self._code

    def kill(self) -> None:
        """kill -9 where it still runs, and wait for the end."""
        try:
            self.wait(0)
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(60)

    def _number(self) -> int:
        told = self._told.recv(32)
        assert told, "the fork server has died; what it said is above"
        return int(told)


@cache
def fork_server() -> ForkServer:
    """That of this test run, from its first command on."""
    server = ForkServer()
    atexit.register(server.stop)
    return server


def redaptive(
    *arguments: str, env: Mapping[str, str], cwd: Path | None = None, given: str = "", timeout_s: float = 280
) -> subprocess.CompletedProcess[str]:
    """What `python -m redaptive` with these arguments said, with `given` on its standard input.

    :raises subprocess.TimeoutExpired: it ran longer and was killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, _filled(given) as stdin:
        streams = (stdin, out.fileno(), err.fileno())
        with fork_server().forked(*arguments, env=env, cwd=cwd or Path.cwd(), streams=streams) as command:
            try:
                code = command.wait(timeout_s)
            except TimeoutError:
                raise subprocess.TimeoutExpired(arguments, timeout_s) from None
        said = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode() for file in (out, err)]
    return subprocess.CompletedProcess(["redaptive", *arguments], code, *said)


@contextmanager
def _filled(given: str) -> Iterator[int]:
    """The end of a pipe that holds the text, which must fit into it."""
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        assert os.write(write, given.encode()) == len(given.encode())
        os.close(write)
        yield read
    finally:
        os.close(read)
