"""The wired application on the session's servers, for tests that are not asynchronous themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client import Client

from redaptive.agents.invoker import InProcessInvoker, Progress, ToolResult
from redaptive.agents.principal import Principal, acting_as
from redaptive.agents.registry import AgentRegistry
from redaptive.app import App, open_app
from redaptive.settings import Settings

T = TypeVar("T")
AGENT = "portfolio-intelligence"


@dataclass(frozen=True)
class RunningApp:
    """An open application with its agents connected in process; calls block."""

    portal: BlockingPortal
    app: App
    invoker: InProcessInvoker
    agents: AgentRegistry

    def run(self, work: Callable[..., Awaitable[T]], *arguments: object) -> T:
        """The result of asynchronous work on the application's event loop."""
        return self.portal.call(work, *arguments)

    def principal(self, tenant: str) -> Principal:
        """A caller with every scope in a tenant, which is made when missing."""
        return self.run(self.app.local_principal, tenant)

    def call(
        self, principal: Principal, tool: str, arguments: dict[str, Any], progress: Progress | None = None
    ) -> ToolResult:
        """The answer of a tool by its full name."""

        async def work() -> ToolResult:
            return await self.invoker.call(tool, arguments, principal=principal, progress=progress)

        return self.run(work)

    def with_client(self, principal: Principal, work: Callable[[Client], Awaitable[T]], agent: str = AGENT) -> T:
        """What `work` makes of an MCP client of an agent, as `principal`."""

        async def inside() -> T:
            with acting_as(principal):
                async with Client(self.agents.get(agent).server, cache=None) as client:
                    return await work(client)

        return self.run(inside)


@asynccontextmanager
async def _opened(settings: Settings) -> Any:
    async with open_app(settings) as app:
        agents = app.agents()
        async with InProcessInvoker(agents) as invoker:
            yield app, invoker, agents


@contextmanager
def running_app(settings: Settings) -> Iterator[RunningApp]:
    """The application, open for the length of the block; tests make many calls, so the limit is out of the way."""
    relaxed = settings.model_copy(update={"rate_limit_per_minute": 1_000_000})
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(_opened(relaxed)) as (app, invoker, agents):
            yield RunningApp(portal, app, invoker, agents)
