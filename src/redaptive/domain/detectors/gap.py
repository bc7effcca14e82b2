"""Readings that did not come, seen when the next one does.

Idea: more intervals passed since the previous reading than the grace allows. The timer (`gaps.py`) reports the same
event, with the same start, while the meter is still silent; this closes it. Failure mode: readings that are only late
count as missing until they come. Source: streams 7 (grace of 2 cadences).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Detector, Evidence, Reading
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool

GRACE_INTERVALS: Final = 2
_1: Final = np.float32(1.0)


class Config(NamedTuple):
    """Missing intervals that are no gap yet."""

    grace_intervals: np.float32 = np.float32(GRACE_INTERVALS - 1)


class State(NamedTuple):
    """Nothing: a gap is over when it is seen here."""


def step(c: Config, x: Reading, s: State, _was: Bool) -> tuple[State, Bool, F32]:
    """On with the first reading after a gap; momentary."""
    missing = x.steps - _1
    return s, missing > c.grace_intervals, missing


def evidence(_: Config, x: Reading, _s: State) -> Evidence:
    """Began with the first missing interval."""
    return Evidence(x.steps - _1, np.zeros_like(x.energy), x.expected, np.zeros_like(x.energy))


DETECTOR: Final = Detector(
    id="gap",
    kind=Kind.GAP,
    stage="reading",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=0.0,
    momentary=True,
)
