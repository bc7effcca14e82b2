"""The composition root: settings in, a wired application out; the only place that knows everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from anyio import to_thread
from valkey.asyncio import Valkey

from redaptive.agents.principal import Principal, local_principal
from redaptive.errors import Unauthorized, Unavailable
from redaptive.infrastructure.database.bootstrap import DatabaseUrls
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.reference_store import ReferenceStore
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.infrastructure.discovery.service_registry import ServiceRegistry
from redaptive.infrastructure.health.health_checker import Check, HealthChecker
from redaptive.infrastructure.installation import open_installation
from redaptive.infrastructure.services.server import Endpoints
from redaptive.late import late
from redaptive.reference.loader import ReferenceData
from redaptive.reference.rows import ReferenceRow, iter_rows
from redaptive.settings import Settings

if TYPE_CHECKING:
    from redaptive.agents.registry import AgentRegistry
    from redaptive.agents.services import AgentServices
    from redaptive.app_agents import AppAgents
    from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
    from redaptive.infrastructure.database.stores.weather_store import WeatherStore
    from redaptive.infrastructure.readings.store import ReadingsStore
    from redaptive.orchestration.agent_calls import AgentCalls

Progress = Callable[[str], None]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class App:
    """Everything that runs in this process; made by `open_app`, which connects and closes it.

    What only some commands need, the store of readings and the agents, is loaded when it is first asked for.
    """

    settings: Settings
    endpoints: Endpoints
    urls: DatabaseUrls
    pools: ConnectionPoolManager
    cache: Valkey
    reference: ReferenceData
    closing: AsyncExitStack = field(repr=False)

    @cached_property
    def readings(self) -> ReadingsStore:
        """The readings of all meters; the store is opened at the first use."""
        store: type[ReadingsStore] = late("redaptive.infrastructure.readings.store:ReadingsStore")
        opened = store.open(self.settings.readings_root, memory_mb=self.settings.query_memory_mb)
        self.closing.callback(opened.close)
        return opened

    @cached_property
    def _own_agents(self) -> AppAgents:
        made: type[AppAgents] = late("redaptive.app_agents:AppAgents")
        return made(
            self.settings, self.pools, self.cache, self.readings, self.reference,
            worker_url=self.urls.worker, log_url=self.endpoints.log.url,
        )  # fmt: skip

    @property
    def services(self) -> AgentServices:
        """What agents are given."""
        return self._own_agents.services

    @cached_property
    def registry(self) -> ServiceRegistry:
        """Agents of this and of other processes, as they announce themselves."""
        return ServiceRegistry(self.cache)

    @asynccontextmanager
    async def agent_calls(self) -> AsyncIterator[AgentCalls]:
        """Calls to all agents that survive the failure of one: those of this process, and those announced elsewhere."""
        async with self._own_agents.calls(self.registry, await self.local_principal()) as calls:
            yield calls

    def agents(self, ids: Sequence[str] | None = None) -> AgentRegistry:
        """Instances of the named agents, of all without names; raises NotFound naming the known ids."""
        return self._own_agents.instances(ids)

    def health(self) -> HealthChecker:
        """Checks of what this process needs (database, readings) and of what it can do without (cache)."""

        async def database() -> str:
            health = await self.pools.health()
            if not health.ok:
                raise Unavailable(health.message)
            return f"{health.statistics.available} of {health.statistics.size} connections free"

        async def readings() -> str:
            return f"{(await to_thread.run_sync(lambda: self.readings.statistics())).months} months"

        async def cache() -> str:
            await self.cache.ping()
            return "answers"

        return HealthChecker(
            [Check("database", database), Check("readings", readings), Check("cache", cache, required=False)]
        )

    def portfolio(self, tenant_id: UUID) -> PortfolioStore:
        """Buildings, meters and prices of one tenant."""
        store: type[PortfolioStore] = late("redaptive.infrastructure.database.stores.portfolio_store:PortfolioStore")
        return store(self.pools, tenant_id)

    def weather(self, tenant_id: UUID) -> WeatherStore:
        """Weather observations of one tenant."""
        store: type[WeatherStore] = late("redaptive.infrastructure.database.stores.weather_store:WeatherStore")
        return store(self.pools, tenant_id)

    async def tenant_id(self, name: str | None = None, *, create: bool = False) -> UUID:
        """The id of a tenant (default: the settings' one); raises NotFound unless `create`.

        Only what writes a tenant's first data may create it: a misspelt name must not become a tenant.
        """
        tenants = TenantStore(self.pools)
        wanted = name or self.settings.tenant
        return await tenants.ensure(wanted) if create else (await tenants.by_name(wanted)).id

    async def local_principal(self, tenant: str | None = None) -> Principal:
        """The person at this machine, with every scope that the agents declare, in one tenant."""
        granted: Callable[[], frozenset[str]] = late("redaptive.app_agents:declared_scopes")
        name = tenant or self.settings.tenant
        return local_principal(await self.tenant_id(name, create=True), name, granted())


def _identity(row: ReferenceRow) -> tuple[str, str, date, str]:
    return row.set_name, row.key, row.effective_from, row.version


async def _reference(urls: DatabaseUrls, pools: ConnectionPoolManager) -> ReferenceData:
    """The database's rows; packaged rows that it lacks are written where we may, and used in any case."""
    stored = await ReferenceStore(pools).all()
    known = {_identity(row) for row in stored}
    missing = [row for row in iter_rows() if _identity(row) not in known]
    if missing:
        async with ConnectionPoolManager(urls.owner, name="migrations", min_size=1, max_size=1) as owner:
            try:
                await ReferenceStore(owner).load(missing)
            except Unauthorized:
                log.warning("reference_rows_not_written", rows=len(missing), todo="set REDAPTIVE_DATABASE_OWNER_URL")
    return ReferenceData([*stored, *missing])


@asynccontextmanager
async def open_app(settings: Settings | None = None, *, progress: Progress | None = None) -> AsyncIterator[App]:
    """The wired application; starts the servers that no URL is configured for and releases them at the end."""
    chosen = settings or Settings()
    async with AsyncExitStack() as stack:
        installation = await stack.enter_async_context(open_installation(chosen, progress=progress))
        endpoints, urls = installation.endpoints, installation.urls
        pools = await stack.enter_async_context(ConnectionPoolManager.from_settings(chosen, urls.app))
        cache = Valkey.from_url(endpoints.cache.url)
        stack.push_async_callback(cache.aclose)
        yield App(chosen, endpoints, urls, pools, cache, await _reference(urls, pools), stack)
