"""Rule 2 for what decides and computes: conditions, expressions, foreach, waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.compatibility import mismatch
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.ai.validation.guards import guarded
from redaptive.orchestration.ai.validation.literals import Problem, problems
from redaptive.orchestration.plans.comparison import (
    ORDERED,
    WORDS,
    Operand,
    basis_of,
    literal_problem,
    order_problem,
    small,
)
from redaptive.orchestration.plans.json_types import ANY, JsonType, of_value, read
from redaptive.orchestration.plans.reference_types import event_schemas
from redaptive.orchestration.plans.references import comparisons, is_reference, listed, parse, unescape
from redaptive.orchestration.plans.schema import Compare, Json, Node, Op


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on conditions, expressions, foreach and waits."""
    for node in facts.plan.nodes:
        for place, comparison in comparisons(node.when) if node.when else ():
            yield from _comparison(facts, node, place, comparison)
        for place, text in facts.types.problems(node) if node.expr else ():
            yield Finding("bad_expression", node.id, place, f"{text}.", "Compare with the function's signature.")
        if node.foreach:
            yield from _foreach(facts, node)
        if node.wait_event:
            yield from _wait(facts, node)


def _comparison(facts: Facts, node: Node, place: str, comparison: Compare) -> Iterator[Finding]:
    if comparison.op in {"exists", "is_null"}:
        if not is_reference(comparison.left):
            text = f"`{comparison.op}` asks about a reference, not about {comparison.left!r}."
            yield Finding("bad_condition", node.id, f"{place}.left", text, "Refer to an input or to a node's output.")
        return
    left = _operand(facts, comparison.left)
    if comparison.op == "in":
        problem = _membership_problem(facts, left, comparison.right)
    else:
        problem = _problem(comparison.op, left, _operand(facts, comparison.right))
    if problem:
        text = f"`{WORDS[comparison.op]}` cannot decide: {problem}."
        yield Finding("bad_condition", node.id, place, text, "Compare numbers with numbers, dates with dates.")


def _problem(op: Op, left: Operand, right: Operand) -> str | None:
    """Why the two cannot be compared so, or can never be equal; kept for small ones, since types are the contracts'."""
    return (_kept_problem if small(left) and small(right) else _fresh_problem)(op, left, right)


def _fresh_problem(op: Op, left: Operand, right: Operand) -> str | None:
    return order_problem(left, right) if op in ORDERED else _equality_problem(left, right)


_kept_problem = lru_cache(maxsize=1_024)(_fresh_problem)


def _membership_problem(facts: Facts, left: Operand, right: Json) -> str | None:
    if isinstance(right, list):
        members = [_operand(facts, each) for each in right]
        return next((found for each in members if (found := _equality_problem(left, each))), None)
    whole = _operand(facts, right)
    if whole.type.unknown:
        return None
    if whole.literal or whole.type.items is None:
        return "its right side is no list"
    return _equality_problem(left, Operand(None, whole.type.items))


def _equality_problem(left: Operand, right: Operand) -> str | None:
    """Why the two can never be equal, by their types."""
    if left.literal and right.literal:
        return None
    if not left.literal and not right.literal:
        return mismatch(left.type, right.type) and mismatch(right.type, left.type)
    literal, other = (left, right) if left.literal else (right, left)
    if literal.value is None or other.type.unknown or not other.type.solid:
        return None
    if wrong := literal_problem(left, right, basis_of(left, right)):
        return wrong
    return _never_that(literal.value, other.type)


def _never_that(value: Json, kind: JsonType) -> str | None:
    fits = {"decimal": (str, int, float), "date": (str,), "datetime": (str,)}
    words = {
        "boolean": bool,
        "string": str,
        "array": list,
        "object": dict,
        "number": (int, float),
        "integer": (int, float),
    }
    for each in kind.solid:
        wanted = fits.get(each, words.get(each, object))
        if isinstance(value, wanted) and not (isinstance(value, bool) and each != "boolean"):  # type: ignore[arg-type]
            return None
    return f"{value!r} is never {kind}"


def _operand(facts: Facts, value: Json) -> Operand:
    if not is_reference(value):
        return Operand(unescape(value) if isinstance(value, str) else value, of_value(value), literal=True)
    try:
        return Operand(None, facts.types.look(parse(str(value))))
    except InvalidInput:
        return Operand(None, ANY)


def _foreach(facts: Facts, node: Node) -> Iterator[Finding]:
    assert node.foreach is not None
    items, most = node.foreach.items, facts.context.limits.items
    kind = facts.types.of_json(items)
    if not is_reference(items) and not isinstance(items, list):
        yield Finding("bad_foreach", node.id, "foreach.items", "It is no list.", "Give a list, or refer to one.")
    elif not kind.unknown and kind.solid != {"array"}:
        text = f"{items} is {kind}, not a list."
        yield Finding("bad_foreach", node.id, "foreach.items", text, "Refer to a list in the producer's output.")
    elif kind.nullable and not guarded(node.when, str(items)):
        text, fix = f"{items} may be null, which is no list.", f"Guard the node with `exists {items}`."
        yield Finding("maybe_null", node.id, "foreach.items", text, fix, "warning")
    if isinstance(items, list) and len(items) > node.foreach.max_items:
        text = f"The list has {len(items)} items, max_items is {node.foreach.max_items}."
        yield Finding("bad_foreach", node.id, "foreach.max_items", text, "Raise max_items or shorten the list.")
    if node.foreach.max_items * facts.times > most:
        text = (
            f"With the foreach around it, it may run {node.foreach.max_items * facts.times} times; {most} are allowed."
        )
        yield Finding("too_large", node.id, "foreach.max_items", text, "Lower max_items.")


def _wait(facts: Facts, node: Node) -> Iterator[Finding]:
    assert node.wait_event is not None
    schema = event_schemas().get(node.wait_event.type)
    if schema is None:
        text = f"There is no event {node.wait_event.type}; there are: {listed(event_schemas())}."
        yield Finding("unknown_event", node.id, "wait_event.type", text, "Name an event of the platform.")
        return
    data = read(schema)
    for key, value in node.wait_event.match.items():
        field, kind = f"wait_event.match.{key}", data.step(key)
        if kind is None:
            text = f"The event has no field {key}; there are: {listed(data.field_names())}."
            yield Finding("unknown_event", node.id, field, text, "Match on a field of the event.")
            continue
        for code, place, message, fix in problems(value, kind, field, _typed(facts)):
            yield Finding(code, node.id, place, message, fix)


def _typed(facts: Facts) -> Callable[[str, JsonType, str], list[Problem]]:
    def on_reference(text: str, target: JsonType, at: str) -> list[Problem]:
        reason = mismatch(_operand(facts, text).type, target)
        return (
            [Problem("type_mismatch", at, f"{text} does not fit: {reason}.", f"Refer to {target}.")] if reason else []
        )

    return on_reference
