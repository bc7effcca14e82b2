"""The data files of one table version, with what the planner needs to skip or trust them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from redaptive.infrastructure.readings.schema import SEALED


@dataclass(frozen=True)
class DataFile:
    """One Parquet file; the four bounds are a rectangle of (meter, time), both ends included."""

    uri: str
    path: str
    partition: dict[str, str]
    rows: int
    size: int
    meter_min: int
    meter_max: int
    ts_min: datetime | None = None
    ts_max: datetime | None = None
    flagged: bool = True

    @property
    def month(self) -> str:
        """'YYYY-MM' of the UTC month it belongs to."""
        return self.partition["month"]

    @property
    def sealed(self) -> bool:
        """Whether it is a sealed file, whose keys are unique within the month's sealed files."""
        return self.partition.get("tier") == str(SEALED)

    def overlaps(self, other: DataFile) -> bool:
        """Whether a key could stand in both files."""
        if self.meter_max < other.meter_min or other.meter_max < self.meter_min:
            return False
        if None in (self.ts_min, self.ts_max, other.ts_min, other.ts_max):
            return True
        return bool(self.ts_max >= other.ts_min and other.ts_max >= self.ts_min)  # type: ignore[operator]


@dataclass(frozen=True)
class Snapshot:
    """All files of one version, by month."""

    version: int
    months: dict[str, tuple[DataFile, ...]] = field(default_factory=dict)

    def of(self, label: str) -> tuple[DataFile, ...]:
        """Files of the month; empty when it has none."""
        return self.months.get(label, ())

    def sealed(self, label: str) -> list[DataFile]:
        """Sealed files of the month."""
        return [f for f in self.of(label) if f.sealed]

    def hot(self, label: str) -> list[DataFile]:
        """Files of the month that are not sealed yet."""
        return [f for f in self.of(label) if not f.sealed]

    def all(self) -> list[DataFile]:
        """Every file."""
        return [f for files in self.months.values() for f in files]


def snapshot_of(delta: DeltaTable, folder: Path) -> Snapshot:
    """The files that `delta` holds at its present version."""
    actions = pl.DataFrame(delta.get_add_actions(flatten=True))
    months: dict[str, list[DataFile]] = defaultdict(list)
    for row in actions.iter_rows(named=True):
        file = _data_file(row, folder)
        months[file.month].append(file)
    return Snapshot(delta.version(), {label: tuple(months[label]) for label in sorted(months)})


def _data_file(row: dict[str, object], folder: Path) -> DataFile:
    path = str(row["path"])
    partition = {k.removeprefix("partition."): str(v) for k, v in row.items() if k.startswith("partition.")}
    return DataFile(
        uri=str(folder / unquote(path)),
        path=path,
        partition=partition,
        rows=_int(row["num_records"]),
        size=_int(row["size_bytes"]),
        meter_min=_int(row.get("min.meter_id"), -(2**31)),
        meter_max=_int(row.get("max.meter_id"), 2**31),
        ts_min=_time(row.get("min.ts")),
        ts_max=_time(row.get("max.ts")),
        flagged=_int(row.get("max.quality"), 1) != 0,
    )


def _int(value: object, missing: int = 0) -> int:
    return value if isinstance(value, int) else missing


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def basis(files: Iterable[DataFile]) -> str:
    """A short name of exactly these files; a roll-up carries that of the files it was made from."""
    return hashlib.sha256("\n".join(sorted(f.path for f in files)).encode()).hexdigest()[:16]
