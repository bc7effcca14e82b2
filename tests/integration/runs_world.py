"""A controller over one engine with fake tools on real servers: what people do to runs, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from tests.fakes.fake_catalogue import TEXT, FakeTool, answer, record
from tests.integration.engine_world import FAST, EngineWorld, engine_world

from redaptive.agents.principal import Principal
from redaptive.agents.tool import ToolSpec
from redaptive.infrastructure.database.bootstrap import DatabaseUrls
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.orchestration.control.permissions import RUN_SCOPES
from redaptive.orchestration.control.starting import Checker, StartTerms
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions
from redaptive.orchestration.plans.schema import Plan

NUMBER = {"type": "number"}
READ, WRITE = ToolSpec(scope="shop:read"), ToolSpec(scope="shop:write", side_effect="write")
TOOLS = {
    tool.name: tool
    for tool in (
        FakeTool("shop.count", READ, record(start=NUMBER), answer(n=NUMBER)),
        FakeTool("shop.double", READ, record(n=NUMBER), answer(n=NUMBER)),
        FakeTool("shop.order", WRITE, record(n=NUMBER), answer(ticket=TEXT)),
        FakeTool("shop.withdraw", WRITE, record(ticket=TEXT), answer(ok={"type": "boolean"})),
    )
}
NODES: tuple[dict[str, Any], ...] = (
    {"id": "count", "tool": "shop.count", "args": {"start": "$in.start"}},
    {"id": "twice", "tool": "shop.double", "args": {"n": "$count.value.n"}},
    {
        "id": "order",
        "tool": "shop.order",
        "args": {"n": "$twice.value.n"},
        "compensate": {"tool": "shop.withdraw", "args": {"ticket": "$order.value.ticket"}},
    },
)
OUTPUT = {"n": "$twice.value.n", "ticket": "$order.value.ticket"}


def shop_plan(*nodes: dict[str, Any], **given: Any) -> Plan:
    """Count, double, order: with `given` in the place of the plan's fields."""
    inputs = {"type": "object", "properties": {"start": {"type": "number"}}, "required": ["start"]}
    fields = {"id": "shop", "title": "Order twice the count", "inputs": inputs, "output": OUTPUT, **given}
    return Plan.model_validate({**fields, "nodes": list(nodes or NODES)})


def full(value: Any, **more: Any) -> dict[str, Any]:
    """An answer of a tool around a value."""
    return {
        "value": value, "unit": "1", "method": "test", "inputs_used": {}, "factor_version": [],
        "data_quality": {"coverage_pct": 100}, **more,
    }  # fmt: skip


@dataclass
class RunsWorld:
    """The engine's world with a controller of the person."""

    engine: EngineWorld
    pools: ConnectionPoolManager
    person: Principal

    def do(self, work: Any, timeout_s: float = 30) -> Any:
        return self.engine.do(work, timeout_s)

    def controller(self, *without: str, **as_whom: Any) -> WorkflowController:
        """A controller of the person, lacking the named scopes."""
        principal = replace(self.person, scopes=self.person.scopes - frozenset(without), **as_whom)
        return WorkflowController(self.pools, principal, Checker(TOOLS))

    async def start(self, plan: Plan | None = None, start: float = 2, **terms: Any) -> str:
        """The id of a started run."""
        made = await self.controller().start(plan or shop_plan(), {"start": start}, StartTerms(**terms))
        assert made.new
        return made.run_id

    def keys(self, run_id: str) -> list[str]:
        """Names of the nodes that called a tool for the run, in order of the calls."""
        return [call.key.removeprefix(f"{run_id}:") for call in self.engine.tools.calls if call.key.startswith(run_id)]


@contextmanager
def runs_world(urls: DatabaseUrls, options: EngineOptions = FAST) -> Iterator[RunsWorld]:
    """The world with an open engine whose shop counts, doubles, orders and withdraws."""
    with engine_world(urls, options) as engine:
        pools = ConnectionPoolManager(urls.app, max_size=6)
        engine.runner.run(pools.open())
        scopes = RUN_SCOPES | {"shop:read", "shop:write"}
        engine.tools.functions |= {
            "shop.count": lambda given: {"n": given["start"] + 1},
            "shop.double": lambda given: {"n": 2 * given["n"]},
            "shop.order": lambda given: {"ticket": f"T{given['n']:g}"},
            "shop.withdraw": lambda given: {"ok": True},
        }
        try:
            yield RunsWorld(engine, pools, replace(engine.principal, scopes=scopes))
        finally:
            engine.runner.run(pools.close())
