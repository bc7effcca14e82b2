"""Declaring a plan in Python: steps, references by attribute, conditions by comparison. It becomes plain data.

    >>> plan = PlanBuilder("worst_offices", "Find savings in the worst offices")
    >>> state = plan.input("state", {"type": "string"})
    >>> usage = plan.call("portfolio-intelligence.analyze_portfolio_usage", as_="usage", state=state)
    >>> found = plan.call("portfolio-intelligence.find_opportunities", as_="found")
    >>> _ = found.when(usage.value.total.energy_kwh > 100_000)
    >>> cash = plan.call(
    ...     "energy-finance.project_cashflow",
    ...     as_="cash",
    ...     capex_usd=ITEM.capex_usd.mid,
    ...     savings_usd_per_y=ITEM.savings_usd_per_y,
    ...     life_y=ITEM.service_life_y,
    ... ).foreach(found.value.opportunities, max_items=20)
    >>> built = plan.build(opportunities=found.value.opportunities, cash=cash.output)
    >>> [node.id for node in built.nodes], built.nodes[1].when.left, built.output["cash"]
    (['usage', 'found', 'cash'], '$usage.value.total.energy_kwh', '$cash')

Only `Ref` objects are references: a text is a text, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

from redaptive.errors import Conflict, InvalidInput
from redaptive.orchestration.plans.functions import FUNCTIONS
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.plans.references import INDEX as INDEX_ROOT
from redaptive.orchestration.plans.references import INPUTS, Reference, Step, escape
from redaptive.orchestration.plans.references import ITEM as ITEM_ROOT
from redaptive.orchestration.plans.schema import (
    AllOf,
    AnyOf,
    Approval,
    Budget,
    Compare,
    Compensation,
    Condition,
    Expr,
    Foreach,
    Join,
    Json,
    Node,
    Not,
    Op,
    Origin,
    Plan,
    Retry,
    SubPlan,
    WaitEvent,
)

Value: TypeAlias = "Json | Ref | StepBuilder | Sequence[Value] | Mapping[str, Value]"
"""What an argument may be: JSON in which references stand."""
Argument: TypeAlias = "Value | Expr"


@dataclass(frozen=True)
class Clause:
    """A condition; `&`, `|` and `~` combine clauses."""

    condition: Condition

    def __and__(self, other: Clause) -> Clause:
        return Clause(AllOf(all=(*_parts(self, AllOf), *_parts(other, AllOf))))

    def __or__(self, other: Clause) -> Clause:
        return Clause(AnyOf(any=(*_parts(self, AnyOf), *_parts(other, AnyOf))))

    def __invert__(self) -> Clause:
        return Clause(Not(not_=self.condition))

    def __bool__(self) -> NoReturn:
        raise TypeError("A clause is data that a run decides: combine clauses with &, | and ~, give them to when().")


class Ref:
    """A reference; attributes and indexes lead on, comparisons make clauses. Keys that are methods: `ref["exists"]`."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    def __getattr__(self, name: str) -> Ref:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, step: Step) -> Ref:
        if isinstance(step, int) and step < 0:
            raise InvalidInput("A path counts from the beginning.", field=str(self), fix='Use fn("last", ...).')
        return Ref(Reference(self._reference.root, (*self._reference.path, step)))

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{self} is not a list yet: repeat a step with foreach(), or index it.")

    def __str__(self) -> str:
        return str(self._reference)

    def __gt__(self, other: Value) -> Clause:
        return self._clause("gt", other)

    def __ge__(self, other: Value) -> Clause:
        return self._clause("ge", other)

    def __lt__(self, other: Value) -> Clause:
        return self._clause("lt", other)

    def __le__(self, other: Value) -> Clause:
        return self._clause("le", other)

    def eq(self, other: Value) -> Clause:
        """Equal to; null equals null."""
        return self._clause("eq", other)

    def ne(self, other: Value) -> Clause:
        """Not equal to; false when either is null."""
        return self._clause("ne", other)

    def one_of(self, others: Value) -> Clause:
        """Equal to a member of a list."""
        return self._clause("in", others)

    def exists(self) -> Clause:
        """There, and not null."""
        return self._clause("exists", None)

    def is_null(self) -> Clause:
        """Null, or not there."""
        return self._clause("is_null", None)

    def _clause(self, op: Op, other: Value) -> Clause:
        return Clause(Compare(op=op, left=str(self), right=plain(other)))


