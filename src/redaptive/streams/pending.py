"""What a partition has scored since its last flush, and the cut of it that a flush commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import numpy as np
import polars as pl

from redaptive.domain.detectors.rows import I16, I32, I64
from redaptive.infrastructure.readings.streams import STREAM_COLUMNS, StreamRows, no_rows
from redaptive.streams.alerts.intake import Signal
from redaptive.streams.state_store import StatePart

MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, eq=False)
class KeptRows:
    """Rows to store, in the order of the log; one element each."""

    meter: I32
    start_s: I64
    energy_wh: I64
    quality: I16
    position: I64


@dataclass(frozen=True, slots=True)
class Rejected:
    """A reading that is not stored, with its place in the log."""

    tenant_id: UUID
    position: int
    row_no: int
    reason: str
    gateway_no: int
    meter_no: int
    start_s: int
    value: int
    flags: int
    received_s: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry of the log that cannot be used, as it came."""

    position: int
    reason: str
    detail: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LateDay:
    """A local day (days since 2000-01-01) of a meter that got readings late."""

    tenant_id: UUID
    meter_id: UUID
    meter_no: int
    day: int


@dataclass(frozen=True, slots=True)
class RegisterGap:
    """Counts of a register around intervals that did not come; its total was spread over [from_s, to_s]."""

    tenant_id: UUID
    meter_id: UUID
    meter_no: int
    from_s: int
    to_s: int
    before_count: int
    after_count: int
    energy_wh: int


@dataclass(frozen=True, slots=True)
class LateCount:
    """A count of a register that came after a later one; by itself it says nothing of energy."""

    tenant_id: UUID
    meter_id: UUID
    meter_no: int
    start_s: int
    count: int


@dataclass(frozen=True, slots=True)
class RegisterReset:
    """A cumulative register that began anew, by its first count of the new beginning."""

    tenant_id: UUID
    meter_id: UUID
    meter_no: int
    at_s: int
    before_counts: int
    after_counts: int


class Pending:
    """Collects results of scoring; `kept_frames` empties into the frames of a cut."""

    def __init__(self) -> None:
        self.readings = 0
        self.signals: list[Signal] = []
        self.rejected: list[Rejected] = []
        self.dead_letters: list[DeadLetter] = []
        self.resets: list[RegisterReset] = []
        self.register_gaps: list[RegisterGap] = []
        self.late_counts: list[LateCount] = []
        self.late_days: dict[LateDay, list[int]] = defaultdict(list)
        """Starts of the intervals that came late."""
        self.lane_days: dict[LateDay, list[int]] = defaultdict(list)
        """Starts of those beyond the bitmap's reach: they may have been there before."""
        self.without_tenant: set[int] = set()
        self._stored: list[KeptRows] = []
        self._late: list[KeptRows] = []

    def keep(self, rows: KeptRows, *, late: bool = False) -> None:
        """Note rows to store; `late` ones only where no value exists."""
        if len(rows.meter):
            (self._late if late else self._stored).append(rows)

    def stream_rows(self, partition: int, position: int, *, recheck: bool = False) -> StreamRows:
        """All noted rows as the readings store takes them."""
        return StreamRows(source_of(partition), position, _frame(self._stored), _frame(self._late), recheck)


def source_of(partition: int) -> str:
    """Name of the partition's tokens in the readings store."""
    return f"log:{partition}"


def _frame(parts: list[KeptRows]) -> pl.DataFrame:
    if not parts:
        return no_rows()
    micros = np.concatenate([p.start_s for p in parts]) * MICROSECONDS
    columns = {
        "meter_id": np.concatenate([p.meter for p in parts]),
        "ts": pl.Series(micros).cast(STREAM_COLUMNS["ts"]),
        "value": np.concatenate([p.energy_wh for p in parts]).astype(np.int32),
        "quality": np.concatenate([p.quality for p in parts]).astype(np.int8),
        "position": np.concatenate([p.position for p in parts]),
    }
    return pl.DataFrame(columns)


@dataclass(frozen=True)
class Cut:
    """Everything that one flush commits for one partition, up to `position`."""

    partition: int
    epoch: int
    position: int
    pending: Pending
    parts: tuple[StatePart, ...]
    known_batches: Mapping[str, object]
    counters: Mapping[str, int]
    received_us: int
    is_first: bool = False
    """Whether it is the first since the partition was taken."""
