"""Rows of a batch by meter, and which of them are ordinary: the newest interval of its meter, whole and possible.

Compiled. Every meter of which a row is anything else is set apart: late, impossible, ahead of the clock, of a register,
off the grid, unknown. Those take the general way (`kernel`), which alone says what they are. Repeats of an interval are
settled here, because they are many.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.calendar import QUARTER_S, SLOTS
from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.compiled.functions import fetch
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.memory.layout import LINE_BYTES, place_of
from redaptive.domain.detectors.memory.params import LIMITS_KIND
from redaptive.domain.detectors.rows import I32, I64
from redaptive.domain.detectors.steps import admission

GRACE_S: Final = admission.FUTURE_GRACE_S
DUPLICATE: Final = int(Verdict.DUPLICATE)
SEEN_INTERVALS: Final = admission.SEEN_INTERVALS
DIGIT_BITS: Final = 11
# Fewer rows than one in so many that fall behind others are sorted alone.
FEW_FALLEN: Final = 8
# A column is looked through for another value where at least one row in so many is asked for.
FEW_ASKED: Final = 8
STRETCH: Final = 1024
MOST_INTERVALS: Final = 2**31 - 1
# A key is a meter and, in its lower half, the place of a row in the batch.
PLACE_BITS: Final = 32
PLACES: Final = 2**PLACE_BITS - 1
HOUR_S: Final = np.float32(3600.0)
SLOT_BYTES: Final = 4
NEVER: Final = -(2**62)
CAP, COMMISSIONED, CADENCE, PHASE, CALENDAR = (
    place_of(LIMITS_KIND, name) for name in ("cap_wh", "commissioned_s", "cadence_s", "phase_s", "calendar_id")
)


def order_by_meter(index: I32, meters: int, others: I64) -> I64:
    """Keys of the rows of known meters by meter, in the given order for each; places of all others to `others`."""
    n, risen, rest, last = len(index), 0, 0, np.int64(0)
    keys, fallen = np.empty(n, np.int64), np.empty(n, np.int64)
    for row in range(n):
        meter = np.int64(index[row])
        if meter < 0 or meter >= meters:
            others[row - risen - rest] = row
        elif meter >= last:
            keys[risen] = (meter << PLACE_BITS) | row
            risen += 1
            last = meter
        else:
            fallen[rest] = (meter << PLACE_BITS) | row
            rest += 1
    known = risen + rest
    if rest == 0:
        return keys[:known]
    if rest > n // FEW_FALLEN:
        keys[risen:known] = fallen[:rest]
        return sort_keys(keys[:known], fallen[:known], meters)
    later, at = sort_keys(fallen[:rest], np.empty(rest, np.int64), meters), known - 1
    # Those that fell behind came after all of their meter that had not.
    while rest > 0:
        if risen > 0 and keys[risen - 1] >> PLACE_BITS > later[rest - 1] >> PLACE_BITS:
            risen -= 1
            keys[at] = keys[risen]
        else:
            rest -= 1
            keys[at] = later[rest]
        at -= 1
    return keys[:known]


def sort_keys(keys: I64, spare: I64, meters: int) -> I64:
    """Keys by meter, those of a meter in the order in which they are; in `keys` or in `spare`."""
    bits = 1
    while (meters - 1) >> bits > 0:
        bits += 1
    turns = (bits + DIGIT_BITS - 1) // DIGIT_BITS
    digit_bits = (bits + turns - 1) // turns
    counts, mask, shift = np.empty((1 << digit_bits) + 1, np.int64), (1 << digit_bits) - 1, PLACE_BITS
    for _ in range(turns):
        counts[:] = 0
        for k in range(len(keys)):
            counts[((keys[k] >> shift) & mask) + 1] += 1
        for digit in range(1 << digit_bits):
            counts[digit + 1] += counts[digit]
        for k in range(len(keys)):
            digit = (keys[k] >> shift) & mask
            spare[counts[digit]] = keys[k]
            counts[digit] += 1
        keys, spare = spare, keys
        shift += digit_bits
    return keys


def lane_of(column: Column, looked_at: int) -> np.uint64:
    """What to mask the place of a row with: nothing is left of it where all rows of a column have one value.

    The first one is in the cache then, whatever the order in which rows are looked at.
    """
    every = ~np.uint64(0)
    if looked_at * FEW_ASKED < len(column):
        return every
    for begin in range(0, len(column), STRETCH):
        other = 0
        for k in range(begin, min(begin + STRETCH, len(column))):
            other += column[k] != column[0]
        if other > 0:
            return every
    return np.uint64(0)


def collect(
    done: tuple[int, int, int], keys: I64, sent: Any, lanes: Any, limits: Any, hot: Any, fields: Any, said: Any,
    kept: Any, slots: Any, floats: Column, words: Column, longs: Column,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Put the next ordinary rows into a block: keys looked at, rows that begin a day and rows left so far; rows put.

    Nothing but the outcome of rows is written outside of the block.
    """
    i, fresh, left = done
    start_s, value, flags, received_s, temperature_c, _ = sent
    start_lane, flags_lane, received_lane, temperature_lane = lanes
    limit_longs, limit_words, limit_halves, codes, days, first_s = limits
    hot_f, hot_w, hot_l, hot_h = hot
    last_at, seen_at, day_at, scale_at, hours_at = fields
    count, known = 0, len(keys)
    # Rows to come are likely to be of the hour of the last block.
    hour = min(max(words[block.HOUR], 1), SLOTS - 2)
    now, step, phase = NEVER, np.int64(0), np.int64(0)
    number, quarter, usual = np.int64(0), np.int64(0), False
    while i < known and count < block.LANES:
        ask(i, keys, limit_longs, hot_f, slots, hour)
        meter, row = np.uint64(keys[i] >> PLACE_BITS), np.uint64(keys[i] & PLACES)
        start, wh, cap = start_s[row & start_lane], value[row], limit_longs[meter, CAP]
        # Most rows share these three with the row before.
        if start != now or step != limit_words[meter, CADENCE] or phase != limit_words[meter, PHASE]:
            now, step, phase = start, np.int64(limit_words[meter, CADENCE]), np.int64(limit_words[meter, PHASE])
            number, quarter = (start - phase) // max(step, 1), (start - first_s) // QUARTER_S
            usual = bool((step > 0) & (number * step == start - phase) & (number <= MOST_INTERVALS))
            usual = bool(usual & (quarter >= 0) & (quarter < codes.shape[1]))
        good = (
            usual & (start >= limit_longs[meter, COMMISSIONED]) & (start - received_s[row & received_lane] <= GRACE_S)
        )
        good &= (wh >= 0) & (wh <= cap) & (flags[row & flags_lane] & REGISTER == 0)
        end = i + 1
        if end < known and keys[end] >> PLACE_BITS == keys[i] >> PLACE_BITS:
            end, alike = repeats(i, keys, sent, cap)
            good &= alike
        last, seen = np.int64(hot_w[meter, last_at]), hot_l[meter, seen_at]
        ahead = number - last
        again = good and last >= 0 and ahead <= 0 and -ahead < SEEN_INTERVALS and (seen >> -ahead) & 1 == 1
        # A meter that learned from zeros alone begins again, which the general way does.
        good &= (ahead > 0) & ((hot_f[meter, scale_at] > 0) | (hot_f[meter, hours_at] == 0))
        if good and days[limit_halves[meter, CALENDAR], quarter] == hot_h[meter, day_at]:
            code = codes[limit_halves[meter, CALENDAR], quarter]
            put(count, meter, row, wh, step, number, code, temperature_c[row & temperature_lane], floats, words, longs)
            longs[block.BITMAP + count] = (seen << ahead) | 1 if ahead < SEEN_INTERVALS else 1
            floats[block.STEPS + count] = np.float32(ahead if last >= 0 else 0)
            count += 1
            say_repeated(i + 1, end, keys, said)
        elif again:
            say_repeated(i, end, keys, said)
        else:
            fresh, left = set_apart(i, end, keys, good, fresh, left, kept)
        i = end
    return i, fresh, left, count


