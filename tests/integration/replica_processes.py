"""Real agent processes on ports of their own, to be killed by tests."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

AGENT = Path(__file__).parents[1] / "fakes" / "lake_agent.py"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ReplicaProcess:
    """One agent process."""

    name: str
    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where its tools are."""
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def health_url(self) -> str:
        """Where it says that it is alive."""
        return f"http://127.0.0.1:{self.port}/health"

    def kill(self) -> None:
        """End it as the kernel would, without a word."""
        self.process.kill()
        self.process.wait(20)


def start_replicas(
    names: Sequence[str], home: Path, *, port: int | None = None, valkey: int | None = None
) -> list[ReplicaProcess]:
    """Running replicas that are ready, started side by side; the caller ends them."""
    started = [_launch(name, home, port or free_port(), valkey) for name in names]
    for each in started:
        _await_ready(each)
    return started


def _launch(name: str, home: Path, port: int, valkey: int | None) -> ReplicaProcess:
    command = [sys.executable, str(AGENT), "--home", str(home), "--port", str(port), "--name", name]
    command += ["--valkey", str(valkey)] if valkey else []
    with (home / f"{name}.stderr").open("w") as stderr:
        return ReplicaProcess(name, home, port, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr))


def _await_ready(replica: ReplicaProcess) -> None:
    for _ in range(1_200):
        try:
            if httpx2.get(replica.health_url).status_code == 200:
                return
        except httpx2.TransportError:
            assert replica.process.poll() is None, (replica.home / f"{replica.name}.stderr").read_text()
            time.sleep(0.05)
    replica.kill()
    raise AssertionError(f"{replica.name} did not start")
