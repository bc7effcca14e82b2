"""The points of a file of trends: one series for each equipment and role, from columns or from samples a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from redaptive.documents.point_names import NamedPoint, on_kind
from redaptive.documents.trend_cells import figures
from redaptive.domain.equipment.points import Floats

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TrendSeries:
    """One point of one piece of equipment: which rows of the file, the figures in them, the unit if one is named."""

    equipment: str
    role: str
    unit: str | None
    rows: Rows
    values: Floats


@dataclass(frozen=True)
class Found:
    """The series of a file, names that no point was taken from, cells that say something which is no figure."""

    series: tuple[TrendSeries, ...]
    unused: tuple[str, ...]
    bad_cells: int


def points_of(
    said: Mapping[str, NamedPoint | None], mapped: Mapping[str, NamedPoint], kind: str
) -> dict[str, NamedPoint]:
    """Name -> point. A mapped name goes before a known one, a role's own name before other names of it.

    `said`: every name of the file, and the point that it names by itself, if any.
    Equipment before the points counts only where the file has points of several: it is left out otherwise.
    """
    given = {name: point for name, point in mapped.items() if name in said}
    roles = {point.role for point in given.values()}
    known = {name: on_kind(point, kind) for name, point in said.items() if point and name not in given}
    known = {name: point for name, point in known.items() if point.role not in roles}
    several = len({point.equipment for point in known.values() if point.equipment}) > 1
    if not several:
        known = {name: NamedPoint(point.role, point.unit) for name, point in known.items()}
    taken: set[tuple[str, str]] = set()
    for name in sorted(known, key=lambda name: _precedence(name, known[name].role)):
        point = known[name]
        if (point.equipment, point.role) in taken and point.role == "dat":
            point = replace(point, role="sat")  # the other of two supply temperatures of a box is that of its air
        if (point.equipment, point.role) not in taken:
            taken.add((point.equipment, point.role))
            given[name] = point
    return given


def _precedence(name: str, role: str) -> int:
    """Order of names of one role: its own name, one with the word discharge, any other."""
    plain = name.strip().lower().replace(" ", "_")
    return 0 if plain == role else 1 if "disch" in plain else 2


def wide_series(raw: pl.DataFrame, owner: pl.Series, points: Mapping[str, NamedPoint]) -> Found:
    """One column a point. Points without equipment in a file with several go to each of them."""
    found: list[TrendSeries] = []
    groups, bad = _groups(owner), 0
    named = list(dict.fromkeys(point.equipment for point in points.values() if point.equipment))
    for name, point in points.items():
        own = figures(raw[name], point.role)
        bad += own.bad
        unit = point.unit or own.unit
        owners = [(point.equipment, rows) for _, rows in groups] if point.equipment else groups
        if named and not point.equipment:
            owners = [(each, rows) for each in named for _, rows in groups]
        found += [TrendSeries(code, point.role, unit, rows, own.values[rows]) for code, rows in owners]
    return Found(tuple(found), tuple(c for c in raw.columns if c not in points), bad)


def long_series(
    names: pl.Series, values: pl.Series, units: pl.Series | None, owner: pl.Series, points: Mapping[str, NamedPoint]
) -> Found:
    """One sample a row: `names` says which point it is of; points without equipment are of the row's owner."""
    frame = pl.DataFrame({"name": names, "owner": owner.fill_null("?"), "row": np.arange(len(names))})
    found: list[TrendSeries] = []
    bad = 0
    for key, part in frame.group_by("name", "owner", maintain_order=True):
        point = points.get(str(key[0]))
        if point is None or key[0] is None:
            continue
        rows = part["row"].to_numpy()
        own = figures(values[rows], point.role)
        bad += own.bad
        written = units[rows].drop_nulls().head(1).to_list() if units is not None else []
        unit = point.unit or own.unit or (str(written[0]).strip() if written else None) or None
        found.append(TrendSeries(point.equipment or str(key[1]), point.role, unit, rows, own.values))
    unused = tuple(sorted(str(n) for n in names.unique().drop_nulls() if n not in points))
    return Found(tuple(found), unused, bad)


def _groups(owner: pl.Series) -> list[tuple[str, Rows]]:
    frame = pl.DataFrame({"code": owner.fill_null("?"), "row": np.arange(len(owner))})
    return [(str(key[0]), part["row"].to_numpy()) for key, part in frame.group_by("code", maintain_order=True)]
