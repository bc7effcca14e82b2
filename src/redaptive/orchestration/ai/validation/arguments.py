"""Rule 2: arguments against the schemas of tools and sub-plans; literals fully, references by their types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.compatibility import mismatch
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.ai.validation.guards import guarded
from redaptive.orchestration.ai.validation.literals import Problem, problems
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.reference_types import inner_plan
from redaptive.orchestration.plans.references import parse
from redaptive.orchestration.plans.schema import Json, Node


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on the arguments of tools, compensations and sub-plans."""
    for node, tool in facts.calls():
        yield from against(facts, node, node.args, read(tool.input_schema), "args")
    for node in facts.plan.nodes:
        inner = inner_plan(node, facts.context.patterns)
        if inner:
            yield from against(facts, node, node.args, read(inner.inputs), "args")
        undo = node.compensate and facts.context.tools.get(node.compensate.tool)
        if node.compensate and undo:
            for found in against(facts, node, node.compensate.args, read(undo.input_schema), "compensate.args"):
                yield replace(found, code="bad_compensation") if found.code != "maybe_null" else found


def against(facts: Facts, node: Node, args: dict[str, Json], asked: JsonType, place: str) -> list[Finding]:
    """Findings on a set of arguments."""
    return [
        Finding(code, node.id, at, message, fix, "warning" if code == "maybe_null" else "error")
        for code, at, message, fix in argument_problems(facts, node, args, asked, place)
    ]


def argument_problems(facts: Facts, node: Node, value: Json, asked: JsonType, place: str) -> list[Problem]:
    """What is wrong with a value in the arguments of the node, or of its compensation by the place."""

    def on_reference(text: str, target: JsonType, at: str) -> list[Problem]:
        return _reference(facts, node, text, target, at)

    return problems(value, asked, place, on_reference)


def _reference(facts: Facts, node: Node, text: str, target: JsonType, at: str) -> list[Problem]:
    try:
        source = facts.types.look(parse(text), node, undo=at.startswith("compensate"))
    except InvalidInput:
        return []  # reported where references are checked
    if reason := mismatch(source, target):
        fix = f"Refer to {target} that fits, or convert."
        return [Problem("type_mismatch", at, f"{text} does not fit: {reason}.", fix)]
    if not source.nullable or target.nullable or target.unknown:
        return []
    if not source.solid:
        return [Problem("type_mismatch", at, f"{text} is always null.", f"Refer to {target}.")]
    if guarded(node.when, text):
        return []
    fix = f"Guard the node with `exists {text}`, or use coalesce in an expression."
    return [Problem("maybe_null", at, f"{text} may be null, which is not accepted here.", fix)]
