"""`redaptive runs schedule`: plans that run by the clock."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.runs_input import inputs_of
from redaptive.cli.runs_session import AsJson, PatternName, PlanFile, Priority, Who, kept, plan_option
from redaptive.orchestration.control.schedules import Schedule, Schedules, Timing
from redaptive.web.blocks import Column, Table

_TEACH = """Plans that run by the clock.

\b
  redaptive runs schedule add monday --cron "0 6 * * 1" --timezone America/Chicago --pattern portfolio_optimization
  redaptive runs schedule times "0 6 * * 1" --timezone America/Chicago
"""
app = typer.Typer(help=_TEACH, no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the schedule.", metavar="NAME")]
Cron = Annotated[str, typer.Option(help="Five fields: minute hour day month weekday.")]
Zone = Annotated[str, typer.Option(help="Time zone in which the fields are read.")]


@app.command()
def add(
    name: Name,
    cron: Cron,
    plan: PlanFile = None,
    pattern: PatternName = None,
    timezone: Zone = "UTC",
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value; repeat.")] = None,
    priority: Priority = 100,
    who: Who = None,
) -> None:
    """Write a schedule, new or in the place of the one of that name; it runs with your rights."""
    chosen = plan_option(plan, pattern)
    given, timing = inputs_of(chosen, inputs or ()), Timing(cron, timezone)

    async def work(schedules: Schedules) -> Schedule:
        return await schedules.put(name, timing, chosen, given, now=_now(), priority=priority)

    _tell(kept(Schedules, work, who))


@app.command("list")
def list_schedules(as_json: AsJson = False) -> None:
    """Show the schedules, the next due first."""
    found = kept(Schedules, lambda schedules: schedules.all())
    if as_json:
        print_json([asdict(each) for each in found])
        return
    names = ("name", "cron", "time zone", "plan", "next (UTC)", "last (UTC)", "by", "state")
    rows = tuple(
        (
            each.name, each.cron, each.timezone, str(each.plan.get("id", "")), _when(each.next_at),
            _when(each.last_at), each.created_by, "runs" if each.enabled else "rests",
        )
        for each in found
    )  # fmt: skip
    print_table(Table("schedules", "Schedules", tuple(Column(n, n) for n in names), rows))


@app.command()
def times(cron: Annotated[str, typer.Argument(help="Five fields, quoted.")], timezone: Zone = "UTC") -> None:
    """Print the next five times of a cron expression, to check it before it counts."""
    for each in Timing(cron, timezone).times(_now(), 5):
        local = "" if timezone == "UTC" else f"  {each.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %a %Z}"
        print(f"{each:%Y-%m-%d %H:%M %a} UTC{local}")


@app.command()
def rest(name: Name) -> None:
    """Let a schedule rest."""
    kept(Schedules, lambda schedules: schedules.enable(name, False, now=_now()))
    say(f"Schedule {name} rests. Run it again: `redaptive runs schedule wake {name}`.")


@app.command()
def wake(name: Name) -> None:
    """Let a schedule run again, from its next time on; times missed while it rested are not made up for."""
    _tell(kept(Schedules, lambda schedules: schedules.enable(name, True, now=_now())))


@app.command()
def remove(name: Name) -> None:
    """Delete a schedule; the runs that it started stay."""
    kept(Schedules, lambda schedules: schedules.remove(name))
    say(f"Schedule {name} is deleted.")


def _tell(schedule: Schedule) -> None:
    say(f"Schedule {schedule.name} runs {schedule.plan.get('id')} next at {_when(schedule.next_at)} UTC.")


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else "–"


def _now() -> datetime:
    return datetime.now(UTC)
