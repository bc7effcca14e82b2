"""`redaptive up` brings everything up, takes readings through to the store, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.command_line import redaptive

COMMAND = [sys.executable, "-m", "redaptive"]


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    home = Path(tempfile.mkdtemp(prefix="redaptive-up-"))
    home.chmod(0o755)
    own = {"REDAPTIVE_HOME": str(home), "REDAPTIVE_TENANT": "up", "REDAPTIVE_FLUSH_INTERVAL_S": "0.5"}
    own |= {"REDAPTIVE_INGEST_PORT": "28790", "REDAPTIVE_AGENT_PORT": "28801"}
    yield {**{k: v for k, v in os.environ.items() if not k.startswith("REDAPTIVE_")}, **own}
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_up_runs_everything_and_ctrl_c_stops_all_of_it(environment: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("w") as sink:
        command = [*COMMAND, "up", "--workers", "2"]
        up = subprocess.Popen(command, env=environment, stdout=sink, stderr=sink, start_new_session=True)
    try:
        _wait_for(lambda: "Up, for tenant up." in output.read_text(), up)
        acknowledged = _simulate(environment)
        _wait_for(lambda: _status(environment)["counts"].get("ok", 0) == acknowledged > 0, up)
        status = _status(environment)
        assert sum(p["alive"] for p in status["partitions"]) == 16
        assert len(status["workers"]) == 2
        children = psutil.Process(up.pid).children(recursive=True)
        assert len(children) >= 5
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)
    assert up.returncode == 0, output.read_text()
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with a killed parent")
def test_a_killed_up_leaves_no_orphan(environment: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("w") as sink:
        up = subprocess.Popen([*COMMAND, "up", "--no-agents"], env=environment, stdout=sink, stderr=sink)
    _wait_for(lambda: "Up, for tenant up." in output.read_text(), up)
    ours = [p for p in psutil.Process(up.pid).children(recursive=True) if "redaptive" in p.cmdline()]
    assert len(ours) >= 3
    up.kill()
    up.wait(10)
    _wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in ours), None)
    _said(environment, "services", "stop")


def _wait_for(condition: object, process: subprocess.Popen[bytes] | None) -> None:
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return
        assert process is None or process.poll() is None, "it ended"
        time.sleep(0.2)
    raise AssertionError("waited in vain")


def _simulate(environment: dict[str, str]) -> int:
    """Send a few clean intervals of 100 meters over MQTT; how many readings were acknowledged."""
    sent = ("--meters", "100", "--speed", "max", "--intervals", "4", "--dirty", "0")
    return int(json.loads(_said(environment, "meters", "simulate", *sent, "--json"))["acked"])


def _status(environment: dict[str, str]) -> dict[str, object]:
    return json.loads(_said(environment, "stream", "status", "--json"))


def _said(environment: dict[str, str], *command: str) -> str:
    done = redaptive(*command, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
