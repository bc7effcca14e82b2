"""Comparing by what schemas say: money, dates, nulls, and what has no order."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.comparison import Operand, compare, equal, number, order_problem
from redaptive.orchestration.plans.json_types import ANY, DECIMAL, NUMBER, TEXT, JsonType, of_kind, of_value
from redaptive.orchestration.plans.schema import Json, Op

DATE, MOMENT = of_kind("date"), of_kind("datetime")


def _literal(value: Json) -> Operand:
    return Operand(value, of_value(value), literal=True)


@pytest.mark.parametrize(
    ("left", "kind", "op", "right", "holds"),
    [
        ("9.5", DECIMAL, "gt", "10", False),
        ("9.5", DECIMAL, "lt", 10, True),
        ("10.0", DECIMAL, "eq", "10", True),
        ("10.0", DECIMAL, "eq", 10, True),
        ("10.0", TEXT, "eq", "10", False),
        ("9.5", ANY, "gt", "10", False),
        (0.1, NUMBER, "eq", "0.1", True),
        ("2025-12-31", DATE, "lt", "2026-01-01", True),
        ("2026-01-01", DATE, "eq", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T01:00:00+02:00", MOMENT, "lt", "2026-01-01T00:00:00Z", True),
        ("x", TEXT, "ne", "y", True),
        (True, of_kind("boolean"), "eq", 1, False),
        (None, DECIMAL, "gt", 1, False),
        (None, DECIMAL, "le", 1, False),
        (None, DECIMAL, "ne", 1, False),
        (None, DECIMAL, "eq", 1, False),
        (None, DECIMAL, "eq", None, True),
        (1, NUMBER, "ne", None, False),
    ],
)
def test_values_compare_as_their_schema_says(left: Json, kind: JsonType, op: Op, right: Json, holds: bool) -> None:
    assert compare(op, Operand(left, kind), _literal(right)) is holds


@pytest.mark.parametrize(
    ("left", "kind", "right"), [("a", TEXT, "b"), ([1], ANY, [2]), ("soon", DATE, "2026-01-01"), (True, ANY, False)]
)
def test_what_has_no_order_is_refused(left: Json, kind: JsonType, right: Json) -> None:
    with pytest.raises(InvalidInput, match=r"no order|is not a date"):
        compare("gt", Operand(left, kind), _literal(right))


def test_an_order_that_can_never_be_is_known_from_the_types() -> None:
    assert order_problem(Operand(None, TEXT), _literal("b")) == "a text has no order"
    assert order_problem(Operand(None, DECIMAL), _literal("abc")) == "'abc' is not a number"
    assert order_problem(Operand(None, DECIMAL), Operand(None, DATE)) is not None
    assert order_problem(Operand(None, DECIMAL), _literal("10")) is None
    assert order_problem(Operand(None, ANY), Operand(None, NUMBER)) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "12 USD", "", "NaN", "Infinity", None, []])
def test_what_is_no_figure_is_refused(value: Json) -> None:
    with pytest.raises(InvalidInput, match="is not"):
        number(value)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
)
def test_money_as_text_orders_as_its_amounts(left: object, right: object) -> None:
    a, b = Operand(f"{left:f}", DECIMAL), Operand(f"{right:f}", DECIMAL)
    assert compare("lt", a, b) is (left < right)  # type: ignore[operator]
    assert compare("ge", a, b) is (left >= right)  # type: ignore[operator]
    assert compare("eq", a, b) is (left == right)


def test_equality_of_json_tells_true_from_one() -> None:
    assert equal({"a": [1, 2.0]}, {"a": [1.0, 2]})
    assert not equal([True], [1])
    assert not equal({"a": 1}, {"a": 1, "b": None})
