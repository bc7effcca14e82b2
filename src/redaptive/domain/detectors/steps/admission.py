"""What to do with each reading, before anything is learned from it: the verdicts."""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors.base import Column
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.registers import TEN_TO
from redaptive.domain.detectors.rows import I32, I64, U8, U64, Bool, Rows, shared

SEEN_INTERVALS: Final = 64
FUTURE_GRACE_S: Final = 300
_1: Final = np.uint64(1)
_0: Final = np.uint64(0)


def by_time(rows: Rows, start: I64, cadence: I32, covered: Bool, limits: Column) -> tuple[I32, U8]:
    """Interval number and UNKNOWN, FUTURE, TOO_LATE (before commissioning) or MISALIGNED; else OK.

    `start` and `cadence` (s) are columns, or what all rows share, as most do in a tick; a cadence of 0 means that there
    is none. `limits` are the records of the rows' meters. Future times never move a meter's clock, since only OK
    readings do.
    """
    phase = shared(limits["phase_s"])
    step = np.maximum(cadence, 1).astype(np.int64)
    offset = start - phase
    number = offset // (step if cadence.ndim else int(step))
    verdict = np.full(len(rows), Verdict.OK, np.uint8)
    _mark(verdict, number * step != offset, Verdict.MISALIGNED)
    _mark(verdict, start < limits["commissioned_s"], Verdict.TOO_LATE)
    ahead = start - shared(rows.received_s)
    if (ahead > FUTURE_GRACE_S).any():
        _mark(verdict, ahead > future_grace_s(step), Verdict.FUTURE)
    _mark(verdict, cadence == 0, Verdict.UNKNOWN)
    _mark(verdict, ~covered, Verdict.UNKNOWN)
    return (number.astype(np.int32) if number.ndim else np.full(len(rows), number, np.int32)), verdict


def future_grace_s(step_s: I64) -> I64:
    """How many seconds ahead of its receipt an interval of so many seconds may begin."""
    return np.maximum(2 * step_s, FUTURE_GRACE_S)


def _mark(verdict: U8, where: Bool, said: Verdict) -> None:
    # A mask that holds nowhere, as most do, costs a look and no assignment.
    if np.count_nonzero(where):
        verdict[where] = said


def impossible(value: I64, flags: U8 | None, limits: Column) -> Bool:
    """Where a value cannot be: negative without export, beyond the cap, or a count beyond its register's digits.

    `flags` may be None where no value is a register's.
    """
    cap = limits["cap_wh"]
    bad: Bool = (value > cap) | (value < 0)
    if flags is None and not np.count_nonzero(bad):
        return bad
    is_register = np.zeros(len(value), np.bool_) if flags is None else (flags & REGISTER) != 0
    low = np.where(limits["may_export"] & ~is_register, -cap, 0)
    high = np.where(is_register, TEN_TO[limits["register_digits"]] - 1, cap)
    return (value < low) | (value > high)


def by_history(ahead: I32, seen: U64) -> U8:
    """DUPLICATE, LATE or TOO_LATE for an interval that is `ahead` of the newest one of its meter; OK if it is newer."""
    behind = -ahead
    bit = (seen >> np.minimum(np.maximum(behind, 0), 63).astype(np.uint64)) & _1
    verdict = np.full(len(ahead), Verdict.OK, np.uint8)
    verdict[(behind >= 0) & (bit == _0)] = Verdict.LATE
    verdict[(behind >= 0) & (bit != _0)] = Verdict.DUPLICATE
    verdict[behind >= SEEN_INTERVALS] = Verdict.TOO_LATE
    return verdict


def seen_after(ahead: I32, seen: U64) -> U64:
    """The bitmap with an interval set that is `ahead` of the newest one, for rows that are OK or LATE."""
    if not len(ahead):
        return seen
    least, most = ahead.min(), ahead.max()
    if least == most == 1:
        return (seen << _1) | _1
    if least > 0 and most < SEEN_INTERVALS:
        return (seen << ahead.astype(np.uint64)) | _1
    shift = np.minimum(np.abs(ahead), 63).astype(np.uint64)
    moved = np.where(ahead >= SEEN_INTERVALS, _0, seen << shift) | _1
    return np.where(ahead > 0, moved, seen | (_1 << shift))
