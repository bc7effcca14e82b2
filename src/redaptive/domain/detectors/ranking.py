"""The score of a reading: how unusual it is, from 0 to 100, comparable between meters.

Idea: the largest of three. Distance: |z| now, its mean over the quarter of the day of the last days, and its mean over
months, each divided by what is usual for the meter. Repetition: the run of equal readings over the meter's usual run.
Zero: a zero where the expectation is well clear of it, the more so the rarer zeros are for the meter. Failure mode: a
meter that is always strange looks usual to itself; the first day is not scored. A score above `suspect` makes the
expectation learn more slowly. Source: ours, chosen on development buildings with injected anomalies
(docs/explanation/detection.md).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, f4, pick
from redaptive.domain.detectors.expectation import Expected
from redaptive.domain.detectors.rows import F32, I16

ID: Final = "ranking"
_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)
FLAG_SCORE: Final = np.float32(6.0)
"""A reading with this score or more is worth a look; see docs/explanation/detection.md."""


class Config(NamedTuple):
    """Weights of the parts, rates per hour, clips in spreads, floors of what is usual, times in hours."""

    now: np.float32 = np.float32(0.8)
    quarter: np.float32 = np.float32(0.47)
    months: np.float32 = np.float32(0.69)
    repeat: np.float32 = np.float32(2.63)
    zero: np.float32 = np.float32(10.0)
    zero_spreads: np.float32 = np.float32(4.0)
    clip_z: np.float32 = np.float32(5.0)
    quarter_rate: np.float32 = np.float32(0.08)
    months_rate: np.float32 = np.float32(0.0006)
    usual_rate: np.float32 = np.float32(0.0034)
    usual_now: np.float32 = np.float32(0.3)
    usual_quarter: np.float32 = np.float32(0.15)
    usual_months: np.float32 = np.float32(0.07)
    run_rate: np.float32 = np.float32(0.02)
    zero_memory_h: np.float32 = np.float32(2000.0)
    first_h: np.float32 = np.float32(24.0)
    suspect: np.float32 = np.float32(2.8)
    hold: np.float32 = np.float32(0.41)


class State(NamedTuple):
    """Means of z by quarter of the day and over months, what is usual of each part, runs of equal readings, zeros."""

    night: Column = f4()
    morning: Column = f4()
    midday: Column = f4()
    evening: Column = f4()
    months: Column = f4()
    usual_now: Column = f4(1.0)
    usual_quarter: Column = f4(1.0)
    usual_months: Column = f4(1.0)
    last_wh: Column = f4(-1.0)
    run: Column = f4()
    usual_run: Column = f4(2.0)
    zero_share: Column = f4()


class Ranked(NamedTuple):
    """The score, and how fast the expectation may learn from the reading."""

    score: F32
    hold: F32


CONFIG: Final = Config()


def step(c: Config, energy: F32, hours: F32, quarter: I16, seen_h: F32, e: Expected, s: State) -> tuple[State, Ranked]:
    """Score each reading by the past, then remember it; `quarter` is 0 to 3; NaN energy changes nothing."""
    usable = energy == energy
    judged = usable & e.known
    z = pick(judged, e.z, _0)
    size = np.abs(z)
    visit = pick(usable, np.minimum(hours, _1), _0)
    weight = pick(judged, visit, _0)
    clipped = np.minimum(np.maximum(z, -c.clip_z), c.clip_z)
    q0, q1, q2 = quarter == np.int16(0), quarter == np.int16(1), quarter == np.int16(2)
    mean = pick(q0, s.night, pick(q1, s.morning, pick(q2, s.midday, s.evening)))
    mean = mean + c.quarter_rate * weight * (clipped - mean)
    months = s.months + c.months_rate * weight * (clipped - s.months)
    far, lasting = np.abs(mean), np.abs(months)
    distance = c.now * size / s.usual_now + c.quarter * far / s.usual_quarter + c.months * lasting / s.usual_months
    same = energy == s.last_wh
    # Products with 0 and 1 are cheaper than choices.
    run = (s.run + _1) * same.astype(np.float32)
    broke = usable & ~same & (s.run > _0)
    three = np.float32(3.0)
    usual_run = pick(
        broke, s.usual_run + c.run_rate * (np.minimum(s.run, three * s.usual_run) - s.usual_run), s.usual_run
    )
    nothing = energy == _0
    repeated = pick(nothing, _0, c.repeat * run / (usual_run + _1))
    zero = nothing.astype(np.float32)
    clear = (e.expected > c.zero_spreads * e.spread).astype(np.float32)
    vanished = c.zero * (_1 - s.zero_share) * (zero * clear)
    begun = usable & (seen_h >= c.first_h)
    score = pick(begun, np.minimum(np.maximum(np.maximum(distance, repeated), vanished), np.float32(100.0)), _0)
    hold = np.maximum((~(score > c.suspect)).astype(np.float32), c.hold)
    rate = hold * weight * np.maximum(c.usual_rate, _1 / (seen_h + np.float32(20.0)))
    mad = np.float32(1.25)
    zero_rate = visit / np.minimum(seen_h + hours, c.zero_memory_h)
    usual_now = s.usual_now + rate * (mad * np.minimum(size, three * s.usual_now) - s.usual_now)
    usual_quarter = s.usual_quarter + rate * (mad * np.minimum(far, three * s.usual_quarter) - s.usual_quarter)
    usual_months = s.usual_months + rate * (mad * np.minimum(lasting, three * s.usual_months) - s.usual_months)
    state = State(
        pick(q0, mean, s.night),
        pick(q1, mean, s.morning),
        pick(q2, mean, s.midday),
        pick(q0 | q1 | q2, s.evening, mean),
        months,
        np.maximum(usual_now, c.usual_now),
        np.maximum(usual_quarter, c.usual_quarter),
        np.maximum(usual_months, c.usual_months),
        pick(usable, energy, s.last_wh),
        pick(usable, run, s.run),
        usual_run,
        s.zero_share + zero_rate * (zero - s.zero_share),
    )
    return state, Ranked(score, hold)
