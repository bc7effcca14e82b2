"""`score`: admission, expectation and every detector found, over a batch of readings in rounds of one per meter.

The same rows in the same order give the same state, bit for bit, however they are split into calls.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from redaptive.domain.detectors import admission, batch, expectation, registers
from redaptive.domain.detectors.admission import Known
from redaptive.domain.detectors.base import Detector, Reading, mask_bits
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, SLOT_MASK, LocalCalendar
from redaptive.domain.detectors.kinds import REGISTER, Kind, Verdict
from redaptive.domain.detectors.layout import EVENTS, HOT
from redaptive.domain.detectors.layout import kernel_version as kernel_version
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.registry import discover
from redaptive.domain.detectors.rows import F32, I16, I64, U32, Bool, Outcome, Rows, Transitions
from redaptive.domain.detectors.state import State

NAN: Final = np.float32(np.nan)


class Batch(NamedTuple):
    """Sorted rows with what is known of their meters, times and calendar, and the outcome being filled."""

    rows: Rows
    meters: Known
    number: I64
    code: I16
    day: I16
    outcome: Outcome
    transitions: list[Transitions]


def score(state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar) -> Outcome:
    """Judge `rows` and update `state`; pure but for that. See `Outcome` and `Transitions` for what comes back."""
    order = batch.in_order(rows)
    work = _prepared(rows if order is None else rows.take(order), params, calendar)
    live = np.flatnonzero((work.outcome.verdict == Verdict.OK) | (work.outcome.verdict == Verdict.BAD))
    for turn in batch.rounds(work.rows.index[live].astype(np.int64)):
        _round(state, work, live[turn])
    return _in_given_order(work, order)


def _prepared(rows: Rows, params: MeterParams, calendar: LocalCalendar) -> Batch:
    meters = admission.known(rows.index, params)
    covered = calendar.covers(rows.start_s)
    times = admission.by_time(rows, meters, covered)
    outcome = Outcome.blank(len(rows))
    bad = admission.by_value(rows.value, rows.flags, meters)
    outcome.verdict[:] = np.where((times.verdict == Verdict.OK) & bad, Verdict.BAD, times.verdict)
    start = np.where(covered, rows.start_s, calendar.first_s)
    code, day = calendar.lookup(np.where(meters.unknown, 0, meters.calendar_id).astype(np.int16), start)
    return Batch(rows, meters, times.number, code, day, outcome, [])


def _round(state: State, work: Batch, at: I64) -> None:
    """Judge the rows at positions `at`, each of another meter."""
    columns, index = state.columns, work.rows.index[at]
    last_no, seen, number = columns["meter.last_no"][index], columns["meter.seen"][index], work.number[at]
    bad = work.outcome.verdict[at] == Verdict.BAD
    verdict = np.where(bad, np.uint8(Verdict.BAD), admission.by_history(number, last_no, seen))
    work.outcome.verdict[at] = verdict
    if bad.any():
        _open_bad(state, work, at[bad & (number > last_no)])
    stored = (verdict == Verdict.OK) | (verdict == Verdict.LATE)
    columns["meter.seen"][index[stored]] = admission.seen_after(number, last_no, seen)[stored]
    state.mark(HOT, index[stored])
    late = at[verdict == Verdict.LATE]
    work.outcome.energy[late] = work.rows.value[late]
    work.outcome.measured[late] = (work.rows.flags[late] & REGISTER) == 0
    ok = verdict == Verdict.OK
    if ok.any():
        _detect(state, work, at[ok], number[ok] - np.where(last_no[ok] < 0, number[ok], last_no[ok]))


def _detect(state: State, work: Batch, at: I64, steps: I64) -> None:
    columns, index = state.columns, work.rows.index[at]
    energy = _energy(state, work, at, steps)
    columns["meter.last_no"][index] = work.number[at]
    reading = _expect(state, work, at, energy, steps)
    work.outcome.expected[at] = np.where(reading.warm, reading.expected, NAN)
    work.outcome.score[at] = np.minimum(np.abs(reading.z), np.float32(100.0))
    before = columns["meter.open"][index]
    after, momentary = before.copy(), np.zeros(len(at), np.uint32)
    judged: list[tuple[Detector, Any, F32]] = []
    for detector in discover():
        if detector.stage != "reading":
            continue
        kept = detector.state(*(columns[name][index] for name in detector.fields))
        new, on, strength = detector.step(detector.config, reading, kept, mask_bits(before, detector.kind))
        for name, column in zip(detector.fields, new, strict=True):
            columns[name][index] = column
        bit = np.uint32(detector.kind.bit)
        if detector.momentary:
            momentary |= np.where(on, bit, np.uint32(0))
        else:
            after = np.where(on, after | bit, after & ~bit)
        judged.append((detector, new, strength))
    columns["meter.open"][index] = after
    work.outcome.kinds[at] = after | momentary
    changed = (after ^ before) | momentary
    if changed.any():
        for detector, new, strength in judged:
            _report(state, work, at, reading, changed, after, detector, new, strength)


def _energy(state: State, work: Batch, at: I64, steps: I64) -> I64:
    """Wh of each row's interval; fills energy, measured, intervals and register_reset of the outcome."""
    index, value, out = work.rows.index[at], work.rows.value[at], work.outcome
    is_register = (work.rows.flags[at] & REGISTER) != 0
    out.energy[at], out.measured[at] = value, True
    if not is_register.any():
        return value
    which, meters = at[is_register], work.meters
    column = state.columns["meter.register"]
    taken = registers.energy_of(
        value[is_register],
        column[index[is_register]],
        steps[is_register],
        meters.cap_wh[which],
        meters.digits[which],
        meters.mwh_per_count[which],
    )
    column[index[is_register]] = value[is_register]
    out.energy[which], out.measured[which], out.register_reset[which] = taken
    out.intervals[which] = np.where(taken.known, np.maximum(steps[is_register], 1), 1)
    return out.energy[at]


