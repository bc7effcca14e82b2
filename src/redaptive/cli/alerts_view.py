"""Alerts on a terminal: the board, one alert with its evidence and checklist, a sparkline of its readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from rich.markup import escape

from redaptive.cli.output import BESIDE, out
from redaptive.domain.alerts.kinds import kind_or_default
from redaptive.domain.intervals import zone
from redaptive.infrastructure.database.stores.alert_records import Alert, AlertEvent, AlertTimes, Delivery
from redaptive.late import late
from redaptive.web.blocks import Column, Kpi, Kpis, Table, cell_text

if TYPE_CHECKING:
    import polars as pl

_LEFT_OUT: Final = ("n", "kwh", "who", "age", "state", "severity")
"""Columns of the board that a narrow terminal does without, the least important first."""
_STYLE: Final = {"critical": "bold red", "warning": "yellow", "info": "dim"}


@dataclass(frozen=True)
class Sheet:
    """Everything that is known of one alert."""

    alert: Alert
    history: tuple[AlertEvent, ...]
    deliveries: tuple[Delivery, ...]
    checklist: tuple[str, ...]
    members: tuple[Alert, ...]
    readings: pl.DataFrame | None

    def as_dict(self) -> dict[str, object]:
        """The sheet for programs."""
        return {
            **asdict(self.alert),
            "history": [asdict(event) for event in self.history],
            "deliveries": [asdict(delivery) for delivery in self.deliveries],
            "checklist": list(self.checklist),
            "members": [str(member.id) for member in self.members],
        }


def board(alerts: Sequence[Alert], now: datetime, width: int = 200) -> Table:
    """The alerts as a table, in the order given, without the columns for which the terminal is too narrow."""
    columns = (
        Column("id", "id"), Column("severity", "severity"), Column("kind", "what"), Column("place", "where"),
        Column("usd", "cost", "USD/day", 0), Column("kwh", "excess", "kWh/day", 0), Column("state", "state"),
        Column("age", "for"), Column("n", "times"), Column("who", "who"),
    )  # fmt: skip
    rows = tuple(
        (
            a.short_id, a.severity, _title(a), _place(a),
            None if a.usd_per_day is None else float(a.usd_per_day), a.excess_kwh_per_day,
            a.state.replace("_", " "), span((a.ended_at or now) - a.since), a.occurrences,
            a.assignee_code or "–",
        )
        for a in alerts
    )  # fmt: skip
    note = "redaptive alerts show ID tells more of one."
    return _fitting(Table("alerts", "Alerts, most urgent first", columns, rows, note), width)


def _fitting(table: Table, width: int) -> Table:
    """The table with what fits whole words into the width; its note names the columns that are left out."""
    longest = {c.key: max(len(word) for row in ((c.label, c.unit), *((cell_text(r[i], c),) for r in table.rows))
                          for text in row for word in ([text] if i == 0 or table.numeric[i] else text.split() or [""]))
               for i, c in enumerate(table.columns)}  # fmt: skip
    gone: list[str] = []
    for key in _LEFT_OUT:
        if sum(n + BESIDE for k, n in longest.items() if k not in gone) <= width:
            break
        gone.append(key)
    if not gone:
        return table
    names = ", ".join(c.label for c in table.columns if c.key in gone)
    note = f"{table.note} Left out on this narrow terminal: {names}; --out and --json have all."
    return replace(table.without(*gone), note=note)


def print_sheet(sheet: Sheet) -> None:
    """One alert for a person who is about to deal with it."""
    a = sheet.alert
    style = _STYLE[a.severity]
    out.print(f"[{style}]{a.severity}[/] [bold]{escape(_title(a))}[/] at {escape(_place(a))}")
    out.print(f"  {a.id}  {a.state.replace('_', ' ')}{_suppressed(a)}", markup=False)
    if a.cause:
        out.print(f"  {_cause(a)}", markup=False)
    out.print(f"\n{a.evidence or 'No evidence is written yet.'}", markup=False)
    if a.price_note:
        out.print(f"  cost: {a.price_note}", markup=False)
    if sheet.readings is not None and not sheet.readings.is_empty():
        drawn: Callable[[Alert, pl.DataFrame], str] = late("redaptive.cli.alerts_sparkline:drawn")
        out.print(f"\n{drawn(a, sheet.readings)}", markup=False)
    _section("Likely causes", [f"{c.probability:4.0%}  {c.title} ({c.key})" for c in a.likely_causes])
    _section("Checklist", [f"{i}. {step}" for i, step in enumerate(sheet.checklist, 1)])
    _section("Stands for", [f"{m.short_id} {m.kind} {_place(m)}" for m in sheet.members])
    _section(f"History ({a.timezone})", [_line(event, a.timezone) for event in sheet.history])
    _section(f"Messages ({a.timezone})", [_message(d, a.timezone) for d in sheet.deliveries])


def _title(a: Alert) -> str:
    return kind_or_default(a.kind).title_of(a.excess_kwh_per_day, a.commodity)


def times_block(times: AlertTimes) -> Kpis:
    """The mean times as headline figures."""
    steps = (
        ("acknowledged", times.acknowledged, times.mean_to_acknowledge_s, times.median_to_acknowledge_s),
        ("diagnosed", times.diagnosed, times.mean_to_diagnose_s, times.median_to_diagnose_s),
        ("resolved", times.resolved, times.mean_to_resolve_s, times.median_to_resolve_s),
    )
    items = [Kpi("alerts", f"{times.raised:,}", "", f"{times.suppressed:,} events belong to others")]
    items += [
        Kpi(f"mean time to be {name}", _seconds(mean), "", f"median {_seconds(mid)}, {n} of {times.raised}")
        for name, n, mean, mid in steps
    ]
    items.append(Kpi("messages sent", f"{times.messages_sent:,}", "", f"{times.messages_dead} given up"))
    return Kpis("times", tuple(items))


def span(length: timedelta) -> str:
    """A length of time in the largest two units.

    >>> span(timedelta(days=2, hours=5, minutes=3)), span(timedelta(minutes=4))
    ('2 d 5 h', '4 min')
    """
    minutes = max(0, int(length.total_seconds()) // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def local(moment: datetime, timezone: str) -> str:
    """Day and time in the site's zone."""
    return f"{moment.astimezone(zone(timezone)):%Y-%m-%d %H:%M}"


