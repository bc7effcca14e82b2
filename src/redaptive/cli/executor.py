"""`redaptive executor`: one process that runs plans, until it is stopped."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import anyio
import typer

from redaptive.agents.calls.resilient_invoker import ResilientInvoker
from redaptive.agents.catalogue import catalogue
from redaptive.agents.invoker import InProcessInvoker
from redaptive.agents.tool import ToolSpec
from redaptive.app import App
from redaptive.cli.output import say
from redaptive.cli.runs_session import patterns
from redaptive.cli.session import with_app
from redaptive.errors import Unavailable
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.events.housekeeping import keep_clean
from redaptive.infrastructure.messaging.events.relay import OutboxRelay
from redaptive.infrastructure.messaging.events.streams import EventProducer
from redaptive.orchestration.executor_figures import keep_telling
from redaptive.orchestration.intelligent.conditional_engine import Types
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions, WorkflowEngine
from redaptive.orchestration.intelligent.event_driven_engine import EventDrivenEngine
from redaptive.orchestration.plans.reference_types import ReferenceTypes
from redaptive.orchestration.plans.schema import Plan


def executor(
    concurrency: Annotated[
        int, typer.Option(min=1, max=256, help="Runs at work at once; waiting ones not counted.")
    ] = 32,
    park_after: Annotated[
        float, typer.Option(min=1, help="A run that only waits leaves memory after so many s.")
    ] = 30.0,
) -> None:
    """Run plans durably; start as many as you like, on one machine or many: each takes over what others leave."""

    async def run(running: App) -> None:
        options = EngineOptions(concurrency=concurrency, park_after_s=park_after)
        async with (
            _calls(running) as invoker,
            _engine(running, invoker, options) as engine,
            _beside(running, engine, invoker),
        ):
            say(f"Executor {engine.executor_id} of {concurrency} runs at once. Ctrl-C stops.")
            await _until_stopped(engine)
            if engine.lost.is_set():
                raise Unavailable(
                    "This executor lost its lease: others have taken its runs over.", fix="Start it again."
                )

    with_app(run, quiet=True)


@asynccontextmanager
async def open_engine(running: App, options: EngineOptions) -> AsyncIterator[WorkflowEngine]:
    """An engine over the agents of this process, with breakers, limits and retries around their calls."""
    async with _calls(running) as invoker, _engine(running, invoker, options) as engine:
        yield engine


@asynccontextmanager
async def _engine(running: App, invoker: ResilientInvoker, options: EngineOptions) -> AsyncIterator[WorkflowEngine]:
    owner = running.urls.owner if running.urls.owner != running.urls.app else None
    async with WorkflowEngine(
        running.urls.worker, invoker, owner_url=owner, options=options, patterns=patterns().get, types=_types,
        specs=_spec,
    ) as engine:  # fmt: skip
        yield engine


@asynccontextmanager
async def _beside(running: App, engine: WorkflowEngine, invoker: ResilientInvoker) -> AsyncIterator[None]:
    """Meanwhile events start and wake runs, and what runs tell is published; processes share this work.

    How calls to agents go is told for `redaptive agents status`.
    """
    client = connect(running.endpoints.log.url)
    outbox = OutboxRelay(engine.pools, EventProducer(client))
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(EventDrivenEngine(client, engine.pools, engine.executor_id).run)
            group.start_soon(outbox.run)
            group.start_soon(keep_clean, client, engine.pools, outbox)
            group.start_soon(keep_telling, engine.pools, engine.executor_id, invoker)
            yield
            group.cancel_scope.cancel()
    finally:
        await client.aclose()


@asynccontextmanager
async def _calls(running: App) -> AsyncIterator[ResilientInvoker]:
    registry = running.agents()
    async with InProcessInvoker(registry) as direct, ResilientInvoker() as invoker:
        for agent in registry:
            invoker.attach(agent.id, direct)
        yield invoker


async def _until_stopped(engine: WorkflowEngine) -> None:
    async with anyio.create_task_group() as group:

        async def lost() -> None:
            await engine.lost.wait()
            group.cancel_scope.cancel()

        group.start_soon(lost)
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                break
        group.cancel_scope.cancel()


def _types(plan: Plan) -> Types:
    return ReferenceTypes(plan, catalogue(), patterns()).of


def _spec(tool: str) -> ToolSpec | None:
    known = catalogue().get(tool)
    return known.spec if known else None
