"""Work beside the stream: compaction of hot files, which one worker does for all, and what came late."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Final

import anyio
import structlog
from anyio import to_thread

from redaptive.streams.fleet import Fleet
from redaptive.streams.flush import PASSING
from redaptive.streams.late.job import LateReadings, LateWork
from redaptive.streams.silence import SilenceTimer
from redaptive.streams.worker import StreamWorker, Tools

log = structlog.get_logger(__name__)
EVERY_S: Final = 30.0
FIRST: Final = 0
"""The owner of this partition does what is to be done once."""


async def run_upkeep(worker: StreamWorker, tools: Tools) -> None:
    """Look twice a minute until cancelled: each worker at its part of the log, for silent meters and late readings,
    the owner of partition 0 at the files."""
    timer, of = SilenceTimer(), tools.reading_log.partitions
    late = LateReadings(tools.pools, tools.store, of=of, engine=worker.engine, step=tools.step)
    async with anyio.create_task_group() as group:
        # Beside each other: scoring days again may take a minute, and what fails holds up nothing else.
        group.start_soon(_every, lambda: _look(worker, tools, timer))
        for part in (late.divide, late.count, late.score_again):
            group.start_soon(_every, partial(_work_off, worker, part))


async def _every(work: Callable[[], Awaitable[None]]) -> None:
    """Do it every now and then; the stream goes on whatever becomes of it."""
    while True:
        await anyio.sleep(EVERY_S)
        try:
            await work()
        except PASSING as error:
            log.warning("stream_upkeep_failed", error=str(error))
        except Exception:
            log.exception("stream_upkeep_failed")


async def _look(worker: StreamWorker, tools: Tools, timer: SilenceTimer) -> None:
    if silent := await worker.look_for_silence(timer):
        log.info("meters_silent", meters=silent)
    await worker.owned.check_log()
    if FIRST in worker.owned.scorers and (merged := await to_thread.run_sync(tools.store.compact)):
        log.info("readings_compacted", files=merged)


async def _work_off(worker: StreamWorker, part: Callable[[Mapping[int, Fleet]], Awaitable[LateWork]]) -> None:
    done = await part({partition: scorer.fleet for partition, scorer in worker.owned.scorers.items()})
    if done != LateWork():
        log.info("late_readings_done", **asdict(done))
