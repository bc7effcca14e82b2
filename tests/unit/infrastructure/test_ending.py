"""Tasks end although a cancellation is lost, as `asyncio.wait_for` before Python 3.12 may lose one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from redaptive.infrastructure.ending import end
from redaptive.orchestration.intelligent import event_driven_engine


async def _losing(times: int) -> None:
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if times == 0:
                raise
            times -= 1


async def _failing() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(3600)
    raise ValueError("while it ended")


def _ended(*works: Coroutine[Any, Any, None], first: bool = False) -> list[asyncio.Task[None]]:
    """The works as tasks, ended; `first`: after they have ended by themselves."""

    async def within() -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(work) for work in works]
        await asyncio.sleep(0)  # let them begin
        if first:
            await asyncio.gather(*tasks)
        async with asyncio.timeout(30):
            await end(tasks, again_s=0.01)
        return tasks

    return asyncio.run(within())


def test_a_task_that_loses_cancellations_is_cancelled_until_it_ends() -> None:
    assert all(task.cancelled() for task in _ended(_losing(0), _losing(1), _losing(3)))


def test_what_a_task_raises_while_it_ends_is_dropped() -> None:
    (task,) = _ended(_failing())
    assert isinstance(task.exception(), ValueError)


def test_no_task_and_an_ended_one_are_fine() -> None:
    assert _ended() == []
    (task,) = _ended(asyncio.sleep(0), first=True)
    assert task.exception() is None


def test_consumers_of_events_end_though_one_loses_its_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    class Losing:
        async def run(self) -> None:
            await _losing(1)

    monkeypatch.setattr(event_driven_engine, "consumers", lambda *_: [Losing(), Losing()])
    engine = event_driven_engine.EventDrivenEngine(None, None, "c")  # type: ignore[arg-type]

    async def within() -> bool:
        task = asyncio.create_task(engine.run())
        await asyncio.sleep(0.01)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=30)
        return task in done and task.cancelled()

    assert asyncio.run(within())
