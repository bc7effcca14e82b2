"""Equipment of one tenant, its trends by day, and findings of engineers about its faults."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from redaptive.domain.equipment.maintenance import Ticket
from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.records import Equipment, LocatedEquipment, MaintenanceFinding
from redaptive.domain.equipment.samples import coarser
from redaptive.domain.equipment.trend import Trend
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import ids_by_code, require_known
from redaptive.infrastructure.database.upsert import Table, UpsertCount, refuse_duplicates, upsert

DAY_S: Final = 86_400
MAX_DAYS: Final = 1_100
_EQUIPMENT: Final = Table(
    "equipment",
    {"code": "text"},
    {"building_id": "uuid", "kind": "text", "name": "text", "installed_on": "date", "rated": "jsonb"},
    {},
)
_SELECT: Final = """
SELECT e.code, b.code AS building_code, e.kind, e.name, e.installed_on, e.rated, s.code AS site_code, s.timezone,
  s.state
FROM equipment e
JOIN buildings b ON b.tenant_id = e.tenant_id AND b.id = e.building_id
JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
WHERE (%(codes)s::text[] IS NULL OR e.code = ANY(%(codes)s)) ORDER BY e.code"""
_MERGE: Final = """
INSERT INTO equipment_trends (tenant_id, equipment_id, point, day, interval_s, samples)
VALUES (%(tenant)s, %(equipment)s, %(point)s, %(day)s, %(interval_s)s, %(samples)s)
ON CONFLICT (tenant_id, equipment_id, point, day) DO UPDATE
  SET interval_s = excluded.interval_s, samples = excluded.samples"""


class EquipmentStore:
    """Reads and writes equipment; codes are unique in the tenant."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def upsert_equipment(self, records: Sequence[Equipment]) -> UpsertCount:
        """Write equipment by code; raises NotFound for an unknown building, InvalidInput for a code given twice."""
        refuse_duplicates("equipment", (r.code for r in records))
        async with self._pools.transaction(self._tenant_id) as connection:
            buildings = await ids_by_code(connection, "building")
            require_known("building", (r.building_code for r in records), buildings)
            rows = [_row(r, buildings[r.building_code]) for r in records]
            return await upsert(connection, _EQUIPMENT, rows, self._tenant_id)

    async def equipment(self, codes: Sequence[str] | None = None) -> list[LocatedEquipment]:
        """The named equipment, all without names; raises NotFound for a code that is unknown, with the nearest ones."""
        wanted = list(codes) if codes is not None else None
        rows = await self._pools.query(_SELECT, {"codes": wanted}, tenant_id=self._tenant_id)
        if codes is not None and len(rows) < len(set(codes)):
            every = await self._pools.query("SELECT code FROM equipment", tenant_id=self._tenant_id)
            require_known("equipment", codes, [row["code"] for row in every])
        return [_located(row) for row in rows]

    async def write_trend(self, code: str, trend: Trend) -> int:
        """Put samples into the days they belong to, beside what those days have; the number of days written.

        A day of another cadence is taken to the coarser of the two.
        """
        async with self._pools.transaction(self._tenant_id) as connection:
            equipment = await self._id(connection, code)
            kept = await self._days(connection, equipment, trend)
            rows = [
                {"tenant": self._tenant_id, "equipment": equipment, "point": point, "day": day, **merged}
                for point, values in trend.columns.items()
                for day, merged in _by_day(values, trend, {d: row for (p, d), row in kept.items() if p == point})
            ]
            async with connection.cursor() as cursor:
                await cursor.executemany(_MERGE, rows)
        return len({row["day"] for row in rows})

    async def trend(self, code: str, start: datetime, end: datetime) -> Trend | None:
        """Stored points of [start, end) on the coarsest cadence among them; None where there is nothing.

        :raises InvalidInput: a window of more than `MAX_DAYS` days.
        """
        if (end - start).days > MAX_DAYS:
            raise InvalidInput(
                f"The window is longer than {MAX_DAYS} days.", field="start", fix="Ask for a shorter one."
            )
        rows = await self._pools.query(
            "SELECT t.point, t.day, t.interval_s, t.samples FROM equipment_trends t JOIN equipment e"
            " ON e.tenant_id = t.tenant_id AND e.id = t.equipment_id"
            " WHERE e.code = %s AND t.day >= %s AND t.day <= %s ORDER BY t.point, t.day",
            (code, start.date(), end.date()),
            tenant_id=self._tenant_id,
        )
        return _assembled(code, rows, int(start.timestamp()), math.ceil(end.timestamp())) if rows else None

    async def span(self, code: str) -> tuple[datetime, datetime] | None:
        """[first, last) days with samples of one equipment, None without any."""
        rows = await self._pools.query(
            "SELECT min(t.day) AS first, max(t.day) AS last FROM equipment_trends t JOIN equipment e"
            " ON e.tenant_id = t.tenant_id AND e.id = t.equipment_id WHERE e.code = %s",
            (code,),
            tenant_id=self._tenant_id,
        )
        if rows[0]["first"] is None:
            return None
        return _midnight(rows[0]["first"]), _midnight(rows[0]["last"]) + timedelta(days=1)

    async def add_finding(self, found: MaintenanceFinding, subject: str) -> None:
        """Keep what an engineer found; raises NotFound for unknown equipment."""
        async with self._pools.transaction(self._tenant_id) as connection:
            equipment = await self._id(connection, found.equipment_code)
            await connection.execute(
                "INSERT INTO maintenance_findings (tenant_id, equipment_id, rule, finding, note, subject)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (self._tenant_id, equipment, found.rule, found.finding, found.note, subject),
            )

    async def tickets(self) -> Mapping[str, Ticket]:
        """Confirmed and rejected findings of the tenant by rule."""
        rows = await self._pools.query(
            "SELECT rule, count(*) FILTER (WHERE finding = 'confirmed') AS confirmed,"
            " count(*) FILTER (WHERE finding = 'rejected') AS rejected FROM maintenance_findings GROUP BY rule",
            tenant_id=self._tenant_id,
        )
        return {row["rule"]: Ticket(row["confirmed"], row["rejected"]) for row in rows}

    async def _id(self, connection: AsyncConnection[DictRow], code: str) -> UUID:
        row = await (await connection.execute("SELECT id FROM equipment WHERE code = %s", (code,))).fetchone()
        if row is None:
            every = await (await connection.execute("SELECT code FROM equipment")).fetchall()
            require_known("equipment", [code], [each["code"] for each in every])
            raise NotFound(f"There is no equipment with the code {code!r}.", field="equipment_code")
        return UUID(str(row["id"]))

    async def _days(
        self, connection: AsyncConnection[DictRow], equipment: UUID, trend: Trend
    ) -> dict[tuple[str, date], DictRow]:
        first, last = (datetime.fromtimestamp(s, UTC).date() for s in (trend.start_s, trend.end_s - 1))
        found = await connection.execute(
            "SELECT point, day, interval_s, samples FROM equipment_trends"
            " WHERE equipment_id = %s AND day BETWEEN %s AND %s FOR UPDATE",
            (equipment, first, last),
        )
        return {(row["point"], row["day"]): row for row in await found.fetchall()}


