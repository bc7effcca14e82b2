"""The plan: a typed, hashable description of work across agents. Data only: nothing in it is ever evaluated as code."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

FORMAT_VERSION: Final = 1
"""Version of this format; a run is recovered only by an interpreter of the same one."""
NODE_ID: Final = r"^[a-z][a-z0-9_]{0,63}$"
NodeId = Annotated[str, Field(pattern=NODE_ID)]
ToolName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$", description="<agent-id>.<tool_name>")]
Json = JsonValue
"""JSON; inside arguments a string that begins with `$` is a reference, `$$` stands for a plain `$`."""
Op = Literal["eq", "ne", "gt", "ge", "lt", "le", "in", "exists", "is_null"]
Join = Literal["any_ok", "all_ok", "all_done"]
Origin = Literal["pattern", "chain", "llm", "person"]


class Model(BaseModel):
    """Frozen, and strict about unknown fields: a misspelt one is an error, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Compare(Model):
    """`left op right`; both sides are literals or references. Null is false except for eq and is_null."""

    op: Op
    left: Json
    right: Json = None


class AllOf(Model):
    """True when every part is."""

    all: Annotated[tuple[Condition, ...], Field(min_length=1)]


class AnyOf(Model):
    """True when some part is."""

    any: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Not(Model):
    """True when the part is not."""

    not_: Annotated[Condition, Field(alias="not")]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


Condition = Compare | AllOf | AnyOf | Not


class Expr(Model):
    """A pure function of the fixed set in `expressions.py`, applied to literals, references or other expressions."""

    fn: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    args: tuple[Annotated[Expr | Json, Field(union_mode="left_to_right")], ...] = ()


class Retry(Model):
    """How often a failed attempt is repeated; only retryable errors are."""

    max_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    interval_s: Annotated[float, Field(ge=0, le=3600)] = 0.5
    backoff: Annotated[float, Field(ge=1, le=10)] = 2.0


class Compensation(Model):
    """The tool call that takes an effect back; it receives the idempotency key of what it undoes.

    Its arguments may refer to the node itself. Under a foreach there is one call for each item when they refer to
    `$item`, `$index` or the node, which then is that item's output; else one call takes back all.
    """

    tool: ToolName
    args: dict[str, Json] = Field(default_factory=dict)


class Foreach(Model):
    """The node runs once per item; `$item` and `$index` are known inside it. Its output is the list of outputs."""

    items: Json
    max_items: Annotated[int, Field(ge=1, le=10_000)] = 100
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    on_item_error: Literal["fail", "skip"] = "fail"


class Approval(Model):
    """A gate: the node begins when a person with the scope approves tool and arguments as they are then."""

    reason: str
    scope: str = "runs:approve"
    timeout_s: Annotated[float, Field(gt=0)] | None = None


class WaitEvent(Model):
    """The node ends when an event of the type arrives whose fields equal `match`; its output is the event's data."""

    type: str
    match: dict[str, Json] = Field(default_factory=dict)
    timeout_s: Annotated[float, Field(gt=0)] | None = None


class SubPlan(Model):
    """Another plan run as a node: a registered pattern by name, or a plan given here; `args` are its inputs."""

    pattern: str | None = None
    plan: Plan | None = None


class Node(Model):
    """One step. Exactly one of `tool`, `expr`, `wait_event`, `sub_plan` says what it does.

    Its parents are `needs` and every node that its arguments, condition or items refer to.
    """

    id: NodeId
    title: str = ""
    needs: tuple[NodeId, ...] = ()
    tool: ToolName | None = None
    expr: Expr | None = None
    wait_event: WaitEvent | None = None
    sub_plan: SubPlan | None = None
    args: dict[str, Json] = Field(default_factory=dict)
    schema_hash: str | None = Field(default=None, description="Hash of the tool's schemas when the plan was made.")
    when: Condition | None = None
    join: Join = "any_ok"
    retry: Retry = Retry()
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    compensate: Compensation | None = None
    irreversible: bool = False
    foreach: Foreach | None = None
    approval: Approval | None = None
    breakpoint: bool = False
    default: Json = Field(
        default=None,
        description="Stands for the output of the node when it was skipped; paths are followed in it, null gives null.",
    )
    has_default: bool = Field(
        default=False, description="Says that a default of null is meant; another speaks for itself."
    )

    @model_validator(mode="before")
    @classmethod
    def _mean_the_default(cls, given: object) -> object:
        if isinstance(given, dict) and given.get("default") is not None and "has_default" not in given:
            return {**given, "has_default": True}
        return given


class Budget(Model):
    """Most that a run may cost and take."""

    usd: Annotated[float, Field(ge=0)] = 10.0
    seconds: Annotated[float, Field(gt=0)] = 3_600.0


class Plan(Model):
    """A directed acyclic graph of nodes with typed inputs and a mapping of outputs."""

    format: Literal[1] = FORMAT_VERSION
    id: str = Field(description="Name of the plan, e.g. that of the pattern.")
    version: str = "1"
    title: str
    inputs: dict[str, Any] = Field(
        default_factory=lambda: {"type": "object", "properties": {}}, description="JSON Schema of the inputs."
    )
    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    output: dict[str, Json] = Field(default_factory=dict, description="Name -> literal or reference.")
    budget: Budget = Budget()
    on_failure: Literal["drain", "fast"] = "drain"
    origin: Origin = "person"

    def canonical(self) -> str:
        """The plan as canonical JSON: sorted keys, no spaces, defaults left out."""
        wire = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps({**wire, "format": self.format}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON; equal plans have equal hashes, on any machine."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


for _model in (AllOf, AnyOf, Not, Expr, SubPlan, Node, Plan):
    _model.model_rebuild()
