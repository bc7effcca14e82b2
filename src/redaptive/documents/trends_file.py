"""A file of equipment trends (CSV or Parquet, wide or one sample a row) as trends on a regular grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from redaptive.documents.cell_text import find_day_first, number, times
from redaptive.documents.columns import missing_column, named, pick
from redaptive.documents.csv_text import ROW, open_table, text_batches
from redaptive.documents.parquet_tables import as_text, open_parquet
from redaptive.documents.source_files import opened
from redaptive.documents.trends_config import PointColumn, TrendsConfig, roles_of
from redaptive.domain.equipment.points import POINTS, Floats, converted
from redaptive.domain.equipment.resample import Samples, Seconds, constant_points, on_grid
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.unit_signs import likely_units
from redaptive.domain.intervals import localise
from redaptive.errors import InvalidInput

TIME: Final = ("ts", "timestamp", "time", "datetime", "date time", "date", "start")
EQUIPMENT: Final = ("equipment", "equipment id", "unit id", "ahu", "asset")
TRUE, FALSE = ("true", "on", "yes", "occupied", "active"), ("false", "off", "no", "unoccupied", "inactive")
BATCH: Final = 200_000
MAX_POINTS_TO_NAME: Final = 12
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TrendsFile:
    """Trends by equipment, rows read, cells that were no figure, columns that no point was taken from.

    `assumed`: units that the values can only be in.
    """

    trends: tuple[Trend, ...]
    rows: int
    bad_cells: int
    unused: tuple[str, ...]
    assumed: tuple[str, ...] = ()


def read_trends(path: Path, config: TrendsConfig) -> TrendsFile:
    """The trends of one file.

    :raises InvalidInput: no time or no known point in it; a time that cannot be read, with its row.
    """
    raw = _raw(path)
    if raw.is_empty():
        raise InvalidInput("The file has a header but no rows.", field=path.name, fix="Export it again.")
    columns = [c for c in raw.columns if c != ROW]
    at_s = _seconds(raw, _time_column(columns, config, path.name), config.timezone, path.name)
    owner = _owner(raw, columns, config, path)
    if config.point_column:
        return _long(raw, at_s, owner, config, path.name)
    roles = {
        r: PointColumn(column=named(columns, p.column, f"points.{r}", path.name), unit=p.unit)
        for r, p in config.points.items()
    }
    mapped = {point.column for point in roles.values()}
    by_name = roles_of([c for c in columns if c not in mapped], config.kind)
    roles = {**{k: v for k, v in by_name.items() if k not in roles}, **roles}
    if not roles:
        fix = f"Map columns under [points] in --config. Roles: {', '.join(list(POINTS)[:MAX_POINTS_TO_NAME])}, ..."
        raise InvalidInput(f"No column of {path.name} is a known point.", field=f"{path.name}:header", fix=fix)
    values = {role: _figures(raw, column.column) for role, column in roles.items()}
    bad = sum(cells for _, cells in values.values())
    units = {role: column.unit for role, column in roles.items()}
    likely = likely_units({role: found for role, (found, _) in values.items() if not units[role]})
    figures = {role: converted(found, role, likely.get(role, units[role])) for role, (found, _) in values.items()}
    trends = [
        _trend(code, {role: Samples(at_s[rows], v[rows]) for role, v in figures.items()}, config)
        for code, rows in _groups(owner)
    ]
    used = {column.column for column in roles.values()}
    unused = tuple(c for c in columns if c not in used and raw[c] is not owner and pick([c], TIME) is None)
    return TrendsFile(tuple(trends), raw.height, bad, unused, _assumed(likely))


def _assumed(likely: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each unit that the values showed."""
    return tuple(
        f"{', '.join(role for role, own in likely.items() if own == unit)} can only be in {unit} and are taken so: "
        f"write the unit into the header, as in {next(r for r, own in likely.items() if own == unit)} ({unit})."
        for unit in dict.fromkeys(likely.values())
    )


def _trend(code: str, points: Mapping[str, Samples], config: TrendsConfig) -> Trend:
    known = {role: s for role, s in points.items() if np.isfinite(s.values).any()}
    return constant_points(on_grid(code, known, config.interval_s, config.hold_min), config.constants)


def _long(raw: pl.DataFrame, at_s: Seconds, owner: pl.Series, config: TrendsConfig, file: str) -> TrendsFile:
    """One sample a row: the point column names either a role or a column of the mapping."""
    columns = [c for c in raw.columns if c != ROW]
    names = raw[named(columns, config.point_column or "", "point_column", file)]
    values, bad = _figures(raw, named(columns, config.value_column or "value", "value_column", file))
    mapped = {column.column.lower(): (role, column.unit) for role, column in config.points.items()}
    present = names.unique().drop_nulls().to_list()
    roles = {
        name: mapped.get(name.lower()) or ((name.lower(), None) if name.lower() in POINTS else None) for name in present
    }
    if not any(roles.values()):
        raise InvalidInput(
            f"No point of {file} is known.",
            field=f"{file}:{config.point_column}",
            fix=f"Map them under [points]: {', '.join(present[:MAX_POINTS_TO_NAME])}.",
        )
    text, trends = names.fill_null("").to_numpy(), []
    plain = {role[0]: values[text == name] for name, role in roles.items() if role and not role[1]}
    likely = likely_units(plain)
    for code, rows in _groups(owner):
        points = {}
        for name, role in roles.items():
            own = rows[text[rows] == name]
            if role and own.size:
                points[role[0]] = Samples(at_s[own], converted(values[own], role[0], role[1] or likely.get(role[0])))
        trends.append(_trend(code, points, config))
    unknown = tuple(sorted(name for name, role in roles.items() if role is None))
    return TrendsFile(tuple(trends), raw.height, bad, unknown, _assumed(likely))


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


def _owner(raw: pl.DataFrame, columns: Sequence[str], config: TrendsConfig, path: Path) -> pl.Series:
    if config.equipment_column:
        return raw[named(columns, config.equipment_column, "equipment_column", path.name)]
    if config.equipment is None and (found := pick(columns, EQUIPMENT)) is not None:
        return raw[found]
    return pl.repeat(config.equipment or path.stem, raw.height, eager=True, dtype=pl.String)


def _groups(owner: pl.Series) -> list[tuple[str, Rows]]:
    frame = pl.DataFrame({"code": owner.fill_null("?"), "row": np.arange(len(owner))})
    return [(str(key[0]), part["row"].to_numpy()) for key, part in frame.group_by("code", maintain_order=True)]


def _figures(raw: pl.DataFrame, column: str) -> tuple[Floats, int]:
    """(values with NaN for what is no figure, number of cells that say something which is no figure)."""
    text = pl.col(column).str.strip_chars().str.to_lowercase()
    figure = pl.when(text.is_in(TRUE)).then(1.0).when(text.is_in(FALSE)).then(0.0).otherwise(number(column, "."))
    found = raw.select(
        figure.alias("v"), ((text != "") & text.is_not_null() & ~text.is_in(["nan", "null", "na", "n/a"])).alias("said")
    )
    bad = found.select((pl.col("said") & pl.col("v").is_null()).sum()).item()
    return found["v"].fill_null(np.nan).to_numpy().astype(np.float64), int(bad or 0)
