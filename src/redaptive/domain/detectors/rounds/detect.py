"""One round of accepted readings through the expectation and every detector of stage `reading`."""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors import day, expectation, ranking, registers
from redaptive.domain.detectors.calendar import CLOSED, HOLIDAY, HOURS_KNOWN, QUARTERS
from redaptive.domain.detectors.compiled.loop import Given
from redaptive.domain.detectors.kinds import REGISTER
from redaptive.domain.detectors.memory.batch import Batch, Turn
from redaptive.domain.detectors.memory.held import Held
from redaptive.domain.detectors.memory.slots import Slots
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.closing import close_days
from redaptive.domain.detectors.rounds.engine import Engine
from redaptive.domain.detectors.rounds.regular import Steps, Told
from redaptive.domain.detectors.rows import F32, I32, I64, Bool
from redaptive.domain.detectors.steps.beginning import begin_again
from redaptive.domain.detectors.steps.judging import Memory, Seen, judged
from redaptive.domain.detectors.steps.running import Alarms, run, tell

NAN: Final = np.float32(np.nan)


def detect(state: State, work: Batch, turn: Turn, held: Held, steps: I32, engine: Engine) -> None:
    """Judge and learn the readings of a turn, each the newest of its meter, `steps` intervals on.

    `held` is the hot state of these meters, which is written back.
    """
    if (held.get("meter.day") != work.day[turn.where]).any():
        close_days(state, work, turn, held, engine)
    wh, usable = _energy(held, work, turn, steps)
    held.put("meter.last_no", work.number[turn.where])
    energy = wh.astype(np.float32) if usable is None else np.where(usable, wh.astype(np.float32), NAN)
    if held.get(_SCALE).min() <= 0:
        begin_again(state, turn, held, energy)
    if engine.fused is not None:
        _loop(state, work, turn, engine, steps, energy, wh)
    else:
        seen, place = _seen(state, work, turn, energy, wh, steps)
        _by_columns(state, work, turn, held, engine, seen, place)
    held.written()


def _loop(state: State, work: Batch, turn: Turn, engine: Engine, steps: I32, energy: F32, wh: I64) -> None:
    """The turn by the compiled loop."""
    assert engine.fused is not None
    where, out = turn.where, work.outcome
    warmth = work.rows.temperature_c[where]
    code, cadence, start = work.code[where], work.cadence_s[where], work.rows.start_s[where]
    given = Given(turn.index, turn.at, code, cadence, energy, wh, warmth, steps, start)
    work.transitions.extend(engine.fused.run(state, given, out))


def _energy(held: Held, work: Batch, turn: Turn, steps: I32) -> tuple[I64, Bool | None]:
    """Wh of each row, and where it is a measured interval (None: everywhere)."""
    out, where = work.outcome, turn.where
    value = work.rows.value[where]
    out.energy[where], out.measured[where] = value, True
    if not work.any_register:
        return value, None
    which = np.flatnonzero((work.rows.flags[where] & REGISTER) != 0)
    rows, meter, ahead = turn.at[which], turn.index[which], np.maximum(steps[which], 1).astype(np.int64)
    params = work.params
    before = held.get("meter.register")[which]
    taken = registers.energy_of(
        value[which],
        before,
        ahead,
        params.cap_wh[meter],
        params.register_digits[meter],
        params.register_nwh_per_count[meter],
        params.register_own[meter],
    )
    held.put_at("meter.register", which, taken.kept)
    if out.register_before is not None:
        out.register_before[rows] = before
    out.energy[rows], out.measured[rows], out.register_reset[rows] = taken[:3]
    out.intervals[rows] = np.where(taken.known, ahead, 1)
    return out.energy[where], out.measured[where] & (out.intervals[where] == 1)


def _seen(state: State, work: Batch, turn: Turn, energy: F32, wh: I64, steps: I32) -> tuple[Seen, Slots]:
    """What is known of the readings, and where their slots are."""
    place = Slots(work.code[turn.where], turn, state.rows)
    code, slot, level = place.codes, place.slots, state.columns[_SLOT[0]]
    closed, known, holiday = ((code & np.int16(bit)) != 0 for bit in (CLOSED, HOURS_KNOWN, HOLIDAY))
    quarter, night, closed, known, holiday = place.spread(QUARTERS[slot], day.NIGHTS[slot], closed, known, holiday)
    seen = Seen(
        energy=energy,
        whole_wh=wh,
        temperature=work.rows.temperature_c[turn.where],
        hours=work.hours(turn.where),
        steps=steps.astype(np.float32),
        slot=place.spread(slot)[0],
        quarter=quarter,
        night=night,
        closed=closed,
        hours_known=known,
        holiday=holiday,
        earlier=place.of(level, -1),
        later=place.of(level, 1),
    )
    return seen, place


def _by_columns(state: State, work: Batch, turn: Turn, held: Held, engine: Engine, seen: Seen, place: Slots) -> None:
    """The turn by NumPy, as a program where it is a usual one, else step by step."""
    out, where, detectors = work.outcome, turn.where, engine.reading
    memory = Memory(expectation.State(*held.all(_STATE)), ranking.State(*held.all(_RANK)), day.Sums(*held.all(_SUMS)))
    stored = expectation.Slot(*(place.of(state.columns[name]) for name in _SLOT))
    alarms = Alarms.of(held.get("meter.open"), detectors)
    states = tuple(detector.state(*held.all(detector.names)) for detector in detectors)
    told = None
    if engine.regular is not None and not work.any_register:
        told = engine.regular.told(seen, memory, stored, Steps(states, alarms.was))
    if told is None:
        told = _step_by_step(state, held, seen, place, memory, stored, alarms)
    out.expected[where], out.score[where] = told.expected, told.score
    for name, column in zip(_SLOT, told.slot, strict=True):
        place.put(state.columns[name], column)
    place.mark(state)
    after, out.kinds[where] = tell(state, work, turn.at, held, alarms, told.x, told.said)
    held.put_changed(("meter.open",), (alarms.before,), (after,))


def _step_by_step(
    state: State, held: Held, seen: Seen, place: Slots, memory: Memory, stored: expectation.Slot, alarms: Alarms
) -> Told:
    slots = stored
    if not stored.spread.all():
        yesterday = expectation.Slot(*(place.of(state.columns[name], -24) for name in _SLOT))
        slots = expectation.from_yesterday(expectation.CONFIG, memory.kept, stored, yesterday)
    found = judged(seen, memory, stored, slots)
    for names, old, values in zip((_STATE, _RANK, _SUMS), memory, found.memory, strict=True):
        held.put_changed(names, old, values)
    return Told(found.expected, found.score, found.slot, found.x, run(held, alarms, found.x))


_SCALE = f"{expectation.ID}.scale"
_STATE = tuple(f"{expectation.ID}.{name}" for name in expectation.State._fields)
_RANK = tuple(f"{ranking.ID}.{name}" for name in ranking.State._fields)
_SLOT = tuple(f"{expectation.ID}.{name}" for name in expectation.Slot._fields)
_SUMS = tuple(f"{day.ID}.{name}" for name in day.Sums._fields)
