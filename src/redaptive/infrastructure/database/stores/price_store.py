"""Energy prices of one tenant's sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from redaptive.domain.portfolio.records import Commodity, EnergyPrice
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import ids_by_code, require_known
from redaptive.infrastructure.database.upsert import Table, UpsertCount, refuse_duplicates, upsert

_PRICES = Table(
    "energy_prices",
    {"site_id": "uuid", "commodity": "text", "effective_from": "date"},
    {
        "effective_to": "date",
        "usd_per_unit": "numeric(14,6)",
        "unit": "text",
        "demand_usd_per_kw_month": "numeric(14,6)",
        "source": "text",
    },
    {},
)


class PriceStore:
    """Blended prices by site, commodity and date."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def upsert_prices(self, records: Sequence[EnergyPrice]) -> UpsertCount:
        """Write prices by site, commodity and first day; raises NotFound for an unknown site."""
        refuse_duplicates("price", (f"{r.site_code}/{r.commodity}/{r.effective_from}" for r in records))
        async with self._pools.transaction(self._tenant_id) as connection:
            sites = await ids_by_code(connection, "site")
            require_known("site", (r.site_code for r in records), sites)
            rows = [{**asdict(r), "site_id": sites[r.site_code], "commodity": r.commodity.value} for r in records]
            return await upsert(connection, _PRICES, rows, self._tenant_id)

    async def prices(self) -> list[EnergyPrice]:
        """All prices by site, commodity and first day."""
        rows = await self._pools.query(
            "SELECT s.code AS site_code, p.commodity, p.usd_per_unit::float8 AS usd_per_unit, p.unit,"
            " p.effective_from, p.demand_usd_per_kw_month::float8 AS demand_usd_per_kw_month, p.effective_to, p.source"
            " FROM energy_prices p JOIN sites s ON s.tenant_id = p.tenant_id AND s.id = p.site_id"
            " ORDER BY s.code, p.commodity, p.effective_from",
            tenant_id=self._tenant_id,
        )
        return [EnergyPrice(**{**row, "commodity": Commodity(row["commodity"])}) for row in rows]