def _section(title: str, lines: Sequence[str]) -> None:
    if lines:
        out.print(f"\n[bold]{title}[/]")
        for line in lines:
            out.print(f"  {line}", markup=False)


def _line(event: AlertEvent, timezone: str) -> str:
    return f"{local(event.at, timezone)}  {event.who}: {event.action}{f' ({event.why})' if event.why else ''}"


def _message(delivery: Delivery, timezone: str) -> str:
    when = local(delivery.sent_at or delivery.due_at, timezone)
    error = f": {delivery.last_error}" if delivery.last_error else ""
    return f"{when}  {delivery.channel} to {delivery.engineer_code}: {delivery.state}{error}"


def _cause(alert: Alert) -> str:
    """What people found, in a line."""
    title = next((c.title for c in alert.likely_causes if c.key == alert.cause), "")
    named = f"{title} ({alert.cause})" if title else alert.cause
    ruled_out = f"; ruled out: {', '.join(alert.rejected_causes)}" if alert.rejected_causes else ""
    return f"cause found: {named}{f', {alert.cause_note}' if alert.cause_note else ''}{ruled_out}"


def _place(alert: Alert) -> str:
    said = alert.building_code is None or alert.place.startswith(alert.building_code)
    return alert.place if said or not alert.meter_code else f"{alert.place} ({alert.building_code})"


def _suppressed(alert: Alert) -> str:
    under = f" under {str(alert.parent_id)[:8]}" if alert.parent_id else ""
    return f" ({alert.suppressed_by}{under})" if alert.suppressed_by else ""


def _seconds(value: float | None) -> str:
    return "–" if value is None else span(timedelta(seconds=value)) if value >= 60 else f"{value:.0f} s"


def utc_now() -> datetime:
    """Now, for ages on the board."""
    return datetime.now(UTC)
