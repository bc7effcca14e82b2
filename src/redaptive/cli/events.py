"""`redaptive events`: what happened, live or in the past; sending it again; the relay."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Annotated
from uuid import UUID

import anyio
import typer
from valkey.asyncio import Valkey

from redaptive.app import App
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.events.catalogue import TOPICS, check_topic
from redaptive.infrastructure.messaging.events.envelope import Event, to_json
from redaptive.infrastructure.messaging.events.housekeeping import keep_clean
from redaptive.infrastructure.messaging.events.relay import OutboxRelay
from redaptive.infrastructure.messaging.events.replay import Selection, select
from redaptive.infrastructure.messaging.events.replay import replay as send_again
from redaptive.infrastructure.messaging.events.streams import EventProducer, StoredEvent, follow, read_events
from redaptive.infrastructure.messaging.positions import START, position_at
from redaptive.web.blocks import Column, Table

app = typer.Typer(help="Events of alerts, metering, workflows and documents; replays.", no_args_is_help=True)
Topic = Annotated[str, typer.Argument(help=f"One of {', '.join(TOPICS)}.")]
From = Annotated[str | None, typer.Option("--from", help="ISO date or time, UTC unless a zone is given.")]
To = Annotated[str | None, typer.Option("--to", help="The first moment no longer taken.")]
Types = Annotated[list[str] | None, typer.Option("--type", help="Type, e.g. alert.opened; may be repeated.")]
Everybody = Annotated[bool, typer.Option("--all-tenants", help="Other tenants' events and the platform's too.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Dead = Annotated[bool, typer.Option("--dead", help="Of the dead letters: what consumers could not handle.")]


@app.command("list")
def list_events(
    topic: Topic,
    start: From = None,
    end: To = None,
    types: Types = None,
    dead: Dead = False,
    everybody: Everybody = False,
    as_json: AsJson = False,
) -> None:
    """Show the events of a topic, oldest first; with --dead also why each was put aside."""

    async def run(running: App) -> list[StoredEvent]:
        wanted = await _selection(running, topic, start, end, types, dead=dead, everybody=everybody)
        async with _client(running) as client:
            reading = read_events(client, topic, after=wanted.after, until=wanted.until, dead=dead)
            return [found async for found in reading if _shown(wanted, found, everybody)]

    found = with_app(run, quiet=True)
    if as_json:
        print_json([_as_dict(event) for event in found])
    else:
        print_table(_table(topic, found, dead))


@app.command()
def tail(
    topics: Annotated[list[str] | None, typer.Argument(help=f"Topics, all without: {', '.join(TOPICS)}.")] = None,
    everybody: Everybody = False,
) -> None:
    """Print events as they come, one JSON object a line, until Ctrl-C."""
    wanted = [check_topic(topic) for topic in topics or TOPICS]

    async def run(running: App) -> None:
        tenant = None if everybody else await running.tenant_id()
        async with _client(running) as client:
            async for found in follow(client, wanted):
                if everybody or (found.event is not None and found.event.tenant == tenant):
                    print(json.dumps(_as_dict(found)), flush=True)

    with_app(run, quiet=True)


@app.command()
def replay(
    topic: Topic,
    name: Annotated[str, typer.Option(help="Name of the replay; the same name again has no effect.")],
    start: From = None,
    end: To = None,
    types: Types = None,
    ids: Annotated[list[str] | None, typer.Option("--id", help="Id of an event; may be repeated.")] = None,
    dead: Dead = False,
    everybody: Everybody = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many events fit.")] = False,
) -> None:
    """Send past events to all consumers of their topic again, by time, type or id; each is handled once a replay."""

    async def run(running: App) -> int:
        chosen = _uuids(ids or [])
        wanted = await _selection(running, topic, start, end, types, chosen, dead=dead, everybody=everybody)
        async with _client(running) as client:
            return len(await select(client, wanted)) if dry_run else await send_again(client, wanted, name)

    count = with_app(run, quiet=True)
    say(f"{count} events {'fit' if dry_run else f'sent again as replay {name}'}.")


@app.command()
def relay() -> None:
    """Publish what transactions left in the outbox, until Ctrl-C; a second relay waits for the first."""

    async def run(running: App) -> None:
        async with (
            _client(running) as client,
            ConnectionPoolManager(running.urls.worker, name="relay", min_size=1, max_size=2) as pools,
        ):
            outbox = OutboxRelay(pools, EventProducer(client))
            async with anyio.create_task_group() as group:
                group.start_soon(keep_clean, client, pools, outbox)
                group.start_soon(outbox.run)

    with_app(run)


@asynccontextmanager
async def _client(running: App) -> AsyncIterator[Valkey]:
    client = connect(running.endpoints.log.url)
    try:
        yield client
    finally:
        await client.aclose()


async def _selection(
    running: App,
    topic: str,
    start: str | None,
    end: str | None,
    types: Sequence[str] | None,
    ids: Sequence[UUID] = (),
    *,
    dead: bool,
    everybody: bool,
) -> Selection:
    return Selection(
        check_topic(topic),
        after=START if start is None else max(START, _position(start, "--from") - 1),
        until=None if end is None else _position(end, "--to"),
        types=frozenset(types or ()),
        ids=frozenset(ids),
        tenants=() if everybody else (await running.tenant_id(),),
        dead=dead,
    )


def _position(text: str, field: str) -> int:
    return position_at(int(parse_time(text, field).timestamp() * 1000))


def _uuids(texts: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise InvalidInput("An event's id is a UUID.", field="--id", fix="See `redaptive events list`.") from error


def _shown(wanted: Selection, found: StoredEvent, everybody: bool) -> bool:
    # What cannot be read tells no tenant: only those who look at all tenants see it.
    return everybody if found.event is None else wanted.takes(found.event)


def _as_dict(found: StoredEvent) -> dict[str, object]:
    event = json.loads(to_json(found.event)) if found.event else {"unreadable": found.body.decode(errors="replace")}
    extra = {"replay": found.replay, "reason": found.reason}
    return {"position": found.position, **event, **{key: value for key, value in extra.items() if value}}


def _table(topic: str, events: Sequence[StoredEvent], dead: bool) -> Table:
    columns = (
        Column("occurred_at", "when (UTC)"),
        Column("type", "type"),
        Column("key", "about"),
        Column("source", "source"),
        Column("id", "id"),
        *((Column("reason", "reason"),) if dead else ()),
    )
    rows = tuple((*_cells(found.event), *((found.reason,) if dead else ())) for found in events)
    return Table("events", f"Events of {topic}", columns, rows, note=f"{len(rows)} events")


def _cells(event: Event | None) -> tuple[str, ...]:
    if event is None:
        return "–", "unreadable", "–", "–", "–"
    when = event.occurred_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return when, event.data.type, event.key, event.source, str(event.id)
