"""Transitions of the alarms that changed in a compiled pass, in order of meter and kind."""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Column, Detector
from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.memory.layout import EVENTS
from redaptive.domain.detectors.memory.shards import SHARD_BITS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import U32, Transitions
from redaptive.domain.detectors.steps.telling import DAY_S, PROOF

PROOFS: Final = len(PROOF)
HIGHEST: Final = np.float32(100.0)
LOWEST: Final = np.float32(0.0)
_EMPTY: Final[tuple[Column, ...]] = tuple(vars(Transitions.join([])).values())


class Telling(threading.local):
    """What a pass tells with, and room for what it tells, of each thread its own; `detectors` are of one stage."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        self._since = ["" if detector.momentary else f"since.{detector.kind.slug}" for detector in detectors]
        self._kinds = np.array([detector.kind for detector in detectors], np.uint8)
        self._bits = np.array([detector.kind.bit for detector in detectors], np.uint32).view(np.int32)
        self._daily = np.array([detector.stage == "day" for detector in detectors], np.bool_)
        self._most = 2 * len(detectors)
        self._room = _EMPTY

    def begun(self, state: State, rows: int) -> tuple[Any, Any]:
        """What `tell` takes for a pass of so many rows: about the detectors and their starts, and room."""
        if len(self._room[0]) < rows * self._most:
            self._room = tuple(np.empty(rows * self._most, column.dtype) for column in _EMPTY)
        started = tuple(state.columns[name] if name else _NO_START for name in self._since)
        return (self._kinds, self._bits, self._daily, started, state.dirty_parts[EVENTS]), self._room

    def told(self, hits: int) -> list[Transitions]:
        """So many transitions that the pass told; nothing where it told none."""
        return [Transitions(*(column[:hits].copy() for column in self._room))] if hits else []


def tell(
    count: int, hits: int, about: Any, told: Any, floats: Column, words: Column, longs: Column, proofs: int
) -> int:
    """Tell of the alarms of a block that changed; transitions told so far. Compiled.

    Whether any did is asked before (`any_set`): numba counts references as soon as this begins.
    """
    _, bits, daily, started, dirty = about
    for i in range(count):
        for d in range(len(bits)):
            if words[block.FLIPS + i] & bits[d] != 0:
                cell = proofs + d * PROOFS * block.LANES + i
                ago = np.int64(np.rint(floats[cell]))
                ago_s = (ago + 1) * DAY_S if daily[d] else ago * np.int64(words[block.CADENCE + i])
                since_s = max(longs[block.START + i] - ago_s, np.int64(0))
                opened = words[block.ON + i] & bits[d] != 0
                lasting = len(started[d]) > 0
                if lasting:
                    since_s = begin(since_s, opened, longs[block.AT + i], started[d], dirty)
                hits = say(hits, i, d, cell, since_s, opened, about, told, floats, longs)
                # Momentary alarms close with the reading that opened them.
                if not lasting:
                    hits = say(hits, i, d, cell, since_s, False, about, told, floats, longs)
    return hits


def begin(since_s: np.int64, opened: bool, meter: np.int64, started: U32, dirty: Column) -> np.int64:
    """When the event began: one that closes has the start that its opening had. Compiled."""
    at = np.uint64(meter)
    if opened:
        started[at] = since_s
        dirty[at >> np.uint64(SHARD_BITS)] = True
    return np.int64(started[at])


def say(
    hits: int, i: int, d: int, cell: int, since_s: np.int64, opened: bool, about: Any, told: Any, floats: Column,
    longs: Column,
) -> int:  # fmt: skip
    """Add a transition; how many there are. Compiled."""
    row, index, kind, opens, since, at_s, actual_wh, expected_wh, excess, score = told
    at = np.uint64(hits)
    row[at], index[at], kind[at], opens[at] = longs[block.PLACE + i], longs[block.AT + i], about[0][d], opened
    since[at], at_s[at] = since_s, longs[block.START + i]
    actual_wh[at], expected_wh[at] = floats[cell + block.LANES], floats[cell + 2 * block.LANES]
    excess[at], strength = floats[cell + 3 * block.LANES], floats[cell + 4 * block.LANES]
    # What is not a number is told as nothing.
    score[at] = (strength if strength < HIGHEST else HIGHEST) if strength > LOWEST else LOWEST
    return hits + 1


_NO_START: Final = np.empty(0, np.uint32)
