"""Rows of a batch by meter, and which of them are ordinary: the newest interval of its meter, whole and possible.

Compiled. Every meter of which a row is anything else is set apart: late, impossible, ahead of the clock, of a register,
off the grid, unknown. Those take the general way (`kernel`), which alone says what they are. Repeats of an interval are
settled here, because they are many.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import QUARTER_S
from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.compiled.ordering import PLACE_BITS, PLACES
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.memory.batch import HOUR_S
from redaptive.domain.detectors.memory.layout import place_of
from redaptive.domain.detectors.memory.params import LIMITS_KIND
from redaptive.domain.detectors.rows import I64
from redaptive.domain.detectors.steps import admission

GRACE_S: Final = admission.FUTURE_GRACE_S
DUPLICATE: Final = int(Verdict.DUPLICATE)
SEEN_INTERVALS: Final = admission.SEEN_INTERVALS
# A column is looked through for another value where at least one row in so many is asked for.
FEW_ASKED: Final = 8
STRETCH: Final = 1024
MOST_INTERVALS: Final = 2**31 - 1
CAP, COMMISSIONED, CADENCE, PHASE, CALENDAR = (
    place_of(LIMITS_KIND, name) for name in ("cap_wh", "commissioned_s", "cadence_s", "phase_s", "calendar_id")
)


def lane_of(column: Column, looked_at: int) -> np.uint64:
    """What to mask the place of a row with: nothing is left of it where all rows of a column have one value.

    The first one is in the cache then, whatever the order in which rows are looked at.
    """
    every = ~np.uint64(0)
    if looked_at * FEW_ASKED < len(column):
        return every
    first = column[0] if len(column) else column.dtype.type(0)
    for begin in range(0, len(column), STRETCH):
        other = 0
        for k in range(begin, min(begin + STRETCH, len(column))):
            other += column[np.uint64(k)] != first
        if other > 0:
            return every
    return np.uint64(0)


def gather(
    i: int, keys: I64, sent: Any, lanes: Any, limits: Any, hot: Any, fields: Any, floats: Column, words: Column,
    longs: Column,
) -> None:  # fmt: skip
    """What is known of the next rows, into the block; the last one again where there are too few."""
    start_s, value, flags, received_s, temperature_c, _ = sent
    start_lane, flags_lane, received_lane, temperature_lane = lanes
    limit_longs, limit_words, limit_halves, _, _, _ = limits
    hot_f, hot_w, hot_l, hot_h = hot
    last_at, seen_at, day_at, scale_at, hours_at = fields
    whole = i + block.LANES <= len(keys)
    for c in range(block.LANES):
        key = keys[np.uint64(i + c if whole else min(i + c, len(keys) - 1))]
        longs[block.AT + c], longs[block.PLACE + c] = key >> PLACE_BITS, key & PLACES
    for c in range(block.LANES):
        row = np.uint64(longs[block.PLACE + c])
        longs[block.START + c], longs[block.WHOLE_WH + c] = start_s[row & start_lane], value[row]
        longs[block.RECEIVED + c] = received_s[row & received_lane]
        words[block.FLAGS + c] = flags[row & flags_lane]
        floats[block.TEMPERATURE + c] = temperature_c[row & temperature_lane]
    for c in range(block.LANES):
        meter = np.uint64(longs[block.AT + c])
        longs[block.CAP + c], longs[block.COMMISSIONED + c] = limit_longs[meter, CAP], limit_longs[meter, COMMISSIONED]
        words[block.CADENCE + c], words[block.PHASE + c] = limit_words[meter, CADENCE], limit_words[meter, PHASE]
        words[block.CALENDAR + c] = limit_halves[meter, CALENDAR]
    for c in range(block.LANES):
        meter = np.uint64(longs[block.AT + c])
        words[block.LAST_NO + c], longs[block.BITMAP + c] = hot_w[meter, last_at], hot_l[meter, seen_at]
        words[block.DAY + c] = hot_h[meter, day_at]
        floats[block.SIZE + c], floats[block.LEARNED_H + c] = hot_f[meter, scale_at], hot_f[meter, hours_at]


def admit(limits: Any, words: Column, longs: Column) -> None:
    """Number, calendar code and day of each row, and which are whole, possible and of a known time (`FIT`)."""
    _, _, _, codes, days, first_s = limits
    now, step, phase = longs[block.START], words[block.CADENCE], words[block.PHASE]
    others = 0
    for c in range(block.LANES):
        others += longs[block.START + c] != now
        others += (words[block.CADENCE + c] != step) | (words[block.PHASE + c] != phase)
    number, quarter, usual = np.int64(0), np.int64(0), False
    for c in range(block.LANES):
        # Most rows share these three.
        if c == 0 or others > 0:
            start, step = longs[block.START + c], np.int64(words[block.CADENCE + c])
            offset = start - np.int64(words[block.PHASE + c])
            number, quarter = offset // max(step, 1), (start - first_s) // QUARTER_S
            usual = bool((step > 0) & (number * step == offset) & (number <= MOST_INTERVALS))
            usual = bool(usual & (quarter >= 0) & (quarter < codes.shape[1]))
            number, quarter = number if usual else np.int64(0), quarter if usual else np.int64(0)
        calendar = np.uint64(words[block.CALENDAR + c])
        words[block.CODE + c] = codes[calendar, np.uint64(quarter)]
        # Another day than today is none of these.
        words[block.DAY + c] -= days[calendar, np.uint64(quarter)]
        words[block.NUMBER + c], words[block.FIT + c] = number, usual
    for c in range(block.LANES):
        start, wh = longs[block.START + c], longs[block.WHOLE_WH + c]
        fit = (words[block.FIT + c] != 0) & (words[block.FLAGS + c] & REGISTER == 0)
        fit &= (start >= longs[block.COMMISSIONED + c]) & (start - longs[block.RECEIVED + c] <= GRACE_S)
        words[block.FIT + c] = fit & (wh >= 0) & (wh <= longs[block.CAP + c])


def compare(i: int, keys: I64, floats: Column, words: Column, longs: Column) -> bool:
    """Hold the rows against what their meters had: which are new (`GOOD`) or were there (`AGAIN`).

    Whether all are ordinary, each the only one of its meter.
    """
    plain = 0
    for c in range(block.LANES):
        last, seen = np.int64(words[block.LAST_NO + c]), longs[block.BITMAP + c]
        ahead = np.int64(words[block.NUMBER + c]) - last
        fit = words[block.FIT + c] != 0
        behind = min(max(-ahead, np.int64(0)), np.int64(SEEN_INTERVALS - 1))
        there = fit & (last >= 0) & (ahead <= 0) & (-ahead < SEEN_INTERVALS) & ((seen >> behind) & 1 == 1)
        # A meter that learned from zeros alone begins again, which the general way does.
        good = fit & (ahead > 0) & ((floats[block.SIZE + c] > 0) | (floats[block.LEARNED_H + c] == 0))
        words[block.GOOD + c], words[block.AGAIN + c] = good, there
        shift = min(max(ahead, np.int64(0)), np.int64(SEEN_INTERVALS - 1))
        longs[block.BITMAP + c] = (seen << shift) | 1 if ahead < SEEN_INTERVALS else np.int64(1)
        floats[block.STEPS + c] = np.float32(ahead if last >= 0 else np.int64(0))
        floats[block.ENERGY + c] = np.float32(longs[block.WHOLE_WH + c])
        floats[block.HOURS + c] = np.float32(words[block.CADENCE + c]) / HOUR_S
        plain += good & (words[block.DAY + c] == 0)
    for c in range(1, block.LANES):
        plain -= longs[block.AT + c] == longs[block.AT + c - 1]
    end = i + block.LANES
    if end < len(keys):
        plain -= keys[end] >> PLACE_BITS == longs[block.AT + block.LANES - 1]
    return plain == block.LANES


def pick_out(
    done: tuple[int, int, int], keys: I64, sent: Any, said: Any, kept: Any, floats: Column, words: Column,
    longs: Column,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Move the ordinary rows of a block to its beginning, and say what is said of others."""
    begin, fresh, left = done
    i, count, behind = begin, 0, min(begin + block.LANES, len(keys))
    while i < behind:
        c, end, alike = i - begin, i + 1, True
        if end < len(keys) and keys[end] >> PLACE_BITS == keys[i] >> PLACE_BITS:
            end, alike = repeats(i, keys, sent, longs[block.CAP + c])
        good, again = alike & (words[block.GOOD + c] != 0), alike & (words[block.AGAIN + c] != 0)
        if good and words[block.DAY + c] == 0:
            move(c, count, floats, words, longs)
            count += 1
            say_repeated(i + 1, end, keys, said)
        elif again:
            say_repeated(i, end, keys, said)
        else:
            fresh, left = set_apart(i, end, keys, good, fresh, left, kept)
        i = end
    return i, fresh, left, count


