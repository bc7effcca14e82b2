"""Runs of a conversation as they are stored, each read once for a turn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from redaptive.errors import NotFound
from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.plans.signatures import value_at
from redaptive.orchestration.state.run_export import whole_nodes
from redaptive.orchestration.state.run_records import Snapshot
from redaptive.orchestration.state.workflow_persistence import WorkflowStore


@dataclass(frozen=True)
class DoneRun:
    """A run with its plan and its outputs, the large ones in their place."""

    snapshot: Snapshot
    plan: Plan
    finished: Finished

    def answer(self, wish: Arrangement) -> RunAnswer:
        """The answer of the run with its lists as they are wished."""
        return compose(self.plan, self.finished, wish)

    def again(self, last: LastAnswer, wish: Arrangement) -> LastAnswer:
        """What was last answered, by this run shown again: after a question that is the one before."""
        if last.run_id == self.snapshot.run.id:
            return replace(last, shown=wish)
        return replace(last, status="planned", text=self.plan.title, message="", notes=(), shown=wish)

    @property
    def period(self) -> str:
        """The period that the first tool says its figures are of; empty where none does."""
        said = (value_at(output, "inputs_used.period") for output in self.finished.outputs.values())
        return next((each for each in said if isinstance(each, str)), "")


@dataclass
class DoneRuns:
    """The runs of a store."""

    store: WorkflowStore
    _read: dict[str, DoneRun | None] = field(default_factory=dict)

    async def run(self, run_id: str) -> DoneRun | None:
        """The run with its outputs; None when it is not kept any more, or for an empty id."""
        if run_id and run_id not in self._read:
            self._read[run_id] = await self._stored(run_id)
        return self._read.get(run_id)

    async def _stored(self, run_id: str) -> DoneRun | None:
        try:
            snapshot = await self.store.snapshot(run_id)
        except NotFound:
            return None
        whole = replace(snapshot, nodes=await whole_nodes(self.store, snapshot))
        return DoneRun(whole, Plan.model_validate(snapshot.run.plan), Finished.of(whole))
