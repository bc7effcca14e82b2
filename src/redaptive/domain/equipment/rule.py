"""What a fault rule is: a condition on points, the states it holds in, the thresholds it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.states import STATE_LIMITS, System
from redaptive.domain.equipment.trend import Bools

Kind = Literal["ahu", "plant", "vav"]
Condition = Callable[["Columns", Mapping[str, float]], Bools]
COMMON_LIMITS = ("average_min", "suppress_min", "alarm_min")


class Columns:
    """The averaged points of one trend, by role; figures that several rules need are computed once.

    `mode_changes` is the number of changes of operating state in the last hour.
    """

    def __init__(self, columns: Mapping[str, Floats], mode_changes: Floats | None = None) -> None:
        self._columns = columns
        self._mode_changes = mode_changes

    def __getitem__(self, name: str) -> Floats:
        return self._columns[name]

    @cached_property
    def mode_changes(self) -> Floats:
        """Changes of operating state in the last 60 minutes."""
        if self._mode_changes is None:
            raise KeyError("mode_changes")
        return self._mode_changes

    @cached_property
    def warmer(self) -> Floats:
        """The warmer of return and outdoor air, degF."""
        return np.maximum(self["rat"], self["oat"])

    @cached_property
    def colder(self) -> Floats:
        """The colder of return and outdoor air, degF."""
        return np.minimum(self["rat"], self["oat"])

    @cached_property
    def apart(self) -> Floats:
        """How far return and outdoor air are apart, K or degF without sign."""
        return np.abs(self["rat"] - self["oat"])

    @cached_property
    def oa_pct(self) -> Floats:
        """Outdoor air fraction by temperatures, %: 100 (MAT - RAT) / (OAT - RAT); NaN where these are equal."""
        difference = self["oat"] - self["rat"]
        return 100.0 * (self["mat"] - self["rat"]) / np.where(difference == 0.0, np.nan, difference)


@dataclass(frozen=True)
class Rule:
    """One fault rule.

    It is judged where the system is in one of `states`, `suppress_min` after a change of state, and where all
    `points` are known. `condition` gives a bool per row; a NaN in its figures gives False.
    """

    id: str
    title: str
    standard: str
    kind: Kind
    points: tuple[str, ...]
    limits: tuple[str, ...]
    system: System
    states: frozenset[int]
    condition: Condition
    suppressed: bool = True

    @cached_property
    def all_limits(self) -> tuple[str, ...]:
        """Names of every threshold that decides: of the condition, of the state, of averaging and delay."""
        own = (*self.limits, *STATE_LIMITS[self.system], *COMMON_LIMITS)
        return tuple(dict.fromkeys(own))
