"""A file of equipment trends (CSV or Parquet, wide or one sample a row) as trends on a regular grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from redaptive.documents.cell_text import find_day_first, times
from redaptive.documents.columns import missing_column, named, pick
from redaptive.documents.csv_text import ROW, open_table, text_batches
from redaptive.documents.parquet_tables import as_text, open_parquet
from redaptive.documents.point_names import NamedPoint, named_point
from redaptive.documents.source_files import opened
from redaptive.documents.trend_series import Found, TrendSeries, long_series, points_of, wide_series
from redaptive.documents.trends_config import TrendsConfig
from redaptive.domain.equipment.points import POINTS, Floats, converted
from redaptive.domain.equipment.resample import BRIDGE_MIN, bridged, constant_points, on_grid
from redaptive.domain.equipment.rule import Kind
from redaptive.domain.equipment.rules import BY_KIND, likely_kind
from redaptive.domain.equipment.samples import Samples, Seconds
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.unit_signs import likely_units
from redaptive.domain.equipment.value_changes import on_change
from redaptive.domain.local_stamps import localise
from redaptive.errors import InvalidInput

TIME: Final = ("ts", "timestamp", "time", "datetime", "date time", "time stamp", "date", "start")
EQUIPMENT: Final = ("equipment", "equipment id", "equipment name", "unit id", "ahu", "asset", "device", "system")
POINT: Final = (
    "point", "point name", "pointname", "tag", "tag name", "tagname", "variable", "sensor", "sensor name", "trend",
    "trend name", "name", "parameter", "metric", "series", "object name",
)  # fmt: skip
VALUE: Final = ("value", "val", "reading", "present value", "data", "result", "v")
UNIT: Final = ("unit", "units", "uom", "unit of measure", "engineering units")
DAY: Final = ("date", "day", "local date")
CLOCK: Final = ("time", "clock", "time of day", "hour", "local time")
CLOCK_TEXT: Final = r"^\d{1,2}:\d{2}(:\d{2})?\s*([AaPp]\.?[Mm]\.?)?$"
DAY_WIDTH: Final = 10
SAMPLE: Final = 2_000
BATCH: Final = 200_000
MAX_POINTS_TO_NAME: Final = 12


@dataclass(frozen=True)
class TrendsFile:
    """Trends by equipment, their kind, rows read, cells that were no figure, columns that no point was taken from.

    `assumed`: units that the values can only be in, points that are reported on change.
    """

    trends: tuple[Trend, ...]
    rows: int
    bad_cells: int
    unused: tuple[str, ...]
    assumed: tuple[str, ...] = ()
    kind: Kind = "ahu"


def read_trends(path: Path, config: TrendsConfig) -> TrendsFile:
    """The trends of one file; the kind of equipment is what its points tell, where the configuration does not.

    :raises InvalidInput: no time or no known point in it; a time that cannot be read, with its row.
    """
    raw = _raw(path)
    if raw.is_empty():
        raise InvalidInput("The file has a header but no rows.", field=path.name, fix="Export it again.")
    columns = [c for c in raw.columns if c != ROW]
    owner, owner_column = _owner(raw, columns, config, path)
    raw, times = _with_time(raw, columns, config, path.name)
    at_s = _seconds(raw, times[0], config.timezone, path.name)
    free = [c for c in columns if c not in (owner_column, *times)]
    found, kind = _found(raw, free, owner, config, path.name)
    likely = _likely(found.series)
    trends, changes = _trends(found.series, at_s, likely, config)
    unused = tuple(c for c in found.unused if pick([c], TIME) is None)
    return TrendsFile(trends, raw.height, found.bad_cells, unused, (*_assumed(likely), *changes), kind)


def _found(
    raw: pl.DataFrame, free: Sequence[str], owner: pl.Series, config: TrendsConfig, file: str
) -> tuple[Found, Kind]:
    """The series of the file, one column a point or one sample a row, and what kind of equipment they are of."""
    mapped = {column.column: NamedPoint(role, column.unit) for role, column in config.points.items()}
    long = _long_columns(free, config, mapped, file)
    if long is None:
        names = list(free)
        mapped = {named([*raw.columns], name, f"points.{p.role}", file): p for name, p in mapped.items()}
    else:
        names = raw[long.point].unique(maintain_order=True).drop_nulls().to_list()
        lower = {name.lower(): point for name, point in mapped.items()}
        mapped = {name: lower[name.lower()] for name in names if name.lower() in lower}
    said = {name: named_point(name) for name in names}
    kind = _kind(said, mapped, config)
    points = points_of(said, mapped, kind)
    if not points:
        raise _no_point(names, file, None if long is None else long.point)
    if long is None:
        return wide_series(raw.select(list(dict.fromkeys([*free, *points]))), owner, points), kind
    units = raw[long.unit] if long.unit else None
    return long_series(raw[long.point], raw[long.value], units, owner, points), kind


@dataclass(frozen=True)
class _Long:
    """The columns of a file with one sample a row."""

    point: str
    value: str
    unit: str | None


def _long_columns(
    free: Sequence[str], config: TrendsConfig, mapped: Mapping[str, NamedPoint], file: str
) -> _Long | None:
    """Where the samples are: as the configuration says, else by name where no column is a point itself."""
    if config.point_column:
        point = named(free, config.point_column, "point_column", file)
        value = named(free, config.value_column or "value", "value_column", file)
    else:
        if any(named_point(column) for column in free) or any(column in free for column in mapped):
            return None
        found, figure = pick(free, POINT), config.value_column or pick(free, VALUE)
        if found is None or figure is None:
            return None
        point, value = found, named(free, figure, "value_column", file)
    return _Long(point, value, pick([c for c in free if c not in (point, value)], UNIT))


def _kind(said: Mapping[str, NamedPoint | None], mapped: Mapping[str, NamedPoint], config: TrendsConfig) -> Kind:
    if "kind" in config.model_fields_set:
        return config.kind
    return likely_kind({kind: [p.role for p in points_of(said, mapped, kind).values()] for kind in BY_KIND})


def _no_point(names: Sequence[str], file: str, point_column: str | None) -> InvalidInput:
    if point_column is None:
        fix = f"Map columns under [points] in --config. Roles: {', '.join(list(POINTS)[:MAX_POINTS_TO_NAME])}, ..."
        return InvalidInput(f"No column of {file} is a known point.", field=f"{file}:header", fix=fix)
    fix = f"Map them under [points] in --config: {', '.join(names[:MAX_POINTS_TO_NAME])}."
    return InvalidInput(f"No point of {file} is known.", field=f"{file}:{point_column}", fix=fix)


def _likely(series: Sequence[TrendSeries]) -> dict[str, str]:
    """Units that the values of points without a named unit can only be in."""
    plain: dict[str, list[Floats]] = {}
    for one in series:
        if not one.unit:
            plain.setdefault(one.role, []).append(one.values)
    return likely_units({role: np.concatenate(parts) for role, parts in plain.items()})


def _assumed(likely: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each unit that the values showed."""
    return tuple(
        f"{', '.join(role for role, own in likely.items() if own == unit)} can only be in {unit} and are taken so: "
        f"write the unit into the header, as in {next(r for r, own in likely.items() if own == unit)} ({unit})."
        for unit in dict.fromkeys(likely.values())
    )


