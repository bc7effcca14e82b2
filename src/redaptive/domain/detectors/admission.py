"""What to do with each reading, before anything is learned from it: the verdicts."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.meter import NEVER
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.registers import TEN_TO
from redaptive.domain.detectors.rows import I16, I32, I64, U8, U64, Bool, Rows

SEEN_INTERVALS: Final = 64
FUTURE_GRACE_S: Final = 300
_1: Final = np.uint64(1)


class Known(NamedTuple):
    """Parameters of each row's meter; a row without a meter has cadence 1 and `unknown` set."""

    unknown: Bool
    cadence_s: I64
    phase_s: I64
    cap_wh: I64
    may_export: Bool
    digits: U8
    mwh_per_count: I64
    calendar_id: I16
    commissioned_s: I64


class Times(NamedTuple):
    """Interval number of each row and verdicts that follow from time alone (OK where time says nothing)."""

    number: I64
    verdict: U8


def known(index: I32, params: MeterParams) -> Known:
    """The parameters behind each row; index -1 or a row without a meter is unknown."""
    inside = (index >= 0) & (index < len(params))
    at = np.where(inside, index, 0)
    cadence = params.cadence_s[at]
    unknown = ~inside | (cadence == 0)
    return Known(
        unknown=unknown,
        cadence_s=np.where(unknown, 1, cadence).astype(np.int64),
        phase_s=params.phase_s[at].astype(np.int64),
        cap_wh=params.cap_wh[at],
        may_export=params.may_export[at],
        digits=params.register_digits[at],
        mwh_per_count=params.register_mwh_per_count[at],
        calendar_id=params.calendar_id[at],
        commissioned_s=params.commissioned_s[at],
    )


def by_time(rows: Rows, meters: Known, covered: Bool) -> Times:
    """UNKNOWN, FUTURE, TOO_LATE (before commissioning) and MISALIGNED; future times never move a meter's clock."""
    offset = rows.start_s - meters.phase_s
    number = offset // meters.cadence_s
    grace = np.maximum(2 * meters.cadence_s, FUTURE_GRACE_S)
    verdict = np.full(len(rows), Verdict.OK, np.uint8)
    verdict[number * meters.cadence_s != offset] = Verdict.MISALIGNED
    verdict[rows.start_s < meters.commissioned_s] = Verdict.TOO_LATE
    verdict[rows.start_s > rows.received_s + grace] = Verdict.FUTURE
    verdict[meters.unknown | ~covered] = Verdict.UNKNOWN
    return Times(number, verdict)


def by_value(value: I64, flags: U8, meters: Known) -> Bool:
    """Where a value is impossible: negative without export, above the cap, or a register count beyond its digits."""
    is_register = (flags & REGISTER) != 0
    low = np.where(meters.may_export & ~is_register, -meters.cap_wh, 0)
    high = np.where(is_register, TEN_TO[meters.digits] - 1, meters.cap_wh)
    return (value < low) | (value > high)


def by_history(number: I64, last_no: I32, seen: U64) -> U8:
    """DUPLICATE, LATE or TOO_LATE against what the meter has sent; OK for an interval newer than all others."""
    behind = last_no.astype(np.int64) - number
    inside = (behind >= 0) & (behind < SEEN_INTERVALS) & (last_no != NEVER)
    bit = (seen >> np.minimum(np.maximum(behind, 0), 63).astype(np.uint64)) & _1
    verdict = np.full(len(number), Verdict.OK, np.uint8)
    verdict[inside & (bit == 0)] = Verdict.LATE
    verdict[inside & (bit != 0)] = Verdict.DUPLICATE
    verdict[(behind >= SEEN_INTERVALS) & (last_no != NEVER)] = Verdict.TOO_LATE
    return verdict


def seen_after(number: I64, last_no: I32, seen: U64) -> U64:
    """The bitmap with the interval set, for rows that are OK or LATE."""
    ahead = number - last_no.astype(np.int64)
    shift = np.minimum(np.abs(ahead), 63).astype(np.uint64)
    moved = np.where((ahead >= SEEN_INTERVALS) | (last_no == NEVER), np.uint64(0), seen << shift) | _1
    return np.where(ahead > 0, moved, seen | (_1 << shift))
