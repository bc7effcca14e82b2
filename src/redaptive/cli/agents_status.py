"""`redaptive agents status`: how the calls of running executors to agents go, and which agents are served."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from redaptive.app import App
from redaptive.cli.output import out, print_json, print_table, say
from redaptive.cli.session import with_app
from redaptive.infrastructure.discovery.service_registry import ServiceReplica
from redaptive.orchestration.executor_figures import AgentFigures, ExecutorStatus, ReplicaFigures, executors
from redaptive.web.blocks import Cell, Column, Table

_COLUMNS = (
    Column("agent", "agent"),
    Column("breaker", "breaker"),
    Column("again_in_s", "again", "s"),
    Column("failed", "failed"),
    Column("in_flight", "running"),
    Column("waiting", "waiting"),
    Column("retries", "retries", "left"),
    Column("p95_ms", "p95", "ms"),
)
_WORDS = {"closed": "closed", "half_open": "trying", "open": "OPEN"}


@dataclass(frozen=True)
class Status:
    """Executors that run, and the agents that processes serve over HTTP."""

    executors: tuple[ExecutorStatus, ...]
    served: tuple[ServiceReplica, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON; tools of served agents are left out, `redaptive agents list` has them."""
        served = [{key: value for key, value in asdict(each).items() if key != "tools"} for each in self.served]
        return {"executors": [each.model_dump() for each in self.executors], "served": served}


def status(as_json: Annotated[bool, typer.Option("--json", help="All figures, machine-readable.")] = False) -> None:
    """Show for each running executor, agent and replica: circuit breaker, failures, when it tries again, calls running
    and waiting, retries left, latency; and which agents are served over HTTP.
    """

    async def run(running: App) -> Status:
        await running.registry.refresh()
        served = tuple(each for each in running.registry.replicas() if not each.local)
        return Status(tuple(await executors(running.pools)), served)

    found = with_app(run, quiet=True)
    if as_json:
        print_json(found.as_dict())
        return
    if not found.executors:
        say("No executor runs, so nothing is called. Start one: `redaptive executor`, or everything: `redaptive up`.")
    for each in found.executors:
        show(each)
    if found.served:
        print_table(_served(found.served))
    else:
        say("No agent is served over HTTP: executors call those of their own process. `redaptive agents start --all`")


def show(executor: ExecutorStatus) -> None:
    """Print one executor: a row for each replica that it calls, then what failed last."""
    title = f"Executor of process {executor.pid} on {executor.host}, up {executor.up_s:,.0f} s"
    figures, told_s = executor.figures, executor.told_ago_s
    if figures is None or told_s is None:
        out.print(f"{title}: it has told nothing of its calls. `redaptive ask` never does.", markup=False)
        return
    agents = {each.agent: each for each in figures.agents}
    rows = tuple(_row(each, agents[each.agent]) for each in figures.replicas if each.agent in agents)
    faults = [f"{each.agent} last failed in {each.last_fault}." for each in figures.replicas if each.last_fault]
    more = [f"{figures.left_out} more replicas."] if figures.left_out else []
    calls = f"{sum(each.calls for each in figures.replicas):,} calls since it began. Told {told_s:.0f} s ago."
    note = " ".join([calls, *faults, *more])
    print_table(Table("calls", title, _COLUMNS, rows, note))


def _row(replica: ReplicaFigures, agent: AgentFigures) -> tuple[Cell, ...]:
    name = replica.agent if replica.replica == "local" else f"{replica.agent} at {replica.replica}"
    return (
        name,
        _WORDS[replica.breaker] if replica.connected else "no link",
        replica.again_in_s or None,
        replica.failed,
        agent.in_flight,
        agent.waiting,
        int(agent.retries_left),
        replica.p95_ms,
    )


def _served(replicas: tuple[ServiceReplica, ...]) -> Table:
    columns = (Column("agent", "agent"), Column("replica", "replica"), Column("endpoint", "endpoint"))
    rows = tuple((each.service, each.replica_id, each.endpoint) for each in replicas)
    return Table("served", "Agents served over HTTP", columns, rows)
