"""Alerts of one tenant: what people read and do. Each change of state is written with its history and its event."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from redaptive.domain.alerts.states import LIVE, State, require_live, require_way
from redaptive.errors import Conflict, InvalidInput, NotFound
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.infrastructure.database.stores.alert_findings import Finding
from redaptive.infrastructure.database.stores.alert_records import (
    Alert,
    AlertEvent,
    AlertFilter,
    AlertTimes,
    Delivery,
    alert_of,
)
from redaptive.infrastructure.database.stores.codes import ids_by_code, require_known
from redaptive.infrastructure.messaging.events.alert_events import AlertChanged, AlertClosed
from redaptive.infrastructure.messaging.events.envelope import new_event
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox

_PREFIX: Final = re.compile(r"^[0-9a-f-]{4,36}$")
SOURCE: Final = "alerts"
MOST_SNOOZE: Final = timedelta(days=90)
"""The longest that an alert may be left alone."""


class AlertStore:
    """Reads and actions under the tenant's row security; `who` is the acting person's subject."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def alerts(self, wanted: AlertFilter | None = None) -> list[Alert]:
        """Alerts by rank (USD/day and risk), the most urgent first."""
        chosen = wanted or AlertFilter()
        parameters = {f.name: getattr(chosen, f.name) for f in fields(AlertFilter)}
        lists = {n: list(parameters[n]) if parameters[n] else None for n in ("kinds", "severities")}
        states = list(chosen.states or LIVE)
        parameters |= {**lists, "states": states, "snoozed": chosen.snoozed or chosen.states is not None}
        return [alert_of(row) for row in await self._pools.query(_LIST, parameters, tenant_id=self._tenant_id)]

    async def require_known(self, wanted: AlertFilter) -> None:
        """Do nothing if the site, building, meter and assignee are known; raises NotFound for one that is not."""
        codes = {"site": wanted.site, "building": wanted.building, "meter": wanted.meter, "engineer": wanted.assignee}
        async with self._pools.transaction(self._tenant_id) as connection:
            for kind, code in codes.items():
                if code is not None:
                    require_known(kind, [code], await ids_by_code(connection, kind))

    async def get(self, alert: UUID | str) -> Alert:
        """The alert with that id, or with an id that begins so; raises NotFound, or InvalidInput when several do."""
        text = str(alert).lower()
        if not _PREFIX.match(text):
            raise InvalidInput(
                f"{alert!r} is no alert id: that has at least four digits (0-9, a-f).",
                field="alert",
                fix="Give the id from `redaptive alerts list`.",
            )
        rows = await self._pools.query(
            _BOARD + "WHERE a.id::text LIKE %s LIMIT 2", (f"{text}%",), tenant_id=self._tenant_id
        )
        if not rows:
            fix = "List them with `redaptive alerts list --all`."
            raise NotFound(f"There is no alert {text}.", field="alert", fix=fix)
        if len(rows) > 1:
            raise InvalidInput(f"More than one alert begins with {text}.", field="alert", fix="Give more digits.")
        return alert_of(rows[0])

    async def history(self, alert: UUID) -> list[AlertEvent]:
        """What happened to the alert, oldest first."""
        rows = await self._pools.query(
            "SELECT at, who, action, from_state, to_state, why FROM alert_events WHERE alert_id = %s ORDER BY id",
            (alert,),
            tenant_id=self._tenant_id,
        )
        return [AlertEvent(**row) for row in rows]

    async def deliveries(self, alert: UUID) -> list[Delivery]:
        """Messages about the alert, oldest first."""
        return [Delivery(**row) for row in await self._pools.query(_DELIVERIES, (alert,), tenant_id=self._tenant_id)]

    async def acknowledge(self, alert: UUID, *, who: str, why: str = "") -> Alert:
        """Somebody has seen it: escalation stops. Raises Conflict when it is done; again is no error."""
        return await self._move(alert, State.ACKNOWLEDGED, "acknowledge", who, why)

    async def start(self, alert: UUID, *, who: str, why: str = "") -> Alert:
        """Somebody works on it; it counts as acknowledged."""
        return await self._move(alert, State.IN_PROGRESS, "start", who, why)

    async def assign(self, alert: UUID, engineer_code: str, *, who: str, why: str = "") -> Alert:
        """Give the alert to an engineer; raises NotFound for an unknown code, Conflict when the alert is over."""
        async with self._pools.transaction(self._tenant_id) as connection:
            current = await _locked(connection, alert)
            require_live(current, "assigned", str(alert)[:8])
            cursor = await connection.execute(
                "UPDATE alerts SET assignee_id = e.id FROM engineers e WHERE alerts.id = %s AND e.code = %s",
                (alert, engineer_code),
            )
            if cursor.rowcount == 0:
                fix = "List them with `redaptive alerts teams list`."
                raise NotFound(f"There is no engineer {engineer_code!r}.", field="engineer", fix=fix)
            await _note(connection, self._tenant_id, alert, who, "assign", current, current, why or engineer_code)
        return await self.get(alert)

    async def diagnose(
        self, alert: UUID, cause: str, *, who: str, note: str = "", rejected: tuple[str, ...] = ()
    ) -> Alert:
        """Enter the cause, and causes that were looked at and ruled out, before the work is done.

        Without a `note` (or `rejected`) the former one stays; what changes is in the history with what it was.
        """
        async with self._pools.transaction(self._tenant_id) as connection:
            current, known = await _finding(connection, alert)
            said = await self._amend(connection, alert, known, known.amended(cause, note, rejected))
            if said:
                await _note(connection, self._tenant_id, alert, who, "diagnose", current, current, said)
        return await self.get(alert)

    async def resolve(
        self, alert: UUID, cause: str, *, who: str, note: str = "", rejected: tuple[str, ...] = ()
    ) -> Alert:
        """The work is done and this was the cause; raises InvalidInput without one. It moves the ranking of causes.

        The same again is no error, and adds its note; raises Conflict for another cause once it is resolved.
        """
        if not cause.strip():
            raise InvalidInput("Resolving needs the cause.", field="cause", fix="Give --cause.")
        async with self._pools.transaction(self._tenant_id) as connection:
            current, known = await _finding(connection, alert)
            if current is State.RESOLVED and known.cause != cause:
                raise Conflict(f"Alert {str(alert)[:8]} is resolved already, as {known.cause}.", field="cause",
                               fix="Correct it with `redaptive alerts diagnose`, if that is wrong.")  # fmt: skip
            said = await self._amend(connection, alert, known, known.amended(cause, note, rejected))
            if current is not State.RESOLVED:
                await self._moved(connection, alert, State.RESOLVED, "resolve", who, said or f"cause {cause}")
            elif said:
                await _note(connection, self._tenant_id, alert, who, "resolve", current, current, said)
        return await self.get(alert)

    async def withdraw(self, alert: UUID, *, who: str, why: str = "") -> Alert:
        """Take one raising by hand back; with the last of them the alert is withdrawn, unless the kernel opened it.

        An alert that is over stays as it is. Raises Conflict when somebody has taken it up.
        """
        async with self._pools.transaction(self._tenant_id) as connection:
            current = await _locked(connection, alert)
            if current in LIVE:
                row = (await (await connection.execute(_RAISED, (alert,))).fetchall())[0]
                if row["raised"] and row["times"] <= 1:
                    await self._moved(connection, alert, State.WITHDRAWN, "withdraw", who, why)
                else:
                    await _note(connection, self._tenant_id, alert, who, "withdraw", current, current, why)
        return await self.get(alert)

    async def snooze(self, alert: UUID, until: datetime, *, who: str, now: datetime, why: str = "") -> Alert:
        """Leave it out of lists and messages until then; escalation waits too. Raises Conflict when it is over.

        :raises InvalidInput: `until` is past, or further off than `MOST_SNOOZE`.
        """
        if not now < until <= now + MOST_SNOOZE:
            raise InvalidInput(f"{until:%Y-%m-%d %H:%M} UTC is not within the next {MOST_SNOOZE.days} days.",
                               field="snooze_until", fix="Give an earlier time; resolve what is over.")  # fmt: skip
        async with self._pools.transaction(self._tenant_id) as connection:
            current = await _locked(connection, alert)
            require_live(current, "snoozed", str(alert)[:8])
            await connection.execute("UPDATE alerts SET snoozed_until = %s WHERE id = %s", (until, alert))
            await connection.execute(
                "UPDATE alert_timers SET due_at = greatest(due_at, %s) WHERE alert_id = %s", (until, alert)
            )
            await connection.execute(_WAIT, (until, alert))
            await _note(connection, self._tenant_id, alert, who, "snooze", current, current, why or f"until {until}")
        return await self.get(alert)

    async def times(self, since: datetime) -> AlertTimes:
        """Mean and median times of alerts raised since then."""
        rows = await self._pools.query(_TIMES, {"since": since}, tenant_id=self._tenant_id)
        return AlertTimes(**rows[0])

    async def _amend(self, connection: Connection, alert: UUID, known: Finding, found: Finding) -> str:
        """Write what was found; what that changes, in words."""
        await connection.execute(_CAUSE, (found.cause, found.note, list(found.rejected), alert))
        return found.since(known)

    async def _move(self, alert: UUID, target: State, action: str, who: str, why: str) -> Alert:
        async with self._pools.transaction(self._tenant_id) as connection:
            await self._moved(connection, alert, target, action, who, why)
        return await self.get(alert)

    async def _moved(self, connection: Connection, alert: UUID, target: State, action: str, who: str, why: str) -> None:
        current = await _locked(connection, alert)
        if current is target:
            return
        require_way(current, target, str(alert)[:8])
        cursor = await connection.execute(_MOVE, {"alert": alert, "state": target.value})
        row = (await cursor.fetchall())[0]
        await connection.execute("DELETE FROM alert_timers WHERE alert_id = %s", (alert,))
        await connection.execute(_DROP, (alert,))
        await _note(connection, self._tenant_id, alert, who, action, current, target, why)
        change = AlertChanged(alert_id=alert, kind=row["kind"], before=current, after=target, actor=who, reason=why)
        events = [new_event(change, tenant=self._tenant_id, source=SOURCE, key=str(alert))]
        if target in (State.RESOLVED, State.WITHDRAWN):
            end = AlertClosed(
                alert_id=alert, kind=row["kind"], state=target.value, ended_at=row["ended_at"], cause=row["cause"]
            )
            events.append(new_event(end, tenant=self._tenant_id, source=SOURCE, key=str(alert)))
        await add_to_outbox(connection, events)


