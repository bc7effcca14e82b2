"""The ordinary rows of a batch through the compiled loop; what is left takes the general way."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from redaptive.domain.detectors.batch import Batch, Turn
from redaptive.domain.detectors.calendar import LocalCalendar
from redaptive.domain.detectors.closing import close_days
from redaptive.domain.detectors.engine import Engine
from redaptive.domain.detectors.fused import Moved
from redaptive.domain.detectors.held import Fields
from redaptive.domain.detectors.layout import HOT
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.rows import I64, Outcome, Rows, Transitions
from redaptive.domain.detectors.running import tell_moved
from redaptive.domain.detectors.sifting import Looked
from redaptive.domain.detectors.state import State

# Outcomes of ordinary rows are written beside their batch.
_NOTHING: Final = Outcome.blank(0)


def judge(
    state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, engine: Engine
) -> tuple[Outcome, I64]:
    """The outcome of all rows but those that come second, of which nothing is said yet; for an engine that compiles."""
    assert engine.sieve is not None
    assert engine.fused is not None
    outcome = Outcome.blank(len(rows))
    swept = engine.sieve.sweep(state, rows, params, calendar, outcome)
    told = _told(state, rows, params, calendar, swept.looked, swept.moved, engine)
    if len(swept.fresh):
        begun = swept.looked.only(swept.fresh)
        part = _part(rows, params, calendar, begun)
        turn = Turn.of(part, np.arange(len(part.index)))
        close_days(state, part, turn, Fields(state, HOT, turn.meters), engine)
        told += _placed(part, begun.place)
        state.columns["meter.last_no"][part.index] = part.number
        moved = engine.fused.run(state, swept.fresh, swept.looked.given, outcome)
        told += _told(state, rows, params, calendar, swept.looked, moved, engine)
    return replace(outcome, transitions=Transitions.join(told)), swept.left


def _told(
    state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, looked: Looked, moved: Moved, engine: Engine
) -> list[Transitions]:
    """Transitions of the alarms that changed."""
    if not len(moved.rows):
        return []
    hit = looked.only(moved.rows)
    part = _part(rows, params, calendar, hit)
    tell_moved(state, part, np.arange(len(moved.rows)), looked.given, moved, engine.reading)
    return _placed(part, hit.place)


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


def _part(rows: Rows, params: MeterParams, calendar: LocalCalendar, looked: Looked) -> Batch:
    """Ordinary rows as a batch of their own."""
    some = rows.take(looked.place)
    code, day = calendar.lookup(params.calendar_id[looked.at], some.start_s)
    return Batch(
        some, looked.at, params, calendar, looked.cadence_s, looked.number, code, day, None, False, False, _NOTHING, []
    )


def _placed(part: Batch, place: I64) -> list[Transitions]:
    return [replace(transitions, row=place[transitions.row]) for transitions in part.transitions]
