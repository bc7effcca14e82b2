"""Many faults with one cause are one alert: a dead gateway, a dark site, a heat wave, a meter above another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import DAY_S, HOUR_S, Group

SHARE: Final = 0.2
LEAST: Final = 5
LEAST_WEATHER: Final = 10
SITE_SHARE: Final = 0.8
WINDOW_CADENCES: Final = 2
WEATHER_WINDOW_S: Final = 6 * HOUR_S
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Collapse:
    """One alert to be made in place of many: its kind, its subject, its start and the faults that it stands for."""

    kind: str
    since_s: int
    members: tuple[UUID, ...]
    gateway: int = 0
    site_id: UUID | None = None
    station: str = ""
    meter_no: int = 0
    meter_id: UUID | None = None
    building_id: UUID | None = None


@dataclass(frozen=True)
class Extremes:
    """Air temperature at a station now, and the range in which it lies 96 % of the year, °C."""

    now_c: float
    low_c: float
    high_c: float

    @property
    def extreme(self) -> bool:
        """Outside the range."""
        return not self.low_c <= self.now_c <= self.high_c


def gateway_outages(gaps: Iterable[Fault], meters: Mapping[int, int]) -> list[Collapse]:
    """Gateways of which at least 20 % (and 5) of the meters fell silent within two cadences.

    `gaps` are lasting gaps; `meters` the number of meters behind each gateway.
    """
    found = []
    for gateway, faults in _by(gaps, lambda f: f.gateway).items():
        together = largest_cluster(faults, WINDOW_CADENCES * max(f.cadence_s for f in faults))
        if gateway and _many(together, meters.get(gateway, 0), SHARE, LEAST):
            sites = {f.site_id for f in together}
            site = next(iter(sites)) if len(sites) == 1 else None
            found.append(Collapse("gateway_silent", _since(together), _ids(together), gateway, site))
    return found


def site_outages(gaps: Iterable[Fault], silent: Iterable[Fault], meters: Mapping[UUID, int]) -> list[Collapse]:
    """Sites of which at least 80 % (and 5) of the meters are silent, behind two gateways or none that is known.

    `silent` are the live alerts of gateways: they become part of the site's alert together with the gaps.
    """
    found = []
    gateways = list(silent)
    for site, faults in _by(gaps, lambda f: f.site_id).items():
        behind = {f.gateway for f in faults}
        if site is None or (len(behind) == 1 and 0 not in behind):
            continue
        if _many(faults, meters.get(site, 0), SITE_SHARE, LEAST):
            members = [*faults, *(g for g in gateways if g.gateway in behind)]
            found.append(Collapse("site_outage", _since(faults), _ids(members), site_id=site))
    return found


def weather_shifts(
    faults: Iterable[Fault], meters: Mapping[str, int], extremes: Mapping[str, Extremes]
) -> list[Collapse]:
    """Stations in extreme weather where at least 20 % (and 10) of the meters began to use more within six hours."""
    excess = [f for f in faults if f.rule.group is Group.EXCESS and f.lasting]
    found = []
    for station, group in _by(excess, lambda f: f.station).items():
        if not station or station not in extremes or not extremes[station].extreme:
            continue
        together = largest_cluster(group, WEATHER_WINDOW_S)
        if _many(together, meters.get(station, 0), SHARE, LEAST_WEATHER):
            found.append(Collapse("weather", _since(together), _ids(together), station=station))
    return found


def above(fault: Fault, live: Iterable[Fault], parents: Mapping[UUID, UUID]) -> Fault | None:
    """The alert of a meter above `fault`'s that shows the same family of fault within a day, the highest one."""
    chain = _ancestors(fault.meter_id, parents)
    candidates = [
        other
        for other in live
        if other.meter_id in chain
        and other.rule.family == fault.rule.family != ""
        and abs(other.since_s - fault.since_s) <= DAY_S
    ]
    return max(candidates, key=lambda f: chain.index(f.meter_id), default=None)


def largest_cluster(faults: Sequence[Fault], window_s: int) -> list[Fault]:
    """The most faults, one per meter, whose starts lie within `window_s` of each other."""
    ordered = sorted(faults, key=lambda f: (f.since_s, f.meter_no))
    best: list[Fault] = []
    first = 0
    for last, fault in enumerate(ordered):
        while fault.since_s - ordered[first].since_s > window_s:
            first += 1
        if last - first + 1 > len(best):
            best = ordered[first : last + 1]
    return list({f.meter_no: f for f in best}.values())


def _ancestors(meter: UUID | None, parents: Mapping[UUID, UUID]) -> list[UUID | None]:
    chain: list[UUID | None] = []
    current = parents.get(meter) if meter else None
    while current is not None and current not in chain:
        chain.append(current)
        current = parents.get(current)
    return chain


def _by(faults: Iterable[Fault], key: Callable[[Fault], K]) -> dict[K, list[Fault]]:
    groups: dict[K, list[Fault]] = defaultdict(list)
    for fault in faults:
        groups[key(fault)].append(fault)
    return groups


def _many(faults: Sequence[Fault], total: int, share: float, least: int) -> bool:
    count = len({f.meter_no for f in faults})
    return count >= least and count >= share * total


def _since(faults: Iterable[Fault]) -> int:
    return min(f.since_s for f in faults)


def _ids(faults: Iterable[Fault]) -> tuple[UUID, ...]:
    return tuple(f.id for f in faults)
