"""`redaptive alerts`: the board, one alert, and what a person does about it; the desk that sends them."""

from __future__ import annotations

import getpass
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import typer
from anyio import to_thread

from redaptive.app import App
from redaptive.cli import alerts_teams
from redaptive.cli.alerts_files import require_list_file, write_list
from redaptive.cli.alerts_view import Sheet, board, print_sheet, times_block, utc_now
from redaptive.cli.lazy import LazyCommand, LazyGroup
from redaptive.cli.output import out, print_json, print_kpis, print_table, say
from redaptive.cli.session import with_app
from redaptive.domain.alerts.kinds import Severity, kind_named
from redaptive.domain.alerts.states import LIVE, State
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.alert_records import Alert, AlertFilter, AlertTimes
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.streams.alerts.playbook import Playbook

if TYPE_CHECKING:
    import polars as pl


class AlertCommands(LazyGroup):
    """The commands; the desk, which judges alerts, is imported when it is started."""

    lazy: ClassVar[Mapping[str, LazyCommand]] = {
        "desk": LazyCommand(
            "redaptive.cli.alerts_desk:desk",
            "Judge, price, route, send and escalate alerts until Ctrl-C; `redaptive up` runs it too.",
        ),
    }


app = typer.Typer(
    cls=AlertCommands, help="Alerts: what is wrong, what it costs a day, who deals with it.", no_args_is_help=True
)
app.add_typer(alerts_teams.app, name="teams")
AlertId = Annotated[str, typer.Argument(help="Id of the alert, or its first digits, at least four.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Why = Annotated[str, typer.Option(help="A word on it, for the history.")]
Who = Annotated[str | None, typer.Option("--as", help="Who acts; default: the user of this machine.")]
_SPAN: Final = re.compile(r"^(\d+)\s*(min|h|d|w)$")
_UNITS: Final = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SHOWN_MEMBERS: Final = 20
SHOWN: Final = 50
MOST: Final = 1_000_000


@app.command("list")
def list_alerts(
    everything: Annotated[bool, typer.Option("--all", help="Those that are done or suppressed, too.")] = False,
    state: Annotated[list[State] | None, typer.Option(help="Only these states; repeat.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only these kinds; repeat.")] = None,
    severity: Annotated[list[Severity] | None, typer.Option(help="Only these severities; repeat.")] = None,
    site: Annotated[str | None, typer.Option(help="Code of a site.")] = None,
    building: Annotated[str | None, typer.Option(help="Code of a building.")] = None,
    meter: Annotated[str | None, typer.Option(help="Code of a meter.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Code of an engineer.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many; default: 50 on a terminal, else all.")
    ] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write them: .csv or .json by its name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the open alerts, by USD/day and risk."""
    if out_file:
        require_list_file(out_file)
    most = limit or (MOST if as_json or out_file else SHOWN)
    states = tuple(state) if state else tuple(State) if everything else None
    wanted = AlertFilter(
        states=states, kinds=tuple(kind_named(k).slug for k in kind) if kind else None,
        severities=tuple(severity) if severity else None, site=site, building=building, meter=meter,
        assignee=assignee, limit=most + 1,
    )  # fmt: skip

    async def run(running: App) -> list[Alert]:
        store = await _store(running)
        found = await store.alerts(wanted)
        if not found:
            await store.require_known(wanted)
        return found

    found = with_app(run, quiet=True)
    _given(found[:most], out_file, as_json=as_json)
    if len(found) > most:
        say(f"Only the first {most} are {'written' if out_file else 'shown'}; --limit shows more.")
    if found or as_json or out_file:
        return
    if any((state, kind, severity, site, building, meter, assignee)):
        say("No such alerts; look at what was asked for" + ("." if everything or state else ", or add --all."))
    else:
        say("No alerts." if everything else "No open alerts. --all shows those that are done.")


def _given(found: Sequence[Alert], out_file: Path | None, *, as_json: bool) -> None:
    """The alerts as asked for."""
    if out_file:
        write_list(out_file, found)
        say(f"{len(found):,} alerts are in {out_file}.")
    if as_json:
        print_json([asdict(alert) for alert in found])
    elif found and not out_file:
        print_table(board(found, utc_now(), out.width))


@app.command()
def show(alert: AlertId, as_json: AsJson = False) -> None:
    """Show one alert: evidence, readings around it, causes, checklist, history, messages."""
    sheet = with_app(lambda running: _sheet(running, alert), quiet=True)
    if as_json:
        print_json(sheet.as_dict())
    else:
        print_sheet(sheet)


@app.command()
def ack(alert: AlertId, why: Why = "", who: Who = None) -> None:
    """Say that you have seen it: nobody else is called."""
    _act(alert, lambda store, found: store.acknowledge(found.id, who=_who(who), why=why))


@app.command()
def start(alert: AlertId, why: Why = "", who: Who = None) -> None:
    """Say that you are working on it."""
    _act(alert, lambda store, found: store.start(found.id, who=_who(who), why=why))


@app.command()
def assign(
    alert: AlertId,
    engineer: Annotated[str, typer.Argument(help="Code of the engineer.")],
    why: Why = "",
    who: Who = None,
) -> None:
    """Give the alert to an engineer."""
    _act(alert, lambda store, found: store.assign(found.id, engineer, who=_who(who), why=why))


@app.command()
def diagnose(
    alert: AlertId,
    cause: Annotated[str, typer.Option(help="The cause, as `show` lists them, or other.")],
    rejected: Annotated[list[str] | None, typer.Option(help="A cause that was ruled out; repeat.")] = None,
    note: Annotated[str, typer.Option(help="What was found.")] = "",
    who: Who = None,
) -> None:
    """Enter the cause before the work is done."""
    _with_cause(alert, cause, rejected, note, who, done=False)


@app.command()
def resolve(
    alert: AlertId,
    cause: Annotated[str, typer.Option(help="The cause, as `show` lists them, or other.")],
    rejected: Annotated[list[str] | None, typer.Option(help="A cause that was ruled out; repeat.")] = None,
    note: Annotated[str, typer.Option(help="What was found and done.")] = "",
    who: Who = None,
) -> None:
    """Say that it is done, and what the cause was; the next alerts of the kind rank causes by it."""
    _with_cause(alert, cause, rejected, note, who, done=True)


@app.command()
def snooze(
    alert: AlertId,
    span: Annotated[str, typer.Argument(help="For how long: 30min, 8h, 2d, 1w.")],
    why: Why = "",
    who: Who = None,
) -> None:
    """Leave it out of the list and of messages for a while."""
    now, length = utc_now(), parse_span(span)
    why = why or f"for {span}"
    _act(alert, lambda store, found: store.snooze(found.id, now + length, who=_who(who), now=now, why=why))


@app.command()
def stats(
    days: Annotated[int, typer.Option(min=1, help="Alerts raised in the last so many days.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show mean times from raised to acknowledged, diagnosed and resolved."""

    async def run(running: App) -> AlertTimes:
        return await (await _store(running)).times(utc_now() - timedelta(days=days))

    found = with_app(run, quiet=True)
    if as_json:
        print_json(asdict(found))
    else:
        print_kpis(times_block(found))


def parse_span(text: str) -> timedelta:
    """The length of `30min`, `8h`, `2d`, `1w`; raises InvalidInput for anything else."""
    found = _SPAN.match(text.strip())
    if not found or int(found[1]) == 0 or len(found[1]) > 5:
        raise InvalidInput(f"{text!r} is no length of time.", field="span", fix="Write 30min, 8h, 2d or 1w.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


async def _store(running: App) -> AlertStore:
    return AlertStore(running.pools, await running.tenant_id())


async def _sheet(running: App, wanted: str) -> Sheet:
    store = await _store(running)
    alert = await store.get(wanted)
    members = await store.alerts(AlertFilter(states=tuple(State), parent=alert.id, limit=SHOWN_MEMBERS))
    readings = await to_thread.run_sync(_readings, running, alert)
    steps = Playbook(running.reference).checklist(alert.kind, alert.commodity)
    history, deliveries = await store.history(alert.id), await store.deliveries(alert.id)
    return Sheet(alert, tuple(history), tuple(deliveries), steps, tuple(members), readings)


def _readings(running: App, alert: Alert) -> pl.DataFrame | None:
    """Readings from two days before the event to half a day after what decided it."""
    if alert.meter_no is None:
        return None
    first, last = alert.since - timedelta(days=2), alert.decided_at + timedelta(hours=12)
    return running.readings.readings([alert.meter_no], max(first, last - timedelta(days=7)), last)


def _with_cause(alert: str, cause: str, rejected: list[str] | None, note: str, who: str | None, *, done: bool) -> None:
    async def run(running: App) -> Alert:
        store, book = await _store(running), Playbook(running.reference)
        found = await store.get(alert)
        for word in (cause, *(rejected or ())):
            book.require_cause(found.kind, found.commodity, word)
        act = store.resolve if done else store.diagnose
        return await act(found.id, cause, who=_who(who), note=note, rejected=tuple(rejected or ()))

    _told(with_app(run, quiet=True))


def _act(alert: str, action: Callable[[AlertStore, Alert], Awaitable[Alert]]) -> None:
    async def run(running: App) -> Alert:
        store = await _store(running)
        return await action(store, await store.get(alert))

    _told(with_app(run, quiet=True))


def _told(alert: Alert) -> None:
    until: datetime | None = alert.snoozed_until
    live = alert.state in LIVE
    asleep = f", snoozed until {until:%Y-%m-%d %H:%M} UTC" if live and until and until > utc_now() else ""
    person = f", with {alert.assignee_code}" if alert.assignee_code else ""
    say(f"Alert {alert.short_id} at {alert.place} is {alert.state.replace('_', ' ')}{person}{asleep}.")


def _who(given: str | None) -> str:
    return given or getpass.getuser()
