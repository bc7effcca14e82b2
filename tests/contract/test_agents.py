"""What every agent must be, whoever wrote it: one suite over all that the registry discovers."""

from __future__ import annotations

import inspect
import re
from typing import Any
from uuid import UUID

import anyio
import jsonschema
import pytest
from mcp.client import Client

from redaptive.agents.base import AGENT_ID, AgentBase
from redaptive.agents.principal import acting_as, local_principal
from redaptive.agents.registry import describe, discover
from redaptive.agents.registry import scopes as declared_scopes
from redaptive.agents.services import AgentServices
from redaptive.agents.tool import META_KEYS, PromptSpec, ResourceSpec, ToolSpec, declared
from redaptive.settings import Settings

AGENTS = discover()
TOOLS = [(agent_id, each) for agent_id, agent in AGENTS.items() for each in describe(agent).tools]
SCOPE = re.compile(r"[a-z][a-z-]*:[a-z][a-z-]*")


def _served(agent: type[AgentBase], home: Any) -> tuple[list[Any], list[Any]]:
    async def ask() -> tuple[list[Any], list[Any]]:
        async with Client(agent(AgentServices(Settings(home=home))).server) as client:
            return (await client.list_tools()).tools, (await client.list_prompts()).prompts

    return anyio.run(ask)


def test_there_is_at_least_one_agent() -> None:
    assert AGENTS


@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
def test_an_agent_says_who_it_is(agent: type[AgentBase]) -> None:
    assert AGENT_ID.fullmatch(agent.id)
    assert agent.version
    assert agent.title
    assert agent.purpose.endswith(".")
    assert inspect.getdoc(agent) != inspect.getdoc(AgentBase)


@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
def test_the_server_publishes_exactly_what_the_class_declares(agent: type[AgentBase], tmp_path) -> None:
    tools, prompts = _served(agent, tmp_path)
    described = describe(agent)
    assert {each.name: (each.input_schema, each.output_schema) for each in tools} == {
        each.name: (each.input_schema, each.output_schema) for each in described.tools
    }
    assert [each.name for each in prompts] == list(described.prompts)
    for each in tools:
        assert set(META_KEYS) <= set(each.meta), each.name
        assert each.annotations.read_only_hint is not None
        assert each.annotations.destructive_hint is not None
        assert each.annotations.open_world_hint is not None
        assert each.output_schema["type"] == "object"


@pytest.mark.parametrize(("agent_id", "tool"), TOOLS, ids=[each.name for _, each in TOOLS])
def test_a_tool_keeps_the_rules(agent_id: str, tool: Any) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", tool.name)
    assert tool.name.startswith(f"{agent_id}.")
    assert len(tool.description.splitlines()[0]) >= 20
    assert SCOPE.fullmatch(tool.spec.scope)
    assert tool.spec.side_effect == "none" or tool.spec.scope.rpartition(":")[2] != "read"
    assert 0 < tool.spec.latency_p50_ms <= tool.spec.latency_p95_ms
    assert tool.spec.latency_p95_ms <= tool.spec.timeout_s * 1000
    jsonschema.Draft202012Validator.check_schema(tool.input_schema)
    jsonschema.Draft202012Validator.check_schema(tool.output_schema)
    assert tool.input_schema["additionalProperties"] is False
    assert {"value", "unit", "method", "provenance"} <= set(tool.output_schema["properties"])
    undo = tool.spec.compensate_with
    assert undo is None or undo in {each.name for _, each in TOOLS}


@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
def test_nothing_is_public_by_accident(agent: type[AgentBase]) -> None:
    scopes = declared_scopes(agent)
    assert all(SCOPE.fullmatch(scope) for scope in scopes)
    assert not any("*" in scope for scope in scopes)
    for kind in (ToolSpec, ResourceSpec, PromptSpec):
        for name, (function, _) in declared(agent, kind).items():
            assert inspect.iscoroutinefunction(function), f"{agent.id}.{name}"


@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
def test_a_caller_without_scopes_is_refused_by_every_tool(agent: type[AgentBase], tmp_path) -> None:
    async def refusals() -> dict[str, str]:
        async with Client(agent(AgentServices(Settings(home=tmp_path))).server, cache=None) as client:
            with acting_as(local_principal(UUID(int=1), "t", ())):
                return {
                    each.name: (await client.call_tool(each.name, {})).meta["redaptive/error"]["code"]
                    for each in describe(agent).tools
                }

    codes = anyio.run(refusals)
    assert codes == dict.fromkeys(codes, "unauthorized")
