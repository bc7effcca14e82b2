"""The engine against bare DBOS, LangGraph and Restate on one private PostgreSQL (fsync on), interleaved.

Run: `python benchmarks/bench_engine.py [steps|throughput|waiting|all] [runs]` from the checkout. Prints Markdown.
LangGraph and Restate run where they are installed: `REDAPTIVE_BENCH_PYTHON` names a Python that has the extra `bench`
and hypercorn, `REDAPTIVE_RESTATE_SERVER` the program of the npm package `@restatedev/restate-server`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from dbos import DBOS

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.chaos.engine_processes import Executor, Executors
from tests.fakes.fake_tools import FakeTools
from tests.integration.private_postgres import PrivatePostgres

from redaptive.agents.principal import Principal
from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.orchestration.intelligent.engine.checkpoints import migrate
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions, WorkflowEngine
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.workflow_persistence import CHANGES, WorkflowStore, insert_run

HERE = Path(__file__).parent
PEER_PYTHON = os.environ.get("REDAPTIVE_BENCH_PYTHON", sys.executable)
Timed = Callable[[], Awaitable[None]]


def chain(length: int) -> Plan:
    """A plan of trivial steps, one after the other."""
    nodes = [{"id": f"n{i}", "tool": "t.echo", "args": {"x": f"$n{i - 1}.value" if i else 1}} for i in range(length)]
    return Plan.model_validate({"id": f"chain{length}", "title": "Chain", "nodes": nodes})


async def _bare_step(value: int) -> dict[str, int]:
    return {"value": value}


@DBOS.workflow(name="bench.bare")
async def bare(length: int) -> str:
    """The same steps on DBOS alone."""
    value = 1
    for index in range(length):
        value = (await DBOS.run_step_async({"name": f"n{index}"}, _bare_step, value))["value"]
    return "done"


class World:
    """A private server with a tenant and an open engine."""

    def __init__(self) -> None:
        self.server = PrivatePostgres()
        self.server.start(max_connections=200)
        self.urls: DatabaseUrls = bootstrap(self.server.url, self.server.root / "credentials")
        migrate(self.urls.owner)

    @asynccontextmanager
    async def tenant(self) -> AsyncIterator[tuple[ConnectionPoolManager, Principal]]:
        async with ConnectionPoolManager(self.urls.app, max_size=4, statement_timeout_s=120) as pools:
            name = f"t-{uuid4().hex[:8]}"
            yield pools, Principal(await TenantStore(pools).ensure(name), name, "bench", frozenset())


class Ends:
    """Hears of runs that end, at once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def expect(self, run_id: str) -> asyncio.Future[None]:
        return self._waiting.setdefault(run_id, asyncio.get_running_loop().create_future())

    async def listen(self, ready: asyncio.Event) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANGES}".encode())
            ready.set()
            async for notice in connection.notifies():
                about = json.loads(notice.payload)
                if about["state"] in {"done", "failed"} and (future := self._waiting.pop(about["run"], None)):
                    assert about["state"] == "done"
                    future.set_result(None)


async def _many(work: Timed, count: int, concurrency: int) -> tuple[float, float, list[float]]:
    """Wall and CPU seconds of `count` calls, and the latency of each in ms."""
    latencies: list[float] = []
    todo = iter(range(count))

    async def task() -> None:
        for _ in todo:
            begun = time.perf_counter()
            await work()
            latencies.append((time.perf_counter() - begun) * 1000)

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(task() for _ in range(concurrency)))
    return time.perf_counter() - wall, time.process_time() - cpu, latencies


