"""Whether what a reference leads to may stand where a type is asked for: kind, format, unit, kind of thing, fields."""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Final

from redaptive.orchestration.plans.json_types import JsonType, Kind, Shape

ACCEPTS: Final[Mapping[Kind, Set[Kind]]] = {
    "integer": {"integer"},
    "number": {"integer", "number", "decimal"},  # tools read a decimal's text where they ask for a number
    "decimal": {"integer", "number", "decimal"},
    "string": {"string", "date", "datetime", "decimal"},
    "date": {"date", "string"},
    "datetime": {"datetime", "date", "string"},
    "boolean": {"boolean"},
    "array": {"array"},
    "object": {"object"},
    "null": {"null"},
}
"""Asked for -> what fits. A text without a format may be a date; only a format that is said can contradict."""
_DEEPEST: Final = 6


@lru_cache(maxsize=4_096)
def mismatch(source: JsonType, target: JsonType) -> str | None:
    """Why no value of the one fits the other; None when all but null do. Every alternative of the source must fit.

    Below six levels everything fits: recursive types end there. Types do not change, so the answer is kept.
    """
    return _mismatch(source, target, 0)


def _mismatch(source: JsonType, target: JsonType, depth: int) -> str | None:
    if source is target or source.unknown or target.unknown or depth > _DEEPEST:
        return None
    for shape in source.shapes:
        if shape.kind == "null":
            continue
        reasons = [_shape_mismatch(shape, other, depth) for other in target.shapes]
        if all(reasons):
            return _nearest([reason for reason in reasons if reason], shape, target)
    return None


def _nearest(reasons: list[str], shape: Shape, target: JsonType) -> str:
    """The reason of the alternative that is of the same kind, else that the kinds differ."""
    alike = [reason for reason, other in zip(reasons, target.shapes, strict=True) if _kind_fits(shape, other)]
    return alike[0] if alike else reasons[0] if len(reasons) == 1 else f"it is {_name(shape)}, not {target}"


def _name(shape: Shape) -> str:
    return str(JsonType(lambda: (shape,)))


def _kind_fits(source: Shape, target: Shape) -> bool:
    return source.kind in ACCEPTS[target.kind]


def _shape_mismatch(source: Shape, target: Shape, depth: int) -> str | None:
    if not _kind_fits(source, target):
        return f"it is {_name(source)}, not {_name(target)}"
    for mark, word in (("unit", "in"), ("entity", "the id of a")):
        has, wants = source.rules.get(mark), target.rules.get(mark)
        if has and wants and has != wants:
            return f"it is {word} {has}, not {word} {wants}"
    if source.kind == "array" and source.items and target.items:
        return _within(_mismatch(source.items, target.items, depth + 1), "an item of the list")
    if source.kind == "object":
        return _fields_mismatch(source, target, depth)
    return _enum_mismatch(source, target)


def _enum_mismatch(source: Shape, target: Shape) -> str | None:
    has, wants = _values(source), _values(target)
    if has and wants and not has <= wants:
        return f"it may be {', '.join(sorted(has - wants))}, which is none of {', '.join(sorted(wants))}"
    return None


def _values(shape: Shape) -> set[str]:
    rules = shape.rules
    return {repr(value) for value in rules.get("enum", [rules["const"]] if "const" in rules else [])}


def _fields_mismatch(source: Shape, target: Shape, depth: int) -> str | None:
    lacking = sorted(target.required - source.fields.keys()) if source.extra is None else []
    if lacking:
        return f"it has no field {lacking[0]}"
    if target.rules.get("additionalProperties") is False:
        surplus = [name for name in source.fields if name not in target.fields]
        if surplus:
            return f"its field {surplus[0]} is not accepted"
    for name, kind in target.fields.items():
        if name in source.fields and (reason := _mismatch(source.fields[name], kind, depth + 1)):
            return _within(reason, f"its field {name}")
    return None


def _within(reason: str | None, place: str) -> str | None:
    return f"of {place}: {reason}" if reason else None
