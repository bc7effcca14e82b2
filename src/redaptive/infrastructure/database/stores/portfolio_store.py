"""Everything that describes a tenant's portfolio, behind one name."""

from __future__ import annotations

from uuid import UUID

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.building_store import BuildingFilter, BuildingStore, Portfolio
from redaptive.infrastructure.database.stores.meter_store import MeterStore
from redaptive.infrastructure.database.stores.price_store import PriceStore

__all__ = ["BuildingFilter", "Portfolio", "PortfolioStore"]


class PortfolioStore(BuildingStore, MeterStore, PriceStore):
    """Customers, sites, buildings, portfolios, meters and prices of one tenant; cheap to make per request."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id
