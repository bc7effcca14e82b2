"""Whether an argument or a condition of a plan means what a task expects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from decimal import Decimal, InvalidOperation
from typing import Any

Json = Any
_MIRROR = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}
_OPPOSITE = {"gt": "le", "ge": "lt", "lt": "ge", "le": "gt", "eq": "ne", "ne": "eq"}


def holds(predicate: Mapping[str, Json], value: Json, sources: Set[str]) -> bool:
    """Whether `value` satisfies `predicate`; `sources` are the expected nodes that its references lead to."""
    (name, wanted), *_ = predicate.items()
    match name:
        case "equals":
            return same(value, wanted)
        case "contains":
            return all(_text(part) in _text(value) for part in wanted)
        case "starts":
            return isinstance(value, str) and value.startswith(wanted)
        case "matches":
            return isinstance(value, str) and re.search(wanted, value) is not None
        case "refers":
            return wanted in sources
        case "any_of":
            return any(holds(choice, value, sources) for choice in wanted)
    raise ValueError(f"Unknown predicate {name!r}")


def same(left: Json, right: Json) -> bool:
    """Equal by meaning: numbers as numbers (a string of digits is one), lists as sets, text without case."""
    if isinstance(left, list) and isinstance(right, list):
        return sorted(map(_text, left)) == sorted(map(_text, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    numbers = _number(left), _number(right)
    if None not in numbers and not (isinstance(left, str) and isinstance(right, str)):
        return numbers[0] == numbers[1]
    return _text(left) == _text(right)


def decides(condition: Json, ops: list[str] | None, values: list[Json] | None) -> bool:
    """Whether a condition tree or expression has a comparison with one of the operators and values."""
    if ops is None:
        return True
    return any(op in ops and (values is None or _any(side, values)) for op, side in _comparisons(condition, False))


def _any(side: Json, values: list[Json]) -> bool:
    return any(same(side, value) for value in values)


def _comparisons(tree: Json, negated: bool) -> Iterator[tuple[str, Json]]:
    """Operator and literal of each comparison; a pure function yields its name with each literal."""
    if isinstance(tree, list):
        for part in tree:
            yield from _comparisons(part, negated)
    elif isinstance(tree, dict) and "op" in tree:
        yield from _sides(tree, negated)
    elif isinstance(tree, dict) and "fn" in tree:
        yield from _function(tree, negated)
    elif isinstance(tree, dict):
        for key, part in tree.items():
            yield from _comparisons(part, negated != (key == "not"))


def _sides(compare: Mapping[str, Json], negated: bool) -> Iterator[tuple[str, Json]]:
    op = str(compare["op"])
    op = _OPPOSITE.get(op, op) if negated else op
    yield op, compare.get("right")
    if op in _MIRROR:
        yield _MIRROR[op], compare.get("left")


def _function(call: Mapping[str, Json], negated: bool) -> Iterator[tuple[str, Json]]:
    arguments = call.get("args") or []
    literals = [part for part in arguments if not isinstance(part, dict | list)]
    for word in [call["fn"].rpartition("_")[2], *(part for part in literals if part in _OPPOSITE)]:
        yield from ((word, literal) for literal in literals)
    yield from _comparisons(arguments, negated)


def _number(value: Json) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        return Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None


def _text(value: Json) -> str:
    return str(value).strip().casefold()
