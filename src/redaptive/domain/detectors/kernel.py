"""`score`: admission, expectation and every detector found, over a batch of readings in turns of one per meter.

The same rows in the same order give the same state, bit for bit, however they are split into calls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import pick
from redaptive.domain.detectors.calendar import EPOCH, LocalCalendar, SiteHours
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.memory import batch
from redaptive.domain.detectors.memory.batch import Batch, Order, Turn, span
from redaptive.domain.detectors.memory.layout import HOT
from redaptive.domain.detectors.memory.layout import kernel_version as kernel_version
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.shards import SHARD_METERS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds import ordinary
from redaptive.domain.detectors.rounds.detect import detect
from redaptive.domain.detectors.rounds.engine import Engine, numpy_engine
from redaptive.domain.detectors.rows import I32, I64, Outcome, Rows, Transitions, placed, shared
from redaptive.domain.detectors.steps import admission
from redaptive.domain.detectors.steps.running import open_bad

# What is said of most rows.
_KINDS: Final[Any] = np.uint32(0)
_OF_FIT: Final[dict[str, Any]] = {"verdict": np.uint8(Verdict.OK), "measured": np.True_}
_OF_INTERVALS: Final[dict[str, Any]] = {"intervals": np.int32(1), "register_reset": np.False_}
_NONE: Final[Any] = np.int64(-1)
# The most rows of a piece of a turn. Smaller ones stay in the cache, but NumPy's calls cost more than that saves.
CHUNK_ROWS: Final = 12_288


def score(
    state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, engine: Engine | None = None
) -> Outcome:
    """Judge `rows` and update `state`; pure but for that. See `Outcome` and `Transitions` for what comes back."""
    engine = engine or numpy_engine()
    if engine.fused is None:
        return _judged(state, rows, params, calendar, engine)
    outcome, left = ordinary.judge(state, rows, params, calendar, engine)
    if not len(left):
        return outcome
    return ordinary.merged(outcome, left, _judged(state, rows.take(left), params, calendar, engine))


def _judged(state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, engine: Engine) -> Outcome:
    """The general way, for rows of all kinds."""
    order = batch.order_of(rows)
    work = _prepared(rows if order.by is None else rows.take(order.by), params, calendar)
    verdict = work.outcome.verdict
    turns, again, root = _turns(state, work, order)
    for turn in turns:
        for at in batch.pieces(turn, CHUNK_ROWS):
            _judge(state, work, Turn.of(work, at), engine)
    too_late = verdict[root] == Verdict.TOO_LATE
    verdict[again] = np.where(too_late, np.uint8(Verdict.TOO_LATE), np.uint8(Verdict.DUPLICATE))
    return _in_given_order(rows, work, order.by)


def warm(engine: Engine) -> None:
    """Score one reading and make all programs, so that an engine that compiles has done so."""
    if engine.regular is not None:
        engine.regular.prepare()
    if engine.daily is not None:
        engine.daily.prepare()
    calendar = LocalCalendar.build([SiteHours("UTC")], EPOCH, 1)
    start = np.array([calendar.first_s])
    rows = Rows(np.zeros(1, np.int32), start, start, np.zeros(1, np.uint8), start, np.zeros(1, np.float32))
    score(State.of_meters(1), rows, MeterParams.uniform(SHARD_METERS), calendar, engine)


def _prepared(rows: Rows, params: MeterParams, calendar: LocalCalendar) -> Batch:
    inside = rows.index.view(np.uint32) < len(params)  # negative ones are large
    index = pick(inside, rows.index, np.int32(0)).astype(np.int64)
    limits = params.limits_of(span(index))
    cadence = pick(inside, limits["cadence_s"], np.int32(0))
    start, every = shared(rows.start_s), shared(cadence)
    covered = calendar.covers(start)
    any_register = bool(rows.flags.any() and (rows.flags & REGISTER).any())
    outcome = Outcome.blank(len(rows), registers=any_register)
    number, verdict = admission.by_time(rows, start, every, covered, limits)
    bad = admission.impossible(rows.value, rows.flags if any_register else None, limits)
    any_bad = bool(bad.any())
    outcome.verdict[:] = verdict
    if any_bad:
        outcome.verdict[bad & (verdict == Verdict.OK)] = Verdict.BAD
    code, day = calendar.lookup(limits["calendar_id"], pick(covered, start, np.int64(calendar.first_s)))
    one = None if every.ndim else int(every)
    return Batch(rows, index, params, calendar, cadence, number, code, day, one, any_register, any_bad, outcome, [])


def _turns(state: State, work: Batch, order: Order) -> tuple[list[I64], I64, I64]:
    """Positions to judge in turns of one row a meter; repeats of an interval in this batch and their originals."""
    verdict = work.outcome.verdict
    fit = (verdict == Verdict.OK) | (verdict == Verdict.BAD) if verdict.any() else np.ones(len(verdict), np.bool_)
    if order.several is None:
        live, again, root = _without_repeats(state, work, np.flatnonzero(fit))
        return [live[where] for where in batch.rounds(work.index[live])], again, root
    several, again, root = _without_repeats(state, work, order.several[fit[order.several]])
    turns = [several[where] for where in batch.rounds(work.index[several])]
    fit[order.several] = False
    for turn in turns[:1]:
        fit[turn] = True
    return [np.flatnonzero(fit), *turns[1:]], again, root


def _without_repeats(state: State, work: Batch, live: I64) -> tuple[I64, I64, I64]:
    """Live rows less those known as duplicates beforehand; repeats of an interval in this batch and their originals.

    Both would be found in the rounds as well; found here, a batch with a few of them stays one round.
    """
    none = np.empty(0, np.int64)
    index = work.index[live]
    again = np.flatnonzero(index[1:] == index[:-1])  # places whose next place is of the same meter
    if not len(again):
        return live, none, none
    verdict, keep = work.outcome.verdict, np.ones(len(live), np.bool_)
    # A repeat follows a row of the same interval; both possible, so that the second cannot be anything else.
    one, two = live[again], live[again + 1]
    same = (work.number[one] == work.number[two]) & (verdict[two] == Verdict.OK)
    if not (same & (verdict[one] == Verdict.OK)).all():
        keep[_settled(state, work, live, again)] = False
        same &= (verdict[one] == Verdict.OK) | ~keep[again]
    repeat = again[same] + 1
    keep[repeat] = False
    # Repeats of one original follow each other.
    begins = np.ones(len(repeat), np.bool_)
    np.not_equal(repeat[1:], repeat[:-1] + 1, out=begins[1:])
    root = (repeat[begins] - 1)[np.cumsum(begins) - 1]
    return live[keep], live[repeat], live[root]


def _settled(state: State, work: Batch, live: I64, again: I64) -> I64:
    """Places in `live` of first rows of meters that are known as duplicates; their verdicts are set."""
    index, columns, verdict = work.index[live], state.columns, work.outcome.verdict
    # The first row of a meter meets the state as it is now.
    first = again[(again == 0) | (index[again] != index[again - 1])]
    rows, meter = live[first], index[first]
    said = admission.by_history(work.number[rows] - columns["meter.last_no"][meter], columns["meter.seen"][meter])
    settled = ((said == Verdict.DUPLICATE) | (said == Verdict.TOO_LATE)) & (verdict[rows] == Verdict.OK)
    verdict[rows[settled]] = said[settled]
    known: I64 = first[settled]
    return known


def _judge(state: State, work: Batch, turn: Turn, engine: Engine) -> None:
    held = engine.held(state, HOT, turn.meters)
    last_no, seen = held.get("meter.last_no"), held.get("meter.seen")
    state.mark(HOT, turn.blocks)
    ahead = work.number[turn.where] - last_no
    bad = work.outcome.verdict[turn.where] == Verdict.BAD if work.any_bad else np.zeros(1, np.bool_)
    if not bad.any() and (ahead > 0).all():
        steps = _steps(ahead, last_no)
        held.put("meter.seen", admission.seen_after(ahead, seen))
        detect(state, work, turn, held, steps, engine)
        return
    verdict = np.where(bad, np.uint8(Verdict.BAD), admission.by_history(ahead, seen))
    work.outcome.verdict[turn.at] = verdict
    stored = (verdict == Verdict.OK) | (verdict == Verdict.LATE)
    state.columns["meter.seen"][turn.index[stored]] = admission.seen_after(ahead[stored], seen[stored])
    late, ok = turn.at[verdict == Verdict.LATE], verdict == Verdict.OK
    work.outcome.energy[late] = work.rows.value[late]
    work.outcome.measured[late] = (work.rows.flags[late] & REGISTER) == 0
    open_bad(state, work, turn.at[bad & (ahead > 0)])
    if ok.any():
        steps, accepted = _steps(ahead[ok], last_no[ok]), Turn.of(work, turn.at[ok])
        detect(state, work, accepted, engine.held(state, HOT, accepted.meters), steps, engine)


def _steps(ahead: I32, last_no: I32) -> I32:
    """Intervals since the previous reading, 0 for a meter's first."""
    return pick(last_no < 0, np.int32(0), ahead)


def _in_given_order(rows: Rows, work: Batch, order: I64 | None) -> Outcome:
    """The outcome of `rows`, which were taken in that order."""
    transitions, out = Transitions.join(work.transitions), work.outcome
    if order is None:
        return replace(out, transitions=transitions)
    expected, score = np.empty_like(out.expected), np.empty_like(out.score)
    expected[order], score[order] = out.expected, out.score
    # Rows that are fit are as usual, but for a register's.
    unfit = None if work.any_register else np.flatnonzero(out.verdict)
    usual = _OF_FIT | _OF_INTERVALS if work.any_register else _OF_FIT
    alike = {name: placed(getattr(out, name), order, value, value, unfit) for name, value in usual.items()}
    before = out.register_before
    return replace(
        out,
        energy=placed(out.energy, order, work.rows.value, rows.value, unfit),
        expected=expected,
        score=score,
        kinds=placed(out.kinds, order, _KINDS, _KINDS),
        transitions=replace(transitions, row=order[transitions.row]),
        register_before=None if before is None else placed(before, order, _NONE, _NONE),
        **alike,
    )
