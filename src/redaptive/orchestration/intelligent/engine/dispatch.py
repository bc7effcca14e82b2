"""Starting what was taken: as many runs at work as the process can do, and each under the workflow that is its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Final

import structlog
from dbos import DBOS, SetWorkflowID
from dbos._core import WorkflowHandleAsyncPolling

from redaptive.errors import Conflict, NotFound, RedaptiveError
from redaptive.orchestration.intelligent.dag_engine import order
from redaptive.orchestration.intelligent.engine.claims import Claim, Claims
from redaptive.orchestration.intelligent.engine.journal import Fenced, Journal, RunEntry
from redaptive.orchestration.intelligent.engine.keys import INTERPRETER, WorkflowKey, execute_step, gate_step, undo_step
from redaptive.orchestration.intelligent.engine.live_run import LiveRun
from redaptive.orchestration.intelligent.engine.notices import Notices
from redaptive.orchestration.intelligent.engine.outcomes import error_value, unexpected
from redaptive.orchestration.intelligent.engine.requests import plan_of_json
from redaptive.orchestration.intelligent.engine.store import EngineStore
from redaptive.orchestration.intelligent.engine.tools import now
from redaptive.orchestration.state.run_records import Run

LOOK_S: Final = 1.0
GATHER_S: Final = 0.003
log = structlog.get_logger(__name__)


class Dispatcher:
    """Takes queued runs while there is room. `workflow` is the registered function that runs one.

    `concurrency`: runs at work in this process, those that only wait not counted. It bounds what can run twice after
    a kill. `most_live`: runs in memory, waiting ones included.
    """

    def __init__(
        self,
        claims: Claims,
        store: EngineStore,
        journal: Journal,
        notices: Callable[[], Notices],
        *,
        concurrency: int,
        most_live: int,
        assess: Callable[[LiveRun], None],
    ) -> None:
        self._claims, self._store, self._journal, self._notices = claims, store, journal, notices
        self._concurrency, self._most_live, self._assess = concurrency, most_live, assess
        self._fresh: dict[str, LiveRun] = {}
        self._starting: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._line_up: deque[asyncio.Future[None]] = deque()
        self._let_in = 0
        self.workflow: Callable[[], object] | None = None

    def look(self) -> None:
        """There may be something to take, or room for it."""
        self._wake.set()
        if self._line_up:
            asyncio.get_running_loop().call_soon(self._open)

    async def admit(self) -> None:
        """Return when one more run may be at work: for those that recovery and resume bring, as many as there are."""
        if not self._line_up and self._busy + self._let_in < self._concurrency:
            return
        turn = asyncio.get_running_loop().create_future()
        self._line_up.append(turn)
        self.look()
        try:
            await turn
        finally:
            if turn.done() and not turn.cancelled():
                self._let_in -= 1

    def _open(self) -> None:
        room = self._concurrency - self._busy - self._let_in if self._line_up else 0
        while room > 0 and self._line_up:
            turn = self._line_up.popleft()
            if not turn.done():
                turn.set_result(None)
                self._let_in += 1
                room -= 1

    @property
    def _busy(self) -> int:
        """Runs at work; until it waits for the first time, a run counts as one."""
        return sum(not run.idle for run in self._notices().live)

    def fresh(self, workflow_id: str) -> LiveRun | None:
        """The run that was taken for this workflow, once."""
        return self._fresh.pop(workflow_id, None)

    async def run(self) -> None:
        """Take and start for ever; cancel to end."""
        while True:
            self._wake.clear()
            try:
                if await self._fill():
                    self._wake.set()
            except RedaptiveError as error:
                log.warning("dispatch_waits", code=error.code, error=error.message)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
                await asyncio.sleep(GATHER_S)
            except TimeoutError:
                pass

    async def end(self) -> None:
        """Wait for starts in progress."""
        await asyncio.gather(*self._starting, return_exceptions=True)

    async def _fill(self) -> bool:
        live = self._notices().live
        coming = len(self._line_up) + self._let_in
        room = min(self._concurrency - self._busy - coming, self._most_live - len(live))
        if room <= 0:
            return False
        batch = sum(run.run.queue == "batch" and not run.idle for run in live)
        claims = await self._claims.take(room, self._concurrency // 2 - batch)
        parked = [claim for claim in claims if claim.begun]
        for claim in claims:
            if not claim.begun:
                self._soon(self._start(claim))
        if parked:
            self._soon(self._take_up(parked))
        return bool(claims)

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _take_up(self, claims: list[Claim]) -> None:
        """Runs that were begun before: parked ones are resumed all at once, others as their workflow stands."""
        try:
            statuses = await self._store.workflow_statuses([WorkflowKey.of(claim.run) for claim in claims])
            if asleep := [str(key) for key, status in statuses.items() if status == "CANCELLED"]:
                await DBOS.resume_workflows_async(asleep)
        except Exception as error:  # they are this executor's, so nobody else will try
            log.warning("take_up_repeated", runs=len(claims), error=str(error))
            await asyncio.sleep(LOOK_S)
            await self._take_up(claims)
            return
        for claim in claims:
            if statuses.get(WorkflowKey.of(claim.run)) not in {"CANCELLED", "PENDING", "ENQUEUED"}:
                self._soon(self._start(claim))

    async def _start(self, claim: Claim) -> None:
        live = LiveRun(claim.run, claim.controls, self._assess)
        self._notices().add(live)
        try:
            if not await self._begin(claim, live):
                self._notices().remove(live)
        except Fenced:
            self._notices().remove(live)
        except Exception as error:
            known = error if isinstance(error, RedaptiveError) else unexpected(error)
            if known.retryable:  # the sweep queues it again when this executor is gone; till then try here
                log.warning("start_repeated", run=claim.run.id, error=known.message)
                await asyncio.sleep(LOOK_S)
                self._notices().remove(live)
                return await self._start(claim)
            log.warning("start_failed", run=claim.run.id, error=str(error))
            await self._fail(live, known)

    async def _begin(self, claim: Claim, live: LiveRun) -> bool:
        """Start, fork or resume the workflow; whether it runs here as `live`."""
        if not claim.begun and claim.run.forked_from is None:
            return await self._run_here(live)
        status = (await self._store.workflow_statuses([live.key])).get(live.key)
        if status is None and claim.run.forked_from is not None and claim.run.epoch == 0:
            await self._fork(claim.run)
            return False
        if status is None:
            return await self._run_here(live)
        if status == "CANCELLED":
            await DBOS.resume_workflows_async([str(live.key)])
        elif status not in {"PENDING", "ENQUEUED"}:
            raise Conflict(f"The workflow of run {claim.run.id} ended as {status} and told nobody.", field="run")
        return False

    async def _run_here(self, live: LiveRun) -> bool:
        """Start the workflow; false where another executor has begun it between, whose death will bring it back."""
        assert self.workflow is not None
        self._fresh[str(live.key)] = live
        with SetWorkflowID(str(live.key)):
            handle = await DBOS.start_workflow_async(self.workflow)  # type: ignore[arg-type, var-annotated]
        if isinstance(handle, WorkflowHandleAsyncPolling):
            # What was taken knows nothing of the steps that the other has recorded: the recovery must read them.
            self._fresh.pop(str(live.key), None)
            log.warning("run_begun_elsewhere", run=live.run.id)
            return False
        return True

    async def _fork(self, run: Run) -> None:
        """Copy the steps before the node from the run it is forked from, and go on from there."""
        assert run.forked_from is not None
        source = WorkflowKey(run.tenant_id, run.forked_from)
        position = _fork_position(run)
        run_before = (await self._store.runs(source, [run.forked_from])).get(run.forked_from)
        if run_before is None or run_before.plan_hash != run.plan_hash:
            raise NotFound(f"There is no run {run.forked_from} of this plan.", field="forked_from")
        known = await self._store.recorded_before(replace(source, epoch=run_before.epoch + 1))
        if any(undo_step(at) in known for at in range(position)):
            raise Conflict(
                f"Run {run.forked_from} has undone what it did before {run.fork_node}.",
                field="fork_node",
                fix="Start the plan anew, or fork at an earlier node.",
            )
        step = execute_step(position) if run.fork_gate else gate_step(position)
        with SetWorkflowID(str(WorkflowKey.of(run))):
            await DBOS.fork_workflow_async(str(source), step, application_version=INTERPRETER)

    async def _fail(self, live: LiveRun, error: RedaptiveError) -> None:
        try:
            entry = RunEntry("failed", error=error_value(error), finished_at=now(), release=True)
            await self._journal.end(live.key, entry)
        except Fenced:
            pass
        self._notices().remove(live)


def _fork_position(run: Run) -> int:
    names = order(plan_of_json(run.plan))
    if run.fork_node not in names:
        raise NotFound(
            f"The plan has no node {run.fork_node}.", field="fork_node", fix=f"There are: {', '.join(names)}."
        )
    return names.index(run.fork_node)
