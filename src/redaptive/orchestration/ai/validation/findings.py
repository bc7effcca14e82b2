"""What a validator says, and what it must know to say it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

from redaptive.orchestration.plans.reference_types import Patterns, Tools

Severity = Literal["error", "warning", "advice"]
"""An error forbids a run, a warning tells what may go wrong, advice how the plan could be better."""
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
CODES: Final[Mapping[str, str]] = {
    "format": "The plan is not of the published schema.",
    "duplicate_id": "Two nodes have one id.",
    "reserved_id": "A node is called in, item or index.",
    "too_large": "The plan has more nodes, items or levels than the limit.",
    "kind": "A node does nothing, or more than one thing.",
    "unknown_node": "`needs` names no node of the plan.",
    "cycle": "Nodes wait for each other in a circle.",
    "unknown_reference": "A reference is malformed, or nothing is behind it.",
    "skippable": "A node may be skipped whose output another needs, without default or guard.",
    "bad_default": "A default does not fit the output that it stands for.",
    "unknown_tool": "No agent declares the tool.",
    "stale_schema": "The tool's schema changed since the plan was made.",
    "agent_unavailable": "The tool's agent is not built, or not healthy.",
    "missing_argument": "The tool requires an argument that is not given.",
    "unknown_argument": "The tool has no such argument.",
    "bad_argument": "A literal is not what the schema asks for.",
    "type_mismatch": "A reference leads to another type, unit or kind of thing than is needed.",
    "maybe_null": "A reference may be null where null is not accepted.",
    "bad_condition": "A condition compares what cannot be compared.",
    "bad_expression": "An expression's function or arguments do not fit.",
    "bad_foreach": "A foreach has no list, too many items, or stands where it cannot.",
    "unknown_event": "The platform has no such event, or the event no such field.",
    "bad_inputs": "The inputs' schema is not usable, or the given inputs do not fit it.",
    "missing_scope": "The requester lacks the scope of a tool.",
    "foreign_id": "An id belongs to another tenant, or is unknown in this one.",
    "needs_approval": "An effect that needs a person's approval has no gate.",
    "needs_compensation": "An effect can neither be taken back nor is said to be irreversible.",
    "no_way_back": "A rollback leaves an effect, though the tool's contract names the tool that undoes it.",
    "bad_compensation": "The call that takes an effect back does not fit.",
    "over_budget": "Cost or time may exceed the budget.",
    "secret": "A secret is written into the plan.",
    "oversized": "A literal is too large for a plan.",
    "unknown_plan": "A sub-plan names no plan.",
    "recursion": "A sub-plan contains itself, or lies too deep.",
}
"""Every code that a finding may have, and what it means."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: stable code, node (empty: the plan), field, what is wrong, what to do."""

    code: str
    node: str
    field: str
    message: str
    fix: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = ".".join(part for part in (self.node, self.field) if part) or "plan"
        return f"{self.severity} {self.code} at {where}: {self.message} {self.fix}".rstrip()

    def below(self, node: str) -> Finding:
        """The finding of a sub-plan as one of the plan around it; nodes are `outer/inner`."""
        return replace(self, node=f"{node}/{self.node}" if self.node else node)


@dataclass(frozen=True)
class Limits:
    """Sizes that a plan may not exceed. `usd` and `seconds` bound the budgets that a plan may ask for."""

    nodes: int = 200
    total_nodes: int = 1_000
    """Most nodes, those of sub-plans included."""
    items: int = 10_000
    """Most executions of a node, over all foreach around it."""
    depth: int = 24
    """Most levels of JSON, of a condition or of an expression."""
    plan_depth: int = 4
    """Most levels of plans within plans."""
    literal_bytes: int = 32_768
    usd: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class ValidationContext:
    """Who asks, and what there is. The validator knows nothing else, so equal contexts give equal findings.

    `healthy`: agents that answer now, None when nobody knows. `ids`: entity kind -> the tenant's ids, for the kinds
    whose literals shall be checked. `gated`: tools that the tenant's policy lets nobody call without approval.
    `forbid_unavailable`: a tool without a living agent is an error, not a warning.
    """

    tools: Tools
    scopes: Set[str]
    tenant: str
    healthy: Set[str] | None = None
    patterns: Patterns = field(default_factory=dict)
    limits: Limits = Limits()
    ids: Mapping[str, Set[str]] = field(default_factory=dict)
    gated: Set[str] = frozenset()
    forbid_unavailable: bool = False
