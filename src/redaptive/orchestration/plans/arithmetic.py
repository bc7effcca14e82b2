"""Numbers of a plan: exact where they travel as text (money), floats where they are floats; never NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.comparison import number
from redaptive.orchestration.plans.schema import Json

Number = Decimal | float
"""An int counts as a float here, and stays an int where it can."""
Sign = Literal["add", "sub", "mul", "div"]


def numbers(values: Sequence[Json]) -> list[Decimal] | list[float]:
    """The values as numbers of one sort: decimals as soon as one of them travels as text.

    :raises InvalidInput: for one that is no number, or is NaN or infinite.
    """
    exact = [number(value) for value in values]
    if any(isinstance(value, str) for value in values):
        return exact
    return [value for value in values if isinstance(value, (int, float))]


def total(values: Sequence[Json]) -> Number:
    """The sum; 0 of nothing. Floats are summed without loss (Shewchuk 1997, `math.fsum`).

    :raises InvalidInput: as `numbers` does.
    """
    found = numbers(values)
    if any(isinstance(value, float) for value in found):
        return math.fsum(found)
    return sum(found)


def combine(sign: Sign, left: Json, right: Json) -> Number:
    """`left sign right`.

    :raises InvalidInput: as `numbers` does, and for a division by zero.
    """
    first, second = map(number, (left, right))
    if sign == "div" and second == 0:
        raise InvalidInput("It divides by zero.", fix="Guard the node with a condition that the divisor is not 0.")
    if isinstance(left, str) or isinstance(right, str):
        return _exact(sign, first, second)
    a, b = numbers([left, right])
    return _exact(sign, a, b)  # type: ignore[arg-type]  # the operators are the same


def rounded(value: Json, digits: int) -> Number:
    """The number to `digits` places, halves away from zero; an int for a float with 0 digits.

    :raises InvalidInput: as `numbers` does.
    """
    exact = number(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    if isinstance(value, str):
        return exact
    return float(exact) if digits > 0 else int(exact)


def to_json(value: Number) -> Json:
    """The number as it travels.

    :raises InvalidInput: when it is not finite.
    """
    if not math.isfinite(value):
        raise InvalidInput("The result is too large.")
    return format(value, "f") if isinstance(value, Decimal) else value


def _exact(sign: Sign, a: Decimal, b: Decimal) -> Decimal:
    if sign == "add":
        return a + b
    if sign == "sub":
        return a - b
    return a * b if sign == "mul" else a / b
