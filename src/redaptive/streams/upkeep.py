"""Work beside the stream: compaction of hot files, which one worker does for all, and what came late."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import anyio
import structlog
from anyio import to_thread

from redaptive.streams.flush import PASSING
from redaptive.streams.late.job import LateReadings, LateWork
from redaptive.streams.silence import SilenceTimer
from redaptive.streams.worker import StreamWorker, Tools

log = structlog.get_logger(__name__)
EVERY_S: Final = 30.0
FIRST: Final = 0
"""The owner of this partition does what is to be done once."""


async def run_upkeep(worker: StreamWorker, tools: Tools, *, late: LateReadings | None = None) -> None:
    """Look twice a minute until cancelled: each worker at its part of the log, for silent meters and late readings,
    the owner of partition 0 at the files."""
    timer, of = SilenceTimer(), tools.reading_log.partitions
    late = late or LateReadings(tools.pools, tools.store, of=of, engine=worker.engine, step=tools.step)
    while True:
        await anyio.sleep(EVERY_S)
        try:
            if silent := await worker.look_for_silence(timer):
                log.info("meters_silent", meters=silent)
            await worker.owned.check_log()
            if FIRST in worker.owned.scorers and (merged := await to_thread.run_sync(tools.store.compact)):
                log.info("readings_compacted", files=merged)
            done = await late.work({p: scorer.fleet for p, scorer in worker.owned.scorers.items()})
            if done != LateWork():
                log.info("late_readings_done", **asdict(done))
        except PASSING as error:
            log.warning("stream_upkeep_failed", error=str(error))
