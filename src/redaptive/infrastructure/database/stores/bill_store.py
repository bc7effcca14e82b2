"""Utility bills of one tenant with their charge lines; money is Decimal to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from redaptive.domain.portfolio.records import Commodity
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import ids_by_code, require_known
from redaptive.infrastructure.database.upsert import Table, UpsertCount, refuse_duplicates, upsert

_BILLS = Table(
    "bills",
    {"code": "text"},
    {
        "building_id": "uuid",
        "meter_id": "uuid",
        "utility": "text",
        "account": "text",
        "number": "text",
        "rate_code": "text",
        "commodity": "text",
        "period_start": "date",
        "period_end": "date",
        "usage": "numeric(18,3)",
        "usage_unit": "text",
        "demand_kw": "numeric(14,3)",
        "estimated": "boolean",
        "total_usd": "numeric(14,2)",
        "due_date": "date",
        "source": "text",
    },
    {"id": "uuid"},
)
_LINES = Table(
    "bill_lines",
    {"bill_id": "uuid", "line_no": "integer"},
    {
        "charge": "text",
        "quantity": "numeric(18,4)",
        "unit": "text",
        "rate": "numeric(18,8)",
        "amount_usd": "numeric(14,2)",
    },
    {},
)


@dataclass(frozen=True)
class BillLine:
    """One charge: quantity x rate in USD, or a flat amount; credits are negative."""

    charge: str
    amount_usd: Decimal
    quantity: Decimal | None = None
    unit: str = ""
    rate: Decimal | None = None


@dataclass(frozen=True)
class Bill:
    """One bill for [period_start, period_end). `code` is our key; printed numbers may repeat (that is a finding)."""

    code: str
    building_code: str
    utility: str
    account: str
    number: str
    commodity: Commodity
    period_start: date
    period_end: date
    usage: Decimal | None
    usage_unit: str
    total_usd: Decimal
    meter_code: str | None = None
    demand_kw: Decimal | None = None
    rate_code: str | None = None
    estimated: bool = False
    due_date: date | None = None
    source: str = ""
    lines: tuple[BillLine, ...] = ()


class BillStore:
    """Bills by our code."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def upsert_bills(self, records: Sequence[Bill]) -> UpsertCount:
        """Write bills and replace their lines; the count is of bills (a change in lines only counts as unchanged).

        Raises NotFound for an unknown building or meter, InvalidInput for a code given twice.
        """
        refuse_duplicates("bill", (r.code for r in records))
        async with self._pools.transaction(self._tenant_id) as connection:
            buildings = await ids_by_code(connection, "building")
            require_known("building", (r.building_code for r in records), buildings)
            meters = await ids_by_code(connection, "meter")
            require_known("meter", (r.meter_code for r in records if r.meter_code), meters)
            rows = [_bill_row(r, buildings, meters) for r in records]
            count = await upsert(connection, _BILLS, rows, self._tenant_id)
            await self._write_lines(connection, records)
        return count

    async def bills(
        self, building_codes: Sequence[str] | None = None, *, start: date | None = None, end: date | None = None
    ) -> list[Bill]:
        """Bills by building and period whose period begins in [start, end), with their lines."""
        params = {
            "buildings": None if building_codes is None else list(building_codes),
            "start": start,
            "end": end,
        }
        rows = await self._pools.query(_SELECT, params, tenant_id=self._tenant_id)
        lines = await self._pools.query(_SELECT_LINES, {"bills": [r["id"] for r in rows]}, tenant_id=self._tenant_id)
        by_bill: dict[UUID, list[BillLine]] = {}
        for line in lines:
            by_bill.setdefault(line.pop("bill_id"), []).append(BillLine(**line))
        return [_bill(row, by_bill.get(row["id"], [])) for row in rows]

    async def _write_lines(self, connection: AsyncConnection[DictRow], records: Sequence[Bill]) -> None:
        cursor = await connection.execute(
            "SELECT code, id FROM bills WHERE code = ANY(%s)", ([r.code for r in records],)
        )
        ids = {row["code"]: row["id"] for row in await cursor.fetchall()}
        lines = [
            {"bill_id": ids[r.code], "line_no": n, **asdict(line)}
            for r in records
            for n, line in enumerate(r.lines, start=1)
        ]
        await upsert(connection, _LINES, lines, self._tenant_id)
        await connection.execute(
            "DELETE FROM bill_lines l USING unnest(%s::uuid[], %s::integer[]) AS k (id, n)"
            " WHERE l.bill_id = k.id AND l.line_no > k.n",
            ([ids[r.code] for r in records], [len(r.lines) for r in records]),
        )


_SELECT = """
SELECT b.id, b.code, g.code AS building_code, m.code AS meter_code, b.utility, b.account, b.number, b.rate_code,
       b.commodity, b.period_start, b.period_end, b.usage, b.usage_unit, b.demand_kw, b.estimated, b.total_usd,
       b.due_date, b.source
FROM bills b
JOIN buildings g ON g.tenant_id = b.tenant_id AND g.id = b.building_id
LEFT JOIN meters m ON m.tenant_id = b.tenant_id AND m.id = b.meter_id
WHERE (%(buildings)s::text[] IS NULL OR g.code = ANY(%(buildings)s))
  AND (%(start)s::date IS NULL OR b.period_start >= %(start)s)
  AND (%(end)s::date IS NULL OR b.period_start < %(end)s)
ORDER BY g.code, b.period_start, b.code
"""
_SELECT_LINES = """
SELECT bill_id, charge, amount_usd, quantity, unit, rate
FROM bill_lines WHERE bill_id = ANY(%(bills)s) ORDER BY bill_id, line_no
"""


def _bill_row(record: Bill, buildings: Mapping[str, UUID], meters: Mapping[str, UUID]) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in _BILLS.values if not name.endswith("_id")}
    return {
        **row,
        "id": uuid4(),
        "code": record.code,
        "building_id": buildings[record.building_code],
        "meter_id": meters[record.meter_code] if record.meter_code else None,
        "commodity": record.commodity.value,
    }


def _bill(row: DictRow, lines: Sequence[BillLine]) -> Bill:
    plain = {name: value for name, value in row.items() if name != "id"}
    return Bill(**{**plain, "commodity": Commodity(row["commodity"]), "lines": tuple(lines)})
