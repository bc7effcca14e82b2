"""What a detector is: a config with units, a state of columns, and a step over many meters at once.

A step is elementwise: + - * / sqrt, minimum, maximum, where and comparisons on float32, integers and booleans, with
constants of those types, so that NumPy and numba give the same bits. Names of state fields are `<detector>.<field>`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import F32, I16, Bool

Column = npt.NDArray[Any]
Stage = Literal["reading", "day"]
MIXED_SHARE: Final = 12
"""A mask that holds, or does not, for less than one row in so many is mostly of one value."""


def f4(default: float = 0.0) -> Column:
    """A float32 state field with that value for a new meter."""
    return cast(Column, np.float32(default))


def u2(default: int = 0) -> Column:
    """A state field of whole numbers 0 to 65,535."""
    return cast(Column, np.uint16(default))


def i4(default: int = 0) -> Column:
    """A state field of 32-bit whole numbers."""
    return cast(Column, np.int32(default))


def i8(default: int = 0) -> Column:
    """A state field of 64-bit whole numbers."""
    return cast(Column, np.int64(default))


def u8(default: int = 0) -> Column:
    """A state field of 64 bits."""
    return cast(Column, np.uint64(default))


class Reading(NamedTuple):
    """Readings of one round, each of another meter; what a step of stage `reading` sees.

    Energies are Wh per interval, `steps` intervals since the meter's previous reading (1: none missing, 0: first),
    `z` (energy - expected) / spread, NaN while not `warm`.
    """

    energy: F32
    whole_wh: Column
    expected: F32
    spread: F32
    z: F32
    warm: Bool
    temperature: F32
    hours: F32
    steps: F32
    slot: I16
    closed: Bool
    hours_known: Bool
    holiday: Bool


class Day(NamedTuple):
    """Local days just ended, each of another meter; what a step of stage `day` sees.

    `energy`, `expected`: Wh over the day's readings, expected NaN unless every reading had an expectation;
    `complete`: readings for nine tenths of the day; `rest_day`: Saturday, Sunday or holiday; night is 1:00 to 5:00;
    misses are sums of |energy - profile| with the profile in place, an hour earlier and an hour later.
    """

    energy: F32
    expected: F32
    readings: F32
    complete: Bool
    hours: F32
    rest_day: Bool
    hours_known: Bool
    night_wh: F32
    night_readings: F32
    miss: F32
    miss_earlier: F32
    miss_later: F32


class Evidence(NamedTuple):
    """What a transition carries: how many intervals (or days, by stage) ago it began, and what it costs."""

    since: F32
    actual_wh: F32
    expected_wh: F32
    excess_wh_per_day: F32


@dataclass(frozen=True)
class Detector:
    """A detector as its file declares it.

    `step(config, x, state, was_on) -> (state, on, strength)`; `x` is a Reading or a Day by `stage`, `strength` is about
    10 at the threshold; what is told of a transition is bounded to 0 to 100.
    `evidence(config, x, state) -> Evidence` is elementwise too; it is told only of rows that opened or closed.
    `false_alarms_per_1000` is the most openings per 1,000 steps on flat Gaussian noise that the contract suite allows.
    A momentary alarm closes with the reading that opened it.
    """

    id: str
    kind: Kind
    stage: Stage
    config: Any
    state: type[Any]
    step: Callable[[Any, Any, Any, Bool], tuple[Any, Bool, F32]]
    evidence: Callable[[Any, Any, Any], Evidence]
    false_alarms_per_1000: float
    momentary: bool = False

    @cached_property
    def bit(self) -> int:
        """The kind's bit in a mask of kinds."""
        return self.kind.bit

    @cached_property
    def fields(self) -> dict[str, np.generic]:
        """Field name -> value of a new meter; the value's type is the field's."""
        return {f"{self.id}.{name}": value for name, value in self.state._field_defaults.items()}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the state fields."""
        return tuple(self.fields)


EVENT_H: Final = np.float32(1.0)


def reading_evidence(_config: Any, x: Reading, _state: Any) -> Evidence:
    """Evidence of an event that began with this interval, which is taken to last an hour of the day.

    Spikes of buildings last one to three hours; as a use of 24 hours one reading cost more than any lasting fault.
    """
    excess = (x.energy - x.expected) * np.maximum(EVENT_H / x.hours, np.float32(1.0))
    return Evidence(np.zeros_like(x.energy), x.energy, x.expected, excess)


def faulty_days_evidence(_config: Any, x: Day, state: Any) -> Evidence:
    """Evidence of readings wrong for `state.run` days in a row: no energy was used, so no excess is claimed."""
    began = np.maximum(state.run - np.float32(1.0), np.float32(0.0))
    return Evidence(began, x.energy, x.expected, np.zeros_like(x.energy))


def bounded(score: F32) -> F32:
    """A score within 0 and 100; NaN becomes 0."""
    # The absolute value turns -0.0 into 0.0; which of the two fmax gives is left open.
    return np.abs(np.fmin(np.fmax(score, np.float32(0.0)), np.float32(100.0)))


def pick(mask: Bool, yes: Column | np.generic, no: Column | np.generic) -> Column:
    """`np.where`, quick where the mask holds everywhere or nowhere, as masks of what is usable or strange do.

    The arrays themselves come back then, not copies.
    """
    held = int(np.count_nonzero(mask))
    if held == mask.size and isinstance(yes, np.ndarray):
        return yes
    if held == 0 and isinstance(no, np.ndarray):
        return no
    if yes.dtype != no.dtype or mask.ndim == 0 or mixed(held, mask.size):
        return np.where(mask, yes, no)
    # A copy and a masked copy take half of the time of a choice.
    chosen = np.empty(mask.shape, no.dtype)
    np.copyto(chosen, no)
    np.copyto(chosen, yes, where=mask)
    return chosen


def mixed(held: int, rows: int) -> bool:
    """Whether a mask holds so often, and not so often, that `np.where` is quicker than a masked copy.

    That takes two to seven times as long where the mask changes every few rows.
    """
    return held * MIXED_SHARE > rows and (rows - held) * MIXED_SHARE > rows
