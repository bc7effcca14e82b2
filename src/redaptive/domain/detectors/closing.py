"""Closes local days: detectors of stage `day` judge the sums of the day that a meter's first later reading ends."""

from __future__ import annotations

import numpy as np

from redaptive.domain.detectors import day
from redaptive.domain.detectors.batch import Batch, span
from redaptive.domain.detectors.engine import Engine
from redaptive.domain.detectors.layout import DAY
from redaptive.domain.detectors.rows import I16, I64
from redaptive.domain.detectors.running import run
from redaptive.domain.detectors.state import State


def close_days(state: State, work: Batch, at: I64, engine: Engine) -> None:
    """Close the days of the rows that begin another one, and start their sums at zero."""
    columns = state.columns
    last_day = columns["meter.day"][work.index[at]]
    ending = at[(last_day != work.day[at]) & (last_day >= 0)]
    if len(ending):
        _close(state, work, ending, engine)
    fresh = work.index[at[last_day != work.day[at]]]
    for name in _SUMS:
        columns[name][fresh] = 0
    columns["meter.day"][span(work.index[at])] = work.day[at]


def _close(state: State, work: Batch, at: I64, engine: Engine) -> None:
    columns, index = state.columns, work.index[at]
    mine = span(index)
    sums = day.Sums(*(columns[name][mine] for name in _SUMS))
    hours = work.cadence_s[at].astype(np.float32) / np.float32(3600.0)
    x = day.closed(sums, _last_code(state, work, at), hours)
    state.mark(DAY, index)
    run(state, work, at, mine, x, engine.day)


def _last_code(state: State, work: Batch, at: I64) -> I16:
    """Calendar code of each meter's previous reading, which lies in the day that ends."""
    index, calendar = work.index[at], work.calendar
    number = state.columns["meter.last_no"][index].astype(np.int64)
    start = number * work.cadence_s[at] + work.params.phase_s[index]
    inside = np.minimum(np.maximum(start, calendar.first_s), calendar.end_s - 1)
    return calendar.lookup(work.params.calendar_id[index], inside)[0]


_SUMS = tuple(f"{day.ID}.{name}" for name in day.Sums._fields)
