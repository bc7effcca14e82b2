"""Projects whose savings are verified: rows of `projects` whose plan holds what verification needs, as `savings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from redaptive.domain.baseline.projects import SavingsProject
from redaptive.errors import NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.codes import require_known

_PUT: LiteralString = """
INSERT INTO projects (tenant_id, code, name, state, budget_usd, starts_on, ends_on, plan)
VALUES (%(tenant)s, %(code)s, %(name)s, 'operating', 0, %(start)s, %(end)s,
        jsonb_build_object('savings', %(plan)s::jsonb))
ON CONFLICT (tenant_id, code) DO UPDATE SET
  name = excluded.name, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
  plan = projects.plan || excluded.plan, version = projects.version + 1
"""


class SavingsProjectStore:
    """Reads and writes for one tenant."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def put(self, projects: Sequence[SavingsProject]) -> int:
        """Write projects, replacing what has the same code; raises NotFound for a meter that is not there."""
        async with self._pools.transaction(self._tenant_id) as connection:
            cursor = await connection.execute("SELECT code FROM meters")
            known = {row["code"] for row in await cursor.fetchall()}
            require_known("meter", [meter for project in projects for meter in project.meters], known)
            for project in projects:
                await connection.execute(_PUT, {"tenant": self._tenant_id, **_values(project)})
        return len(projects)

    async def all(self) -> list[SavingsProject]:
        """Every project that carries what verification needs, by code."""
        rows = await self._pools.query(
            "SELECT code, name, starts_on, ends_on, plan -> 'savings' AS plan FROM projects"
            " WHERE plan ? 'savings' AND starts_on IS NOT NULL ORDER BY code",
            tenant_id=self._tenant_id,
        )
        return [_project(row) for row in rows]

    async def some(self, codes: Sequence[str]) -> list[SavingsProject]:
        """The projects of these codes in that order; raises NotFound naming an unknown one."""
        found = {project.code: project for project in await self.all()}
        for code in codes:
            if code not in found:
                raise NotFound(
                    f"There is no project {code} with savings to verify.", field="--project",
                    fix="Import it with `redaptive mv projects import FILE`.",
                )  # fmt: skip
        return [found[code] for code in codes]


def _values(project: SavingsProject) -> dict[str, Any]:
    return {
        "code": project.code,
        "name": project.name,
        "start": project.install_start,
        "end": project.install_end,
        "plan": Jsonb(_plan(project)),
    }


def _plan(project: SavingsProject) -> dict[str, Any]:
    plan = asdict(project)
    for name in ("code", "name"):
        del plan[name]
    plan |= {"install_start": project.install_start.isoformat(), "install_end": project.install_end.isoformat()}
    return plan


def _project(row: Mapping[str, Any]) -> SavingsProject:
    plan = dict(row["plan"])
    start, end = (date.fromisoformat(plan.pop(name)) for name in ("install_start", "install_end"))
    meters = tuple(plan.pop("meters"))
    return SavingsProject(row["code"], row["name"], meters, start, end, **plan).checked()
