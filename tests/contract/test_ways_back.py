"""Every way back that a tool's contract declares is one: a node with such a call gets a compensation that is valid."""

from __future__ import annotations

from typing import Any

import pytest

from redaptive.agents.catalogue import CatalogueTool, catalogue
from redaptive.agents.tool import WayBack
from redaptive.orchestration.ai.plan_validator import ValidationContext, validate
from redaptive.orchestration.ai.validation.ways_back import with_ways_back
from redaptive.orchestration.plans.schema import Plan

TOOLS = catalogue()
WAYS = [(tool, way) for tool in TOOLS.values() for way in tool.spec.compensate_args]
CONTEXT = ValidationContext(tools=TOOLS, scopes={tool.spec.scope for tool in TOOLS.values()}, tenant="acme")


def _plan(tool: CatalogueTool, way: WayBack) -> Plan:
    """A plan that makes such a call, with all other arguments that the tool or the way back asks for as its inputs."""
    schema: dict[str, Any] = dict(tool.input_schema)
    named = {str(value).removeprefix("$args.") for value in way.args.values() if str(value).startswith("$args.")}
    given = {name: schema["properties"][name] for name in {*schema["required"], *named} - way.when.keys()}
    node = {
        "id": "act",
        "tool": tool.name,
        "args": {**way.when, **{name: f"$in.{name}" for name in given}},
        "approval": {"reason": "?"},
    }
    inputs = {"type": "object", "properties": given, "required": sorted(given), "$defs": schema.get("$defs", {})}
    return Plan.model_validate({"id": "p", "title": "t", "nodes": [node], "inputs": inputs})


@pytest.mark.parametrize(("tool", "way"), WAYS, ids=[tool.name for tool, _ in WAYS])
def test_a_declared_way_back_is_one(tool: CatalogueTool, way: WayBack) -> None:
    plan = with_ways_back(_plan(tool, way), CONTEXT)
    (node,) = plan.nodes
    assert node.compensate, [found.message for found in validate(plan, CONTEXT)]
    assert node.compensate.tool == tool.spec.compensate_with
    assert set(node.compensate.args) == set(way.args)
    assert [found for found in validate(plan, CONTEXT) if found.code != "agent_unavailable"] == []


def test_tools_that_make_something_say_how_it_is_taken_back() -> None:
    assert {tool.name for tool, _ in WAYS} == {
        "energy-monitoring.raise_or_acknowledge_alert",
        "customer-experience.create_or_update_ticket",
        "project-implementation.manage_change_order",
    }
