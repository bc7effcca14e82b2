"""Comparing values by what their schemas say they are: money as text is a number, dates as text are moments.

As texts "9.5" > "10"; as money it is not. Where schemas say nothing, values that both read as numbers, or both as
dates, are compared as such. Plain texts have no order, only equality.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.json_types import DATED, NUMERIC, JsonType
from redaptive.orchestration.plans.schema import Json, Op

Basis = Literal["number", "moment", "text", "value"]
ORDERED: Final = frozenset({"gt", "ge", "lt", "le"})
WORDS: Final[Mapping[str, str]] = {
    "eq": "=",
    "ne": "!=",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "in": "in",
    "exists": "exists",
    "is_null": "is null",
}
_SHORT: Final = 64
_DECIMAL: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")


class Operand(NamedTuple):
    """A value with its type. A literal's type yields to that of the other side."""

    value: Json
    type: JsonType
    literal: bool = False


def small(given: Operand) -> bool:
    """Whether the value is a number or a short text, so that what is found out about it may be kept."""
    value = given.value
    return value is None or (len(value) <= _SHORT if isinstance(value, str) else not isinstance(value, (list, dict)))


def compare(op: Op, left: Operand, right: Operand) -> bool:
    """Whether `left op right`, for all operators but in, exists and is_null.

    Null is false, except that null equals null.

    :raises InvalidInput: when the values have no order or cannot be read as what their schemas say.
    """
    if left.value is None or right.value is None:
        return op == "eq" and left.value is right.value
    basis = basis_of(left, right)
    if op in {"eq", "ne"}:
        return _equal(left, right, basis) is (op == "eq")
    if basis == "number":
        a, b = number(left.value), number(right.value)
        return _holds(op, (a > b) - (a < b))
    if basis == "moment":
        begin, end = moment(left.value), moment(right.value)
        return _holds(op, (begin > end) - (begin < end))
    raise InvalidInput(
        f"{_short(left.value)} and {_short(right.value)} have no order, so {WORDS[op]} cannot compare them.",
        fix="Compare numbers or dates; for texts use eq, ne or in.",
    )


def order_problem(left: Operand, right: Operand) -> str | None:
    """Why two values of these types can never be put in order; None when they may."""
    kinds = [side.type for side in (left, right) if not side.literal and not side.type.unknown]
    if left.literal and right.literal:
        known = left.value is not None and right.value is not None
        unlike = known and basis_of(left, right) == "value"
        return f"{_short(left.value)} and {_short(right.value)} have no order" if unlike else None
    for kind in kinds:
        if not kind.solid <= NUMERIC | DATED:
            return f"{kind} has no order"
    basis = basis_of(left, right)
    if basis == "value" and all(each.solid for each in kinds) and len(kinds) > 1:
        return f"{left.type} cannot be compared with {right.type}"
    return literal_problem(left, right, basis)


def literal_problem(left: Operand, right: Operand, basis: Basis) -> str | None:
    """Why a literal cannot be read as what the other side is; None when it can."""
    for side in (left, right):
        if side.literal and side.value is not None:
            try:
                _ = number(side.value) if basis == "number" else moment(side.value) if basis == "moment" else None
            except InvalidInput as error:
                return error.message.rstrip(".")
    return None


def basis_of(left: Operand, right: Operand) -> Basis:
    """As what the two are compared: their schemas decide, else the values."""
    kinds = frozenset(
        kind for side in (left, right) if not side.literal and not side.type.unknown for kind in side.type.solid
    )
    if kinds and kinds <= NUMERIC:
        return "number"
    if kinds and kinds <= DATED:
        return "moment"
    if kinds == {"string"}:
        return "text"
    return _by_value(left.value, right.value)


def sort_key(value: Json, kind: JsonType) -> tuple[bool, Decimal | float | str]:
    """A key that sorts values of the type ascending, null last.

    :raises InvalidInput: for lists, objects and what cannot be read as the type says.
    """
    if value is None:
        return True, 0.0
    if kind.numeric or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return False, number(value)
    if kind.solid and kind.solid <= DATED:
        return False, moment(value).timestamp()
    if isinstance(value, str):
        return False, value
    raise InvalidInput(f"{_short(value)} has no place in an order.", fix="Sort by a number, a date or a text.")


def number(value: Json) -> Decimal:
    """The value as an exact number.

    :raises InvalidInput: when it is none, or is NaN or infinite.
    """
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInput(f"{_short(value)} is not a number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"{value} is not a figure that can be compared or computed with.")
    return Decimal(repr(value))


def moment(value: Json) -> datetime:
    """The date or moment, in UTC when no offset is given; a date is its midnight.

    :raises InvalidInput: when it is none.
    """
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        pass
    raise InvalidInput(f"{_short(value)} is not a date.", fix="Write 2026-01-31, or 2026-01-31T09:00:00Z.")


def equal(left: Json, right: Json) -> bool:
    """Whether two JSON values are the same; 1 equals 1.0, true does not equal 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def _equal(left: Operand, right: Operand, basis: Basis) -> bool:
    read = {"number": number, "moment": moment}.get(basis)
    try:
        return read(left.value) == read(right.value) if read else equal(left.value, right.value)
    except InvalidInput:
        return equal(left.value, right.value)


def _by_value(left: Json, right: Json) -> Basis:
    """Without a schema: as numbers when both read so, as moments when both read so."""
    if _reads_as_number(left) and _reads_as_number(right):
        return "number"
    both = isinstance(left, str) and isinstance(right, str)
    return "moment" if both and _DATE.fullmatch(str(left)) and _DATE.fullmatch(str(right)) else "value"


def _reads_as_number(value: Json) -> bool:
    if isinstance(value, str):
        return _DECIMAL.fullmatch(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _holds(op: Op, sign: int) -> bool:
    return {"gt": sign > 0, "ge": sign >= 0, "lt": sign < 0, "le": sign <= 0}[op]


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
