"""What commands about runs work with: the person with the rights of this machine, a controller, the patterns."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from redaptive.agents.principal import Principal, local_principal
from redaptive.app import App
from redaptive.cli.runs_input import plan_file
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.late import late
from redaptive.orchestration.control.kept_plans import KeptPlans
from redaptive.orchestration.control.permissions import READ, RUN_SCOPES
from redaptive.orchestration.control.starting import Checker
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.store import EngineStore
from redaptive.orchestration.intelligent.planners import patterns as library
from redaptive.orchestration.plans.pattern import discover
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import Run, RunFilter

if TYPE_CHECKING:
    from redaptive.agents.catalogue import CatalogueTool

ResultT = TypeVar("ResultT")
KeptT = TypeVar("KeptT", bound=KeptPlans)
LAST: Final = "last"
PREFIX: Final = "workflow."
RunId = Annotated[str, typer.Argument(help="Id of the run, or `last` for the newest.", metavar="RUN")]
NodeId = Annotated[str, typer.Argument(help="Id of a node, as `runs show` lists them.", metavar="NODE")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Why = Annotated[str, typer.Option("--reason", help="A word on it, for the audit.")]
PlanFile = Annotated[str | None, typer.Option("--plan", help="File with a plan.")]
PatternName = Annotated[str | None, typer.Option("--pattern", help="A pattern of the library instead.")]
Priority = Annotated[int, typer.Option(min=0, max=1000, help="0 first, 1000 last.")]
Who = Annotated[str | None, typer.Option("--as", help="Who acts; default: the user of this machine.")]


@cache
def patterns() -> Mapping[str, Plan]:
    """Id -> plan of every pattern of the library."""
    return MappingProxyType({name: pattern.plan for name, pattern in discover(library).items()})


def pattern_named(name: str) -> Plan:
    """The pattern's plan; the beginning `workflow.` may be left away.

    :raises NotFound: for an unknown name; lists those that there are.
    """
    found = patterns().get(name) or patterns().get(PREFIX + name)
    if found is None:
        known = ", ".join(sorted(each.removeprefix(PREFIX) for each in patterns()))
        raise NotFound(f"No pattern {name}.", field="--pattern", fix=f"There are: {known}.")
    return found


def all_tools() -> Mapping[str, CatalogueTool]:
    """Full name -> tool of the catalogue, which loads every agent."""
    catalogue: Callable[[], Mapping[str, CatalogueTool]] = late("redaptive.agents.catalogue:catalogue")
    return catalogue()


def checker() -> Checker:
    """Judges plans by the catalogue of all tools and the library of patterns."""
    return Checker(all_tools(), patterns())


async def operator(running: App, who: str | None = None) -> Principal:
    """The person at this machine, with every scope of tools and of runs, in the tenant of the settings."""
    local = await running.local_principal()
    scopes = local.scopes | RUN_SCOPES | {tool.spec.scope for tool in all_tools().values()}
    return replace(local, subject=who or getpass.getuser(), scopes=scopes)


async def controller(running: App, who: str | None = None) -> WorkflowController:
    """The controller of that person."""
    return WorkflowController(running.pools, await operator(running, who), checker())


async def reader(running: App) -> WorkflowController:
    """The controller of somebody who only looks: it needs neither agents nor their tools."""
    tenant = running.settings.tenant
    looks = local_principal(await running.tenant_id(tenant), tenant, {READ}, subject=getpass.getuser())
    return WorkflowController(running.pools, looks, Checker({}))


def looked_at(work: Callable[[WorkflowController], Awaitable[ResultT]]) -> ResultT:
    """The result of `work(controller)`, which only looks, on an open application."""

    async def run(running: App) -> ResultT:
        return await work(await reader(running))

    return with_app(run, quiet=True)


def controlled(work: Callable[[WorkflowController], Awaitable[ResultT]], who: str | None = None) -> ResultT:
    """The result of `work(controller)` on an open application."""

    async def run(running: App) -> ResultT:
        return await work(await controller(running, who))

    return with_app(run, quiet=True)


def plan_option(file: str | None, pattern: str | None) -> Plan:
    """The plan of `--plan` or of `--pattern`.

    :raises InvalidInput: when not exactly one of them is given.
    """
    if (file is None) == (pattern is None):
        raise InvalidInput("Give --plan or --pattern.", field="--plan")
    return plan_file(file) if file is not None else pattern_named(str(pattern))


def kept(kind: type[KeptT], work: Callable[[KeptT], Awaitable[ResultT]], who: str | None = None) -> ResultT:
    """The result of `work` on the schedules or triggers of that person, on an open application."""

    async def run(running: App) -> ResultT:
        return await work(kind(running.pools, await operator(running, who), checker()))

    return with_app(run, quiet=True)


async def run_named(control: WorkflowController, name: str) -> str:
    """The run's id; `last` is the newest that no other run started.

    :raises NotFound: when there is none.
    """
    if name != LAST:
        return name
    newest = await control.runs(RunFilter(top_level=True, limit=1))
    if not newest:
        raise NotFound("There is no run yet.", field="run", fix="Start one: `redaptive runs start --help`.")
    return newest[0].id


async def format_without_executor(running: App, run: Run) -> str | None:
    """The interpreter format for whose executor the run waits in vain; None when it waits for no such thing."""
    if run.finished or run.started_at is None:  # one that no executor has taken is of no format yet
        return None
    async with ConnectionPoolManager(running.urls.worker, name="formats", min_size=1, max_size=1) as workers:
        return await EngineStore(workers).format_without_executor(WorkflowKey.of(run))


async def living_executors(running: App) -> int:
    """How many executors hold a lease now."""
    rows = await running.pools.query(
        "SELECT count(*) AS n FROM engine_executors WHERE expires_at > clock_timestamp()", tenant_id=None
    )
    return int(rows[0]["n"])