async def _locked(connection: Connection, alert: UUID) -> State:
    cursor = await connection.execute("SELECT state FROM alerts WHERE id = %s FOR UPDATE", (alert,))
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"There is no alert {alert}.", field="alert", fix="List them with `redaptive alerts list`.")
    return State(row["state"])


async def _finding(connection: Connection, alert: UUID) -> tuple[State, Finding]:
    """The alert's state and what is known of its cause, locked."""
    state = await _locked(connection, alert)
    row = (await (await connection.execute(_FOUND, (alert,))).fetchall())[0]
    return state, Finding(row["cause"], row["cause_note"], tuple(row["rejected_causes"]))


async def _note(
    connection: Connection, tenant: UUID, alert: UUID, who: str, action: str, before: State, after: State, why: str
) -> None:
    await connection.execute(
        "INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (tenant, alert, who, action, before.value, after.value, why),
    )


_BOARD: Final = """
SELECT a.*, CASE WHEN a.meter_no IS NOT NULL THEN ''
    WHEN a.gateway_no IS NOT NULL THEN 'Gateway ' || coalesce(g.code, a.gateway_no::text)
    ELSE coalesce('Weather station ' || (a.detail->>'station'), '') END AS source
FROM alert_board a LEFT JOIN gateways g ON g.tenant_id = a.tenant_id AND g.gateway_no = a.gateway_no
"""
_LIST: Final = (
    _BOARD
    + """
WHERE a.state = ANY(%(states)s)
  AND (%(snoozed)s OR snoozed_until IS NULL OR snoozed_until <= now())
  AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
  AND (%(severities)s::text[] IS NULL OR severity = ANY(%(severities)s))
  AND (%(site)s::text IS NULL OR site_code = %(site)s)
  AND (%(building)s::text IS NULL OR building_code = %(building)s)
  AND (%(meter)s::text IS NULL OR meter_code = %(meter)s)
  AND (%(assignee)s::text IS NULL OR assignee_code = %(assignee)s)
  AND (%(parent)s::uuid IS NULL OR parent_id = %(parent)s)
  AND (%(since)s::timestamptz IS NULL OR since >= %(since)s)
ORDER BY rank DESC, since, a.id LIMIT %(limit)s"""
)