def _expect(state: State, work: Batch, at: I64, energy: I64, steps: I64) -> Reading:
    columns, index, code = state.columns, work.rows.index[at], work.code[at]
    slot = code & SLOT_MASK
    hours = work.meters.cadence_s[at].astype(np.float32) / np.float32(3600.0)
    usable = work.outcome.measured[at] & (work.outcome.intervals[at] == 1)
    wh = np.where(usable, energy.astype(np.float32), NAN)
    temperature = work.rows.temperature_c[at]
    kept = expectation.State(*(columns[f"expectation.{name}"][index] for name in expectation.State._fields))
    slots = expectation.Slot(*(columns[f"expectation.{name}"][slot, index] for name in expectation.Slot._fields))
    new, learned, expected = expectation.step(expectation.CONFIG, wh, temperature, hours, kept, slots)
    for name, column in new._asdict().items():
        columns[f"expectation.{name}"][index] = column
    for name, column in learned._asdict().items():
        columns[f"expectation.{name}"][slot, index] = column
    state.mark_slots(index, slot)
    return Reading(
        energy=wh,
        whole_wh=energy,
        expected=expected.expected,
        spread=expected.spread,
        z=expected.z,
        warm=expected.warm,
        temperature=temperature,
        hours=hours,
        steps=steps.astype(np.float32),
        slot=slot,
        closed=(code & CLOSED) != 0,
        hours_known=(code & HOURS_KNOWN) != 0,
        holiday=(code & HOLIDAY) != 0,
    )


def _report(
    state: State,
    work: Batch,
    at: I64,
    x: Any,
    changed: U32,
    after: U32,
    detector: Detector,
    kept: Any,
    strength: F32,
) -> None:
    """Transitions of one detector."""
    hit = np.flatnonzero(mask_bits(changed, detector.kind))
    if not len(hit):
        return
    rows = at[hit]
    proof = detector.evidence(detector.config, type(x)(*(c[hit] for c in x)), type(kept)(*(c[hit] for c in kept)))
    opened = mask_bits(after[hit], detector.kind) | detector.momentary
    ago = np.rint(proof.since).astype(np.int64) * work.meters.cadence_s[rows]
    numbers = (proof.actual_wh, proof.expected_wh, proof.excess_wh_per_day, strength[hit])
    _emit(state, work, rows, detector.kind, opened, work.rows.start_s[rows] - ago, *numbers)
    if detector.momentary:
        _emit(state, work, rows, detector.kind, ~opened, work.rows.start_s[rows] - ago, *numbers)


def _open_bad(state: State, work: Batch, at: I64) -> None:
    """Impossible values open an alarm that the next possible value closes."""
    index = work.rows.index[at]
    before = state.columns["meter.open"][index]
    new = at[~mask_bits(before, Kind.BAD_VALUE)]
    state.columns["meter.open"][index] = before | np.uint32(Kind.BAD_VALUE.bit)
    work.outcome.kinds[at] = before | np.uint32(Kind.BAD_VALUE.bit)
    state.mark(HOT, index)
    nothing = np.full(len(new), NAN, np.float32)
    actual = work.rows.value[new].astype(np.float32)
    start, full = work.rows.start_s[new], np.full(len(new), 100.0, np.float32)
    _emit(state, work, new, Kind.BAD_VALUE, np.ones(len(new), np.bool_), start, actual, nothing, nothing, full)


def _emit(
    state: State,
    work: Batch,
    rows: I64,
    kind: Kind,
    opened: Bool,
    since_s: I64,
    actual: F32,
    expected: F32,
    excess: F32,
    strength: F32,
) -> None:
    """Add transitions; a closing one carries the start that its opening had."""
    if not len(rows):
        return
    index = work.rows.index[rows]
    since = state.columns[f"since.{kind.slug}"]
    since[index[opened]] = since_s[opened]
    state.mark(EVENTS, index[opened])
    work.transitions.append(
        Transitions(
            row=rows,
            index=index,
            kind=np.full(len(rows), kind, np.uint8),
            opened=opened,
            since_s=since[index].astype(np.int64),
            at_s=work.rows.start_s[rows],
            actual_wh=actual,
            expected_wh=expected,
            excess_wh_per_day=excess,
            score=strength,
        )
    )


def _in_given_order(work: Batch, order: I64 | None) -> Outcome:
    transitions = Transitions.join(work.transitions)
    if order is None:
        return Outcome(**{**vars(work.outcome), "transitions": transitions})
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    columns: dict[str, Any] = {name: c[back] for name, c in vars(work.outcome).items() if name != "transitions"}
    moved = Transitions(**{**vars(transitions), "row": order[transitions.row]})
    return Outcome(**columns, transitions=moved)