async def steps(world: World, count: int) -> None:
    """Interpreter against bare DBOS in the same process: what a step more costs, in wall and CPU time."""
    tools = FakeTools({"t.echo": lambda given: given["x"]})
    engine = WorkflowEngine(world.urls.worker, tools, options=EngineOptions(park_after_s=3600))
    async with world.tenant() as (pools, principal), engine:
        ends, ready = Ends(world.urls.app), asyncio.Event()
        listening = asyncio.create_task(ends.listen(ready))
        await ready.wait()
        store = WorkflowStore(pools, principal.tenant_id)

        def ours(length: int) -> Timed:
            plan = chain(length)

            async def work() -> None:
                request = RunRequest(plan, {}, principal)
                ended = ends.expect(request.run_id)
                async with store.change() as change:
                    await change.create_run(request.new_run())
                await ended

            return work

        def theirs(length: int) -> Timed:
            async def work() -> None:
                await (await DBOS.start_workflow_async(bare, length)).get_result()

            return work

        print("\n| concurrency | engine | 5 steps p50 ms | 25 steps p50 ms | ms a step | CPU ms a step |")
        print("|---|---|---|---|---|---|")
        for concurrency in (1, 16):
            found: dict[str, list[tuple[float, float, float, float]]] = {"bare DBOS": [], "interpreter": []}
            for _ in range(5):
                for name, make in (("bare DBOS", theirs), ("interpreter", ours)):
                    short = await _many(make(5), count, concurrency)
                    long = await _many(make(25), count, concurrency)
                    p50 = [statistics.median(each[2]) for each in (short, long)]
                    found[name].append(
                        (*p50, (long[0] - short[0]) / 20 / count * 1000, (long[1] - short[1]) / 20 / count * 1000)
                    )
            medians = {n: [statistics.median(c) for c in zip(*rows, strict=True)] for n, rows in found.items()}
            for name, row in medians.items():
                print(f"| {concurrency} | {name} | {row[0]:.1f} | {row[1]:.1f} | {row[2]:.2f} | {row[3]:.2f} |")
            ratio = [a / b for a, b in zip(medians["interpreter"], medians["bare DBOS"], strict=True)]
            print(f"| {concurrency} | ratio | {ratio[0]:.2f} | {ratio[1]:.2f} | {ratio[2]:.2f} | {ratio[3]:.2f} |")
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _queue(pools: ConnectionPoolManager, principal: Principal, plan: Plan, count: int) -> None:
    """Queue runs in one transaction, so that all are there at once."""
    async with pools.transaction(principal.tenant_id) as connection:
        for _ in range(count):
            await insert_run(connection, principal.tenant_id, RunRequest(plan, {}, principal).new_run())


async def _until(pools: ConnectionPoolManager, principal: Principal, state: str, count: int) -> None:
    while True:
        rows = await pools.query(
            "SELECT count(*) AS n FROM runs WHERE state = %s", (state,), tenant_id=principal.tenant_id
        )
        if rows[0]["n"] >= count:
            return
        await asyncio.sleep(0.05)


async def throughput(world: World, count: int) -> None:
    """Five-step plans by executor processes, with peers in between."""
    print("\n| engine | processes | runs/s, rounds |")
    print("|---|---|---|")
    found: dict[tuple[str, int], list[float]] = {}
    peers = [("LangGraph, PostgresSaver sync", _langgraph), ("Restate, Python SDK", _restate)]
    reasons: dict[str, str] = {}
    for _ in range(3):
        for processes in (1, 2):
            found.setdefault(("redaptive", processes), []).append(await _ours(world, processes, count))
        for name, measure in peers:
            try:
                found.setdefault((name, 1), []).append(await asyncio.to_thread(measure, world, count))
            except Skipped as reason:
                reasons[name] = str(reason)
    for (name, processes), rates in found.items():
        shown = ", ".join(f"{rate:.1f}" for rate in rates) or f"skipped: {reasons.get(name)}"
        print(f"| {name} | {processes} | {shown} |")


