"""Names that must stay the same over retries, restarts and takeovers: workflows, steps, idempotency keys, children."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.schema import FORMAT_VERSION
from redaptive.orchestration.state.run_records import Run

INTERPRETER: Final = f"plan-{FORMAT_VERSION}.1"
"""Format of the interpreter's checkpoints: executors recover runs of their own format only. Change it when steps
get other numbers or results; not with a build."""
STEPS_PER_NODE: Final = 3
_LONGEST_ID: Final = 160


@dataclass(frozen=True)
class WorkflowKey:
    """Which run, and which of its workflows: 0 runs the plan, later ones undo it."""

    tenant_id: UUID
    run_id: str
    epoch: int = 0

    def __hash__(self) -> int:
        """Of the run's id alone: a text remembers its hash, and hardly two tenants share an id."""
        return hash(self.run_id)

    def __str__(self) -> str:
        return f"{self.tenant_id}/{self.run_id}/{self.epoch}"

    @classmethod
    def parse(cls, text: str) -> WorkflowKey:
        """The key of a workflow's id; raises InvalidInput for an id that is not ours."""
        tenant, _, rest = text.partition("/")
        run_id, _, epoch = rest.rpartition("/")
        try:
            return cls(UUID(tenant), run_id, int(epoch))
        except ValueError as error:
            raise InvalidInput(f"{text!r} is no workflow of a run.", field="workflow_id") from error

    @classmethod
    def of(cls, run: Run) -> WorkflowKey:
        """The workflow that is the run's present one."""
        return cls(run.tenant_id, run.id, run.epoch)


def gate_step(position: int) -> int:
    """Step id of the gate of the node at this place (from 0) of the topological order."""
    return STEPS_PER_NODE * position + 1


def execute_step(position: int) -> int:
    """Step id of its execution."""
    return STEPS_PER_NODE * position + 2


def undo_step(position: int) -> int:
    """Step id of its compensation."""
    return STEPS_PER_NODE * position + 3


def call_key(run_id: str, node: str, index: int | None = None) -> str:
    """Idempotency key of a node's call, or of one item of its foreach.

    >>> call_key("r1", "pay"), call_key("r1", "pay", 3)
    ('r1:pay', 'r1:pay:3')
    """
    return f"{run_id}:{node}" if index is None else f"{run_id}:{node}:{index}"


def undo_key(run_id: str, node: str, index: int | None = None) -> str:
    """Idempotency key of the compensation; without `undo:` it is the key of what is undone.

    >>> undo_key("r1", "pay")
    'r1:undo:pay'
    """
    return call_key(f"{run_id}:undo", node, index)


def child_id(run_id: str, node: str, index: int | None = None) -> str:
    """Id of a child run; the beginning of a long one is replaced by its hash, so that nesting does not outgrow ids."""
    name = call_key(run_id, node, index)
    if len(name) <= _LONGEST_ID:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"{digest}:{name[-(_LONGEST_ID - 33) :].lstrip('.:_-')}"
