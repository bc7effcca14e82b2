"""Kernel transitions to alert rows: provisional on arrival, confirmed with the flush, withdrawn when not re-derived.

An event's id is a hash of (meter, kind, first interval), so a replay, or an owner that lost its lease, writes
the same rows again and nothing happens. All statements take whole batches and run as the role redaptive_worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from redaptive.domain.alerts.identity import alert_id

CHANNEL: LiteralString = "redaptive_alerts"
"""What the desk listens on; a confirmation of something notifies it."""
Column = Sequence[UUID | None] | Sequence[int | None] | Sequence[float | None] | Sequence[str]


@dataclass(frozen=True, slots=True)
class Signal:
    """One transition of one meter's (or gateway's) condition.

    `since_s` is the start of the event, `at_s` the start of the interval that decided it (epoch seconds UTC).
    `actual_wh` and `expected_wh` (Wh; litres for water) are of an interval, or of a night or day where a kind is judged
    by those; `excess_wh_per_day` per day; NaN where unknown. A condition of a gateway has `gateway` and no meter:
    `meter_no` 0, `meter_uuid` None.
    """

    meter_no: int
    tenant_id: UUID
    building_id: UUID | None
    meter_uuid: UUID | None
    kind: str
    opened: bool
    since_s: int
    at_s: int
    kernel_version: str
    actual_wh: int = 0
    expected_wh: float = nan
    excess_wh_per_day: float = nan
    score: float = nan
    gateway: int = 0

    @property
    def id(self) -> UUID:
        """The alert's id; the same for the opening and the closing of an event."""
        return alert_id(self.kind, self.since_s, meter_no=self.meter_no, gateway=self.gateway)


async def raise_provisional(
    connection: AsyncConnection[DictRow], signals: Sequence[Signal], *, position: int = 0
) -> int:
    """Write the openings as provisional rows, in a small transaction of the caller; how many were new.

    `position` is that of the log entry (`withdraw_unconfirmed`). Closings wait for `confirm`: until the flush, the
    condition counts as lasting. Signals of meters that are gone from the database are left out.
    """
    openings = [s for s in signals if s.opened]
    if not openings:
        return 0
    cursor = await connection.execute(RAISE, {**arrays(openings), "position": position})
    return cursor.rowcount


async def confirm(connection: AsyncConnection[DictRow], signals: Sequence[Signal], *, position: int = 0) -> int:
    """Confirm openings and record closings, inside the transaction that moves the offset; how many rows changed.

    An opening that is missing (the database was away on arrival) is written, a withdrawn one comes back. A closing
    finds its row by id, else the newest lasting event of the meter and kind.
    """
    openings, closings = [s for s in signals if s.opened], [s for s in signals if not s.opened]
    changed = 0
    if openings:
        changed += (await connection.execute(CONFIRM, {**arrays(openings), "position": position})).rowcount
    if closings:
        changed += (await connection.execute(CLOSE, arrays(closings))).rowcount
    if changed:
        await connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
    return changed


async def withdraw_unconfirmed(
    connection: AsyncConnection[DictRow], partition: int, partitions: int, position: int
) -> int:
    """Withdraw what was raised at or before `position` and not confirmed up to there; how many.

    Run after `confirm` in the same transaction. Only a change of kernel leaves such rows behind.
    """
    parameters = {"partition": partition, "partitions": partitions, "position": position}
    return (await connection.execute(WITHDRAW, parameters)).rowcount


def arrays(signals: Iterable[Signal]) -> dict[str, Column]:
    """One array per column, each id once (the last signal counts), for the statements below."""
    kept = list({s.id: s for s in signals}.values())
    return {
        "tenant": [s.tenant_id for s in kept],
        "id": [s.id for s in kept],
        "building": [s.building_id for s in kept],
        "meter": [s.meter_uuid for s in kept],
        "meter_no": [s.meter_no or None for s in kept],
        "gateway": [s.gateway or None for s in kept],
        "kind": [s.kind for s in kept],
        "since": [s.since_s for s in kept],
        "at": [s.at_s for s in kept],
        "actual": [s.actual_wh for s in kept],
        "expected": [_finite(s.expected_wh) for s in kept],
        "excess": [_finite(s.excess_wh_per_day / 1000.0) for s in kept],
        "score": [_finite(s.score) for s in kept],
        "kernel": [s.kernel_version for s in kept],
    }


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


