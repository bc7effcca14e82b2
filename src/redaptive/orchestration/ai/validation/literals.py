"""Literals against JSON Schema, with messages that a person can act on; references inside are left to the caller.

Covers the keywords that tools' schemas use: type, enum, const, limits, lengths, pattern, format (decimal, date,
date-time), items, properties, required, additionalProperties, anyOf, oneOf, allOf, $ref. An unknown keyword is no rule.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.comparison import equal, moment, number
from redaptive.orchestration.plans.json_types import JsonType, Kind, Shape
from redaptive.orchestration.plans.references import is_reference, listed, unescape
from redaptive.orchestration.plans.schema import Json


class Problem(NamedTuple):
    """A code of findings, the place, what is wrong, what to do."""

    code: str
    place: str
    message: str
    fix: str


OnReference = Callable[[str, JsonType, str], list[Problem]]
"""(reference, what is asked for, place) -> problems."""
_NAMES: Final[Mapping[Kind, tuple[type, ...]]] = {
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "decimal": (int, float, str),
    "string": (str,),
    "date": (str,),
    "datetime": (str,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
    "any": (object,),
}
_PLAIN: Final[Mapping[Kind, tuple[type, ...]]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int,),
    "string": (str,),
    "null": (type(None),),
    "any": (bool, int, str, type(None)),
}
"""The values of a kind that nothing but rules can refuse; a float may be no finite number."""
_CHEAP: Final = 60


def problems(value: Json, kind: JsonType, place: str, on_reference: OnReference) -> list[Problem]:
    """Everything that is wrong with the value where the type is asked for; of alternatives those of the nearest."""
    if isinstance(value, str) and is_reference(value):
        return on_reference(value, kind, place)
    if type(value) in _free(kind):
        return []
    near: list[list[Problem]] = []
    for shape in kind.shapes:
        if _alike(value, shape):
            found = _against(value, shape, place, on_reference)
            if not found:
                return []
            near.append(found)
    if near:
        return min(near, key=len)
    return [Problem("bad_argument", place, f"{shown(value)} is not {kind}.", f"Give {kind}.")]


def no_references(text: str, _kind: JsonType, place: str) -> list[Problem]:
    """The answer to a reference where only literals may stand, as in the inputs of a run."""
    return [Problem("bad_inputs", place, f"{text} is a reference.", "Give the value itself.")]


def shown(value: Json) -> str:
    """The value for a message, shortened."""
    text = (
        repr(value) if not isinstance(value, (list, dict)) else f"a {'list' if isinstance(value, list) else 'n object'}"
    )
    text = text.replace("a n object", "an object")
    return text if len(text) <= _CHEAP else text[: _CHEAP - 3] + "..."


@lru_cache(maxsize=4_096)
def _free(kind: JsonType) -> frozenset[type]:
    """Types of values of which every one fits, as some alternative asks for nothing else."""
    return frozenset(
        each for shape in kind.shapes if not _RULES & shape.rules.keys() for each in _PLAIN.get(shape.kind, ())
    )


def _alike(value: Json, shape: Shape) -> bool:
    if isinstance(value, bool):
        return shape.kind in {"boolean", "any"}
    if shape.kind == "decimal":
        return isinstance(value, str) if shape.rules.get("type") == "string" else isinstance(value, (int, float))
    if shape.kind == "integer" and isinstance(value, float) and not value.is_integer():
        return False
    return isinstance(value, _NAMES[shape.kind])


def _against(value: Json, shape: Shape, place: str, on_reference: OnReference) -> list[Problem]:
    if isinstance(value, list):
        return _list(value, shape, place, on_reference)
    if isinstance(value, dict):
        return _object(value, shape, place, on_reference)
    plain, rules = unescape(value) if isinstance(value, str) else value, shape.rules
    found = [Problem("bad_argument", place, text, fix) for text, fix in _leaf(plain, shape)]
    if "enum" in rules or "const" in rules:
        allowed = rules.get("enum", [rules.get("const")])
        if not any(equal(plain, each) for each in allowed):
            names = listed([str(each) for each in allowed])
            text = f"{shown(plain)} is none of: {names}."
            found.append(Problem("bad_argument", place, text, "Choose one of them."))
    return found


def _list(value: list[Json], shape: Shape, place: str, on_reference: OnReference) -> list[Problem]:
    found: list[Problem] = []
    least, most = shape.rules.get("minItems", 0), shape.rules.get("maxItems", math.inf)
    if not least <= len(value) <= most:
        wanted = f"at least {least}" if len(value) < least else f"at most {most}"
        text = f"The list has {len(value)} items, {wanted} are needed."
        found.append(Problem("bad_argument", place, text, "Change the list."))
    if shape.rules.get("uniqueItems") and any(equal(a, b) for at, a in enumerate(value) for b in value[:at]):
        found.append(Problem("bad_argument", place, "The list holds something twice.", "Give each item once."))
    if shape.items:
        for index, each in enumerate(value):
            found += problems(each, shape.items, f"{place}[{index}]", on_reference)
    return found


def _object(value: dict[str, Json], shape: Shape, place: str, on_reference: OnReference) -> list[Problem]:
    dot = f"{place}." if place else ""
    missing = [] if shape.required <= value.keys() else sorted(shape.required - value.keys())
    found = [
        Problem("missing_argument", dot + name, f"{name} is required and not given.", f"Give {_asked(shape, name)}.")
        for name in missing
    ]
    for name, each in value.items():
        if kind := shape.fields.get(name):
            found += problems(each, kind, dot + name, on_reference)
        elif shape.rules.get("additionalProperties") is False:
            text = f"There is no argument {name}; there are: {listed(shape.fields)}."
            found.append(Problem("unknown_argument", dot + name, text, "Remove or rename it."))
        elif shape.extra:
            found += problems(each, shape.extra, dot + name, on_reference)
    return found


def _asked(shape: Shape, name: str) -> str:
    kind = shape.fields.get(name)
    return f"it: {kind}" if kind else "it"


def _leaf(value: Json, shape: Shape) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from _text(value, shape)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(value, shape)


def _number(value: float, shape: Shape) -> Iterator[tuple[str, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{value} is not a figure.", "Give a finite number."
        return
    for key, holds, word in _LIMITS:
        limit = shape.rules.get(key)
        if limit is not None and not holds(value, limit):
            yield f"{value} is not {word} {limit}.", f"Give a number {word} {limit}."
    step = shape.rules.get("multipleOf")
    if step and number(value) % number(step):
        yield f"{value} is no multiple of {step}.", f"Give a multiple of {step}."


def _text(value: str, shape: Shape) -> Iterator[tuple[str, str]]:
    rules = shape.rules
    least, most = rules.get("minLength", 0), rules.get("maxLength", math.inf)
    if not least <= len(value) <= most:
        wanted = f"at least {least}" if len(value) < least else f"at most {most}"
        yield f"The text has {len(value)} characters, {wanted} are needed.", "Change the text."
    if (pattern := rules.get("pattern")) and not _compiled(pattern).search(value):
        yield f"{shown(value)} does not match {pattern}.", "Write it in that form."
    reader = _READERS.get(shape.kind)
    if reader:
        try:
            reader(value)
        except InvalidInput as error:
            yield error.message, error.fix or "Write a decimal number such as 12.50."


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_READERS: Final[Mapping[Kind, Callable[[str], object]]] = {"decimal": number, "date": moment, "datetime": moment}
_LIMITS: Final[tuple[tuple[str, Callable[[float, float], bool], str], ...]] = (
    ("minimum", lambda value, limit: value >= limit, "at least"),
    ("maximum", lambda value, limit: value <= limit, "at most"),
    ("exclusiveMinimum", lambda value, limit: value > limit, "above"),
    ("exclusiveMaximum", lambda value, limit: value < limit, "below"),
)
_RULES: Final = frozenset(
    {"enum", "const", "multipleOf", "minLength", "maxLength", "pattern", *(k for k, *_ in _LIMITS)}
)
"""What a schema may ask of a text or a number beside its kind."""
