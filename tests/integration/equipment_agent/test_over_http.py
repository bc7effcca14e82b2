"""The agent as another program meets it: started by `start_agents.py`, over HTTP."""

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
from tests.integration.equipment_agent.conftest import AGENT, Plant

from redaptive.agents.invoker import HttpInvoker
from redaptive.errors import NotFound

ROOT = Path(__file__).parents[3]
# domain.md, section 8.
TOOLS = {
    "chiller_performance", "evaluate_ahu_rules", "evaluate_plant_vav_rules", "degradation_trend",
    "predict_remaining_life", "cost_of_fault", "recommend_maintenance",
}  # fmt: skip


@pytest.fixture(scope="module")
def url(plant: Plant) -> Iterator[str]:
    """The agent as a process of its own, for the tenant of the plant."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = plant.running.app.settings
    own = {**server_environment(settings), "REDAPTIVE_READINGS_URL": settings.readings_root,
           "REDAPTIVE_TENANT": plant.principal.tenant}  # fmt: skip
    environment = {**{k: v for k, v in os.environ.items() if not k.startswith("REDAPTIVE_")}, **own}
    command = [sys.executable, str(ROOT / "start_agents.py"), AGENT, "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


def call(plant: Plant, url: str, tool: str, **arguments: Any) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        async with HttpInvoker({AGENT: url}) as invoker:
            return (await invoker.call(f"{AGENT}.{tool}", arguments)).answer

    return plant.running.portal.call(work)


def test_a_tool_answers_the_same_over_http_as_in_process(plant: Plant, url: str) -> None:
    over_http = call(plant, url, "evaluate_ahu_rules", equipment_id="AHU-1")
    assert over_http["value"] == plant.value("evaluate_ahu_rules", equipment_id="AHU-1")
    assert over_http["value"]["faults"]
    with pytest.raises(NotFound, match="AHU-9"):
        call(plant, url, "degradation_trend", equipment_id="AHU-9")


def test_exactly_the_planned_tools_are_listed(plant: Plant, url: str) -> None:
    async def work() -> tuple[set[str], set[str], str]:
        async with Client(url) as client:
            tools = {tool.name.partition(".")[2] for tool in (await client.list_tools()).tools}
            templates = {str(t.uri_template) for t in (await client.list_resource_templates()).resource_templates}
            found = await client.get_prompt(f"{AGENT}.diagnose_equipment", {"equipment_id": "AHU-1"})
            return tools, templates, found.messages[0].content.text  # type: ignore[union-attr]

    tools, templates, text = plant.running.portal.call(work)
    assert tools == TOOLS
    assert templates == {"energy://equipment/{code}"}
    assert "energy://equipment/AHU-1" in text
