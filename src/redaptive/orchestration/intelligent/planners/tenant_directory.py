"""The directory of a tenant out of its database."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from redaptive.domain.portfolio.records import Building, Site
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex
from redaptive.orchestration.intelligent.matchers.entities.tenant_names import StoreNames
from redaptive.orchestration.intelligent.planners.directory import BuildingPlace, Directory


async def load_directory(pools: ConnectionPoolManager, tenant_id: UUID) -> Directory:
    """Names, codes, and the place and type of every building."""
    names = await StoreNames(pools, tenant_id).names()
    store = PortfolioStore(pools, tenant_id)
    sites = {site.code: site for site in await store.sites()}
    buildings = [(building, sites.get(building.site_code)) for building in await store.buildings()]
    codes: dict[str, set[str]] = defaultdict(set)
    for name in names:
        codes[name.kind].add(name.code)
    places = [_place(building, site) for building, site in buildings]
    return Directory(NameIndex(names), tuple(places), dict(codes))


def _place(building: Building, site: Site | None) -> BuildingPlace:
    city, state = (site.city, site.state) if site else (None, None)
    customer = site.customer_code if site else ""
    return BuildingPlace(building.code, city, state, building.building_type, building.site_code, customer)
