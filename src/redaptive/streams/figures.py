"""What a worker tells of its own work: counts since it started, and the last flush."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from redaptive.streams.flush import Flushed

RATE_OVER_S = 30.0


@dataclass
class WorkerFigures:
    """Counters of one worker; `as_dict` is what heartbeats and metrics carry."""

    clock: Callable[[], float] = time.monotonic
    readings: int = 0
    entries: int = 0
    alerts: int = 0
    flushes: int = 0
    flush_attempts: int = 0
    stored_rows: int = 0
    lost_partitions: int = 0
    errors: int = 0
    last_flush_s: float = 0.0
    lag_s: float = 0.0
    _flush_s: deque[float] = field(default_factory=lambda: deque(maxlen=200))
    _recent: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=600))

    def scored(self, entries: int, readings: int, lag_s: float) -> None:
        """Count entries that were scored; `lag_s` is how long the newest of them had been in the log."""
        self.entries += entries
        self.readings += readings
        self.lag_s = lag_s
        self._recent.append((self.clock(), readings))

    def flushed(self, done: Flushed) -> None:
        """Count a flush."""
        self.flushes += 1
        self.flush_attempts += done.attempts
        self.stored_rows += done.rows
        self.lost_partitions += len(done.lost)
        self.last_flush_s = done.seconds
        self._flush_s.append(done.seconds)

    @property
    def readings_per_s(self) -> float:
        """Readings scored a second over the last half minute."""
        since = self.clock() - RATE_OVER_S
        return sum(n for at, n in self._recent if at >= since) / RATE_OVER_S

    def flush_quantile_s(self, share: float) -> float:
        """The flush time that so large a share of the last 200 flushes did not exceed; 0 before the first."""
        ordered = sorted(self._flush_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def as_dict(self) -> dict[str, float]:
        """All figures by name, with units in the names."""
        return {
            "readings": self.readings,
            "entries": self.entries,
            "alerts": self.alerts,
            "flushes": self.flushes,
            "flush_attempts": self.flush_attempts,
            "stored_rows": self.stored_rows,
            "lost_partitions": self.lost_partitions,
            "errors": self.errors,
            "readings_per_second": round(self.readings_per_s, 1),
            "flush_seconds": round(self.last_flush_s, 4),
            "flush_p50_seconds": round(self.flush_quantile_s(0.5), 4),
            "flush_p99_seconds": round(self.flush_quantile_s(0.99), 4),
            "lag_seconds": round(self.lag_s, 3),
        }
