"""Messages that were kept whole, read again: what is too long is parted, and their number counts no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from pydantic_core import from_json

from redaptive.streams.ingest.json_batches import message_of
from redaptive.streams.ingest.keys import without_unit
from redaptive.streams.ingest.messages import Message, parts_of
from redaptive.streams.ingest.rows import BadCell
from redaptive.streams.ingest.senml import decode_senml

MOST: Final = 1_000_000
"""Readings of one message that is parted; 8 MB hold no more."""


def read_again(payload: bytes, received_us: int, unit: str | None = None) -> list[Message]:
    """A JSON batch or a SenML pack in parts of at most MAX_READINGS, in `unit` if given; none if it cannot be read.

    `received_us` is when it came, to which the relative times of a pack refer.
    """
    try:
        body = from_json(payload)
    except ValueError:
        return []
    message = decode_senml(payload, received_us, most=MOST) if is_pack(body) else _batch(body, unit)
    if message is None or (message.refused and message.refused[0].row < 0):
        return []
    return list(parts_of(message if unit is None else _in(unit, message)))


def _batch(body: object, unit: str | None) -> Message | None:
    if isinstance(body, list):
        body = {"readings": body}
    if not isinstance(body, Mapping):
        return None
    body = {name: cell for name, cell in body.items() if name != "sequence"}
    if unit is not None:
        body = without_unit(body)
        if isinstance(rows := body.get("readings"), list):
            body["readings"] = [without_unit(row) if isinstance(row, Mapping) else row for row in rows]
    try:
        return message_of(body, most=MOST)
    except BadCell:
        return None


def _in(unit: str, message: Message) -> Message:
    columns = message.columns
    return replace(message, columns=replace(columns, units=(unit,), unit_of=np.zeros(len(columns), np.intp)))


def is_pack(body: object) -> bool:
    """Whether a payload is a SenML pack: a list of records that name no `meter`."""
    return isinstance(body, list) and bool(body) and isinstance(body[0], dict) and "meter" not in body[0]
