"""How soon a pause and a cancellation take effect, on one private PostgreSQL and a real engine with fake tools.

Run: `python benchmarks/bench_run_control.py [runs]` from the checkout. Prints a Markdown table.

Pause: a chain of nodes of 20 ms; from the commit of the wish to the start of the last node that still began, 0 where
none did. Cancel: a node that hangs for ten minutes; from the commit of the wish to the end of the run in the database.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.integration.engine_world import EngineWorld, engine_world
from tests.integration.private_postgres import PrivatePostgres

from redaptive.infrastructure.database.bootstrap import bootstrap
from redaptive.orchestration.intelligent.engine.checkpoints import migrate
from redaptive.orchestration.plans.schema import Plan

CHAIN, NODE_S, SETTLE_S = 60, 0.02, 1.0


def chain() -> Plan:
    """Nodes that follow each other; together longer than a pause takes."""
    nodes = [{"id": f"n{at}", "tool": "t.work", "args": {"x": f"$n{at - 1}.value" if at else 0}} for at in range(CHAIN)]
    return Plan.model_validate({"id": "chain", "title": "Chain", "nodes": nodes})


def hanging() -> Plan:
    """One node that does not end by itself."""
    return Plan.model_validate({"id": "hang", "title": "Hang", "nodes": [{"id": "n", "tool": "t.hang"}]})


async def pause_ms(world: EngineWorld, begun: list[float]) -> float:
    """Milliseconds from the pause to the last node that began after it."""
    begun.clear()
    run_id = await world.start(chain())
    await world.until(run_id, "n3", "done")
    await world.wish(run_id, "pause")
    asked = time.perf_counter()
    await asyncio.sleep(SETTLE_S)
    late = [at for at in begun if at > asked]
    await world.wish(run_id, "cancel")
    await world.ended(run_id)
    return (max(late) - asked) * 1000 if late else 0.0


async def cancel_ms(world: EngineWorld) -> float:
    """Milliseconds from the cancellation to the end of the run."""
    run_id = await world.start(hanging())
    await world.until(run_id, "n", "running")
    await world.wish(run_id, "cancel")
    asked = time.perf_counter()
    await world.ended(run_id)
    return (time.perf_counter() - asked) * 1000


def row(name: str, found: list[float], goal_ms: int) -> str:
    """A row of the table."""
    ordered = sorted(found)
    return f"| {name} | {len(ordered)} | {statistics.median(ordered):.0f} | {ordered[-1]:.0f} | {goal_ms} |"


def measure(world: EngineWorld, runs: int) -> None:
    """Run both, one run at a time, and print."""
    begun: list[float] = []

    async def work(given: dict[str, Any]) -> Any:
        begun.append(time.perf_counter())
        await asyncio.sleep(NODE_S)
        return given.get("x")

    world.tools.functions |= {"t.work": work, "t.hang": lambda _: asyncio.sleep(600)}
    pauses = [world.do(pause_ms(world, begun)) for _ in range(runs)]
    cancels = [world.do(cancel_ms(world)) for _ in range(runs)]
    print("| deed | runs | p50 ms | max ms | goal ms |\n|---|---|---|---|---|")
    print(row("pause: last node that still began", pauses, 200))
    print(row("cancel: end of the run", cancels, 1000))


def main() -> None:
    """Start a private server, measure, print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    server = PrivatePostgres()
    try:
        server.start(max_connections=100)
        urls = bootstrap(server.url, server.root / "credentials")
        migrate(urls.owner)
        with engine_world(urls) as world:
            measure(world, runs)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
