"""How full the log is, and what follows: a shorter window of committed entries, then refusal of new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REFUSE_SHARE: Final = 0.8
"""Above it new batches are refused: HTTP 429, MQTT stops reading, gateways buffer."""
FULL_WINDOW_SHARE, NO_WINDOW_SHARE = 0.5, 0.75
MAXMEMORY_SHARE: Final = 0.6
"""The part of the server's maxmemory that readings may take; the rest is for events, clients and copies."""
RETRY_AFTER_MS: Final = 2_000


@dataclass(frozen=True)
class Pressure:
    """Bytes that the reading streams take, and the bound."""

    used_bytes: int
    bound_bytes: int

    @property
    def share(self) -> float:
        """Used part of the bound; may exceed 1."""
        return self.used_bytes / self.bound_bytes

    @property
    def accepts(self) -> bool:
        """Whether new batches are taken."""
        return self.share < REFUSE_SHARE

    def window_h(self, retention_h: float) -> float:
        """How long committed entries are kept, hours: all of `retention_h` up to half full, nothing from 75 % on."""
        left = (NO_WINDOW_SHARE - self.share) / (NO_WINDOW_SHARE - FULL_WINDOW_SHARE)
        return retention_h * min(1.0, max(0.0, left))


def bound_bytes(log_memory_mb: int, maxmemory_bytes: int) -> int:
    """The bound of the reading streams; `maxmemory_bytes` 0 is a server without a limit of its own."""
    wanted = log_memory_mb * 1_000_000
    return wanted if maxmemory_bytes == 0 else min(wanted, int(maxmemory_bytes * MAXMEMORY_SHARE))
