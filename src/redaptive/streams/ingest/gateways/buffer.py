"""Unsent messages in append-only segment files: on the disk before anybody counts on them, numbered for good.

A segment is `<first number>.seg`: entries of length, CRC-32 and number (little-endian), then the payload. A tail that
a crash cut off is dropped: its message was never reported as kept. `acked` holds the highest number that the other
side has; segments below it are removed.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

from redaptive.errors import Exhausted

SEGMENT_BYTES: Final = 4_000_000
MOST_BYTES: Final = 2_000_000_000
_HEAD = struct.Struct("<IIQ")


@dataclass(frozen=True)
class Kept:
    """A message on the disk and its number."""

    number: int
    payload: bytes


class SegmentBuffer:
    """Keeps messages in `folder` until they are acknowledged; numbers rise by one and are never used again."""

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._most_bytes = most_bytes
        self._lock = threading.RLock()  # one thread reads devices, another sends
        folder.mkdir(parents=True, exist_ok=True)
        self.acknowledged = self._read_acknowledged()
        self._last = self.acknowledged
        for segment in self._segments():
            self._last = max(self._last, self._repair(segment))

    def append(self, make: Callable[[int], bytes]) -> int:
        """The number of the message `make(number)`, which is on the disk when this returns.

        Raises Exhausted when the folder holds `most_bytes`: the oldest readings are worth more than the newest.
        """
        with self._lock:
            return self._append(make)

    def _append(self, make: Callable[[int], bytes]) -> int:
        number = self._last + 1
        if sum(segment.stat().st_size for segment in self._segments()) >= self._most_bytes:
            raise Exhausted(f"The buffer {self._folder} is full.", fix="Bring the broker back, or give it more room.")
        payload = make(number)
        entry = _HEAD.pack(len(payload), zlib.crc32(payload), number) + payload
        segment = self._open_segment(number)
        is_new = not segment.exists()
        with segment.open("ab") as file:
            file.write(entry)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            self._sync_folder()
        self._last = number
        return number

    def pending(self, limit: int = 100, *, after: int | None = None) -> list[Kept]:
        """The oldest messages beyond `after` (default: the acknowledged one)."""
        wanted = self.acknowledged if after is None else after
        with self._lock:
            if limit <= 0 or wanted >= self._last:
                return []
            every = (kept for segment in self._segments() for kept in _entries(segment))
            return list(islice((kept for kept in every if kept.number > wanted), limit))

    def acknowledge(self, number: int) -> None:
        """All messages up to `number` are safe elsewhere."""
        with self._lock:
            if number > self.acknowledged:
                self._acknowledge(number)

    def _acknowledge(self, number: int) -> None:
        temporary = self._folder / ".acked"
        with temporary.open("w", encoding="ascii") as file:
            file.write(str(number))
            file.flush()
            os.fsync(file.fileno())  # the numbers must go on from here once the segments are gone
        temporary.replace(self._folder / "acked")
        self._sync_folder()
        self.acknowledged = number
        segments = self._segments()
        for segment, following in pairwise(segments):
            if int(following.stem) <= number + 1:
                segment.unlink()
        if segments and number >= self._last:
            segments[-1].unlink()

    @property
    def waiting(self) -> int:
        """Messages that are not acknowledged."""
        return self._last - self.acknowledged

    def _segments(self) -> list[Path]:
        return sorted(self._folder.glob("*.seg"))

    def _open_segment(self, number: int) -> Path:
        segments = self._segments()
        if segments and segments[-1].stat().st_size < self._segment_bytes:
            return segments[-1]
        return self._folder / f"{number:020}.seg"

    def _read_acknowledged(self) -> int:
        path = self._folder / "acked"
        return int(path.read_text(encoding="ascii")) if path.exists() else 0

    def _repair(self, segment: Path) -> int:
        """The last whole entry's number; what follows it is cut off."""
        last, good = 0, 0
        for kept in _entries(segment):
            last, good = kept.number, good + _HEAD.size + len(kept.payload)
        if good < segment.stat().st_size:
            with segment.open("r+b") as file:
                file.truncate(good)
                os.fsync(file.fileno())
        return last

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _entries(segment: Path) -> Iterator[Kept]:
    raw, at = segment.read_bytes(), 0
    while at + _HEAD.size <= len(raw):
        size, crc, number = _HEAD.unpack_from(raw, at)
        payload = raw[at + _HEAD.size : at + _HEAD.size + size]
        if len(payload) < size or zlib.crc32(payload) != crc:
            return
        yield Kept(number, payload)
        at += _HEAD.size + size
