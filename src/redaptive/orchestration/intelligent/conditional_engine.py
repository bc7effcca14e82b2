"""Deciding a condition: data, never code; its operators are typed by the schemas of what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.comparison import WORDS, Operand, compare
from redaptive.orchestration.plans.json_types import ANY, JsonType, of_value
from redaptive.orchestration.plans.references import MissingValue, Reference, is_reference, parse, unescape
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Condition, Json, Not

Resolve = Callable[[Reference], Json]
Types = Callable[[Reference], JsonType]


def untyped(_reference: Reference) -> JsonType:
    """The types when no schema is known: comparisons go by the values."""
    return ANY


def evaluate(condition: Condition, resolve: Resolve, types: Types = untyped) -> bool:
    """Whether the condition holds, given the values (`Scope.lookup`) and the types (`ReferenceTypes.of`).

    Null, and a path that is not there, are false except for eq (null = null) and is_null.

    >>> evaluate(Compare(op="gt", left="$bill.value.usd", right=10), lambda _: "9.5")
    False

    :raises InvalidInput: when values have no order or are not what their schema says; names the comparison.
    """
    if isinstance(condition, AllOf):
        return all(evaluate(part, resolve, types) for part in condition.all)
    if isinstance(condition, AnyOf):
        return any(evaluate(part, resolve, types) for part in condition.any)
    if isinstance(condition, Not):
        return not evaluate(condition.not_, resolve, types)
    try:
        return _decide(condition, resolve, types)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=text_of(condition), fix=error.fix) from error


def text_of(condition: Condition) -> str:
    """The condition as a person reads it.

    >>> text_of(Compare(op="ge", left="$cost.value.usd", right=100))
    '$cost.value.usd >= 100'
    """
    if isinstance(condition, AllOf):
        return " and ".join(map(_part, condition.all))
    if isinstance(condition, AnyOf):
        return " or ".join(map(_part, condition.any))
    if isinstance(condition, Not):
        return f"not {_part(condition.not_)}"
    left = _shown(condition.left)
    if condition.op in {"exists", "is_null"}:
        return f"{left} {WORDS[condition.op]}"
    return f"{left} {WORDS[condition.op]} {_shown(condition.right)}"


def _decide(condition: Compare, resolve: Resolve, types: Types) -> bool:
    left = operand(condition.left, resolve, types)
    if condition.op == "exists":
        return left.value is not None
    if condition.op == "is_null":
        return left.value is None
    if condition.op == "in":
        return any(compare("eq", left, each) for each in _members(condition.right, resolve, types))
    return compare(condition.op, left, operand(condition.right, resolve, types))


def operand(value: Json, resolve: Resolve, types: Types = untyped) -> Operand:
    """One side of a comparison with its type; what a reference does not find is null.

    :raises InvalidInput: for a malformed reference.
    """
    if not isinstance(value, str):
        return Operand(_nested(value, resolve), of_value(value), literal=True)
    if not is_reference(value):
        return Operand(unescape(value), of_value(value), literal=True)
    reference = parse(value)
    try:
        return Operand(resolve(reference), types(reference))
    except MissingValue:
        return Operand(None, types(reference))


def _members(value: Json, resolve: Resolve, types: Types) -> Iterator[Operand]:
    """The members of the list right of `in`; none of null. Null is in no list."""
    if isinstance(value, list):
        yield from (each for each in (operand(item, resolve, types) for item in value) if each.value is not None)
        return
    whole = operand(value, resolve, types)
    if whole.value is None:
        return
    if not isinstance(whole.value, list):
        raise InvalidInput("`in` needs a list on its right side.", fix="Give a list, or use eq.")
    items = whole.type.items or ANY
    yield from (Operand(item, items) for item in whole.value if item is not None)


def _nested(value: Json, resolve: Resolve) -> Json:
    if isinstance(value, str):
        return operand(value, resolve).value
    if isinstance(value, list):
        return [_nested(item, resolve) for item in value]
    if isinstance(value, dict):
        return {key: _nested(item, resolve) for key, item in value.items()}
    return value


def _part(condition: Condition) -> str:
    text = text_of(condition)
    return f"({text})" if isinstance(condition, (AllOf, AnyOf)) else text


def _shown(value: Json) -> str:
    return value if isinstance(value, str) and is_reference(value) else repr(value)
