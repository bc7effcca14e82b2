"""All event types; one that is not listed here can neither be published nor read."""

from __future__ import annotations

from typing import Final

from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging.events.alert_events import AlertChanged, AlertClosed, AlertOpened
from redaptive.infrastructure.messaging.events.document_events import DocumentReceived
from redaptive.infrastructure.messaging.events.event_data import EventData
from redaptive.infrastructure.messaging.events.metering_events import (
    GatewayGap,
    GatewaySilent,
    LogDamaged,
    MeterRegisterReset,
    ReadingsFlushed,
    StreamLagging,
)
from redaptive.infrastructure.messaging.events.workflow_events import (
    WorkflowNodeFinished,
    WorkflowNodeStarted,
    WorkflowRunFinished,
    WorkflowRunStarted,
)

EVENT_TYPES: Final[tuple[type[EventData], ...]] = (
    AlertOpened,
    AlertChanged,
    AlertClosed,
    MeterRegisterReset,
    GatewaySilent,
    GatewayGap,
    ReadingsFlushed,
    StreamLagging,
    LogDamaged,
    WorkflowRunStarted,
    WorkflowNodeStarted,
    WorkflowNodeFinished,
    WorkflowRunFinished,
    DocumentReceived,
)
_BY_NAME: Final = {(kind.type, kind.version): kind for kind in EVENT_TYPES}
TOPICS: Final = tuple(sorted({kind.topic for kind in EVENT_TYPES}))


def event_type(name: str, version: int) -> type[EventData]:
    """The type of a name and version; raises InvalidInput when this release does not know it."""
    found = _BY_NAME.get((name, version))
    if found is None:
        raise InvalidInput(
            f"There is no event type {name} in version {version}.",
            field="type",
            fix=f"Known are {', '.join(sorted({kind.type for kind in EVENT_TYPES}))}; a newer release may know more.",
        )
    return found


def check_topic(topic: str) -> str:
    """The topic itself; raises InvalidInput when there is none of that name."""
    if topic not in TOPICS:
        raise InvalidInput(f"There is no topic {topic}.", field="topic", fix=f"There are {', '.join(TOPICS)}.")
    return topic
