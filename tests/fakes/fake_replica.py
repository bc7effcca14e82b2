"""A fake replica of an agent: an invoker that answers, fails, hangs or waits, as a test says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import anyio

from redaptive.agents.invoker import Terms, ToolResult
from redaptive.agents.principal import Principal


@dataclass
class FakeReplica:
    """Answers with its name; `errors` are raised first, one a call; `hangs` never answers."""

    name: str
    errors: list[Exception] = field(default_factory=list)
    broken: Exception | None = None
    hangs: bool = False
    before: Callable[[], Awaitable[None]] | None = None
    calls: list[tuple[str, dict[str, Any], Terms | None]] = field(default_factory=list)
    principals: list[Principal | None] = field(default_factory=list)

    async def call(
        self,
        tool: str,
        arguments: dict[str, Any],
        *,
        principal: Principal | None = None,
        progress: object = None,
        terms: Terms | None = None,
    ) -> ToolResult:
        """The name of the replica as value."""
        self.calls.append((tool, arguments, terms))
        self.principals.append(principal)
        if self.before is not None:
            await self.before()
        if self.hangs:
            await anyio.sleep_forever()
        if self.errors:
            raise self.errors.pop(0)
        if self.broken is not None:
            raise self.broken
        return ToolResult({"value": self.name}, self.name)
