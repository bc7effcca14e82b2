"""`redaptive intents`: what people may ask for, and the batch evaluation of how sentences are understood."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from redaptive.agents.catalogue import catalogue
from redaptive.app import App
from redaptive.cli.jsonl import Line, answer_lines, context_in, id_of
from redaptive.cli.moment import Now, moment
from redaptive.cli.output import out, print_json, say
from redaptive.cli.session import with_app
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.orchestration.context.given import slots_of, turns_of
from redaptive.orchestration.context.slots import Memory
from redaptive.orchestration.context.understanding import Reader
from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import EnergyIntent, intent, intents
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex
from redaptive.orchestration.intelligent.matchers.entities.tenant_names import StoreNames
from redaptive.orchestration.intelligent.matchers.intent_model import packaged_model
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.settings import Settings

app = typer.Typer(help="Intents: what a sentence may ask for, and how it is understood.", no_args_is_help=True)
_EXAMPLES = 3


@app.command("list")
def list_intents(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable, with the model's figures.")] = False,
) -> None:
    """Show the intents: one for each tool, and the workflows."""
    found = [_intent_row(i) for i in intents().values()]
    if as_json:
        print_json({"model": packaged_model().card.model_dump(), "intents": found})
        return
    for agent in dict.fromkeys(i.name.partition(".")[0] for i in intents().values()):
        out.print(f"[bold]{agent}[/]")
        for each in intents().values():
            if each.name.startswith(f"{agent}."):
                out.print(f"  {each.name.partition('.')[2]:30} {each.title}{_note(each)}", soft_wrap=True)


def _note(found: EnergyIntent) -> str:
    """What stands in grey behind an intent: an effect, or that its agent is still to come."""
    notes = [
        *([] if found.reads_only else [f"changes: {found.side_effect}"]),
        *([] if found.available else ["not built yet"]),
    ]
    return f" [dim]({'; '.join(notes)})[/]" if notes else ""


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="e.g. energy-monitoring.detect_anomalies")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable, with the tool's input schema.")] = False,
) -> None:
    """Show one intent: what it does and changes, who may use it, how people ask for it."""
    found = intent(name)
    tool = catalogue().get(name)
    row = _intent_row(found) | {"scopes": sorted(found.scopes), "examples": _examples(name)}
    if as_json:
        print_json(row | {"input_schema": None if tool is None else dict(tool.input_schema)})
        return
    out.print(f"[bold]{name}[/]: {found.title}")
    out.print(f"  changes   {found.side_effect}")
    out.print(f"  scopes    {', '.join(row['scopes']) or 'those of its steps'}")
    out.print(f"  available {'yes' if found.available else 'not built yet'}")
    if tool is not None:
        out.print(f"  inputs    {', '.join(tool.input_schema.get('properties', {}))}")
    for example in row["examples"]:
        out.print(f"  asked as  {example}", markup=False)


@app.command()
def classify(
    jsonl: Annotated[Path, typer.Option("--jsonl", help='Lines {"id", "text", "context"?}; - for standard input.')],
    database: Annotated[
        bool | None,
        typer.Option("--database/--no-database", help="Resolve names in the database; default: if one is running."),
    ] = None,
    embeddings: Annotated[bool, typer.Option(help="Use the sentence encoder where it is installed.")] = True,
    now: Now = None,
    timezone: Annotated[str, typer.Option(help="Time zone of dates in words.")] = "UTC",
    fiscal_start_month: Annotated[int, typer.Option(min=1, max=12, help="First month of the fiscal year.")] = 1,
) -> None:
    """Classify the sentences of a file: a line of JSON out for each line in, bad lines with their error.

    `context` is what was said before: a list of sentences or of messages ({"role", "content"}), one sentence,
    {"turns": [{"text"}, ...]}, or slots such as {"building_id": "B-1"}; together where they come together.
    """
    calendar = Calendar.at(moment(now), timezone, fiscal_start_month)
    model = packaged_model(embeddings=embeddings)
    if model.mode == "lexical":
        say("Without sentence embeddings: understanding is less good (extra `embeddings`).")
    reader = Reader(NluMatcher(model), calendar, _names(database))
    answer_lines(jsonl, lambda line, number: _understood(line, number, reader))


def _understood(line: Line, number: int, reader: Reader) -> Line:
    given = context_in(line, number)
    found = reader.read(line["text"], _memory(given, reader))
    return {"id": id_of(line, number), **found.as_dict()}


def _memory(given: object, reader: Reader) -> Memory:
    """The memory after the turns of a context, with the slots that it names; whatever names an intent is believed."""
    memory, now = Memory(), reader.calendar.instants_now()
    for text, named in turns_of(given):
        memory = reader.remember(reader.read(text, memory, now), memory, now)
        memory = _intending(named, memory, now)
    slots, named = slots_of(given, reader.calendar)
    return _intending(named, memory.with_slots(slots, "said", now), now)


def _intending(named: str | None, memory: Memory, now: datetime) -> Memory:
    return memory.with_slots({"intent": named}, "said", now) if named else memory


def _names(database: bool | None) -> NameIndex | None:
    """The tenant's names: asked for, or there because a database is running; else None, also where it only seems to."""
    if database is False or (database is None and not _running()):
        return None
    try:
        return _read_names()
    except RedaptiveError as error:
        if database:
            raise
        say(f"Names are not resolved: {error.message}")
        return None


def _read_names() -> NameIndex:

    async def read(running: App) -> NameIndex:
        return NameIndex(await StoreNames(running.pools, await running.tenant_id(create=True)).names())

    return with_app(read, quiet=True)


def _running() -> bool:
    return any(
        s.name == "database" and s.state in ("running", "external") for s in ServiceSupervisor(Settings()).status()
    )


def _intent_row(found: EnergyIntent) -> Line:
    return {"intent": found.name, "does": found.title, "changes": found.side_effect, "available": found.available}


def _examples(name: str) -> list[str]:
    source = files("redaptive.reference").joinpath("language", "utterances", f"{name}.txt")
    lines = [
        line for line in source.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")
    ]
    return lines[:_EXAMPLES]
