"""The names that a tenant's people use: customers, portfolios, sites, buildings, meters, projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager


@dataclass(frozen=True)
class NamedRow:
    """One named thing: its kind, its code (unique in the kind), its name (empty for a meter)."""

    kind: str
    code: str
    name: str


class NameStore:
    """Reads all names of one tenant at once; meters have codes only."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def all(self) -> list[NamedRow]:
        """Every named thing by kind and code."""
        return [NamedRow(**row) for row in await self._pools.query(_ALL, tenant_id=self._tenant_id)]


_ALL: Final = """
SELECT 'customer' AS kind, code, name FROM customers
UNION ALL SELECT 'portfolio', code, name FROM portfolios
UNION ALL SELECT 'site', code, name FROM sites
UNION ALL SELECT 'building', code, name FROM buildings
UNION ALL SELECT 'project', code, name FROM projects
UNION ALL SELECT 'meter', code, '' FROM meters
ORDER BY kind, code"""
