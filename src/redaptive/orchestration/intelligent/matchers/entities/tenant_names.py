"""Names out of the database, and an index of them that is made again after a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import cast
from uuid import UUID

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.name_store import NameStore
from redaptive.orchestration.intelligent.matchers.entities.names import Name, NameIndex, NameKind, Names


class StoreNames:
    """The names of one tenant in the energy database."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._store = NameStore(pools, tenant_id)

    async def names(self) -> Sequence[Name]:
        """All customers, portfolios, sites, buildings, projects and meters."""
        return [Name(cast(NameKind, row.kind), row.code, row.name) for row in await self._store.all()]


class CachedIndex:
    """One tenant's index, read again when it is older than `keep_s`."""

    def __init__(self, names: Names, *, keep_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._names, self._keep_s, self._clock = names, keep_s, clock
        self._index: NameIndex | None = None
        self._made_at = 0.0

    async def index(self) -> NameIndex:
        """The index, at most `keep_s` old."""
        if self._index is None or self._clock() - self._made_at > self._keep_s:
            self._index, self._made_at = NameIndex(await self._names.names()), self._clock()
        return self._index
