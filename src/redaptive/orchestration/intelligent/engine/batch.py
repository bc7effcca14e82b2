"""What many runs ask the database at nearly the same time, asked in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

import structlog

from redaptive.errors import RedaptiveError
from redaptive.orchestration.intelligent.engine.line import passes

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")
RETRY_S: Final = 0.25
MOST: Final = 500
log = structlog.get_logger(__name__)


class Batch(Generic[ItemT, AnswerT]):
    """Gathers questions while the last statement is under way; `send` answers a list of them in order.

    Sending may be repeated: outages are waited out, and of a batch that the database refuses each item is sent alone.
    An item whose asker was cancelled meanwhile is left out, unless `every` one must be sent. `run` must be running.
    """

    def __init__(
        self, name: str, send: Callable[[list[ItemT]], Awaitable[list[AnswerT]]], *, every: bool = False
    ) -> None:
        self._name, self._send, self._every = name, send, every
        self._asked: list[tuple[ItemT, asyncio.Future[AnswerT]]] = []
        self._wake = asyncio.Event()

    async def ask(self, item: ItemT) -> AnswerT:
        """The answer to the item.

        :raises RedaptiveError: the database refuses it.
        """
        answer: asyncio.Future[AnswerT] = asyncio.get_running_loop().create_future()
        self._asked.append((item, answer))
        self._wake.set()
        return await answer

    async def run(self) -> None:
        """Send for ever; cancel to end."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._asked:
                batch, self._asked = self._asked[:MOST], self._asked[MOST:]
                await self._answer([each for each in batch if self._every or not each[1].done()])

    async def _answer(self, batch: list[tuple[ItemT, asyncio.Future[AnswerT]]]) -> None:
        while batch:
            try:
                answers = await self._send([item for item, _ in batch])
                break
            except RedaptiveError as error:
                if not passes(error):
                    await self._one_by_one(batch, error)
                    return
                log.warning("batch_waits", batch=self._name, code=error.code, error=error.message)
                await asyncio.sleep(RETRY_S)
        else:
            return
        for (_, asked), answer in zip(batch, answers, strict=True):
            if not asked.done():
                asked.set_result(answer)

    async def _one_by_one(self, batch: list[tuple[ItemT, asyncio.Future[AnswerT]]], error: RedaptiveError) -> None:
        if len(batch) > 1:
            for each in batch:
                await self._answer([each])
        elif not batch[0][1].done():
            batch[0][1].set_exception(error)
