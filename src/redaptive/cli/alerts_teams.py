"""`redaptive alerts teams`: engineers, teams, the rota, planned work, own rules by kind."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from datetime import time
from enum import StrEnum
from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.output import print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.domain.alerts.kinds import Severity, kind_named
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.team_store import EngineerRecord, Rule, ShiftRecord, TeamStore
from redaptive.web.blocks import Column, Table

app = typer.Typer(help="Who is told of alerts: engineers, teams, rota, planned work, own rules.", no_args_is_help=True)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Place(StrEnum):
    """Where planned work takes place."""

    SITE = "site"
    BUILDING = "building"
    METER = "meter"


class Way(StrEnum):
    """A channel."""

    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"


@app.command("list")
def list_engineers(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False) -> None:
    """Show engineers with their teams, channels, skills and quiet hours."""

    async def run(running: App) -> list[dict[str, object]]:
        return await (await _store(running)).engineers()

    found = with_app(run, quiet=True)
    if as_json:
        print_json(found)
        return
    names = ("code", "name", "teams", "shifts", "channels", "skills", "quiet hours", "time zone")
    rows = tuple(
        (str(r["code"]), str(r["name"]), str(r["teams"] or "–"), int(str(r["shifts"])), _words(r["channels"]),
         _words(r["skills"]), _quiet(r), str(r["timezone"]))
        for r in found
    )  # fmt: skip
    print_table(Table("engineers", "Engineers", tuple(Column(n, n) for n in names), rows))


@app.command()
def engineer(
    code: Annotated[str, typer.Argument(help="Code of the engineer.")],
    name: Annotated[str, typer.Option(help="Name.")],
    timezone: Annotated[str, typer.Option(help="Time zone of quiet hours and digests.")] = "UTC",
    email: Annotated[str | None, typer.Option(help="E-mail address.")] = None,
    phone: Annotated[str | None, typer.Option(help="Number for SMS, such as +13125550100.")] = None,
    webhook: Annotated[str | None, typer.Option(help="URL that is posted to.")] = None,
    channel: Annotated[list[Way] | None, typer.Option(help="Channels in the order of preference; repeat.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="Commodity, or metering; repeat. None: all.")] = None,
    quiet: Annotated[str | None, typer.Option(help="Quiet hours, local, such as 22:00-06:30.")] = None,
    budget: Annotated[int | None, typer.Option(min=0, help="Alerts a day; the rest go into a digest.")] = None,
) -> None:
    """Write an engineer."""
    start, end = clock_span(quiet) if quiet else (None, None)
    given = {"email": email, "sms": phone, "webhook": webhook}
    ways = tuple(w.value for w in channel) if channel else tuple(n for n, a in given.items() if a) or ("email",)
    record = EngineerRecord(code, name, timezone, email, phone, webhook, ways, tuple(skill or ()), start, end, budget)
    _run(lambda store: store.put_engineer(record), f"Engineer {code} is told by {', '.join(ways)}.")


@app.command()
def team(
    code: Annotated[str, typer.Argument(help="Code of the team.")],
    name: Annotated[str, typer.Option(help="Name.")],
    site: Annotated[list[str] | None, typer.Option(help="A site that it looks after; repeat.")] = None,
    every_site: Annotated[bool, typer.Option("--every-site", help="Take the sites that no other team has.")] = False,
) -> None:
    """Write a team and its sites."""
    _run(lambda store: store.put_team(code, name, sites=site or (), every_site=every_site), f"Team {code} is written.")


@app.command()
def shift(
    team_code: Annotated[str, typer.Argument(metavar="TEAM", help="Code of the team.")],
    engineer_code: Annotated[str, typer.Argument(metavar="ENGINEER", help="Code of the engineer.")],
    hours: Annotated[str, typer.Option(help="Local hours, such as 08:00-18:00; 00:00-00:00 is the whole day.")],
    timezone: Annotated[str, typer.Option(help="Time zone of the hours.")] = "UTC",
    days: Annotated[str, typer.Option(help="Days on which it starts, such as mon-fri or sat,sun.")] = "mon-sun",
    level: Annotated[int, typer.Option(min=1, help="1 is told first, 2 when 1 does not answer, ...")] = 1,
) -> None:
    """Put an engineer on a team's rota."""
    start, end = clock_span(hours)
    record = ShiftRecord(team_code, engineer_code, level, weekdays(days), start, end, timezone)
    _run(lambda store: store.add_shift(record), f"{engineer_code} is on duty for {team_code}, {days} {hours}.")


