"""A file of hourly weather (CSV or Parquet) as a frame in °C, % and W/m2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from redaptive.documents.cell_text import find_day_first, find_decimal, is_missing, number, times
from redaptive.documents.columns import missing_column, pick, says_utc
from redaptive.documents.csv_text import ROW, open_table, text_batches
from redaptive.documents.parquet_tables import as_text, open_parquet
from redaptive.documents.results import ImportSummary, Issue, RejectedRows, issue_frame
from redaptive.documents.source_files import opened
from redaptive.documents.typical_year import one_year
from redaptive.documents.weather_columns import (
    SYNONYMS,
    Degrees,
    celsius,
    moments,
    unit_said,
    unit_shown,
    weather_columns,
)
from redaptive.documents.weather_services import ServiceLayout, epw_table, first_rows, has_parts, service_layout
from redaptive.domain.local_stamps import localise
from redaptive.errors import InvalidInput

SITE = ("site id", "site", "site code", "station id", "station", "station name", "location", "weather station")
RANGES = {
    "air_temperature_c": (-90.0, 60.0),
    "relative_humidity_pct": (0.0, 110.0),
    "global_irradiance_w_m2": (-20.0, 1600.0),
}
"""World records and sensor noise; a value outside is a fault of the file."""
MISSING = ("m", "nan")
"""Texts for missing values that stand in weather, beside those of all files."""


@dataclass(frozen=True)
class WeatherFile:
    """`frame`: ts (UTC), air_temperature_c, relative_humidity_pct, global_irradiance_w_m2 (null: not given)."""

    frame: pl.DataFrame
    rejected: RejectedRows
    summary: ImportSummary


def read_weather(
    path: Path, *, timezone: str = "UTC", site: str | None = None, meters: Sequence[str] = ()
) -> WeatherFile:
    """Hourly weather of one file; `timezone` is that of time stamps without an offset.

    A file of several sites needs `site`, or `meters` whose names all begin with that of the same site. Raises
    InvalidInput when time or temperature is missing, or when the site is not known.
    """
    summary = ImportSummary(path.name, "")
    with opened(path, ("csv", "parquet")) as (inner, kind):
        summary.format = kind
        raw, issues = _raw(inner, path.name, kind)
        head = first_rows(inner, 3) if kind == "csv" else []
    names = [c for c in raw.columns if c != ROW]
    layout = service_layout(raw, head, timezone) or ServiceLayout(raw, {}, None)
    raw, columns = layout.frame, layout.found(weather_columns(names))
    if layout.note:
        summary.assume(layout.note)
    for needed, what in (("ts", "time"), ("air_temperature_c", "air temperature")):
        if needed not in columns:
            raise missing_column(names, what, SYNONYMS[needed], f"the header {SYNONYMS[needed][0]!r}", path.name)
    summary.rows_read = len(raw)
    raw = _of_site(raw, pick(names, SITE), site, meters, summary)
    typed = _typed(raw, columns, timezone, layout.offset_s, summary)
    issues += _faults(typed, raw, columns)
    bad = [issue.row for issue in issues]
    good = typed.filter(~pl.col(ROW).is_in(bad)).drop(ROW).sort("ts")
    frame = good.unique("ts", keep="first", maintain_order=True)
    summary.duplicates, summary.readings = len(good) - len(frame), len(frame)
    originals = raw.select(names).rows()
    numbered = list(zip(raw[ROW].to_list(), [["" if c is None else c for c in r] for r in originals], strict=True))
    rejected = RejectedRows(path.name, names, issue_frame(issues), lambda: iter(numbered))
    summary.rejected = len(rejected)
    return WeatherFile(frame, rejected, summary)


def _raw(inner: Path, name: str, kind: str) -> tuple[pl.DataFrame, list[Issue]]:
    if kind == "parquet":
        frames = [as_text(frame) for _, frame in open_parquet(inner, name).batches(100_000)]
        frame = pl.concat(frames)
        return frame.insert_column(0, pl.int_range(1, len(frame) + 1, eager=True).alias(ROW)), []
    table = epw_table(inner) or open_table(inner, _is_header, name=name)
    batches = list(text_batches(table, 100_000, name))
    return pl.concat([b.frame for b in batches]), [i for b in batches for i in b.issues]


def _is_header(cells: Sequence[str]) -> bool:
    known = {"ts", "air_temperature_c"} & weather_columns(cells).keys()
    return len(cells) > 1 and ("ts" in known or (bool(known) and has_parts(cells)))


def _of_site(
    raw: pl.DataFrame, column: str | None, site: str | None, meters: Sequence[str], summary: ImportSummary
) -> pl.DataFrame:
    """The rows of one site; mixing the weather of several would be silently wrong."""
    if column is None:
        return raw
    sites = sorted(raw[column].drop_nulls().unique().to_list())
    wanted = site or (sites[0] if len(sites) == 1 else _site_of(meters, sites))
    if wanted is not None and wanted in sites:
        others = sum(not belongs(m, wanted) for m in meters)
        if site is None and 0 < others < len(meters):
            raise InvalidInput(
                f"The weather is that of {wanted!r}, but {others} of {len(meters)} meters are of other sites.",
                field=f"{summary.file}:{column}",
                fix=f"Fit those of this site with --site {wanted}.",
            )
        if len(sites) > 1:
            summary.assume(f"The weather is that of {wanted!r} in column {column!r}.")
        return raw.filter(pl.col(column) == wanted)
    if not sites:
        return raw
    shown = ", ".join(repr(s) for s in sites[:12]) + (" ..." if len(sites) > 12 else "")
    field = f"{summary.file}:{column}"
    if wanted is not None:
        raise InvalidInput(f"There is no site {wanted!r}.", field=field, fix=f"It has {shown}.")
    raise InvalidInput(
        f"The weather is that of {len(sites)} sites: {shown}.",
        field=field,
        fix=f"Give the rows of one site, or name it where the command has the option: --site {sites[0]}.",
    )


def _site_of(meters: Sequence[str], sites: Sequence[str]) -> str | None:
    """The site whose name all meters begin with, as in Eagle_office_Lamont; None where there is none."""
    return next((s for s in sites if meters and all(belongs(m, s) for m in meters)), None)


def belongs(meter: str, site: str) -> bool:
    """Whether the name of a meter begins with that of a site: Eagle_office_Lamont is of Eagle, not of Eag."""
    rest = meter[len(site) :]
    return meter.lower().startswith(site.lower()) and bool(rest) and not rest[0].isalnum()


def _typed(
    raw: pl.DataFrame, columns: Mapping[str, str], timezone: str, offset_s: int | None, summary: ImportSummary
) -> pl.DataFrame:
    text = moments(raw, columns)
    stamps = times(text, day_first=bool(find_day_first(text.drop_nulls().head(10_000).to_list())))
    clock, how = one_year(stamps["ts"])
    if how:
        summary.assume(how)
    if offset_s is not None:
        local = (clock - timedelta(seconds=offset_s)).dt.replace_time_zone("UTC")
    else:
        local = localise(clock, "UTC" if says_utc(columns["ts"]) else timezone, nonexistent="shift")["ts"]
    ts = pl.when(stamps["aware"]).then(clock.dt.replace_time_zone("UTC")).otherwise(local)
    values = [_value(field, columns.get(field), raw) for field in RANGES]
    frame = raw.select(ROW, ts.alias("ts"), *values)
    unit = _unit(frame["air_temperature_c"], columns["air_temperature_c"], summary)
    return frame.with_columns(celsius(unit, pl.col("air_temperature_c")))


def _unit(values: pl.Series, column: str, summary: ImportSummary) -> Degrees:
    """The unit of the temperatures: what the values can only be, else what the header says."""
    said, shown = unit_said(column), unit_shown(values)
    if said is not None and shown not in ("°C", said):
        summary.warn(f"Column {column!r} says {said}, but its values can only be {shown}: they are read as {shown}.")
        return shown
    unit = said or shown
    if unit != "°C":
        summary.assume(f"Column {column!r} is in {unit}.")
    return unit


def _value(field: str, column: str | None, raw: pl.DataFrame) -> pl.Expr:
    """The numbers of a column by the decimal mark that it has; nothing without a column."""
    if column is None:
        return pl.lit(None, pl.Float64).alias(field)
    decimal, _ = find_decimal(raw[column].drop_nulls().head(10_000).to_list(), ";")
    return number(column, decimal).fill_nan(None).alias(field)


def _faults(typed: pl.DataFrame, raw: pl.DataFrame, columns: Mapping[str, str]) -> list[Issue]:
    issues = [
        Issue(row, columns["ts"], "The cell is not a time.", "Write it as 2024-01-31 13:00.")
        for row in typed.filter(pl.col("ts").is_null())[ROW]
    ]
    for field, (low, high) in RANGES.items():
        if (column := columns.get(field)) is None:
            continue
        given = ~raw.select(is_missing(column) | pl.col(column).str.to_lowercase().is_in(MISSING)).to_series()
        wrong = ~typed[field].is_between(low, high).fill_null(value=False) & given
        issues += [
            Issue(row, column, f"{cell!r} is not between {low:g} and {high:g} (stored unit).", "Correct or empty it.")
            for row, cell in raw.filter(wrong).select(ROW, column).iter_rows()
        ]
    return issues
