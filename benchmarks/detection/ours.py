"""Our causal scores of hourly readings: the live kernel, fed week by week, and the meters of a file together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from detection.injection import Hours, Matrix
from detection.meters import PARTS, ZONE, Span, development, part_of
from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rounds.engine import Engine
from redaptive.domain.detectors.rows import Outcome, Rows
from redaptive.domain.detectors.together.fleet import Fleet
from redaptive.domain.detectors.together.learned import Trees, learned_score
from redaptive.domain.detectors.together.traits import NAMES
from redaptive.reference.anomalies import packaged_trees, read_trees

HOUR_S = 3600
HELD_OUT = Path(__file__).parent / "held_out"
SLICE_H = 168


@dataclass(frozen=True)
class Judged:
    """Score and expected kWh (hours, meters), NaN where nothing was read; alarms opened by the detectors.

    `alarms` has columns hour it was decided in, meter, kind.
    """

    score: Matrix
    expected_kwh: Matrix
    alarms: Hours


def run(kwh: Matrix, start_s: Hours, temperature_c: Matrix, engine: Engine | None = None) -> Judged:
    """Judge all readings in order of time."""
    score, expected = np.full(kwh.shape, np.nan), np.full(kwh.shape, np.nan)
    alarms = []
    for hour, meter, outcome in outcomes(kwh, start_s, temperature_c, engine):
        score[hour, meter], expected[hour, meter] = outcome.score, outcome.expected / 1000
        moved = outcome.transitions
        at = (moved.at_s[moved.opened] - start_s[0]) // HOUR_S
        alarms.append(np.stack([at, moved.index[moved.opened], moved.kind[moved.opened]], axis=1).astype(np.int64))
    return Judged(score, expected, np.concatenate(alarms))


def outcomes(
    kwh: Matrix, start_s: Hours, temperature_c: Matrix, engine: Engine | None = None
) -> Iterator[tuple[Hours, Hours, Outcome]]:
    """The kernel's outcome of each week, with the hour and the meter of each of its rows."""
    hours, meters = kwh.shape
    state = State.of_meters(meters)
    params = MeterParams.uniform(state.rows, HOUR_S)
    first = datetime.fromtimestamp(int(start_s[0]), UTC).date()
    calendar = LocalCalendar.build([SiteHours(ZONE)], first, hours // 24 + 2)
    for begin in range(0, hours, SLICE_H):
        hour, meter = np.nonzero(np.isfinite(kwh[begin : begin + SLICE_H]))
        hour += begin
        rows = Rows(
            meter.astype(np.int32),
            start_s[hour],
            np.rint(kwh[hour, meter] * 1000).astype(np.int64),
            np.zeros(len(hour), np.uint8),
            start_s[hour] + HOUR_S,
            temperature_c[hour].astype(np.float32),
        )
        yield hour, meter, kernel.score(state, rows, params, calendar, engine)


def together(kwh: Matrix, span: Span) -> tuple[Matrix, Matrix]:
    """Score and expected kWh as `redaptive anomalies score` gives them, NaN where nothing was read.

    Columns repeat the meters of `span`; each repetition is a file, its electricity and its gas meters a fleet each.
    Meters of development buildings are scored by trees that did not see their building.
    """
    score, expected = np.full(kwh.shape, np.nan), np.full(kwh.shape, np.nan)
    days, trees = span.start_s // (24 * HOUR_S), _trees(span, kwh.shape[1])
    firsts = range(0, kwh.shape[1], len(span.names))
    files = [first + np.flatnonzero(fuel) for first in firsts for fuel in (span.electric, ~span.electric)]
    fleet = Fleet(kwh.shape[1], 1.0, files)
    for begin in range(0, len(kwh), SLICE_H):
        rows = range(begin, min(begin + SLICE_H, len(kwh)))
        found = [
            fleet.judge(int(days[hour]), int(span.slot[hour]), kwh[hour] * 1000, float(span.temperature_c[hour]))
            for hour in rows
        ]
        hand, traits = (np.stack(column, axis=-2) for column in zip(*((f.score, f.traits) for f in found), strict=True))
        for model, mine in trees:
            part = learned_score(model, hand[:, mine].ravel(), traits[:, :, mine].reshape(len(NAMES), -1))
            score[begin : begin + SLICE_H, mine] = part.reshape(len(rows), -1)
        expected[rows] = np.stack([f.expected for f in found]) / 1000
    unread = ~np.isfinite(kwh)
    score[unread], expected[unread] = np.nan, np.nan
    return score, expected


def _trees(span: Span, columns: int) -> list[tuple[Trees, Hours]]:
    """Trees and the columns that they score."""
    held = np.array([part_of(name) if development(name) else PARTS for name in span.buildings])
    held = np.tile(held, columns // len(span.names))
    return [
        (packaged_trees() if part == PARTS else read_trees(HELD_OUT / str(part)), np.flatnonzero(held == part))
        for part in np.unique(held)
    ]
