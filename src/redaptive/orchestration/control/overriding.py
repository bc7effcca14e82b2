"""Outputs that a person gives in the place of a node: of the type that the node would have had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.literals import Problem, problems
from redaptive.orchestration.plans.json_types import JsonType
from redaptive.orchestration.plans.reference_types import Patterns, ReferenceTypes, Tools
from redaptive.orchestration.plans.references import Step, listed, parse
from redaptive.orchestration.plans.schema import Node, Plan

METHOD: Final = "override"
_ENVELOPE: Final = frozenset({"value", "unit", "method"})


def require_output(plan: Plan, node: Node, value: JsonValue, tools: Tools, patterns: Patterns) -> None:
    """Nothing, when the value is what the node's output must be.

    :raises InvalidInput: otherwise; names the place, and says when only the answer's `value` was given.
    """
    wrong = output_problems(plan, node, value, tools, patterns)
    if wrong:
        more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
        fix = _hint(node, value) or wrong[0].fix
        raise InvalidInput(f"{wrong[0].message}{more}", field=wrong[0].place, fix=fix)


def output_problems(plan: Plan, node: Node, value: JsonValue, tools: Tools, patterns: Patterns) -> list[Problem]:
    """Everything that is wrong with the value as the node's output; places begin with the node's id."""
    return problems(value, ReferenceTypes(plan, tools, patterns).output(node.id), node.id, _text)


def as_answer(value: JsonValue, actor: str, reason: str, unit: str = "") -> JsonValue:
    """The answer envelope of a tool around a value that a person gives; it says who gave it and why."""
    return {
        "value": value,
        "unit": unit,
        "method": METHOD,
        "inputs_used": {},
        "factor_version": [],
        "data_quality": {"coverage_pct": 0.0, "estimated_pct": 0.0, "suspect_pct": 0.0, "notes": [reason or METHOD]},
        "warnings": [f"Given by {actor}, not calculated{f': {reason}' if reason else '.'}"],
        "provenance": [{"kind": METHOD, "id": actor, "version": None}],
    }


def edited(output: JsonValue, path: str, value: JsonValue) -> JsonValue:
    """A copy of the output with another value at a path such as `value.items[0].usd`; an empty path: the value itself.

    Objects on the way that are null are made.

    >>> edited({"value": {"a": [1, 2]}}, "value.a[1]", 5)
    {'value': {'a': [1, 5]}}
    >>> edited(None, "value.n", 3)
    {'value': {'n': 3}}

    :raises InvalidInput: when the path leads nowhere.
    """
    steps = parse(f"$it.{path}" if path and not path.startswith("[") else f"$it{path}").path
    return _put(output, steps, value, path)


def _put(output: JsonValue, steps: tuple[Step, ...], value: JsonValue, path: str) -> JsonValue:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if output is None and isinstance(step, str):
        return {step: _put(None, rest, value, path)}
    if isinstance(output, dict) and isinstance(step, str) and (step in output or not rest):
        return {**output, step: _put(output.get(step), rest, value, path)}
    if isinstance(output, list) and isinstance(step, int) and step < len(output):
        return [*output[:step], _put(output[step], rest, value, path), *output[step + 1 :]]
    raise InvalidInput(f"There is no {step} at {path}.", field=path, fix=f"There is: {_there(output)}.")


def _there(output: JsonValue) -> str:
    if isinstance(output, dict):
        return listed(output)
    return f"a list of {len(output)}" if isinstance(output, list) else repr(output)


def _text(_reference: str, _kind: JsonType, _place: str) -> list[Problem]:
    """A text that begins with `$` is a text here: nobody resolves it."""
    return []


def _hint(node: Node, value: JsonValue) -> str:
    if node.tool and node.foreach is None and not (isinstance(value, Mapping) and value.keys() >= _ENVELOPE):
        return "The output of a tool is its whole answer; to give only the answer's value use --value."
    return ""
