"""What a protocol adapter makes of a message: columns of readings, and the rows that it could not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaptive.infrastructure.messaging.batches import NO_SEQUENCE

DEFAULT_UNIT: Final = "kWh"
EARLIEST_S: Final = 946_684_800
"""2000-01-01; an earlier start is no time of a reading."""
LATEST_S: Final = 4_102_444_800
"""2100-01-01; a later start is most often in milliseconds."""
RAW_CHARACTERS: Final = 2_000


@dataclass(frozen=True)
class Refusal:
    """One row that is not admitted: where it stands in its message (-1: the whole message), why, and its text."""

    row: int
    reason: str
    field: str
    detail: str
    meter: str = ""
    raw: str = ""


@dataclass(frozen=True, eq=False)
class Columns:
    """Readings as a sender states them: row i is meter `codes[code_of[i]]` in unit `units[unit_of[i]]`.

    `start_s` epoch seconds UTC of the interval's start; `value` as sent, float64; `flags` as in the log;
    `row` its place in the message.
    """

    codes: Sequence[str]
    code_of: NDArray[np.intp]
    start_s: NDArray[np.int64]
    value: NDArray[np.float64]
    units: Sequence[str]
    unit_of: NDArray[np.intp]
    flags: NDArray[np.uint8]
    row: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.start_s)


def no_columns() -> Columns:
    """Columns without a row."""
    none = np.empty(0, np.intp)
    return Columns((), none, np.empty(0, np.int64), np.empty(0), (), none, np.empty(0, np.uint8), none)


@dataclass(frozen=True, eq=False)
class Message:
    """A decoded message: its readings, the rows that are none, and the gateway's own number of it (-1: none)."""

    columns: Columns = field(default_factory=no_columns)
    refused: tuple[Refusal, ...] = ()
    sequence: int = NO_SEQUENCE
    gateway: str | None = None

    def __len__(self) -> int:
        return len(self.columns) + len(self.refused)


def unreadable(reason: str, detail: str, payload: bytes) -> Message:
    """A message of which nothing can be read, kept with its beginning."""
    return Message(refused=(Refusal(-1, reason, "payload", detail, raw=shown(payload)),))


def shown(payload: bytes | str) -> str:
    """The beginning of a payload as text that a database can keep."""
    text = payload if isinstance(payload, str) else payload[: RAW_CHARACTERS * 4].decode(errors="backslashreplace")
    return text[:RAW_CHARACTERS].replace("\x00", "\\x00")
