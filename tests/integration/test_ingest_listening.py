"""The address that ingest listens on is a setting; without it only this machine reaches it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import httpx2
import pytest
from tests.configured_servers import server_environment

from redaptive.settings import Settings


def free(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def test_http_listens_on_the_address_of_the_setting(servers: Settings) -> None:
    """127.0.0.2 is another address of this machine, which the default does not listen on."""
    port = free("127.0.0.2")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("REDAPTIVE_")}
    mine = {"REDAPTIVE_INGEST_HOST": "127.0.0.2", "REDAPTIVE_INGEST_PORT": str(port), "COLUMNS": "160"}
    command = [sys.executable, "-m", "redaptive", "ingest", "--no-mqtt", "--no-drop"]
    environment = {**kept, **server_environment(servers), **mine}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        said = []
        for line in process.stderr or ():
            said.append(line)
            if "Ctrl-C stops" in line:
                break
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=8)) as client:  # it listens a moment later
            assert client.get(f"http://127.0.0.2:{port}/health").status_code == 200
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"http://127.0.0.1:{port}/health")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert "WARNING: open to the network without TLS" in " ".join("".join(said).split())
