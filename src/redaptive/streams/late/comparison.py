"""What the alarms of a late day mean for the alerts that there are: new ones, and ones that do not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final
from uuid import UUID

from redaptive.domain.detectors.kinds import Kind
from redaptive.streams.alerts.intake import Signal

KINDS: Final = tuple(kind.slug for kind in Kind if kind not in (Kind.GAP, Kind.BAD_VALUE))
"""What stored readings can show; gaps are ended by counting, and impossible values are not stored."""
Key = tuple[int, str]
Windows = Mapping[int, Sequence[tuple[int, int]]]
"""Seconds [from, until) by meter number in which alarms may be decided by late readings."""


@dataclass(frozen=True)
class Event:
    """An alarm that opened and closed."""

    opening: Signal
    closing: Signal

    @property
    def key(self) -> Key:
        """Meter and kind."""
        return self.opening.meter_no, self.opening.kind

    @property
    def span(self) -> tuple[float, float]:
        """Seconds from its first interval to its end."""
        first = self.opening.since_s
        return first, max(first + 1, self.closing.at_s)


@dataclass(frozen=True)
class Standing:
    """An alert that there is; `late` when late readings found it, `alone` when no others are counted to it."""

    tenant_id: UUID
    id: UUID
    meter_no: int
    kind: str
    since_s: int
    decided_s: int
    ended_s: int | None
    state: str
    late: bool = False
    alone: bool = True

    @property
    def span(self) -> tuple[float, float]:
        """Seconds from its first interval to its end."""
        return self.since_s, inf if self.ended_s is None else max(self.since_s + 1, self.ended_s)


@dataclass(frozen=True)
class Changes:
    """Alarms to be opened, and alerts that do not hold."""

    found: tuple[Event, ...]
    refuted: tuple[Standing, ...]


def events(signals: Iterable[Signal], until: Mapping[int, int]) -> tuple[Event, ...]:
    """Openings with their closings; signals of a meter and kind in order of time. A closing by itself is left out.

    What lasts at the end of a meter's readings (`until`, seconds by meter number) ends there: whether it goes on is for
    the live kernel to say, which has seen what came after.
    """
    done: list[Event] = []
    lasting: dict[Key, Signal] = {}
    for signal in signals:
        key = signal.meter_no, signal.kind
        if signal.opened:
            lasting[key] = signal
        elif key in lasting:
            done.append(Event(lasting.pop(key), signal))
    cut = [Event(opening, replace(opening, opened=False, at_s=until[m])) for (m, _), opening in lasting.items()]
    return (*done, *cut)


def compare(
    with_late: Sequence[Event], without: Sequence[Event], standing: Sequence[Standing], windows: Windows
) -> Changes:
    """What the late readings change.

    An alarm is found when it shows with them, not without them, and no alert of its kind stands there already. An alert
    is refuted when its alarm shows without them and not with them, or when earlier late readings found it and it does
    not show any more. Alarms of a kind that overlap are one, whose start may have moved.
    """
    shown, before, there = _spans(with_late), _spans(without), _alerts(standing)
    found = [
        e
        for e in with_late
        if e.opening.kind in KINDS
        and _inside(windows, e.opening.meter_no, e.opening.at_s)
        and not _meets(e.span, before[e.key])
        and not _meets(e.span, there[e.key])
    ]
    refuted = [
        s
        for s in standing
        if s.kind in KINDS
        and _inside(windows, s.meter_no, s.decided_s)
        and not _meets(s.span, shown[s.meter_no, s.kind])
        and (s.late or _meets(s.span, before[s.meter_no, s.kind]))
    ]
    return Changes(tuple(found), tuple(refuted))


Spans = defaultdict[Key, list[tuple[float, float]]]


def _spans(found: Iterable[Event]) -> Spans:
    spans: Spans = defaultdict(list)
    for event in found:
        spans[event.key].append(event.span)
    return spans


def _alerts(standing: Iterable[Standing]) -> Spans:
    spans: Spans = defaultdict(list)
    for alert in standing:
        spans[alert.meter_no, alert.kind].append(alert.span)
    return spans


def _meets(span: tuple[float, float], others: Iterable[tuple[float, float]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _inside(windows: Windows, meter: int, at_s: int) -> bool:
    return any(first <= at_s < until for first, until in windows.get(meter, ()))
