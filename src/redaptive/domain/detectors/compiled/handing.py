"""Before and after the steps of a block: what is looked up for its rows, and where they are written. Compiled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, QUARTERS, SLOT_MASK, SLOTS
from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.day import NIGHTS
from redaptive.domain.detectors.memory.shards import SHARD_BITS

DAY_H: Final = 24
NEW: Final = np.float32(0.0)


def look_up(count: int, slots: Any, floats: Column, words: Column, longs: Column) -> None:
    """Repeat the last row until the block is full, and look up the hours of the week of all."""
    level, spread = slots
    for i in range(count, block.LANES):
        longs[block.AT + i], longs[block.WHOLE_WH + i] = longs[block.AT + i - 1], longs[block.WHOLE_WH + i - 1]
        words[block.CODE + i] = words[block.CODE + i - 1]
        for cell in (block.ENERGY, block.TEMPERATURE, block.HOURS, block.STEPS):
            floats[cell + i] = floats[cell + i - 1]
    for i in range(block.LANES):
        meter, code = np.uint64(longs[block.AT + i]), words[block.CODE + i]
        hour = np.uint64(code & SLOT_MASK)
        before = hour - np.uint64(1) if hour > 0 else np.uint64(SLOTS - 1)
        after = hour + np.uint64(1) if hour < SLOTS - 1 else np.uint64(0)
        words[block.HOUR + i], words[block.QUARTER + i] = hour, QUARTERS[hour]
        words[block.SHUT + i], words[block.TIMES_KNOWN + i] = code & CLOSED, code & HOURS_KNOWN
        words[block.FEAST + i], floats[block.NIGHT_SHARE + i] = code & HOLIDAY, NIGHTS[hour]
        floats[block.EARLIER + i], floats[block.LATER + i] = level[before, meter], level[after, meter]
        floats[block.LEVEL_HERE + i], floats[block.SPREAD_HERE + i] = level[hour, meter], spread[hour, meter]
        floats[block.LEVEL_AGO + i], floats[block.SPREAD_AGO + i] = NEW, NEW
        if floats[block.SPREAD_HERE + i] == NEW:
            ago = np.uint64((np.int64(hour) + (SLOTS - DAY_H)) % SLOTS)
            floats[block.LEVEL_AGO + i], floats[block.SPREAD_AGO + i] = level[ago, meter], spread[ago, meter]


def hand_out(
    count: int, hits: int, hot: Any, fields: Any, slots: Any, dirty: Any, told: Any, moved: Any,
    floats: Column, words: Column, longs: Column, proofs: int,
) -> int:  # fmt: skip
    """Write a block's rows to where they belong, but for the fields of records; rows whose alarms changed so far."""
    _, hot_w, hot_l, _ = hot
    last_at, seen_at, _, _, _ = fields
    level, spread = slots
    dirty_shards, dirty_slots = dirty
    expected, score, kinds = told
    rows, bits, numbers = moved
    for i in range(count):
        meter, hour = np.uint64(longs[block.AT + i]), np.uint64(words[block.HOUR + i])
        hot_w[meter, last_at], hot_l[meter, seen_at] = words[block.NUMBER + i], longs[block.BITMAP + i]
        level[hour, meter], spread[hour, meter] = floats[block.LEVEL + i], floats[block.SPREAD + i]
        shard = meter >> np.uint64(SHARD_BITS)
        dirty_shards[shard], dirty_slots[shard, hour] = True, True
        row = np.uint64(longs[block.PLACE + i])
        expected[row], score[row] = floats[block.EXPECTED + i], floats[block.SCORE + i]
        if words[block.ON + i] != 0:
            kinds[row] = words[block.ON + i]
        if words[block.FLIPS + i] != 0:
            rows[hits] = row
            bits[0, hits], bits[1, hits] = words[block.FLIPS + i], words[block.ON + i]
            for k in range(numbers.shape[1]):
                numbers[hits, k] = floats[proofs + k * block.LANES + i]
            hits += 1
    return hits
