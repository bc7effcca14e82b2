"""`score`: admission, expectation and every detector found, over a batch of readings in rounds of one per meter.

The same rows in the same order give the same state, bit for bit, however they are split into calls.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors import admission, batch
from redaptive.domain.detectors.base import pick
from redaptive.domain.detectors.batch import Batch, span
from redaptive.domain.detectors.calendar import EPOCH, LocalCalendar, SiteHours
from redaptive.domain.detectors.detect import detect
from redaptive.domain.detectors.engine import Engine, numpy_engine
from redaptive.domain.detectors.held import Held
from redaptive.domain.detectors.kinds import REGISTER, Verdict
from redaptive.domain.detectors.layout import HOT
from redaptive.domain.detectors.layout import kernel_version as kernel_version
from redaptive.domain.detectors.params import MeterParams
from redaptive.domain.detectors.rows import I64, Outcome, Rows, Transitions
from redaptive.domain.detectors.running import open_bad
from redaptive.domain.detectors.shards import SHARD_METERS
from redaptive.domain.detectors.state import State

_OF_REGISTERS: Final = ("intervals", "register_reset", "register_before")
# The most rows of a piece of a round; its columns stay in the processor's cache from gathering to writing back.
CHUNK_ROWS: Final = 6144


def score(
    state: State, rows: Rows, params: MeterParams, calendar: LocalCalendar, engine: Engine | None = None
) -> Outcome:
    """Judge `rows` and update `state`; pure but for that. See `Outcome` and `Transitions` for what comes back."""
    order = batch.in_order(rows)
    work = _prepared(rows if order is None else rows.take(order), params, calendar)
    verdict = work.outcome.verdict
    fit = (verdict == Verdict.OK) | (verdict == Verdict.BAD)
    live = np.arange(len(verdict)) if fit.all() else np.flatnonzero(fit)
    live, again, root = _without_repeats(state, work, live)
    for turn in batch.rounds(work.index[live]):
        for piece in batch.pieces(live[turn], CHUNK_ROWS):
            _round(state, work, piece, engine or numpy_engine())
    too_late = verdict[root] == Verdict.TOO_LATE
    verdict[again] = np.where(too_late, np.uint8(Verdict.TOO_LATE), np.uint8(Verdict.DUPLICATE))
    return _in_given_order(work, order)


def warm(engine: Engine) -> None:
    """Score one reading, so that an engine that compiles has done so."""
    calendar = LocalCalendar.build([SiteHours("UTC")], EPOCH, 1)
    start = np.array([calendar.first_s])
    rows = Rows(np.zeros(1, np.int32), start, start, np.zeros(1, np.uint8), start, np.zeros(1, np.float32))
    score(State.of_meters(1), rows, MeterParams.uniform(SHARD_METERS), calendar, engine)


def _prepared(rows: Rows, params: MeterParams, calendar: LocalCalendar) -> Batch:
    inside = (rows.index >= 0) & (rows.index < len(params))
    index = pick(inside, rows.index, np.int32(0)).astype(np.int64)
    at: Any = span(index) if batch.rising(index) else index
    cadence = pick(inside, params.cadence_s[at], np.int32(0))
    covered = calendar.covers(rows.start_s)
    any_register = bool((rows.flags & REGISTER).any())
    outcome = Outcome.blank(len(rows), registers=any_register)
    number, verdict = admission.by_time(rows, at, cadence, covered, params)
    bad = admission.impossible(rows.value, rows.flags, at, params)
    outcome.verdict[:] = verdict
    if bad.any():
        outcome.verdict[bad & (verdict == Verdict.OK)] = Verdict.BAD
    start = pick(covered, rows.start_s, np.int64(calendar.first_s))
    code, day = calendar.lookup(params.calendar_id[at], start)
    return Batch(rows, index, params, calendar, cadence, number, code, day, any_register, outcome, [])


def _without_repeats(state: State, work: Batch, live: I64) -> tuple[I64, I64, I64]:
    """Live rows less those known as duplicates beforehand; repeats of an interval in this batch and their originals.

    Both would be found in the rounds as well; found here, a batch with a few of them stays one round.
    """
    none = np.empty(0, np.int64)
    index = work.index[live]
    again = np.flatnonzero(index[1:] == index[:-1])  # places whose next place is of the same meter
    if not len(again):
        return live, none, none
    columns, verdict = state.columns, work.outcome.verdict
    # The first row of a meter meets the state as it is now.
    first = again[(again == 0) | (index[again] != index[again - 1])]
    rows, meter = live[first], index[first]
    said = admission.by_history(work.number[rows], columns["meter.last_no"][meter], columns["meter.seen"][meter])
    settled = ((said == Verdict.DUPLICATE) | (said == Verdict.TOO_LATE)) & (verdict[rows] == Verdict.OK)
    verdict[rows[settled]] = said[settled]
    keep = np.ones(len(live), np.bool_)
    keep[first[settled]] = False
    # A repeat follows a row of the same interval; both possible, so that the second cannot be anything else.
    one, two = live[again], live[again + 1]
    same = (work.number[one] == work.number[two]) & (verdict[two] == Verdict.OK)
    same &= (verdict[one] == Verdict.OK) | ~keep[again]
    repeat = again[same] + 1
    keep[repeat] = False
    # Repeats of one original follow each other.
    begin = np.flatnonzero(np.diff(repeat, prepend=-2) != 1)
    root = np.repeat(repeat[begin] - 1, np.diff(np.append(begin, len(repeat))))
    return live[keep], live[repeat], live[root]


def _round(state: State, work: Batch, at: I64, engine: Engine) -> None:
    """Judge the rows at positions `at`, each of another meter."""
    columns, where = state.columns, span(at)
    index, number = work.index[where], work.number[where]
    held = Held(state, HOT, span(index))
    last_no, seen = held.all(("meter.last_no", "meter.seen"))
    state.mark(HOT, index)
    bad = work.outcome.verdict[where] == Verdict.BAD
    if not bad.any() and (number > last_no).all():
        held.put("meter.seen", admission.seen_after(number, last_no, seen))
        detect(state, work, at, held, _steps(number, last_no), engine)
        return
    verdict = np.where(bad, np.uint8(Verdict.BAD), admission.by_history(number, last_no, seen))
    work.outcome.verdict[at] = verdict
    stored = (verdict == Verdict.OK) | (verdict == Verdict.LATE)
    columns["meter.seen"][index[stored]] = admission.seen_after(number[stored], last_no[stored], seen[stored])
    late, ok = at[verdict == Verdict.LATE], verdict == Verdict.OK
    work.outcome.energy[late] = work.rows.value[late]
    work.outcome.measured[late] = (work.rows.flags[late] & REGISTER) == 0
    open_bad(state, work, at[bad & (number > last_no)])
    if ok.any():
        detect(state, work, at[ok], Held(state, HOT, span(index[ok])), _steps(number[ok], last_no[ok]), engine)


def _steps(number: Any, last_no: Any) -> Any:
    """Intervals since the previous reading, 0 for a meter's first."""
    return pick(last_no < 0, np.int32(0), number - last_no)


def _in_given_order(work: Batch, order: I64 | None) -> Outcome:
    transitions = Transitions.join(work.transitions)
    out = work.outcome
    if order is None:
        return Outcome(**{**vars(out), "transitions": transitions})
    # Without registers these hold one value throughout.
    alike = {"transitions"} if work.any_register else {"transitions", *_OF_REGISTERS}
    columns: dict[str, Any] = dict(vars(out))
    for name in columns.keys() - alike:
        columns[name] = np.empty_like(getattr(out, name))
        columns[name][order] = getattr(out, name)
    moved = Transitions(**{**vars(transitions), "row": order[transitions.row]})
    return Outcome(**{**columns, "transitions": moved})
