"""Readings judged by one compiled loop, generated from the traced steps: there is no second definition of a detector.

Rows go through in blocks: the fields of their meters are spread over short columns, all steps are computed with
variables in place of columns (`lanes`), and the fields are written back while the block is in the processor's cache.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from redaptive.domain.detectors import expectation
from redaptive.domain.detectors.base import Column, Detector, Reading
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, SLOT_MASK
from redaptive.domain.detectors.compiled import Compiler, owned
from redaptive.domain.detectors.layout import HOT
from redaptive.domain.detectors.loop import LANES, TOLD, Given, LoopText
from redaptive.domain.detectors.rows import F32, I64, U32, Outcome
from redaptive.domain.detectors.state import State

HOURS_PER_S: Final = np.float32(3600.0)
# Types of the columns of `Given`.
_KINDS: Final[tuple[type[np.generic], ...]] = (
    np.int64, np.int64, np.int16, np.int32, np.float32, np.int64, np.float32, np.int32,
)  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """Rows of a turn whose alarms changed: bits that did, momentary ones included, and bits on afterwards.

    `told` is (rows, 4 + detectors): expectation, spread, z and warmth that detectors saw, then how strong each was.
    """

    rows: I64
    flips: U32
    on: U32
    told: F32


class Fused:
    """The compiled loop; `run` scores a turn and updates the state.

    :raises NotTraceable: when a step does what a list of operations cannot.
    """

    def __init__(self, detectors: tuple[Detector, ...], compiler: Compiler) -> None:
        self._detectors = detectors
        text = LoopText(detectors)
        self._counts = (text.floats, text.words, text.longs)
        source = text.source()
        # numba keeps what it compiled by the function's name, so the name says what is in it.
        name = f"loop_{zlib.crc32(source.encode()):08x}"
        self._loop = compiler.from_text(name, source, __name__, __file__, **text.tables)

    def run(self, state: State, which: I64, given: Given, outcome: Outcome) -> Moved:
        """Score the rows at `which`, each of another meter; the outcome is filled in at their places."""
        columns = self._columns(state, len(which), outcome)
        owns = (owned(cast(Column, column), kind) for column, kind in zip(given, _KINDS, strict=True))
        return self._moved(columns, self._loop(which, *owns, *columns))

    def _columns(self, state: State, n: int, outcome: Outcome) -> tuple[Column, ...]:
        """State, outcome and room for the changes of `n` rows and for a block, as the loop takes them."""
        level, spread = (state.columns[f"{expectation.ID}.{field}"] for field in expectation.Slot._fields)
        rows, bits = np.empty(n, np.int64), np.empty((2, n), np.uint32)
        told = np.empty((n, TOLD + len(self._detectors)), np.float32)
        floats, words, longs = self._counts
        sizes: tuple[tuple[int, type[np.generic]], ...] = ((floats, np.float32), (words, np.int32), (longs, np.int64))
        room = [np.empty(count * LANES, kind) for count, kind in sizes]
        out = (outcome.expected, outcome.score, outcome.kinds)
        return (*views(state), level, spread, state.dirty_slots, *out, rows, bits, told, *room)

    @staticmethod
    def _moved(columns: tuple[Column, ...], count: int) -> Moved:
        """The changes of alarms that the loop noted in `columns`."""
        rows, bits, told = columns[-6:-3]
        return Moved(rows[:count], bits[0, :count], bits[1, :count], told[:count])


def views(state: State) -> tuple[Column, Column, Column]:
    """The hot records as (meters, words): float32, 32-bit and 64-bit."""
    held = state.records[HOT]
    floats, words, longs = (held.view(kind).reshape(len(held), -1) for kind in (np.float32, np.int32, np.int64))
    return floats, words, longs


def reading(given: Given, moved: Moved, hits: I64) -> Reading:
    """What the steps saw of these rows of `moved`."""
    rows = moved.rows[hits]
    code = given.code[rows]
    expected, spread, z, warm = moved.told[hits, :TOLD].T
    return Reading(
        energy=given.energy[rows],
        whole_wh=given.whole_wh[rows],
        expected=expected,
        spread=spread,
        z=z,
        warm=warm > 0,
        temperature=given.temperature[rows],
        hours=given.cadence_s[rows].astype(np.float32) / HOURS_PER_S,
        steps=given.steps[rows].astype(np.float32),
        slot=code & np.int16(SLOT_MASK),
        closed=(code & np.int16(CLOSED)) != 0,
        hours_known=(code & np.int16(HOURS_KNOWN)) != 0,
        holiday=(code & np.int16(HOLIDAY)) != 0,
    )
