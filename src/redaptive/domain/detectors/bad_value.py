"""A value that cannot be: negative without export, above the meter's cap, beyond a register's digits.

Idea: admission gives such a reading the verdict BAD and the kernel opens the alarm; a possible value closes it.
Failure mode: without a cap only negative values are caught. Source: streams 6.1, domain 6.1.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Detector, Reading, reading_evidence
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool


class Config(NamedTuple):
    """No thresholds: the meter's own limits decide."""


class State(NamedTuple):
    """Nothing but the alarm itself."""


def step(_: Config, x: Reading, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Off: what reaches a step is a possible value."""
    return s, was & ~was, np.zeros_like(x.energy)


DETECTOR: Final = Detector(
    id="bad_value",
    kind=Kind.BAD_VALUE,
    stage="reading",
    config=Config(),
    state=State,
    step=step,
    evidence=reading_evidence,
    false_alarms_per_1000=0.0,
)