@app.command()
def window(
    place: Annotated[Place, typer.Argument(help="site, building or meter.")],
    code: Annotated[str, typer.Argument(help="Its code.")],
    start: Annotated[str, typer.Option(help="Begin, such as 2026-03-01T22:00.")],
    end: Annotated[str, typer.Option(help="End.")],
    reason: Annotated[str, typer.Option(help="What is done.")],
    timezone: Annotated[str, typer.Option(help="Time zone of begin and end.")] = "UTC",
) -> None:
    """Announce planned work: faults that begin in it make no alert unless they outlast it."""
    first, last = parse_time(start, "time", timezone), parse_time(end, "time", timezone)
    if last <= first:
        raise InvalidInput("The work ends before it begins.", field="--end", fix="Give a later end.")
    who = getpass.getuser()
    _run(lambda store: store.add_window(place, code, first, last, reason=reason, who=who), "The work is announced.")


@app.command()
def rule(
    kind: Annotated[str, typer.Argument(help="Kind of alert, or * for kinds without a rule.")],
    mute: Annotated[bool, typer.Option("--mute", help="Make no alerts of it.")] = False,
    severity: Annotated[Severity | None, typer.Option(help="Always this severity.")] = None,
    least: Annotated[float | None, typer.Option(min=0, help="USD/day below which nobody is told.")] = None,
    escalate_min: Annotated[int | None, typer.Option(min=1, help="Minutes until the next person is told.")] = None,
    team_code: Annotated[str | None, typer.Option("--team", help="This team gets it wherever it occurs.")] = None,
) -> None:
    """Write the tenant's own rule for a kind of alert."""
    slug = kind if kind == "*" else kind_named(kind).slug
    after_s = None if escalate_min is None else escalate_min * 60
    record = Rule(slug, mute, severity and severity.value, least, after_s, team_code)
    _run(lambda store: store.put_rule(record), f"The rule for {slug} is written.")


def clock_span(text: str) -> tuple[time, time]:
    """Begin and end of `22:00-06:30`; raises InvalidInput for anything else."""
    first, _, last = text.partition("-")
    try:
        return time.fromisoformat(first.strip()), time.fromisoformat(last.strip())
    except ValueError as error:
        raise InvalidInput(f"{text!r} are no hours.", field="hours", fix="Write them as 22:00-06:30.") from error


def weekdays(text: str) -> tuple[int, ...]:
    """ISO days of `mon-fri`, `sat,sun`; raises InvalidInput for anything else.

    >>> weekdays("fri-mon"), weekdays("tue")
    ((5, 6, 7, 1), (2,))
    """
    found: list[int] = []
    for part in text.lower().split(","):
        first, _, last = part.strip().partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise InvalidInput(f"{part!r} is no day.", field="--days", fix="Write mon-fri, or sat,sun.")
        start = _DAYS.index(first)
        count = (_DAYS.index(last or first) - start) % 7 + 1
        found += [(start + i) % 7 + 1 for i in range(count)]
    return tuple(dict.fromkeys(found))


async def _store(running: App) -> TeamStore:
    return TeamStore(running.pools, await running.tenant_id())


def _run(action: Callable[[TeamStore], Awaitable[None]], done: str) -> None:
    async def run(running: App) -> None:
        await action(await _store(running))

    with_app(run, quiet=True)
    say(done)


def _words(value: object) -> str:
    return ", ".join(str(v) for v in value) if isinstance(value, list) and value else "–"


def _quiet(row: dict[str, object]) -> str:
    return f"{str(row['quiet_from'])[:5]}-{str(row['quiet_to'])[:5]}" if row["quiet_from"] else "–"
