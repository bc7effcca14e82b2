"""Work beside the stream that one worker does for all: compaction of hot files, days that got readings late."""

from __future__ import annotations

from typing import Final

import anyio
import structlog
from anyio import to_thread

from redaptive.streams.flush import PASSING
from redaptive.streams.late_days import judge_late_days
from redaptive.streams.silence import SilenceTimer
from redaptive.streams.worker import StreamWorker, Tools

log = structlog.get_logger(__name__)
EVERY_S: Final = 30.0
FIRST: Final = 0
"""The owner of this partition does what is to be done once."""


async def run_upkeep(worker: StreamWorker, tools: Tools) -> None:
    """Look twice a minute until cancelled: each worker at its part of the log and for silent meters,
    the owner of partition 0 at the rest."""
    timer = SilenceTimer()
    while True:
        await anyio.sleep(EVERY_S)
        try:
            if silent := await worker.look_for_silence(timer):
                log.info("meters_silent", meters=silent)
            await worker.owned.check_log()
            if FIRST not in worker.owned.scorers:
                continue
            if merged := await to_thread.run_sync(tools.store.compact):
                log.info("readings_compacted", files=merged)
            if judged := await judge_late_days(tools.pools, tools.store):
                log.info("late_days_judged", days=judged)
        except PASSING as error:
            log.warning("stream_upkeep_failed", error=str(error))
