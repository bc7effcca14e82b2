"""A command that is told to end stops the servers that only it used."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_healthy(port: int, process: subprocess.Popen[str]) -> None:
    for _ in range(300):
        assert process.poll() is None, process.stderr
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the agent was never healthy")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_agent_and_its_servers(number: signal.Signals) -> None:
    home, port = Path(tempfile.mkdtemp(prefix="redaptive-signal-")), _free_port()
    home.chmod(0o755)
    command = [sys.executable, "-m", "redaptive", "agents", "start", "portfolio-intelligence", "--port", str(port)]
    process = subprocess.Popen(
        command, env={**os.environ, "REDAPTIVE_HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _wait_until_healthy(port, process)
        supervisor = ServiceSupervisor(Settings(home=home))
        assert {status.state for status in supervisor.status()} == {"running"}
        process.send_signal(number)
        process.communicate(timeout=60)
        assert {status.state for status in supervisor.status()} == {"stopped"}
    finally:
        process.kill()
        process.communicate()
        ServiceSupervisor(Settings(home=home)).stop()
        shutil.rmtree(home, ignore_errors=True)
