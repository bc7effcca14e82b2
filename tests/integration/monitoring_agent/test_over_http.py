"""The agent as another program meets it: over HTTP, with its tools, resources, prompt and refusals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from tests.configured_servers import server_environment
from tests.integration.monitoring_agent.fleet import Fleet
from tests.integration.running_app import RunningApp

from redaptive.agents.invoker import HttpInvoker
from redaptive.errors import NotFound

ROOT = Path(__file__).parents[3]
AGENT = "energy-monitoring"
TOOLS = {
    "ingest_readings", "get_meter_status", "validate_estimate_edit", "detect_anomalies", "forecast_load", "peak_alert",
    "raise_or_acknowledge_alert",
}  # fmt: skip


@pytest.fixture(scope="module")
def url(running: RunningApp, fleet: Fleet) -> Iterator[str]:
    """The agent started by `start_agents.py`, a process of its own, for the tenant of the fleet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = running.app.settings
    own = {**server_environment(settings), "REDAPTIVE_READINGS_URL": settings.readings_root,
           "REDAPTIVE_TENANT": fleet.principal.tenant}  # fmt: skip
    environment = {**{k: v for k, v in os.environ.items() if not k.startswith("REDAPTIVE_")}, **own}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "start_agents.py"), AGENT, "--port", str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not _ready(port):
            assert process.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/ready").status_code == 200
    except httpx2.TransportError:
        return False


def call(running: RunningApp, url: str, tool: str, **arguments: Any) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        async with HttpInvoker({AGENT: url}) as invoker:
            return (await invoker.call(f"{AGENT}.{tool}", arguments)).answer

    return running.portal.call(work)


def test_a_tool_answers_the_same_over_http_as_in_process(running: RunningApp, fleet: Fleet, url: str) -> None:
    over_http = call(running, url, "detect_anomalies", meter_ids=["STEP"])
    in_process = running.call(fleet.principal, f"{AGENT}.detect_anomalies", meter_ids=["STEP"]).answer
    assert over_http["value"] == in_process["value"]
    assert over_http["value"]["anomalies"]


def test_an_error_keeps_its_code_over_http(running: RunningApp, url: str) -> None:
    with pytest.raises(NotFound, match="NOBODY"):
        call(running, url, "forecast_load", meter_id="NOBODY")


def test_exactly_the_planned_tools_are_listed(running: RunningApp, url: str) -> None:
    async def work() -> tuple[set[str], set[str], str]:
        async with Client(url) as client:
            tools = {tool.name.partition(".")[2] for tool in (await client.list_tools()).tools}
            templates = {str(t.uri_template) for t in (await client.list_resource_templates()).resource_templates}
            found = await client.get_prompt(f"{AGENT}.diagnose_alert", {"alert_id": "42"})
            return tools, templates, found.messages[0].content.text  # type: ignore[union-attr]

    tools, templates, text = running.portal.call(work)
    assert tools == TOOLS
    assert templates == {"energy://meters/{code}/status", "energy://alerts/{id}"}
    assert "energy://alerts/42" in text
