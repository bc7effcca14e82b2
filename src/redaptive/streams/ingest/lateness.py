"""Which readings come after newer ones of the same meter."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

NEVER: Final = np.iinfo(np.int64).min


class Newest:
    """The newest interval of each meter number that was taken or is known; 8 bytes a meter."""

    def __init__(self) -> None:
        self._start_s = np.empty(0, np.int64)

    def late(self, meter: NDArray[np.int32], start_s: NDArray[np.int64], latest_s: NDArray[np.int64]) -> int:
        """How many rows begin before the newest one that was taken earlier; they count as taken from now on.

        Rows of one call do not make each other late: a message may hold its intervals in any order. A row that begins
        after its `latest_s` lies in the future and is put aside by the scoring: it makes no other late.
        """
        if not len(meter):
            return 0
        self._hold(int(meter.max()) + 1)
        late = int((start_s < self._start_s[meter]).sum())
        believed = start_s <= latest_s
        np.maximum.at(self._start_s, meter[believed], start_s[believed])
        return late

    def know(self, meter: NDArray[np.int32], start_s: NDArray[np.int64]) -> None:
        """Take note of intervals that were taken before this process began."""
        if len(meter):
            self._hold(int(meter.max()) + 1)
            np.maximum.at(self._start_s, meter, start_s)

    def _hold(self, meters: int) -> None:
        if meters > len(self._start_s):
            grown = np.full(max(meters, 2 * len(self._start_s)), NEVER, np.int64)
            grown[: len(self._start_s)] = self._start_s
            self._start_s = grown