_DELIVERIES: Final = """
SELECT n.channel, e.code AS engineer_code, n.level, n.state, n.attempts, n.due_at, n.sent_at, n.last_error
FROM notifications n JOIN engineers e ON e.tenant_id = n.tenant_id AND e.id = n.engineer_id
WHERE n.alert_id = %s ORDER BY n.id"""

_FOUND: Final = "SELECT cause, cause_note, rejected_causes FROM alerts WHERE id = %s"

_CAUSE: Final = """
UPDATE alerts SET cause = %s, cause_note = %s, rejected_causes = %s,
  diagnosed_at = coalesce(diagnosed_at, clock_timestamp()) WHERE id = %s"""

_MOVE: Final = """
UPDATE alerts SET state = %(state)s,
  acknowledged_at = CASE WHEN %(state)s = 'withdrawn' THEN acknowledged_at
                         ELSE coalesce(acknowledged_at, clock_timestamp()) END,
  resolved_at = CASE WHEN %(state)s = 'resolved' THEN clock_timestamp() ELSE resolved_at END
WHERE id = %(alert)s RETURNING kind, ended_at, cause"""

_RAISED: Final = """
SELECT count(*) FILTER (WHERE action = 'raise') AS raised,
  count(*) FILTER (WHERE action IN ('raise', 'seen again')) - count(*) FILTER (WHERE action = 'withdraw') AS times
FROM alert_events WHERE alert_id = %s AND who <> 'kernel'"""

