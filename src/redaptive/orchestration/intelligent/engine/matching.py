"""Events and what is made of them: do they fit, which run do they start, with which inputs."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from redaptive.orchestration.plans.comparison import equal
from redaptive.orchestration.plans.references import Scope
from redaptive.orchestration.state.run_records import JsonObject

EVENT: Final = "event"
"""Root of references to the event in a trigger's inputs."""


def fits(data: JsonObject, match: JsonObject) -> bool:
    """Whether every field of `match` has that value in the event's data."""
    return all(name in data and equal(data[name], value) for name, value in match.items())


def run_id_of(event_id: UUID, trigger: str) -> str:
    """Id of the run that an event starts; by the producer's id, since places in a stream may come again."""
    return f"evt:{event_id}:{trigger}"


def inputs_of(mapping: JsonObject, data: JsonObject) -> JsonObject:
    """The inputs of a run by a trigger's mapping.

    >>> inputs_of({"alert": "$event.id", "days": 7}, {"id": "A1"})
    {'alert': 'A1', 'days': 7}

    :raises InvalidInput: when the event has no such field.
    """
    found = Scope({}, {EVENT: data}).resolve(dict(mapping))
    assert isinstance(found, dict)
    return found
