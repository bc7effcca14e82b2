"""Tables of bills (Portfolio Manager's meter entries, lists of utilities) as readings of the days that they cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from redaptive.documents.bill_placement import edge_told, last_day_counts
from redaptive.documents.bills_file import BillRow, read_bills
from redaptive.documents.columns import MissingColumn
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.results import ImportSummary, MeterHint, RejectedRows
from redaptive.domain.intervals import local_midnight
from redaptive.domain.quality.flags import Quality

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class BilledDays:
    """`frame`: meter_code, ts (UTC, local midnight), value (Float64, Wh or litres), quality; one hint a meter."""

    frame: pl.DataFrame
    hints: tuple[MeterHint, ...]
    rejected: RejectedRows
    summary: ImportSummary


def bill_readings(path: Path, options: ReadingsOptions) -> BilledDays | None:
    """The bills of a table in equal shares over their local days; None where it has no start, end and usage.

    A meter is called by its building and its name where the table has several buildings. Of `options` the zone, unit,
    commodity, order of days and `only` count. Raises InvalidInput where the table cannot be read.
    """
    try:
        found = read_bills(path, options)
    except MissingColumn:
        return None
    summary = found.summary
    inclusive = last_day_counts(found.bills)
    summary.assume(f"The end date of a bill is {edge_told(inclusive=inclusive)}.")
    several = len({row.building for row in found.bills}) > 1
    zone = options.timezone or "UTC"
    rows: list[tuple[str, datetime, float, int]] = []
    meters: dict[str, BillRow] = {}
    for bill in found.bills:
        code = f"{bill.building} {bill.meter_code}" if several and bill.building else bill.meter_code
        if options.takes(code):
            meters.setdefault(code, bill)
            rows += [(code, *day) for day in _days(bill, zone, inclusive=inclusive)]
    schema = pl.Schema({"meter_code": pl.Enum(sorted(meters)), "ts": pl.Datetime("us", "UTC"), "value": pl.Float64(),
                        "quality": pl.Int8()})  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("meter_code", "ts")
    return BilledDays(frame, _hints(frame, meters), found.rejected, summary)


def _days(bill: BillRow, zone: str, *, inclusive: bool) -> list[tuple[datetime, float, int]]:
    """(start, share, quality) of each local day of a bill."""
    count = (bill.day_after(inclusive=inclusive) - bill.start).days
    flag = int(Quality.ESTIMATED) if bill.estimated else 0
    share = bill.stored / count
    return [(local_midnight(bill.start + k * DAY, zone), share, flag) for k in range(count)]


def _hints(frame: pl.DataFrame, meters: dict[str, BillRow]) -> tuple[MeterHint, ...]:
    facts = frame.group_by("meter_code", maintain_order=True).agg(
        pl.col("ts").min().alias("first"), pl.col("ts").max().alias("last"), pl.len().alias("n")
    )
    day_s = int(DAY.total_seconds())
    return tuple(
        MeterHint(
            code, meters[code].unit, meters[code].commodity, day_s, first.astimezone(UTC), last.astimezone(UTC), n
        )
        for code, first, last, n in facts.iter_rows()
    )
