"""The contracts there are: one class per module of this folder."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import MappingProxyType

import redaptive.agents.contracts as folder
from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.tool import ToolSpec, declared


@cache
def contracts() -> MappingProxyType[str, type[AgentContract]]:
    """Id -> contract of each agent that is declared here, whether or not it was built since."""
    return MappingProxyType({contract.id: contract for contract in sorted(_in_folder(), key=lambda each: each.id)})


def is_declared(tool: str) -> bool:
    """Whether a contract declares the tool `<agent>.<name>`."""
    agent_id, _, name = tool.partition(".")
    contract = contracts().get(agent_id)
    return contract is not None and name in declared(contract, ToolSpec)


def _in_folder() -> Iterator[type[AgentContract]]:
    for module in pkgutil.iter_modules(folder.__path__):
        if module.name == "registry":
            continue
        name = f"{folder.__name__}.{module.name}"
        for _, member in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(member, AgentContract) and member is not AgentContract and member.__module__ == name:
                yield member
