"""Readings into the log, through the admission that every gateway passes; and how the log and its workers stand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Final

from redaptive.agents.monitoring.ingesting import Taken
from redaptive.agents.monitoring.results import RejectedRow
from redaptive.agents.services import StreamAccess
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.redis_streams import ReadingLog, open_log
from redaptive.settings import Settings
from redaptive.streams.ingest.admission import Admission, Submission
from redaptive.streams.ingest.directory import Directory
from redaptive.streams.ingest.gaps import Gaps
from redaptive.streams.ingest.messages import Message
from redaptive.streams.ingest.refusals import Refusals
from redaptive.streams.ingest.rows import columns_of
from redaptive.streams.ingest.temperatures import Temperatures
from redaptive.streams.status import StreamStatus, stream_status

GATEWAY: Final = "agent"
PROTOCOL: Final = "mcp"


class LogIntake:
    """Hands readings to the log: they are on its disk when `take` returns, and stored by the workers."""

    def __init__(self, settings: Settings, access: StreamAccess, tenant: str, now: datetime) -> None:
        self._settings, self._access, self._tenant, self._now = settings, access, tenant, now

    @property
    def path(self) -> str:
        """The log."""
        return "log"

    async def take(self, rows: Sequence[Taken]) -> Sequence[RejectedRow]:
        """Admit the rows; those that admission refuses come back with its reason."""
        columns, refused = columns_of([_row(taken) for taken in rows])
        payload = json.dumps([asdict(taken.source) for taken in rows], sort_keys=True).encode()
        message, received_us = Message(columns, refused), int(self._now.timestamp() * 1e6)
        async with _connected(self._settings, self._access) as (pools, log):
            admission = Admission(Directory(pools), Temperatures(pools), Refusals(pools), Gaps(pools), log)
            submission = Submission(self._tenant, GATEWAY, PROTOCOL, message, payload, received_us)
            (receipt,) = await admission.admit([submission])
        return [
            RejectedRow(rows[each.row].row, rows[each.row].source.meter, each.reason, each.field, each.detail)
            for each in receipt.refused
        ]


async def log_state(settings: Settings, access: StreamAccess) -> StreamStatus:
    """How partitions, workers and the log stand."""
    async with _connected(settings, access) as (pools, log):
        return await stream_status(pools, log)


def _row(taken: Taken) -> dict[str, object]:
    row: dict[str, object] = {
        "meter": taken.source.meter,
        "start": taken.start_s,
        "value": taken.source.value,
        "unit": taken.source.unit,
    }
    return {**row, "estimated": True} if taken.source.quality == "estimated" else row


@asynccontextmanager
async def _connected(
    settings: Settings, access: StreamAccess
) -> AsyncIterator[tuple[ConnectionPoolManager, ReadingLog]]:
    """A connection to each server, for one call."""
    pools = ConnectionPoolManager(
        access.worker_url,
        name="monitoring",
        min_size=1,
        max_size=2,
        acquire_timeout_s=settings.pool_acquire_timeout_s,
        statement_timeout_s=settings.statement_timeout_s,
    )
    async with pools, open_log(access.log_url, settings) as log:
        yield pools, log
