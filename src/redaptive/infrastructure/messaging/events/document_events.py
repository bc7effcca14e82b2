"""Events of files, topic `documents`; the key is the file's SHA-256."""

from __future__ import annotations

from pydantic import Field

from redaptive.infrastructure.messaging.events.event_data import EventData


class DocumentReceived(EventData):
    """A file was taken and kept; it is not read yet."""

    type = "document.received"
    topic = "documents"

    sha256: str
    filename: str
    kind: str = Field(description="What the sender says it is: bill, report, readings; empty if it does not.")
    size_bytes: int
    received_from: str