def _trends(
    series: Sequence[TrendSeries], at_s: Seconds, likely: Mapping[str, str], config: TrendsConfig
) -> tuple[tuple[Trend, ...], tuple[str, ...]]:
    """The trends, and a sentence of the points that are logged on change."""
    by_unit: dict[str, dict[str, Samples]] = {}
    for one in series:
        figures = converted(one.values, one.role, one.unit or likely.get(one.role))
        known = np.isfinite(figures)
        own = by_unit.setdefault(one.equipment, {})
        if known.any():
            own[one.role] = Samples(at_s[one.rows][known], figures[known])
    trends: list[Trend] = []
    changing: dict[str, None] = {}
    lost = 0
    for code, points in by_unit.items():
        changes = frozenset[str]() if config.hold_min == 0 else on_change(points)
        changing |= dict.fromkeys(role for role in points if role in changes)
        grid = on_grid(code, points, config.interval_s, config.hold_min or 0.0, changes)
        grid, filled = bridged(grid) if config.hold_min is None else (grid, 0)
        lost += filled
        trends.append(constant_points(grid, config.constants))
    return tuple(trends), _said(list(changing), lost) if config.hold_min is None else ()


def _said(changing: Sequence[str], lost: int) -> tuple[str, ...]:
    """What was kept between samples, and how to have it otherwise."""
    notes = []
    if changing:
        notes.append(
            f"{', '.join(changing)} are logged when they change: each value is kept until the next one. "
            "Give hold_min in --config to keep values for so many minutes only."
        )
    if lost:
        notes.append(
            f"{lost:,} samples that are missing for at most {BRIDGE_MIN:g} minutes are taken to be as the one before; "
            "hold_min = 0 in --config leaves them out."
        )
    return tuple(notes)