def move(c: int, to: int, floats: Column, words: Column, longs: Column) -> None:
    """Move what is known of a row within the block."""
    for cell in (block.ENERGY, block.TEMPERATURE, block.HOURS, block.STEPS):
        floats[cell + to] = floats[cell + c]
    for cell in (block.NUMBER, block.CODE, block.CADENCE):
        words[cell + to] = words[cell + c]
    for cell in (block.AT, block.PLACE, block.WHOLE_WH, block.BITMAP, block.START):
        longs[cell + to] = longs[cell + c]


def fill(count: int, floats: Column, words: Column, longs: Column) -> None:
    """Repeat the last of so many rows until the block is full."""
    for i in range(count, block.LANES):
        move(i - 1, i, floats, words, longs)


def repeats(i: int, keys: I64, sent: Any, cap: int) -> tuple[int, bool]:
    """Where the rows of the meter of row `i` end, and whether all behind the first could stand in its place."""
    start_s, value, flags, received_s, _, entry = sent
    start, end, alike = start_s[keys[i] & PLACES], i + 1, True
    while end < len(keys) and keys[end] >> PLACE_BITS == keys[i] >> PLACE_BITS:
        row, before = np.uint64(keys[end] & PLACES), np.uint64(keys[end - 1] & PLACES)
        alike &= (start_s[row] == start) & (start - received_s[row] <= GRACE_S) & (flags[row] & REGISTER == 0)
        alike &= (value[row] >= 0) & (value[row] <= cap)
        alike &= len(entry) == 0 or entry[row] >= entry[before]
        end += 1
    return end, alike


