"""Events of workflow runs, topic `workflow`; the key is the run's id, `run_seq` its order within the run."""

from __future__ import annotations

from pydantic import Field

from redaptive.infrastructure.messaging.events.event_data import EventData


class WorkflowRunStarted(EventData):
    """A run began."""

    type = "workflow.run.started"
    topic = "workflow"

    run_id: str
    run_seq: int
    plan: str
    started_by: str


class WorkflowNodeStarted(EventData):
    """A node whose tool has effects began; said again when it is tried again. Nodes that only read are not told of."""

    type = "workflow.node.started"
    topic = "workflow"

    run_id: str
    run_seq: int
    node: str
    tool: str
    attempt: int = 1


class WorkflowNodeFinished(EventData):
    """A node whose tool has effects ended, or what it did was undone."""

    type = "workflow.node.finished"
    topic = "workflow"

    run_id: str
    run_seq: int
    node: str
    outcome: str = Field(description="ok, undone, undo_failed, interrupted, or the code of the error.")
    duration_ms: int


class WorkflowRunFinished(EventData):
    """A run ended."""

    type = "workflow.run.finished"
    topic = "workflow"

    run_id: str
    run_seq: int
    state: str = Field(description="done, failed or cancelled.")
    message: str = ""
    duration_ms: int
