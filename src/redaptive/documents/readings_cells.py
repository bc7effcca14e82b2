"""Batches of text cells turned into typed readings; every cell that cannot be read is an issue of its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from redaptive.documents.cell_text import Decimal, find_day_first, find_decimal, has_slashed_dates, is_missing
from redaptive.documents.cell_text import number as parse_number
from redaptive.documents.cell_text import times as parse_times
from redaptive.documents.csv_text import ROW
from redaptive.documents.day_columns import DAY_S
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_layout import TableLayout, meter_of_column
from redaptive.documents.results import ISSUE_SCHEMA, LEFT_SCHEMA, ImportSummary
from redaptive.domain.quality.flags import Quality

TYPED = pl.Schema(
    {
        "row": pl.Int64(),
        "meter": pl.String(),
        "ts": pl.Datetime("us"),
        "aware": pl.Boolean(),
        "value": pl.Float64(),
        "unit": pl.String(),
        "quality": pl.Int8(),
        "duration_s": pl.Int32(),
    }
)
_ESTIMATED = ("e", "est", "estimate", "estimated", "yes", "true", "i", "interpolated", "substituted", "projected")
_EDITED = ("edited", "manual", "manually edited", "corrected")
_PLAIN = ("", "a", "act", "actual", "m", "measured", "valid", "v", "ok", "good", "r", "real", "no", "false", "normal")


@dataclass
class CellReader:
    """Reads the cells of one file; decimal mark and order of dates are found in its first batch.

    `counted`: its hours are 1 to 24 and not 0 to 23, found there too.
    """

    layout: TableLayout
    options: ReadingsOptions
    summary: ImportSummary
    default_meter: str
    delimiter: str = ","
    decimal: Decimal | None = None
    day_first: bool | None = None
    left: list[pl.DataFrame] = field(default_factory=list)
    counted: bool | None = None
    _ready: bool = field(default=False)

    def typed(self, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(readings with the columns of `TYPED`, issues) of one batch of text."""
        cells = self._cells(raw)
        if not self._ready:
            self._find_styles(cells)
        stamps = parse_times(cells["time"], day_first=bool(self.day_first))
        cells = cells.with_columns(stamps["ts"], stamps["aware"])
        cells = self._within_day(cells) if self.layout.elapsed else cells
        cells = cells.with_columns(pl.col("ts") + pl.duration(seconds="offset"))
        cells = cells.with_columns(
            missing=self._is_missing(), number=parse_number("value", self.decimal or "."), bits=self._quality(cells)
        )
        self.summary.missing_values += int(cells["missing"].sum())
        self._leave(cells.filter("missing"), "missing")
        cells = cells.filter(~pl.col("missing"))
        unreadable = cells.filter(~_readable())
        self._leave(unreadable, "unreadable")
        return cells.filter(_readable()).select(*_TYPED_COLUMNS), self._issues(unreadable)

    def _is_missing(self) -> pl.Expr:
        nan = pl.col("value").str.strip_chars().str.to_lowercase() == "nan"
        return is_missing("value") | nan if self.options.lenient else is_missing("value")

    def _leave(self, cells: pl.DataFrame, reason: str) -> None:
        """Keep cells without a reading for those who give back every row."""
        if not self.options.lenient or cells.is_empty():
            return
        zone = self.options.timezone or "UTC"
        local = pl.col("ts").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        utc = (
            pl.when("aware").then(pl.col("ts").dt.replace_time_zone("UTC")).otherwise(local.dt.convert_time_zone("UTC"))
        )
        left = cells.select("row", pl.col("meter").alias("meter_code"), utc)
        self.left.append(
            left.with_columns(reason=pl.lit(reason)).match_to_schema(LEFT_SCHEMA, missing_columns="insert")
        )

    def _cells(self, raw: pl.DataFrame) -> pl.DataFrame:
        """One row per cell: row, field, meter, time, offset, value, unit, flag."""
        layout = self.layout
        time = self._moment(raw)
        unit = pl.col(layout.unit).str.strip_chars() if layout.unit else pl.lit(None, pl.String)
        base = raw.select(
            pl.col(ROW).alias("row"),
            layout.code(self.default_meter).alias("meter"),
            time.alias("time"),
            (unit.replace("", None) if self.options.lenient else unit).alias("unit"),
            (pl.col(layout.quality) if layout.quality else pl.lit(None, pl.String)).alias("flag"),
            *layout.values,
        )
        if self.options.only and layout.kind != "wide":
            base = base.filter(
                pl.col("meter").is_in([m for m in base["meter"].unique() if m and self.options.takes(m)])
            )
        if layout.kind == "long":
            name = layout.values[0]
            return base.rename({name: "value"}).with_columns(field=pl.lit(name), offset=pl.lit(0))
        return self._unpivoted(base)

    def _moment(self, raw: pl.DataFrame) -> pl.Expr:
        """The text of the time; of two columns the date and the time of day, whose hours may be numbers alone.

        Hours from 1 to 24 count those of the day. A second column that holds whole time stamps needs no date.
        """
        if len(self.layout.time) == 1:
            return pl.col(self.layout.time[0]).str.strip_chars()
        date, clock = (pl.col(c).str.strip_chars() for c in self.layout.time)
        known = raw.select(clock.alias("clock")).to_series().drop_nulls()
        if bool(known.head(1_000).str.contains(r"\d[-/.]\d{1,2}[-/.]\d").any()):
            return clock
        hours = known.str.extract(r"^(\d{1,2})(?:\.0)?$", 1).cast(pl.Int64, strict=False)
        day = date.str.replace(r"[T ]00?:00(:00)?(\.0+)?( ?AM)?$", "")
        if hours.null_count() or hours.is_empty():
            return pl.concat_str(day, clock, separator=" ")
        if self.counted is None:
            self.counted = not self.layout.ends and hours.max() == 24 and hours.min() == 1
            if self.counted:
                name = self.layout.time[1]
                self.summary.assume(f"Column {name!r} counts hours from 1 to 24: hour 1 begins at midnight.")
        hour = clock.str.extract(r"^(\d{1,2})", 1).cast(pl.Int64)
        return pl.format("{} {}:00", day, hour - 1 if self.counted else hour)

    def _within_day(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Hours since midnight as moments: of days that lack an hour only where the file leaves out the last one."""
        zone = self.options.timezone or "UTC"
        midnight, after = (
            (pl.col("ts") + pl.duration(days=days)).dt.replace_time_zone(
                zone, ambiguous="earliest", non_existent="null"
            )
            for days in (0, 1)
        )
        step = self.layout.offsets_s[1]
        short = (after - midnight).dt.total_seconds() < DAY_S
        last_is_given = ((pl.col("offset") == DAY_S - step) & ~self._is_missing()).any().over("row")
        moment = midnight.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        counted = midnight.is_not_null() & ~pl.col("aware") & ~(short & last_is_given)
        return cells.with_columns(ts=pl.when(counted).then(moment).otherwise("ts"), aware=pl.col("aware") | counted)

    def _unpivoted(self, base: pl.DataFrame) -> pl.DataFrame:
        values = self.layout.values
        kept = [c for c in base.columns if c not in values]
        cells = base.unpivot(on=list(values), index=kept, variable_name="field", value_name="value")
        if self.layout.kind == "days":
            starts = dict(zip(values, self.layout.offsets_s, strict=True))
            return cells.with_columns(offset=pl.col("field").replace_strict(starts, return_dtype=pl.Int64))
        meters = {c: meter_of_column(c) for c in values}
        units = {c: unit for c, (_, unit) in meters.items()}
        return cells.with_columns(
            meter=pl.col("field").replace_strict({c: code for c, (code, _) in meters.items()}),
            unit=pl.col("field").replace_strict(units, return_dtype=pl.String),
            offset=pl.lit(0),
        )

    def _find_styles(self, cells: pl.DataFrame) -> None:
        values = cells["value"].drop_nulls().head(20_000).to_list()
        found, guessed = find_decimal(values, self.delimiter)
        self.decimal = self.options.decimal or found
        if guessed and not self.options.decimal:
            kind = "decimal comma" if found == "," else "thousands separator"
            self.summary.warn(f"Numbers such as 1,234 were read with a {kind}; give --decimal if that is wrong.")
        stamps = cells["time"].drop_nulls().unique().head(200_000).to_list()
        self.day_first = self.options.day_first if self.options.day_first is not None else find_day_first(stamps)
        if self.day_first is None and has_slashed_dates(stamps):
            self.summary.warn("Dates such as 03/04/2024 were read as month/day; give --day-first if that is wrong.")
        self._ready = True

    def _quality(self, cells: pl.DataFrame) -> pl.Series:
        """Quality bits of the flag text; unknown text is no flag but a warning."""
        text = pl.col("flag").fill_null("").str.strip_chars().str.to_lowercase()
        bits = text.str.to_integer(strict=False)
        known = (
            pl.when(text.is_in(list(_ESTIMATED)))
            .then(int(Quality.ESTIMATED))
            .when(text.is_in(list(_EDITED)))
            .then(int(Quality.EDITED))
            .when(text.is_in(list(_PLAIN)))
            .then(0)
            .when(bits.is_between(0, 127))
            .then(bits)
        )
        found = cells.select(known.cast(pl.Int8).alias("bits"))["bits"]
        if found.null_count():
            odd = cells.filter(found.is_null())["flag"].unique().head(3).to_list()
            self.summary.warn(f"Unknown quality flags were ignored, e.g. {', '.join(map(repr, odd))}.")
        return found.fill_null(0)

    def _issues(self, cells: pl.DataFrame) -> pl.DataFrame:
        """The faults of meter code, time and value, each with its row."""
        shown_time, shown_value = pl.col("time").fill_null(""), pl.col("value")
        meter = self.layout.meter or "meter"
        broken = _broken()
        numeric = pl.col("number")
        return pl.concat(
            [
                _fault(cells, pl.col("meter").fill_null("") == "", pl.lit(meter), pl.lit("The meter code is empty."),
                       "Fill in the code of the meter."),
                _fault(cells, broken, pl.lit(meter), pl.format("The meter code {} has unreadable characters.", "meter"),
                       "Save the file as UTF-8." if self.options.lenient else
                       "Give the encoding of the file, e.g. --encoding cp1252."),
                _fault(cells, pl.col("ts").is_null(), pl.lit(" + ".join(self.layout.time)),
                       pl.format("{} is not a time.", _quoted(shown_time)), self._time_fix()),
                _fault(cells, numeric.is_null(), pl.col("field"),
                       pl.format("{} is not a number.", _quoted(shown_value)),
                       f"Write a number with {'a decimal comma' if self.decimal == ',' else 'a decimal point'}."),
                _fault(cells, ~numeric.is_finite(), pl.col("field"),
                       pl.format("{} is not a finite number.", _quoted(shown_value)),
                       "Leave the cell empty if there is no reading."),
            ]
        ).unique(maintain_order=True)  # fmt: skip

    def _time_fix(self) -> str:
        order = "day/month/year" if self.day_first else "month/day/year"
        return f"Write it as 2024-01-31 13:45 (dates with slashes were read as {order})."


_TYPED_COLUMNS: Sequence[pl.Expr] = (
    pl.col("row"),
    pl.col("meter"),
    pl.col("ts"),
    pl.col("aware"),
    pl.col("number").alias("value"),
    pl.col("unit"),
    pl.col("bits").alias("quality"),
    pl.lit(None, pl.Int32).alias("duration_s"),
)


def _broken() -> pl.Expr:
    return pl.col("meter").str.contains("\ufffd", literal=True).fill_null(value=False)


def _readable() -> pl.Expr:
    """Whether meter, time and value of a cell are all there."""
    code = (pl.col("meter").fill_null("") != "") & ~_broken()
    return code & pl.col("ts").is_not_null() & pl.col("number").is_finite().fill_null(value=False)


def _quoted(text: pl.Expr) -> pl.Expr:
    return pl.lit("'") + text + pl.lit("'")


def _fault(cells: pl.DataFrame, mask: pl.Expr, column: pl.Expr, reason: pl.Expr, fix: str) -> pl.DataFrame:
    bad = cells.filter(mask)
    if bad.is_empty():
        return pl.DataFrame(schema=ISSUE_SCHEMA)
    return bad.select("row", column.alias("field"), reason.alias("reason"), pl.lit(fix).alias("fix"))
