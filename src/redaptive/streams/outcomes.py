"""Sorts the kernel's outcome into what is stored, put aside, judged again, and signalled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final
from uuid import UUID

import numpy as np

from redaptive.domain.detectors.kinds import ESTIMATED, REGISTER, Kind, Verdict
from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.domain.detectors.registers import split
from redaptive.domain.detectors.rows import I32, I64, Bool, Outcome, Rows, Transitions
from redaptive.domain.quality.flags import Quality
from redaptive.streams.alerts.intake import Signal
from redaptive.streams.fleet import Fleet, MeterIdentity
from redaptive.streams.pending import KeptRows, LateCount, LateDay, Pending, RegisterGap, RegisterReset, Rejected

MOST_WH: Final = 2**31 - 1
"""What the readings store can hold of an interval."""
_NAMES: Final = {verdict: verdict.name.lower() for verdict in Verdict}
_ASIDE: Final = np.array([Verdict.FUTURE, Verdict.BAD, Verdict.MISALIGNED, Verdict.UNKNOWN], np.uint8)


@dataclass(frozen=True, eq=False)
class Judged:
    """Rows with their outcome; `place` is the row's number within its entry."""

    rows: Rows
    outcome: Outcome
    meter: I32
    position: I64
    place: I64
    gateway: I64


def sort_out(
    judged: Judged, fleet: Fleet, tenants: Mapping[int, UUID], pending: Pending, counters: Counter[str]
) -> list[Signal]:
    """Note in `pending` and `counters` what becomes of each row; the signals of its transitions."""
    verdict = judged.outcome.verdict
    counts = np.bincount(verdict, minlength=len(Verdict))
    counters.update({_NAMES[v]: int(counts[v]) for v in Verdict if counts[v]})
    counters["readings"] += len(verdict)
    in_time = (verdict == Verdict.OK) | (verdict == Verdict.LATE)
    fits = np.abs(judged.outcome.energy) <= MOST_WH
    stored = in_time & fits & judged.outcome.measured
    gaps = stored & (judged.outcome.intervals > 1)
    pending.readings += len(verdict)
    pending.keep(_kept(judged, stored & ~gaps, judged.outcome.energy))
    for row in np.flatnonzero(gaps).tolist():
        pending.keep(_spread(judged, row, fleet))
        pending.register_gaps.append(_register_gap(judged, row, fleet))
    if counts[Verdict.OK] < len(verdict) or not fits.all():
        _sort_out_rest(judged, fleet, tenants, in_time & ~fits, pending, counters)
    if judged.outcome.register_reset.any():
        counters["register_reset"] += int(judged.outcome.register_reset.sum())
    return _signals(judged, fleet) + _resets(judged, fleet, pending)


def _sort_out_rest(
    judged: Judged, fleet: Fleet, tenants: Mapping[int, UUID], huge: Bool, pending: Pending, counters: Counter[str]
) -> None:
    """What a batch in order has none of: late rows, rejected rows."""
    verdict, rows = judged.outcome.verdict, judged.rows
    behind = verdict == Verdict.TOO_LATE
    early = behind & (rows.start_s < fleet.params.commissioned_s[rows.index])
    # A register count says nothing without the counts around it, so only energies are stored at once.
    is_register = (rows.flags & REGISTER) != 0
    fillable = behind & ~early & ~is_register
    pending.keep(_kept(judged, fillable, rows.value), late=True)
    counters["filled"] += int(fillable.sum())
    counted = is_register & ((verdict == Verdict.LATE) | (behind & ~early))
    _note_late(judged, fleet, (verdict == Verdict.LATE) | fillable | counted, counted, pending)
    aside = np.isin(verdict, _ASIDE) | huge | (behind & ~fillable)
    for row in np.flatnonzero(aside).tolist():
        reason = "too_large" if huge[row] else _reason(judged, row, fleet)
        if not huge[row] and reason != (name := _NAMES[Verdict(int(verdict[row]))]):
            counters.update({name: -1, reason: 1})
        tenant = _tenant(judged, row, fleet, tenants)
        if tenant is None:
            counters["without_tenant"] += 1
            pending.without_tenant.add(int(judged.position[row]))
        else:
            pending.rejected.append(_rejected(judged, row, tenant, reason))


def _reason(judged: Judged, row: int, fleet: Fleet) -> str:
    """The verdict's name; of a known meter's time that lies outside the calendars, on which side it does."""
    verdict, at_s = Verdict(int(judged.outcome.verdict[row])), int(judged.rows.start_s[row])
    if verdict is Verdict.UNKNOWN and judged.rows.index[row] >= 0:
        return _NAMES[Verdict.TOO_LATE if at_s < fleet.calendar.first_s else Verdict.FUTURE]
    return _NAMES[verdict]


def _kept(judged: Judged, chosen: Bool, energy: I64) -> KeptRows:
    wh, estimated = energy[chosen], (judged.rows.flags[chosen] & ESTIMATED) != 0
    quality = estimated * np.int16(Quality.ESTIMATED) + (wh < 0) * np.int16(Quality.EXPORT)
    return KeptRows(judged.meter[chosen], judged.rows.start_s[chosen], wh, quality, judged.position[chosen])


