"""Expressions: calls of the fixed set of pure functions, typed before they are evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.comparison import Operand, small
from redaptive.orchestration.plans.functions import FUNCTIONS
from redaptive.orchestration.plans.json_types import ANY, TEXT, JsonType, object_of, of_value, union_of
from redaptive.orchestration.plans.references import Reference, is_reference, parse, unescape
from redaptive.orchestration.plans.schema import Expr, Json
from redaptive.orchestration.plans.signatures import NULL_SAFE, Function, parameter_problem, read_path

Resolve = Callable[[Reference], Json]
Types = Callable[[Reference], JsonType]
Problem = tuple[str, str]
"""Where it is, and what is wrong."""


def evaluate(expr: Expr, resolve: Resolve, types: Types = lambda _: ANY) -> Json:
    """The value of the expression, given the values (`Scope.lookup`) and the types (`ReferenceTypes.of`).

    >>> evaluate(Expr(fn="add", args=(1, Expr(fn="len", args=([5, 6],)))), lambda _: None)
    3

    :raises InvalidInput: names the function and what is wrong with its arguments.
    :raises MissingValue: when a reference leads nowhere.
    """
    return _value(expr, resolve, types).value


def check(expr: Expr, types: Types, field: str = "expr") -> tuple[JsonType, list[Problem]]:
    """The type of the expression's value, `ANY` where it is wrong, and everything that is wrong with it.

    Wrong are unknown functions, signatures, paths and units.
    """
    found: list[Problem] = []
    return _checked(expr, types, field, found).type, found


def _value(given: Expr | Json, resolve: Resolve, types: Types) -> Operand:
    if not isinstance(given, Expr):
        return _leaf(given, resolve, types)
    function = _known(given.fn)
    operands = [_value(each, resolve, types) for each in given.args]
    if wrong := next(_signature(function, operands), None):
        raise InvalidInput(f"{function.name}: {wrong[1]}.", field=given.fn, fix=f"Write {function.usage}.")
    kinds = [function.parameter(index) for index in range(len(operands))]
    if any(each.value is None and kind not in NULL_SAFE for each, kind in zip(operands, kinds, strict=True)):
        return Operand(None, function.result(operands).or_null)
    try:
        return Operand(function.run(operands), function.result(operands))
    except InvalidInput as error:
        raise InvalidInput(f"{function.name}: {error.message}", field=error.field or given.fn, fix=error.fix) from error


def _leaf(given: Json, resolve: Resolve, types: Types) -> Operand:
    if is_reference(given):
        reference = parse(str(given))
        return Operand(resolve(reference), types(reference))
    return _literal(given, lambda part: _leaf(part, resolve, types))


def _literal(given: Json, leaf: Callable[[Json], Operand]) -> Operand:
    """A literal; a list or object in which references stand is as literal as its parts."""
    if isinstance(given, str):
        return Operand(unescape(given), TEXT, literal=True)
    if isinstance(given, list):
        parts = [leaf(each) for each in given]
        kind = union_of([part.type for part in parts]).listed
        return Operand([part.value for part in parts], kind, all(part.literal for part in parts))
    if isinstance(given, dict):
        named = {key: leaf(each) for key, each in given.items()}
        kind = object_of({key: part.type for key, part in named.items()})
        literal = all(part.literal for part in named.values())
        return Operand({key: part.value for key, part in named.items()}, kind, literal)
    return Operand(given, of_value(given), literal=True)


def _checked(given: Expr | Json, types: Types, field: str, found: list[Problem]) -> Operand:
    """The expression's operand without value; a literal keeps its own."""
    if not isinstance(given, Expr):
        return _typed_leaf(given, types)
    operands = tuple(
        [
            _checked(each, types, f"{field}.args[{at}]", found) if isinstance(each, Expr) else _typed_leaf(each, types)
            for at, each in enumerate(given.args)
        ]
    )
    kind, wrong = (_kept_result if all(map(small, operands)) else _result)(given.fn, operands)
    found += [(field + place, text) for place, text in wrong]
    return Operand(None, kind)


def _typed_leaf(given: Json, types: Types) -> Operand:
    if not is_reference(given):
        return _literal(given, lambda part: _typed_leaf(part, types))
    try:
        return Operand(None, types(parse(str(given))))
    except InvalidInput:
        return Operand(None, ANY)  # the reference itself is reported where references are checked


def _result(name: str, operands: tuple[Operand, ...]) -> tuple[JsonType, tuple[Problem, ...]]:
    """The type of the function's value, and what is wrong with the operands, by places after that of the call."""
    function = FUNCTIONS.get(name)
    if function is None:
        return ANY, (("", _unknown(name)),)
    if wrong := tuple((place, f"{name}: {text}") for place, text in _signature(function, operands)):
        return ANY, wrong
    try:
        kind = function.result(operands)
    except InvalidInput as error:
        return ANY, (("", f"{name}: {error.message.rstrip('.')}"),)
    gaps = any(each.type.nullable and function.parameter(at) not in NULL_SAFE for at, each in enumerate(operands))
    return (kind.or_null if gaps else kind), ()


_kept_result = lru_cache(maxsize=2_048)(_result)
"""The same, kept: the types are those of contracts, so other plans ask it again. For small operands only."""


def _signature(function: Function, operands: Sequence[Operand]) -> Iterator[Problem]:
    if wrong := function.count_problem(len(operands)):
        yield "", wrong
        return
    for index, given in enumerate(operands):
        parameter = function.parameter(index)
        problem = parameter_problem(parameter, given) if parameter else None
        if problem is None and parameter == "path":
            problem = _path_problem(str(given.value))
        if problem:
            yield f".args[{index}]", f"argument {index + 1}: {problem}"


def _path_problem(text: str) -> str | None:
    try:
        read_path(text)
    except InvalidInput as error:
        return error.message.rstrip(".")
    return None


def _known(name: str) -> Function:
    if name not in FUNCTIONS:
        raise InvalidInput(f"{_unknown(name)}.", field=name)
    return FUNCTIONS[name]


def _unknown(name: str) -> str:
    return f"there is no function {name}; there are: {', '.join(sorted(FUNCTIONS))}"