def _row(record: Equipment, building: UUID) -> dict[str, Any]:
    return {
        "code": record.code,
        "building_id": building,
        "kind": record.kind,
        "name": record.name,
        "installed_on": record.installed_on,
        "rated": Jsonb(dict(record.rated)),
    }


def _located(row: DictRow) -> LocatedEquipment:
    rated = {name: float(value) for name, value in row["rated"].items()}
    own = Equipment(row["code"], row["building_code"], row["kind"], row["name"], row["installed_on"], rated)
    return LocatedEquipment(own, row["site_code"], row["timezone"], row["state"])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _by_day(values: Floats, trend: Trend, kept: Mapping[date, DictRow]) -> list[tuple[date, dict[str, Any]]]:
    """(day, interval and samples) of every UTC day that the values touch with a figure."""
    step, made = trend.step_s, []
    per_day = DAY_S // step
    first_day = trend.start_s // DAY_S
    before = (trend.start_s - first_day * DAY_S) // step
    days = -(-(before + values.size) // per_day)
    padded = np.full(days * per_day, np.nan)
    padded[before : before + values.size] = values
    for number, samples in enumerate(padded.reshape(days, per_day)):
        if np.isfinite(samples).any():
            day = datetime.fromtimestamp((first_day + number) * DAY_S, UTC).date()
            made.append((day, _merged(samples, step, kept.get(day))))
    return made


def _merged(samples: Floats, step: int, old: DictRow | None) -> dict[str, Any]:
    if old is not None:
        before, common = np.array(old["samples"], np.float64), math.lcm(step, old["interval_s"])
        before, samples = coarser(before, common // old["interval_s"]), coarser(samples, common // step)
        samples, step = np.where(np.isfinite(samples), samples, before), common
    return {"interval_s": step, "samples": samples.tolist()}


def _assembled(code: str, rows: Sequence[DictRow], start_s: int, end_s: int) -> Trend:
    step = math.lcm(*{row["interval_s"] for row in rows})
    first, last = -(-start_s // step) * step, end_s // step * step
    size = max(0, (last - first) // step)
    columns: dict[str, Floats] = {}
    for row in rows:
        column = columns.setdefault(row["point"], np.full(size, np.nan))
        samples = coarser(np.array(row["samples"], np.float32).astype(np.float64), step // row["interval_s"])
        place = (int(_midnight(row["day"]).timestamp()) - first) // step
        low, high = max(0, place), min(size, place + samples.size)
        if low < high:
            column[low:high] = samples[low - place : high - place]
    return Trend(code, first, step, {name: values for name, values in columns.items() if np.isfinite(values).any()})