def say_repeated(begin: int, end: int, keys: I64, said: Any) -> None:
    """Say of rows that they repeat what was there, and so measure nothing."""
    verdict, energy, measured = said
    for k in range(begin, end):
        row = np.uint64(keys[k] & PLACES)
        verdict[row], energy[row], measured[row] = DUPLICATE, 0, False


def set_apart(i: int, end: int, keys: I64, good: bool, fresh: int, left: int, kept: Any) -> tuple[int, int]:
    """Keep the keys of rows that begin a day, or places of rows that are not ordinary; how many there are."""
    first_of_day, others = kept
    for k in range(i, end):
        if good:
            first_of_day[fresh] = keys[k]
            fresh += 1
        else:
            others[left] = keys[k] & PLACES
            left += 1
    return fresh, left


def take(done: int, given: Any, hot: Any, fields: Any, floats: Column, words: Column, longs: Column) -> int:
    """Put the next rows that the general way accepted into a block; how many."""
    at, place, code, cadence_s, energy, whole_wh, temperature, steps, start_s = given
    _, hot_w, hot_l, _ = hot
    last_at, seen_at, _, _, _ = fields
    count = min(block.LANES, len(at) - done)
    for c in range(count):
        k, meter = done + c, np.uint64(at[done + c])
        longs[block.AT + c], longs[block.PLACE + c], longs[block.WHOLE_WH + c] = at[k], place[k], whole_wh[k]
        longs[block.BITMAP + c], words[block.NUMBER + c] = hot_l[meter, seen_at], hot_w[meter, last_at]
        words[block.CODE + c], words[block.CADENCE + c], longs[block.START + c] = code[k], cadence_s[k], start_s[k]
        floats[block.ENERGY + c], floats[block.TEMPERATURE + c] = energy[k], temperature[k]
        floats[block.HOURS + c], floats[block.STEPS + c] = np.float32(cadence_s[k]) / HOUR_S, np.float32(steps[k])
    return count
