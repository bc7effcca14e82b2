"""Asks the memory ahead for what rows further on need, a line of the cache at a time. Compiled.

Each loop asks for one line of sixteen rows and does nothing else: what is asked for first of a page waits until the
page is found, and so several pages are looked for at once. Loops for other lines stand between the steps of the block
before, because only so many lines can be on their way.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import SLOTS
from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.compiled.functions import fetch
from redaptive.domain.detectors.compiled.ordering import PLACE_BITS, PLACES
from redaptive.domain.detectors.memory.layout import LINE_BYTES
from redaptive.domain.detectors.rows import I64

RECORD_LINES: Final = 3
SLOT_BYTES: Final = 4


def ask_rows(column: Column, line: int, longs: Column) -> None:
    """Ask for a line of the records of the meters named."""
    for c in range(block.LANES):
        fetch(column, longs[block.SOON + c], line * LINE_BYTES)


def ask_places(column: Column, longs: Column) -> None:
    """Ask for what a batch holds of the rows named."""
    for c in range(block.LANES):
        fetch(column, longs[block.SOON_PLACE + c], 0)


def ask_hours(column: Column, away: int, words: Column, longs: Column) -> None:
    """Ask for an hour of the week, so many away from that of the block, of the meters named."""
    # Rows to come are likely to be of the hour of the block.
    hour = min(max(words[block.HOUR] + away, 0), SLOTS - 1)
    # Of neighbours the memory gives small columns unasked.
    if longs[block.SOON + block.LANES - 1] - longs[block.SOON] > 2 * block.LANES:
        for c in range(block.LANES):
            fetch(column, hour, longs[block.SOON + c] * SLOT_BYTES)


def name_soon(asked: int, done: int, keys: I64, records: Column, longs: Column) -> int:
    """Name the rows to be asked for next; how many were named until then. Those passed over are asked for at once."""
    last = len(keys) - 1
    while asked < min(done + block.AHEAD, last):
        for line in range(RECORD_LINES):
            fetch(records, keys[asked] >> PLACE_BITS, line * LINE_BYTES)
        asked += 1
    if asked + block.LANES <= len(keys):
        for c in range(block.LANES):
            key = keys[np.uint64(asked + c)]
            longs[block.SOON + c], longs[block.SOON_PLACE + c] = key >> PLACE_BITS, key & PLACES
    return asked + block.LANES
