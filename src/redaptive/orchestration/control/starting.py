"""Starting runs: the plan is checked with the rights of whoever asks; nothing invalid is ever queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

from pydantic import JsonValue

from redaptive.agents.principal import Principal
from redaptive.orchestration.ai.plan_validator import Finding, ValidationContext, require
from redaptive.orchestration.ai.validation.ways_back import with_ways_back
from redaptive.orchestration.intelligent.engine.requests import RunRequest
from redaptive.orchestration.plans.reference_types import Patterns, Tools
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject, NewRun, Queue, RunOrigin


@dataclass(frozen=True)
class StartTerms:
    """How a run is started. The same `run_id` twice is one run; without one it is new. Smaller `priority` first."""

    run_id: str = ""
    priority: int = 100
    queue: Queue = "interactive"
    origin: RunOrigin = "person"
    reason: str = ""
    correlation_id: str = ""
    preset: JsonObject = field(default_factory=dict)
    breakpoints: tuple[str, ...] = ()
    paused: bool = False


@dataclass(frozen=True)
class Checker:
    """Judges plans: by the tools there are, the patterns that sub plans may name, and what is known of the agents."""

    tools: Tools
    patterns: Patterns = field(default_factory=dict)
    healthy: frozenset[str] | None = None

    def context(self, principal: Principal) -> ValidationContext:
        """What the validator must know to judge for this principal."""
        return ValidationContext(
            tools=self.tools,
            scopes=principal.scopes,
            tenant=principal.tenant,
            healthy=self.healthy,
            patterns=self.patterns,
        )

    def completed(self, plan: Plan, principal: Principal) -> Plan:
        """The plan as it is run: with the ways back that the contracts of its tools imply."""
        return with_ways_back(plan, self.context(principal))

    def require(self, plan: Plan, inputs: Mapping[str, JsonValue], principal: Principal) -> list[Finding]:
        """The warnings about the plan with these inputs.

        :raises InvalidInput: when it may not run; lists the errors.
        """
        return require(plan, self.context(principal), with_defaults(plan, inputs))

    def require_plan(self, plan: Plan, principal: Principal) -> list[Finding]:
        """The same for a plan whose inputs come later; raises InvalidInput."""
        return require(plan, self.context(principal))


def with_defaults(plan: Plan, inputs: Mapping[str, JsonValue]) -> JsonObject:
    """The inputs, completed by the defaults of the plan's schema for those that are not given."""
    properties = plan.inputs.get("properties", {})
    found = {
        name: schema["default"]
        for name, schema in (properties.items() if isinstance(properties, dict) else ())
        if isinstance(schema, dict) and "default" in schema
    }
    return {**found, **inputs}


def new_run(plan: Plan, inputs: Mapping[str, JsonValue], principal: Principal, terms: StartTerms) -> NewRun:
    """The row that starts the run."""
    request = RunRequest(
        plan=plan,
        inputs=with_defaults(plan, inputs),
        principal=principal,
        priority=terms.priority,
        queue=terms.queue,
        origin=terms.origin,
        correlation_id=terms.correlation_id,
        preset=terms.preset,
    )
    return replace(request, run_id=terms.run_id or f"run-{uuid4().hex[:12]}").new_run()
