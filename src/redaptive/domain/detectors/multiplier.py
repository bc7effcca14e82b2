"""A wrong multiplier after a meter exchange or a change of set-up: the day is a round multiple of what is expected.

Idea: the ratio of a day's energy to its expectation near 10, 100, 1,000, or the common transformer ratios 40, 60, 80,
120, or one over those. Failure mode: factors below 5 look like level shifts and are left to that detector; a factor
present since the first reading cannot be seen. Source: domain 6.2 (factors are common transformer ratios).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Day, Detector, f4, faulty_days_evidence, pick
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool

_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)
FACTORS: Final = tuple(np.float32(f) for f in (10.0, 40.0, 60.0, 80.0, 100.0, 120.0, 1000.0))


class Config(NamedTuple):
    """How near to a factor, as a share of it; the least expectation of a day that is judged."""

    tolerance: np.float32 = np.float32(0.15)
    least_wh: np.float32 = np.float32(1000.0)


class State(NamedTuple):
    """Days in a row with a ratio near a factor."""

    run: Column = f4()


def step(c: Config, x: Day, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open after a complete day near a factor, closed by a complete day that is not."""
    usable = x.complete & (x.expected > c.least_wh)
    ratio = pick(usable, x.energy / np.maximum(x.expected, _1), _1)
    large = pick(ratio < _1, _1 / np.maximum(ratio, np.float32(1e-6)), ratio)
    off = np.abs(large - FACTORS[0]) / FACTORS[0]
    for factor in FACTORS[1:]:
        off = np.minimum(off, np.abs(large - factor) / factor)
    near = usable & (off < c.tolerance)
    run = pick(usable, pick(near, s.run + _1, _0), s.run)
    return State(run), pick(usable, near, was), pick(near, large, _0)


DETECTOR: Final = Detector(
    id="multiplier",
    kind=Kind.MULTIPLIER,
    stage="day",
    config=Config(),
    state=State,
    step=step,
    evidence=faulty_days_evidence,
    false_alarms_per_1000=0.1,
)
