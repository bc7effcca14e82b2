"""A readings store on a disk that is full for a while."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from redaptive.infrastructure.readings.results import AppendResult
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.infrastructure.readings.streams import StreamRows


class FullDiskStore:
    """Refuses the first `refusals` appends as a full disk does, then passes everything on."""

    def __init__(self, store: ReadingsStore, refusals: int) -> None:
        self._store = store
        self.refusals = refusals

    def append_streams(self, streams: Sequence[StreamRows]) -> AppendResult:
        """Refuse or pass on."""
        if self.refusals > 0:
            self.refusals -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._store.append_streams(streams)
