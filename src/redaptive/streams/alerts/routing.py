"""Who is told of an alert, by which channel and when: team of the site, rota, quiet hours, daily budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from redaptive.domain.alerts.evidence import way_of_cost
from redaptive.domain.alerts.kinds import Severity
from redaptive.domain.alerts.rota import (
    Duty,
    Engineer,
    Shift,
    day_start,
    goes_to_digest,
    ladder,
    next_digest,
    quiet_until,
    skill_for,
)
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.streams.alerts.dossier import Dossier
from redaptive.streams.alerts.links import Links
from redaptive.streams.alerts.policy import Policies


@dataclass
class Roster:
    """Teams, rota and engineers of a tenant, and how many messages each engineer got today."""

    team_of_site: Mapping[UUID, UUID]
    every_site: UUID | None
    shifts: Mapping[UUID, tuple[Shift, ...]]
    engineers: Mapping[UUID, Engineer]
    budget: int
    told: Counter[UUID] = field(default_factory=Counter)
    links: Links | None = None

    def team(self, site: UUID | None) -> UUID | None:
        """The team of the site, else the one that takes every site."""
        return self.team_of_site.get(site, self.every_site) if site else self.every_site

    def ladder(self, team: UUID | None, at: datetime, skill: str) -> list[Duty]:
        """Who is told first, second, ...: one of each level, then their colleagues of the same levels."""
        return _by_level(ladder(self.shifts.get(team, ()), self.engineers, at, skill)) if team else []

    def has_enough(self, person: Engineer, severity: Severity) -> bool:
        """Whether an alert of that severity goes into the engineer's digest."""
        budget = self.budget if person.daily_budget is None else person.daily_budget
        return goes_to_digest(severity, self.told[person.id], budget)


@dataclass(frozen=True)
class Telling:
    """One person to tell of one alert: `subject` and `body` as in the message, level 1 first."""

    alert: UUID
    occurrence: int
    kind: str
    severity: Severity
    subject: str
    body: str
    level: int


async def read_roster(
    connection: Connection, tenant: UUID, budget: int, at: datetime, links: Links | None = None
) -> Roster:
    """The tenant's people as of now."""
    scope = {"tenant": tenant}
    teams = await (await connection.execute(_TEAMS, scope)).fetchall()
    shifts = await (await connection.execute(_SHIFTS, scope)).fetchall()
    people = [_engineer(row) for row in await (await connection.execute(_ENGINEERS, scope)).fetchall()]
    roster = Roster(
        {row["site_id"]: row["id"] for row in teams if row["site_id"]},
        next((row["id"] for row in teams if row["every_site"]), None),
        {t: tuple(_shift(row) for row in shifts if row["team_id"] == t) for t in {r["team_id"] for r in shifts}},
        {person.id: person for person in people},
        budget,
        links=links,
    )
    starts = [day_start(person, at) for person in people]
    cursor = await connection.execute(_TOLD, {**scope, "people": [p.id for p in people], "starts": starts})
    roster.told.update({row["engineer_id"]: row["n"] for row in await cursor.fetchall()})
    return roster


async def route(
    connection: Connection, tenant: UUID, dossiers: Sequence[Dossier], roster: Roster, policies: Policies, now: datetime
) -> int:
    """Write the first message of each alert and its escalation timer; how many messages were new."""
    written = 0
    for dossier in dossiers:
        if dossier.snoozed:
            continue
        team = policies.team(dossier.kind) or roster.team(dossier.site_id)
        duties = roster.ladder(team, now, skill_for(dossier.commodity, dossier.kind))
        if not duties:
            await _unrouted(connection, tenant, dossier.id)
            continue
        first = _at_once(duties[0], dossier.severity, now)
        body = body_of(dossier.id, dossier.evidence)
        telling = Telling(dossier.id, dossier.occurrences, dossier.kind, dossier.severity, _subject(dossier), body, 1)
        digest = roster.has_enough(first.engineer, dossier.severity)
        written += await tell(connection, tenant, telling, first, roster, now, digest=digest)
        await connection.execute(_ROUTED, (team, first.engineer.id, tenant, dossier.id))
        after_s = policies.escalate_after_s(dossier.kind, dossier.severity)
        if after_s is not None and not digest:
            due = max(first.since, now) + timedelta(seconds=after_s)
            await connection.execute(_TIMER, (tenant, dossier.id, 2, due))
    return written


async def tell(
    connection: Connection, tenant: UUID, telling: Telling, duty: Duty, roster: Roster, now: datetime, *, digest: bool
) -> int:
    """Write one message into the outbox, or into the engineer's next digest; 1 when it is new."""
    person = duty.engineer
    channel = "digest" if digest else person.channels[0] if person.channels else "email"
    due = next_digest(person, duty.since) if digest else quiet_until(person, duty.since, telling.severity)
    values = {
        "tenant": tenant,
        "key": f"{telling.alert}:{telling.occurrence}:{telling.level}:{person.code}:{channel}",
        "alert": telling.alert,
        "engineer": person.id,
        "channel": channel,
        "address": (person.addresses or {}).get(channel, ""),
        "level": telling.level,
        "subject": telling.subject,
        "body": telling.body + _link(roster.links, tenant, telling, person, now),
        "state": "digest" if digest else "pending",
        "due": due,
        "now": now,
    }
    new = (await connection.execute(_TELL, values)).rowcount
    if new and not digest:
        roster.told[person.id] += 1
    return new


