"""Repeating a run from a node on: what does not depend on it keeps its output, the node and what follows run again.

A fork is a run of its own, with keys of its own: effects of the nodes that run again happen again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from redaptive.errors import Conflict, InvalidInput
from redaptive.orchestration.control.deeds import node_of
from redaptive.orchestration.control.starting import with_defaults
from redaptive.orchestration.intelligent.dag_engine import ancestors, descendants, order
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.plans.schema import Node, Plan
from redaptive.orchestration.state.run_records import JsonObject, NewRun, NodeRecord, Snapshot

UNDONE = frozenset({"undoing", "undone", "undo_failed"})


@dataclass(frozen=True)
class ForkTerms:
    """From where, and with what else. `outputs`: node -> the output it is given instead of being run.

    `keep_gate`: the decision of the node's gate (approval, override) is kept; only when nothing else changes.
    """

    node: str
    inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    keep_gate: bool = False
    reason: str = ""


@dataclass(frozen=True)
class ForkPlan:
    """What a fork would do: nodes that keep their outputs, that run, and of those the ones with effects again."""

    inputs: JsonObject
    preset: JsonObject
    fork_node: str
    runs_again: tuple[str, ...]
    effects_again: tuple[str, ...]

    def applied_to(self, run: NewRun, terms: ForkTerms, source: str) -> NewRun:
        """The row of the fork."""
        return replace(
            run,
            origin="fork",
            preset=self.preset,
            forked_from=source,
            fork_node=self.fork_node,
            fork_gate=terms.keep_gate,
        )


def plan_fork(snapshot: Snapshot, plan: Plan, terms: ForkTerms, tools: Tools) -> ForkPlan:
    """What the fork would do; `snapshot` must have large outputs in their place.

    :raises Conflict: when it would build on what was undone, or on nodes that have no result.
    :raises InvalidInput: for an unknown node, or a kept gate beside changes.
    """
    node_of(plan, terms.node)
    _require_sense(terms, plan)
    again = {terms.node, *descendants(plan, terms.node)}
    records = {record.node: record for record in snapshot.nodes if record.item_index < 0}
    _require_results(snapshot, plan, terms, again, records)
    kept = {name: record.output for name, record in records.items() if name not in again and record.state == "done"}
    preset = {**kept, **terms.outputs}
    skipped = {name for name, record in records.items() if name not in again and record.state == "skipped"}
    names = order(plan)
    runs = tuple(name for name in names if name not in preset and name not in skipped)
    effects = tuple(name for name in runs if _has_effect(node_of(plan, name), records.get(name), tools))
    fork_node = next((name for name in names if name in runs), terms.node)
    inputs = with_defaults(plan, {**snapshot.run.inputs, **terms.inputs})
    return ForkPlan(inputs, preset, fork_node, runs, effects)


def _require_sense(terms: ForkTerms, plan: Plan) -> None:
    for name in terms.outputs:
        node_of(plan, name)
    if terms.keep_gate and (terms.inputs or terms.outputs):
        raise InvalidInput(
            "A decision about the old arguments cannot be kept for new ones.",
            field="keep_gate",
            fix="Leave --keep-gate away: the fork asks again.",
        )


def _require_results(
    snapshot: Snapshot, plan: Plan, terms: ForkTerms, again: set[str], records: Mapping[str, NodeRecord]
) -> None:
    run = snapshot.run
    if run.started_at is None:
        raise Conflict(f"Run {run.id} has not begun.", field="run", fix="Start the plan anew.")
    undone = [name for name, record in records.items() if record.state in UNDONE and name not in again]
    if open_undone := [name for name in undone if name not in terms.outputs]:
        raise Conflict(
            f"{', '.join(open_undone)} of run {run.id} was undone: its result describes what is no longer there.",
            field="node",
            fix=f"Fork from {open_undone[0]} or earlier, or start the plan anew.",
        )
    above = ancestors(plan, terms.node) - terms.outputs.keys()
    ended = {name for name, record in records.items() if record.state in {"done", "skipped"}}
    if missing := sorted(above - ended):
        raise Conflict(
            f"{missing[0]}, on which {terms.node} builds, has no result in run {run.id}.",
            field="node",
            fix=f"Fork from {missing[0]}, or give its output.",
        )


def _has_effect(node: Node, record: NodeRecord | None, tools: Tools) -> bool:
    if record is None or record.state in {"pending", "skipped", "gated"}:
        return False
    if node.sub_plan is not None:
        return True
    tool = tools.get(node.tool or "")
    return tool is not None and not tool.spec.reads_only