def put(
    count: int, meter: np.uint64, row: np.uint64, wh: int, step: np.int64, number: np.int64, code: int,
    temperature: np.float32, floats: Column, words: Column, longs: Column,
) -> None:  # fmt: skip
    """Put what is known of a row beside its meter's state into a block."""
    longs[block.AT + count], longs[block.PLACE + count], longs[block.WHOLE_WH + count] = meter, row, wh
    words[block.NUMBER + count], words[block.CODE + count] = number, code
    floats[block.ENERGY + count], floats[block.TEMPERATURE + count] = np.float32(wh), temperature
    floats[block.HOURS + count] = np.float32(step) / HOUR_S


def ask(i: int, keys: I64, limits: Column, records: Column, slots: Any, hour: int) -> None:
    """Ask the memory for what rows further on need."""
    last = len(keys) - 1
    soon = keys[min(i + block.AHEAD, last)] >> PLACE_BITS
    for line in range(3):
        fetch(records, soon, line * LINE_BYTES)
    # Of neighbours it gives small columns unasked.
    if soon - (keys[i] >> PLACE_BITS) <= block.AHEAD:
        return
    fetch(limits, keys[min(i + 2 * block.AHEAD, last)] >> PLACE_BITS, 0)
    level, spread = slots
    for near in range(-1, 2):
        fetch(level, hour + near, soon * SLOT_BYTES)
    fetch(spread, hour, soon * SLOT_BYTES)


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
    at, place, code, cadence_s, energy, whole_wh, temperature, steps = given
    _, hot_w, hot_l, _ = hot
    last_at, seen_at, _, _, _ = fields
    count = min(block.LANES, len(at) - done)
    for c in range(count):
        k, meter = done + c, np.uint64(at[done + c])
        longs[block.AT + c], longs[block.PLACE + c], longs[block.WHOLE_WH + c] = at[k], place[k], whole_wh[k]
        longs[block.BITMAP + c], words[block.NUMBER + c] = hot_l[meter, seen_at], hot_w[meter, last_at]
        words[block.CODE + c] = code[k]
        floats[block.ENERGY + c], floats[block.TEMPERATURE + c] = energy[k], temperature[k]
        floats[block.HOURS + c], floats[block.STEPS + c] = np.float32(cadence_s[k]) / HOUR_S, np.float32(steps[k])
    return count
