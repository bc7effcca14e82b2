"""Questions of many, asked together: shared, waited out, and one bad question spoils nobody else's answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from redaptive.errors import Conflict, InvalidInput, Unavailable
from redaptive.orchestration.intelligent.engine.batch import Batch

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FakeServer:
    """Doubles numbers; refuses 13, and what it is told to."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.failures: list[Exception] = []
        self.held = asyncio.Event()
        self.held.set()

    async def send(self, numbers: list[int]) -> list[int]:
        self.asked.append(numbers)
        await self.held.wait()
        if self.failures:
            raise self.failures.pop(0)
        if 13 in numbers:
            raise InvalidInput("No 13.")
        return [2 * each for each in numbers]


@asynccontextmanager
async def _batch(*, every: bool = False) -> AsyncIterator[tuple[FakeServer, Callable[[int], asyncio.Task[int]]]]:
    server = FakeServer()
    batch: Batch[int, int] = Batch("doubles", server.send, every=every)
    serving = asyncio.create_task(batch.run())
    yield server, lambda number: asyncio.create_task(batch.ask(number))
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_what_is_asked_while_one_is_under_way_goes_out_together() -> None:
    async with _batch() as (server, ask):
        server.held.clear()
        first = ask(1)
        await asyncio.sleep(0.01)
        others = [ask(n) for n in range(2, 6)]
        await asyncio.sleep(0.01)
        server.held.set()
        assert await asyncio.gather(first, *others) == [2, 4, 6, 8, 10]
        assert server.asked == [[1], [2, 3, 4, 5]]


async def test_one_that_is_refused_leaves_the_others_their_answers() -> None:
    async with _batch() as (server, ask):
        found = await asyncio.gather(*(ask(n) for n in (1, 13, 3)), return_exceptions=True)
        assert (found[0], found[2]) == (2, 6)
        assert isinstance(found[1], InvalidInput)
        assert server.asked == [[1, 13, 3], [1], [13], [3]]


@pytest.mark.parametrize("failure", [Unavailable("Away."), Conflict("Locked.", retry_after_ms=200)])
async def test_an_outage_and_locked_rows_are_waited_out(failure: Exception) -> None:
    async with _batch() as (server, ask):
        server.failures = [failure]
        assert await asyncio.gather(ask(1), ask(2)) == [2, 4]
        assert server.asked == [[1, 2], [1, 2]]


@pytest.mark.parametrize(("every", "then"), [(False, [3]), (True, [2, 3])])
async def test_who_gave_up_is_not_asked_for_unless_all_must_be_sent(every: bool, then: list[int]) -> None:
    async with _batch(every=every) as (server, ask):
        server.held.clear()
        first = ask(1)
        await asyncio.sleep(0.01)
        gone, stays = ask(2), ask(3)
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        server.held.set()
        assert (await first, await stays) == (2, 6)
        assert server.asked == [[1], then]
