"""Energy from cumulative registers: differences, rollover against reset, and what a gap leaves uncertain."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.rows import I64, U8, Bool

NONE_YET: Final = -1
# Digits 0 (not known) and those beyond int64 count as 18.
TEN_TO: Final = np.array([10 ** (k if 0 < k < 18 else 18) for k in range(256)], np.int64)
NWH: Final = 1_000_000_000
"""Billionths of a Wh in a Wh."""
OWN_WH: Final = 1000.0
"""A register without a stated weight counts kWh (m3 of water) before the multiplier."""
_SAFE: Final = np.int64(2**62)
_WEIGHTS: Final = np.array([10.0**k for k in range(6)])
_POWERS: Final = np.array([10**k for k in range(1, 19)], np.int64)
_LEAST_INTERVALS: Final = 100
"""No register is built to roll over in fewer intervals."""


class Registered(NamedTuple):
    """Energy of each interval (Wh); `known` where a difference could be taken; `reset` where the register restarted.

    `kept` is the count that the next one is held against.
    """

    energy: I64
    known: Bool
    reset: Bool
    kept: I64


def finer_digits(wh_per_count: npt.ArrayLike) -> I64:
    """Digits behind the point of a register's own count that are counted: as many as make a part at most 1 Wh.

    So decimals of the wire are kept, and a rollover still is a power of ten.

    >>> finer_digits([1000.0, 29_307.1, 10.0, 1.0, 0.5]).tolist()
    [3, 5, 1, 0, 0]
    """
    return np.searchsorted(_WEIGHTS, np.asarray(wh_per_count, np.float64), side="left").astype(np.int64)


def energy_of(count: I64, last: I64, steps: I64, cap_wh: I64, digits: U8, nwh_per_count: I64, own: I64) -> Registered:
    """Energy between register counts `last` and `count`, `steps` intervals apart; `last` -1: no earlier count.

    A falling register rolled over when it stood above 90 % of its range, stands within its first 10 %, and the energy
    modulo the range is at most `steps` caps; otherwise it was reset or exchanged, and no energy is known (streams 6.1).
    Where its digits are not known (0) the range is the next power of ten, of which no interval may use a hundredth.
    A rise of more than `steps` caps is an exchange as well. A fall of less than `own` counts, one of the register's
    own, is rounding: it stands still. Whole Wh are taken of the counts, not of the difference, so none is ever lost.
    """
    steps = np.maximum(steps, 1)
    span = np.where(digits == 0, _next_power(last), TEN_TO[digits])
    fell, slipped = count < last, (count < last) & (last - count < own)
    difference = np.where(slipped, 0, np.where(fell, count - last + span, count - last))
    limit = np.where(cap_wh > _SAFE // steps, _SAFE, cap_wh * steps)
    wh = _wh(last, difference, nwh_per_count)
    believed = (digits != 0) | (difference // steps <= span // _LEAST_INTERVALS)
    rolled = fell & (last > span - span // 10) & (last < span) & (count <= span // 10) & (wh <= limit) & believed
    first = last == NONE_YET
    reset = ((fell & ~rolled & ~slipped) | (~fell & (wh > limit))) & ~first
    known = ~first & ~reset
    return Registered(np.where(known, wh, 0), known, reset, np.where(slipped, last, count))


def _next_power(count: I64) -> I64:
    """The range of a register with as many digits as `count` has."""
    return _POWERS[np.minimum(np.searchsorted(_POWERS, count, side="right"), len(_POWERS) - 1)]


def _wh(last: I64, difference: I64, nwh_per_count: I64) -> I64:
    """Whole Wh of `last` + `difference` without those of `last`; more than any limit where int64 does not hold them."""
    whole, part = nwh_per_count // NWH, nwh_per_count % NWH
    begun = last % NWH * part % NWH
    wh = difference * whole + difference // NWH * part + (difference % NWH * part + begun) // NWH
    return np.where(difference > _SAFE // (whole + 1), _SAFE + 1, wh)


def split(energy: int, intervals: int) -> list[int]:
    """The energy of a gap over its intervals, oldest first, as even as whole Wh allow; the sum is kept.

    >>> split(10, 3)
    [3, 3, 4]
    """
    return [energy * (k + 1) // intervals - energy * k // intervals for k in range(intervals)]
