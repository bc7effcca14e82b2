"""`redaptive runs trigger`: plans that events start."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.runs_input import inputs_of
from redaptive.cli.runs_session import AsJson, PatternName, PlanFile, Priority, Who, kept, plan_option
from redaptive.errors import InvalidInput
from redaptive.orchestration.control.triggers import Cause, Trigger, Triggers
from redaptive.orchestration.state.run_records import JsonObject
from redaptive.web.blocks import Column, Table

_TEACH = """Plans that events start.

\b
  redaptive runs trigger add respond --event alert.opened --match severity=critical --plan respond.json
                                     --input alert='$event.alert_id'
  redaptive runs trigger list
"""
app = typer.Typer(help=_TEACH, no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the trigger.", metavar="NAME")]


@app.command()
def add(
    name: Name,
    event: Annotated[str, typer.Option(help="Type of the events, e.g. alert.opened.")],
    plan: PlanFile = None,
    pattern: PatternName = None,
    match: Annotated[list[str] | None, typer.Option(help="field=value that the event must have; repeat.")] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help="name=value, or name='$event.field'; repeat.")
    ] = None,
    priority: Priority = 100,
    who: Who = None,
) -> None:
    """Write a trigger, new or in the place of the one of that name; its runs have your rights."""
    chosen = plan_option(plan, pattern)
    cause = Cause(event, _matched(match or ()), inputs_of(chosen, inputs or ()))
    _tell(kept(Triggers, lambda triggers: triggers.put(name, cause, chosen, priority=priority), who))


@app.command("list")
def list_triggers(as_json: AsJson = False) -> None:
    """Show the triggers."""
    found = kept(Triggers, lambda triggers: triggers.all())
    if as_json:
        print_json([asdict(each) for each in found])
        return
    names = ("name", "event", "match", "plan", "inputs", "by", "state")
    rows = tuple(
        (
            each.name, each.event_type, _short(each.match), str(each.plan.get("id", "")), _short(each.inputs),
            each.created_by, "starts" if each.enabled else "rests",
        )
        for each in found
    )  # fmt: skip
    print_table(Table("triggers", "Triggers", tuple(Column(n, n) for n in names), rows))


@app.command()
def rest(name: Name) -> None:
    """Let a trigger rest; events that come meanwhile start nothing, later neither."""
    kept(Triggers, lambda triggers: triggers.enable(name, False))
    say(f"Trigger {name} rests. Let it start runs again: `redaptive runs trigger wake {name}`.")


@app.command()
def wake(name: Name) -> None:
    """Let a trigger start runs again."""
    _tell(kept(Triggers, lambda triggers: triggers.enable(name, True)))


@app.command()
def remove(name: Name) -> None:
    """Delete a trigger; the runs that it started stay."""
    kept(Triggers, lambda triggers: triggers.remove(name))
    say(f"Trigger {name} is deleted.")


def _matched(pairs: Sequence[str]) -> JsonObject:
    """field=value pairs; a value that is no JSON is a text."""
    found: JsonObject = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise InvalidInput(f"{pair!r} is no condition.", field="--match", fix="Write field=value.")
        try:
            found[name] = json.loads(text)
        except json.JSONDecodeError:
            found[name] = text
    return found


def _tell(trigger: Trigger) -> None:
    where = f" with {_short(trigger.match)}" if trigger.match else ""
    say(f"Trigger {trigger.name} starts {trigger.plan.get('id')} with each event {trigger.event_type}{where}.")


def _short(values: JsonObject) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
