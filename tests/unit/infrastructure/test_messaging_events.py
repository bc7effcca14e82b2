"""Event types: every event survives the wire, the schemas are up to date, released ones never change."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest
from pydantic import Field

from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging.events.alert_events import AlertOpened
from redaptive.infrastructure.messaging.events.catalogue import EVENT_TYPES, TOPICS, check_topic
from redaptive.infrastructure.messaging.events.envelope import Event, from_json, new_event, to_json
from redaptive.infrastructure.messaging.events.event_data import EventData
from redaptive.infrastructure.messaging.events.event_schemas import (
    FOLDER,
    RELEASED,
    file_name,
    schema_hash,
    schema_of,
    schema_pages,
)

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPENED = AlertOpened(
    alert_id=UUID(int=5), kind="leak", severity="high", since=NOON, decided_at=NOON, usd_per_day=Decimal("12.30")
)


def event(data: EventData = OPENED) -> Event:
    return new_event(data, tenant=UUID(int=1), source="test", key="k", correlation_id="run-1", occurred_at=NOON)


def test_an_event_comes_back_from_its_text_with_exact_money() -> None:
    found = from_json(to_json(event()))
    assert found.data == OPENED
    assert isinstance(found.data, AlertOpened)
    assert str(found.data.usd_per_day) == "12.30"
    assert (found.tenant, found.key, found.correlation_id, found.occurred_at) == (UUID(int=1), "k", "run-1", NOON)
    assert found.topic == "alerts"


def test_ids_are_new_unless_given() -> None:
    assert event().id != event().id
    assert new_event(OPENED, tenant=None, source="s", key="k", event_id=UUID(int=9)).id == UUID(int=9)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "alert.unheard"}, "type"),
        ({"version": 2}, "type"),
        ({"version": 0}, "version"),
        ({"occurred_at": "2026-03-01T12:00:00"}, "occurred_at"),
        ({"surprise": 1}, "surprise"),
        ({"data": {"alert_id": "x"}}, "alert_id"),
    ],
)
def test_an_event_that_does_not_fit_is_refused_by_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        from_json(json.dumps({**json.loads(to_json(event())), **change}))
    assert caught.value.field == field


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidInput):
        from_json(b"\xff{")


def test_names_are_unique_and_topics_are_known() -> None:
    names = [(kind.type, kind.version) for kind in EVENT_TYPES]
    assert len(set(names)) == len(names)
    assert [check_topic(topic) for topic in TOPICS] == ["alerts", "documents", "metering", "workflow"]
    with pytest.raises(InvalidInput, match="no topic"):
        check_topic("weather")


@pytest.mark.parametrize("path", sorted(schema_pages()), ids=str)
def test_the_schema_files_are_up_to_date(path: Path) -> None:
    assert (ROOT / path).read_text() == schema_pages()[path], "run `make docs`"


def test_no_schema_file_is_left_over() -> None:
    expected = {path.name for path in schema_pages()} | {RELEASED}
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == expected


def test_released_schemas_never_change() -> None:
    released = json.loads((ROOT / FOLDER / RELEASED).read_text())
    now = {file_name(kind): schema_hash(schema_of(kind)) for kind in EVENT_TYPES}
    changed = {name for name, pinned in released.items() if now.get(name) != pinned}
    assert not changed, "make a new version beside the old one"
    assert len(released) > 10


def test_the_pin_notices_a_field_but_no_text() -> None:
    def kind(text: str, **fields: type) -> type[EventData]:
        made = {"field": int, "title": str} | fields
        body = {"__annotations__": {**made, "type": ClassVar[str], "topic": ClassVar[str]}}
        return type("Made", (EventData,), {**body, "__doc__": text, "type": "x", "topic": "alerts", "title": Field("")})

    pin = schema_hash(schema_of(kind("One.")))
    assert pin == schema_hash(schema_of(kind("Two.")))
    assert pin != schema_hash(schema_of(kind("One.", other=int)))
    assert pin != schema_hash(schema_of(kind("One.", field=float)))
    assert pin != schema_hash(schema_of(kind("One.", title=int))), "a field may be called title"