def _link(links: Links | None, tenant: UUID, telling: Telling, person: Engineer, now: datetime) -> str:
    if links is None:
        return ""
    return f"\nAcknowledge: {links.url(tenant, telling.alert, telling.occurrence, person.code, now)}\n"


def _by_level(duties: Sequence[Duty]) -> list[Duty]:
    """The best one of each level, then the next best: a level is asked once before any is asked again."""
    seen: Counter[tuple[datetime, int]] = Counter()
    turns = []
    for duty in duties:
        turns.append((duty.since, seen[duty.since, duty.level], duty.level))
        seen[duty.since, duty.level] += 1
    return [duty for _, duty in sorted(zip(turns, duties, strict=True), key=lambda pair: pair[0])]


def _at_once(duty: Duty, severity: Severity, now: datetime) -> Duty:
    # Nobody is on duty: what is critical cannot wait for the next shift.
    return replace(duty, since=now) if severity is Severity.CRITICAL else duty


def _subject(dossier: Dossier) -> str:
    usd = None if dossier.cost.usd_per_day is None else float(dossier.cost.usd_per_day)
    cost = "" if usd is None else f", {abs(usd):,.0f} USD/day{way_of_cost(usd, dossier.commodity)}"
    again = " again" if dossier.occurrences > 1 else ""
    return f"[{dossier.severity}] {dossier.place}: {dossier.title.lower()}{again}{cost}"


def body_of(alert: UUID, evidence: str) -> str:
    """The text of a message: what was seen, and what its reader can do."""
    short = str(alert)[:8]
    return (
        f"{evidence}\n\nAlert {short}. Acknowledge: redaptive alerts ack {short}\n"
        f"Causes and checklist: redaptive alerts show {short}\n"
    )


async def _unrouted(connection: Connection, tenant: UUID, alert: UUID) -> None:
    await connection.execute(
        "INSERT INTO alert_events (tenant_id, alert_id, who, action, why)"
        " VALUES (%s, %s, 'desk', 'unrouted', 'nobody is on the rota of a team for this site')",
        (tenant, alert),
    )


def _shift(row: DictRow) -> Shift:
    return Shift(
        row["engineer_id"], row["level"], frozenset(row["weekdays"]), row["starts"], row["ends"], row["timezone"],
        row["valid_from"], row["valid_to"],
    )  # fmt: skip


def _engineer(row: DictRow) -> Engineer:
    addresses = {"email": row["email"] or "", "sms": row["phone"] or "", "webhook": row["webhook_url"] or ""}
    return Engineer(
        row["id"], row["code"], row["timezone"], tuple(row["channels"]), addresses, frozenset(row["skills"]),
        row["quiet_from"], row["quiet_to"], row["daily_budget"],
    )  # fmt: skip


_TEAMS: Final = """
SELECT t.id, t.every_site, s.site_id FROM teams t
LEFT JOIN team_sites s ON s.tenant_id = t.tenant_id AND s.team_id = t.id
WHERE t.tenant_id = %(tenant)s ORDER BY t.code"""
_SHIFTS: Final = "SELECT * FROM shifts WHERE tenant_id = %(tenant)s"
_ENGINEERS: Final = "SELECT * FROM engineers WHERE tenant_id = %(tenant)s AND active"
_TOLD: Final = """
SELECT n.engineer_id, count(*) AS n FROM notifications n
JOIN unnest(%(people)s::uuid[], %(starts)s::timestamptz[]) AS p (id, start) ON p.id = n.engineer_id
WHERE n.tenant_id = %(tenant)s AND n.created_at >= p.start AND n.alert_id IS NOT NULL
  AND n.state IN ('pending', 'sending', 'sent', 'dead') GROUP BY 1"""
_ROUTED: Final = """
UPDATE alerts SET team_id = %s, assignee_id = coalesce(assignee_id, %s) WHERE tenant_id = %s AND id = %s"""
_TIMER: Final = """
INSERT INTO alert_timers (tenant_id, alert_id, level, due_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (tenant_id, alert_id) DO UPDATE SET level = excluded.level, due_at = excluded.due_at"""
_TELL: Final = """
INSERT INTO notifications (tenant_id, idempotency_key, alert_id, engineer_id, channel, address, level, subject, body,
  state, due_at, created_at)
VALUES (%(tenant)s, %(key)s, %(alert)s, %(engineer)s, %(channel)s, %(address)s, %(level)s, %(subject)s, %(body)s,
  %(state)s, %(due)s, %(now)s)
ON CONFLICT (tenant_id, idempotency_key) DO NOTHING"""
