"""Who is told of alerts in one tenant: engineers, teams with their sites, rota, planned work, own rules by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from redaptive.domain.intervals import zone
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import ids_by_code, require_known
from redaptive.infrastructure.notification.addresses import require_email, require_phone, require_webhook


@dataclass(frozen=True)
class EngineerRecord:
    """A person; `channels` in the order of preference, quiet hours in local time, `daily_budget` None: the setting."""

    code: str
    name: str
    timezone: str
    email: str | None = None
    phone: str | None = None
    webhook_url: str | None = None
    channels: tuple[str, ...] = ("email",)
    skills: tuple[str, ...] = ()
    quiet_from: time | None = None
    quiet_to: time | None = None
    daily_budget: int | None = None


@dataclass(frozen=True)
class ShiftRecord:
    """Duty of an engineer in a team; weekdays 1 (Monday) to 7, local times, level 1 is told first."""

    team: str
    engineer: str
    level: int = 1
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    starts: time = time(0)
    ends: time = time(0)
    timezone: str = "UTC"
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Rule:
    """A tenant's own rule of a kind (`*`: of kinds without one); None leaves the default."""

    kind: str
    muted: bool = False
    severity: str | None = None
    least_usd_per_day: float | None = None
    escalate_after_s: int | None = None
    team: str | None = None


class TeamStore:
    """Writes replace what has the same code; all are idempotent."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def put_engineer(self, record: EngineerRecord) -> None:
        """Write an engineer; raises InvalidInput for an address that no message can go to, a channel without one, or
        an unknown time zone.
        """
        zone(record.timezone)
        checks = ((require_email, record.email), (require_phone, record.phone), (require_webhook, record.webhook_url))
        for check, address in checks:
            if address is not None:
                check(address)
        have = {"email": record.email, "sms": record.phone, "webhook": record.webhook_url}
        missing = [c for c in record.channels if not have.get(c)]
        if missing:
            raise InvalidInput(
                f"Engineer {record.code} has no address for {missing[0]}.",
                field=missing[0],
                fix="Give the address, or leave that channel out.",
            )
        values = {**vars(record), "channels": list(record.channels), "skills": list(record.skills)}
        async with self._pools.transaction(self._tenant_id) as connection:
            await connection.execute(_ENGINEER, {**values, "tenant": self._tenant_id})

    async def put_team(self, code: str, name: str, *, sites: Sequence[str] = (), every_site: bool = False) -> None:
        """Write a team and the sites it looks after; a site moves here from its former team. NotFound: unknown site."""
        async with self._pools.transaction(self._tenant_id) as connection:
            known = await ids_by_code(connection, "site")
            require_known("site", sites, known)
            await connection.execute(_TEAM, (self._tenant_id, code, name, every_site))
            await connection.execute(_SITES, ([known[s] for s in sites], code))

    async def add_shift(self, record: ShiftRecord) -> None:
        """Put an engineer on the rota; raises NotFound for an unknown team or engineer."""
        zone(record.timezone)
        async with self._pools.transaction(self._tenant_id) as connection:
            team = await _id(connection, _TEAM_ID, "team", record.team)
            engineer = await _id(connection, _ENGINEER_ID, "engineer", record.engineer)
            values = {**vars(record), "weekdays": sorted(record.weekdays), "tenant": self._tenant_id}
            await connection.execute(_SHIFT, {**values, "team_id": team, "engineer_id": engineer})

    async def add_window(
        self, kind: str, code: str, starts_at: datetime, ends_at: datetime, *, reason: str, who: str
    ) -> None:
        """Planned work at a site, building or meter: faults that begin in it make no alert."""
        if kind not in ("site", "building", "meter"):
            raise InvalidInput(f"{kind!r} is no place.", field="place", fix="Write site, building or meter.")
        async with self._pools.transaction(self._tenant_id) as connection:
            known = await ids_by_code(connection, kind)
            require_known(kind, [code], known)
            places = {f"{k}_id": known[code] if k == kind else None for k in ("site", "building", "meter")}
            values = {"tenant": self._tenant_id, "starts": starts_at, "ends": ends_at, "reason": reason, "who": who}
            await connection.execute(_WINDOW, {**values, **places})

    async def put_rule(self, rule: Rule) -> None:
        """Write the tenant's own rule of a kind; raises NotFound for an unknown team."""
        async with self._pools.transaction(self._tenant_id) as connection:
            team = await _id(connection, _TEAM_ID, "team", rule.team) if rule.team else None
            await connection.execute(_RULE, {**vars(rule), "team_id": team, "tenant": self._tenant_id})

    async def engineers(self) -> list[dict[str, object]]:
        """Engineers with their teams, sites and shifts, by code."""
        return [dict(row) for row in await self._pools.query(_OVERVIEW, tenant_id=self._tenant_id)]


