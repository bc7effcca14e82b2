"""One event as it travels: who, when, about what, and the typed data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging.events.catalogue import event_type
from redaptive.infrastructure.messaging.events.event_data import EventData


@dataclass(frozen=True)
class Event:
    """A fact that happened. `tenant` None is the platform itself; `key` names what it is about and gives order."""

    id: UUID
    tenant: UUID | None
    occurred_at: datetime
    source: str
    correlation_id: str
    key: str
    data: EventData

    @property
    def topic(self) -> str:
        """The stream it goes to."""
        return self.data.topic


class Envelope(BaseModel):
    """The wire form of an event; `data` follows the schema of `type` and `version`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID = Field(description="Given by the producer; a second copy has the same.")
    type: str
    version: int = Field(ge=1)
    tenant: UUID | None = Field(description="Null: of the platform itself.")
    occurred_at: AwareDatetime
    source: str = Field(description="Part of the platform that says it.")
    correlation_id: str = Field(description="Trace or run that caused it; may be empty.")
    key: str = Field(description="What it is about; events of one key keep their order.")
    data: dict[str, JsonValue]


def new_event(
    data: EventData,
    *,
    tenant: UUID | None,
    source: str,
    key: str,
    correlation_id: str = "",
    occurred_at: datetime | None = None,
    event_id: UUID | None = None,
) -> Event:
    """An event of now with an id of its own; give `event_id` where the same fact may be told twice."""
    return Event(event_id or uuid4(), tenant, occurred_at or datetime.now(UTC), source, correlation_id, key, data)


def to_json(event: Event) -> str:
    """The event as JSON text."""
    return Envelope(
        id=event.id,
        type=event.data.type,
        version=event.data.version,
        tenant=event.tenant,
        occurred_at=event.occurred_at,
        source=event.source,
        correlation_id=event.correlation_id,
        key=event.key,
        data=event.data.model_dump(mode="json"),
    ).model_dump_json()


def from_json(text: str | bytes) -> Event:
    """The event of a JSON text; raises InvalidInput naming the first field that does not fit."""
    try:
        found = Envelope.model_validate_json(text)
        data = event_type(found.type, found.version).model_validate(found.data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The event does not fit its schema: {first['msg']}", field=place or "event") from error
    return Event(found.id, found.tenant, found.occurred_at, found.source, found.correlation_id, found.key, data)