async def _ours(world: World, processes: int, count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        executors = Executors(world.urls.worker, Path(folder), concurrency=32)
        started: list[Executor] = [executors.start() for _ in range(processes)]
        try:
            async with world.tenant() as (pools, principal):
                plan = _instant(chain(5))
                await _queue(pools, principal, plan, 20)
                await _until(pools, principal, "done", 20)
                begun = time.perf_counter()
                await _queue(pools, principal, plan, count)
                await _until(pools, principal, "done", count + 20)
                return count / (time.perf_counter() - begun)
        finally:
            for executor in started:
                executor.kill()


def _instant(plan: Plan) -> Plan:
    wire = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for node in wire["nodes"]:
        node["args"]["sleep_s"] = 0
    return Plan.model_validate(wire)


class Skipped(Exception):
    """A peer cannot run here; says why."""


def _peer(script: str, *arguments: str) -> float:
    done = subprocess.run(
        [PEER_PYTHON, "-c", script, *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise Skipped(last)
    return float(done.stdout.strip().splitlines()[-1])


def _langgraph(world: World, count: int) -> float:
    url = world.server.superuser_url("postgres")
    return _peer(LANGGRAPH, url, str(max(20, count // 5)))


LANGGRAPH = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from typing import TypedDict
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

class State(TypedDict):
    value: int

def step(state):
    return {"value": state["value"]}

graph = StateGraph(State)
names = [f"n{i}" for i in range(5)]
for name in names:
    graph.add_node(name, step)
for a, b in zip([START, *names], [*names, END]):
    graph.add_edge(a, b)
url, count = sys.argv[1], int(sys.argv[2])
keywords = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
with ConnectionPool(url, max_size=16, kwargs=keywords) as pool:
    saver = PostgresSaver(pool)
    saver.setup()
    made = graph.compile(checkpointer=saver)
    mark = str(time.time())
    def run(n):
        made.invoke({"value": 1}, {"configurable": {"thread_id": f"{mark}-{n}"}}, durability="sync")
    run(-1)
    begun = time.perf_counter()
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(run, range(count)))
    print(count / (time.perf_counter() - begun))
"""


def _restate(_world: World, count: int) -> float:
    program = os.environ.get("REDAPTIVE_RESTATE_SERVER")
    if not program:
        raise Skipped("REDAPTIVE_RESTATE_SERVER is not set")
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [program, "--base-dir", folder, "--log-filter", "error"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,  # npm's program is a script; the server is its child and must end with it
        )
        try:
            return _peer(RESTATE, str(count))
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            server.wait()


RESTATE = """
import asyncio, sys, time
import httpx, hypercorn.asyncio, hypercorn.config, restate

service = restate.Service("chain")

@service.handler()
async def run(ctx: restate.Context, value: int) -> int:
    for index in range(5):
        value = await ctx.run_typed(f"n{index}", lambda value=value: value)
    return value

async def main():
    count = int(sys.argv[1])
    config = hypercorn.config.Config()
    config.bind = ["127.0.0.1:9080"]
    stop = asyncio.Event()
    serving = asyncio.create_task(
        hypercorn.asyncio.serve(restate.app([service]), config, shutdown_trigger=stop.wait))
    async with httpx.AsyncClient(timeout=60) as client:
        for _ in range(100):
            try:
                found = await client.post("http://127.0.0.1:9070/deployments", json={"uri": "http://127.0.0.1:9080"})
                if found.status_code < 300:
                    break
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
        found.raise_for_status()
        async def call():
            (await client.post("http://127.0.0.1:8080/chain/run", json=1)).raise_for_status()
        await call()
        todo = iter(range(count))
        async def work():
            for _ in todo:
                await call()
        begun = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(16)))
        print(count / (time.perf_counter() - begun))
    stop.set()
    await serving

asyncio.run(main())
"""


async def waiting(world: World, count: int) -> None:
    """Runs that wait for an event, all at once in one process: memory, idle CPU, time to start and to drain."""
    wait = {"type": "alert.closed", "match": {"alert_id": "$in.never"}}
    nodes = [
        {"id": "a", "tool": "t.echo", "args": {"x": 1, "sleep_s": 0}},
        {"id": "w", "wait_event": wait, "needs": ["a"]},
    ]
    plan = Plan.model_validate({"id": "waiting", "title": "Waiting", "nodes": nodes, "output": {"x": "$w.x"}})
    with tempfile.TemporaryDirectory() as folder:
        executor = Executors(world.urls.worker, Path(folder), concurrency=32, park_after_s=5.0).start()
        try:
            async with world.tenant() as (pools, principal):
                begun = time.perf_counter()
                async with pools.transaction(principal.tenant_id) as connection:
                    for n in range(count):
                        request = RunRequest(plan, {"never": str(n)}, principal, run_id=f"w{n}")
                        await insert_run(connection, principal.tenant_id, request.new_run())
                await _until(pools, principal, "parked", count)
                start_s = time.perf_counter() - begun
                cpu = _cpu_s(executor)
                await asyncio.sleep(30)
                idle = (_cpu_s(executor) - cpu) / 30
                waiting_mb = _memory_mb(executor)
                begun = time.perf_counter()
                async with pools.transaction(principal.tenant_id) as connection:
                    await connection.execute(
                        "INSERT INTO run_signals (tenant_id, run_id, node, key, type, data)"
                        " SELECT tenant_id, id, 'w', 'e', 'alert.closed',"
                        " jsonb_build_object('alert_id', substr(id, 2), 'x', 1) FROM runs"
                    )
                await _until(pools, principal, "done", count)
                drain_s, peak_mb = time.perf_counter() - begun, _memory_mb(executor, "VmHWM")
        finally:
            executor.kill()
    print("\n| runs waiting | start s | memory MB | idle cores | drain s | peak MB | lost |")
    print("|---|---|---|---|---|---|---|")
    print(f"| {count} | {start_s:.1f} | {waiting_mb:.0f} | {idle:.3f} | {drain_s:.1f} | {peak_mb:.0f} | 0 |")


def _cpu_s(executor: Executor) -> float:
    fields = Path(f"/proc/{executor.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(executor: Executor, name: str = "VmRSS") -> float:
    text = Path(f"/proc/{executor.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name + ":")) / 1024


def main() -> None:
    """Run the parts that are asked for."""
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    parts = {"steps": (steps, 40), "throughput": (throughput, 400), "waiting": (waiting, 10_000)}
    world = World()
    try:
        for name, (measure, count) in parts.items():
            if part in {name, "all"}:
                asyncio.run(measure(world, int(sys.argv[2]) if len(sys.argv) > 2 else count))
    finally:
        world.server.stop()


if __name__ == "__main__":
    main()
