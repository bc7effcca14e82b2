"""Closes months: one sorted file without duplicates, and the roll-ups made from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
import structlog
from deltalake.schema import Field, PrimitiveType
from filelock import FileLock, Timeout

from redaptive.errors import Unavailable
from redaptive.infrastructure.readings import aggregates, schema
from redaptive.infrastructure.readings.engine import Engine, engine_for_a_while
from redaptive.infrastructure.readings.files import DataFile, Snapshot, basis
from redaptive.infrastructure.readings.merging import to_merge
from redaptive.infrastructure.readings.months import label_date, month_cuts, month_label, piece_months
from redaptive.infrastructure.readings.results import SealResult
from redaptive.infrastructure.readings.rewriting import swap, write_file
from redaptive.infrastructure.readings.sources import resolved, scan, split
from redaptive.infrastructure.readings.tables import Table, retried

_log = structlog.get_logger(__name__)
SEALED_COLUMNS = ("meter_id", "ts", "value", "quality", "rev")
HOT_COLUMNS = (*SEALED_COLUMNS, "seq")
MAX_HOT_FILES = 300
MERGE_MEMORY_MB = 256
"""Of a merge, which runs in stream workers; what does not fit is spilled (40 M rows were merged so)."""
SPILL = "spill"
"""Folder of the store for what does not fit into memory."""
LOCK_TIMEOUT_S = 900.0


class Sealer:
    """Rewrites months of one store; one rewriter at a time on a machine, by a lock file in the root.

    Appends and corrections need no lock. On an object store the file lock would
    not reach other machines; there the refusal of a second exchange by Delta
    still keeps the data right, at the price of repeated work.
    """

    def __init__(self, root: Path, engine: Engine, readings: Table, hours: Table, months: Table) -> None:
        self._lock_path, self._spill = root / "rewrite.lock", root / SPILL
        self._engine, self._readings, self._hours, self._months = engine, readings, hours, months

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with FileLock(self._lock_path, timeout=LOCK_TIMEOUT_S):
                yield
        except Timeout as error:
            raise Unavailable("Another process is sealing.", fix="Try again when it is done.") from error

    def seal(self, month: date, calendar: pl.DataFrame) -> SealResult:
        """Merge hot and sealed files of the UTC month into one sealed file, then refresh its roll-ups."""
        label, retries = month_label(month), [-1]

        def attempt() -> SealResult:
            retries[0] += 1
            return self._rewrite(label, retries[0])

        with self._locked():
            result = retried(attempt, what=f"sealing of {label}")
            self.refresh_rollups(label, calendar)
        return result

    def _rewrite(self, label: str, retries: int) -> SealResult:
        snapshot = self._readings.snapshot()
        files, month = snapshot.of(label), label_date(label)
        if not snapshot.hot(label):
            rows, size = sum(f.rows for f in files), sum(f.size for f in files)
            return SealResult(month, rows, rows, size, retries, snapshot.version, True)
        sql = f"SELECT {', '.join(SEALED_COLUMNS)} FROM ({resolved(split(files), 'true')}) ORDER BY meter_id, ts"  # noqa: S608
        written = write_file(self._engine, sql, self._readings.folder, label, schema.SEALED, SEALED_COLUMNS)
        version = swap(self._readings, files, written, label, schema.SEALED)
        rows_in = sum(f.rows for f in files)
        _log.info("readings_sealed", month=label, rows_in=rows_in, rows=written.rows, bytes=written.size)
        return SealResult(month, rows_in, written.rows, written.size, retries, version, False)

    def compact(self, label: str, threshold: int = MAX_HOT_FILES) -> int:
        """Merge hot files of a month that has more than `threshold`; returns how many were merged."""

        def attempt() -> int:
            chosen = to_merge(self._readings.snapshot().hot(label), threshold)
            if not chosen:
                return 0
            sql = f"{_newest(chosen)} ORDER BY meter_id, ts"
            with engine_for_a_while(MERGE_MEMORY_MB, str(self._spill)) as engine:
                written = write_file(engine, sql, self._readings.folder, label, schema.HOT, HOT_COLUMNS)
            swap(self._readings, chosen, written, label, schema.HOT)
            return len(chosen)

        with self._locked():
            return retried(attempt, what=f"compaction of {label}")

    def refresh_rollups(self, label: str, calendar: pl.DataFrame) -> None:
        """Make both roll-ups of the month from its sealed files, unless they are made from exactly those."""
        sealed = self._readings.snapshot().sealed(label)
        if not sealed:
            return
        name, source = basis(sealed), scan(sealed, "meter_id, ts, value, quality", "true")
        flagged = any(f.flagged for f in sealed)
        if _basis_of(self._hours.snapshot(), label) != name:
            hours = self._engine.frame(aggregates.hours_sql(source, flagged=flagged)).sort("meter_id", "hour")
            self._replace(self._hours, label, hours, name, schema.ROLLUP_HOUR.fields)
        if _basis_of(self._months.snapshot(), label) != name or self._zones_moved(label, calendar):
            cuts = month_cuts(set(calendar["timezone"]), label_date(label))
            pieces = self._engine.frame(aggregates.pieces_sql(source, cuts, flagged=flagged))
            pieces = aggregates.unpacked(pieces).with_columns(utc_month=pl.lit(label))
            rows = with_local_months(pieces, calendar)
            self._replace(self._months, label, rows.sort("meter_id", "local_month"), name, schema.ROLLUP_MONTH.fields)

    def _zones_moved(self, label: str, calendar: pl.DataFrame) -> bool:
        files = self._months.snapshot().of(label)
        kept = self._engine.frame(scan(files, "DISTINCT meter_id, timezone AS kept", "true"))
        moved = kept.join(calendar, on="meter_id").filter(pl.col("kept") != pl.col("timezone"))
        return not moved.is_empty()

    def _replace(self, table: Table, label: str, rows: pl.DataFrame, name: str, fields: list[Field]) -> None:
        named = rows.with_columns(month=pl.lit(label), basis=pl.lit(name))
        table.replace_month(label, named.select(_column(field) for field in fields))


def _column(field: Field) -> pl.Expr:
    kinds = {"integer": pl.Int32, "short": pl.Int16, "long": pl.Int64}
    kind = kinds.get(field.type.type) if isinstance(field.type, PrimitiveType) else None
    column = pl.col(field.name)
    return column.cast(kind) if kind else column


def _newest(hot: list[DataFile]) -> str:
    """Each key of the hot files once, with the seq of the row that won."""
    rows = scan(hot, "*, (rev::BIGINT << 47) + seq AS ord", "true")
    return (
        "SELECT meter_id, ts, arg_max(value, ord) AS value, arg_max(quality, ord) AS quality, max(rev) AS rev, "  # noqa: S608
        f"arg_max(seq, ord) AS seq FROM ({rows}) GROUP BY meter_id, ts"
    )


def _basis_of(rollup: Snapshot, label: str) -> str | None:
    return next((f.partition["basis"] for f in rollup.of(label)), None)


def is_current(rollup: Snapshot, label: str, sealed: list[DataFile]) -> bool:
    """Whether the roll-up of the month was made from exactly these sealed files."""
    return bool(sealed) and _basis_of(rollup, label) == basis(sealed)


def with_local_months(pieces: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """Pieces of `utc_month` per meter and local month; a meter without calendar row counts in UTC, zone ''."""
    labels, timezones = pieces["utc_month"].unique().to_list(), set(calendar["timezone"])
    zones = [piece_months(timezones, label_date(x)).with_columns(utc_month=pl.lit(x)) for x in labels]
    zoned = pieces.join(calendar.select("meter_id", "timezone"), on="meter_id", how="left")
    if zones:
        zoned = zoned.join(pl.concat(zones), on=["timezone", "piece", "utc_month"], how="left")
    own_month = pl.concat_str("utc_month", pl.lit("-01")).str.to_date()
    rows = zoned.with_columns(pl.col("timezone").fill_null(""), pl.col("local_month").fill_null(own_month))
    return rows.group_by("meter_id", "local_month", "timezone").agg(_merged(rows.columns))


def _merged(columns: list[str]) -> list[pl.Expr]:
    best = pl.struct(-pl.col("peak_value").cast(pl.Int64), "peak_ts")
    rules = {
        "value_sum": pl.col("value_sum").sum(),
        "peak_value": pl.col("peak_value").max(),
        "peak_ts": pl.col("peak_ts").sort_by(best).first(),
        "first_ts": pl.col("first_ts").min(),
        "last_ts": pl.col("last_ts").max(),
        "n": pl.col("n").sum(),
        "n_flagged": pl.col("n_flagged").sum(),
        "n_estimated": pl.col("n_estimated").sum(),
    }
    return [rule for name, rule in rules.items() if name in columns]
