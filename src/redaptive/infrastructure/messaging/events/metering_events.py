"""Events of live metering, topic `metering`; the key is the meter, gateway or partition."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from redaptive.infrastructure.messaging.events.event_data import EventData


class MeterRegisterReset(EventData):
    """A cumulative register fell without a rollover: a reset or an exchanged meter; somebody must say which."""

    type = "meter.register_reset"
    topic = "metering"

    meter_id: UUID
    at: AwareDatetime
    before_counts: int
    after_counts: int


class GatewaySilent(EventData):
    """A gateway sends nothing any more."""

    type = "gateway.silent"
    topic = "metering"

    gateway_no: int
    code: str
    last_seen_at: AwareDatetime
    meters: int = Field(description="Meters behind it.")


class GatewayGap(EventData):
    """Batches of a gateway are missing, by its own sequence; it is asked to send them again."""

    type = "gateway.gap"
    topic = "metering"

    gateway_no: int
    first_missing: int
    last_missing: int


class ReadingsFlushed(EventData):
    """Readings of a partition are stored and committed. Of the platform, without a tenant."""

    type = "readings.flushed"
    topic = "metering"

    partition: int
    position: int = Field(description="Committed offset in the log.")
    readings: int


class StreamLagging(EventData):
    """A partition's owner is behind. Of the platform, without a tenant."""

    type = "stream.lagging"
    topic = "metering"

    partition: int
    lag_entries: int
    lag_s: float


class LogDamaged(EventData):
    """The log lost its end or unread entries. Of the platform, without a tenant."""

    type = "log.damaged"
    topic = "metering"

    partition: int
    state: str = Field(description="log_regressed or log_gap.")
    offset: int
    last: int
    advice: str
