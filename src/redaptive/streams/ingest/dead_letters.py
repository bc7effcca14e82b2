"""Dead letters, for the operator: payloads that belong to no tenant, and entries of the log that cannot be read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic_core import from_json

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.ingest.admission import Admission, Submission
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.messages import Message
from redaptive.streams.ingest.refusals import NO_PARTITION
from redaptive.streams.ingest.senml import decode_senml
from redaptive.streams.ingest.strays import UNKNOWN_TOPIC, sender_of
from redaptive.streams.ingest.whole import is_pack

UNKNOWN_TENANT: Final = "unknown_tenant"
_READABLE: Final = frozenset({"mqtt", "http"})
"""Protocols whose payload says all; Sparkplug's needs the node's birth, and a dropped file is still in its folder."""


@dataclass(frozen=True)
class DeadLetter:
    """`partition` -1: it never reached the log; then `detail` is protocol, tenant and gateway, or the topic."""

    partition: int
    position: int
    reason: str
    detail: str
    size: int
    recorded_at: datetime


async def dead_letters(pools: ConnectionPoolManager, limit: int) -> list[DeadLetter]:
    """The newest first; `pools` are of the role redaptive_worker."""
    rows = await pools.query(
        "SELECT partition, position, reason, detail, length(body) AS size, recorded_at FROM dead_letter"
        " ORDER BY recorded_at DESC, partition, position LIMIT %s",
        (limit,),
        tenant_id=None,
    )
    return [DeadLetter(**row) for row in rows]


async def resend_dead(admission: Admission, pools: ConnectionPoolManager, letters: Sequence[DeadLetter]) -> int:
    """How many of the letters are in the log now, because their tenant exists by now; those are forgotten here.

    The topic of a letter may have a slip, if it says tenant and gateway.
    """
    ours = (UNKNOWN_TENANT, UNKNOWN_TOPIC)
    unknown = [letter for letter in letters if letter.partition == NO_PARTITION and letter.reason in ours]
    senders = [(letter, *_sender(letter)) for letter in unknown]
    names = list({tenant for _, _, tenant, _ in senders})
    rows = await pools.query("SELECT name FROM tenants WHERE name = ANY(%s)", (names,), tenant_id=None)
    tenants = {row["name"] for row in rows}
    sent = 0
    for letter, protocol, tenant, gateway in senders:
        if protocol not in _READABLE or tenant not in tenants:
            continue
        scope = (letter.partition, letter.position)
        body = await pools.query(
            "SELECT body FROM dead_letter WHERE partition = %s AND position = %s", scope, tenant_id=None
        )
        if body:
            payload, now_us = bytes(body[0]["body"]), int(letter.recorded_at.timestamp() * 1e6)
            message = _decoded(payload, now_us)
            await admission.admit([Submission(tenant, gateway, protocol, message, payload, time.time_ns() // 1000)])
            async with pools.transaction(None) as connection:
                await connection.execute("DELETE FROM dead_letter WHERE partition = %s AND position = %s", scope)
            sent += 1
    return sent


def _sender(letter: DeadLetter) -> tuple[str, str, str]:
    """Protocol, tenant and gateway of a letter that never reached the log."""
    if letter.reason == UNKNOWN_TOPIC:
        return ("mqtt", *sender_of(letter.detail))
    protocol, _, sender = letter.detail.partition(" ")
    tenant, _, gateway = sender.partition("/")
    return protocol, tenant, gateway


def _decoded(payload: bytes, now_us: int) -> Message:
    """The letter's message; `now_us` is when it came."""
    try:
        body = from_json(payload)
    except ValueError:
        body = None
    return decode_senml(payload, now_us) if is_pack(body) else decode_json(payload)
