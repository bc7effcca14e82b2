"""The ordinary rows of a batch through the compiled loop; what is left takes the general way."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from redaptive.domain.detectors.calendar import LocalCalendar
from redaptive.domain.detectors.compiled.fused import Fused
from redaptive.domain.detectors.compiled.ordering import PLACE_BITS, PLACES
from redaptive.domain.detectors.memory.batch import Batch, Turn, firsts
from redaptive.domain.detectors.memory.held import Fields
from redaptive.domain.detectors.memory.layout import HOT
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.closing import close_days
from redaptive.domain.detectors.rounds.engine import Engine
from redaptive.domain.detectors.rows import I64, Outcome, Rows, Transitions
from redaptive.domain.detectors.steps.telling import Moved

# Outcomes of ordinary rows are written beside their batch.
_NOTHING: Final = Outcome.blank(0)


def judge(
    state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, engine: Engine
) -> tuple[Outcome, I64]:
    """The outcome of all rows but those that come second, of which nothing is said yet; for an engine that compiles."""
    fused = engine.fused
    assert fused is not None
    outcome = Outcome.blank(len(rows), energy=rows.value)
    keys, strangers = fused.order(rows.index, len(params))
    swept = fused.sweep(state, keys, rows, params, calendar, outcome)
    told = _told(state, rows, params, swept.moved, fused)
    if len(swept.fresh):
        at = swept.fresh[firsts(swept.fresh >> PLACE_BITS)] & PLACES
        begun = _part(rows, params, calendar, at)
        turn = Turn.of(begun, np.arange(len(at)))
        close_days(state, begun, turn, Fields(state, HOT, turn.meters), engine)
        told += _placed(begun, at)
        # Their meters stand in the new day now.
        moved = fused.sweep(state, swept.fresh, rows, params, calendar, outcome).moved
        told += _told(state, rows, params, moved, fused)
    left = np.concatenate([swept.left, strangers]) if len(strangers) else swept.left
    return replace(outcome, transitions=Transitions.join(told)) if told else outcome, np.sort(left)


def _told(state: State, rows: Rows, params: MeterParams, moved: Moved, fused: Fused) -> list[Transitions]:
    """Transitions of the alarms that changed."""
    at = moved.rows
    if not len(at):
        return []
    index = rows.index[at]
    return [fused.teller.tell(state, moved, index, rows.start_s[at], params.cadence_s[index])]


def merged(outcome: Outcome, left: I64, other: Outcome) -> Outcome:
    """`outcome` with that of the rows `left` put in."""
    for name in outcome.columns:
        getattr(outcome, name)[left] = getattr(other, name)
    before = other.register_before
    if before is not None:
        whole = np.full(len(outcome.verdict), -1, np.int64)
        whole[left] = before
        before = whole
    rest = replace(other.transitions, row=left[other.transitions.row])
    return replace(outcome, transitions=Transitions.join([outcome.transitions, rest]), register_before=before)


def _part(rows: Rows, params: MeterParams, calendar: LocalCalendar, at: I64) -> Batch:
    """The ordinary rows at these places as a batch of their own."""
    some = rows.take(at)
    index = some.index.astype(np.int64)
    cadence = params.cadence_s[index]
    code, day = calendar.lookup(params.calendar_id[index], some.start_s)
    number = ((some.start_s - params.phase_s[index]) // cadence).astype(np.int32)
    return Batch(some, index, params, calendar, cadence, number, code, day, None, False, False, _NOTHING, [])


def _placed(part: Batch, place: I64) -> list[Transitions]:
    return [replace(transitions, row=place[transitions.row]) for transitions in part.transitions]
