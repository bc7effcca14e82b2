"""What schedules and triggers share: plans kept by name for one tenant, with the rights of whoever made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeVar
from uuid import UUID

from psycopg.types.json import Jsonb

from redaptive.agents.principal import Principal
from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.orchestration.control.deeds import actor_of
from redaptive.orchestration.control.permissions import OPERATE
from redaptive.orchestration.control.starting import Checker
from redaptive.orchestration.intelligent.engine.requests import plan_json
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject

RecordT = TypeVar("RecordT")


class KeptPlans:
    """The kept plans of the principal's tenant. A run of one has the rights of whoever made it."""

    noun: ClassVar[str]
    """The kind, as people and the command line call it."""
    deletes: ClassVar[str]
    """The statement that deletes one by name."""

    def __init__(self, pools: ConnectionPoolManager, principal: Principal, checker: Checker) -> None:
        self._pools, self._principal, self._checker = pools, principal, checker

    async def remove(self, name: str) -> None:
        """Delete it; runs that it started stay. Raises NotFound."""
        self._principal.require(OPERATE)
        async with self._pools.transaction(self._tenant) as connection:
            cursor = await connection.execute(self.deletes, (name,))
            if not cursor.rowcount:
                raise self._unknown(name)

    @property
    def _tenant(self) -> UUID:
        return self._principal.tenant_id

    def _values(self, name: str, plan: Plan, inputs: JsonObject, priority: int) -> dict[str, object]:
        """The columns of every kind, for its statement."""
        return {
            "tenant": self._tenant, "name": name, "plan": Jsonb(plan_json(plan)), "inputs": Jsonb(inputs),
            "priority": priority, "by": actor_of(self._principal), "scopes": sorted(self._principal.scopes),
        }  # fmt: skip

    def _record(self, kind: type[RecordT], rows: Sequence[Mapping[str, object]], name: str) -> RecordT:
        """The first row as a record, a dataclass; raises NotFound without one."""
        if not rows:
            raise self._unknown(name)
        return kind(**{each: rows[0][each] for each in kind.__dataclass_fields__})  # type: ignore[attr-defined]

    def _unknown(self, name: str) -> NotFound:
        return NotFound(f"No {self.noun} {name}.", field="name", fix=f"`redaptive runs {self.noun} list` shows them.")