async def _id(connection: Connection, statement: str, what: str, code: str) -> UUID:
    row = await (await connection.execute(statement.encode(), (code,))).fetchone()
    if row is None:
        raise NotFound(f"There is no {what} {code!r}.", field=what, fix="List them with `redaptive alerts teams list`.")
    found: UUID = row["id"]
    return found


_TEAM_ID: Final = "SELECT id FROM teams WHERE code = %s"
_ENGINEER_ID: Final = "SELECT id FROM engineers WHERE code = %s"
_ENGINEER: Final = """
INSERT INTO engineers (tenant_id, code, name, email, phone, webhook_url, channels, skills, timezone, quiet_from,
  quiet_to, daily_budget)
VALUES (%(tenant)s, %(code)s, %(name)s, %(email)s, %(phone)s, %(webhook_url)s, %(channels)s, %(skills)s, %(timezone)s,
  %(quiet_from)s, %(quiet_to)s, %(daily_budget)s)
ON CONFLICT (tenant_id, code) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone,
  webhook_url = excluded.webhook_url, channels = excluded.channels, skills = excluded.skills,
  timezone = excluded.timezone, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
  daily_budget = excluded.daily_budget, active = true"""
_TEAM: Final = """
INSERT INTO teams (tenant_id, code, name, every_site) VALUES (%s, %s, %s, %s)
ON CONFLICT (tenant_id, code) DO UPDATE SET name = excluded.name, every_site = excluded.every_site"""
_SITES: Final = """
INSERT INTO team_sites (tenant_id, team_id, site_id)
SELECT t.tenant_id, t.id, s FROM unnest(%s::uuid[]) s, teams t WHERE t.code = %s
ON CONFLICT (tenant_id, site_id) DO UPDATE SET team_id = excluded.team_id"""
_SHIFT: Final = """
INSERT INTO shifts (tenant_id, team_id, engineer_id, level, weekdays, starts, ends, timezone, valid_from, valid_to)
VALUES (%(tenant)s, %(team_id)s, %(engineer_id)s, %(level)s, %(weekdays)s, %(starts)s, %(ends)s, %(timezone)s,
  %(valid_from)s, %(valid_to)s)
ON CONFLICT ON CONSTRAINT shifts_key DO UPDATE SET timezone = excluded.timezone, valid_to = excluded.valid_to"""
_WINDOW: Final = """
INSERT INTO maintenance_windows (tenant_id, site_id, building_id, meter_id, starts_at, ends_at, reason, who)
VALUES (%(tenant)s, %(site_id)s, %(building_id)s, %(meter_id)s, %(starts)s, %(ends)s, %(reason)s, %(who)s)"""
_RULE: Final = """
INSERT INTO alert_policies (tenant_id, kind, muted, severity, least_usd_per_day, escalate_after_s, team_id)
VALUES (%(tenant)s, %(kind)s, %(muted)s, %(severity)s, %(least_usd_per_day)s, %(escalate_after_s)s, %(team_id)s)
ON CONFLICT (tenant_id, kind) DO UPDATE SET muted = excluded.muted, severity = excluded.severity,
  least_usd_per_day = excluded.least_usd_per_day, escalate_after_s = excluded.escalate_after_s,
  team_id = excluded.team_id"""
_OVERVIEW: Final = """
SELECT e.code, e.name, e.channels, e.skills, e.timezone, e.quiet_from, e.quiet_to, e.daily_budget,
  (SELECT string_agg(DISTINCT t.code, ', ') FROM shifts s JOIN teams t ON t.tenant_id = s.tenant_id AND t.id = s.team_id
   WHERE s.tenant_id = e.tenant_id AND s.engineer_id = e.id) AS teams,
  (SELECT count(*) FROM shifts s WHERE s.tenant_id = e.tenant_id AND s.engineer_id = e.id) AS shifts
FROM engineers e WHERE e.active ORDER BY e.code"""
