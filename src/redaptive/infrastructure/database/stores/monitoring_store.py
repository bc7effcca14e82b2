"""What monitoring knows of the meters of one tenant: place, limits, gateway, refused readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import DictRow

from redaptive.domain.portfolio.records import Commodity, Meter, MeterRole
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import require_known


@dataclass(frozen=True)
class GatewayStatus:
    """The gateway that sends a meter's readings, as it was last heard of."""

    code: str
    state: str
    last_seen_at: datetime | None


@dataclass(frozen=True)
class MeterLimits:
    """`cap_wh` the largest credible interval, digits and Wh per count of a register, opening hours ('1' = open day)."""

    phase_s: int = 0
    cap_wh: int | None = None
    exports: bool = False
    register_digits: int | None = None
    wh_per_count: float | None = None
    opens_hour: int | None = None
    closes_hour: int | None = None
    open_weekdays: str = "1111100"


@dataclass(frozen=True)
class MonitoredMeter:
    """A meter with its site's clock, calendar and station, its limits and its gateway."""

    meter: Meter
    site_code: str
    timezone: str
    country: str
    state: str | None
    weather_station: str | None
    limits: MeterLimits
    gateway: GatewayStatus | None = field(default=None)

    @property
    def number(self) -> int:
        """Key in the readings store; stored meters always have one."""
        assert self.meter.meter_no is not None
        return self.meter.meter_no


@dataclass(frozen=True)
class GatewayCount:
    """How many gateways of the tenant are in a state."""

    state: str
    gateways: int


@dataclass(frozen=True)
class NotStored:
    """Readings of the last day that were refused or rejected, by reason."""

    reason: str
    readings: int


class MonitoringStore:
    """Reads for one tenant; row security decides what is seen."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def meters(self, codes: Sequence[str]) -> list[MonitoredMeter]:
        """The meters with these codes, by code; raises NotFound naming an unknown one and its neighbours."""
        found = await self.find(codes)
        if len(found) < len(set(codes)):
            known = await self._pools.query("SELECT code FROM meters", tenant_id=self._tenant_id)
            require_known("meter", codes, {row["code"] for row in known})
        return [found[code] for code in sorted(found)]

    async def find(self, codes: Sequence[str]) -> dict[str, MonitoredMeter]:
        """Those of the meters that exist, by code."""
        rows = await self._pools.query(_METERS + "WHERE d.code = ANY(%s)", (list(set(codes)),),
                                       tenant_id=self._tenant_id)  # fmt: skip
        return {row["code"]: _monitored(row) for row in rows}

    async def meters_of(self, building_codes: Sequence[str] | None, *, limit: int) -> list[MonitoredMeter]:
        """Meters of the buildings (of all without any), mains first, at most `limit`; NotFound for unknown codes."""
        if building_codes:
            known = await self._pools.query("SELECT code FROM buildings", tenant_id=self._tenant_id)
            require_known("building", building_codes, {row["code"] for row in known})
        rows = await self._pools.query(
            _METERS + "WHERE d.role <> 'virtual' AND (%(buildings)s::text[] IS NULL OR"
            " d.building_code = ANY(%(buildings)s)) ORDER BY d.role, d.code LIMIT %(limit)s",
            {"buildings": None if building_codes is None else list(building_codes), "limit": limit},
            tenant_id=self._tenant_id,
        )
        return [_monitored(row) for row in rows]

    async def children(self, code: str) -> list[MonitoredMeter]:
        """Submeters directly under a meter, by code."""
        rows = await self._pools.query(
            _METERS + "WHERE d.parent_code = %s ORDER BY d.code", (code,), tenant_id=self._tenant_id
        )
        return [_monitored(row) for row in rows]

    async def count(self) -> int:
        """How many meters with readings of their own the tenant has."""
        rows = await self._pools.query(
            "SELECT count(*) AS n FROM meters WHERE role <> 'virtual'", tenant_id=self._tenant_id
        )
        return int(rows[0]["n"])

    async def gateways(self) -> list[GatewayCount]:
        """Gateways by state."""
        rows = await self._pools.query(
            "SELECT state, count(*)::int AS gateways FROM gateways GROUP BY state ORDER BY state",
            tenant_id=self._tenant_id,
        )
        return [GatewayCount(**row) for row in rows]

    async def not_stored(self) -> list[NotStored]:
        """Readings of the last 24 hours that are not in the store, by reason; requeued ones are left out."""
        rows = await self._pools.query(
            "SELECT reason, count(*)::int AS readings FROM ("
            " SELECT reason FROM rejected_reading WHERE recorded_at > now() - interval '1 day' AND requeued_at IS NULL"
            " UNION ALL SELECT reason FROM refused_reading"
            " WHERE received_at > now() - interval '1 day' AND requeued_at IS NULL) r GROUP BY reason ORDER BY reason",
            tenant_id=self._tenant_id,
        )
        return [NotStored(**row) for row in rows]


_METERS: LiteralString = """
SELECT d.code, d.building_code, d.commodity, d.role, d.end_use, d.parent_code, d.interval_s, d.multiplier, d.meter_no,
       d.site_code, d.timezone, d.weather_station, s.country, s.state,
       coalesce(x.phase_s, 0) AS phase_s, x.cap_wh, coalesce(x.exports, d.commodity = 'solar') AS exports,
       x.register_digits, x.wh_per_count, x.opens_hour, x.closes_hour,
       coalesce(x.open_weekdays, '1111100') AS open_weekdays,
       g.code AS gateway_code, g.state AS gateway_state, g.last_seen_at
FROM meter_directory d
JOIN meters m ON m.tenant_id = d.tenant_id AND m.meter_no = d.meter_no
JOIN sites s ON s.tenant_id = d.tenant_id AND s.code = d.site_code
LEFT JOIN meter_stream x ON x.tenant_id = m.tenant_id AND x.meter_id = m.id
LEFT JOIN gateway_meters y ON y.tenant_id = m.tenant_id AND y.meter_id = m.id
LEFT JOIN gateways g ON g.tenant_id = y.tenant_id AND g.id = y.gateway_id
"""
_METER = ("code", "building_code", "end_use", "parent_code", "interval_s", "multiplier", "meter_no")
_LIMITS = ("phase_s", "cap_wh", "exports", "register_digits", "wh_per_count", "opens_hour", "closes_hour",
           "open_weekdays")  # fmt: skip


def _monitored(row: DictRow) -> MonitoredMeter:
    meter = Meter(
        **{name: row[name] for name in _METER}, commodity=Commodity(row["commodity"]), role=MeterRole(row["role"])
    )
    gateway = row["gateway_code"]
    return MonitoredMeter(
        meter,
        row["site_code"],
        row["timezone"],
        row["country"],
        row["state"],
        row["weather_station"],
        MeterLimits(**{name: row[name] for name in _LIMITS}),
        GatewayStatus(gateway, row["gateway_state"], row["last_seen_at"]) if gateway else None,
    )
