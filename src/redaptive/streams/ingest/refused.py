"""What ingest refused, for people: found by reason, gateway and meter, and sent again once the cause is mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic_core import from_json, to_json

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.ingest.admission import Admission
from redaptive.streams.ingest.refusals import Refusals, Waiting
from redaptive.streams.ingest.requeue import send_again

_NEEDED: Final = ("meter", "start", "value")


@dataclass(frozen=True)
class RefusedFilter:
    """Which rows: all that is given has to fit. Those that were sent again are left out."""

    reason: str | None = None
    gateway: str | None = None
    meter: str | None = None
    since: datetime | None = None
    limit: int = 50


@dataclass(frozen=True)
class RefusedRow:
    """A row that is not in the log: `row` its place in its message, -1 the whole message; `raw` as it came."""

    batch: UUID
    row: int
    received_at: datetime
    gateway: str
    meter: str
    reason: str
    field: str
    detail: str
    raw: str


@dataclass(frozen=True)
class SentAgain:
    """Of `rows`: in the log now, refused once more, and those that hold no whole reading, which stay as they are."""

    rows: int
    accepted: int
    refused: int
    unusable: int


async def refused_rows(pools: ConnectionPoolManager, tenant_id: UUID, wanted: RefusedFilter) -> list[RefusedRow]:
    """The tenant's refused rows, the newest first."""
    found = await pools.query(_ROWS, {"tenant": tenant_id, **asdict(wanted)}, tenant_id=tenant_id)
    return [RefusedRow(**row) for row in found]


async def refused_counts(pools: ConnectionPoolManager, tenant_id: UUID, wanted: RefusedFilter) -> dict[str, int]:
    """How many rows the filter finds by reason, however many are shown."""
    found = await pools.query(_COUNTS, {"tenant": tenant_id, **asdict(wanted)}, tenant_id=tenant_id)
    return {row["reason"]: row["n"] for row in found}


async def resend(
    admission: Admission,
    refusals: Refusals,
    tenant_id: UUID,
    tenant: str,
    rows: Sequence[RefusedRow],
    *,
    unit: str | None = None,
) -> SentAgain:
    """Put the tenant's rows through admission again, with another `unit` if one is given; each goes in once.

    A row that is refused once more is kept anew, with the reason of this time.
    """
    waiting = [
        Waiting(tenant_id, tenant, row.batch, row.row, row.gateway, raw)
        for row in rows
        if (raw := _usable(row.raw, unit)) is not None
    ]
    waiting.sort(key=lambda row: (row.gateway, row.batch, row.row_no))
    accepted, refused = await send_again(admission, refusals, waiting)
    return SentAgain(len(rows), accepted, refused, len(rows) - len(waiting))


def _usable(raw: str, unit: str | None) -> str | None:
    """The row's text, with `unit` in place of its own; None if it is no reading."""
    try:
        row = from_json(raw)
    except ValueError:
        return None
    if not isinstance(row, dict) or any(row.get(name) is None for name in _NEEDED):
        return None
    return raw if unit is None else to_json({**row, "unit": unit}).decode()


_CHOSEN: Final = """
FROM refused_reading r JOIN gateways g ON g.tenant_id = r.tenant_id AND g.gateway_no = r.gateway_no
WHERE r.tenant_id = %(tenant)s AND r.requeued_at IS NULL
  AND (%(reason)s::text IS NULL OR r.reason = %(reason)s)
  AND (%(gateway)s::text IS NULL OR g.code = %(gateway)s)
  AND (%(meter)s::text IS NULL OR r.meter_code = %(meter)s)
  AND (%(since)s::timestamptz IS NULL OR r.received_at >= %(since)s)
"""
_ROWS: Final = (
    "SELECT r.batch, r.row_no AS row, r.received_at, g.code AS gateway, r.meter_code AS meter, r.reason, r.field,"
    " r.detail, r.raw" + _CHOSEN + "ORDER BY r.received_at DESC, r.batch, r.row_no LIMIT %(limit)s"
)
_COUNTS: Final = "SELECT r.reason, count(*)::int AS n" + _CHOSEN + "GROUP BY r.reason ORDER BY r.reason"
