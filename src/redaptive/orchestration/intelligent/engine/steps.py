"""Checkpointed steps of a run: the live ones on DBOS, and those of a run that is over, to be read again."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from dbos._context import get_local_dbos_context

from redaptive.errors import Internal
from redaptive.orchestration.intelligent.engine.keys import STEPS_PER_NODE
from redaptive.orchestration.intelligent.engine.recorder import Recorder, StepRecord, now_ms
from redaptive.orchestration.state.run_records import JsonObject

Body = Callable[[], Awaitable[JsonObject]]


class Interrupted(Exception):
    """Raised when a step that was never recorded is asked of a run that is over."""


class Steps(Protocol):
    """Runs bodies under step ids and remembers their results."""

    def recorded(self, step: int) -> bool:
        """Whether the step had a result when the run was taken up."""

    def failed(self) -> bool:
        """Whether some execution had failed by then."""

    async def run(self, step: int, name: str, body: Body) -> JsonObject:
        """The recorded result, or that of the body, now recorded; raises Interrupted where nothing more runs."""
        ...


@dataclass(frozen=True)
class Owner:
    """This execution's claim on its workflow: DBOS gives a new token with every hand-off."""

    workflow_id: str
    token: str

    @classmethod
    def here(cls) -> Owner:
        """The claim of the workflow function that calls this; raises Internal outside of one."""
        context = get_local_dbos_context()
        if context is None or context.owner_xid is None:
            raise Internal("Steps were asked for outside of a run's workflow.")
        return cls(context.workflow_id, context.owner_xid)


class LiveSteps:
    """Steps of the running workflow, each under the id that its place in the plan gives it.

    `known`: step id -> result as recorded before this execution.
    """

    def __init__(self, recorder: Recorder, owner: Owner, known: Mapping[int, JsonObject]) -> None:
        self._recorder, self._owner, self._known = recorder, owner, known

    def recorded(self, step: int) -> bool:
        """Whether the step had a result when the run was taken up."""
        return step in self._known

    def failed(self) -> bool:
        """Whether some execution had failed by then."""
        return _failed(self._known)

    async def run(self, step: int, name: str, body: Body) -> JsonObject:
        """The recorded result, or that of the body, now recorded."""
        if step in self._known:
            return self._known[step]
        started_ms = now_ms()
        result = await body()
        text = json.dumps(result, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        record = StepRecord(self._owner.workflow_id, self._owner.token, step, name, text, started_ms, now_ms())
        await self._recorder.record(record)
        return result


class PastSteps:
    """Steps of a workflow that is over, for undoing it; new results come from `undo`, the steps of the present one."""

    def __init__(self, known: Mapping[int, JsonObject], undo: LiveSteps) -> None:
        self._known = known
        self._undo = undo

    def recorded(self, step: int) -> bool:
        """Whether the past run recorded the step."""
        return step in self._known

    def failed(self) -> bool:
        """Whether some execution of the past run failed."""
        return _failed(self._known)

    async def run(self, step: int, name: str, body: Body) -> JsonObject:
        """The past result; compensations run now, if they have not succeeded before."""
        past = self._known.get(step)
        if step % STEPS_PER_NODE == 0 and (past is None or "error" in past):
            return await self._undo.run(step, name, body)
        if past is not None:
            return past
        raise Interrupted(name)


def _failed(known: Mapping[int, JsonObject]) -> bool:
    return any("error" in result for step, result in known.items() if step % STEPS_PER_NODE == 2)
