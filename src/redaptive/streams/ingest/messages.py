"""What a protocol adapter makes of a message: columns of readings, and the rows that it could not read."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaptive.infrastructure.messaging.batches import MAX_READINGS, NO_SEQUENCE

DEFAULT_UNIT: Final = "kWh"
EARLIEST_S: Final = 946_684_800
"""2000-01-01; an earlier start is no time of a reading."""
LATEST_S: Final = 4_102_444_800
"""2100-01-01; a later start is most often in milliseconds."""
RAW_CHARACTERS: Final = 2_000
"""So much of a refused text is shown in lists; all of it is kept."""
BINARY: Final = "data:application/octet-stream;base64,"
"""Before what is kept of a payload that is no text."""


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
    source: str = ""
    """The file that the readings are of."""
    lines: NDArray[np.int64] | None = None
    """The line of the file by place in the message."""

    def __len__(self) -> int:
        return len(self.columns) + len(self.refused)

    def is_unread(self) -> bool:
        """Whether it was refused whole."""
        return bool(self.refused) and self.refused[0].row < 0

    def located(self, refusal: Refusal) -> Refusal:
        """A refusal of one of the readings, with file and line."""
        if self.lines is None:
            return refusal
        return replace(refusal, detail=f"{self.source} line {self.lines[refusal.row]}: {refusal.detail}")


def unreadable(reason: str, detail: str, payload: bytes, *, field: str = "payload") -> Message:
    """A message of which nothing can be read, kept whole."""
    return Message(refused=(Refusal(-1, reason, field, detail, raw=kept(payload)),))


def kept(payload: bytes) -> str:
    """The whole payload as text that a database can keep; a data URL where it is no text.

    >>> kept(b"{"), kept(b"\\xff")
    ('{', 'data:application/octet-stream;base64,/w==')
    """
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = "\x00"
    return BINARY + base64.b64encode(payload).decode() if "\x00" in text else text


def parts_of(message: Message) -> Iterator[Message]:
    """The message in parts of at most MAX_READINGS, without its number; the first has what is refused."""
    for at in range(0, max(len(message.columns), 1), MAX_READINGS):
        yield Message(sliced(message.columns, at, at + MAX_READINGS), message.refused if at == 0 else ())


def sliced(columns: Columns, first: int, last: int) -> Columns:
    """Readings `first` up to `last`."""
    rows = slice(first, last)
    return replace(
        columns,
        code_of=columns.code_of[rows],
        start_s=columns.start_s[rows],
        value=columns.value[rows],
        unit_of=columns.unit_of[rows],
        flags=columns.flags[rows],
        row=columns.row[rows],
    )
