"""Work beside the stream that one worker does for all: compaction of hot files, days that got readings late."""

from __future__ import annotations

from typing import Final

import anyio
import structlog
from anyio import to_thread

from redaptive.streams.flush import PASSING
from redaptive.streams.late_days import judge_late_days
from redaptive.streams.worker import StreamWorker, Tools

log = structlog.get_logger(__name__)
EVERY_S: Final = 30.0
FIRST: Final = 0
"""The owner of this partition does the work."""


async def run_upkeep(worker: StreamWorker, tools: Tools) -> None:
    """Look twice a minute until cancelled."""
    while True:
        await anyio.sleep(EVERY_S)
        if FIRST not in worker.owned.scorers:
            continue
        try:
            if merged := await to_thread.run_sync(tools.store.compact):
                log.info("readings_compacted", files=merged)
            if judged := await judge_late_days(tools.pools, tools.store):
                log.info("late_days_judged", days=judged)
        except PASSING as error:
            log.warning("stream_upkeep_failed", error=str(error))
