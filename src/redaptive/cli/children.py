"""Child processes of `redaptive up`: started, restarted when they die, ended in order; none outlives us."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import anyio
import structlog

log = structlog.get_logger(__name__)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
STEADY_S: Final = 30.0
"""A child that ran so long is started again at once when it dies."""
READY: Final = "Ctrl-C stops."
STOP_WITHIN_S: Final = 30.0
_PR_SET_PDEATHSIG: Final = 1


@dataclass
class Child:
    """One kind of process: `arguments` of the `redaptive` command. What it prints goes to `log_file`."""

    name: str
    arguments: Sequence[str]
    log_file: Path
    say: Callable[[str], None]
    restarts: int = 0
    process: asyncio.subprocess.Process | None = None
    _ending: bool = False
    _ready: anyio.Event = field(default_factory=anyio.Event)

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.returncode is None

    async def run(self) -> None:
        """Keep it running until `end`; what it says of itself before it is ready is passed on once."""
        pause_s = FIRST_PAUSE_S
        while not self._ending:
            began = anyio.current_time()
            await self._once()
            if self._ending:
                return
            self.restarts += 1
            pause_s = FIRST_PAUSE_S if anyio.current_time() - began > STEADY_S else min(LONGEST_PAUSE_S, pause_s * 2)
            self.say(f"{self.name} ended unexpectedly; again in {pause_s:g} s. Why: {self.log_file}")
            await anyio.sleep(pause_s)

    async def ready(self, within_s: float) -> bool:
        """Whether it said within that time that it is at work."""
        with anyio.move_on_after(within_s):
            await self._ready.wait()
        return self._ready.is_set()

    async def end(self) -> None:
        """SIGTERM, then wait; killed if it takes too long."""
        self._ending = True
        if self.process is None or self.process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
            with anyio.move_on_after(STOP_WITHIN_S):
                await self.process.wait()
                return
            self.process.kill()

    async def _once(self) -> None:
        with self.log_file.open("ab") as sink:
            self.process = await asyncio.create_subprocess_exec(  # anyio's has no hook in the child
                sys.executable,
                "-m",
                "redaptive",
                *self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.PIPE,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
            await self._relay(sink)
            await self.process.wait()

    async def _relay(self, sink: IO[bytes]) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        rest = b""
        while chunk := await self.process.stderr.read(4096):
            sink.write(chunk)
            sink.flush()
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._announce(line.decode(errors="replace").strip())

    def _announce(self, line: str) -> None:
        if self._ready.is_set() or not line:
            return
        if READY in line:
            self._ready.set()
            line = line.replace(READY, "").strip()
        if line:
            self.say(f"  {self.name}: {line}")


def _die_with_parent() -> None:
    """On Linux the kernel ends the child when we are killed, so that nothing is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1:
            os._exit(1)
