"""One pass over what was confirmed: open it, wait, or count it to an alert that there is or that is to be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from redaptive.domain.alerts.collapse import (
    WINDOW_CADENCES,
    Collapse,
    Extremes,
    above,
    gateway_outages,
    site_outages,
    weather_shifts,
)
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.identity import alert_id
from redaptive.domain.alerts.persistence import Patience, is_flapping, patience
from redaptive.domain.alerts.states import DONE, State
from redaptive.domain.alerts.weighing import WEIGHED, Weighed, most_specific

SILENCE: Final = ("gap", "gateway_silent")
_WRONG_READINGS: Final = ("multiplier", "stuck", "clock_shift")
_LEAKS: Final = ("gas", "water")
_LASTING_USE: Final = tuple(kind for kind in WEIGHED if kind not in ("spike", "multiplier"))


class By(StrEnum):
    """Why an alert is not shown by itself."""

    MERGED = "merged"
    GATEWAY = "gateway"
    SITE = "site"
    WEATHER = "weather"
    METER = "meter"
    FLAPPING = "flapping"
    MAINTENANCE = "maintenance"
    POLICY = "policy"
    NOT_PERSISTENT = "not_persistent"


_BY_KIND: Final = {"gateway_silent": By.GATEWAY, "site_outage": By.SITE, "weather": By.WEATHER, "flapping": By.FLAPPING}


@dataclass(frozen=True)
class Window:
    """Planned work at a site, building or meter; faults that begin in it are expected."""

    place: UUID
    starts_s: int
    ends_s: int

    def covers(self, fault: Fault, now_s: int) -> bool:
        """Whether the fault begins there and then, and does not outlast the work."""
        here = self.place in (fault.meter_id, fault.building_id, fault.site_id)
        over = fault.ended_s is not None and fault.ended_s <= self.ends_s
        return here and self.starts_s <= fault.since_s < self.ends_s and (now_s < self.ends_s or over)


@dataclass(frozen=True)
class Surroundings:
    """What a pass must know of one tenant.

    `known`: live alerts, those done within the merging time, lasting gaps, and the day's events of pending keys.
    `gateway_meters`, `site_meters`, `station_meters`: how many meters each has. `parents`: meter to the one above.
    `weighed`: what the stored readings say of pending faults in use, where they say anything.
    """

    known: tuple[Fault, ...] = ()
    gateway_meters: Mapping[int, int] = field(default_factory=dict)
    site_meters: Mapping[UUID, int] = field(default_factory=dict)
    station_meters: Mapping[str, int] = field(default_factory=dict)
    extremes: Mapping[str, Extremes] = field(default_factory=dict)
    parents: Mapping[UUID, UUID] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    muted: frozenset[str] = frozenset()
    weighed: Mapping[UUID, Weighed] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What to do with one alert: open it (`by` None), or suppress it, under `target` if there is one."""

    alert: UUID
    by: By | None = None
    target: UUID | None = None


@dataclass
class Triage:
    """The outcome of a pass. `made` are new alerts by id, `woken` those that are done or ended and come back.

    `waits`: when the readings of a fault without a verdict are looked at next.
    """

    verdicts: dict[UUID, Verdict] = field(default_factory=dict)
    made: dict[UUID, Collapse] = field(default_factory=dict)
    woken: set[UUID] = field(default_factory=set)
    waits: dict[UUID, int] = field(default_factory=dict)

    def suppress(self, fault: Fault, by: By, target: UUID | None = None) -> None:
        """Count the fault to `target`, or leave it out."""
        self.verdicts[fault.id] = Verdict(fault.id, by, target)

    def open(self, fault: Fault) -> None:
        """Make the fault an alert of its own."""
        self.verdicts[fault.id] = Verdict(fault.id)


def triage(pending: Sequence[Fault], around: Surroundings, now_s: int) -> Triage:
    """Judge the pending faults of one tenant at `now_s`; those without a verdict wait.

    Order: planned work and muted kinds; silence of gateways and sites; another alert of the meter; what readings or
    persistence say; the same alert again; flapping; one alert a meter; a meter above; the weather; what is left opens.
    """
    done = Triage()
    for fault in pending:
        if any(window.covers(fault, now_s) for window in around.windows):
            done.suppress(fault, By.MAINTENANCE)
        elif fault.kind in around.muted:
            done.suppress(fault, By.POLICY)
    _silence(_left(pending, done), around, done)
    _under_the_meters_own(_left(pending, done), around, done)
    events = _by_key([*around.known, *pending])
    ripe = []
    for fault in _left(pending, done):
        weighed = around.weighed.get(fault.id)
        match weighed.patience if weighed else patience(fault, events[fault.key], now_s):
            case Patience.OPEN:
                ripe.append(fault)
            case Patience.GIVE_UP:
                done.suppress(fault, By.NOT_PERSISTENT)
            case Patience.WAIT if weighed:
                done.waits[fault.id] = weighed.look_s
    _repeats(ripe, events, done, now_s)
    _one_a_meter(_left(ripe, done), around, done)
    _under_meters(ripe, around, done)
    _weather(ripe, around, done)
    for fault in _left(ripe, done):
        done.open(fault)
    return done


