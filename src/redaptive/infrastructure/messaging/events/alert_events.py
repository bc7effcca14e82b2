"""Events of alerts, topic `alerts`; the key is the alert's id."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import AwareDatetime, Field

from redaptive.infrastructure.messaging.events.event_data import EventData


class AlertOpened(EventData):
    """An alert became visible to people."""

    type = "alert.opened"
    topic = "alerts"

    alert_id: UUID
    kind: str
    severity: str
    building_id: UUID | None = None
    meter_id: UUID | None = None
    since: AwareDatetime = Field(description="Start of the first interval of the event.")
    decided_at: AwareDatetime = Field(description="Start of the interval that decided it.")
    excess_kwh_per_day: float | None = None
    usd_per_day: Decimal | None = Field(default=None, description="None: no tariff is known.")
    sentence: str = Field(default="", description="The evidence in one sentence.")


class AlertChanged(EventData):
    """An alert went from one state to another."""

    type = "alert.changed"
    topic = "alerts"

    alert_id: UUID
    kind: str
    before: str
    after: str
    actor: str = Field(description="Who did it: a person's subject, or `desk`.")
    reason: str = ""


class AlertClosed(EventData):
    """An alert ended: the condition is gone, or somebody resolved it."""

    type = "alert.closed"
    topic = "alerts"

    alert_id: UUID
    kind: str
    state: str = Field(description="resolved, closed or withdrawn.")
    ended_at: AwareDatetime | None = None
    cause: str | None = Field(default=None, description="The cause that the resolving person gave.")
