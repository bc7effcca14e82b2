"""One round of accepted readings through the expectation and every detector of stage `reading`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors import day, expectation, ranking, registers
from redaptive.domain.detectors.base import Column, Detector, Reading, pick
from redaptive.domain.detectors.batch import Batch, Where, span
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, SLOT_MASK, SLOTS
from redaptive.domain.detectors.closing import close_days
from redaptive.domain.detectors.engine import Engine
from redaptive.domain.detectors.fused import Fused, Given, reading
from redaptive.domain.detectors.held import Held
from redaptive.domain.detectors.kinds import REGISTER
from redaptive.domain.detectors.rows import F32, I32, I64, Bool
from redaptive.domain.detectors.running import report, run
from redaptive.domain.detectors.state import State

NAN: Final = np.float32(np.nan)


def detect(state: State, work: Batch, at: I64, held: Held, steps: I32, engine: Engine) -> None:
    """Judge and learn the readings at positions `at`, each the newest of another meter, `steps` intervals on.

    `held` is the hot state of these meters, which is written back.
    """
    where, index = span(at), work.index[span(at)]
    if (held.get("meter.day") != work.day[where]).any():
        close_days(state, work, at, held, engine)
    wh, usable = _energy(held, work, at, index, steps)
    held.put("meter.last_no", work.number[where])
    energy = wh.astype(np.float32) if usable is None else np.where(usable, wh.astype(np.float32), NAN)
    if engine.fused is not None:
        _loop(state, work, at, held, engine.reading, engine.fused, steps, energy, wh)
    else:
        x = _reading(state, held, work, where, index, wh, energy, steps)
        before = held.get("meter.open")
        after, shown = run(state, work, at, held, before, x, engine.reading)
        held.put_changed(("meter.open",), (before,), (after,))
        work.outcome.kinds[where] = shown
    held.written()


def _loop(
    state: State,
    work: Batch,
    at: I64,
    held: Held,
    detectors: tuple[Detector, ...],
    loop: Fused,
    steps: I32,
    energy: F32,
    wh: I64,
) -> None:
    """The round by the compiled loop; evidence is asked for the few rows whose alarms changed."""
    where, out = span(at), work.outcome
    warmth = work.rows.temperature_c[where]
    given = Given(work.index[where], work.code[where], work.cadence_s[where], energy, wh, warmth, steps)
    found = loop.run(state, held.rows, given)
    out.expected[where], out.score[where], out.kinds[where] = found.expected, found.score, found.kinds
    moved = np.flatnonzero(found.flips)
    for d, detector in enumerate(detectors) if len(moved) else ():
        bit = np.uint32(detector.kind.bit)
        hit = moved[(found.flips[moved] & bit) != 0]
        if len(hit):
            kept = detector.state(*(held.rows[name][hit] for name in detector.fields))
            on = (found.kinds[hit] & bit) != 0
            report(state, work, at[hit], detector, reading(given, found, hit), kept, on, found.strength[d, hit])


def _energy(held: Held, work: Batch, at: I64, index: I64, steps: I32) -> tuple[I64, Bool | None]:
    """Wh of each row, and where it is a measured interval (None: everywhere)."""
    out, where = work.outcome, span(at)
    value = work.rows.value[where]
    out.energy[where], out.measured[where] = value, True
    if not work.any_register:
        return value, None
    which = np.flatnonzero((work.rows.flags[where] & REGISTER) != 0)
    rows, meter, ahead = at[which], index[which], np.maximum(steps[which], 1).astype(np.int64)
    params = work.params
    before = held.get("meter.register")[which]
    taken = registers.energy_of(
        value[which],
        before,
        ahead,
        params.cap_wh[meter],
        params.register_digits[meter],
        params.register_mwh_per_count[meter],
    )
    held.put_at("meter.register", which, value[which])
    if out.register_before is not None:
        out.register_before[rows] = before
    out.energy[rows], out.measured[rows], out.register_reset[rows] = taken
    out.intervals[rows] = np.where(taken.known, ahead, 1)
    return out.energy[where], out.measured[where] & (out.intervals[where] == 1)


def _reading(
    state: State,
    held: Held,
    work: Batch,
    where: Where,
    index: I64,
    wh: I64,
    energy: F32,
    steps: I32,
) -> Reading:
    columns, code, out = state.columns, work.code[where], work.outcome
    slot = code & np.int16(SLOT_MASK)
    place = _Place(slot, index, state.rows)
    hours = work.cadence_s[where].astype(np.float32) / np.float32(3600.0)
    temperature = work.rows.temperature_c[where]
    kept, ranks = expectation.State(*held.all(_STATE)), ranking.State(*held.all(_RANK))
    stored = slots = expectation.Slot(*(place.of(columns[name]) for name in _SLOT))
    if not slots.spread.all():
        yesterday = expectation.Slot(*(place.hours_away(columns[name], -24) for name in _SLOT))
        slots = expectation.from_yesterday(expectation.CONFIG, kept, slots, yesterday)
    earlier, later = (place.hours_away(columns[_SLOT[0]], shift) for shift in (-1, 1))
    level = slots.level.copy()
    hour = slot % np.int16(24)
    found = expectation.judge(expectation.CONFIG, energy, temperature, kept, slots)
    rank = ranking.step(ranking.CONFIG, energy, hours, hour // np.int16(6), kept.seen_h, found, ranks)
    new, learned = expectation.learn(expectation.CONFIG, energy, hours, rank[1].hold, kept, stored, slots, found)
    expected = pick(found.warm, found.expected, NAN)
    z = pick(found.warm, found.z, NAN)
    out.expected[where], out.score[where] = expected, rank[1].score
    night = ((hour >= day.NIGHT_FROM_H) & (hour < day.NIGHT_TO_H)).astype(np.float32)
    sums = day.Sums(*held.all(_SUMS))
    added = day.add(sums, energy, expected, night, level, earlier, later)
    for names, old, values in ((_STATE, kept, new), (_RANK, ranks, rank[0]), (_SUMS, sums, added)):
        held.put_changed(names, old, values)
    for name, column in zip(_SLOT, learned, strict=True):
        place.put(columns[name], column)
    place.mark(state)
    return Reading(
        energy=energy,
        whole_wh=wh,
        expected=found.expected,
        spread=found.spread,
        z=z,
        warm=found.warm,
        temperature=temperature,
        hours=hours,
        steps=steps.astype(np.float32),
        slot=slot,
        closed=(code & np.int16(CLOSED)) != 0,
        hours_known=(code & np.int16(HOURS_KNOWN)) != 0,
        holiday=(code & np.int16(HOLIDAY)) != 0,
    )


class _Place:
    """Where the slots of a round lie in (168, rows) columns: one row where all meters share the hour of the week."""

    def __init__(self, slot: Any, index: I64, rows: int) -> None:
        self._shared = int(slot[0]) if (slot == slot[0]).all() else None
        self._mine, self._slot, self._index, self._rows = span(index), slot, index, rows
        self._flat = index if self._shared is not None else slot.astype(np.int64) * rows + index

    def of(self, column: Any) -> Any:
        """The values at the meters' slots."""
        if self._shared is not None:
            return column[self._shared][self._mine]
        return column.reshape(-1)[self._flat]

    def put(self, column: Any, values: Column) -> None:
        """Write values at the meters' slots."""
        if self._shared is not None:
            column[self._shared][self._mine] = values
        else:
            column.reshape(-1)[self._flat] = values

    def hours_away(self, column: Any, shift: int) -> Any:
        """The values at the slots `shift` hours from the meters' own, within the week."""
        if self._shared is not None:
            return column[(self._shared + shift) % SLOTS][self._mine]
        slot = (self._slot + np.int16(SLOTS + shift)) % np.int16(SLOTS)
        return column.reshape(-1)[slot.astype(np.int64) * self._rows + self._index]

    def mark(self, state: State) -> None:
        """Note in the state that these slots changed."""
        state.mark_slots(self._index, self._slot if self._shared is None else self._shared)


_STATE = tuple(f"{expectation.ID}.{name}" for name in expectation.State._fields)
_RANK = tuple(f"{ranking.ID}.{name}" for name in ranking.State._fields)
_SLOT = tuple(f"{expectation.ID}.{name}" for name in expectation.Slot._fields)
_SUMS = tuple(f"{day.ID}.{name}" for name in day.Sums._fields)
