"""What an alarm's figures may say of a meter: one that cannot export is not expected to use less than nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from redaptive.domain.alerts.kinds import DAY_S, HOUR_S

Per = Literal["event", "interval", "night", "day"]
PER: Final[dict[str, Per]] = {
    "level_shift": "interval", "off_hours": "interval", "night_base": "interval", "setback": "night",
    "weekend": "day", "drift": "day",
}  # fmt: skip
"""What the kernel's figures are of, by kind; those of a spike are of its one interval, which is the event."""


@dataclass(frozen=True)
class Figures:
    """Energy used and expected (kWh; m³ of water) and the excess a day, with sign; `a_day`: how many such a day has.

    `at_zero`: what was expected lay below zero, and was taken as zero.
    """

    actual: float | None
    expected: float | None
    excess_per_day: float | None
    a_day: float = 1.0
    at_zero: bool = False

    def of_meter(self, *, exports: bool) -> Figures:
        """The figures as they can be: without export nothing is expected below zero, and no more is too much than all.

        >>> Figures(4.25, -12.0, 1542.0, 96.0).of_meter(exports=False).excess_per_day
        408.0
        """
        if exports or self.expected is None or self.expected >= 0:
            return self
        excess = self.excess_per_day
        if excess is not None and self.actual is not None:
            excess = min(excess, self.actual * self.a_day)
        return replace(self, expected=0.0, excess_per_day=excess, at_zero=True)

    @property
    def left(self) -> float | None:
        """The share of the usual use that is left, by these figures and by the excess a day; the larger of the two.

        None where it cannot be said.
        """
        if self.actual is None or not self.expected or self.expected < 0 or self.excess_per_day is None:
            return None
        return max(self.actual / self.expected, 1.0 + self.excess_per_day / (self.expected * self.a_day))


def times_a_day(per: Per, interval_s: int) -> float:
    """How many of what figures are of a day counts: a short event is taken to last an hour, as the kernel prices it.

    >>> times_a_day("interval", 900), times_a_day("event", 900), times_a_day("day", 900)
    (96.0, 4.0, 1.0)
    """
    if per == "interval":
        return DAY_S / interval_s
    return max(HOUR_S / interval_s, 1.0) if per == "event" else 1.0
