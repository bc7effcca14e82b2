"""Closes local days: detectors of stage `day` judge the sums of the day that a meter's first later reading ends."""

from __future__ import annotations

import numpy as np

from redaptive.domain.detectors import day
from redaptive.domain.detectors.memory.batch import Batch, Turn, span
from redaptive.domain.detectors.memory.held import Columns, Held
from redaptive.domain.detectors.memory.layout import DAY
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine
from redaptive.domain.detectors.rows import I16, I32, Where, shared
from redaptive.domain.detectors.steps.running import Alarms, run, tell


def close_days(state: State, work: Batch, turn: Turn, held: Held, engine: Engine) -> None:
    """Close the days of the rows that begin another one, and start their sums at zero.

    `held` is the hot state of the turn's meters.
    """
    today, last_day = work.day[turn.where], held.get("meter.day")
    fresh = np.flatnonzero(last_day != today)
    ending = fresh[last_day[fresh] >= 0]
    if len(ending):
        _close(state, work, Turn.of(work, turn.at[ending]), held, span(ending), engine)
    begun = span(fresh)
    for name in _SUMS:
        held.put_at(name, begun, 0)
    held.put("meter.day", today)


def _close(state: State, work: Batch, turn: Turn, held: Held, places: Where, engine: Engine) -> None:
    sums = day.Sums(*(column[places] for column in held.all(_SUMS)))
    x = day.closed(sums, _last_code(work, turn, held.get("meter.last_no")[places]), work.hours(turn.where))
    state.mark(DAY, turn.blocks)
    days, before = Columns(state, DAY, turn.meters), held.get("meter.open")[places]
    alarms = Alarms.of(before, engine.day)
    said = None if engine.daily is None else engine.daily.said(days, alarms, x)
    after, _ = tell(state, work, turn.at, days, alarms, x, said or run(days, alarms, x))
    days.written()
    if after is not before:
        held.put_at("meter.open", places, after)


def _last_code(work: Batch, turn: Turn, last_no: I32) -> I16:
    """Calendar code of each meter's previous reading, which lies in the day that ends."""
    index, calendar = turn.meters, work.calendar
    start = shared(last_no.astype(np.int64) * work.cadence_s[turn.where] + work.params.phase_s[index])
    inside = np.minimum(np.maximum(start, calendar.first_s), calendar.end_s - 1)
    return calendar.lookup(work.params.calendar_id[index], inside)[0]


_SUMS = tuple(f"{day.ID}.{name}" for name in day.Sums._fields)
