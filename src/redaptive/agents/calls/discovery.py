"""Following the registry: connections to the replicas that it lists, and their tools, listed again as they expire."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import anyio
import structlog
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from redaptive.agents.base import AgentBase
from redaptive.agents.calls.links import Opener
from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.delegation import Delegation
from redaptive.agents.invoker import HttpInvoker
from redaptive.agents.principal import Principal
from redaptive.agents.registry import describe
from redaptive.agents.schema import schema_hash
from redaptive.infrastructure.discovery.service_registry import ServiceRegistry, ServiceReplica

log = structlog.get_logger(__name__)

LIST_AGAIN_MS: Final = 300_000
"""How long a list holds whose server does not say so itself."""

LIST_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True)
class ToolListing:
    """Tool -> schema hash as a replica lists them, and how long the list holds, ms."""

    tools: Mapping[str, str]
    ttl_ms: float


Lister = Callable[[str], Awaitable[ToolListing]]
"""Lists the tools of the replica at a URL."""


async def list_tools(url: str, *, token: str | None = None) -> ToolListing:
    """The tools that a server lists at `url`, all pages; its `ttlMs` says how long the list holds."""
    headers = {"Authorization": f"Bearer {token}"} if token else None
    tools: dict[str, str] = {}
    async with (
        create_mcp_http_client(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http), cache=None) as client,
    ):
        cursor, ttl_ms = None, float(LIST_AGAIN_MS)
        while True:
            page = await client.list_tools(cursor=cursor)
            tools |= {each.name: schema_hash(each.input_schema, each.output_schema) for each in page.tools}
            ttl_ms, cursor = float(page.ttl_ms or ttl_ms), page.next_cursor
            if cursor is None:
                return ToolListing(tools, ttl_ms)


class Discovery:
    """Keeps an invoker's connections equal to the registry, and the registry's lists of tools fresh.

    All connections carry `token`, which stands for `identity`; `delegation` tells the agents for whom it calls.
    """

    def __init__(
        self,
        registry: ServiceRegistry,
        invoker: ResilientInvoker,
        *,
        token: str | None = None,
        identity: Principal | None = None,
        delegation: Delegation | None = None,
        lister: Lister | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._invoker = invoker
        self._token = token
        self._identity = identity
        self._delegation = delegation
        self._lister = lister or partial(list_tools, token=token)
        self._clock = clock
        self._connected: set[tuple[str, str]] = set()
        self._listed_until: dict[tuple[str, str], float] = {}

    async def sync(self) -> None:
        """Read the registry, connect to what is new, let go of what is gone, list tools where the list has expired."""
        await self._registry.refresh()
        remote = {(each.service, each.replica_id): each for each in self._registry.replicas() if self._ours(each)}
        for key in self._connected - remote.keys():
            self._invoker.detach(*key)
            self._listed_until.pop(key, None)
        for key in remote.keys() - self._connected:
            self._invoker.connect(
                key[0],
                self._opener(remote[key]),
                replica_id=key[1],
                identity=self._identity,
                delegation=self._delegation,
            )
        self._connected = set(remote)
        async with anyio.create_task_group() as group:
            for key, each in remote.items():
                if self._listed_until.get(key, 0.0) <= self._clock():
                    group.start_soon(self._list, key, each)

    async def run(self, interval_s: float = 5.0) -> None:
        """Sync for ever."""
        while True:
            await self.sync()
            await anyio.sleep(interval_s)

    def _ours(self, replica: ServiceReplica) -> bool:
        """Elsewhere, and not the loopback agent of another tenant, which would take us for that tenant."""
        mine = self._identity.tenant if self._identity else None
        return not replica.local and replica.tenant in (None, mine)

    def _opener(self, replica: ServiceReplica) -> Opener:
        return partial(HttpInvoker, {replica.service: replica.endpoint}, token=self._token)

    async def _list(self, key: tuple[str, str], replica: ServiceReplica) -> None:
        try:
            with anyio.fail_after(LIST_TIMEOUT_S):
                listing = await self._lister(replica.endpoint)
        except Exception as error:  # whatever a peer does: its tools stay as they were announced
            log.info("tools_not_listed", service=key[0], replica=key[1], error=str(error) or repr(error))
            return
        self._registry.confirm(*key, "ok", listing.tools)
        self._listed_until[key] = self._clock() + listing.ttl_ms / 1000.0


@asynccontextmanager
async def announced(
    registry: ServiceRegistry,
    agents: Sequence[AgentBase],
    *,
    base_url: str,
    replica_id: str,
    tenant: str | None = None,
) -> AsyncIterator[None]:
    """A context in which the agents served at `base_url` are in the registry: one at `/mcp`, several at `/<id>/mcp`.

    `tenant`: whose every caller is, where the server proves no identity.
    """
    records = [replace(_record(each, base_url, replica_id, len(agents) == 1), tenant=tenant) for each in agents]
    for record in records:
        await registry.announce(record)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(registry.run)
            yield
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True), anyio.move_on_after(2.0):
            for record in records:
                await registry.withdraw(record.service, record.replica_id)


def _record(agent: AgentBase, base_url: str, replica_id: str, alone: bool) -> ServiceReplica:
    return ServiceReplica(
        service=agent.id,
        replica_id=replica_id,
        endpoint=f"{base_url}/mcp" if alone else f"{base_url}/{agent.id}/mcp",
        version=agent.version,
        health_url=f"{base_url}/health",
        tools={each.name: each.schema_hash for each in describe(type(agent)).tools},
        health="ok",
    )
