"""A rest day that runs like a working day: a schedule that ignores weekends or holidays.

Idea: usual energy of working days and of rest days; a rest day more than half way up opens. Failure mode: sites that
work at weekends have no difference to learn and are never judged. Source: domain 6.2; limits are ours.
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
    """Shares of the difference working day to rest day, the least difference as a share, rates per day of each sort."""

    open_share: np.float32 = np.float32(0.5)
    least_difference: np.float32 = np.float32(0.15)
    work_rate: np.float32 = np.float32(0.1)
    rest_rate: np.float32 = np.float32(0.15)
    rest_rate_when_on: np.float32 = np.float32(0.03)
    least_rest_days: np.float32 = np.float32(4.0)


class State(NamedTuple):
    """Usual Wh of a working and of a rest day, and how many of each were seen."""

    work_wh: Column = f4()
    rest_wh: Column = f4()
    work_seen: Column = f4()
    rest_seen: Column = f4()


def step(c: Config, x: Day, s: State, was: Bool) -> tuple[State, Bool, F32]:
    """Judged on complete rest days; open after one, closed by the next ordinary one."""
    usable = x.complete & (x.energy == x.energy)
    work, rest = usable & ~x.rest_day, usable & x.rest_day
    span = s.work_wh - s.rest_wh
    known = (s.rest_seen >= c.least_rest_days) & (span > c.least_difference * s.work_wh)
    position = pick(known & rest, (x.energy - s.rest_wh) / np.maximum(span, _1), _0)
    above = position > c.open_share
    work_rate = np.maximum(c.work_rate, _1 / (s.work_seen + _1))
    rest_rate = np.maximum(pick(above, c.rest_rate_when_on, c.rest_rate), _1 / (s.rest_seen + _1))
    state = State(
        pick(work, s.work_wh + work_rate * (x.energy - s.work_wh), s.work_wh),
        pick(rest, s.rest_wh + rest_rate * (x.energy - s.rest_wh), s.rest_wh),
        pick(work, s.work_seen + _1, s.work_seen),
        pick(rest, s.rest_seen + _1, s.rest_seen),
    )
    return state, pick(rest, above, was), np.float32(10.0) * position / c.open_share


def evidence(_: Config, x: Day, s: State) -> Evidence:
    """Began with the rest day just ended."""
    return Evidence(np.zeros_like(x.energy), x.energy, s.rest_wh, x.energy - s.rest_wh)


DETECTOR: Final = Detector(
    id="weekend",
    kind=Kind.WEEKEND,
    stage="day",
    config=Config(),
    state=State,
    step=step,
    evidence=evidence,
    false_alarms_per_1000=1.0,
)
