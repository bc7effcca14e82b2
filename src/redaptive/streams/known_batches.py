"""Batches that were taken already: a mark per gateway, or the last contents of one that does not number them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

REMEMBERED: Final = 64
NO_SEQUENCE: Final = -1


class KnownBatches:
    """What one partition has seen of each gateway; travels as JSON beside the offset.

    A gateway numbers its batches upwards, each number once per partition. A repeated batch must not reach the
    kernel: its bad readings would open their alerts again.
    """

    def __init__(self, saved: Mapping[str, object] | None = None) -> None:
        self._marks: dict[int, int] = {}
        self._contents: dict[int, dict[str, None]] = {}
        for gateway, value in (saved or {}).items():
            if isinstance(value, int):
                self._marks[int(gateway)] = value
            elif isinstance(value, list):
                self._contents[int(gateway[1:])] = dict.fromkeys(value)

    def take(self, gateway: int, sequence: int) -> bool:
        """Whether the numbered batch is new; it is known from now on."""
        if sequence <= self._marks.get(gateway, NO_SEQUENCE):
            return False
        self._marks[gateway] = sequence
        return True

    def take_content(self, gateway: int, content: bytes) -> bool:
        """Whether a batch without a number is new, judged by its readings; it is known from now on."""
        name = hashlib.blake2b(content, digest_size=8).hexdigest()
        known = self._contents.setdefault(gateway, {})
        if name in known:
            return False
        known[name] = None
        if len(known) > REMEMBERED:
            del known[next(iter(known))]
        return True

    def saved(self) -> dict[str, object]:
        """Everything as JSON: `{"7": 12, "c0": ["5f..."]}`."""
        contents: dict[str, object] = {f"c{gateway}": list(known) for gateway, known in self._contents.items()}
        return {**{str(gateway): mark for gateway, mark in self._marks.items()}, **contents}
