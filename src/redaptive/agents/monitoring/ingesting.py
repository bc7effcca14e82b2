"""A batch of readings from a caller: checked row by row, told apart from what is known, handed on once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

import polars as pl
from anyio import to_thread

from redaptive.agents.monitoring.meters import last_values
from redaptive.agents.monitoring.results import IngestReceipt, RejectedRow
from redaptive.domain.intervals import parse_time
from redaptive.domain.portfolio.records import MeterRole
from redaptive.domain.quality.flags import Quality
from redaptive.domain.units import stored_factor
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.readings.committing import commit_once
from redaptive.infrastructure.readings.store import ReadingsStore

MAX_ROWS: Final = 5_000
FUTURE_GRACE: Final = timedelta(minutes=5)
INT32_MAX: Final = 2**31 - 1


@dataclass(frozen=True)
class ReadingRow:
    """One interval: `start` ISO 8601 with offset, `value` in `unit` (kWh unless given, m3 or gal for water)."""

    meter: str
    start: str
    value: float
    unit: str = "kWh"
    quality: Literal["measured", "estimated"] = "measured"


@dataclass(frozen=True)
class Taken:
    """A sound reading: its meter, start (epoch seconds) and stored value, Wh or litres."""

    row: int
    meter: MonitoredMeter
    start_s: int
    stored: int
    source: ReadingRow

    @property
    def key(self) -> tuple[int, int]:
        """Meter and start: what makes a reading unique."""
        return self.meter.number, self.start_s


class Intake(Protocol):
    """Where sound readings go: the log, or the store itself."""

    @property
    def path(self) -> str:
        """log or store."""
        ...

    async def take(self, rows: Sequence[Taken]) -> Sequence[RejectedRow]:
        """Hand the rows on, durably; what the other side refuses comes back."""
        ...


class Refused(Exception):
    """Raised inside this module for a row that cannot be taken."""

    def __init__(self, reason: str, field: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.field, self.detail = reason, field, detail


@dataclass(frozen=True)
class Sorted:
    """The rows of a batch: to hand on, known already, refused; `late` of the first lie behind the meter's newest."""

    taken: tuple[Taken, ...]
    duplicate: int
    late: int
    rejected: tuple[RejectedRow, ...]


def sort_out(
    rows: Sequence[ReadingRow], meters: Mapping[str, MonitoredMeter], readings: ReadingsStore, now: datetime
) -> Sorted:
    """Check every row. A known interval with the same value is a duplicate, with another value it is refused."""
    if not rows or len(rows) > MAX_ROWS:
        raise InvalidInput(f"A batch has 1 to {MAX_ROWS} rows, not {len(rows)}.", field="readings")
    if not meters:
        raise NotFound("No meter of the batch exists.", field="readings.meter", fix="Import the meters first.")
    sound, rejected = [], []
    for number, row in enumerate(rows):
        try:
            sound.append(checked(number, row, meters, now))
        except Refused as refused:
            rejected.append(RejectedRow(number, row.meter, refused.reason, refused.field, refused.detail))
    known, newest = _known(readings, sound)
    taken, duplicate, late = [], 0, 0
    for reading in sound:
        if known.get(reading.key) == reading.stored:
            duplicate += 1
        elif reading.key in known:
            rejected.append(_conflict(reading, known[reading.key]))
        else:
            known[reading.key] = reading.stored
            taken.append(reading)
            late += reading.start_s < newest.get(reading.meter.number, 0)
    return Sorted(tuple(taken), duplicate, late, tuple(sorted(rejected, key=lambda r: r.row)))


def checked(number: int, row: ReadingRow, meters: Mapping[str, MonitoredMeter], now: datetime) -> Taken:
    """The row as a reading of one of `meters`; Refused with the reason otherwise."""
    meter = meters.get(row.meter)
    if meter is None:
        raise Refused("unknown_meter", "meter", f"No meter {row.meter!r} is registered.")
    if meter.meter.role is MeterRole.VIRTUAL:
        raise Refused("virtual_meter", "meter", f"{row.meter} is computed from other meters.")
    start = _start(row, meter, now)
    return Taken(number, meter, start, _stored(row, meter), row)


