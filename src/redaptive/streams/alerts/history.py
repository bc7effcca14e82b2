"""Stored readings of the meters of pending or open alerts and of those beside them, ready to be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
import polars as pl
from anyio import to_thread
from psycopg.rows import DictRow

from redaptive.domain.alerts.assessment import BEFORE_H, DAY_H, Floats, Ints
from redaptive.domain.alerts.comparable import Comparable, Episode
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import HOUR_S
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.infrastructure.readings.store import ReadingsStore

MOST_METERS: Final = 200
"""Meters of alerts that are looked at in one pass."""
MOST_PEERS: Final = 40
"""Meters of other buildings that one is compared with: of its site first, then of its weather station."""


@dataclass(frozen=True)
class _Group:
    """The meters of one commodity and site that are asked for, and those beside them, one row each."""

    asked: frozenset[int]
    rows: tuple[DictRow, ...]


async def read_episodes(
    connection: Connection, store: ReadingsStore, tenant: UUID, faults: Sequence[Fault], now: datetime
) -> Mapping[UUID, Episode]:
    """By alert, its episode with the eight weeks before; alerts whose meter is gone have none.

    Raises Unavailable when the store cannot be read.
    """
    found: dict[UUID, Episode] = {}
    meters = sorted({f.meter_no for f in faults if f.meter_no})
    for group in await _groups(connection, tenant, meters) if meters else ():
        mine = [f for f in faults if f.meter_no in group.asked]
        first_h = min(f.since_s for f in mine) // HOUR_S - BEFORE_H - DAY_H
        until_h = int(now.timestamp()) // HOUR_S
        if first_h >= until_h:
            continue
        air = await _air(connection, tenant, str(group.rows[0]["station"]), first_h, until_h)
        among = await to_thread.run_sync(_comparable, store, group, first_h, until_h, air)
        place = {row["meter_no"]: k for k, row in enumerate(group.rows)}
        found |= {f.id: Episode(among, place[f.meter_no], f.since_s) for f in mine}
    return found


async def _groups(connection: Connection, tenant: UUID, meters: Sequence[int]) -> list[_Group]:
    rows = await (await connection.execute(_METERS, {"tenant": tenant, "meters": list(meters)})).fetchall()
    asked: dict[tuple[object, ...], list[DictRow]] = defaultdict(list)
    for row in rows:
        asked[row["site_id"], row["commodity"]].append(row)
    groups = []
    for (site, commodity), own in asked.items():
        scope = {"tenant": tenant, "site": site, "commodity": commodity, "station": own[0]["station"]}
        cursor = await connection.execute(_BESIDE, {**scope, "most": MOST_PEERS})
        by_number = {row["meter_no"]: row for row in [*await cursor.fetchall(), *own]}
        groups.append(_Group(frozenset(r["meter_no"] for r in own), tuple(by_number[k] for k in sorted(by_number))))
    return groups


def _comparable(store: ReadingsStore, group: _Group, first_h: int, until_h: int, air: Floats) -> Comparable:
    numbers = [row["meter_no"] for row in group.rows]
    first, until = _at(first_h), _at(until_h)
    kwh = _matrix(store.hour_sums(numbers, first, until), group.rows, first_h, until_h)
    peers = _peers(group.rows)
    slot = local_slots(first_h, until_h, str(group.rows[0]["timezone"]))
    return Comparable(first_h, kwh, slot, [row["building_id"] for row in group.rows], peers, air)


def _peers(rows: Sequence[DictRow]) -> list[int]:
    """One main meter a building."""
    first: dict[object, int] = {}
    for k, row in enumerate(rows):
        if row["role"] == "main":
            first.setdefault(row["building_id"], k)
    return list(first.values())


def _matrix(frame: pl.DataFrame, rows: Sequence[DictRow], first_h: int, until_h: int) -> Floats:
    """kWh (m³ of water) by hour and meter; hours that were not read in full are NaN."""
    numbers = np.array([row["meter_no"] for row in rows])
    full = np.array([max(1, HOUR_S // row["interval_s"]) for row in rows])
    kwh = np.full((until_h - first_h, len(rows)), np.nan)
    column = np.searchsorted(numbers, frame["meter_id"].to_numpy())
    hour = frame["hour"].to_numpy().astype(np.int64) - first_h
    whole = (frame["n"].to_numpy() >= full[column]) & (hour >= 0) & (hour < len(kwh))
    kwh[hour[whole], column[whole]] = frame["value_sum"].to_numpy()[whole] / 1000.0
    return kwh


def local_slots(first_h: int, until_h: int, timezone: str) -> Ints:
    """The local hour of the week (Monday 0:00 is 0) of each hour, counted since 1970."""
    hours = pl.DataFrame({"at": np.arange(first_h, until_h, dtype=np.int64) * HOUR_S})
    local = pl.from_epoch("at", "s").dt.replace_time_zone("UTC").dt.convert_time_zone(timezone)
    slot = (local.dt.weekday().cast(pl.Int64) - 1) * DAY_H + local.dt.hour().cast(pl.Int64)
    return hours.select(slot.alias("slot"))["slot"].to_numpy().astype(np.int64)


async def _air(connection: Connection, tenant: UUID, station: str, first_h: int, until_h: int) -> Floats:
    """°C of each hour at the station; NaN where nothing was measured."""
    air = np.full(until_h - first_h, np.nan)
    scope = {"tenant": tenant, "station": station, "first": _at(first_h), "until": _at(until_h)}
    for row in await (await connection.execute(_AIR, scope)).fetchall() if station else ():
        air[row["hour"] - first_h] = row["air_c"]
    return air


def _at(hour: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(hours=hour)


_SELECT: Final = """
SELECT m.meter_no, m.commodity, m.role, m.interval_s, m.building_id, b.site_id, coalesce(s.timezone, 'UTC') AS timezone,
  coalesce(s.weather_station, '') AS station
FROM meters m
JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id
LEFT JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
WHERE m.tenant_id = %(tenant)s """
_METERS: Final = (_SELECT + "AND m.meter_no = ANY(%(meters)s) ORDER BY m.meter_no").encode()
_BESIDE: Final = (
    _SELECT
    + """AND m.role = 'main' AND m.commodity = %(commodity)s
  AND (b.site_id = %(site)s OR (s.weather_station = %(station)s AND %(station)s <> ''))
ORDER BY b.site_id <> %(site)s, m.meter_no LIMIT %(most)s"""
).encode()
_AIR: Final = """
SELECT floor(extract(epoch FROM ts) / 3600)::bigint AS hour, avg(air_temperature_c)::float8 AS air_c
FROM weather_observations
WHERE tenant_id = %(tenant)s AND station = %(station)s AND ts >= %(first)s AND ts < %(until)s
  AND air_temperature_c IS NOT NULL
GROUP BY 1"""
