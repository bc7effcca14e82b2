"""Commands that the evolution plan names, run as it writes them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]


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


def test_agents_start_answer_a_client_and_stop_on_interrupt(cli_environment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**cli_environment, "REDAPTIVE_AGENT_PORT": str(port)}
    command = [sys.executable, "start_agents.py", "portfolio-intelligence"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        assert _healthy(port, process)
        client = [sys.executable, "scripts/mcp/working_mcp_client.py", "--url", f"http://127.0.0.1:{port}/mcp"]
        talked = subprocess.run(
            client, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert "portfolio-intelligence.analyze_portfolio_usage" in talked.stdout, talked.stderr
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
