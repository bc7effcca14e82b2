"""Refused rows whose meter was registered later go through admission again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import anyio
import structlog
from pydantic_core import from_json

from redaptive.domain.detectors.kinds import HISTORICAL
from redaptive.errors import RedaptiveError
from redaptive.streams.ingest.admission import Admission, Submission
from redaptive.streams.ingest.messages import Message
from redaptive.streams.ingest.refusals import Refusals, Waiting
from redaptive.streams.ingest.rows import columns_of

EVERY_S: Final = 30.0
log = structlog.get_logger(__name__)


async def requeue(admission: Admission, refusals: Refusals) -> int:
    """How many waiting rows were admitted now; each is marked, so that it goes in once."""
    return (await send_again(admission, refusals, await refusals.waiting()))[0]


async def send_again(admission: Admission, refusals: Refusals, waiting: Sequence[Waiting]) -> tuple[int, int]:
    """How many of the rows, sorted by gateway and batch, were admitted and refused now; all are marked as sent."""
    admitted = refused = 0
    for _, group in groupby(waiting, key=lambda row: (row.tenant, row.gateway, row.batch)):
        rows = list(group)
        receipts = await admission.admit([_submission(rows)])
        await refusals.requeued(rows)
        admitted += receipts[0].accepted
        refused += len(receipts[0].refused)
    return admitted, refused


async def send_whole(
    admission: Admission, refusals: Refusals, kept: Waiting, parts: Sequence[Message]
) -> tuple[int, int]:
    """How many readings of a whole message, in parts, were admitted and refused now; it is marked as sent."""
    payload, now_us = f"again {kept.batch}".encode(), time.time_ns() // 1000
    for message in parts:
        message.columns.flags[:] |= HISTORICAL
    receipts = await admission.admit(
        [
            Submission(kept.tenant, kept.gateway, "requeue", message, payload, now_us, part=part)
            for part, message in enumerate(parts)
        ]
    )
    await refusals.requeued([kept])
    return sum(receipt.accepted for receipt in receipts), sum(len(receipt.refused) for receipt in receipts)


def _submission(rows: list[Waiting]) -> Submission:
    columns, refused = columns_of([from_json(row.raw) for row in rows])
    columns.flags[:] |= HISTORICAL  # they come late by our own doing
    payload = "\n".join(row.raw for row in rows).encode()
    now_us = time.time_ns() // 1000
    return Submission(rows[0].tenant, rows[0].gateway, "requeue", Message(columns, refused), payload, now_us)


async def run_requeue(admission: Admission, refusals: Refusals) -> None:
    """Look every half minute until cancelled."""
    while True:
        await anyio.sleep(EVERY_S)
        try:
            if admitted := await requeue(admission, refusals):
                log.info("readings_requeued", rows=admitted)
        except RedaptiveError as error:
            log.warning("requeue_waits", error=error.message)