def _raw(path: Path) -> pl.DataFrame:
    with opened(path, ("csv", "parquet")) as (inner, kind):
        if kind == "parquet":
            frame = pl.concat([as_text(frame) for _, frame in open_parquet(inner, path.name).batches(BATCH)])
            return frame.insert_column(0, pl.int_range(1, len(frame) + 1, eager=True).alias(ROW))
        table = open_table(inner, lambda cells: pick(list(cells), TIME) is not None and len(cells) > 1, name=path.name)
        return pl.concat([batch.frame for batch in text_batches(table, BATCH, path.name)])


def _time_column(columns: Sequence[str], config: TrendsConfig, file: str) -> str:
    if config.time_column:
        return named(columns, config.time_column, "time_column", file)
    found = pick(columns, TIME)
    if found is None:
        raise missing_column(columns, "time", TIME, "time_column in --config", file)
    return found


def _with_time(
    raw: pl.DataFrame, columns: Sequence[str], config: TrendsConfig, file: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows and their time columns; a day and a clock in a column each are joined into the first."""
    time = _time_column(columns, config, file)
    day, clock = pick(columns, DAY), pick(columns, CLOCK)
    if config.time_column or day is None or clock is None or time not in (day, clock) or day == clock:
        return raw, (time,)
    if not raw[clock].drop_nulls().head(SAMPLE).str.strip_chars().str.contains(CLOCK_TEXT).all():
        return raw, (time,)
    joined = pl.concat_str([pl.col(day).str.slice(0, DAY_WIDTH), pl.col(clock)], separator=" ").alias(day)
    return raw.with_columns(joined), (day, clock)


def _seconds(raw: pl.DataFrame, column: str, timezone: str, file: str) -> Seconds:
    sample = raw[column].drop_nulls().head(10_000).to_list()
    stamps = times(raw[column], day_first=bool(find_day_first(sample)))
    local = localise(stamps["ts"], timezone, nonexistent="shift")["ts"]
    ts = stamps.with_columns(local.alias("local")).select(
        pl.when("aware").then(pl.col("ts").dt.replace_time_zone("UTC")).otherwise("local").dt.epoch("s").alias("s")
    )["s"]
    if ts.null_count():
        row = raw.filter(ts.is_null())[ROW][0]
        cell = raw.filter(ts.is_null())[column][0]
        raise InvalidInput(f"{cell!r} is no time.", field=f"{file}:{row}:{column}", fix="Write it as 2024-01-31 13:05.")
    return ts.to_numpy()


def _owner(raw: pl.DataFrame, columns: Sequence[str], config: TrendsConfig, path: Path) -> tuple[pl.Series, str | None]:
    """The equipment of each row, and the column that says it, if one does."""
    found = None
    if config.equipment_column:
        found = named(columns, config.equipment_column, "equipment_column", path.name)
    elif config.equipment is None:
        found = pick(columns, EQUIPMENT)
    if found is not None:
        return raw[found], found
    return pl.repeat(config.equipment or path.stem, raw.height, eager=True, dtype=pl.String), None
