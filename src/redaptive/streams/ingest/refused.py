"""What ingest refused, for people: found by reason, gateway and meter, and sent again once the cause is mended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic_core import from_json, to_json

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.ingest.admission import Admission
from redaptive.streams.ingest.keys import without_unit
from redaptive.streams.ingest.refusals import Refusals, Waiting
from redaptive.streams.ingest.requeue import send_again, send_whole
from redaptive.streams.ingest.whole import read_again

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
    """A row that is not in the log: `row` its place in its message, -1 the whole message.

    `raw` is the beginning of its text, `size` the length of all of it in characters.
    """

    batch: UUID
    row: int
    received_at: datetime
    gateway: str
    meter: str
    reason: str
    field: str
    detail: str
    raw: str
    size: int


@dataclass(frozen=True)
class SentAgain:
    """Of `rows`: readings in the log now, refused once more, and rows that hold no whole reading, which stay."""

    rows: int
    accepted: int
    refused: int
    unusable: int


async def refused_rows(pools: ConnectionPoolManager, tenant_id: UUID, wanted: RefusedFilter) -> list[RefusedRow]:
    """The tenant's refused rows, the newest first, each with the beginning of its text."""
    found = await pools.query(_ROWS, {"tenant": tenant_id, **asdict(wanted)}, tenant_id=tenant_id)
    return [RefusedRow(**row) for row in found]


async def whole_texts(
    pools: ConnectionPoolManager, tenant_id: UUID, rows: Sequence[RefusedRow]
) -> AsyncIterator[RefusedRow]:
    """The rows with all of their text; one at a time, because a message has up to 8 MB."""
    for row in rows:
        if row.size <= len(row.raw):
            yield row
            continue
        found = await pools.query(
            "SELECT raw FROM refused_reading WHERE tenant_id = %s AND batch = %s AND row_no = %s",
            (tenant_id, row.batch, row.row),
            tenant_id=tenant_id,
        )
        yield replace(row, raw=found[0]["raw"] if found else row.raw)


async def refused_counts(pools: ConnectionPoolManager, tenant_id: UUID, wanted: RefusedFilter) -> dict[str, int]:
    """How many rows the filter finds by reason, however many are shown."""
    found = await pools.query(_COUNTS, {"tenant": tenant_id, **asdict(wanted)}, tenant_id=tenant_id)
    return {row["reason"]: row["n"] for row in found}


async def require_seen(pools: ConnectionPoolManager, tenant_id: UUID, reason: str) -> None:
    """Do nothing if anything was ever refused for that reason; raises NotFound that names the reasons that occurred."""
    found = await pools.query(_REASONS, {"tenant": tenant_id}, tenant_id=tenant_id)
    seen = [row["reason"] for row in found]
    if reason not in seen:
        fix = f"There were: {', '.join(seen)}." if seen else "Nothing was refused at all."
        raise NotFound(f"Nothing was ever refused as {reason!r}.", field="--reason", fix=fix)


async def forget(refusals: Refusals, tenant_id: UUID, wanted: RefusedFilter) -> int:
    """How many of the tenant's rows that wait are deleted now: all that fit, whatever the limit."""
    async with refusals.pools.transaction(tenant_id) as connection:
        done = await connection.execute(_FORGET, {"tenant": tenant_id, **asdict(wanted)})
        return done.rowcount


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
    waiting: list[Waiting] = []
    accepted = refused = whole = 0
    async for row in whole_texts(refusals.pools, tenant_id, rows):
        kept = Waiting(tenant_id, tenant, row.batch, row.row, row.gateway, row.raw)
        if row.row < 0 and (parts := read_again(row.raw.encode(), int(row.received_at.timestamp() * 1e6), unit)):
            counts = await send_whole(admission, refusals, kept, parts)
            accepted, refused, whole = accepted + counts[0], refused + counts[1], whole + 1
        elif (raw := _usable(row.raw, unit)) is not None:
            waiting.append(replace(kept, raw=raw))
    waiting.sort(key=lambda row: (row.gateway, row.batch, row.row_no))
    counts = await send_again(admission, refusals, waiting)
    unusable = len(rows) - len(waiting) - whole
    return SentAgain(len(rows), accepted + counts[0], refused + counts[1], unusable)


def _usable(raw: str, unit: str | None) -> str | None:
    """The row's text, with `unit` in place of its own; None if it is no reading."""
    try:
        row = from_json(raw)
    except ValueError:
        return None
    if not isinstance(row, dict) or any(row.get(name) is None for name in _NEEDED):
        return None
    return raw if unit is None else to_json({**without_unit(row), "unit": unit}).decode()


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
    " r.detail, left(r.raw, 2000) AS raw, length(r.raw) AS size"
    + _CHOSEN
    + "ORDER BY r.received_at DESC, r.batch, r.row_no LIMIT %(limit)s"
)
_FORGET: Final = (
    "WITH x AS (SELECT r.tenant_id, r.batch, r.row_no" + _CHOSEN + ") DELETE FROM refused_reading d USING x"  # noqa: S608
    " WHERE (d.tenant_id, d.batch, d.row_no) = (x.tenant_id, x.batch, x.row_no)"
)
_COUNTS: Final = "SELECT r.reason, count(*)::int AS n" + _CHOSEN + "GROUP BY r.reason ORDER BY r.reason"
_REASONS: Final = "SELECT DISTINCT reason FROM refused_reading WHERE tenant_id = %(tenant)s ORDER BY reason"
