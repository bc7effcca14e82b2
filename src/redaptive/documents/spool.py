"""Typed readings parked on disk, so that a file of any size is checked one group of meters at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

GROUP_ROWS = 500_000
"""Readings that are checked together; a single meter with more is still one group."""


class Spool:
    """Batches of typed readings in a folder, handed out again grouped by meter.

    Meters get the numbers 0, 1, ... in the order in which they appear.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.codes: list[str] = []
        self.counts: list[int] = []
        self._numbers: dict[str, int] = {}
        self._files: list[Path] = []

    def add(self, typed: pl.DataFrame) -> None:
        """Park one batch; its column `meter` holds codes."""
        if typed.is_empty():
            return
        for code, n in typed.group_by("meter", maintain_order=True).len().iter_rows():
            number = self._numbers.setdefault(code, len(self.codes))
            if number == len(self.codes):
                self.codes.append(code)
                self.counts.append(0)
            self.counts[number] += n
        numbered = typed.with_columns(pl.col("meter").replace_strict(self._numbers, return_dtype=pl.Int32))
        target = self.folder / f"typed-{len(self._files):06d}.parquet"
        # Sorted by meter, the statistics of small row groups let a reader skip other meters.
        numbered.sort("meter", maintain_order=True).write_parquet(target, row_group_size=50_000, compression="lz4")
        self._files.append(target)

    def groups(self) -> Iterator[pl.DataFrame]:
        """Frames with all rows of a few meters, in file order within a meter."""
        first = 0
        while first < len(self.codes):
            last, rows = first, self.counts[first]
            while last + 1 < len(self.codes) and rows + self.counts[last + 1] <= GROUP_ROWS:
                last += 1
                rows += self.counts[last]
            picked = pl.scan_parquet(self._files).filter(pl.col("meter").is_between(first, last))
            yield picked.collect().sort("meter", "row", maintain_order=True)
            first = last + 1

    def drop(self) -> None:
        """Remove the parked files."""
        for file in self._files:
            file.unlink(missing_ok=True)
        self._files.clear()