def _under_the_meters_own(pending: Iterable[Fault], around: Surroundings, done: Triage) -> None:
    """Faults in use at a meter of which another one is told already, or whose readings are known to be wrong."""
    waiting = list(pending)
    told: dict[int, Fault] = {}
    for fault in sorted((f for f in around.known if f.live), key=lambda f: f.since_s, reverse=True):
        if fault.meter_no and fault.kind in (*WEIGHED, *_WRONG_READINGS):
            told[fault.meter_no] = fault
    told |= {f.meter_no: f for f in waiting if f.meter_no and f.kind in _WRONG_READINGS and _opens(f, around)}
    for fault in waiting:
        own = told.get(fault.meter_no)
        if own is None or fault.kind in _WRONG_READINGS:
            continue
        if fault.id in around.weighed or _go_on_together(fault, own):
            done.suppress(fault, By.MERGED if own.kind == fault.kind else By.METER, own.id)


def _go_on_together(fault: Fault, own: Fault) -> bool:
    """Whether an alert that lasts says it already, of a meter with too few readings to tell; else its use counts twice.

    What may be a leak is told by itself. A fault that outlasts that alert is taken up again.
    """
    kinds = {fault.kind, own.kind}
    one = fault.kind in _LASTING_USE and own.lasting and len(kinds) > 1 and kinds <= {*_LASTING_USE, *_WRONG_READINGS}
    return one and fault.commodity not in _LEAKS


def _opens(fault: Fault, around: Surroundings) -> bool:
    weighed = around.weighed.get(fault.id)
    return weighed is None or weighed.patience is Patience.OPEN


def _one_a_meter(ripe: Iterable[Fault], around: Surroundings, done: Triage) -> None:
    """Of the faults in use that open at one meter together, the one that names it best; the others are part of it."""
    meters: dict[int, dict[str, Fault]] = defaultdict(dict)
    for fault in sorted(ripe, key=lambda f: (-f.since_s, str(f.id))):
        if fault.id in around.weighed:
            meters[fault.meter_no][fault.kind] = fault
    for faults in meters.values():
        found = {kind: around.weighed[f.id].assessment for kind, f in faults.items()}
        longest = max((a for a in found.values() if a), key=lambda a: a.days, default=None)
        if longest is None or len(faults) == 1:
            continue
        chosen = faults[most_specific(found, longest)]
        for fault in faults.values():
            if fault.id != chosen.id:
                done.suppress(fault, By.METER, chosen.id)


def _silence(pending: Iterable[Fault], around: Surroundings, done: Triage) -> None:
    """Gaps and silent gateways: attach them to an outage that is known, or make one out of many."""
    waiting = [f for f in pending if f.kind in SILENCE]
    if not waiting:
        return
    _attach(waiting, around, done)
    free = _left([*waiting, *(f for f in around.known if f.live and not f.acknowledged)], done)
    gaps = [f for f in free if f.kind == "gap" and f.lasting]
    silent = [f for f in free if f.kind == "gateway_silent"]
    dark = [*gaps, *(f for f in around.known if f.kind == "gap" and f.lasting and f.state is State.SUPPRESSED)]
    for outage in site_outages(dark, silent, around.site_meters):
        _collapse(outage, {f.id: f for f in free}, around.known, done)
    gaps = _left(gaps, done)
    for outage in gateway_outages(gaps, around.gateway_meters):
        _collapse(outage, {f.id: f for f in free}, around.known, done)


def _attach(waiting: Sequence[Fault], around: Surroundings, done: Triage) -> None:
    """Silence behind a gateway or site whose own alert lasts."""
    outages = [f for f in around.known if f.live and f.lasting]
    sites = {f.site_id: f for f in outages if f.kind == "site_outage"}
    own = [f for f in waiting if f.kind == "gateway_silent" and f.lasting]
    gateways = {f.gateway: f for f in [*own, *outages] if f.kind == "gateway_silent"}
    for fault in waiting:
        site, gateway = sites.get(fault.site_id), gateways.get(fault.gateway)
        if site and fault.site_id:
            done.suppress(fault, By.SITE, site.id)
        elif gateway and fault.kind == "gap" and _since_then(fault, gateway):
            done.suppress(fault, By.GATEWAY, gateway.id)


def _since_then(fault: Fault, outage: Fault) -> bool:
    return fault.lasting and fault.since_s >= outage.since_s - WINDOW_CADENCES * fault.cadence_s


