"""Events of runs that go out: that a run began and ended, and what its nodes with effects did in the world.

What only reads is nobody's business outside: who wants to see every step follows the run (`state/run_watch.py`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from redaptive.infrastructure.messaging.events.envelope import Event, new_event
from redaptive.infrastructure.messaging.events.event_data import EventData
from redaptive.infrastructure.messaging.events.workflow_events import (
    WorkflowNodeFinished,
    WorkflowNodeStarted,
    WorkflowRunFinished,
    WorkflowRunStarted,
)
from redaptive.orchestration.intelligent.engine.live_run import LiveRun
from redaptive.orchestration.intelligent.engine.outcomes import RunOutcome

SOURCE = "engine"


def run_started(live: LiveRun, plan_id: str) -> Event:
    """The run began."""
    run = live.run
    data = WorkflowRunStarted(run_id=run.id, run_seq=run.run_seq, plan=plan_id, started_by=run.started_by)
    return _event(live, data, "started")


def run_finished(live: LiveRun, outcome: RunOutcome, end: datetime) -> Event:
    """The run ended; once for each time that it was undone."""
    data = WorkflowRunFinished(
        run_id=live.run.id,
        run_seq=_next(live),
        state=outcome.state,
        message=str((outcome.error or {}).get("message", "")),
        duration_ms=max(0, round((end - (live.run.started_at or end)).total_seconds() * 1000)),
    )
    return _event(live, data, f"finished/{live.run.epoch}")


def node_started(live: LiveRun, node: str, tool: str, attempt: int) -> Event:
    """A tool with effects is called, or called again."""
    data = WorkflowNodeStarted(run_id=live.run.id, run_seq=_next(live), node=node, tool=tool, attempt=attempt)
    return _event(live, data, f"{node}/started/{live.run.epoch}/{attempt}")


def node_finished(live: LiveRun, node: str, outcome: str, took_ms: int) -> Event:
    """A node with effects ended, or was undone."""
    data = WorkflowNodeFinished(
        run_id=live.run.id, run_seq=_next(live), node=node, outcome=outcome, duration_ms=took_ms
    )
    return _event(live, data, f"{node}/{outcome}/{live.run.epoch}")


def _next(live: LiveRun) -> int:
    return live.run.run_seq + live.changes + 1


def _event(live: LiveRun, data: EventData, name: str) -> Event:
    # The same fact has the same id, so that a run taken over tells it once.
    event_id = uuid5(NAMESPACE_URL, f"{live.key.tenant_id}/{live.run.id}/{name}")
    correlation = live.run.correlation_id or live.run.id
    return new_event(
        data,
        tenant=live.key.tenant_id,
        source=SOURCE,
        key=live.run.id,
        correlation_id=correlation,
        event_id=event_id,
    )
