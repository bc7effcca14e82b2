"""Before and after the steps of a block: what is looked up for its rows, and where they are written. Compiled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, QUARTERS, SLOT_MASK, SLOTS
from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.compiled.block import any_set
from redaptive.domain.detectors.compiled.sifting import fill
from redaptive.domain.detectors.day import NIGHTS
from redaptive.domain.detectors.memory.shards import SHARD_BITS

DAY_H: Final = 24
NEW: Final = np.float32(0.0)


def look_up(count: int, slots: Any, floats: Column, words: Column, longs: Column) -> None:
    """Fill the block, and look up the hours of the week of all its rows."""
    level, spread = slots
    fill(count, floats, words, longs)
    new = 0
    for i in range(block.LANES):
        code = words[block.CODE + i]
        words[block.HOUR + i] = code & SLOT_MASK
        words[block.SHUT + i], words[block.TIMES_KNOWN + i] = code & CLOSED, code & HOURS_KNOWN
        words[block.FEAST + i] = code & HOLIDAY
    for i in range(block.LANES):
        hour = np.uint64(words[block.HOUR + i])
        words[block.QUARTER + i], floats[block.NIGHT_SHARE + i] = QUARTERS[hour], NIGHTS[hour]
    for i in range(block.LANES):
        meter, hour = np.uint64(longs[block.AT + i]), np.uint64(words[block.HOUR + i])
        floats[block.LEVEL_HERE + i], floats[block.SPREAD_HERE + i] = level[hour, meter], spread[hour, meter]
    for i in range(block.LANES):
        meter, hour = np.uint64(longs[block.AT + i]), words[block.HOUR + i]
        before = np.uint64(hour - 1 if hour > 0 else SLOTS - 1)
        after = np.uint64(hour + 1 if hour < SLOTS - 1 else 0)
        floats[block.EARLIER + i], floats[block.LATER + i] = level[before, meter], level[after, meter]
    for i in range(block.LANES):
        floats[block.LEVEL_AGO + i], floats[block.SPREAD_AGO + i] = NEW, NEW
        new += floats[block.SPREAD_HERE + i] == NEW
    if new > 0:
        for i in range(block.LANES):
            if floats[block.SPREAD_HERE + i] == NEW:
                meter = np.uint64(longs[block.AT + i])
                ago = np.uint64((words[block.HOUR + i] + (SLOTS - DAY_H)) % SLOTS)
                floats[block.LEVEL_AGO + i], floats[block.SPREAD_AGO + i] = level[ago, meter], spread[ago, meter]


def hand_out(
    count: int, hot: Any, fields: Any, slots: Any, dirty: Any, said: Any, floats: Column, words: Column, longs: Column
) -> None:
    """Write a block's rows to where they belong, but for the fields of records."""
    _, hot_w, hot_l, _ = hot
    last_at, seen_at, _, _, _ = fields
    level, spread = slots
    expected, score, kinds = said
    for i in range(count):
        meter = np.uint64(longs[block.AT + i])
        hot_w[meter, last_at], hot_l[meter, seen_at] = words[block.NUMBER + i], longs[block.BITMAP + i]
    for i in range(count):
        meter, hour = np.uint64(longs[block.AT + i]), np.uint64(words[block.HOUR + i])
        level[hour, meter], spread[hour, meter] = floats[block.LEVEL + i], floats[block.SPREAD + i]
    for i in range(count):
        row = np.uint64(longs[block.PLACE + i])
        expected[row], score[row] = floats[block.EXPECTED + i], floats[block.SCORE + i]
    mark(count, dirty, words, longs)
    if any_set(block.ON, words):
        show(count, kinds, words, longs)


def mark(count: int, dirty: Any, words: Column, longs: Column) -> None:
    """Note which shards and hours of the week changed."""
    dirty_shards, dirty_slots = dirty
    marked, known = np.int64(-1), np.int32(-1)
    for i in range(count):
        shard, hour = longs[block.AT + i] >> SHARD_BITS, words[block.HOUR + i]
        if shard != marked or hour != known:
            dirty_shards[np.uint64(shard)], dirty_slots[np.uint64(shard), np.uint64(hour)] = True, True
            marked, known = shard, hour


def show(count: int, kinds: Column, words: Column, longs: Column) -> None:
    """Alarms that are on, of each row."""
    for i in range(count):
        if words[block.ON + i] != 0:
            kinds[np.uint64(longs[block.PLACE + i])] = words[block.ON + i]
