"""A fake of the agents for the engine: tools are functions of the test, and every call is remembered."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from redaptive.agents.invoker import Json, Progress, Terms, ToolResult
from redaptive.agents.principal import Principal
from redaptive.errors import NotFound

Function = Callable[[Json], Any | Awaitable[Any]]


@dataclass(frozen=True)
class FakeCall:
    """One call as the tool saw it."""

    tool: str
    arguments: Json
    principal: Principal | None
    terms: Terms

    @property
    def key(self) -> str:
        return self.terms.idempotency_key or ""


@dataclass
class FakeTools:
    """An invoker whose tools are functions: arguments in, value out; the value comes back inside an answer."""

    functions: dict[str, Function] = field(default_factory=dict)
    calls: list[FakeCall] = field(default_factory=list)

    async def call(
        self,
        tool: str,
        arguments: Json,
        *,
        principal: Principal | None = None,
        progress: Progress | None = None,
        terms: Terms | None = None,
    ) -> ToolResult:
        self.calls.append(FakeCall(tool, arguments, principal, terms or Terms()))
        if tool not in self.functions:
            raise NotFound(f"No tool {tool}.", field="tool")
        value = self.functions[tool](arguments)
        if inspect.isawaitable(value):
            value = await value
        return ToolResult({"value": value}, str(value))

    def keys(self, tool: str, run_id: str = "") -> list[str]:
        """The idempotency keys of the tool's calls for a run, in their order."""
        return [call.key for call in self.calls if call.tool == tool and call.key.startswith(run_id)]
