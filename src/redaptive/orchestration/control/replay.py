"""Repeating a run without its effects, to compare: from its recorded outputs, or by calling what only reads again.

From recorded outputs every argument, condition, expression and the output of the plan are worked out anew: that they
come out as recorded shows that the record is whole and that this release reads the plan as the first one did. Calling
again shows what the data says today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import JsonValue

from redaptive.agents.principal import Principal
from redaptive.errors import RedaptiveError
from redaptive.orchestration.control.differences import Difference, differences
from redaptive.orchestration.intelligent.conditional_engine import Types, evaluate, text_of
from redaptive.orchestration.intelligent.dag_engine import order, parents
from redaptive.orchestration.plans import expressions
from redaptive.orchestration.plans.reference_types import Patterns, ReferenceTypes, Tools
from redaptive.orchestration.plans.references import MissingValue, Scope
from redaptive.orchestration.plans.schema import Json, Node, Plan
from redaptive.orchestration.state.run_records import NodeRecord, Snapshot

if TYPE_CHECKING:
    from redaptive.agents.invoker import ToolInvoker

Mode = Literal["recorded", "reads"]
Verdict = Literal["same", "different", "not_compared"]


@dataclass(frozen=True)
class NodeReplay:
    """One node, or one item of its foreach: whether it came out the same, and where not; `reason` in words."""

    node: str
    verdict: Verdict
    reason: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class ReplayReport:
    """The comparison of a whole run."""

    run_id: str
    mode: Mode
    nodes: tuple[NodeReplay, ...]

    @property
    def same(self) -> bool:
        """Whether nothing that was compared came out differently."""
        return all(node.verdict != "different" for node in self.nodes)

    def count(self, verdict: Verdict) -> int:
        """How many nodes and items have this verdict."""
        return sum(node.verdict == verdict for node in self.nodes)


def replay_recorded(snapshot: Snapshot, tools: Tools, patterns: Patterns | None = None) -> ReplayReport:
    """Work out again what follows from inputs and recorded outputs; large outputs must be in their place. Pure."""
    plan = Plan.model_validate(snapshot.run.plan)
    return _Repetition(snapshot, plan, ReferenceTypes(plan, tools, patterns or {}).of).report()


async def replay_reads(snapshot: Snapshot, tools: Tools, invoker: ToolInvoker, principal: Principal) -> ReplayReport:
    """Call every tool that only reads once more with its recorded arguments, and compare the answers."""
    plan = Plan.model_validate(snapshot.run.plan)
    nodes = {node.id: node for node in plan.nodes}
    found = []
    for record in snapshot.nodes:
        node = nodes.get(record.node)
        if node is not None and node.tool is not None and not (node.foreach and record.item_index < 0):
            found.append(await _call_again(node, record, tools, invoker, principal))
    return ReplayReport(snapshot.run.id, "reads", tuple(found))


async def _call_again(
    node: Node, record: NodeRecord, tools: Tools, invoker: ToolInvoker, principal: Principal
) -> NodeReplay:
    name, tool = _name(record), tools.get(node.tool or "")
    if tool is None or not tool.spec.reads_only:
        return NodeReplay(name, "not_compared", f"{node.tool} has effects")
    if record.state != "done" or record.overridden or not isinstance(record.args, dict):
        why = "its output was given" if record.overridden else f"it was {record.state}"
        return NodeReplay(name, "not_compared", why)
    try:
        answer = (await invoker.call(node.tool or "", record.args, principal=principal)).answer
    except RedaptiveError as error:
        return NodeReplay(name, "different", f"it fails now: {error.message}")
    return _judged(name, differences(record.output, answer))


class _Repetition:
    """The run once more, with recorded outputs in the place of calls."""

    def __init__(self, snapshot: Snapshot, plan: Plan, types: Types) -> None:
        self._snapshot, self._plan, self._types = snapshot, plan, types
        self._records = {record.node: record for record in snapshot.nodes if record.item_index < 0}
        self._parents = parents(plan)
        self._outputs: dict[str, Json] = {}

    def report(self) -> ReplayReport:
        nodes = {node.id: node for node in self._plan.nodes}
        found = []
        for name in order(self._plan):
            found += self._node(nodes[name])
            self._remember(nodes[name])
        if self._snapshot.run.state == "done":
            found.append(self._output())
        return ReplayReport(self._snapshot.run.id, "recorded", tuple(found))

    def _remember(self, node: Node) -> None:
        record = self._records.get(node.id)
        if record is not None and record.state in {"done", "undone", "undo_failed", "undoing"}:
            self._outputs[node.id] = record.output
        elif node.has_default:
            self._outputs[node.id] = node.default

    def _scope(self, item: Json = None, index: int | None = None) -> Scope:
        return Scope(self._snapshot.run.inputs, self._outputs, item, index)

    def _node(self, node: Node) -> list[NodeReplay]:
        record = self._records.get(node.id)
        if record is None or record.state in {"pending", "gated", "waiting", "running"}:
            return [NodeReplay(node.id, "not_compared", "it has not ended")]
        try:
            if (wrong := self._condition(node, record)) is not None:
                return [wrong]
            return self._values(node, record)
        except RedaptiveError as error:
            expected = record.state == "failed"
            return [NodeReplay(node.id, "same" if expected else "different", error.message)]

    def _condition(self, node: Node, record: NodeRecord) -> NodeReplay | None:
        """A difference when the condition now says otherwise than the record; None when it agrees."""
        above = [self._records[name] for name in self._parents[node.id] if name in self._records]
        if node.when is None or any(r.state in {"failed", "cancelled"} for r in above) or record.reason == "preset":
            return None
        holds = evaluate(node.when, self._scope().lookup, self._types)
        skipped = record.state == "skipped" and record.reason == f"not {text_of(node.when)}"
        if (holds and skipped) or (not holds and record.state not in {"skipped", "cancelled"}):
            said = "holds" if holds else "does not hold"
            return NodeReplay(node.id, "different", f"{text_of(node.when)} {said} now, but it was {record.state}")
        return None

    def _values(self, node: Node, record: NodeRecord) -> list[NodeReplay]:
        if record.state == "skipped":
            return [NodeReplay(node.id, "same", f"skipped: {record.reason}")]
        if record.overridden:
            return [NodeReplay(node.id, "not_compared", "its output was given")]
        if node.expr is not None:
            value = expressions.evaluate(node.expr, self._scope().lookup, self._types)
            return [_judged(node.id, differences(record.output, value))]
        if node.sub_plan is not None:
            return [NodeReplay(node.id, "not_compared", "its child runs are runs of their own")]
        if node.foreach is not None:
            return self._items(node)
        if node.wait_event is not None or not isinstance(record.args, dict):
            return [NodeReplay(node.id, "not_compared", "nothing in it follows from the plan")]
        return [_judged(node.id, differences(record.args, self._scope().resolve(dict(node.args)), "args"))]

    def _items(self, node: Node) -> list[NodeReplay]:
        assert node.foreach is not None
        items = self._scope().resolve(node.foreach.items)
        known = self._snapshot.items(node.id)
        if not isinstance(items, list):
            return [NodeReplay(node.id, "different", "its items are no list any more")]
        if any(record.item_index >= len(items) for record in known):
            return [NodeReplay(node.id, "different", f"there are {len(items)} items now")]
        return [self._item(node, record, items[record.item_index]) for record in known]

    def _item(self, node: Node, record: NodeRecord, item: Json) -> NodeReplay:
        now = self._scope(item, record.item_index).resolve(dict(node.args))
        return _judged(_name(record), differences(record.args, now, "args"))

    def _output(self) -> NodeReplay:
        now: dict[str, JsonValue] = {}
        for name, value in self._plan.output.items():
            try:
                now[name] = self._scope().resolve(value)
            except MissingValue:
                now[name] = None
        return _judged("output", differences(self._snapshot.run.output or {}, now))


def _judged(name: str, found: list[Difference]) -> NodeReplay:
    return NodeReplay(name, "different" if found else "same", "", tuple(found))


def _name(record: NodeRecord) -> str:
    return record.node if record.item_index < 0 else f"{record.node}[{record.item_index}]"


def summary(report: ReplayReport) -> Mapping[str, int]:
    """Verdict -> how many, for the audit."""
    verdicts: tuple[Verdict, ...] = ("same", "different", "not_compared")
    return {verdict: report.count(verdict) for verdict in verdicts}
