"""The ordinary rows of a batch through the compiled loop; what is left takes the general way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from redaptive.domain.detectors.calendar import LocalCalendar
from redaptive.domain.detectors.compiled.ordering import PLACE_BITS
from redaptive.domain.detectors.memory.batch import firsts
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine
from redaptive.domain.detectors.rows import I64, Outcome, Rows, Transitions


def judge(
    state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, engine: Engine
) -> tuple[Outcome, I64]:
    """The outcome of all rows but those that come second, of which nothing is said yet; for an engine that compiles."""
    fused = engine.fused
    assert fused is not None
    outcome = Outcome.blank(len(rows), energy=rows.value)
    keys, strangers = fused.order(rows.index, len(params))
    swept = fused.sweep(state, keys, rows, params, calendar, outcome)
    told = swept.told
    if len(swept.fresh):
        first = swept.fresh[firsts(swept.fresh >> PLACE_BITS)]
        told = told + fused.close(state, first, rows, params, calendar)
        # Their meters stand in the new day now.
        told = told + fused.sweep(state, swept.fresh, rows, params, calendar, outcome).told
    left = np.concatenate([swept.left, strangers]) if len(strangers) else swept.left
    # Those of one pass are in order.
    if told:
        outcome = replace(outcome, transitions=told[0] if len(told) == 1 else Transitions.join(told))
    return outcome, np.sort(left)


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
