"""`redaptive plan`: the plan for a sentence, or for every line of a file; nothing is run and no database is needed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from redaptive.agents.catalogue import catalogue
from redaptive.cli.jsonl import Line, answer_lines, context_in, id_of
from redaptive.cli.moment import Now, moment
from redaptive.cli.output import out, print_json
from redaptive.errors import InvalidInput
from redaptive.orchestration.intelligent.dag_drawing import to_ascii, to_mermaid
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.orchestration.intelligent.planners.conversation import context_from
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, PlanRequest
from redaptive.orchestration.intelligent.planners.planner import Knowledge, Planner
from redaptive.settings import Settings

Clock = Callable[[], datetime]


def plan(
    text: Annotated[str | None, typer.Argument(help="What you want to know or have done.")] = None,
    given_text: Annotated[str | None, typer.Option("--text", help="The same, as an option.")] = None,
    jsonl: Annotated[Path | None, typer.Option(help='File of lines {"id", "text", "context"?}; - is stdin.')] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print the plan as a Mermaid diagram.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    now: Now = None,
) -> None:
    """Make the plan for a sentence and show it; run nothing. With --jsonl, one line of JSON for each line of a file.

    Works without a database: then codes are taken as they are written. `redaptive ask` checks them, and runs the plan.
    """
    sentence = text or given_text
    if jsonl is not None:
        _batch(jsonl, clock_at(now))
    elif sentence:
        _one(sentence, clock_at(now), mermaid=mermaid, as_json=as_json)
    else:
        raise InvalidInput("There is nothing to plan.", field="text", fix='Say: redaptive plan "...", or --jsonl FILE.')


def offline_planner(clock: Clock) -> Planner:
    """The planner over the whole catalogue, with no database behind it."""
    return Planner(NluMatcher(), Knowledge(catalogue(), clock=clock))


def clock_at(now: str | None) -> Clock:
    """A clock that stands at the ISO time, or goes for None; raises InvalidInput for what is no time."""
    at = moment(now)
    return (lambda: datetime.now(UTC)) if now is None else (lambda: at)


def every_scope() -> frozenset[str]:
    """All scopes that tools ask for: those of the person at this machine."""
    return frozenset(tool.spec.scope for tool in catalogue().values())


def _one(sentence: str, clock: Clock, *, mermaid: bool, as_json: bool) -> None:
    outcome = offline_planner(clock).plan(PlanRequest(sentence, Settings().tenant, every_scope()))
    if as_json:
        print_json(outcome.as_dict())
    elif mermaid and outcome.plan is not None:
        print(to_mermaid(outcome.plan))
    else:
        show(outcome)
    if outcome.status == "refused":
        raise typer.Exit(1)


def show(outcome: PlanOutcome) -> None:
    """The plan as a drawing with its inputs and gates, the question, or the refusal with its reason."""
    if outcome.plan is None:
        refused = f"Refused ({outcome.reason}): {outcome.message}"
        out.print(outcome.question if outcome.status == "question" else refused, markup=False)
        return
    out.print(f"[bold]{escape(outcome.plan.title)}[/]  ({outcome.path})")
    print(to_ascii(outcome.plan))
    if outcome.inputs:
        out.print("inputs: " + json.dumps(dict(outcome.inputs), ensure_ascii=False), markup=False)
    for node in outcome.plan.nodes:
        if node.approval:
            out.print(f"gate before {node.id}: {node.approval.reason}", markup=False)
    for line in (*outcome.notes, *_absent(outcome)):
        out.print(f"note: {line}", markup=False)


def _absent(outcome: PlanOutcome) -> Iterator[str]:
    for finding in outcome.findings:
        if finding.code == "agent_unavailable":
            yield finding.message


def _batch(path: Path, clock: Clock) -> None:
    planner, asker = offline_planner(clock), PlanRequest("", Settings().tenant, every_scope())
    answer_lines(path, lambda line, number: _answer(planner, asker, line, number))


def _answer(planner: Planner, asker: PlanRequest, line: Line, number: int) -> Line:
    """The line's answer to `asker`; `elapsed_ms` counts from the sentence to the validated plan."""
    begin = time.perf_counter()
    request = _request(asker, line, number, planner.knowledge.clock())
    found = planner.plan(request).as_dict()
    elapsed = round((time.perf_counter() - begin) * 1_000, 3)
    return {"id": id_of(line, number), **found, "elapsed_ms": elapsed}


def _request(asker: PlanRequest, line: Line, number: int, now: datetime) -> PlanRequest:
    """What a line asks, in the name of whoever runs the batch."""
    text, given = str(line["text"]), context_in(line, number)
    context = context_from(given, text, NluMatcher(), Calendar.at(now), now) if given else asker.context
    return replace(asker, text=text, context=context)
