"""What a function of expressions is: its signature, the type of its result, and how arguments are checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.comparison import Operand
from redaptive.orchestration.plans.json_types import NUMERIC, JsonType, Kind
from redaptive.orchestration.plans.references import MissingValue, Scope, Step, listed, parse
from redaptive.orchestration.plans.schema import Json, Op

Parameter = Literal["any", "list", "numbers", "number", "count", "object", "sized", "path", "key", "op", "direction"]
Operands = Sequence[Operand]
_ACCEPTED: Final[Mapping[Parameter, frozenset[Kind]]] = {
    "list": frozenset({"array"}),
    "numbers": frozenset({"array"}),
    "number": NUMERIC,
    "count": frozenset({"integer"}),
    "object": frozenset({"object"}),
    "sized": frozenset({"array", "object", "string"}),
}
_WORDS: Final[Mapping[Parameter, str]] = {
    "list": "a list",
    "numbers": "a list of numbers",
    "number": "a number",
    "count": "a whole number",
    "object": "an object",
    "sized": "a list, an object or a text",
    "path": 'a path such as "a.b[0]", written out',
    "key": "the name of a key, written out",
    "op": "one of eq, ne, gt, ge, lt, le, in",
    "direction": '"asc" or "desc"',
}
LITERAL: Final = frozenset({"path", "key", "op", "direction"})
"""Parameters that must be written out, since the type of the result depends on them."""
NULL_SAFE: Final = frozenset({"any", *LITERAL})
"""Parameters where null is a value like others; at any other it makes the result null."""
OPS: Final = frozenset(get_args(Op)) - {"exists", "is_null"}


@dataclass(frozen=True)
class Function:
    """One function. `parameters` come first, the last `optional` of them may be left out; `rest` repeats."""

    name: str
    parameters: tuple[Parameter, ...]
    meaning: str
    result: Callable[[Operands], JsonType]
    run: Callable[[Operands], Json]
    optional: int = 0
    rest: tuple[Parameter, ...] = ()

    def parameter(self, index: int) -> Parameter | None:
        """What stands at a place; None behind the last."""
        if index < len(self.parameters):
            return self.parameters[index]
        return self.rest[(index - len(self.parameters)) % len(self.rest)] if self.rest else None

    def count_problem(self, count: int) -> str | None:
        """Why it cannot have so many arguments; None when it can."""
        least, more = len(self.parameters) - self.optional, count - len(self.parameters)
        fits = count >= least and (more <= 0 or (bool(self.rest) and more % len(self.rest) == 0))
        return None if fits else f"{count} arguments do not fit {self.usage}"

    @property
    def usage(self) -> str:
        """The signature, e.g. `top(list, count, path?)`."""
        begin = len(self.parameters) - self.optional
        names = [name + "?" * (at >= begin) for at, name in enumerate(self.parameters)]
        return f"{self.name}({', '.join([*names, *self.rest, *(['...'] if self.rest else [])])})"


def parameter_problem(parameter: Parameter, given: Operand) -> str | None:
    """Why the argument does not fit the parameter, by its type; None when it may."""
    if parameter == "any":
        return None
    if parameter in LITERAL:
        return None if given.literal and _written(parameter, given.value) else f"it needs {_WORDS[parameter]}"
    kind = given.type
    if kind.unknown or not kind.solid:
        return None
    if not kind.solid <= _ACCEPTED[parameter]:
        return f"it needs {_WORDS[parameter]}, not {kind}"
    items = kind.items
    if parameter == "numbers" and items and not items.unknown and items.solid and not items.numeric:
        return f"it needs a list of numbers, not {kind}"
    return None


def read_path(text: str) -> tuple[Step, ...]:
    """The steps of a path such as `a.b[0]`; none of the empty text.

    :raises InvalidInput: when it is no path.
    """
    if not text:
        return ()
    try:
        return parse("$x" + (text if text.startswith("[") else "." + text)).path
    except InvalidInput:
        raise InvalidInput(f"{text!r} is no path.", fix="Write keys with dots between, such as a.b[0].") from None


def type_at(kind: JsonType, text: str) -> JsonType:
    """The type at a path in values of the type.

    :raises InvalidInput: when there is nothing; says what there is.
    """
    for step in read_path(text):
        found = kind.step(step)
        if found is None:
            raise InvalidInput(f"There is no {step} in {kind}; there are: {listed(kind.field_names())}.")
        kind = found
    return kind


def value_at(value: Json, text: str) -> Json:
    """The value at a path; null when it is not there."""
    try:
        return Scope({}, {"x": value}).lookup(parse("$x" + (text if not text or text[0] == "[" else "." + text)))
    except MissingValue:
        return None


def _written(parameter: Parameter, value: Json) -> bool:
    if not isinstance(value, str):
        return False
    if parameter == "op":
        return value in OPS
    return value in {"asc", "desc"} if parameter == "direction" else True
