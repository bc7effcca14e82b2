"""A meter clock an hour off: the profile fits better an hour earlier or later than in place.

Idea: sums of |energy - profile| over a day, in place and shifted by an hour; open after `days` days on which a shifted
profile misses much less. Failure mode: a flat profile fits equally everywhere and is never judged; a site that moved
its schedule by an hour looks the same. Source: energy-science 3.3 (clock shift of one hour); limits are ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from redaptive.domain.detectors.base import Column, Day, Detector, f4, faulty_days_evidence, pick
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, Bool

_0: Final = np.float32(0.0)
_1: Final = np.float32(1.0)


class Config(NamedTuple):
    """The shifted miss as a share of the miss in place, the least miss as a share of the day's energy, days."""

    open_share: np.float32 = np.float32(0.6)
    least_miss: np.float32 = np.float32(0.03)
    days: np.float32 = np.float32(3.0)


class State(NamedTuple):
    """Days in a row on which a shifted profile fitted better."""

    run: Column = f4()


def step(c: Config, x: Day, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Open after `days` days, closed by a day on which the profile fits in place."""
    usable = x.complete & (x.miss == x.miss) & (x.expected > _1)
    shifted = np.minimum(x.miss_earlier, x.miss_later)
    share = pick(usable, shifted / np.maximum(x.miss, _1), _1)
    better = usable & (share < c.open_share) & (x.miss > c.least_miss * x.energy)
    run = pick(usable, pick(better, s.run + _1, _0), s.run)
    on = pick(usable, run >= pick(was, _1, c.days), was)
    return State(run), on, np.float32(10.0) * (_1 - share) / (_1 - c.open_share)


DETECTOR: Final = Detector(
    id="clock_shift",
    kind=Kind.CLOCK_SHIFT,
    stage="day",
    config=Config(),
    state=State,
    step=step,
    evidence=faulty_days_evidence,
    false_alarms_per_1000=0.5,
)
