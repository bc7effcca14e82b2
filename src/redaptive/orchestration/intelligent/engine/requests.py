"""Asking for a run: a plan, its inputs, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from pydantic import ValidationError

from redaptive.agents.principal import Principal
from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject, NewRun, Queue, RunOrigin


@dataclass(frozen=True)
class RunRequest:
    """A plan to be run for a principal. Smaller `priority` first; the same `run_id` twice is one run."""

    plan: Plan
    inputs: JsonObject
    principal: Principal
    run_id: str = field(default_factory=lambda: f"run-{uuid4().hex[:20]}")
    priority: int = 100
    queue: Queue = "interactive"
    origin: RunOrigin = "person"
    correlation_id: str = ""
    preset: JsonObject = field(default_factory=dict)
    forked_from: str | None = None
    fork_node: str | None = None
    fork_gate: bool = True

    def new_run(self) -> NewRun:
        """The row that starts it."""
        return NewRun(
            id=self.run_id,
            plan=plan_json(self.plan),
            plan_hash=self.plan.content_hash,
            inputs=self.inputs,
            started_by=self.principal.subject,
            on_behalf_of=self.principal.on_behalf_of,
            scopes=self.principal.scopes,
            priority=self.priority,
            queue=self.queue,
            origin=self.origin,
            correlation_id=self.correlation_id,
            preset=self.preset,
            forked_from=self.forked_from,
            fork_node=self.fork_node,
            fork_gate=self.fork_gate,
        )


def plan_json(plan: Plan) -> JsonObject:
    """The plan as it is stored: what differs from the defaults, and the format."""
    found: JsonObject = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {**found, "format": plan.format}


def plan_of_json(stored: JsonObject) -> Plan:
    """The plan of its stored form; raises InvalidInput when this release cannot read it."""
    try:
        return Plan.model_validate(stored)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The plan cannot be read: {first['msg']}", field=place or "plan") from error
