"""A slow change of the daily energy against the expectation: EWMA of daily residuals.

Idea: relative daily residuals, smoothed; open when the mean is large against both its own noise and a least share.
Failure mode: the expectation follows with a memory of weeks, so only the part it lags behind is seen; very slow drift
is left to the yearly baseline. Source: Roberts 1959 (EWMA chart); limits are ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Day, Detector, Evidence, f4, pick
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool

_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)


class Config(NamedTuple):
    """Rates per day, limits in shares of the daily energy and in standard errors of the smoothed mean."""

    rate: np.float32 = np.float32(0.1)
    noise_rate: np.float32 = np.float32(0.05)
    clip_share: np.float32 = np.float32(0.5)
    open_errors: np.float32 = np.float32(4.0)
    open_share: np.float32 = np.float32(0.04)
    close_share: np.float32 = np.float32(0.02)
    least_days: np.float32 = np.float32(14.0)


class State(NamedTuple):
    """Smoothed relative residual, mean square of its day-to-day part, days judged, days on one side."""

    mean: Column = f4()
    noise2: Column = f4()
    days: Column = f4()
    run: Column = f4()


def step(c: Config, x: Day, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open when the smoothed residual is beyond both limits; days without expectation change nothing."""
    usable = x.complete & (x.expected > _1)
    share = pick(usable, (x.energy - x.expected) / np.maximum(x.expected, _1), _0)
    share = np.minimum(np.maximum(share, -c.clip_share), c.clip_share)
    off = share - s.mean
    mean = pick(usable, s.mean + c.rate * off, s.mean)
    rate = np.maximum(c.noise_rate, _1 / (s.days + _1))
    noise2 = pick(usable, s.noise2 + rate * (off * off - s.noise2), s.noise2)
    days = pick(usable, s.days + _1, s.days)
    same_side = (mean > _0) == (s.mean > _0)
    run = pick(usable, pick(same_side, s.run + _1, _1), s.run)
    error = np.sqrt(noise2 * (c.rate / (np.float32(2.0) - c.rate)))
    size = np.abs(mean)
    opens = (size > c.open_share) & (size > c.open_errors * error) & (days >= c.least_days)
    on = pick(was, size > c.close_share, opens)
    return (
        State(mean, noise2, days, run),
        on,
        (np.float32(10.0) * size / np.maximum(c.open_errors * error, c.open_share)).astype(np.float32),
    )


def evidence(_: Config, x: Day, s: State) -> Evidence:
    """Began when the smoothed residual took its side; the excess is that share of the expectation."""
    return Evidence(np.maximum(s.run - _1, _0), x.energy, x.expected, s.mean * x.expected)


DETECTOR: Final = Detector(
    id="drift",
    kind=Kind.DRIFT,
    stage="day",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=1.0,
)
