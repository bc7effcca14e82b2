"""The engine of one process: takes queued runs, runs them durably, takes over those of processes that died.

One engine per process: DBOS is one. Workflows run on the event loop that opens the engine.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID, uuid4

import structlog
from anyio import to_thread
from dbos import DBOS
from dbos._error import DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError

from redaptive.agents.invoker import ToolInvoker
from redaptive.agents.principal import Principal
from redaptive.agents.tool import ToolSpec
from redaptive.errors import Conflict, Internal, Unavailable
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.ending import end
from redaptive.orchestration.intelligent.conditional_engine import Types, untyped
from redaptive.orchestration.intelligent.engine.accounts import Accounts
from redaptive.orchestration.intelligent.engine.checkpoints import (
    CheckpointOptions,
    configuration,
    migrate,
    quiet,
    sqlalchemy_url,
)
from redaptive.orchestration.intelligent.engine.claims import Claims
from redaptive.orchestration.intelligent.engine.dispatch import Dispatcher
from redaptive.orchestration.intelligent.engine.execution import execute
from redaptive.orchestration.intelligent.engine.journal import Fenced, Journal, RunEntry
from redaptive.orchestration.intelligent.engine.keys import WorkflowKey
from redaptive.orchestration.intelligent.engine.lease import Lease
from redaptive.orchestration.intelligent.engine.line import Line
from redaptive.orchestration.intelligent.engine.live_run import LiveRun
from redaptive.orchestration.intelligent.engine.mailbox import Mailbox
from redaptive.orchestration.intelligent.engine.notices import Notices
from redaptive.orchestration.intelligent.engine.outcomes import error_value, unexpected
from redaptive.orchestration.intelligent.engine.parking import Parking
from redaptive.orchestration.intelligent.engine.recorder import Recorder
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.intelligent.engine.schedules import Schedules
from redaptive.orchestration.intelligent.engine.steps import Owner
from redaptive.orchestration.intelligent.engine.store import EngineStore
from redaptive.orchestration.intelligent.engine.tools import Patterns, PlanTypes, Specs, Tools, now
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject, Run
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

TICK_S: Final = 0.25
RECOVERY_ATTEMPTS: Final = 100
"""After so many takeovers a run is put aside: it seems to kill whoever runs it."""
log = structlog.get_logger(__name__)
_engine: list[WorkflowEngine] = []


def no_patterns(_name: str) -> Plan | None:
    """No plan is registered by name."""
    return None


def no_types(_plan: Plan) -> Types:
    """Nothing is known of the tools' outputs: comparisons go by the values."""
    return untyped


def no_specs(_tool: str) -> ToolSpec | None:
    """Nothing is known of any tool: calls cost nothing, and none has effects to tell of."""
    return None


@dataclass(frozen=True)
class EngineOptions:
    """How much one process does at once, and when it lets go.

    `concurrency`: runs at work, waiting ones not counted. `park_after_s`: a run that only waits leaves memory after
    so long. `grace_s`: on closing, time for runs at work before others take them over. `undo_interval_s`: pause
    before a failed compensation is tried again; doubles each time.
    """

    concurrency: int = 32
    most_live: int = 4_000
    park_after_s: float = 30.0
    grace_s: float = 5.0
    undo_interval_s: float = 0.5
    checkpoints: CheckpointOptions = field(default_factory=CheckpointOptions)


