"""Tenants: the only rows that are not inside a tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager


@dataclass(frozen=True)
class Tenant:
    """One tenant: everything else in the database belongs to exactly one."""

    id: UUID
    name: str
    created_at: datetime


class TenantStore:
    """Finds and creates tenants."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools

    async def ensure(self, name: str) -> UUID:
        """The id of the tenant `name`, created if it is new; safe when two processes ask at once."""
        async with self._pools.transaction(None) as connection:
            await connection.execute("INSERT INTO tenants (name) VALUES (%s) ON CONFLICT (name) DO NOTHING", (name,))
        return (await self.by_name(name)).id

    async def by_name(self, name: str) -> Tenant:
        """The tenant `name`; raises NotFound."""
        rows = await self._pools.query(
            "SELECT id, name, created_at FROM tenants WHERE name = %s", (name,), tenant_id=None
        )
        if not rows:
            raise NotFound(f"There is no tenant {name!r}.", field="tenant", fix="Import a file for it: that makes it.")
        return Tenant(**rows[0])

    async def list(self) -> list[Tenant]:
        """All tenants by name."""
        rows = await self._pools.query("SELECT id, name, created_at FROM tenants ORDER BY name", tenant_id=None)
        return [Tenant(**row) for row in rows]
