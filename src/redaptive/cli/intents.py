"""`redaptive intents`: what people may ask for, and the batch evaluation of how sentences are understood."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO, Annotated, Any, TypeAlias

import typer

from redaptive.agents.catalogue import catalogue
from redaptive.app import App
from redaptive.cli.moment import Now, moment
from redaptive.cli.output import err, out, print_json, progress_bars, say
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput, RedaptiveError
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
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
Row: TypeAlias = dict[str, Any]
_EXAMPLES = 3
_SHAPE = 'Write {"id": "1", "text": "..."}, one object a line.'


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

    `context` is what was said before: a list of sentences, one sentence, or {"turns": [{"text"}, ...]}.
    """
    calendar = Calendar.at(moment(now), timezone, fiscal_start_month)
    model = packaged_model(embeddings=embeddings)
    if model.mode == "lexical":
        say("Without sentence embeddings: understanding is less good (extra `embeddings`).")
    reader = Reader(NluMatcher(model), calendar, _names(database))
    with _opened(jsonl) as lines:
        bad = _run(lines, reader)
    if bad:
        raise typer.Exit(1)


def _run(lines: IO[str], reader: Reader) -> int:
    """Classifies line by line; how many lines were bad."""
    bad = 0
    with progress_bars() as bars:
        task = bars.add_task("sentences", total=None)
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            answer = _line(line, number, reader)
            bad += "error" in answer
            print(json.dumps(answer, default=str), flush=True)
            bars.advance(task)
    if bad:
        err.print(f"{bad} of the lines could not be used; the error of each is in the output.")
    return bad


def _line(line: str, number: int, reader: Reader) -> Row:
    request: Row = {}
    try:
        request = _object(line, number)
        text = _text(request, number)
        understood = reader.read(text, _memory(request.get("context"), reader, number))
        return {"id": request.get("id"), **understood.as_dict()}
    except RedaptiveError as error:
        return {"id": request.get("id"), "line": number, "error": error.as_dict()}


def _object(line: str, number: int) -> Row:
    try:
        request = json.loads(line)
    except json.JSONDecodeError as error:
        message = f"Line {number} is no JSON: {error.msg} at column {error.colno}."
        raise InvalidInput(message, field=str(number), fix=_SHAPE) from None
    if not isinstance(request, dict):
        raise InvalidInput(f"Line {number} is no JSON object.", field=str(number), fix=_SHAPE)
    return request


def _text(request: Row, number: int) -> str:
    text = request.get("text")
    if not isinstance(text, str):
        raise InvalidInput(f"Line {number} has no text.", field=f"{number}:text", fix=_SHAPE)
    return text


def _memory(context: object, reader: Reader, number: int) -> Memory:
    """The memory after the sentences of `context`."""
    memory, now = Memory(), reader.calendar.instants_now()
    for text in _before(context, number):
        memory = reader.remember(reader.read(text, memory, now), memory, now)
    return memory


def _before(context: object, number: int) -> list[str]:
    if context is None:
        return []
    if isinstance(context, str):
        return [context]
    said = context.get("turns", context.get("previous", [])) if isinstance(context, Mapping) else context
    texts = [t.get("text") if isinstance(t, Mapping) else t for t in said] if isinstance(said, list) else [None]
    if not all(isinstance(t, str) for t in texts):
        fix = 'Give a list of sentences, or {"turns": [{"text": "..."}]}.'
        raise InvalidInput(f"The context of line {number} cannot be read.", field=f"{number}:context", fix=fix)
    return [t for t in texts if isinstance(t, str)]


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    if str(path) == "-":
        yield sys.stdin
        return
    try:
        with path.open(encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", field="--jsonl") from None


def _names(database: bool | None) -> NameIndex | None:
    """The tenant's names: asked for, or there because a database is running; else None."""
    if database is False or (database is None and not _running()):
        return None

    async def read(running: App) -> NameIndex:
        return NameIndex(await StoreNames(running.pools, await running.tenant_id(create=True)).names())

    return with_app(read, quiet=True)


def _running() -> bool:
    return any(
        s.name == "database" and s.state in ("running", "external") for s in ServiceSupervisor(Settings()).status()
    )


def _intent_row(found: EnergyIntent) -> Row:
    return {"intent": found.name, "does": found.title, "changes": found.side_effect, "available": found.available}


def _examples(name: str) -> list[str]:
    source = files("redaptive.reference").joinpath("language", "utterances", f"{name}.txt")
    lines = [
        line for line in source.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")
    ]
    return lines[:_EXAMPLES]
