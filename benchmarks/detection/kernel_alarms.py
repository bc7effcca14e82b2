"""The kernel's alarms over matrices of hourly readings, openings and endings, as the live path passes them on."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from detection.injection import Hours, Matrix
from detection.meters import ZONE
from detection.ours import HOUR_S, SLICE_H
from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine
from redaptive.domain.detectors.rows import Rows, Transitions


def alarms(kwh: Matrix, start_s: Hours, temperature_c: Matrix, engine: Engine | None = None) -> Transitions:
    """All openings and endings over columns of hourly kWh (NaN: not read), in the order in which they were told."""
    hours, meters = kwh.shape
    state = State.of_meters(meters)
    params = MeterParams.uniform(state.rows, HOUR_S)
    first = datetime.fromtimestamp(int(start_s[0]), UTC).date()
    calendar = LocalCalendar.build([SiteHours(ZONE)], first, hours // 24 + 2)
    parts = []
    for begin in range(0, hours, SLICE_H):
        hour, meter = np.nonzero(np.isfinite(kwh[begin : begin + SLICE_H]))
        hour += begin
        rows = Rows(
            meter.astype(np.int32), start_s[hour], np.rint(kwh[hour, meter] * 1000).astype(np.int64),
            np.zeros(len(hour), np.uint8), start_s[hour] + HOUR_S, temperature_c[hour].astype(np.float32),
        )  # fmt: skip
        parts.append(kernel.score(state, rows, params, calendar, engine).transitions)
    return Transitions.join(parts)
