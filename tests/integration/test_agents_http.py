"""Agents over real HTTP and stdio, each in its own process, and what travels between."""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from redaptive.agents.invoker import HttpInvoker, Terms
from redaptive.agents.principal import LocalAuthenticator, Principal, local_principal
from redaptive.agents.services import AgentServices
from redaptive.agents.serving import Serving, agents_app
from redaptive.errors import Exhausted, InvalidInput, NotFound, Unavailable
from redaptive.infrastructure.health.health_checker import Check, HealthChecker
from redaptive.settings import Settings

FAKES = Path(__file__).parents[1] / "fakes"
sys.path.insert(0, str(FAKES))
water = importlib.import_module("water_agent")
AGENT = FAKES / "water_agent.py"
LOCAL = local_principal(water.TENANT, "acme", {water.READ, water.WRITE})


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    port = _free_port()
    home = tmp_path_factory.mktemp("home")
    command = [sys.executable, "-W", "error", str(AGENT), "--home", str(home), "--port", str(port)]
    log = home / "stderr"
    with log.open("w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
        try:
            for _ in range(600):
                try:
                    if httpx2.get(f"http://127.0.0.1:{port}/ready").status_code == 200:
                        break
                except httpx2.TransportError:
                    assert process.poll() is None, log.read_text()
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.anyio
async def test_calls_errors_keys_and_progress_over_http(url) -> None:
    heard: list[float] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append(done)

    async with HttpInvoker({"water": f"{url}/mcp"}) as invoker:
        found = await invoker.call("water.find_leaks", {"site": "HQ"})
        await invoker.call("water.count_up", {"to": 3}, progress=hear)
        with pytest.raises(NotFound) as missing:
            await invoker.call("water.find_leaks", {"site": "nowhere"})
        with pytest.raises(Exhausted):
            await invoker.call("water.dawdle", {}, terms=Terms(deadline_ms=20))
        with pytest.raises(InvalidInput, match="token"):
            await invoker.call("water.whoami", {}, principal=LOCAL)
    assert found.value[0]["usd_per_day"] == "9.50"
    assert missing.value.fix == "List the sites first."
    assert heard == [1, 2, 3]


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
async def test_both_revisions_of_the_protocol_are_served(url, mode) -> None:
    async with Client(f"{url}/mcp", mode=mode) as client:
        listed = await client.list_tools()
        result = await client.call_tool("water.whoami", {})
    assert "water.find_leaks" in {each.name for each in listed.tools}
    assert result.structured_content["value"] == {"name": "local"}


def test_metrics_can_be_scraped_after_calls(url) -> None:
    page = httpx2.get(f"{url}/metrics")
    families = {family.name: family for family in text_string_to_metric_families(page.text)}
    assert "redaptive_agent_tool_calls" in families
    labels = {name for sample in families["redaptive_agent_tool_calls"].samples for name in sample.labels}
    assert labels == {"agent", "tool", "outcome"}


def test_a_foreign_host_or_origin_is_refused(url) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    rebound = httpx2.post(f"{url}/mcp", json=body, headers={**accept, "Host": "evil.example.com"})
    foreign = httpx2.post(f"{url}/mcp", json=body, headers={**accept, "Origin": "https://evil.example.com"})
    assert rebound.status_code == 421
    assert foreign.status_code == 403


@pytest.mark.anyio
async def test_an_agent_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="water"):
        async with HttpInvoker({"water": f"http://127.0.0.1:{_free_port()}/mcp"}):
            raise AssertionError("nobody listens there")


@pytest.mark.anyio
async def test_stdio_serves_one_client_and_keeps_stdout_for_the_protocol(tmp_path) -> None:
    env = {**os.environ, "REDAPTIVE_LOG_LEVEL": "DEBUG"}
    server = StdioServerParameters(
        command=sys.executable, args=["-W", "error", str(AGENT), "--home", str(tmp_path)], env=env
    )
    with anyio.fail_after(120):
        async with Client(server) as client:
            result = await client.call_tool("water.find_leaks", {"site": "HQ"})
            failed = await client.call_tool("water.crash", {})
    assert result.structured_content["value"][0]["meter"] == "M-1"
    assert failed.is_error


def test_the_local_identity_never_leaves_this_machine() -> None:
    with pytest.raises(InvalidInput, match=r"0\.0\.0\.0"):
        Serving(LocalAuthenticator(LOCAL), host="0.0.0.0")


class TokenAuthenticator:
    """A second authenticator: one token, one caller."""

    loopback_only = False

    async def authenticate(self, connection: object) -> Principal | None:
        return LOCAL if connection.headers.get("authorization") == "Bearer good" else None


def _request(authorization: str | None) -> dict[str, str]:
    given = {"Authorization": authorization} if authorization else {}
    return {"Accept": "application/json, text/event-stream", "Host": "localhost:80", **given}


@pytest.mark.parametrize(("authorization", "status"), [(None, 401), ("Bearer bad", 401), ("Bearer good", 200)])
def test_a_token_is_checked_before_the_agent_is_reached(tmp_path, authorization, status) -> None:
    agent = water.WaterAgent(AgentServices(Settings(home=tmp_path)))
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    with TestClient(agents_app([agent], Serving(TokenAuthenticator(), host="0.0.0.0"))) as client:
        response = client.post("/water/mcp", json=body, headers=_request(authorization))
    assert response.status_code == status
    if status == 401:
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["code"] == "unauthorized"


def test_a_failing_required_dependency_makes_the_agent_unready(tmp_path) -> None:
    async def down() -> str:
        raise OSError("no route")

    agent = water.WaterAgent(AgentServices(Settings(home=tmp_path)))
    for required, status in ((True, 503), (False, 200)):
        serving = Serving(LocalAuthenticator(LOCAL), health=HealthChecker([Check("database", down, required)]))
        with TestClient(agents_app([agent], serving)) as client:
            assert client.get("/ready").status_code == status
            assert client.get("/health").json() == {"status": "ok", "agents": ["water"]}


TRACE_SCRIPT = """
import anyio, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import water_agent as water
from opentelemetry import trace
from redaptive.agents.invoker import InProcessInvoker
from redaptive.agents.principal import local_principal
from redaptive.agents.registry import AgentRegistry
from redaptive.agents.services import AgentServices
from redaptive.infrastructure.tracing.distributed_tracer import configure_tracing
from redaptive.settings import Settings
settings = Settings(home=Path(sys.argv[2]), trace_sample_pct=100)
provider = configure_tracing(settings, service="test")
async def main():
    agent = water.WaterAgent(AgentServices(settings))
    who = local_principal(water.TENANT, "acme", {water.READ})
    with trace.get_tracer("caller").start_as_current_span("plan") as span:
        async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
            await invoker.call("water.find_leaks", {"site": "HQ"}, principal=who)
        print(format(span.get_span_context().trace_id, "032x"))
anyio.run(main)
provider.shutdown()
"""


def test_the_callers_trace_continues_inside_the_agent(tmp_path) -> None:
    command = [sys.executable, "-W", "error", "-c", TRACE_SCRIPT, str(FAKES), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    spans = [json.loads(line) for line in (tmp_path / "log" / "spans.ndjson").read_text().splitlines()]
    served = [span for span in spans if span["attributes"].get("redaptive.agent") == "water"]
    assert [span["name"] for span in served] == ["tools/call water.find_leaks"]
    assert served[0]["attributes"]["redaptive.outcome"] == "ok"
    assert served[0]["trace"] == done.stdout.split()[-1]