class WorkflowEngine:
    """An executor. Enter it as an asynchronous context manager; `lost` is set when it must end.

    `worker_url` works as redaptive_worker. With `owner_url` the schema of checkpoints is brought up to date first.
    :raises InvalidInput: without a PostgreSQL URL.
    """

    def __init__(
        self,
        worker_url: str,
        invoker: ToolInvoker,
        *,
        owner_url: str | None = None,
        options: EngineOptions | None = None,
        patterns: Patterns = no_patterns,
        types: PlanTypes = no_types,
        specs: Specs = no_specs,
    ) -> None:
        sqlalchemy_url(worker_url)
        self.options = options or EngineOptions()
        self.executor_id = f"{socket.gethostname()}-{uuid4().hex}"
        self.lost = asyncio.Event()
        self._worker_url, self._owner_url = worker_url, owner_url
        self.pools = ConnectionPoolManager(worker_url, name="engine", min_size=2, max_size=8, acquire_timeout_s=10.0)
        self._lines = [Line(worker_url, name) for name in ("journal", "claims", "recorder", "mailbox")]
        self.journal = Journal(self._lines[0], self.executor_id)
        self._claims = Claims(self._lines[1], self.executor_id)
        self.recorder = Recorder(self._lines[2])
        self.mailbox = Mailbox(self._lines[3])
        self.store = EngineStore(self.pools)
        self._tools = Tools(
            invoker=invoker,
            journal=self.journal,
            recorder=self.recorder,
            store=self.store,
            mailbox=self.mailbox,
            accounts=Accounts(self.pools),
            pools=self.pools,
            patterns=patterns,
            types=types,
            specs=specs,
            undo_interval_s=self.options.undo_interval_s,
        )
        self._dispatcher = Dispatcher(
            self._claims,
            self.store,
            self.journal,
            lambda: self._notices,
            concurrency=self.options.concurrency,
            most_live=self.options.most_live,
            assess=lambda live: self._parking.assess(live),
        )
        self._parking = Parking(
            self.pools, self._claims, self.journal, self.options.park_after_s, self._dispatcher.look
        )
        self._notices = Notices(worker_url, self._claims, self._dispatcher.look)
        self._parking.notices = self._notices
        self._names: dict[UUID, str] = {}
        self._executing: set[str] = set()
        self._context = copy_context()
        self._services: list[asyncio.Task[None]] = []
        self._closing = False

    async def __aenter__(self) -> Self:
        """Connect, take the lease, start DBOS on this event loop, and begin to take runs."""
        if _engine:
            raise Conflict("This process has an engine already.", fix="Start another process for another executor.")
        quiet()
        if self._owner_url is not None:
            await to_thread.run_sync(migrate, self._owner_url)
        await self.pools.open()
        self._loop = asyncio.get_running_loop()
        self.lease = Lease(self._worker_url, self.executor_id, self._lose_soon, self._held)
        _engine.append(self)
        try:
            await to_thread.run_sync(self.lease.start)
            self._dispatcher.workflow = run_plan
            DBOS(config=configuration(self._worker_url, self.executor_id, self.options.checkpoints))
            DBOS.launch()  # on this loop's thread, so that DBOS runs workflows on it
        except BaseException:
            _engine.remove(self)
            await self.pools.close()
            raise
        for service in (self._tick, self.recorder.run, self.journal.run, self.mailbox.run, self._claims.run):
            self._serve(service())
        for service in (self._notices.listen, self._notices.pass_on):
            self._serve(service())
        for service in (self._parking.run, self._parking.park, Schedules(self.pools).run, self._dispatcher.run):
            self._serve(service())
        self.lease.recover_others()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take nothing more, give runs at work `grace_s`, then leave them to others."""
        self._closing = True
        self._services[-1].cancel()  # the dispatcher
        await self._dispatcher.end()
        await self._let_finish()
        self._parking.end()
        await end([live.task for live in self._notices.live if live.task is not None])
        await end(self._services)
        if not self.lost.is_set():
            await self.journal.write()
        await to_thread.run_sync(self.lease.leave_to_others)  # which needs DBOS
        await to_thread.run_sync(DBOS.destroy)
        # DBOS made its pool the loop's own, and has shut it down now.
        self._loop.set_default_executor(ThreadPoolExecutor())
        await end(_workflows())
        await to_thread.run_sync(self.lease.release)
        for line in self._lines:
            await line.close()
        await self.pools.close()
        _engine.remove(self)

    async def start(self, request: RunRequest) -> Run:
        """The queued run, or the one that was started under this id before."""
        tenant = request.principal.tenant_id
        await WorkflowStore(self.pools, tenant).create_run(request.new_run())
        return (await self.store.runs(WorkflowKey(tenant, request.run_id), [request.run_id]))[request.run_id]

    async def wait(self, tenant_id: UUID, run_id: str, *, poll_s: float = 0.05) -> Run:
        """The run when it has ended; cancel, or use a timeout, to stop waiting."""
        while True:
            rows = await self.store.runs(WorkflowKey(tenant_id, run_id), [run_id])
            if run_id in rows and rows[run_id].finished:
                return rows[run_id]
            await asyncio.sleep(poll_s)

    @property
    def at_work(self) -> int:
        """Runs of this process that do something right now."""
        return sum(not live.idle for live in self._notices.live)

    @property
    def live(self) -> int:
        """Runs in this process, waiting ones included."""
        return len(self._notices.live)

    async def execute(self, workflow_id: str) -> str:
        """Run the plan of a workflow; called by DBOS, on a fresh start, a recovery or a resume."""
        self._executing.add(workflow_id)
        try:
            return await self._execute(workflow_id)
        finally:
            self._executing.discard(workflow_id)

    async def _execute(self, workflow_id: str) -> str:
        known: dict[int, JsonObject] = {}
        live = self._dispatcher.fresh(workflow_id)
        if live is None:
            key = WorkflowKey.parse(workflow_id)
            adopted = await self._claims.adopt(key)
            if adopted is None:
                return "over"
            await self._dispatcher.admit()
            live = LiveRun(adopted.claim.run, adopted.claim.controls, self._parking.assess)
            self._notices.add(live)
            known = adopted.recorded
        live.task = asyncio.current_task()
        owner, principal = Owner.here(), await self._principal(live.run)
        # Out of DBOS's context: what tools, timers and tasks call there must not count as steps of this workflow.
        work = execute(self._tools, live, principal, owner, known)
        try:
            return await asyncio.create_task(work, context=self._context.copy())
        except (Fenced, DBOSWorkflowConflictIDError, DBOSWorkflowCancelledError):
            # Another executor has it. Ended as cancelled, so that DBOS keeps no task waiting for the other's result.
            log.warning("run_fenced", run=live.run.id, executor=self.executor_id)
            raise asyncio.CancelledError from None
        except asyncio.CancelledError:
            if self._closing or self.lost.is_set() or live.parking:
                raise
            return await self._broken(live, Internal("The run was broken off."))
        except Exception as error:
            return await self._broken(live, unexpected(error))
        finally:
            if not live.parking:
                self._notices.remove(live)
            self._parking.forget(live)

    async def _broken(self, live: LiveRun, error: Internal) -> str:
        """End a run that a defect of ours stopped: left as it is, it would wait for ever."""
        log.exception("run_broken", run=live.run.id)
        with suppress(Fenced):
            entry = RunEntry("failed", error=error_value(error), finished_at=now(), release=True)
            await self.journal.end(live.key, entry)
        return "failed"

    async def _principal(self, run: Run) -> Principal:
        if run.tenant_id not in self._names:
            self._names[run.tenant_id] = await self.store.tenant_name(run.tenant_id)
        return Principal(
            tenant_id=run.tenant_id,
            tenant=self._names[run.tenant_id],
            subject=run.started_by,
            scopes=frozenset(run.scopes),
            on_behalf_of=run.on_behalf_of,
        )

    def _serve(self, work: Coroutine[None, None, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except Exception:
                # A defect: without this service the executor would hold runs and do nothing for them.
                log.exception("engine_service_failed")
                self._lose()

        self._services.append(asyncio.create_task(guarded()))

    async def _tick(self) -> None:
        while True:
            self.lease.turned()
            await asyncio.sleep(TICK_S)

    async def _let_finish(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.options.grace_s):
                while True:
                    if self.lost.is_set() or not self.at_work:
                        return
                    await asyncio.sleep(TICK_S / 5)

    def _held(self) -> frozenset[str]:
        """Ids of the workflows that something in this process works on, or is about to."""
        live = [str(live.key) for live in self._notices.live]
        return frozenset({*self._executing.copy(), *live})

    def _lose_soon(self) -> None:
        self._loop.call_soon_threadsafe(self._lose)

    def _lose(self) -> None:
        """Stop all work at once: others have taken it over, or will."""
        self.lost.set()
        for live in self._notices.live:
            if live.task is not None:
                live.task.cancel()


@DBOS.workflow(name="redaptive.run_plan", max_recovery_attempts=RECOVERY_ATTEMPTS)
async def run_plan() -> str:
    """The workflow of every run; which one, its id says, so that a fork needs no other inputs."""
    workflow_id = DBOS.workflow_id
    if not _engine or workflow_id is None:
        raise Unavailable("The engine of this process is closed.")
    return await _engine[0].execute(workflow_id)


_OF_DBOS: Final = "_execute_workflow_async"


def _workflows() -> list[asyncio.Task[Any]]:
    """Tasks of workflows on this loop: DBOS, the only one that holds them, forgets them when it ends.

    One that waits then would be destroyed at some later moment, with an error in whatever goes on on the loop.
    """
    return [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == _OF_DBOS]
