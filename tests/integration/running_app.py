"""An application that stays open on a thread of its own, so that plain tests call its agents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from redaptive.agents.invoker import InProcessInvoker, ToolResult
from redaptive.agents.principal import Principal, acting_as
from redaptive.app import App, open_app
from redaptive.settings import Settings

AGENT = "portfolio-intelligence"


@dataclass(frozen=True)
class RunningApp:
    """The open application, its invoker and the thread on which both live."""

    app: App
    invoker: InProcessInvoker
    portal: BlockingPortal

    def run(self, work: Callable[[], Any]) -> Any:
        """The result of an async function, run where the application lives."""
        return self.portal.call(work)

    def principal(self, tenant: str) -> Principal:
        """The local principal in a tenant, which is created."""
        return self.portal.call(self.app.local_principal, tenant)

    def call(self, principal: Principal, tool: str, **arguments: Any) -> ToolResult:
        """The answer of a tool; without an agent's name it is one of the portfolio agent."""
        name = tool if "." in tool else f"{AGENT}.{tool}"

        async def work() -> ToolResult:
            return await self.invoker.call(name, arguments, principal=principal)

        return self.portal.call(work)

    def value(self, principal: Principal, tool: str, **arguments: Any) -> dict[str, Any]:
        """The value of a tool's answer."""
        return self.call(principal, tool, **arguments).value

    def progress_of(self, principal: Principal, tool: str, **arguments: Any) -> list[tuple[float, float | None]]:
        """The (done, total) pairs that a tool reports."""
        seen: list[tuple[float, float | None]] = []

        async def note(done: float, total: float | None, message: str | None) -> None:
            seen.append((done, total))

        async def work() -> None:
            await self.invoker.call(f"{AGENT}.{tool}", arguments, principal=principal, progress=note)

        self.portal.call(work)
        return seen

    def read(self, principal: Principal, uri: str, agent: str = AGENT) -> Any:
        """The JSON of a resource; an error is raised as the client sees it."""

        async def work() -> Any:
            with acting_as(principal):
                async with Client(self.app.agents([agent]).get(agent).server, cache=None) as client:
                    try:
                        found = await client.read_resource(uri)
                    except MCPError as error:  # leave the client first: it would wrap the error in a group
                        return error
            return json.loads(found.contents[0].text)  # type: ignore[union-attr]

        outcome = self.portal.call(work)
        if isinstance(outcome, MCPError):
            raise outcome
        return outcome

    def prompt(self, principal: Principal, name: str, arguments: dict[str, str]) -> str:
        """The text of a prompt of the portfolio agent."""

        async def work() -> str:
            with acting_as(principal):
                async with Client(self.app.agents([AGENT]).get(AGENT).server, cache=None) as client:
                    found = await client.get_prompt(f"{AGENT}.{name}", arguments)
            return found.messages[0].content.text  # type: ignore[union-attr]

        return self.portal.call(work)


@contextmanager
def running_app(settings: Settings) -> Iterator[RunningApp]:
    """The application of `settings` with all agents connected, for the length of the block."""
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(open_app(settings)) as app:
            with portal.wrap_async_context_manager(InProcessInvoker(app.agents())) as invoker:
                yield RunningApp(app, invoker, portal)
