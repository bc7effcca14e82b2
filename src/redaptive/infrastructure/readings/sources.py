"""SQL that yields each reading of a month once, from any mixture of sealed and hot files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from redaptive.infrastructure.readings.files import DataFile

MANY_HOT_FILES = 600
IN_LIST = 256
COLUMNS = "meter_id, ts, value, quality, rev"


@dataclass(frozen=True)
class Wanted:
    """The meters a reader may see, ascending and unique. An empty set selects nothing."""

    meters: tuple[int, ...]

    @classmethod
    def of(cls, meters: Iterable[int]) -> Wanted:
        """The set of the given ids."""
        return cls(tuple(sorted({int(m) for m in meters})))

    @property
    def contiguous(self) -> bool:
        """Whether a range says the same as the set."""
        return bool(self.meters) and self.meters[-1] - self.meters[0] + 1 == len(self.meters)

    def predicate(self) -> str:
        """SQL on `meter_id` that is true for exactly these meters; needs the table `wanted` for long sets."""
        if not self.meters:
            return "false"
        low, high = self.meters[0], self.meters[-1]
        if self.contiguous:
            return f"meter_id BETWEEN {low} AND {high}"
        if len(self.meters) <= IN_LIST:
            return f"meter_id IN ({', '.join(map(str, self.meters))})"
        return f"meter_id BETWEEN {low} AND {high} AND meter_id IN (SELECT meter_id FROM wanted)"  # noqa: S608

    def prefilter(self) -> str:
        """A cheaper SQL condition that lets strangers pass when the set is dense; follow it by `predicate`."""
        dense = self.meters and (self.meters[-1] - self.meters[0] + 1) <= 2 * len(self.meters)
        return f"meter_id BETWEEN {self.meters[0]} AND {self.meters[-1]}" if dense else self.predicate()


def relevant(
    files: Sequence[DataFile], wanted: Wanted, start: datetime | None = None, end: datetime | None = None
) -> list[DataFile]:
    """Files that may hold a wanted meter in [start, end), judged by their bounds."""
    if not wanted.meters:
        return []
    low, high = wanted.meters[0], wanted.meters[-1]
    return [f for f in files if f.meter_min <= high and f.meter_max >= low and _in_time(f, start, end)]


def _in_time(file: DataFile, start: datetime | None, end: datetime | None) -> bool:
    if start is not None and file.ts_max is not None and file.ts_max < start:
        return False
    return not (end is not None and file.ts_min is not None and file.ts_min >= end)


@dataclass(frozen=True)
class MonthFiles:
    """Files of one month, split into those that can be read plainly and those to resolve row by row."""

    clean: list[DataFile]
    sealed: list[DataFile]
    hot: list[DataFile]

    @property
    def merged(self) -> int:
        """Number of files to resolve."""
        return len(self.sealed) + len(self.hot)


def split(files: Sequence[DataFile]) -> MonthFiles:
    """Which files share no key with any other. Every file holds each key once, and sealed ones share none."""
    sealed, hot = [f for f in files if f.sealed], [f for f in files if not f.sealed]
    if len(hot) > MANY_HOT_FILES:
        return MonthFiles([], sealed, hot)
    hot_merged = [h for h in hot if any(h is not f and h.overlaps(f) for f in files)]
    sealed_merged = [s for s in sealed if any(s.overlaps(h) for h in hot_merged)]
    merged = {id(f) for f in (*hot_merged, *sealed_merged)}
    return MonthFiles([f for f in files if id(f) not in merged], sealed_merged, hot_merged)


def scan(files: Iterable[DataFile], columns: str, where: str) -> str:
    """SELECT of `columns` from the files."""
    uris = ", ".join("'" + f.uri.replace("'", "''") + "'" for f in files)
    return f"SELECT {columns} FROM read_parquet([{uris}], hive_partitioning = false) WHERE {where}"  # noqa: S608


def resolved(files: MonthFiles, where: str) -> str | None:
    """SELECT of meter_id, ts, value, quality, rev, each key once; None when there is no file.

    Of hot rows the highest rev wins, then the highest seq. Against a sealed row a
    hot one wins when it is a correction of at least the same rev; a late
    uncorrected row counts only where no value exists.
    """
    parts = [scan(files.clean, COLUMNS, where)] if files.clean else []
    if files.hot:
        newest = _newest_hot(files.hot, where)
        parts.append(_over_sealed(scan(files.sealed, COLUMNS, where), newest) if files.sealed else newest)
    return " UNION ALL ".join(parts) or None


def _newest_hot(files: list[DataFile], where: str) -> str:
    rows = scan(files, f"{COLUMNS}, (rev::BIGINT << 47) + seq AS ord", where)
    return (
        "SELECT meter_id, ts, arg_max(value, ord) AS value, arg_max(quality, ord) AS quality, max(rev) AS rev "  # noqa: S608
        f"FROM ({rows}) GROUP BY meter_id, ts"
    )


def _over_sealed(sealed: str, hot: str) -> str:
    take = "s.rev IS NULL OR h.rev > s.rev OR (h.rev >= 1 AND h.rev >= s.rev)"
    pick = ", ".join(f"CASE WHEN h.rev IS NOT NULL AND ({take}) THEN h.{c} ELSE s.{c} END AS {c}" for c in _VALUES)
    return (
        f"SELECT coalesce(s.meter_id, h.meter_id) AS meter_id, coalesce(s.ts, h.ts) AS ts, {pick} "  # noqa: S608
        f"FROM ({sealed}) s FULL JOIN ({hot}) h ON s.meter_id = h.meter_id AND s.ts = h.ts"
    )


_VALUES = ("value", "quality", "rev")