_WAIT: Final = (
    "UPDATE notifications SET due_at = greatest(due_at, %s) WHERE alert_id = %s AND state IN ('pending', 'digest')"
)
_DROP: Final = "UPDATE notifications SET state = 'dropped' WHERE alert_id = %s AND state IN ('pending', 'digest')"

_TIMES: Final = """
WITH chosen AS (
  SELECT extract(epoch FROM acknowledged_at - raised_at)::float8 AS ack,
         extract(epoch FROM diagnosed_at - raised_at)::float8 AS diagnosis,
         extract(epoch FROM resolved_at - raised_at)::float8 AS resolution, opened_at, state
  FROM alerts WHERE raised_at >= %(since)s AND confirmed_at IS NOT NULL AND state <> 'withdrawn')
SELECT count(opened_at) AS raised, count(ack) AS acknowledged, count(diagnosis) AS diagnosed,
  count(resolution) AS resolved,
  avg(ack) AS mean_to_acknowledge_s, percentile_cont(0.5) WITHIN GROUP (ORDER BY ack) AS median_to_acknowledge_s,
  avg(diagnosis) AS mean_to_diagnose_s, percentile_cont(0.5) WITHIN GROUP (ORDER BY diagnosis) AS median_to_diagnose_s,
  avg(resolution) AS mean_to_resolve_s, percentile_cont(0.5) WITHIN GROUP (ORDER BY resolution) AS median_to_resolve_s,
  (SELECT count(*) FROM notifications WHERE state = 'sent' AND created_at >= %(since)s) AS messages_sent,
  (SELECT count(*) FROM notifications WHERE state = 'dead' AND created_at >= %(since)s) AS messages_dead,
  count(*) FILTER (WHERE state = 'suppressed') AS suppressed
FROM chosen"""
