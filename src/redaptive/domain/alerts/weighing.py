"""Does an episode of use stand out enough to tell a person, and does it still: rules on its assessment, look by look.

A look is at a fixed time after the start, on the readings up to then, so the verdict does not depend on when the desk
ran. Thresholds were chosen on development buildings (docs/explanation/detection.md, "From alarms to alerts").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redaptive.domain.alerts.assessment import Assessment
from redaptive.domain.alerts.comparable import Episode
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import DAY_S, HOUR_S
from redaptive.domain.alerts.persistence import Patience

WEIGHED: Final = ("spike", "level_shift", "drift", "off_hours", "night_base", "weekend", "setback", "multiplier")
"""Kinds that open by what the stored readings say."""
LEAST_ERRORS: Final = 2.5
LEAST_CLOSED_ERRORS: Final = 3.5
LEAST_SHARE: Final = 0.1
STILL_AT_OPENING: Final = 0.5
STILL: Final = 0.3
"""Parts of the excess that its last two days must still show."""
LEAST_ERRORS_FOR_MONEY: Final = 2.0
LEAK_LOOK_H: Final = 6
LOOKS: Final = 7
GRACE_S: Final = 5_400
"""So long after its time a look is made: the last hour must have been sent and stored."""
FACTOR: Final = 5.0
"""From here on all hours multiplied alike are a fault of the meter."""
LONGEST_S: Final = 60 * DAY_S
"""After so long an episode is no longer looked at; it has become usual, or waits for a person."""
_IN_CLOSED_HOURS: Final = ("off_hours", "setback", "night_base")
_MOST: Final = 0.75


@dataclass(frozen=True)
class Weighed:
    """What the looks so far say: open, wait until the look at `look_s` (epoch seconds), or give up."""

    patience: Patience
    look_s: int
    assessment: Assessment | None = None


def weigh(fault: Fault, episode: Episode, now_s: int) -> Weighed | None:
    """The verdict of all looks that are due at `now_s`; None where too little was read to compare with."""
    if not episode.known:
        return None
    at = fault.since_s
    for at in looks(fault):
        if at + GRACE_S > now_s:
            return Weighed(Patience.WAIT, at)
        found = episode.assess(at)
        if found is not None and opens(fault, found, at):
            return Weighed(Patience.OPEN, at, found)
    return Weighed(Patience.GIVE_UP, at)


def looks(fault: Fault) -> Iterator[int]:
    """Times of the looks that were not made: every day after the start for a week, and early where it may be a leak."""
    if _may_leak(fault) and max(fault.decided_s, fault.look_s) <= fault.since_s + LEAK_LOOK_H * HOUR_S:
        yield fault.since_s + LEAK_LOOK_H * HOUR_S
    first = max(1, -(-(fault.decided_s + fault.cadence_s - fault.since_s) // DAY_S))
    for day in range(first, first + LOOKS):
        at = fault.since_s + day * DAY_S
        if at >= fault.look_s:
            yield at


def opens(fault: Fault, found: Assessment, at_s: int) -> bool:
    """Whether the episode stands out from what is usual, and goes on.

    A short peak alone never does. What all hours share by a large factor waits for the detector of multipliers.
    """
    if fault.kind == "multiplier":
        return multiplied(found.factor)
    if fault.kind == "spike" or not stands_out(found):
        return False
    if at_s < fault.since_s + DAY_S and not found.steady:
        return False
    if multiplied(found.factor) and at_s < fault.since_s + 3 * DAY_S:
        return False
    return still(found, found.excess, STILL_AT_OPENING)


def stands_out(found: Assessment) -> bool:
    """Whether the excess is large against its error and the use, of closed hours where those show it best."""
    least = LEAST_CLOSED_ERRORS if found.at_closed else LEAST_ERRORS
    return abs(found.errors) >= least and abs(found.share) >= LEAST_SHARE


def still(found: Assessment, opening: float, part: float = STILL) -> bool:
    """Whether the last days show that part of the excess at the opening, the same way."""
    return found.now * (1 if opening >= 0 else -1) >= part * abs(opening)


def multiplied(factor: float | None) -> bool:
    """Whether the readings are off by a factor in all hours alike: not energy, but a meter's fault."""
    return factor is not None and not 1 / FACTOR < factor < FACTOR


def sure(errors: float) -> bool:
    """Whether an excess of so many standard errors may be given in money."""
    return abs(errors) >= LEAST_ERRORS_FOR_MONEY


def priced_excess(found: Assessment) -> float | None:
    """The excess that may be priced, kWh a day; None where it is not sure, or of the meter and not of the building."""
    return found.excess if sure(found.errors) and not multiplied(found.factor) else None


def most_specific(faults: dict[str, Assessment | None], of: Assessment) -> str:
    """Which of these kinds names the episode best, by where its excess lies."""
    if "multiplier" in faults:
        return "multiplier"
    named = [kind for kind in _IN_CLOSED_HOURS if kind in faults]
    if "weekend" in faults and of.rest >= _MOST:
        return "weekend"
    if named and of.closed >= _MOST:
        return named[0]
    plain = [kind for kind in ("level_shift", "drift") if kind in faults]
    return plain[0] if plain else max(faults, key=WEIGHED.index)


def _may_leak(fault: Fault) -> bool:
    return fault.commodity in ("gas", "water") and fault.kind in ("level_shift", "night_base")