ITEM: Final = Ref(Reference(ITEM_ROOT))
"""The item of the foreach around."""
INDEX: Final = Ref(Reference(INDEX_ROOT))
"""The place of the item, from 0."""


class StepBuilder:
    """One node under construction; every method but the references returns the step itself."""

    def __init__(self, node_id: str, **fields: Any) -> None:
        self.id = node_id
        self._fields = fields

    @property
    def output(self) -> Ref:
        """The whole output: a tool's answer, an expression's value, an event's data, a list under foreach."""
        return Ref(Reference(self.id))

    @property
    def value(self) -> Ref:
        """The value of a tool's answer."""
        return self.output["value"]

    def when(self, clause: Clause) -> StepBuilder:
        """Run only if the clause holds; repeated, all must."""
        before = self._fields.get("when")
        return self._set(when=clause.condition if before is None else (Clause(before) & clause).condition)

    def after(self, *steps: StepBuilder) -> StepBuilder:
        """Wait for steps whose output is not needed."""
        return self._set(needs=(*self._fields.get("needs", ()), *(step.id for step in steps)))

    def join(self, how: Join) -> StepBuilder:
        """When to run if parents were skipped: any_ok (default), all_ok, all_done."""
        return self._set(join=how)

    def foreach(
        self, items: Value, *, max_items: int = 100, concurrency: int = 8, skip_errors: bool = False
    ) -> StepBuilder:
        """Run once for each item of a list; `ITEM` and `INDEX` are known in the arguments."""
        how = "skip" if skip_errors else "fail"
        return self._set(
            foreach=Foreach(items=plain(items), max_items=max_items, concurrency=concurrency, on_item_error=how)
        )

    def approve(self, reason: str, *, scope: str = "runs:approve", timeout_s: float | None = None) -> StepBuilder:
        """Ask a person first."""
        return self._set(approval=Approval(reason=reason, scope=scope, timeout_s=timeout_s))

    def compensate(self, tool: str, **args: Value) -> StepBuilder:
        """How the effect is taken back; the arguments may refer to this step."""
        return self._set(compensate=Compensation(tool=tool, args={key: plain(each) for key, each in args.items()}))

    def irreversible(self) -> StepBuilder:
        """Say that the effect cannot be taken back."""
        return self._set(irreversible=True)

    def default(self, value: Value) -> StepBuilder:
        """What stands for the output when the step was skipped."""
        return self._set(default=plain(value), has_default=True)

    def retry(self, max_attempts: int, *, interval_s: float = 0.5, backoff: float = 2.0) -> StepBuilder:
        """How often a failed attempt is repeated."""
        return self._set(retry=Retry(max_attempts=max_attempts, interval_s=interval_s, backoff=backoff))

    def timeout(self, seconds: float) -> StepBuilder:
        """Most that an attempt may take, in s."""
        return self._set(timeout_s=seconds)

    def stop_before(self) -> StepBuilder:
        """Set a breakpoint."""
        return self._set(breakpoint=True)

    def node(self) -> Node:
        """The node as data."""
        return Node(id=self.id, **self._fields)

    def _set(self, **fields: Any) -> StepBuilder:
        self._fields |= fields
        return self


