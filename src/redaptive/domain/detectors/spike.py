"""A reading far from the expectation of its hour of the week.

Idea: |z| above a threshold opens, |z| below a lower one closes. Failure mode: a meter with heavy tails opens often;
persistence and merging of alerts (streams 8) are meant for that. Source: energy-science 3.1; thresholds are ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Detector, Reading, reading_evidence
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool


class Config(NamedTuple):
    """Thresholds in spreads of the slot."""

    open_z: np.float32 = np.float32(6.0)
    close_z: np.float32 = np.float32(3.0)


class State(NamedTuple):
    """Nothing but the alarm itself."""


def step(c: Config, x: Reading, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open above `open_z`, stay open down to `close_z`; a reading without expectation changes nothing."""
    size = np.abs(x.z)
    on = (size > c.open_z) | (was & ~(size <= c.close_z))
    return s, on, size


DETECTOR: Final = Detector(
    id="spike",
    kind=Kind.SPIKE,
    stage="reading",
    config=Config(),
    state=State,
    step=step,
    evidence=reading_evidence,
    false_alarms_per_1000=1.0,
)
