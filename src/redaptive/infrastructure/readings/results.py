"""What the readings store answers about its own work: appends, seals, sizes and plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class AppendResult:
    """Outcome of one append; `duplicate` means that the token was known and nothing was written."""

    rows: int
    duplicate: bool
    version: int


@dataclass(frozen=True)
class SealResult:
    """Outcome of sealing one UTC month; `unchanged` means that there was nothing to rewrite."""

    month: date
    rows_in: int
    rows: int
    bytes: int
    retries: int
    version: int
    unchanged: bool


@dataclass(frozen=True)
class StoreStatistics:
    """Size of the readings table now; rows of hot files may still hold duplicates."""

    version: int
    months: int
    sealed_months: int
    hot_files: int
    hot_rows: int
    hot_bytes: int
    sealed_files: int
    sealed_rows: int
    sealed_bytes: int

    @property
    def sealed_bytes_per_reading(self) -> float:
        """Bytes on disk of one sealed reading; 0 when nothing is sealed."""
        return self.sealed_bytes / self.sealed_rows if self.sealed_rows else 0.0


@dataclass(frozen=True)
class MonthPlan:
    """How one UTC month is read: files by kind, and how many meters the roll-up answers for."""

    month: str
    sealed_files: int
    hot_files: int
    merged_files: int
    """Files whose rows may share a key with another file and are therefore resolved row by row."""
    rollup_meters: int = 0
    raw_meters: int = 0

    @property
    def source(self) -> str:
        """`rollup`, `sealed`, `hot`, `merged` or, when a roll-up covers part of the meters, `rollup+<raw>`."""
        if self.rollup_meters and not self.raw_meters:
            return "rollup"
        raw = "merged" if self.merged_files else "hot" if self.hot_files else "sealed"
        return f"rollup+{raw}" if self.rollup_meters else raw


@dataclass(frozen=True)
class ReadPlan:
    """The months that a question touches, oldest first, at one table version."""

    version: int
    months: tuple[MonthPlan, ...]

    def sources(self) -> dict[str, str]:
        """Month ('YYYY-MM') -> where it was read from."""
        return {m.month: m.source for m in self.months}
