"""Energy from cumulative registers: differences, rollover against reset, and what a gap leaves uncertain."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.rows import I64, U8, Bool

NONE_YET: Final = -1
# Digits 0 (not known) and those beyond int64 count as 18.
TEN_TO: Final = np.array([10 ** (k if 0 < k < 18 else 18) for k in range(256)], np.int64)
_SAFE: Final = np.int64(2**62)


class Registered(NamedTuple):
    """Energy of each interval (Wh); `known` where a difference could be taken; `reset` where the register restarted."""

    energy: I64
    known: Bool
    reset: Bool


def energy_of(count: I64, last: I64, steps: I64, cap_wh: I64, digits: U8, mwh_per_count: I64) -> Registered:
    """Energy between register counts `last` and `count`, `steps` intervals apart; `last` -1: no earlier count.

    A falling register rolled over when it stood above 90 % of its range and the energy modulo the range is at most
    `steps` caps; otherwise it was reset or exchanged, and no energy is known (streams 6.1). A rise of more than
    `steps` caps is an exchange as well.
    """
    span = TEN_TO[digits]
    difference = count - last
    fell = difference < 0
    wrapped = np.where(fell, difference + span, difference)
    limit = np.where(cap_wh > _SAFE // np.maximum(steps, 1), _SAFE, cap_wh * np.maximum(steps, 1))
    wh = _wh(wrapped, mwh_per_count)
    rolled = fell & (last > span - span // 10) & (wh <= limit)
    first = last == NONE_YET
    reset = ((fell & ~rolled) | (~fell & (wh > limit))) & ~first
    known = ~first & ~reset
    return Registered(np.where(known, wh, 0), known, reset)


def _wh(counts: I64, mwh_per_count: I64) -> I64:
    whole, part = counts // 1000, counts % 1000
    return whole * mwh_per_count + part * mwh_per_count // 1000


def split(energy: int, intervals: int) -> list[int]:
    """The energy of a gap over its intervals, oldest first, as even as whole Wh allow; the sum is kept.

    >>> split(10, 3)
    [3, 3, 4]
    """
    return [energy * (k + 1) // intervals - energy * k // intervals for k in range(intervals)]