class PlanBuilder:
    """A plan under construction: declare inputs and steps, then `build` with the outputs."""

    def __init__(
        self,
        plan_id: str,
        title: str,
        *,
        budget_usd: float = 10.0,
        budget_s: float = 3_600.0,
        origin: Origin = "person",
    ) -> None:
        self._head: dict[str, Any] = {"id": plan_id, "title": title, "origin": origin}
        self._head["budget"] = Budget(usd=budget_usd, seconds=budget_s)
        self._steps: dict[str, StepBuilder] = {}
        self._inputs: dict[str, Any] = {}
        self._required: list[str] = []

    def input(self, name: str, schema: Mapping[str, Any], *, required: bool = True) -> Ref:
        """Declare an input with its JSON Schema; with `required=False` it should allow null or have a default."""
        self._inputs[name] = dict(schema)
        self._required += [name] if required else []
        return Ref(Reference(INPUTS, (name,)))

    def call(self, tool: str, as_: str = "", **args: Value) -> StepBuilder:
        """A step that calls a tool; its id is `as_`, or the tool's own name."""
        named = {key: plain(value) for key, value in args.items()}
        return self._add(as_ or self._free(tool.rpartition(".")[2]), tool=tool, args=named)

    def compute(self, expr: Expr, as_: str = "") -> StepBuilder:
        """A step that computes; see `fn`."""
        return self._add(as_ or self._free(expr.fn), expr=expr)

    def wait(self, event: str, as_: str = "", *, timeout_s: float | None = None, **match: Value) -> StepBuilder:
        """A step that waits for an event whose fields equal the given ones."""
        named = {key: plain(value) for key, value in match.items()}
        waits = WaitEvent(type=event, match=named, timeout_s=timeout_s)
        return self._add(as_ or self._free(event.replace(".", "_")), wait_event=waits)

    def run(self, plan: Plan | str, as_: str = "", **args: Value) -> StepBuilder:
        """A step that runs another plan, or a pattern by its name."""
        sub = SubPlan(pattern=plan) if isinstance(plan, str) else SubPlan(plan=plan)
        name = plan if isinstance(plan, str) else plan.id
        named = {key: plain(value) for key, value in args.items()}
        return self._add(as_ or self._free(name.rpartition(".")[2]), sub_plan=sub, args=named)

    def build(self, **output: Value) -> Plan:
        """The plan; the arguments are its outputs."""
        schema: dict[str, Any] = {"type": "object", "properties": self._inputs, "additionalProperties": False}
        if self._required:
            schema["required"] = self._required
        named = {key: plain(value) for key, value in output.items()}
        nodes = tuple(step.node() for step in self._steps.values())
        return Plan(**self._head, inputs=schema, nodes=nodes, output=named)

    def _add(self, node_id: str, **fields: Any) -> StepBuilder:
        if node_id in self._steps:
            raise Conflict(f"There is a step {node_id} already.", field=node_id, fix="Give another name with as_.")
        self._steps[node_id] = StepBuilder(node_id, **fields)
        return self._steps[node_id]

    def _free(self, name: str) -> str:
        names = (name if count == 1 else f"{name}_{count}" for count in range(1, len(self._steps) + 2))
        return next(each for each in names if each not in self._steps)


def fn(name: str, *args: Argument) -> Expr:
    """A call of a function of expressions.

    >>> fn("sum", fn("map", ITEM.rows, "usd")).args[0].args
    ('$item.rows', 'usd')

    :raises InvalidInput: when there is no such function.
    """
    if name not in FUNCTIONS:
        raise InvalidInput(
            f"There is no function {name}.", field=name, fix=f"There are: {', '.join(sorted(FUNCTIONS))}."
        )
    return Expr(fn=name, args=tuple(each if isinstance(each, Expr) else plain(each) for each in args))


def plain(value: Value) -> Json:
    """The value as JSON: references as their text, texts escaped, a step as its whole output."""
    if isinstance(value, StepBuilder):
        return str(value.output)
    if isinstance(value, Ref):
        return str(value)
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [plain(each) for each in value]
    return value


def stamped(plan: Plan, tools: Tools) -> Plan:
    """The plan with the present schema hash of each tool, so that a later change is noticed before the node runs."""
    nodes = [
        node.model_copy(update={"schema_hash": tools[node.tool].schema_hash})
        if node.tool and node.tool in tools
        else node
        for node in plan.nodes
    ]
    return plan.model_copy(update={"nodes": tuple(nodes)})


def _parts(clause: Clause, kind: type[AllOf] | type[AnyOf]) -> tuple[Condition, ...]:
    """The parts of a clause of the same kind, so that chains stay flat."""
    condition = clause.condition
    if isinstance(condition, AllOf) and kind is AllOf:
        return condition.all
    if isinstance(condition, AnyOf) and kind is AnyOf:
        return condition.any
    return (condition,)
