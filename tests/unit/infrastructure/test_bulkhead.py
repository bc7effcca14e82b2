"""The bulkhead: limit, queue, wait, and that no room is ever lost."""

from __future__ import annotations

import anyio
import pytest

from redaptive.errors import Exhausted
from redaptive.infrastructure.resilience.bulkhead import Bulkhead, BulkheadPolicy
from redaptive.infrastructure.resilience.retry_manager import worth_retrying


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_no_more_than_the_limit_run_and_the_rest_wait_in_turn() -> None:
    room, active, most, order = Bulkhead("a", BulkheadPolicy(limit=3, queue=100)), 0, 0, []

    async def call(n: int) -> None:
        nonlocal active, most
        async with room.slot():
            active += 1
            most = max(most, active)
            order.append(n)
            await anyio.sleep(0.001)
            active -= 1

    async with anyio.create_task_group() as group:
        for n in range(50):
            group.start_soon(call, n)
    assert most == 3
    assert order == list(range(50))
    statistics = room.statistics()
    assert (statistics.active, statistics.waiting, statistics.admitted) == (0, 0, 50)


@pytest.mark.anyio
async def test_a_full_queue_refuses_at_once() -> None:
    room, release = Bulkhead("agent a", BulkheadPolicy(limit=1, queue=2)), anyio.Event()

    async def call() -> None:
        async with room.slot():
            await release.wait()

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(Exhausted, match="agent a is busy") as refused:
            async with room.slot():
                raise AssertionError("there is no room")
        assert (room.statistics().active, room.statistics().waiting, room.statistics().refused) == (1, 2, 1)
        release.set()
    assert not worth_retrying(refused.value)
    async with room.slot():
        assert room.statistics().active == 1


@pytest.mark.anyio
async def test_a_wait_that_is_too_long_or_given_up_leaves_the_room_whole() -> None:
    room, release = Bulkhead("a", BulkheadPolicy(limit=1, queue=9)), anyio.Event()

    async def hold() -> None:
        async with room.slot():
            await release.wait()

    async def give_up() -> None:
        with anyio.move_on_after(0.005):
            async with room.slot():
                raise AssertionError("there is no room")

    async with anyio.create_task_group() as group:
        group.start_soon(hold)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(Exhausted):
            async with room.slot(max_wait_s=0.01):
                raise AssertionError("there is no room")
        await give_up()
        release.set()
    assert (room.statistics().waiting, room.statistics().timed_out) == (0, 1)
    with anyio.fail_after(1):
        async with room.slot():
            pass


@pytest.mark.anyio
async def test_a_call_that_fails_gives_its_room_back() -> None:
    room = Bulkhead("a", BulkheadPolicy(limit=1))
    for _ in range(3):
        with pytest.raises(ValueError, match="boom"):
            async with room.slot():
                raise ValueError("boom")
    assert room.statistics().active == 0
