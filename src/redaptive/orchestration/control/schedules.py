"""Plans that run by the clock: kept per tenant, each time once; of times missed only the last is made up for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from redaptive.errors import InvalidInput
from redaptive.orchestration.control.kept_plans import KeptPlans
from redaptive.orchestration.control.permissions import OPERATE, READ
from redaptive.orchestration.control.starting import with_defaults
from redaptive.orchestration.intelligent.engine.schedules import next_due
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject


@dataclass(frozen=True)
class Schedule:
    """A plan with the times at which it runs: cron of five fields in a time zone; `next_at` is the next of them."""

    name: str
    cron: str
    timezone: str
    plan: JsonObject
    inputs: JsonObject
    priority: int
    queue: str
    created_by: str
    enabled: bool
    next_at: datetime
    last_at: datetime | None


@dataclass(frozen=True)
class Timing:
    """When: cron of five fields (minute hour day month weekday), read in the time zone."""

    cron: str
    timezone: str = "UTC"

    def times(self, after: datetime, count: int = 1) -> list[datetime]:
        """The next times after a moment, in UTC. An hour that a change of clocks leaves out is made up for after it.

        :raises InvalidInput: for a malformed expression, an unknown zone, or a date that never comes.
        """
        if len(self.cron.split()) != 5:
            raise InvalidInput(
                f"{self.cron!r} has not five fields.",
                field="cron",
                fix="Write minute hour day month weekday, e.g. '0 6 * * 1' for Mondays at six.",
            )
        found = [next_due(self.cron, self.timezone, after)]
        while len(found) < count:
            found.append(next_due(self.cron, self.timezone, found[-1]))
        return found


class Schedules(KeptPlans):
    """The schedules of the principal's tenant. A scheduled run has the rights of whoever made the schedule."""

    noun = "schedule"
    deletes = "DELETE FROM run_schedules WHERE name = %s"

    async def put(
        self, name: str, timing: Timing, plan: Plan, inputs: Mapping[str, JsonValue], *, now: datetime,
        priority: int = 100,
    ) -> Schedule:  # fmt: skip
        """The schedule, new or replaced.

        :raises InvalidInput: plan, inputs or times do not fit. :raises Unauthorized: scope.
        """
        self._principal.require(OPERATE)
        plan = self._checker.completed(plan, self._principal)
        self._checker.require(plan, inputs, self._principal)
        values = self._values(name, plan, with_defaults(plan, inputs), priority)
        values |= {"cron": timing.cron, "timezone": timing.timezone, "next": timing.times(now)[0]}
        async with self._pools.transaction(self._tenant) as connection:
            cursor = await connection.execute(_PUT, values)
            return self._record(Schedule, await cursor.fetchall(), name)

    async def all(self) -> list[Schedule]:
        """Every schedule, the next due first."""
        self._principal.require(READ)
        rows = await self._pools.query(f"{_SELECT} ORDER BY next_at, name", tenant_id=self._tenant)
        return [self._record(Schedule, [row], str(row["name"])) for row in rows]

    async def enable(self, name: str, enabled: bool, *, now: datetime) -> Schedule:
        """Let a schedule rest, or run again from the next time after now on. Raises NotFound."""
        self._principal.require(OPERATE)
        async with self._pools.transaction(self._tenant) as connection:
            found = await (await connection.execute(f"{_SELECT} WHERE name = %s FOR UPDATE", (name,))).fetchall()
            kept = self._record(Schedule, found, name)
            next_at = Timing(kept.cron, kept.timezone).times(now)[0]
            cursor = await connection.execute(
                "UPDATE run_schedules SET enabled = %s, next_at = %s WHERE name = %s RETURNING *",
                (enabled, next_at, name),
            )
            return self._record(Schedule, await cursor.fetchall(), name)


_SELECT = "SELECT * FROM run_schedules"
_PUT = """
INSERT INTO run_schedules (tenant_id, name, cron, timezone, plan, inputs, priority, created_by, scopes, next_at)
VALUES (%(tenant)s, %(name)s, %(cron)s, %(timezone)s, %(plan)s, %(inputs)s, %(priority)s, %(by)s, %(scopes)s, %(next)s)
ON CONFLICT (tenant_id, name) DO UPDATE SET cron = excluded.cron, timezone = excluded.timezone, plan = excluded.plan,
  inputs = excluded.inputs, priority = excluded.priority, created_by = excluded.created_by, scopes = excluded.scopes,
  next_at = excluded.next_at, enabled = true
RETURNING *
"""
