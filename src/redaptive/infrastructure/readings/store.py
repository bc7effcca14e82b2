"""The readings store: what the rest of the platform calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Sequence as Meters
from datetime import UTC, date, datetime, timedelta

import polars as pl
import structlog

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings import schema
from redaptive.infrastructure.readings.batches import checked, keyed
from redaptive.infrastructure.readings.engine import Cancellation, Engine
from redaptive.infrastructure.readings.months import (
    checked_calendar,
    first_of_month,
    label_date,
)
from redaptive.infrastructure.readings.reader import Reader
from redaptive.infrastructure.readings.results import AppendResult, ReadPlan, SealResult, StoreStatistics
from redaptive.infrastructure.readings.sealing import MAX_HOT_FILES, SPILL, Sealer
from redaptive.infrastructure.readings.sources import Wanted
from redaptive.infrastructure.readings.streams import StreamRows, StreamWriter
from redaptive.infrastructure.readings.tables import Table, local_root
from redaptive.infrastructure.readings.writer import Writer

_log = structlog.get_logger(__name__)
VACUUM_HOURS = 168
CHECK_EVERY_APPENDS = 64


class ReadingsStore:
    """Integer readings of all meters of an installation, in Delta tables under one folder.

    Synchronous and safe to share between threads; processes may open the same
    folder. Who may see which meter is decided before: a read returns rows of the
    given meters only, and of none when none are given.
    """

    def __init__(self, root: str, memory_mb: int) -> None:
        folder = local_root(root)
        spill = folder / SPILL
        spill.mkdir(parents=True, exist_ok=True)
        self.root = str(folder)
        self._engine = Engine(memory_mb, str(spill))
        self._readings = Table(folder / "readings", schema.READINGS, schema.PARTITIONS)
        self._hours = Table(folder / "rollup_hour", schema.ROLLUP_HOUR, schema.ROLLUP_PARTITIONS)
        self._months = Table(folder / "rollup_month", schema.ROLLUP_MONTH, schema.ROLLUP_PARTITIONS)
        self._writer = Writer(self._readings)
        self._streams = StreamWriter(self._readings, self._writer.tick, self._absent)
        self._sealer = Sealer(folder, self._engine, self._readings, self._hours, self._months)
        self._appends = 0

    @classmethod
    def open(cls, root: str, *, memory_mb: int = 1024) -> ReadingsStore:
        """The store in the folder `root`; tables are made when missing. `memory_mb` bounds the query engine."""
        return cls(root, memory_mb)

    def close(self) -> None:
        """Release the query engine."""
        self._engine.close()

    # Writing

    def append(self, batch: pl.DataFrame, *, source: str, token: int) -> AppendResult:
        """Commit measured rows once per (source, token); columns as in `BATCH_COLUMNS`.

        `source` names one ordered sequence: its tokens only grow, and a token not
        above the last committed one counts as seen. Give concurrent imports a
        source each. Of repeated uncorrected keys the later append wins while the
        month is open; once it is sealed, an append only fills keys without value.
        Raises InvalidInput naming column and row.
        """
        rows = keyed(checked(batch)).with_columns(rev=pl.lit(0, pl.Int16))
        result = self._writer.append(rows, source=source, token=token)
        self._compact_now_and_then()
        return result

    def correct(self, batch: pl.DataFrame, *, source: str, token: int) -> AppendResult:
        """Commit rows that replace whatever stands at their keys, sealed or not; the last correction wins."""
        rows = keyed(checked(batch))
        last = self._writer.last_token(source)
        if rows.is_empty() or (last is not None and token <= last):
            return self._writer.append(rows.with_columns(rev=pl.lit(1, pl.Int16)), source=source, token=token)
        low, high = rows["ts"].min(), rows["ts"].max()
        assert isinstance(low, datetime)
        assert isinstance(high, datetime)
        old = self._reader().revisions(Wanted.of(rows["meter_id"].unique()), low, high + timedelta(seconds=1))
        revised = rows.join(old, on=["meter_id", "ts"], how="left", maintain_order="left")
        revised = revised.with_columns((pl.col("rev").fill_null(0).clip(upper_bound=32_766) + 1).cast(pl.Int16))
        return self._writer.append(revised, source=source, token=token)

    def append_streams(self, streams: Sequence[StreamRows]) -> AppendResult:
        """Commit measured rows of several ordered sequences at once, each up to its own token.

        Of each source only rows above its last token are written, so a sequence may be
        read again from any place and cut anywhere. Call `compact` now and then yourself.
        """
        return self._streams.append(streams)

    def _absent(self, late: pl.DataFrame) -> pl.DataFrame:
        low, high = late["ts"].min(), late["ts"].max()
        assert isinstance(low, datetime)
        assert isinstance(high, datetime)
        old = self._reader().revisions(Wanted.of(late["meter_id"].unique()), low, high + timedelta(seconds=1))
        return late.unique(["meter_id", "ts"], keep="first", maintain_order=True).join(
            old, on=["meter_id", "ts"], how="anti"
        )

    def last_token(self, source: str) -> int | None:
        """The highest token committed for `source`; None when it never wrote."""
        return self._writer.last_token(source)

    def _compact_now_and_then(self) -> None:
        self._appends += 1
        if self._appends % CHECK_EVERY_APPENDS == 0:
            self.compact()

    # Keeping

    def compact(self, *, threshold: int = MAX_HOT_FILES) -> int:
        """Merge hot files of each month that has more than `threshold`, like sizes; returns how many were merged."""
        snapshot = self._readings.snapshot()
        crowded = [label for label in snapshot.months if len(snapshot.hot(label)) > threshold]
        return sum(self._sealer.compact(label, threshold) for label in crowded)

    def seal(self, month: date, calendar: pl.DataFrame) -> SealResult:
        """Make the UTC month of `month` one sorted file without duplicates and refresh its roll-ups.

        Appends may go on meanwhile: their rows stay hot. Sealing again merges them.
        `calendar`: meter_id, timezone, interval_s, one row per meter.
        """
        return self._sealer.seal(first_of_month(month), checked_calendar(calendar))

    def seal_all(
        self, calendar: pl.DataFrame, *, progress: Callable[[int, int], None] | None = None
    ) -> list[SealResult]:
        """Seal every month that has rows, oldest first; `progress(done, total)` after each."""
        labels, results = list(self._readings.snapshot().months), []
        for done, label in enumerate(labels, start=1):
            results.append(self.seal(label_date(label), calendar))
            if progress is not None:
                progress(done, len(labels))
        return results

    def vacuum(self, *, retention_hours: int = VACUUM_HOURS) -> int:
        """Delete files that no version of the last `retention_hours` names; returns how many. At least 7 days."""
        if retention_hours < VACUUM_HOURS:
            raise InvalidInput(
                f"A retention of {retention_hours} h is shorter than {VACUUM_HOURS} h.",
                field="retention_hours",
                fix="Readers and backups may still use those files.",
            )
        deleted = 0
        for table in (self._readings, self._hours, self._months):
            with table.lock:
                deleted += len(table.delta().vacuum(retention_hours=retention_hours, dry_run=False))
        return deleted

    # Reading

    def _reader(self, cancel: Cancellation | None = None) -> Reader:
        return Reader(self._engine, self._readings, self._hours, self._months, cancel)

    def readings(
        self, meters: Meters[int], start: datetime, end: datetime, *, cancel: Cancellation | None = None
    ) -> pl.DataFrame:
        """meter_id, ts, value, quality of the meters in [start, end), each interval once, sorted."""
        start, end = _utc(start, "start"), _utc(end, "end")
        return self._reader(cancel).readings(Wanted.of(meters), start, end)

    def hourly(
        self, meters: Meters[int], start: datetime, end: datetime, *, cancel: Cancellation | None = None
    ) -> pl.DataFrame:
        """meter_id, hour_ts (UTC), value_sum, peak_value (largest interval), n, n_flagged, n_estimated."""
        start, end = _utc(start, "start"), _utc(end, "end")
        return self._reader(cancel).hourly(Wanted.of(meters), start, end)

    def hour_sums(
        self,
        meters: Meters[int],
        start: datetime,
        end: datetime,
        *,
        estimates: bool = False,
        cancel: Cancellation | None = None,
    ) -> pl.DataFrame:
        """meter_id, hour (since 1970, UTC), value_sum, n as `hourly` has them, in no order: a third of its cost.

        With `estimates` also n_estimated.
        """
        start, end = _utc(start, "start"), _utc(end, "end")
        return self._reader(cancel).hour_sums(Wanted.of(meters), start, end, estimates=estimates)

    def monthly(
        self,
        meters: Meters[int],
        start_month: date,
        end_month: date,
        calendar: pl.DataFrame,
        *,
        cancel: Cancellation | None = None,
    ) -> pl.DataFrame:
        """Site-local months [start_month, end_month) of the meters; months without any reading are absent.

        meter_id, month, value_sum, peak_w (mean power of the largest interval, W; litres/h
        for water), peak_ts (its earliest start), n, n_expected, n_flagged (doubtful), n_estimated.
        """
        wanted, rows = Wanted.of(meters), checked_calendar(calendar)
        rows = rows.filter(pl.col("meter_id").is_in(list(wanted.meters)))
        span = first_of_month(start_month), first_of_month(end_month)
        return self._reader(cancel).monthly(wanted, *span, rows)

    def plan(self, meters: Meters[int], start_month: date, end_month: date, calendar: pl.DataFrame) -> ReadPlan:
        """How `monthly` would read: each UTC month from its roll-up, sealed, hot or merged files."""
        wanted, rows = Wanted.of(meters), checked_calendar(calendar)
        rows = rows.filter(pl.col("meter_id").is_in(list(wanted.meters)))
        return self._reader().plan(wanted, first_of_month(start_month), first_of_month(end_month), rows)

    def latest(self, meters: Meters[int], *, cancel: Cancellation | None = None) -> pl.DataFrame:
        """meter_id, ts, value, quality of the last interval of each meter that has any."""
        return self._reader(cancel).latest(Wanted.of(meters))

    def coverage(self, meters: Meters[int], *, cancel: Cancellation | None = None) -> pl.DataFrame:
        """meter_id, first_ts, last_ts, n, n_flagged of each meter that has any reading."""
        return self._reader(cancel).coverage(Wanted.of(meters))

    def statistics(self) -> StoreStatistics:
        """Files, rows and bytes of the readings table, hot and sealed."""
        snapshot = self._readings.snapshot()
        hot, sealed = ([f for f in snapshot.all() if f.sealed is kind] for kind in (False, True))
        return StoreStatistics(
            version=snapshot.version,
            months=len(snapshot.months),
            sealed_months=sum(1 for label in snapshot.months if snapshot.sealed(label)),
            hot_files=len(hot),
            hot_rows=sum(f.rows for f in hot),
            hot_bytes=sum(f.size for f in hot),
            sealed_files=len(sealed),
            sealed_rows=sum(f.rows for f in sealed),
            sealed_bytes=sum(f.size for f in sealed),
        )


def _utc(at: datetime, field: str) -> datetime:
    if at.tzinfo is None:
        raise InvalidInput(f"{field} has no time zone.", field=field, fix="Give an aware datetime, for example in UTC.")
    return at.astimezone(UTC)
