"""Following the registry with a fake lister: what is connected, let go, refused, and listed again."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from uuid import UUID

import pytest

from redaptive.agents.calls.discovery import Discovery, ToolListing
from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.principal import local_principal
from redaptive.infrastructure.discovery.service_registry import IN_PROCESS, ServiceRegistry, ServiceReplica

sys.path.insert(0, str(Path(__file__).parents[3] / "fakes"))
FakeClock = importlib.import_module("fake_clock").FakeClock
MINE = local_principal(UUID(int=1), "mine", ())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _replica(replica_id: str, *, tenant: str | None = None, endpoint: str = "http://127.0.0.1:1/mcp") -> ServiceReplica:
    return ServiceReplica("lake", replica_id, endpoint, "1", tenant=tenant)


@pytest.mark.anyio
async def test_connections_follow_the_registry_and_stay_within_the_tenant() -> None:
    registry = ServiceRegistry()

    async def lister(url: str) -> ToolListing:
        return ToolListing({"lake.measure": "aa"}, 60_000)

    async with ResilientInvoker() as invoker:
        discovery = Discovery(registry, invoker, identity=MINE, lister=lister)
        for each in (
            _replica("with-tokens"),
            _replica("mine", tenant="mine"),
            _replica("theirs", tenant="other"),
            _replica("inside", endpoint=IN_PROCESS),
        ):
            await registry.announce(each)
        await discovery.sync()
        assert set(invoker.routes["lake"].replicas) == {"mine", "with-tokens"}
        await registry.withdraw("lake", "mine")
        await discovery.sync()
        assert set(invoker.routes["lake"].replicas) == {"with-tokens"}
        await registry.withdraw("lake", "with-tokens")
        await discovery.sync()
        assert invoker.routes == {}


@pytest.mark.anyio
async def test_tools_are_listed_again_when_the_list_expires_or_could_not_be_had() -> None:
    registry, clock, asked = ServiceRegistry(), FakeClock(), []

    async def lister(url: str) -> ToolListing:
        asked.append(url)
        if len(asked) == 1:
            raise ExceptionGroup("unhandled errors in a TaskGroup", [OSError("reset")])
        return ToolListing({"lake.measure": f"hash-{len(asked)}"}, 60_000)

    async with ResilientInvoker() as invoker:
        discovery = Discovery(registry, invoker, lister=lister, clock=clock)
        await registry.announce(_replica("a"))
        hashes = []
        for seconds in (0, 0, 59, 0, 2):
            clock.pass_by(seconds)
            await discovery.sync()
            hashes.append(registry.tools().get("lake.measure"))
        await registry.withdraw("lake", "a")
        await discovery.sync()
    assert hashes == [None, "hash-2", "hash-2", "hash-2", "hash-3"]
