"""What to do when a step failed: go on from the checkpoint without it, or with another tool that gives the same.

The failed tool is masked. Finished nodes keep their outputs and are not run again; the new plan is judged like any
other, so new effects need their approvals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.ai.plan_validator import ValidationContext, errors, validate
from redaptive.orchestration.ai.tool_modeling import Need, ToolModel, models
from redaptive.orchestration.intelligent.dag_engine import order, parents
from redaptive.orchestration.intelligent.planners.calls.links import Link, links
from redaptive.orchestration.intelligent.planners.calls.steps import roots
from redaptive.orchestration.plans.schema import Json, Node, Plan

_STANDS_IN: Final[Mapping[str, tuple[str, Set[str]]]] = {
    "market-intelligence.emissions_inventory": (
        "portfolio-intelligence.analyze_portfolio_usage",
        frozenset({"period", "portfolio_id"}),
    ),
}
"""What only tells its answer, the tool whose answer holds the sum of it, and the arguments that both take alike."""


@dataclass(frozen=True)
class Replanned:
    """The new plan, the outputs that it begins with, what was changed, and what of that is missing in the answer."""

    plan: Plan
    preset: Mapping[str, Json]
    notes: tuple[str, ...]
    lost: tuple[str, ...] = ()


def replan(
    plan: Plan,
    outputs: Mapping[str, Json],
    failed: Mapping[str, str],
    context: ValidationContext,
    inputs: Mapping[str, Json] | None = None,
) -> Replanned | None:
    """Another way to what is left of the goal; None when there is none.

    `outputs` are those of finished nodes, `failed` the nodes that failed with their reasons.
    """
    for candidate, note, lost in _ways(plan, failed, context):
        preset = {name: output for name, output in outputs.items() if name in {node.id for node in candidate.nodes}}
        if not errors(validate(candidate, context, dict(inputs or {}))):
            return Replanned(candidate, preset, (note,), (note,) if lost else ())
    return None


def _ways(plan: Plan, failed: Mapping[str, str], context: ValidationContext) -> Iterator[tuple[Plan, str, bool]]:
    """Plans with a replacement for the failed nodes, best first; last the plan without them and what needs them.

    Each with what was changed and whether something is lost by it.
    """
    if len(failed) == 1:
        name = next(iter(failed))
        for changed, note in _replaced(plan, name, context):
            yield changed, note, False
    less = _without(plan, set(failed))
    if less is not None:
        lost = sorted({node.id for node in plan.nodes} - {node.id for node in less.nodes})
        why = "; ".join(f"{name} failed ({reason})" for name, reason in failed.items())
        yield less, f"{why}: left out {', '.join(lost)}.", True


def _replaced(plan: Plan, name: str, context: ValidationContext) -> Iterator[tuple[Plan, str]]:
    """The plan with another tool in the place of the failed one, where its answer holds all that others read."""
    node = next((each for each in plan.nodes if each.id == name), None)
    if node is None or node.tool is None or node.foreach is not None:
        return
    known = models(context.tools)
    wanted = list(_read_from(plan, name, known))
    if not wanted and (other := _standing_in(node, context)) is not None:
        yield _with(plan, node, other, {}), f"{node.tool} failed: the totals of {other.tool} take its place."
    for model in known.values():
        usable = context.tools[model.name].available and model.tool.spec.reads_only and model.name != node.tool
        if not usable or not wanted:
            continue
        args = _args_for(model, node)
        found = [_same(need, model) for _, need in wanted]
        if args is None or not all(found):
            continue
        paths = {old: f"${name}.{link.product.reference}" for (old, _), link in zip(wanted, found, strict=True) if link}
        other = node.model_copy(update={"tool": model.name, "args": args, "schema_hash": None, "retry": node.retry})
        yield _with(plan, node, other, paths), f"{node.tool} failed: {model.name} takes its place."


def _standing_in(node: Node, context: ValidationContext) -> Node | None:
    """The call that tells the same in total, where it takes all that the failed one was given; else None."""
    name, taken = _STANDS_IN.get(node.tool or "", ("", frozenset()))
    tool = context.tools.get(name)
    if tool is None or not tool.available or not set(node.args) <= taken:
        return None
    return node.model_copy(update={"tool": name, "schema_hash": None})


def _read_from(plan: Plan, name: str, known: Mapping[str, ToolModel]) -> Iterator[tuple[str, Need]]:
    """The references to the node in arguments of others, each with the need that it fills."""
    for node in plan.nodes:
        model = known.get(node.tool or "")
        for key, value in node.args.items():
            need = model.need(key) if model else None
            if isinstance(value, str) and re.match(rf"\${name}\b", value) and need is not None:
                yield value, need


def _same(need: Need, model: ToolModel) -> Link | None:
    """The simplest direct product of the tool that fills the need."""
    return next((link for link in links(need, model) if link.how == "direct" and not link.fields), None)


def _args_for(model: ToolModel, node: Node) -> dict[str, Json] | None:
    """The arguments of the failed call that the other tool takes by the same name; None when a required one lacks."""
    args = {need.name: node.args[need.name] for need in model.needs if need.name in node.args}
    return args if all(need.name in args for need in model.needs if need.required) else None


def _with(plan: Plan, old: Node, new: Node, paths: Mapping[str, str]) -> Plan:
    """The plan with the node exchanged and every reference to it rewritten."""
    nodes = [new if node.id == old.id else _rewritten(node, paths) for node in plan.nodes]
    output = {key: f"${old.id}.value" if roots(value) == (old.id,) else value for key, value in plan.output.items()}
    return plan.model_copy(update={"nodes": tuple(nodes), "output": output})


def _rewritten(node: Node, paths: Mapping[str, str]) -> Node:
    args = {key: paths.get(value, value) if isinstance(value, str) else value for key, value in node.args.items()}
    return node.model_copy(update={"args": args})


def _without(plan: Plan, failed: set[str]) -> Plan | None:
    """The plan without the failed nodes and all that cannot be without them; None when nothing is left."""
    above, gone = parents(plan), set(failed)
    nodes = {node.id: node for node in plan.nodes}
    for name in order(plan):
        if gone & set(above[name]) and nodes[name].join != "all_done":
            gone.add(name)
    kept = tuple(_unbound(node, gone) for node in plan.nodes if node.id not in gone)
    if not any(node.tool or node.sub_plan for node in kept):
        return None
    output = {key: value for key, value in plan.output.items() if not gone.intersection(roots(value))}
    return plan.model_copy(update={"nodes": kept, "output": output})


def _unbound(node: Node, gone: set[str]) -> Node:
    return node.model_copy(update={"needs": tuple(name for name in node.needs if name not in gone)})
