"""Batches that were taken already: a mark per gateway, or the last contents of one that does not number them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

REMEMBERED: Final = 64
GAPS: Final = 256
"""Most spans of numbers that are still awaited below a gateway's highest one; the oldest are given up first."""
NO_SEQUENCE: Final = -1


class KnownBatches:
    """What one partition has seen of each gateway; travels as JSON beside the offset.

    A gateway numbers its batches upwards, each number once per partition. A repeated batch must not reach the
    kernel: its bad readings would open their alerts again. A batch that was overtaken by later ones (a broker sends
    again what a killed ingester had not acknowledged) is new all the same: the numbers passed over are kept as gaps.
    """

    def __init__(self, saved: Mapping[str, object] | None = None) -> None:
        self._marks: dict[int, int] = {}
        self._gaps: dict[int, list[tuple[int, int]]] = {}
        self._contents: dict[int, dict[str, None]] = {}
        for name, value in (saved or {}).items():
            if isinstance(value, int):
                self._marks[int(name)] = value
            elif isinstance(value, list) and name.startswith("g"):
                self._gaps[int(name[1:])] = [(first, last) for first, last in value]
            elif isinstance(value, list):
                self._contents[int(name[1:])] = dict.fromkeys(value)

    def take(self, gateway: int, sequence: int) -> bool:
        """Whether the numbered batch is new; it is known from now on."""
        mark = self._marks.get(gateway, NO_SEQUENCE)
        if sequence <= mark:
            return self._fill(gateway, sequence)
        if sequence > mark + 1:
            gaps = self._gaps.setdefault(gateway, [])
            gaps.append((mark + 1, sequence - 1))
            del gaps[:-GAPS]
        self._marks[gateway] = sequence
        return True

    def _fill(self, gateway: int, sequence: int) -> bool:
        """Whether the number lies in a gap; it leaves it."""
        gaps = self._gaps.get(gateway, [])
        for place, (first, last) in enumerate(gaps):
            if first <= sequence <= last:
                gaps[place : place + 1] = [(a, b) for a, b in ((first, sequence - 1), (sequence + 1, last)) if a <= b]
                return True
        return False

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
        """Everything as JSON: `{"7": 12, "g7": [[3, 4]], "c0": ["5f..."]}`."""
        contents: dict[str, object] = {f"c{gateway}": list(known) for gateway, known in self._contents.items()}
        gaps: dict[str, object] = {
            f"g{gateway}": [list(span) for span in at] for gateway, at in self._gaps.items() if at
        }
        return {**{str(gateway): mark for gateway, mark in self._marks.items()}, **gaps, **contents}
