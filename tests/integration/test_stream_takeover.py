"""Who is dead: a killed worker at once, long before its lease ends; a frozen or slow one, or a foreign one, is not."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import pytest
from tests.chaos.stream_processes import kill, start_worker
from tests.integration.stream_fleet import make_fleet
from tests.integration.stream_servers import StreamServers, stream_servers, worker_tools

from redaptive.streams.leases import Leases
from redaptive.streams.presence import PRESENCE, Presence, dead_workers
from redaptive.streams.worker import StreamWorker, Tools

PARTITIONS = 2
LEASE_S = 600.0
"""So long that nothing here can come from its end."""


@pytest.fixture(scope="module")
def servers() -> Iterator[StreamServers]:
    with stream_servers(stream_partitions=PARTITIONS, flush_interval_s=0.2, lease_s=LEASE_S) as found:
        make_fleet(found.endpoints.database.url, [1, 1025])
        yield found


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(50):
        while not await condition():  # noqa: ASYNC110 - asks a server
            await anyio.sleep(0.05)


async def owners(tools: Tools) -> set[str | None]:
    rows = await tools.pools.query("SELECT owner FROM stream_partition", tenant_id=None)
    return {row["owner"] for row in rows}


async def dead(tools: Tools) -> list[str]:
    async with tools.pools.transaction(None) as connection:
        return await dead_workers(connection)


async def locks(tools: Tools) -> list[int]:
    """Process ids of the server that hold a worker's lock."""
    statement = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
    return [row["pid"] for row in await tools.pools.query(statement, (PRESENCE,), tenant_id=None)]


async def silent(tools: Tools, worker: str) -> None:
    """As if the worker had said nothing for ten seconds."""
    async with tools.pools.transaction(None) as connection:
        statement = "UPDATE stream_worker SET seen_at = clock_timestamp() - interval '10 s' WHERE worker = %s"
        await connection.execute(statement, (worker,))


def environment(servers: StreamServers) -> dict[str, str]:
    return {
        "REDAPTIVE_HOME": str(servers.settings.home),
        "REDAPTIVE_STREAM_PARTITIONS": str(PARTITIONS),
        "REDAPTIVE_FLUSH_INTERVAL_S": "0.2",
        "REDAPTIVE_LEASE_S": str(LEASE_S),
        "W_URL": servers.urls.worker,
        "L_URL": servers.endpoints.log.url,
    }


def test_a_killed_worker_is_inherited_at_once_and_a_frozen_one_is_not(servers: StreamServers, tmp_path: Path) -> None:
    async def work() -> None:
        process = start_worker(environment(servers), tmp_path / "errors")
        try:
            async with worker_tools(servers) as tools:
                await until(lambda: _all_owned_by(tools, process.pid))
                os.kill(process.pid, signal.SIGSTOP)
                (owner,) = await owners(tools)
                assert owner is not None
                await silent(tools, owner)
                assert await dead(tools) == [], "frozen: its session is still there"
                await anyio.to_thread.run_sync(kill, process)
                await until(lambda: _is_dead(tools, owner))
                heir = StreamWorker(tools, name="heir")
                async with anyio.create_task_group() as group:
                    group.start_soon(heir.run)
                    await until(lambda: _holds(heir, PARTITIONS))
                    heir.stop()
        finally:
            kill(process)

    anyio.run(work)


async def _all_owned_by(tools: Tools, pid: int) -> bool:
    found = await owners(tools)
    return len(found) == 1 and all(owner is not None and f":{pid}:" in owner for owner in found)


async def _is_dead(tools: Tools, worker: str) -> bool:
    return worker in await dead(tools)


async def _holds(worker: StreamWorker, number: int) -> bool:
    return len(worker.owned.scorers) == number


def test_a_worker_that_never_showed_itself_keeps_its_lease(servers: StreamServers) -> None:
    """Such as the Spark host, or a worker of an earlier release."""

    async def work() -> None:
        async with worker_tools(servers) as tools:
            leases = Leases(tools.pools, "foreign", partitions=PARTITIONS, lease_s=LEASE_S)
            await leases.prepare()
            await leases.beat({}, {"host": "spark"})
            await silent(tools, "foreign")
            assert "foreign" not in await dead(tools)
            await leases.beat({}, {"present": True})
            await silent(tools, "foreign")
            assert "foreign" in await dead(tools)
            await leases.leave()

    anyio.run(work)


def test_a_lost_session_is_opened_again(servers: StreamServers) -> None:
    async def work() -> None:
        async with worker_tools(servers) as tools:
            presence = Presence(tools.pools, "seen")
            async with anyio.create_task_group() as group:
                group.start_soon(presence.hold)
                await until(lambda: _locked(tools, presence))
                (before,) = await locks(tools)
                await tools.pools.query("SELECT pg_terminate_backend(%s)", (before,), tenant_id=None)
                await until(lambda: _locked_anew(tools, before))
                group.cancel_scope.cancel()
            await until(lambda: _unlocked(tools))

    anyio.run(work)


async def _locked(tools: Tools, presence: Presence) -> bool:
    return presence.shown and len(await locks(tools)) == 1


async def _locked_anew(tools: Tools, before: int) -> bool:
    found = await locks(tools)
    return len(found) == 1 and before not in found


async def _unlocked(tools: Tools) -> bool:
    return not await locks(tools)
