"""Tenants: the only rows that are not inside a tenant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final
from uuid import UUID

from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

_NAME: Final = re.compile(r"[^\W_][\w.-]{0,99}")
"""Names of new tenants: they are words of command lines, topics and file names."""


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
        """The id of the tenant `name`, created if it is new; safe when two processes ask at once.

        :raises InvalidInput: there is none, and none can be called so.
        """
        if found := await self._found(name):
            return found.id
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"{name!r} is no name for a tenant.",
                field="tenant",
                fix="Use letters, digits, dots, dashes and underscores, beginning with a letter or digit, 100 at most.",
            )
        async with self._pools.transaction(None) as connection:
            await connection.execute("INSERT INTO tenants (name) VALUES (%s) ON CONFLICT (name) DO NOTHING", (name,))
        return (await self.by_name(name)).id

    async def by_name(self, name: str) -> Tenant:
        """The tenant `name`; raises NotFound with the names that are like it."""
        if found := await self._found(name):
            return found
        near = get_close_matches(name, [tenant.name for tenant in await self.list()], n=3, cutoff=0.5)
        makes = "Import a file for it, or start `redaptive up`: that makes it."
        fix = f"Nearest names: {', '.join(near)}." if near else makes
        raise NotFound(f"There is no tenant {name!r}.", field="tenant", fix=fix)

    async def _found(self, name: str) -> Tenant | None:
        rows = await self._pools.query(
            "SELECT id, name, created_at FROM tenants WHERE name = %s", (name,), tenant_id=None
        )
        return Tenant(**rows[0]) if rows else None

    async def list(self) -> list[Tenant]:
        """All tenants by name."""
        rows = await self._pools.query("SELECT id, name, created_at FROM tenants ORDER BY name", tenant_id=None)
        return [Tenant(**row) for row in rows]
