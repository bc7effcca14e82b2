"""Every tool of the platform: those of built agents, and those that so far are contracts only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from redaptive.agents.base import AgentBase
from redaptive.agents.contracts.base import not_available
from redaptive.agents.contracts.registry import contracts, is_declared
from redaptive.agents.registry import ToolDescription, describe, discover
from redaptive.agents.tool import ToolSpec


@dataclass(frozen=True)
class CatalogueTool:
    """One tool. `available` is False for a contract: plans may name it, a call answers "not available yet"."""

    name: str
    description: str
    spec: ToolSpec
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    schema_hash: str
    available: bool

    @property
    def agent_id(self) -> str:
        """The agent that the tool belongs to."""
        return self.name.partition(".")[0]


@cache
def catalogue() -> Mapping[str, CatalogueTool]:
    """Full name -> tool, sorted by name; a built tool takes the place of its contract."""
    found = {tool.name: tool for tool in (*_tools(contracts(), built=False), *_tools(discover(), built=True))}
    return MappingProxyType(dict(sorted(found.items())))


def require_built(tool: str) -> None:
    """Nothing, unless the tool is declared and not built.

    :raises Unavailable: it is not available yet; not worth a retry.
    """
    if is_declared(tool) and not catalogue()[tool].available:
        raise not_available(tool)


def _tools(agents: Mapping[str, type[AgentBase]], *, built: bool) -> Iterator[CatalogueTool]:
    for agent in agents.values():
        for tool in describe(agent).tools:
            yield _entry(tool, built)


def _entry(tool: ToolDescription, built: bool) -> CatalogueTool:
    return CatalogueTool(
        name=tool.name,
        description=tool.description,
        spec=tool.spec,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        schema_hash=tool.schema_hash,
        available=built,
    )
