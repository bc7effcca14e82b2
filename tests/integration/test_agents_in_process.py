"""Agents called in process: the whole middleware, without a network."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import anyio
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from redaptive.agents.invoker import InProcessInvoker, Terms
from redaptive.agents.middleware import execution
from redaptive.agents.principal import acting_as, local_principal
from redaptive.agents.registry import AgentRegistry
from redaptive.agents.services import AgentServices
from redaptive.errors import Conflict, Exhausted, Internal, InvalidInput, NotFound, Unauthorized
from redaptive.infrastructure.metrics.metrics_collector import MetricsCollector
from redaptive.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes"))
fakes = importlib.import_module("agent_fakes")
water = importlib.import_module("water_agent")

READER = local_principal(water.TENANT, "acme", {water.READ}, subject="reader")
WRITER = local_principal(water.TENANT, "acme", {water.READ, water.WRITE}, subject="writer")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def services(tmp_path):
    return AgentServices(
        Settings(home=tmp_path),
        audit=fakes.FakeAudit(),
        limiter=fakes.FakeLimiter(),
        idempotency=fakes.FakeIdempotencyStore(),
        metrics=MetricsCollector(),
    )


@pytest.fixture
def agent(services):
    return water.WaterAgent(services)


def _outcomes(services) -> list[tuple[str, str]]:
    return [(event.action, event.outcome) for event in services.audit.events]


def _counted(agent, tool: str, outcome: str) -> float | None:
    labels = {"agent": "water", "tool": tool, "outcome": outcome}
    return agent.metrics.registry.get_sample_value("redaptive_agent_tool_calls_total", labels)


@pytest.mark.anyio
async def test_an_answer_carries_value_unit_and_provenance(agent) -> None:
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        result = await invoker.call("water.find_leaks", {"site": "HQ"}, principal=READER)
    assert result.value == [{"meter": "M-1", "litres_per_hour": 12.5, "usd_per_day": "9.50"}]
    assert result.answer["unit"] == "litres/h"
    assert result.answer["data_quality"]["coverage_pct"] == 100.0
    assert "warning: only a test" in result.text


@pytest.mark.anyio
async def test_a_missing_scope_is_refused_and_audited_and_counted(agent, services) -> None:
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        with pytest.raises(Unauthorized, match="water:write"):
            await invoker.call("water.open_valve", {"valve": "V1"}, principal=READER)
    assert agent.runs == 0
    assert _outcomes(services) == [("water.open_valve", "unauthorized")]
    assert services.audit.events[0].subject == "reader"
    assert len(services.audit.events[0].arguments_sha256) == 64
    assert _counted(agent, "water.open_valve", "unauthorized") == 1


@pytest.mark.anyio
async def test_without_identity_nothing_runs(agent, services) -> None:
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        with pytest.raises(Unauthorized):
            await invoker.call("water.find_leaks", {"site": "HQ"})
    assert _outcomes(services) == [("water.find_leaks", "unauthorized")]
    assert services.audit.events[0].tenant_id is None


@pytest.mark.anyio
async def test_an_unknown_tool_cannot_invent_metric_labels(agent) -> None:
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        for n in range(3):
            with pytest.raises(NotFound):
                await invoker.call(f"water.made_up_{n}", {}, principal=READER)
    assert _counted(agent, "unknown", "not_found") == 3


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "field"),
    [
        ("water.find_leaks", {"site": "nowhere"}, NotFound, "site"),
        ("water.find_leaks", {"site": ""}, InvalidInput, "site"),
        ("water.find_leaks", {}, InvalidInput, "site"),
        ("water.find_leaks", {"site": "HQ", "days": "many"}, InvalidInput, "days"),
        ("water.find_leaks", {"site": "HQ", "dyas": 3}, InvalidInput, "dyas"),
        ("water.crash", {}, Internal, None),
        ("water.undefined", {}, Internal, None),
    ],
)
async def test_errors_keep_their_code_and_field(agent, tool, arguments, kind, field) -> None:
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        with pytest.raises(kind) as caught:
            await invoker.call(tool, arguments, principal=READER)
    assert type(caught.value) is kind
    assert caught.value.field == field
    assert _counted(agent, tool, kind.code) == 1


@pytest.mark.anyio
async def test_retry_advice_travels(agent) -> None:
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        with pytest.raises(Exhausted) as caught:
            await invoker.call("water.find_leaks", {"site": "busy"}, principal=READER)
    assert caught.value.retry_after_ms == 250


@pytest.mark.anyio
async def test_an_unexpected_exception_leaks_nothing(agent, caplog) -> None:
    async with Client(agent.server) as client:
        with acting_as(READER):
            result = await client.call_tool("water.crash", {})
    wire = result.model_dump_json()
    assert result.is_error
    for leak in ("hunter2", "postgresql", "RuntimeError", "Traceback", ".py"):
        assert leak not in wire
    assert "reference" in wire


@pytest.mark.anyio
async def test_a_used_up_bucket_refuses_with_the_time_to_wait(services, tmp_path) -> None:
    services.limiter.capacity = 2
    agent = water.WaterAgent(services)
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        for _ in range(2):
            await invoker.call("water.find_leaks", {"site": "HQ"}, principal=WRITER)
        with pytest.raises(Exhausted) as caught:
            await invoker.call("water.find_leaks", {"site": "HQ"}, principal=WRITER)
        await invoker.call("water.open_valve", {"valve": "V1"}, principal=WRITER)
    assert caught.value.retry_after_ms == 1_500
    assert set(services.limiter.taken) == {f"{water.TENANT}:none", f"{water.TENANT}:write"}


@pytest.mark.anyio
async def test_a_known_key_returns_the_stored_result(agent) -> None:
    key = Terms(idempotency_key="run:node")
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        first = await invoker.call("water.open_valve", {"valve": "V1"}, principal=WRITER, terms=key)
        again = await invoker.call("water.open_valve", {"valve": "V1"}, principal=WRITER, terms=key)
        with pytest.raises(Conflict):
            await invoker.call("water.open_valve", {"valve": "V2"}, principal=WRITER, terms=key)
        other = local_principal(UUID(int=8), "other", {water.WRITE})
        elsewhere = await invoker.call("water.open_valve", {"valve": "V1"}, principal=other, terms=key)
    assert first == again
    assert first.value == {"runs": 1}
    assert elsewhere.value == {"runs": 2}


@pytest.mark.anyio
async def test_a_key_is_renewed_while_its_call_runs(agent, services, monkeypatch) -> None:
    renewed = []

    async def renew(claim: object) -> None:
        renewed.append(claim)

    monkeypatch.setattr(execution, "RUNNING_MS", 60)
    monkeypatch.setattr(services.idempotency, "renew", renew)
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        await invoker.call(
            "water.fill_slowly", {}, principal=WRITER, terms=Terms(idempotency_key="slow", deadline_ms=5_000)
        )
    assert len(renewed) >= 2
    assert len({each.owner for each in renewed}) == 1


@pytest.mark.anyio
async def test_a_failed_call_gives_its_key_back(agent) -> None:
    key = Terms(idempotency_key="k")
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        for _ in range(2):
            with pytest.raises(NotFound):
                await invoker.call("water.open_valve", {"valve": "stuck"}, principal=WRITER, terms=key)
    assert agent.runs == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("tool", "arguments", "terms"),
    [
        ("water.dawdle", {}, Terms()),
        ("water.dawdle", {}, Terms(deadline_ms=20)),
        ("water.dawdle", {}, Terms(deadline_ms=1)),
        ("water.open_valve", {"valve": "V1"}, Terms(budget_usd=0.1)),
    ],
)
async def test_what_cannot_finish_in_time_or_budget_is_exhausted(agent, tool, arguments, terms) -> None:
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        with pytest.raises(Exhausted):
            await invoker.call(tool, arguments, principal=WRITER, terms=terms)
    assert agent.runs == 0


@pytest.mark.anyio
async def test_concurrent_callers_do_not_see_each_other(agent) -> None:
    seen: Counter[str] = Counter()
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:

        async def ask(subject: str) -> None:
            caller = local_principal(water.TENANT, "acme", {water.READ}, subject=subject)
            result = await invoker.call("water.whoami", {}, principal=caller)
            seen[f"{subject}={result.value['name']}"] += 1

        async with anyio.create_task_group() as group:
            for n in range(50):
                group.start_soon(ask, f"user-{n}")
    assert seen == Counter(f"user-{n}=user-{n}" for n in range(50))


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_progress_and_answers_work_in_both_eras(agent, mode) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        heard.append((done, total, message))

    with acting_as(READER):
        async with Client(agent.server, mode=mode) as client:
            result = await client.call_tool("water.count_up", {"to": 3}, progress_callback=hear)
    assert heard == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]
    assert result.structured_content["value"] == {"runs": 3}


@pytest.mark.anyio
async def test_a_resource_checks_scope_and_tenant(agent) -> None:
    nobody = local_principal(water.TENANT, "acme", set())
    async with Client(agent.server, cache=None) as client:
        with acting_as(READER):
            read = await client.read_resource("energy://sites/HQ")
            with pytest.raises(MCPError, match="No site nowhere"):
                await client.read_resource("energy://sites/nowhere")
        with acting_as(nobody), pytest.raises(MCPError, match="water:read"):
            await client.read_resource("energy://sites/HQ")
        with pytest.raises(MCPError, match="no identity"):
            await client.read_resource("energy://sites/HQ")
    assert read.contents[0].text == '{"name":"Site HQ of acme"}'
    assert (read.cache_scope, read.ttl_ms) == ("private", 5_000)
    assert [_counted(agent, "resources/read", code) for code in ("ok", "not_found", "unauthorized")] == [1, 1, 2]


@pytest.mark.anyio
async def test_a_prompt_is_named_after_its_agent_and_takes_arguments(agent) -> None:
    async with Client(agent.server) as client:
        listed = await client.list_prompts()
        with acting_as(READER):
            got = await client.get_prompt("water.morning_round", {"site": "HQ"})
    assert [each.name for each in listed.prompts] == ["water.morning_round"]
    assert got.messages[0].content.text == "Find leaks at HQ and rank them by cost."


@pytest.mark.anyio
async def test_an_audit_sink_that_fails_is_counted_and_the_answer_stands(services) -> None:
    async def fail(event: object) -> None:
        raise OSError("disk full")

    services.audit.record = fail
    agent = water.WaterAgent(services)
    async with InProcessInvoker(AgentRegistry((agent,))) as invoker:
        result = await invoker.call("water.find_leaks", {"site": "HQ"}, principal=READER)
    assert result.value
    assert agent.metrics.registry.get_sample_value("redaptive_agent_audit_failures_total", {"agent": "water"}) == 1
