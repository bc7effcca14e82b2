"""The agents there are: discovered in this folder and among installed packages, described, and watched."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Final, Literal

import redaptive.agents as folder
from redaptive.agents.base import AgentBase
from redaptive.agents.schema import answer_adapter, argument_model, input_schema, output_schema, schema_hash
from redaptive.agents.tool import META, PromptSpec, ResourceSpec, ToolSpec, declared
from redaptive.errors import Conflict, NotFound

GROUP: Final = "redaptive.agents"
_described: Final[dict[type[AgentBase], AgentDescription]] = {}
Health = Literal["unknown", "ok", "degraded", "failing"]


@dataclass(frozen=True)
class ToolDescription:
    """A tool as catalogues and plans see it."""

    name: str
    description: str
    spec: ToolSpec
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    schema_hash: str

    def meta(self) -> dict[str, Any]:
        """The `_meta` of the tool with its schema hash."""
        return {**self.spec.meta(), META + "schema_hash": self.schema_hash}


@dataclass(frozen=True)
class AgentDescription:
    """An agent as its class declares it; no instance and no service is needed to know this."""

    id: str
    title: str
    purpose: str
    version: str
    tools: tuple[ToolDescription, ...]
    resources: tuple[ResourceSpec, ...]
    prompts: tuple[str, ...]


def discover() -> dict[str, type[AgentBase]]:
    """Id -> class of each agent: modules `*_agent.py` of this folder, then entry points `redaptive.agents`.

    :raises Conflict: when two agents share an id.
    """
    found: dict[str, type[AgentBase]] = {}
    for agent in [*_in_folder(), *_installed()]:
        if found.setdefault(agent.id, agent) is not agent:
            raise Conflict(f"Two agents have the id {agent.id}.", field="id", fix=f"Rename {agent.__module__}.")
    return dict(sorted(found.items()))


def scopes(agent: type[AgentBase]) -> frozenset[str]:
    """Every scope that some tool or resource of the agent asks for; without the cost of its schemas."""
    resources = (spec for _, spec in declared(agent, ResourceSpec).values())
    return frozenset(spec.scope for _, spec in declared(agent, ToolSpec).values()) | {each.scope for each in resources}


def describe(agent: type[AgentBase]) -> AgentDescription:
    """What the agent's class declares, schemas included; made once, so nobody may change it."""
    if agent not in _described:
        _described[agent] = _description(agent)
    return _described[agent]


def _description(agent: type[AgentBase]) -> AgentDescription:
    return AgentDescription(
        id=agent.id,
        title=agent.title,
        purpose=agent.purpose,
        version=agent.version,
        tools=tuple(_tool(agent, name) for name in declared(agent, ToolSpec)),
        resources=tuple(spec for _, spec in declared(agent, ResourceSpec).values()),
        prompts=tuple(f"{agent.id}.{name}" for name in declared(agent, PromptSpec)),
    )


class AgentRegistry:
    """Running agents by id, with their health as last seen."""

    def __init__(self, agents: tuple[AgentBase, ...] = ()) -> None:
        self._agents: dict[str, AgentBase] = {}
        self._health: dict[str, Health] = {}
        for agent in agents:
            self.add(agent)

    def add(self, agent: AgentBase) -> None:
        """Take up an agent.

        :raises Conflict: when its id is taken.
        """
        if agent.id in self._agents:
            raise Conflict(f"An agent {agent.id} is already registered.", field="id")
        self._agents[agent.id] = agent
        self._health[agent.id] = "unknown"

    def __iter__(self) -> Iterator[AgentBase]:
        """The agents, by id."""
        return iter(self._agents[key] for key in sorted(self._agents))

    def get(self, agent_id: str) -> AgentBase:
        """The agent.

        :raises NotFound: no such agent; lists those there are.
        """
        if agent_id not in self._agents:
            raise NotFound(f"No agent {agent_id}.", field="agent", fix=f"There are: {', '.join(sorted(self._agents))}.")
        return self._agents[agent_id]

    def owner(self, tool: str) -> AgentBase:
        """The agent behind a tool name `<agent>.<tool>`."""
        return self.get(tool.partition(".")[0])

    def descriptions(self) -> list[AgentDescription]:
        """Every agent's description, by id."""
        return [describe(type(agent)) for agent in self]

    def scopes(self) -> frozenset[str]:
        """Every scope of every agent; what a local user is granted."""
        return frozenset().union(*(scopes(type(agent)) for agent in self))

    def health(self, agent_id: str) -> Health:
        """Health as last seen."""
        return self._health[self.get(agent_id).id]

    def set_health(self, agent_id: str, health: Health) -> None:
        """Remember what a health check found."""
        self._health[self.get(agent_id).id] = health


def _tool(agent: type[AgentBase], name: str) -> ToolDescription:
    function, spec = declared(agent, ToolSpec)[name]
    full = f"{agent.id}.{name}"
    arguments, result = input_schema(argument_model(full, function)), output_schema(answer_adapter(full, function))
    text = inspect.getdoc(function) or ""
    return ToolDescription(full, text, spec, arguments, result, schema_hash(arguments, result))


def _in_folder() -> Iterator[type[AgentBase]]:
    for module in pkgutil.iter_modules(folder.__path__):
        if not module.name.endswith("_agent"):
            continue
        name = f"{folder.__name__}.{module.name}"
        for _, member in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(member, AgentBase) and member is not AgentBase and member.__module__ == name:
                yield member


def _installed() -> Iterator[type[AgentBase]]:
    for point in entry_points(group=GROUP):
        agent = point.load()
        if not (inspect.isclass(agent) and issubclass(agent, AgentBase)):
            raise Conflict(f"The entry point {point.name} of {GROUP} is not an agent class.", fix=f"Fix {point.value}.")
        yield agent
