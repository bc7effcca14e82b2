"""Closes local days: detectors of stage `day` judge the sums of the day that a meter's first later reading ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from redaptive.domain.detectors import day
from redaptive.domain.detectors.base import Day, Detector, mask_bits
from redaptive.domain.detectors.batch import Batch, Where, span
from redaptive.domain.detectors.engine import Engine
from redaptive.domain.detectors.layout import DAY
from redaptive.domain.detectors.report import alarms, changes
from redaptive.domain.detectors.rows import F32, I16, I64, Bool
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
    before = columns["meter.open"][mine].copy()
    judged = [(d, *_step(state, d, x, mine, before, engine)) for d in engine.day]
    state.mark(DAY, index)
    after, momentary = alarms(before, [(d, on) for d, _, on, _ in judged])
    columns["meter.open"][mine] = after
    changes(state, work, at, x, before, after, momentary, [(d, kept, score) for d, kept, _, score in judged])


def _step(state: State, detector: Detector, x: Day, mine: Where, before: Any, engine: Engine) -> tuple[Any, Bool, F32]:
    columns = state.columns
    kept = detector.state(*(columns[name][mine] for name in detector.fields))
    new, on, score = engine.steps[detector.id](detector.config, x, kept, mask_bits(before, detector.kind))
    for name, column in zip(detector.fields, new, strict=True):
        columns[name][mine] = column
    return new, on, score


def _last_code(state: State, work: Batch, at: I64) -> I16:
    """Calendar code of each meter's previous reading, which lies in the day that ends."""
    index, calendar = work.index[at], work.calendar
    number = state.columns["meter.last_no"][index].astype(np.int64)
    start = number * work.cadence_s[at] + work.params.phase_s[index]
    inside = np.minimum(np.maximum(start, calendar.first_s), calendar.end_s - 1)
    return calendar.lookup(work.params.calendar_id[index], inside)[0]


_SUMS = tuple(f"{day.ID}.{name}" for name in day.Sums._fields)
