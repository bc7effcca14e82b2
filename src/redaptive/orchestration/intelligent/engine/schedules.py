"""Plans run by the clock: due times by cron in the schedule's own zone, each run once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from croniter import CroniterBadCronError, croniter  # type: ignore[import-untyped]
from psycopg.rows import DictRow

from redaptive.errors import InvalidInput, RedaptiveError
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.orchestration.intelligent.engine.requests import plan_of_json
from redaptive.orchestration.state.run_records import NewRun
from redaptive.orchestration.state.workflow_persistence import insert_run

LOOK_S: Final = 1.0
MOST: Final = 100
log = structlog.get_logger(__name__)


def next_due(cron: str, timezone: str, after: datetime) -> datetime:
    """The first due time after `after`, in UTC. Hours are local: a day of 23 or 25 hours has each due time once.

    Where the hours are `*` or `*/n`, also the hour that comes twice has its runs both times.

    >>> next_due("0 6 * * *", "America/Chicago", datetime(2026, 3, 7, 13, tzinfo=UTC)).isoformat()
    '2026-03-08T11:00:00+00:00'

    :raises InvalidInput: for a cron text or zone that is not understood.
    """
    try:
        zone = ZoneInfo(timezone)
        times = croniter(cron, after.astimezone(zone))
        found: datetime = times.get_next(datetime)
        while _names_hours(cron) and found.astimezone(UTC).astimezone(zone).fold:  # had when the clock first showed it
            found = times.get_next(datetime)
    except (CroniterBadCronError, ValueError) as error:
        raise InvalidInput(f"{cron!r} is no cron text: {error}", field="cron", fix="Write e.g. 0 6 * * 1-5.") from error
    except ZoneInfoNotFoundError as error:
        raise InvalidInput(f"No time zone {timezone}.", field="timezone", fix="Write e.g. America/Chicago.") from error
    return found.astimezone(UTC)


def _names_hours(cron: str) -> bool:
    fields = cron.split()
    return len(fields) > 1 and not fields[1].startswith("*")


class Schedules:
    """Starts runs that are due; every executor may look, one of them starts."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools

    async def run(self) -> None:
        """Look for ever; cancel to end."""
        while True:
            try:
                await self.step()
            except RedaptiveError as error:
                log.warning("schedules_wait", code=error.code, error=error.message)
            await asyncio.sleep(LOOK_S)

    async def step(self) -> int:
        """Start what is due now; how many. Of several missed times of a schedule only the last is made up for."""
        async with self._pools.transaction(None) as connection:
            cursor = await connection.execute(
                "SELECT *, clock_timestamp() AS now FROM run_schedules WHERE enabled AND next_at <= clock_timestamp()"
                " ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED",
                (MOST,),
            )
            return sum([await self._start(connection, row) for row in await cursor.fetchall()])

    async def _start(self, connection: Connection, row: DictRow) -> bool:
        due, enabled = row["next_at"], True
        try:
            while (later := next_due(row["cron"], row["timezone"], due)) <= row["now"]:
                due = later
        except InvalidInput as error:
            log.error("schedule_disabled", schedule=row["name"], error=error.message)
            later, enabled = row["next_at"], False
        started = enabled and await insert_run(connection, row["tenant_id"], _new_run(row, due))
        await connection.execute(
            "UPDATE run_schedules SET next_at = %s, last_at = %s, enabled = %s WHERE tenant_id = %s AND name = %s",
            (later, due if started else row["last_at"], enabled, row["tenant_id"], row["name"]),
        )
        return bool(started)


def _new_run(row: DictRow, due: datetime) -> NewRun:
    plan = plan_of_json(row["plan"])
    return NewRun(
        id=f"schedule:{row['name']}:{due.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        plan=row["plan"],
        plan_hash=plan.content_hash,
        inputs=row["inputs"],
        started_by=row["created_by"],
        scopes=frozenset(row["scopes"]),
        priority=row["priority"],
        queue=row["queue"],
        origin="schedule",
    )