_ROWS: LiteralString = """
WITH given AS (SELECT * FROM unnest(
  %(tenant)s::uuid[], %(id)s::uuid[], %(building)s::uuid[], %(meter)s::uuid[], %(meter_no)s::integer[],
  %(gateway)s::integer[], %(kind)s::text[], %(since)s::bigint[], %(at)s::bigint[], %(actual)s::bigint[],
  %(expected)s::float8[], %(excess)s::float8[], %(score)s::float4[], %(kernel)s::text[])
  AS g (tenant_id, id, building_id, meter_id, meter_no, gateway_no, kind, since_s, at_s, actual_wh, expected_wh,
        excess, score, kernel))
"""
# A signal of a meter that was deleted meanwhile must not hold up a flush, hence EXISTS instead of the foreign key.
_INSERT: LiteralString = """
INSERT INTO alerts (tenant_id, id, building_id, meter_id, meter_no, gateway_no, kind, since, decided_at, actual_wh,
  expected_wh, excess_kwh_per_day, score, kernel_version, log_position, confirmed_at)
SELECT g.tenant_id, g.id, g.building_id, g.meter_id, g.meter_no, g.gateway_no, g.kind, to_timestamp(g.since_s),
  to_timestamp(g.at_s), g.actual_wh, g.expected_wh, g.excess, g.score, g.kernel, %(position)s,
"""
_FROM: LiteralString = """
FROM given g
WHERE g.meter_id IS NULL OR EXISTS (SELECT FROM meters m WHERE m.tenant_id = g.tenant_id AND m.id = g.meter_id)
"""
RAISE: LiteralString = _ROWS + _INSERT + "NULL" + _FROM + "ON CONFLICT (tenant_id, id) DO NOTHING"
CONFIRM: LiteralString = (
    _ROWS
    + _INSERT
    + "clock_timestamp()"
    + _FROM
    + """
ON CONFLICT (tenant_id, id) DO UPDATE SET confirmed_at = clock_timestamp(),
  state = CASE WHEN alerts.state = 'withdrawn' THEN 'provisional' ELSE alerts.state END,
  decided_at = excluded.decided_at, actual_wh = excluded.actual_wh, expected_wh = excluded.expected_wh,
  excess_kwh_per_day = excluded.excess_kwh_per_day, score = excluded.score, kernel_version = excluded.kernel_version
WHERE alerts.confirmed_at IS NULL OR alerts.state = 'withdrawn'"""
)
_TARGET: LiteralString = """, target AS (
  SELECT g.*, coalesce(own.id, latest.id) AS target_id
  FROM given g
  LEFT JOIN alerts own ON own.tenant_id = g.tenant_id AND own.id = g.id
  LEFT JOIN LATERAL (
    SELECT a.id FROM alerts a
    WHERE own.id IS NULL AND a.tenant_id = g.tenant_id AND a.kind = g.kind AND a.ended_at IS NULL
      AND (a.meter_no = g.meter_no OR (g.meter_no IS NULL AND a.meter_no IS NULL AND a.gateway_no = g.gateway_no))
      AND a.since <= to_timestamp(g.at_s)
    ORDER BY a.since DESC LIMIT 1) latest ON true)
"""
# The figures stay those of the opening: a closing carries the reading that was usual again.
_END: LiteralString = """
UPDATE alerts a SET ended_at = to_timestamp(t.at_s)
FROM target t WHERE a.tenant_id = t.tenant_id AND a.id = t.target_id AND a.ended_at IS NULL"""
CLOSE: LiteralString = _ROWS + _TARGET + _END
WITHDRAW: LiteralString = """
WITH gone AS (
  UPDATE alerts SET state = 'withdrawn'
  WHERE state = 'provisional' AND confirmed_at IS NULL AND meter_no IS NOT NULL
    AND (meter_no >> 10) %% %(partitions)s = %(partition)s AND log_position <= %(position)s
  RETURNING tenant_id, id)
INSERT INTO alert_events (tenant_id, alert_id, who, action, from_state, to_state, why)
SELECT tenant_id, id, 'kernel', 'withdraw', 'provisional', 'withdrawn', 'not found again when the log was read again'
FROM gone"""
