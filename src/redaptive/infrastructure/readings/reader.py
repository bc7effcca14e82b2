"""Answers questions from the newest version: roll-up where it is current, sealed or merged rows elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from redaptive.errors import InvalidInput
from redaptive.infrastructure.readings import aggregates
from redaptive.infrastructure.readings.aggregates import HOUR_SCHEMA, MONTH_SCHEMA, literal
from redaptive.infrastructure.readings.batches import BATCH_COLUMNS
from redaptive.infrastructure.readings.engine import Cancellation, Engine
from redaptive.infrastructure.readings.files import DataFile, Snapshot
from redaptive.infrastructure.readings.months import (
    label_date,
    month_cuts,
    month_label,
    shift_month,
    utc_months_of,
    utc_start,
)
from redaptive.infrastructure.readings.results import MonthPlan, ReadPlan
from redaptive.infrastructure.readings.sealing import is_current, with_local_months
from redaptive.infrastructure.readings.sources import MonthFiles, Wanted, relevant, resolved, scan, split
from redaptive.infrastructure.readings.tables import Table

COVERAGE_SCHEMA: dict[str, pl.DataType] = {
    "meter_id": pl.Int32(),
    "first_ts": pl.Datetime("us", "UTC"),
    "last_ts": pl.Datetime("us", "UTC"),
    "n": pl.Int64(),
    "n_flagged": pl.Int64(),
}
HOUR_SUM_SCHEMA: dict[str, pl.DataType] = {
    "meter_id": pl.Int32(),
    "hour": pl.Int32(),
    "value_sum": pl.Int64(),
    "n": pl.Int32(),
}
_HOURS = (
    "meter_id, hour, value_sum, peak_value, n::INT AS n, n_flagged::INT AS n_flagged, n_estimated::INT AS n_estimated"
)


@dataclass(frozen=True)
class MonthRead:
    """One month of a question: its raw files, and the meters that the roll-up answers for."""

    label: str
    files: MonthFiles
    rolled: Wanted
    raw: Wanted

    @property
    def flagged(self) -> bool:
        """Whether any raw file holds a quality flag."""
        return any(f.flagged for f in (*self.files.clean, *self.files.sealed, *self.files.hot))

    def plan(self) -> MonthPlan:
        """The month as the caller may inspect it."""
        files = (*self.files.clean, *self.files.sealed, *self.files.hot)
        sealed = sum(f.sealed for f in files)
        return MonthPlan(
            self.label, sealed, len(files) - sealed, self.files.merged, len(self.rolled.meters), len(self.raw.meters)
        )


class Reader:
    """Reads of one store for one caller, at the versions found when it was made."""

    def __init__(
        self, engine: Engine, readings: Table, hours: Table, months: Table, cancel: Cancellation | None = None
    ) -> None:
        self._engine, self._cancel = engine, cancel
        # The roll-ups are looked up first: a seal between the look-ups makes them stale, never wrong.
        self._hours, self._months = hours.snapshot(), months.snapshot()
        self.snapshot = readings.snapshot()

    def _frame(self, sql: str, wanted: Wanted) -> pl.DataFrame:
        table = pl.DataFrame({"meter_id": wanted.meters}, schema={"meter_id": pl.Int32})
        return self._engine.frame(sql, {"wanted": table}, self._cancel)

    def _months_between(self, start: datetime, end: datetime) -> list[str]:
        first, last = month_label(start.date()), month_label(end.date())
        return [label for label in self.snapshot.months if first <= label <= last]

    def _source(self, read: MonthRead, where: str = "true") -> str | None:
        """The month's raw rows of exactly the wanted meters."""
        return resolved(read.files, f"{read.raw.predicate()} AND {where}")

    def _read(
        self, label: str, wanted: Wanted, rollup: Snapshot | None, span: tuple[datetime, datetime] | None = None
    ) -> MonthRead:
        """Which meters of the month the roll-up can answer for; meters touched since sealing cannot be among them."""
        start, end = span or (None, None)
        files = relevant(self.snapshot.of(label), wanted, start, end)
        if rollup is None or not is_current(rollup, label, self.snapshot.sealed(label)):
            return MonthRead(label, split(files), Wanted(()), wanted)
        touched = self._touched(files, wanted)
        rolled = Wanted.of(set(wanted.meters) - touched)
        raw = Wanted.of(touched)
        return MonthRead(label, split(relevant(files, raw, start, end)), rolled, raw)

    def _touched(self, files: Iterable[DataFile], wanted: Wanted) -> set[int]:
        hot = [f for f in files if not f.sealed]
        if not hot:
            return set()
        return set(self._frame(scan(hot, "DISTINCT meter_id", wanted.predicate()), wanted)["meter_id"])

    def readings(self, wanted: Wanted, start: datetime, end: datetime) -> pl.DataFrame:
        """meter_id, ts, value, quality of [start, end), each key once, sorted."""
        where = f"ts >= {literal(start)} AND ts < {literal(end)}"
        reads = [self._read(label, wanted, None, (start, end)) for label in self._months_between(start, end)]
        parts = [sql for r in reads if (sql := self._source(r, where)) is not None]
        if not wanted.meters or not parts:
            return pl.DataFrame(schema=BATCH_COLUMNS)
        union = " UNION ALL ".join(f"SELECT meter_id, ts, value, quality FROM ({p})" for p in parts)  # noqa: S608
        return self._frame(f"SELECT * FROM ({union}) ORDER BY meter_id, ts", wanted)  # noqa: S608

    def revisions(self, wanted: Wanted, start: datetime, end: datetime) -> pl.DataFrame:
        """meter_id, ts, rev of the rows in force in [start, end)."""
        where = f"ts >= {literal(start)} AND ts < {literal(end)}"
        reads = [self._read(label, wanted, None, (start, end)) for label in self._months_between(start, end)]
        parts = [f"SELECT meter_id, ts, rev FROM ({s})" for r in reads if (s := self._source(r, where)) is not None]  # noqa: S608
        if not parts:
            return pl.DataFrame(schema={"meter_id": pl.Int32, "ts": BATCH_COLUMNS["ts"], "rev": pl.Int16})
        return self._frame(" UNION ALL ".join(parts), wanted)

    def plan_hours(self, wanted: Wanted, start: datetime, end: datetime) -> list[MonthRead]:
        """The months of an hourly question; a month cut inside an hour is read raw."""

        def whole_hours(label: str) -> bool:
            low, high = utc_start(label_date(label)), utc_start(shift_month(label_date(label), 1))
            edges = [at for at in (start, end) if low < at < high]
            return all(at.minute == at.second == at.microsecond == 0 for at in edges)

        labels = self._months_between(start, end)
        return [self._read(x, wanted, self._hours if whole_hours(x) else None, (start, end)) for x in labels]

    def hourly(self, wanted: Wanted, start: datetime, end: datetime) -> pl.DataFrame:
        """Hours of [start, end); partial hours at the ends count only their part."""
        frames = self._hours_of(wanted, start, end, _HOURS)
        if not frames:
            return pl.DataFrame(schema=HOUR_SCHEMA)
        return aggregates.hours_frame(pl.concat(frames, how="vertical_relaxed"))

    def hour_sums(self, wanted: Wanted, start: datetime, end: datetime, *, estimates: bool = False) -> pl.DataFrame:
        """meter_id, hour, value_sum, n of the hours of [start, end), in no order; n_estimated where asked for."""
        schema = HOUR_SUM_SCHEMA | ({"n_estimated": pl.Int32()} if estimates else {})
        parts = [
            frame.select(pl.col(c).cast(k) for c, k in schema.items())
            for frame in self._hours_of(wanted, start, end, ", ".join(schema))
        ]
        return pl.concat(parts, rechunk=False) if parts else pl.DataFrame(schema=schema)

    def _hours_of(self, wanted: Wanted, start: datetime, end: datetime, columns: str) -> list[pl.DataFrame]:
        """The hours from roll-ups and from raw rows; none without meters."""
        parts = []
        within = f"ts >= {literal(start)} AND ts < {literal(end)}"
        low, high = (int(at.timestamp() // 3600) for at in (start, end))
        for read in self.plan_hours(wanted, start, end) if wanted.meters else ():
            if read.rolled.meters:
                where = f"{read.rolled.predicate()} AND hour >= {low} AND hour < {high}"
                parts.append(("rolled", read, scan(self._hours.of(read.label), columns, where)))
            if read.raw.meters and (source := self._source(read, within)):
                parts.append(("raw", read, aggregates.hours_sql(source, flagged=read.flagged)))
        return [self._frame(sql, getattr(read, kind)) for kind, read, sql in parts]

    def _without(self, read: MonthRead, stale: set[int]) -> MonthRead:
        stale &= set(read.rolled.meters)
        if not stale:
            return read
        raw = Wanted.of(stale | set(read.raw.meters))
        files = split(relevant(self.snapshot.of(read.label), raw))
        return replace(read, rolled=Wanted.of(set(read.rolled.meters) - stale), raw=raw, files=files)

    def _zoned(self, reads: list[MonthRead], rolled: pl.DataFrame | None, calendar: pl.DataFrame) -> list[MonthRead]:
        """The months with a meter read raw where its zone has changed since sealing."""
        if rolled is None:
            return reads
        kept = rolled.select("utc_month", "meter_id", kept="timezone").unique()
        moved = kept.join(calendar, on="meter_id").filter(pl.col("kept") != pl.col("timezone"))
        stale = {str(label): set(part["meter_id"]) for (label,), part in moved.group_by("utc_month")}
        return [self._without(read, stale.get(read.label, set())) for read in reads]

    def _rolled_pieces(self, reads: list[MonthRead], *, bounds: bool) -> pl.DataFrame | None:
        """Rows of the monthly roll-up for the meters that may use it, in one query; None when there are none."""
        rolled = [r for r in reads if r.rolled.meters]
        if not rolled:
            return None
        everyone = Wanted.of({m for r in rolled for m in r.rolled.meters})
        columns = ", ".join(("meter_id", "timezone", "local_month", *_piece_columns(bounds=bounds)))
        parts = [
            scan(self._months.of(r.label), f"'{r.label}' AS utc_month, {columns}", everyone.predicate()) for r in rolled
        ]
        return self._frame(" UNION ALL ".join(parts), everyone)

    def _pieces(
        self, reads: list[MonthRead], rolled: pl.DataFrame | None, calendar: pl.DataFrame, *, bounds: bool
    ) -> pl.DataFrame | None:
        """Pieces of local months from roll-ups and raw rows; the sums per (meter_id, local_month) are the answer."""
        frames = []
        if rolled is not None:
            read_raw = pl.DataFrame(
                [(r.label, m) for r in reads for m in r.raw.meters],
                schema={"utc_month": pl.String, "meter_id": pl.Int32},
                orient="row",
            )
            exact = rolled.join(read_raw, on=["utc_month", "meter_id"], how="anti") if read_raw.height else rolled
            frames.append(exact)
        frames += self._raw_pieces(reads, calendar, bounds=bounds)
        picked = [f.select("meter_id", "local_month", *_piece_columns(bounds=bounds)) for f in frames]
        return pl.concat(picked, how="vertical_relaxed") if picked else None

    def _raw_pieces(self, reads: list[MonthRead], calendar: pl.DataFrame, *, bounds: bool) -> list[pl.DataFrame]:
        zones, parts, union = set(calendar["timezone"]), [r for r in reads if r.raw.meters and r.files], []
        everyone = Wanted.of({m for r in parts for m in r.raw.meters})
        for read in parts:
            source = resolved(read.files, read.raw.prefilter())
            if source is not None:
                cuts = month_cuts(zones, label_date(read.label))
                sql = aggregates.pieces_sql(source, cuts, flagged=read.flagged, bounds=bounds)
                union.append(f"SELECT '{read.label}' AS utc_month, * FROM ({sql})")  # noqa: S608
        if not union:
            return []
        rows = aggregates.unpacked(self._frame(" UNION ALL ".join(union), everyone))
        exact = [_only(rows.filter(pl.col("utc_month") == r.label), r.raw) for r in parts]
        return [with_local_months(pl.concat(exact), calendar)]

    def monthly(self, wanted: Wanted, start: date, end: date, calendar: pl.DataFrame) -> pl.DataFrame:
        """Site-local months [start, end)."""
        reads, rolled = self._monthly_reads(wanted, start, end, calendar)
        pieces = self._pieces(reads, rolled, calendar, bounds=False) if reads else None
        if pieces is None:
            return pl.DataFrame(schema=MONTH_SCHEMA)
        inside = pieces.filter(pl.col("local_month") >= start, pl.col("local_month") < end)
        return aggregates.months_frame(inside, calendar)

    def _monthly_reads(
        self, wanted: Wanted, start: date, end: date, calendar: pl.DataFrame
    ) -> tuple[list[MonthRead], pl.DataFrame | None]:
        """The months of a monthly question, and what the roll-up has on them: read once for zones and sums."""
        if not wanted.meters or start >= end:
            return [], None
        missing = set(wanted.meters) - set(calendar["meter_id"])
        if missing:
            raise InvalidInput(f"The calendar lacks meter {min(missing)}.", field="calendar.meter_id")
        reads = self._month_reads(
            wanted, [month_label(m) for m in utc_months_of(set(calendar["timezone"]), start, end)]
        )
        rolled = self._rolled_pieces(reads, bounds=False)
        return self._zoned(reads, rolled, calendar), rolled

    def _month_reads(self, wanted: Wanted, labels: Iterable[str]) -> list[MonthRead]:
        return [self._read(label, wanted, self._months) for label in labels if self.snapshot.of(label)]

    def plan(self, wanted: Wanted, start: date, end: date, calendar: pl.DataFrame) -> ReadPlan:
        """How `monthly` would read."""
        reads, _ = self._monthly_reads(wanted, start, end, calendar)
        return ReadPlan(self.snapshot.version, tuple(r.plan() for r in reads))

    def latest(self, wanted: Wanted) -> pl.DataFrame:
        """The last reading of each meter; months are searched backwards until every meter is found."""
        found = pl.DataFrame(schema=BATCH_COLUMNS)
        missing = wanted
        for label in reversed(self.snapshot.months):
            if not missing.meters:
                break
            source = self._source(self._read(label, missing, None))
            if source is not None:
                last = "max(ts) AS ts, arg_max(value, ts) AS value, arg_max(quality, ts) AS quality"
                found.extend(self._frame(f"SELECT meter_id, {last} FROM ({source}) GROUP BY meter_id", missing))  # noqa: S608
                missing = Wanted.of(set(missing.meters) - set(found["meter_id"]))
        return found.sort("meter_id")

    def coverage(self, wanted: Wanted) -> pl.DataFrame:
        """First and last interval and counts of each meter that has any."""
        zones = pl.DataFrame({"meter_id": wanted.meters, "timezone": ["UTC"] * len(wanted.meters)})
        calendar = zones.with_columns(pl.col("meter_id").cast(pl.Int32))
        reads = self._month_reads(wanted, self.snapshot.months) if wanted.meters else []
        pieces = self._pieces(reads, self._rolled_pieces(reads, bounds=True), calendar, bounds=True) if reads else None
        if pieces is None:
            return pl.DataFrame(schema=COVERAGE_SCHEMA)
        table = pieces.group_by("meter_id").agg(
            pl.col("first_ts").min(), pl.col("last_ts").max(), pl.col("n", "n_flagged").sum()
        )
        return table.select(pl.col(c).cast(k) for c, k in COVERAGE_SCHEMA.items()).sort("meter_id")


def _piece_columns(*, bounds: bool) -> list[str]:
    return [c for c in aggregates.PIECE_COLUMNS if bounds or c not in {"first_ts", "last_ts"}]


def _only(rows: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """The rows of wanted meters; a dense set was read by range, so strangers are dropped here."""
    return rows.join(
        pl.DataFrame({"meter_id": wanted.meters}, schema={"meter_id": pl.Int32}), on="meter_id", how="semi"
    )