def _spread(judged: Judged, row: int, fleet: Fleet) -> KeptRows:
    """The total that a register shows after a gap, over its intervals: the split is an estimate."""
    shares = np.array(split(int(judged.outcome.energy[row]), int(judged.outcome.intervals[row])), np.int64)
    back = np.arange(len(shares) - 1, -1, -1, dtype=np.int64) * int(fleet.params.cadence_s[judged.rows.index[row]])
    quality = np.full(len(shares), Quality.ESTIMATED, np.int16)
    meter, position = np.full(len(shares), judged.meter[row]), np.full(len(shares), judged.position[row])
    return KeptRows(meter, judged.rows.start_s[row] - back, shares, quality, position)


def _register_gap(judged: Judged, row: int, fleet: Fleet) -> RegisterGap:
    """The counts on both sides of what was spread, so that a count that comes late can divide it."""
    out, meter, to_s = judged.outcome, int(judged.meter[row]), int(judged.rows.start_s[row])
    assert out.register_before is not None  # only registers cover several intervals
    missing = int(out.intervals[row]) - 1
    from_s = to_s - missing * int(fleet.params.cadence_s[judged.rows.index[row]])
    owner, before, after = fleet.identities[meter], int(out.register_before[row]), int(judged.rows.value[row])
    return RegisterGap(owner.tenant_id, owner.meter_id, meter, from_s, to_s, before, after, int(out.energy[row]))


def _note_late(judged: Judged, fleet: Fleet, late: Bool, counted: Bool, pending: Pending) -> None:
    """Note the days of `late` rows, and of these the counts of registers."""
    index, start_s = judged.rows.index[late], judged.rows.start_s[late]
    _, day = fleet.calendar.lookup(fleet.params.calendar_id[index], start_s)
    far = judged.outcome.verdict[late] == Verdict.TOO_LATE
    columns = (judged.meter[late], day, start_s, far, counted[late], judged.rows.value[late])
    for meter, number, at_s, is_far, is_count, value in zip(*(column.tolist() for column in columns), strict=True):
        owner = fleet.identities[meter]
        days = pending.lane_days if is_far else pending.late_days
        days[LateDay(owner.tenant_id, owner.meter_id, meter, number)].append(at_s)
        if is_count:
            pending.late_counts.append(LateCount(owner.tenant_id, owner.meter_id, meter, at_s, value))


def _tenant(judged: Judged, row: int, fleet: Fleet, tenants: Mapping[int, UUID]) -> UUID | None:
    """Whose reading it is: the meter's owner, else the gateway's."""
    owner = fleet.identities.get(int(judged.meter[row]))
    return owner.tenant_id if owner else tenants.get(int(judged.gateway[row]))


def _rejected(judged: Judged, row: int, tenant: UUID, reason: str) -> Rejected:
    rows = judged.rows
    return Rejected(
        tenant_id=tenant,
        position=int(judged.position[row]),
        row_no=int(judged.place[row]),
        reason=reason,
        gateway_no=int(judged.gateway[row]),
        meter_no=int(judged.meter[row]),
        start_s=int(rows.start_s[row]),
        value=int(rows.value[row]),
        flags=int(rows.flags[row]),
        received_s=int(rows.received_s[row]),
    )


def _resets(judged: Judged, fleet: Fleet, pending: Pending) -> list[Signal]:
    """Registers that began anew: an event for whoever knows of exchanges, and an alert that is over at once.

    The energy of the interval is not known, so its count lies aside as well.
    """
    found: list[Signal] = []
    before = judged.outcome.register_before
    if before is None:
        return found
    for row in np.flatnonzero(judged.outcome.register_reset).tolist():
        meter, at_s = int(judged.meter[row]), int(judged.rows.start_s[row])
        owner = fleet.identities[meter]
        own = int(fleet.params.register_own[judged.rows.index[row]])
        counts = int(before[row]) // own, int(judged.rows.value[row]) // own
        pending.resets.append(RegisterReset(owner.tenant_id, owner.meter_id, meter, at_s, *counts))
        pending.rejected.append(_rejected(judged, row, owner.tenant_id, "register_reset"))
        found += [
            Signal(
                meter_no=meter, tenant_id=owner.tenant_id, building_id=owner.building_id, meter_uuid=owner.meter_id,
                kind="register_reset", opened=opened, since_s=at_s, at_s=at_s, kernel_version=kernel_version(),
            )
            for opened in (True, False)
        ]  # fmt: skip
    return found


def _signals(judged: Judged, fleet: Fleet) -> list[Signal]:
    found, version = judged.outcome.transitions, kernel_version()
    return [_signal(found, k, fleet, version) for k in range(len(found))]


def _signal(found: Transitions, k: int, fleet: Fleet, version: str) -> Signal:
    meter = fleet.meter(int(found.index[k]))
    return signal_of(found, k, meter, fleet.identities[meter], version)


def signal_of(found: Transitions, k: int, meter: int, owner: MeterIdentity, version: str) -> Signal:
    """The k-th transition as a signal of its meter."""
    actual = float(found.actual_wh[k])
    return Signal(
        meter_no=meter,
        tenant_id=owner.tenant_id,
        building_id=owner.building_id,
        meter_uuid=owner.meter_id,
        kind=Kind(int(found.kind[k])).slug,
        opened=bool(found.opened[k]),
        since_s=int(found.since_s[k]),
        at_s=int(found.at_s[k]),
        actual_wh=round(actual) if isfinite(actual) else 0,
        expected_wh=float(found.expected_wh[k]),
        excess_wh_per_day=float(found.excess_wh_per_day[k]),
        score=float(found.score[k]),
        kernel_version=version,
    )
