"""Rows of a call in the order in which the kernel takes them: by meter, entry and time, in rounds of one per meter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from redaptive.domain.detectors.rows import I64, Rows


def in_order(rows: Rows) -> I64 | None:
    """Positions of the rows by (meter, entry, time), stable; None where they are in that order already."""
    if _sorted(rows):
        return None
    bits = max(len(rows) - 1, 1).bit_length()
    packed = (rows.index.astype(np.int64) << bits) | np.arange(len(rows))
    packed.sort()
    order = packed & ((1 << bits) - 1)
    if _sorted(rows.take(order)):
        return order
    entry = rows.entry if rows.entry is not None else np.zeros(len(rows), np.int32)
    return np.lexsort((rows.start_s, entry, rows.index))


def rounds(meter: I64) -> Iterator[I64]:
    """Positions of the first row of each meter, then of the second, and so on; `meter` is sorted."""
    n = len(meter)
    fresh = np.ones(n, np.bool_)
    fresh[1:] = meter[1:] != meter[:-1]
    if fresh.all():
        if n:
            yield np.arange(n)
        return
    first = np.flatnonzero(fresh)
    length = np.diff(np.append(first, n))
    nth = 0
    while len(first):
        yield first + nth
        nth += 1
        keep = length > nth
        first, length = first[keep], length[keep]


def _sorted(rows: Rows) -> bool:
    index, start = rows.index, rows.start_s
    if bool((index[1:] < index[:-1]).any()):
        return False
    back = start[1:] < start[:-1]
    if not back.any():
        return True
    same = index[1:] == index[:-1]
    if rows.entry is not None:
        same &= rows.entry[1:] == rows.entry[:-1]
    return not bool((same & back).any())
