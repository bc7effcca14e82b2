"""Runs by events and by the clock: what a tenant wants started, and the consumer that starts and wakes them.

A trigger starts a plan with each event of a type, once per event: the run's id is `evt:{event id}:{trigger}`.
A schedule starts a plan at each due time. A plan's own `wait_event` nodes need neither: the consumer finds them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg.types.json import Jsonb
from valkey.asyncio import Valkey

from redaptive.agents.principal import Principal
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.events.catalogue import EVENT_TYPES
from redaptive.infrastructure.messaging.events.consumer import ConsumerStatistics
from redaptive.orchestration.intelligent.engine.events import consumers
from redaptive.orchestration.intelligent.engine.requests import plan_json
from redaptive.orchestration.intelligent.engine.schedules import next_due
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject


@dataclass(frozen=True)
class Trigger:
    """Start `plan` with every event of the type whose fields equal `match`.

    `inputs`: literals, or `$event.field` of the event's data.
    """

    name: str
    event_type: str
    plan: Plan
    match: JsonObject = field(default_factory=dict)
    inputs: JsonObject = field(default_factory=dict)
    priority: int = 100


@dataclass(frozen=True)
class Schedule:
    """Start `plan` at the due times of a cron text, in the hours of a zone."""

    name: str
    cron: str
    plan: Plan
    timezone: str = "UTC"
    inputs: JsonObject = field(default_factory=dict)
    priority: int = 100


@dataclass(frozen=True)
class Automation:
    """A trigger or schedule as it is listed: `starts` is its event type or its cron text with zone."""

    kind: str
    name: str
    starts: str
    plan_id: str
    created_by: str
    enabled: bool
    next_at: datetime | None


class Automations:
    """A tenant's triggers and schedules. Their runs are made for, and with the scopes of, who saved them."""

    def __init__(self, pools: ConnectionPoolManager, principal: Principal) -> None:
        self._pools = pools
        self._principal = principal

    async def save_trigger(self, trigger: Trigger) -> None:
        """Make it, or replace the one of this name; raises InvalidInput for an event type that does not exist."""
        known = {kind.type for kind in EVENT_TYPES}
        if trigger.event_type not in known:
            names = ", ".join(sorted(known))
            raise InvalidInput(f"No event {trigger.event_type}.", field="event_type", fix=f"There are: {names}.")
        who = self._principal
        async with self._pools.transaction(who.tenant_id) as connection:
            await connection.execute(
                "INSERT INTO run_triggers (tenant_id, name, event_type, match, plan, inputs, priority, created_by,"
                " scopes) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant_id, name) DO UPDATE SET"
                " event_type = excluded.event_type, match = excluded.match, plan = excluded.plan, enabled = true,"
                " inputs = excluded.inputs, priority = excluded.priority, created_by = excluded.created_by,"
                " scopes = excluded.scopes",
                (
                    who.tenant_id,
                    trigger.name,
                    trigger.event_type,
                    Jsonb(trigger.match),
                    Jsonb(plan_json(trigger.plan)),
                    Jsonb(trigger.inputs),
                    trigger.priority,
                    who.subject,
                    sorted(who.scopes),
                ),
            )

    async def save_schedule(self, schedule: Schedule) -> datetime:
        """Make it, or replace the one of this name; the first due time. Raises InvalidInput for a bad cron or zone."""
        first, who = next_due(schedule.cron, schedule.timezone, datetime.now(UTC)), self._principal
        async with self._pools.transaction(who.tenant_id) as connection:
            await connection.execute(
                "INSERT INTO run_schedules (tenant_id, name, cron, timezone, plan, inputs, priority, created_by,"
                " scopes, next_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (tenant_id, name) DO UPDATE SET cron = excluded.cron,"
                " timezone = excluded.timezone, plan = excluded.plan, enabled = true,"
                " inputs = excluded.inputs, priority = excluded.priority, created_by = excluded.created_by,"
                " scopes = excluded.scopes, next_at = excluded.next_at",
                (
                    who.tenant_id,
                    schedule.name,
                    schedule.cron,
                    schedule.timezone,
                    Jsonb(plan_json(schedule.plan)),
                    Jsonb(schedule.inputs),
                    schedule.priority,
                    who.subject,
                    sorted(who.scopes),
                    first,
                ),
            )
        return first

    async def all(self) -> list[Automation]:
        """Everything that starts runs, by name."""
        rows = await self._pools.query(
            "SELECT 'trigger' AS kind, name, event_type AS starts, plan ->> 'id' AS plan_id, created_by, enabled,"
            " NULL::timestamptz AS next_at FROM run_triggers UNION ALL"
            " SELECT 'schedule', name, cron || ' ' || timezone, plan ->> 'id', created_by, enabled, next_at"
            " FROM run_schedules ORDER BY name, kind",
            tenant_id=self._principal.tenant_id,
        )
        return [Automation(**row) for row in rows]

    async def remove(self, name: str) -> None:
        """Remove the trigger and the schedule of the name; raises NotFound when there is neither."""
        async with self._pools.transaction(self._principal.tenant_id) as connection:
            triggers = await connection.execute("DELETE FROM run_triggers WHERE name = %s", (name,))
            schedules = await connection.execute("DELETE FROM run_schedules WHERE name = %s", (name,))
            if not triggers.rowcount + schedules.rowcount:
                raise NotFound(f"No trigger or schedule {name}.", field="name")


class EventDrivenEngine:
    """Brings events to runs. Every process may run one: they share the work, and each event has its effect once.

    The pool's role is redaptive_worker. Losing Valkey loses no run: the consumers wait for it.
    """

    def __init__(self, client: Valkey, pools: ConnectionPoolManager, name: str) -> None:
        self._consumers = consumers(client, pools, name)

    async def run(self) -> None:
        """Handle events of all topics for ever; cancel to end."""
        async with asyncio.TaskGroup() as group:
            for consumer in self._consumers:
                group.create_task(consumer.run())

    def statistics(self) -> ConsumerStatistics:
        """Counts since start, over all topics."""
        found = [consumer.statistics() for consumer in self._consumers]
        names = ConsumerStatistics.__dataclass_fields__
        return ConsumerStatistics(**{name: sum(getattr(each, name) for each in found) for name in names})
