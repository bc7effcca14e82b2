"""A fault as the rules see it: one event of a meter, gateway, site or station, with what surrounds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from redaptive.domain.alerts.kinds import AlertKind, kind_or_default
from redaptive.domain.alerts.states import LIVE, State

NO_GATEWAY: Final = 0


@dataclass(frozen=True)
class Fault:
    """One alert row. Times are epoch seconds UTC: `since_s` and `ended_s` of the event, `confirmed_s` of the row.

    `ended_s` None: the condition lasts. `parent_id`: the alert that it belongs to already. `look_s`: the time up to
    which its readings are looked at next, 0 before the first look.
    """

    id: UUID
    kind: str
    state: State
    since_s: int
    decided_s: int
    confirmed_s: int
    ended_s: int | None = None
    meter_no: int = 0
    meter_id: UUID | None = None
    building_id: UUID | None = None
    site_id: UUID | None = None
    station: str = ""
    gateway: int = NO_GATEWAY
    cadence_s: int = 900
    parent_id: UUID | None = None
    acknowledged: bool = False
    commodity: str = ""
    look_s: int = 0

    @property
    def rule(self) -> AlertKind:
        """The kind's rule."""
        return kind_or_default(self.kind)

    @property
    def live(self) -> bool:
        """Open, acknowledged or in progress."""
        return self.state in LIVE

    @property
    def lasting(self) -> bool:
        """The condition is not gone."""
        return self.ended_s is None

    @property
    def subject(self) -> str:
        """What it is about: a meter, else a gateway, else a site, else a station."""
        if self.meter_no:
            return f"meter {self.meter_no}"
        if self.gateway:
            return f"gateway {self.gateway}"
        return f"site {self.site_id}" if self.site_id else f"station {self.station}"

    @property
    def key(self) -> tuple[str, str]:
        """Subject and kind: alerts with one key that follow each other closely are one alert."""
        return self.subject, self.kind