def _repeats(ripe: Iterable[Fault], events: Mapping[tuple[str, str], list[Fault]], done: Triage, now_s: int) -> None:
    """Faults that come back: to the alert of their key, or to one flapping alert when they come too often."""
    first: dict[tuple[str, str], Fault] = {}
    for fault in sorted(ripe, key=lambda f: f.since_s):
        same = [e for e in events[fault.key] if e.id != fault.id and e.since_s <= fault.since_s]
        home = _home(fault, same) or first.get(fault.key)
        at = min(now_s, max(fault.decided_s + fault.cadence_s, fault.ended_s or 0))
        if home is not None and is_flapping([*same, fault], at):
            _flapping(fault, same, events, done)
        elif home is not None:
            done.suppress(fault, By.MERGED, home.id)
            if fault.lasting or home.state in DONE:
                done.woken.add(home.id)
        else:
            first[fault.key] = fault


def _home(fault: Fault, same: Iterable[Fault]) -> Fault | None:
    """The alert of the fault's key that is live, or was done so recently that this is the same one."""
    near = [
        e
        for e in same
        if e.live or (e.state in DONE and (e.ended_s is None or fault.since_s - e.ended_s <= fault.rule.merge_s))
    ]
    return max(near, key=lambda f: f.since_s, default=None)


def _flapping(fault: Fault, same: Sequence[Fault], events: Mapping[tuple[str, str], list[Fault]], done: Triage) -> None:
    members = [fault, *(e for e in same if e.live and not e.acknowledged)]
    parts = Collapse("flapping", min(m.since_s for m in members), tuple(m.id for m in members))
    known = events.get((fault.subject, "flapping"), [])
    target = next((e.id for e in known if e.live), None) or next(
        (i for i, c in done.made.items() if c.kind == "flapping" and c.meter_no == fault.meter_no), None
    )
    if target is None:
        target = alert_id("flapping", parts.since_s, meter_no=fault.meter_no, gateway=fault.gateway)
        done.made[target] = Collapse(
            "flapping", parts.since_s, parts.members, fault.gateway, fault.site_id, meter_no=fault.meter_no,
            meter_id=fault.meter_id, building_id=fault.building_id,
        )  # fmt: skip
    for member in members:
        done.suppress(member, By.FLAPPING, target)


def _under_meters(ripe: Sequence[Fault], around: Surroundings, done: Triage) -> None:
    """Submeters under a meter above that shows the same fault; the alert of the meter above stays."""
    left = _left(ripe, done)
    live = [f for f in around.known if f.live and f.id not in done.verdicts]
    for fault in [*left, *(f for f in live if not f.acknowledged)]:
        top = above(fault, [*left, *live], around.parents)
        if top is not None:
            done.suppress(fault, By.METER, top.id)


def _weather(ripe: Sequence[Fault], around: Surroundings, done: Triage) -> None:
    free = _left([*ripe, *(f for f in around.known if f.live and not f.acknowledged)], done)
    standing = {f.station: f for f in around.known if f.live and f.kind == "weather"}
    for fault in _left(ripe, done):
        shift = standing.get(fault.station)
        if shift and fault.rule.priced and abs(fault.since_s - shift.since_s) <= 24 * 3600:
            done.suppress(fault, By.WEATHER, shift.id)
    for shift_found in weather_shifts(_left(free, done), around.station_meters, around.extremes):
        if shift_found.station not in standing:
            _collapse(shift_found, {f.id: f for f in free}, around.known, done)


def _collapse(outage: Collapse, free: Mapping[UUID, Fault], known: Iterable[Fault], done: Triage) -> None:
    """Put the members under one alert: the one of this subject that there is, else a new one."""
    target = alert_id(outage.kind, outage.since_s, gateway=outage.gateway, site=outage.site_id, station=outage.station)
    stand_in = Fault(
        target, outage.kind, State.PROVISIONAL, outage.since_s, outage.since_s, outage.since_s,
        gateway=outage.gateway, site_id=outage.site_id, station=outage.station,
    )  # fmt: skip
    home = _home(stand_in, [e for e in known if e.key == stand_in.key])
    if home is not None:
        target = home.id
        done.woken.add(target)
    else:
        done.made[target] = outage
    for member in outage.members:
        if member in free and member != target:
            done.suppress(free[member], _BY_KIND[outage.kind], target)


def _left(faults: Iterable[Fault], done: Triage) -> list[Fault]:
    return [f for f in faults if f.id not in done.verdicts]


def _by_key(faults: Iterable[Fault]) -> dict[tuple[str, str], list[Fault]]:
    groups: dict[tuple[str, str], list[Fault]] = defaultdict(list)
    for fault in {f.id: f for f in faults}.values():
        groups[fault.key].append(fault)
    return groups
