"""Money of runs of random plans: whatever runs side by side, no run and no tree of runs costs more than its budget."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.integration.engine_world import FAST, EngineWorld, engine_world
from tests.integration.test_engine_runs import plan, urls_of

from redaptive.agents.tool import ToolSpec
from redaptive.errors import Exhausted, Unavailable
from redaptive.orchestration.intelligent.engine.accounts import Accounts, Charge
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.state.run_records import Run
from redaptive.settings import Settings

PRICES = {"t.dear": 1.0, "t.cheap": 0.1, "t.shaky": 0.3}
PLANS = 24


@pytest.fixture(scope="module")
def world(servers: Settings) -> Iterator[EngineWorld]:
    specs = {tool: ToolSpec(scope="t:read", usd_per_call=usd) for tool, usd in PRICES.items()}
    with engine_world(urls_of(servers), replace(FAST, concurrency=16), specs=specs.get) as found:
        turns = random.Random(1)

        async def slow(given: Any) -> Any:
            await asyncio.sleep(turns.random() / 50)
            return given.get("x")

        async def shaky(given: Any) -> Any:
            await asyncio.sleep(turns.random() / 50)
            if turns.random() < 0.5:
                raise Unavailable("Not now.")
            return given.get("x")

        found.tools.functions |= {"t.dear": slow, "t.cheap": slow, "t.free": slow, "t.shaky": shaky}
        yield found


class RandomPlans:
    """Plans whose nodes hardly depend on each other, with priced calls, lists of them, and plans in plans."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def plan(self, depth: int = 0) -> dict[str, Any]:
        count = self._random.randint(2, 4)
        nodes = [self._node(f"n{at}", depth) for at in range(count)]
        if self._random.random() < 0.4:
            nodes[-1]["needs"] = ["n0"]
        for node in nodes:
            node.setdefault("join", "all_done")
        usd = round(self._random.choice([0.0, 0.3, 0.9, 2.0, 4.0, 30.0]), 2)
        failing = self._random.choice(["drain", "fast"])
        return plan(*nodes, budget={"usd": usd}, on_failure=failing).model_dump(mode="json", by_alias=True)

    def _node(self, name: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"id": name}
        if depth < 2 and self._random.random() < 0.45:
            made["sub_plan"] = {"plan": self.plan(depth + 1)}
        else:
            made |= {"tool": self._random.choice([*PRICES, "t.free"]), "retry": {"max_attempts": 3, "interval_s": 0}}
        if self._random.random() < 0.4:
            skip = self._random.choice(["skip", "fail"])
            made["foreach"] = {"items": [1, 2, 3], "concurrency": 3, "on_item_error": skip}
        return made


async def _family(world: EngineWorld, run_id: str) -> list[Run]:
    found = await world.store.snapshot(run_id)
    below = [await _family(world, child) for child in found.children]
    return [found.run, *(run for family in below for run in family)]


def _cost(world: EngineWorld, run_id: str) -> Decimal:
    """The price of all calls that the run and those below it made."""
    own = [call.tool for call in world.tools.calls if call.key.startswith(f"{run_id}:")]
    return sum((Decimal(str(PRICES.get(tool, 0))) for tool in own), Decimal(0))


def test_no_run_of_a_random_plan_costs_more_than_its_budget(world: EngineWorld) -> None:
    async def work() -> list[Run]:
        made = [RandomPlans(seed).plan() for seed in range(PLANS)]
        started = [await world.start(plan(*each.pop("nodes"), **_rest(each))) for each in made]
        ended = [await world.ended(run_id) for run_id in started]
        return [run for snapshot in ended for run in await _family(world, snapshot.run.id)]

    runs = world.do(work(), 120)
    refused = [run for run in runs if (run.error or {}).get("field") == "budget.usd"]
    for run in runs:
        budget: Any = run.plan["budget"]
        cost = _cost(world, run.id)
        assert cost <= Decimal(str(budget["usd"])), run.id
        assert Decimal(str(round(run.spent_usd, 6))) == cost, run.id
    assert len(runs) > 2 * PLANS
    assert len(refused) > PLANS / 4
    assert any(run.parent_run_id and run.spent_usd for run in runs)
    assert any(run.state == "done" and run.spent_usd for run in runs)


def _rest(made: dict[str, Any]) -> dict[str, Any]:
    return {"budget": made["budget"], "on_failure": made["on_failure"]}


def test_children_side_by_side_share_what_their_parent_has(world: EngineWorld) -> None:
    child = plan({"id": "d", "tool": "t.dear", "args": {"x": 1}}, budget={"usd": 9.0}).model_dump(by_alias=True)
    made = plan(
        {
            "id": "s",
            "sub_plan": {"plan": child},
            "foreach": {"items": [1, 2, 3, 4, 5], "concurrency": 5, "on_item_error": "skip"},
        },
        budget={"usd": 2.5},
    )
    found = world.do(world.run(made))
    assert (found.run.state, found.run.spent_usd) == ("done", 2.0)
    states = [world.do(world.store.run(child_id)) for child_id in found.children]
    assert sorted(run.state for run in states) == ["done"] * 2 + ["failed"] * 3
    errors = {str((run.error or {})["message"]) for run in states if run.state == "failed"}
    assert errors == {f"t.dear costs 1 USD a call, and 0.5 of the 2.5 USD of its parent run {found.run.id} are left."}


def test_the_same_attempt_is_paid_once_however_often_it_is_made(world: EngineWorld) -> None:
    first = Charge("n", -1, 1, "t.dear", 0.1)

    async def work() -> None:
        run_id = await world.start(plan({"id": "n", "tool": "t.free"}, budget={"usd": 0.3}))
        accounts = Accounts(world.engine.pools)
        key = WorkflowKey(world.principal.tenant_id, run_id)
        left = await asyncio.gather(*(accounts.reserve(key, first) for _ in range(5)))
        assert left == [0.3] * 5, "one of them paid, the others found it paid"
        assert await accounts.reserve(key, replace(first, item=0)) == 0.2
        assert await accounts.reserve(key, replace(first, attempt=2)) == 0.1, "to the cent: no binary fractions"
        with pytest.raises(Exhausted, match=r"t.dear costs 0.1 USD a call, and 0.0 of the run's 0.3 USD are left"):
            await accounts.reserve(key, replace(first, attempt=3))
        assert await accounts.reserve(key, first) == 0.1, "the one paid for goes on"

    world.do(work())
