"""n of m: does a fault last long enough to be worth somebody's attention; and does it come and go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import DAY_S

MOST_TRANSITIONS: Final = 6
"""More openings and closings of one kind at one meter in a day are flapping."""


class Patience(StrEnum):
    """What to do with a fault that was just seen."""

    OPEN = "open"
    WAIT = "wait"
    GIVE_UP = "give up"


def patience(fault: Fault, others: Iterable[Fault], now_s: int) -> Patience:
    """Whether `need` of `of` neighbouring intervals show the fault, together with earlier events of its key.

    A lasting event is taken to last until `now_s`. GIVE_UP once no later interval can complete the count.
    """
    rule = fault.rule
    own = _shown(fault, now_s, rule.of)
    near = range(own[0] - rule.of + 1, own[-1] + rule.of)
    earlier = [i for o in others if o.key == fault.key and o.id != fault.id for i in _shown(o, now_s, rule.of)]
    if enough([*own, *(i for i in earlier if i in near)], rule.need, rule.of):
        held = rule.hold_s > 0 and now_s < fault.confirmed_s + rule.hold_s
        return _held(fault) if held else Patience.OPEN
    over = fault.ended_s is not None and now_s >= fault.ended_s + rule.of * fault.cadence_s
    return Patience.GIVE_UP if over else Patience.WAIT


def enough(intervals: Sequence[int], need: int, of: int) -> bool:
    """True when a window of `of` neighbouring interval numbers holds at least `need` of `intervals`.

    >>> enough([3, 6], 2, 4), enough([3, 7], 2, 4)
    (True, False)
    """
    kept = sorted(set(intervals))
    return any(kept[i + need - 1] - kept[i] < of for i in range(len(kept) - need + 1))


def transitions(events: Iterable[Fault], now_s: int) -> int:
    """Openings and closings in the day before `now_s`."""
    first = now_s - DAY_S
    return sum((e.since_s > first) + (e.ended_s is not None and e.ended_s > first) for e in events)


def is_flapping(events: Iterable[Fault], now_s: int) -> bool:
    """True when the events of one key open and close more than six times within a day of `now_s`."""
    return transitions(events, now_s) > MOST_TRANSITIONS


def _held(fault: Fault) -> Patience:
    # What ended while it was held back (a gap that was filled) needs nobody.
    return Patience.WAIT if fault.lasting else Patience.GIVE_UP


def _shown(event: Fault, now_s: int, most: int) -> range:
    """Numbers of the intervals that show the event; at most `most` from its start, which is enough."""
    step = event.cadence_s
    end = event.ended_s if event.ended_s is not None else max(event.decided_s + step, now_s)
    first, last = event.since_s // step, -(-max(end, event.since_s + 1) // step)
    return range(first, min(last, first + most))
