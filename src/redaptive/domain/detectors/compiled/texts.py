"""What the texts of compiled loops have in common: places of names in a block's columns, and alarms as bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.compiled.block import FLOATS, LANES, LONGS, WORDS
from redaptive.domain.detectors.compiled.lanes import Lane
from redaptive.domain.detectors.compiled.traced import Traced
from redaptive.domain.detectors.steps.telling import PROOF

OPEN: Final = "meter.open"
WORD: Final = np.dtype(np.int32)


class BlockText:
    """Names of a block have places in its columns of float32 (F), 32-bit (W) and 64-bit words (L).

    Fields of records, at these places, stand behind the block's own columns, `width` in all, and proofs behind them.
    """

    def __init__(self, detectors: tuple[Detector, ...], fields: Mapping[str, int], width: int) -> None:
        self._detectors = detectors
        self.begin = len(FLOATS)
        self.proofs = self.begin + width
        rooms = {"F": FLOATS, "W": WORDS, "L": LONGS}
        self._rooms = {letter: {name: k for k, name in enumerate(names)} for letter, names in rooms.items()}
        told = [f"{name}{d}" for d in range(len(detectors)) for name in PROOF]
        self._rooms["F"] |= {name: self.begin + at for name, at in fields.items()}
        self._rooms["F"] |= {name: self.proofs + k for k, name in enumerate(told)}
        self._floats = self.proofs + len(told)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many columns of float32, of 32-bit and of 64-bit words the block has."""
        return self._floats, len(self._rooms["W"]), len(self._rooms["L"])

    def _cell(self, name: str, kind: np.dtype[Any]) -> str:
        """The place of a name in the block's columns."""
        letter = "F" if kind == np.float32 else "L" if kind.itemsize == 8 else "W"
        room = self._rooms[letter]
        if name not in room and letter == "F":
            room[name], self._floats = self._floats, self._floats + 1
        return f"{letter}[{room.setdefault(name, len(room)) * LANES} + i]"

    def _read(self, name: str, kind: np.dtype[Any]) -> str:
        """How a lane reads an input."""
        if name.startswith("was"):
            return f"(before & np.int32({self._detectors[int(name[3:])].kind.bit})) != 0"
        cell = self._cell(name, kind)
        if kind == np.bool_:
            return f"{cell} != 0"
        return cell if kind.itemsize >= WORD.itemsize else f"np.{kind.name}({cell})"

    def _computed(self, lane: Lane, traced: Traced, found: Sequence[tuple[str, Any]]) -> list[str]:
        """The lane's text: what it computes, the alarms as bits, and what was found to its places."""
        lines = [f"before = {self._cell(OPEN, WORD)}", *lane.lines, "flips = np.int32(0)", "shown = np.int32(0)"]
        for detector, was, (_, on, _) in zip(self._detectors, traced.was, traced.done, strict=True):
            bit, now = f"np.int32({detector.kind.bit})", lane.said(on)
            moved = now if detector.momentary else f"({now} != {lane.said(was)})"
            word = "shown" if detector.momentary else "flips"
            lines.append(f"{word} = np.int32({word} | choose({moved}, {bit}, np.int32(0)))")
        lines.append(f"{self._cell('flips', WORD)} = np.int32(flips | shown)")
        lines.append(f"{self._cell('after', WORD)} = np.int32(before ^ flips)")
        lines.append(f"{self._cell('on', WORD)} = np.int32((before ^ flips) | shown)")
        return lines + [f"{self._cell(name, value.dtype)} = {lane.said(value)}" for name, value in found]


def indented(lines: Sequence[str]) -> list[str]:
    """Lines of a loop over the lanes of a block."""
    return [f"            {line}" for line in lines]
