from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client import Client

from redaptive.agents.invoker import InProcessInvoker
from redaptive.agents.principal import acting_as
from redaptive.agents.registry import AgentRegistry
from redaptive.app import App, open_app

AGENT = "portfolio-intelligence"


@dataclass(frozen=True)
class RunningApp:
    portal: BlockingPortal
    app: App
    invoker: InProcessInvoker
    agents: AgentRegistry

    def run(self, work, *arguments):
        return self.portal.call(work, *arguments)

    def principal(self, tenant):
        return self.run(self.app.local_principal, tenant)

    def call(self, principal, tool, arguments, progress=None):
        async def work():
            return await self.invoker.call(tool, arguments, principal=principal, progress=progress)

        return self.run(work)

    def with_client(self, principal, work, agent=AGENT):
        async def inside():
            with acting_as(principal):
                async with Client(self.agents.get(agent).server, cache=None) as client:
                    return await work(client)

        return self.run(inside)


@asynccontextmanager
async def _opened(settings):
    async with open_app(settings) as app:
        agents = app.agents()
        async with InProcessInvoker(agents) as invoker:
            yield app, invoker, agents


@contextmanager
def running_app(settings):
    relaxed = settings.model_copy(update={"rate_limit_per_minute": 1_000_000})
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(_opened(relaxed)) as (app, invoker, agents):
            yield RunningApp(portal, app, invoker, agents)