class StoreIntake:
    """Appends to the readings store: for installations that run no log."""

    def __init__(self, readings: ReadingsStore, source: str, now: datetime) -> None:
        self._readings, self._source, self._now = readings, source, now

    @property
    def path(self) -> str:
        """The store."""
        return "store"

    async def take(self, rows: Sequence[Taken]) -> Sequence[RejectedRow]:
        """Commit the rows; none is refused."""
        frame, source = _frame(rows), self._source
        await to_thread.run_sync(
            commit_once,
            lambda token: self._readings.append(frame, source=source, token=token),
            lambda: self._readings.last_token(source),
            self._now,
        )
        return ()


def receipt(total: int, found: Sorted, refused: Sequence[RejectedRow], path: str) -> IngestReceipt:
    """The counts; rows that the other side refused are no longer accepted."""
    rejected = sorted([*found.rejected, *refused], key=lambda r: r.row)
    accepted = len(found.taken) - len(refused)
    late = min(found.late, accepted)
    return IngestReceipt(total, accepted, found.duplicate, late, len(rejected), tuple(rejected), path)


def _start(row: ReadingRow, meter: MonitoredMeter, now: datetime) -> int:
    try:
        start = parse_time(row.start, "start")
    except InvalidInput as error:
        raise Refused("bad_time", "start", error.message) from error
    step = timedelta(seconds=meter.meter.interval_s)
    if start > now + max(2 * step, FUTURE_GRACE):
        raise Refused("future", "start", f"The interval begins at {start.isoformat()}, it is {now.isoformat()}.")
    if start < datetime(2000, 1, 1, tzinfo=UTC):
        raise Refused("bad_time", "start", f"{row.start} lies before the year 2000.")
    seconds = start.timestamp()
    if (seconds - meter.limits.phase_s) % meter.meter.interval_s:
        raise Refused("misaligned", "start", f"Intervals of {row.meter} last {meter.meter.interval_s} s.")
    return int(seconds)


def _stored(row: ReadingRow, meter: MonitoredMeter) -> int:
    try:
        factor = stored_factor(row.unit, meter.meter.commodity, interval_s=meter.meter.interval_s).factor
    except InvalidInput as error:
        raise Refused("wrong_unit", "unit", error.message) from error
    value = row.value * factor * meter.meter.multiplier
    cap = INT32_MAX if meter.limits.cap_wh is None else meter.limits.cap_wh
    if not math.isfinite(value):
        raise Refused("not_a_number", "value", "The value is not finite.")
    if value < 0 and not meter.limits.exports:
        raise Refused("negative", "value", f"{row.meter} does not export.")
    if abs(value) > cap:
        raise Refused("above_cap", "value", f"{row.value:g} {row.unit} is more than {row.meter} can read.")
    return round(value)


def _known(readings: ReadingsStore, sound: Sequence[Taken]) -> tuple[dict[tuple[int, int], int], dict[int, int]]:
    """Stored values at the batch's keys, and the newest stored interval of each of its meters."""
    if not sound:
        return {}, {}
    numbers = sorted({r.meter.number for r in sound})
    first, last = (datetime.fromtimestamp(pick(r.start_s for r in sound), UTC) for pick in (min, max))
    frame = readings.readings(numbers, first, last + timedelta(seconds=1))
    stamps = frame.select("meter_id", pl.col("ts").dt.epoch("s"), "value").iter_rows()
    newest = last_values(readings.latest(numbers))
    return {(number, ts): value for number, ts, value in stamps}, {
        number: int(ts.timestamp()) for number, (ts, _) in newest.items()
    }


def _conflict(reading: Taken, stands: int) -> RejectedRow:
    detail = f"The interval is known with {stands / 1000:g} instead of {reading.stored / 1000:g}; correct it instead."
    return RejectedRow(reading.row, reading.source.meter, "conflict", "value", detail)


def _frame(rows: Sequence[Taken]) -> pl.DataFrame:
    estimated = [int(Quality.ESTIMATED) if r.source.quality == "estimated" else 0 for r in rows]
    exported = [int(Quality.EXPORT) if r.stored < 0 else 0 for r in rows]
    return pl.DataFrame(
        {
            "meter_id": [r.meter.number for r in rows],
            "ts": [datetime.fromtimestamp(r.start_s, UTC) for r in rows],
            "value": [r.stored for r in rows],
            "quality": [a | b for a, b in zip(estimated, exported, strict=True)],
        },
        schema={"meter_id": pl.Int32(), "ts": pl.Datetime("us", "UTC"), "value": pl.Int32(), "quality": pl.Int8()},
    )
