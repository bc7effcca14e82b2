"""Readings that the log has and the store has not, for people: how many of which meter, why, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

WHAT_TO_DO: Final[Mapping[str, str]] = {
    "misaligned": "It reads at another interval than it is registered with, so what was taken is too little or too "
    "much: correct the interval (`redaptive import meters`) and send again.",
    "future": "The gateway's clock is ahead: set it, and send again.",
    "bad": "Negative, or more than the meter can carry: correct its unit, multiplier or limit.",
    "too_large": "No interval can hold so much: correct the unit or the multiplier.",
    "too_late": "Older than what is judged live: `redaptive import readings` takes it.",
    "unknown": "Its number is not known here: import the meter, and send again.",
}
"""What mends each reason."""


@dataclass(frozen=True)
class AsideFilter:
    """Which readings: all that is given has to fit."""

    reason: str | None = None
    meter: str | None = None
    since: datetime | None = None
    limit: int = 50


@dataclass(frozen=True)
class Aside:
    """Readings of one meter put aside for one reason; `first` and `last` are starts of intervals."""

    reason: str
    meter: str
    gateway: str
    interval_s: int | None
    readings: int
    first: datetime
    last: datetime
    newest: datetime


async def readings_aside(pools: ConnectionPoolManager, tenant_id: UUID, wanted: AsideFilter) -> list[Aside]:
    """The tenant's readings that were put aside, by meter and reason, those with the most first."""
    found = await pools.query(_ASIDE, {"tenant": tenant_id, **asdict(wanted)}, tenant_id=tenant_id)
    return [Aside(**row) for row in found]


_ASIDE: Final = """
SELECT r.reason, coalesce(m.code, 'no. ' || r.meter_no) AS meter, coalesce(min(g.code), '') AS gateway, m.interval_s,
       count(*) AS readings, to_timestamp(min(r.start_s)) AS first, to_timestamp(max(r.start_s)) AS last,
       max(r.recorded_at) AS newest
FROM rejected_reading r
LEFT JOIN meters m ON m.tenant_id = r.tenant_id AND m.meter_no = r.meter_no
LEFT JOIN gateways g ON g.tenant_id = r.tenant_id AND g.gateway_no = r.gateway_no
WHERE r.tenant_id = %(tenant)s AND r.requeued_at IS NULL
  AND (%(reason)s::text IS NULL OR r.reason = %(reason)s) AND (%(meter)s::text IS NULL OR m.code = %(meter)s)
  AND (%(since)s::timestamptz IS NULL OR r.recorded_at >= %(since)s)
GROUP BY r.reason, r.meter_no, m.code, m.interval_s
ORDER BY count(*) DESC, r.reason, r.meter_no LIMIT %(limit)s"""
