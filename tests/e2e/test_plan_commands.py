"""Commands that the evolution plan names, run as it writes them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

ROOT = Path(__file__).parents[2]
CLIENT = "scripts/mcp/working_mcp_client.py"
# The scripts set up the checkout's .venv where it is missing: a test must not start an installation.
READY = (ROOT / ".venv/.base").is_file() and Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
needs_setup = pytest.mark.skipif(not READY, reason="needs the checkout's own .venv, made by `make setup`")


def _run(environment, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )  # fmt: skip


def _healthy(port: int, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(600):
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                return answer.status == 200
        except (URLError, OSError):
            if process.poll() is not None:
                return False
            time.sleep(0.1)
    return False


def test_agents_start_answer_a_client_and_stop_on_interrupt(analysed, demo_environment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**demo_environment, "REDAPTIVE_AGENT_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "start_agents.py", "portfolio-intelligence"], cwd=ROOT, env=environment)
    try:
        assert _healthy(port, process)
        talked = _run(environment, sys.executable, CLIENT, "--url", f"http://127.0.0.1:{port}/mcp")
        assert talked.returncode == 0, talked.stderr
        assert "6 tools:" in talked.stdout
        assert "portfolio-intelligence.analyze_portfolio_usage" in talked.stdout
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
        assert [c.pid for c in children if c.is_running()] == []
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_the_client_talks_over_stdio(analysed, demo_environment) -> None:
    talked = _run(demo_environment, sys.executable, CLIENT, "--json", '{"group_by": "state"}')
    assert talked.returncode == 0, talked.stderr
    assert "6 tools:" in talked.stdout
    answer = talked.stdout.split("calling", 1)[1]
    assert '"group_by": "state"' in answer
    assert '"electricity_kwh"' in answer


@needs_setup
def test_the_environment_runs_a_command(demo_environment) -> None:
    told = _run(demo_environment, "./activate_venv.sh", "python", "-c", "import sys; print(sys.prefix)")
    assert (told.returncode, Path(told.stdout.strip()).resolve()) == (0, (ROOT / ".venv").resolve())


@needs_setup
def test_the_database_is_set_up_and_tested(analysed, demo_environment) -> None:
    # A second set-up of the tenant that has the sample must change nothing.
    done = _run(
        demo_environment, "scripts/database/setup_energy_database.sh", "--tenant", demo_environment["REDAPTIVE_TENANT"]
    )
    assert done.returncode == 0, done.stderr
    assert "0 new readings" in done.stderr
    checked = _run(demo_environment, "scripts/database/test_database.sh", "--json")
    assert checked.returncode == 0, checked.stderr
    findings = json.loads(checked.stdout)
    assert findings
    assert all(finding["ok"] for finding in findings)


@needs_setup
def test_the_client_configuration_starts_the_agents(demo_environment) -> None:
    told = _run(demo_environment, "scripts/mcp/configure.sh")
    server = json.loads(told.stdout)["mcpServers"]["redaptive-portfolio-intelligence"]
    assert Path(server["command"]).is_file()
    assert server["args"] == ["-m", "redaptive", "agents", "start", "portfolio-intelligence", "--stdio"]
    assert server["env"] == {"REDAPTIVE_TENANT": demo_environment["REDAPTIVE_TENANT"]}
