"""Keys of a batch's rows by meter. Compiled."""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors.rows import I32, I64

DIGIT_BITS: Final = 11
# Fewer rows than one in so many that fall behind others are sorted alone.
FEW_FALLEN: Final = 8
# A key is a meter and, in its lower half, the place of a row in the batch.
PLACE_BITS: Final = 32
PLACES: Final = 2**PLACE_BITS - 1


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
