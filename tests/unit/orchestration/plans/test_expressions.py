"""Expressions: every function, its types, its nulls and its errors."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.expressions import check, evaluate
from redaptive.orchestration.plans.functions import FUNCTIONS
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.references import Reference, Scope
from redaptive.orchestration.plans.schema import Expr, Json

ROW = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "usd": {"type": "string", "format": "decimal", "unit": "USD"},
        "kwh": {"anyOf": [{"type": "number", "unit": "kWh"}, {"type": "null"}]},
        "day": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "n": {"type": "integer"},
    },
}
SCHEMA = {"type": "object", "properties": {"rows": {"type": "array", "items": ROW}, "none": {"type": "null"}}}
ROWS: list[Json] = [
    {"code": "x", "usd": "9.50", "kwh": 1.5, "day": "2026-01-02", "tags": ["a", "b"], "n": 1},
    {"code": "y", "usd": "10.25", "kwh": None, "day": "2025-12-31", "tags": [], "n": 2},
    {"code": "z", "usd": "0.10", "kwh": 3.0, "day": "2026-01-01", "tags": ["b"], "n": 2},
]
SCOPE = Scope({}, {"a": {"rows": ROWS, "none": None}})


def _types(reference: Reference) -> JsonType:
    kind = read(SCHEMA)
    for step in reference.path:
        found = kind.step(step)
        assert found is not None
        kind = found
    return kind


def _fn(name: str, *args: Expr | Json) -> Expr:
    return Expr(fn=name, args=args)


def _column(name: str) -> Expr:
    return _fn("map", "$a.rows", name)


def _codes(expr: Expr) -> Expr:
    return _fn("join", _fn("map", expr, "code"), "")


CASES: list[tuple[Expr, Json, str]] = [
    (_fn("get", "$a", "rows[1].code"), "y", "a text or null"),
    (_fn("get", "$a.rows[1]", "kwh"), None, "a number or null"),
    (_fn("pick", "$a.rows[0]", "code", "n"), {"code": "x", "n": 1}, "an object"),
    (_fn("object", "a", "$a.rows[0].code", "b", 2), {"a": "x", "b": 2}, "an object"),
    (_fn("list", 1, "$a.rows[0].n"), [1, 1], "a list (each: a whole number)"),
    (_fn("get", _fn("first", "$a.rows"), "code"), "x", "a text or null"),
    (_fn("get", _fn("last", "$a.rows"), "code"), "z", "a text or null"),
    (_fn("first", []), None, "anything"),
    (_codes(_fn("take", "$a.rows", 2)), "xy", "a text"),
    (_fn("len", "$a.rows"), 3, "a whole number"),
    (_fn("len", "abc"), 3, "a whole number"),
    (_fn("sum", _column("usd")), "19.85", "a decimal number"),
    (_fn("sum", _column("kwh")), 4.5, "a number"),
    (_fn("sum", _column("n")), 5, "a whole number"),
    (_fn("sum", []), 0, "anything"),
    (_fn("min", _column("usd")), "0.10", "a decimal number or null"),
    (_fn("max", _column("usd")), "10.25", "a decimal number or null"),
    (_fn("max", _column("kwh")), 3.0, "a number or null"),
    (_fn("avg", _column("kwh")), 2.25, "a number or null"),
    (_fn("avg", []), None, "anything"),
    (_codes(_fn("sort", "$a.rows", "usd")), "zxy", "a text"),
    (_codes(_fn("sort", "$a.rows", "usd", "desc")), "yxz", "a text"),
    (_codes(_fn("sort", "$a.rows", "kwh")), "xzy", "a text"),
    (_codes(_fn("sort", "$a.rows", "kwh", "desc")), "zxy", "a text"),
    (_codes(_fn("sort", "$a.rows", "day")), "yzx", "a text"),
    (_codes(_fn("sort", "$a.rows", "n", "desc")), "yzx", "a text"),
    (_fn("sort", [3, 1, 2]), [1, 2, 3], "a list (each: a whole number)"),
    (_codes(_fn("top", "$a.rows", 2, "usd")), "yx", "a text"),
    (_fn("top", [3, 1, 2], 1), [3], "a list (each: a whole number)"),
    (_codes(_fn("filter", "$a.rows", "usd", "gt", 9)), "xy", "a text"),
    (_codes(_fn("filter", "$a.rows", "usd", "gt", "$a.rows[0].usd")), "y", "a text"),
    (_codes(_fn("filter", "$a.rows", "day", "ge", "2026-01-01")), "xz", "a text"),
    (_codes(_fn("filter", "$a.rows", "kwh", "lt", 9)), "xz", "a text"),
    (_codes(_fn("filter", "$a.rows", "code", "in", ["z", "x"])), "xz", "a text"),
    (_codes(_fn("filter", "$a.rows", "code", "ne", "x")), "yz", "a text"),
    (_column("code"), ["x", "y", "z"], "a list (each: a text)"),
    (_fn("flatten", _column("tags")), ["a", "b", "b"], "a list (each: a text)"),
    (_fn("unique", _fn("flatten", _column("tags"))), ["a", "b"], "a list (each: a text)"),
    (_fn("unique", [1, True, 1.0]), [1, True], "a list (each: true or false or a whole number or a number)"),
    (_fn("concat", [1], [2, 3]), [1, 2, 3], "a list (each: a whole number)"),
    (_fn("join", ["a", 1, None], "-"), "a-1", "a text"),
    (_fn("coalesce", "$a.rows[1].kwh", 0.5), 0.5, "a number"),
    (
        _fn("unnest", [{"m": "x", "n": 1, "in": [{"v": 1}, {"v": 2, "n": 3}]}, {"m": "y", "in": None}, None], "in"),
        [{"m": "x", "n": 1, "v": 1}, {"m": "x", "n": 3, "v": 2}],
        "a list (each: an object)",
    ),
    (
        _fn("objects", _fn("take", "$a.rows", 1), "name", "code", "tag", "tags[1]"),
        [{"name": "x", "tag": "b"}],
        "a list (each: an object)",
    ),
    (_fn("map", _fn("objects", "$a.rows", "used", "kwh"), "used"), [1.5, None, 3.0], "a list (each: null or a number)"),
    (_fn("chunks", [1, 2, 3], 2), [[1, 2], [3]], "a list (each: a list)"),
    (
        _fn("zip", "row", _fn("take", "$a.rows", 1), "n", [7]),
        [{"row": ROWS[0], "n": 7}],
        "a list (each: an object)",
    ),
    (_fn("zip", "row", None, "n", [7]), None, "a list (each: an object) or null"),
    (
        _fn(
            "map",
            _fn("labelled", [{"b": "B-1", "m": "led", "v": None}, {"b": "B-2", "m": 3}], "id", " ", "b", "m"),
            "id",
        ),
        ["B-1 led", "B-2 3"],
        "a list (each: a text)",
    ),
    (_fn("coalesce", "$a.none", None), None, "null"),
    (_fn("round", 2.5), 3, "a whole number"),
    (_fn("round", -2.345, 2), -2.35, "a number"),
    (_fn("round", "$a.rows[1].usd", 1), "10.3", "a decimal number"),
    (_fn("add", "$a.rows[0].usd", 1), "10.50", "a decimal number"),
    (_fn("add", 1, 2), 3, "a whole number"),
    (_fn("sub", 1, 0.5), 0.5, "a number"),
    (_fn("mul", "$a.rows[0].usd", 0.1), "0.950", "a decimal number"),
    (_fn("div", 1, 4), 0.25, "a number"),
    (_fn("percent", 1, 8), 12.5, "a number"),
    (_fn("percent", "$a.rows[0].usd", "$a.rows[0].usd"), "100", "a decimal number"),
    (_fn("abs", _fn("sub", "$a.rows[2].usd", "$a.rows[0].usd")), "9.40", "a decimal number"),
    (_fn("abs", -3), 3, "a whole number"),
    (_fn("add", "$a.rows[1].kwh", 1), None, "a number or null"),
    (_fn("len", "$a.none"), None, "a whole number or null"),
]


@pytest.mark.parametrize(("expr", "value", "kind"), CASES, ids=[f"{at}-{case[0].fn}" for at, case in enumerate(CASES)])
def test_value_and_type(expr: Expr, value: Json, kind: str) -> None:
    found, problems = check(expr, _types)
    assert problems == []
    assert str(found) == kind
    assert evaluate(expr, SCOPE.lookup, _types) == value


def test_every_function_has_a_case() -> None:
    used: set[str] = set()
    todo: list[Expr | Json] = [case[0] for case in CASES]
    while todo:
        each = todo.pop()
        if isinstance(each, Expr):
            used.add(each.fn)
            todo += each.args
    assert used == set(FUNCTIONS)


WRONG: list[tuple[Expr, str]] = [
    (_fn("nope", 1), "there is no function nope"),
    (_fn("len"), "len: 0 arguments do not fit len(sized)"),
    (_fn("object", "a"), "object: 1 arguments do not fit object(key, any, ...)"),
    (_fn("sum", "$a.rows"), "sum: argument 1: it needs a list of numbers"),
    (_fn("sum", 3), "sum: argument 1: it needs a list of numbers, not a whole number"),
    (_fn("map", "$a.rows", "kw"), "map: There is no kw in an object; there are: code, usd, kwh, day, tags, n"),
    (_fn("map", "$a.rows", "$a.rows[0].code"), "map: argument 2: it needs a path"),
    (_fn("objects", "$a.rows", "power", "kw"), "objects: There is no kw in an object"),
    (_fn("unnest", "$a.rows", "lines"), "unnest: There is no lines in an object"),
    (_fn("labelled", "$a.rows", "id", "-", "lines"), "labelled: There is no lines in an object"),
    (_fn("map", "$a.rows", "a..b"), "map: argument 2: 'a..b' is no path"),
    (_fn("add", "$a.rows[0].usd", "$a.rows[0].kwh"), "add: It mixes the units USD and kWh"),
    (_fn("add", "1", 2), "add: argument 1: it needs a number, not a text"),
    (_fn("filter", "$a.rows", "code", "gt", "x"), "filter: A text has no order"),
    (_fn("filter", "$a.rows", "usd", "gt", "much"), "filter: 'much' is not a number"),
    (_fn("filter", "$a.rows", "usd", "exists", 1), "filter: argument 3: it needs one of eq"),
    (_fn("sort", "$a.rows", "usd", "up"), 'sort: argument 3: it needs "asc" or "desc"'),
    (_fn("take", "$a.rows", 1.5), "take: argument 2: it needs a whole number, not a number"),
]


@pytest.mark.parametrize(("expr", "message"), WRONG, ids=[f"{at}-{case[0].fn}" for at, case in enumerate(WRONG)])
def test_what_is_wrong_is_known_before_and_while_running(expr: Expr, message: str) -> None:
    kind, found = check(expr, _types)
    assert [text for _, text in found if message in text], found
    assert kind.unknown
    with pytest.raises(InvalidInput) as caught:
        evaluate(expr, SCOPE.lookup, _types)
    assert expr.fn in str(caught.value)


def test_lists_of_other_lengths_are_never_joined_by_place() -> None:
    with pytest.raises(InvalidInput, match="differ in length: a 2, b 1"):
        evaluate(_fn("zip", "a", [1, 2], "b", [3]), SCOPE.lookup, _types)


def test_all_problems_are_told_at_once_with_their_places() -> None:
    expr = _fn("add", _fn("nope"), _fn("sum", 3))
    assert [place for place, _ in check(expr, _types)[1]] == ["expr.args[0]", "expr.args[1].args[0]"]


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (_fn("div", 1, 0), "div: It divides by zero"),
        (_fn("percent", 1, "$a.rows[0].usd"), None),
        (_fn("add", math.nan, 1), "add: nan is not a figure"),
        (_fn("sum", [math.inf]), "sum: inf is not a figure"),
        (_fn("mul", 1e308, 1e308), "mul: The result is too large"),
    ],
)
def test_no_result_is_ever_nan(expr: Expr, message: str | None) -> None:
    if message is None:
        evaluate(expr, SCOPE.lookup, _types)
        return
    with pytest.raises(InvalidInput, match=message):
        evaluate(expr, SCOPE.lookup, _types)


def test_units_stay_with_sums_and_go_with_products() -> None:
    assert check(_fn("sum", _column("kwh")), _types)[0].mark("unit") == "kWh"
    assert check(_fn("max", _column("usd")), _types)[0].mark("unit") == "USD"
    assert check(_fn("mul", "$a.rows[0].usd", 2), _types)[0].mark("unit") is None


def test_texts_that_begin_with_a_dollar_are_escaped() -> None:
    assert evaluate(_fn("join", ["$$5", "$a.rows[0].code"], " "), SCOPE.lookup, _types) == "$5 x"
    assert evaluate(_fn("object", "k", {"x": "$a.rows[0].n"}), SCOPE.lookup, _types) == {"k": {"x": 1}}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32)), st.integers(0, 5))
def test_top_is_the_head_of_the_descending_sort(values: list[float], count: int) -> None:
    given_values: Json = list(values)
    top = evaluate(_fn("top", given_values, count), SCOPE.lookup)
    assert top == sorted(values, reverse=True)[:count]


@given(st.lists(st.decimals(min_value=-(10**6), max_value=10**6, places=2), min_size=1))
def test_sums_of_money_are_exact(values: list[object]) -> None:
    types = read({"type": "array", "items": {"type": "string", "format": "decimal"}})
    scope = Scope({}, {"m": [f"{value:f}" for value in values]})
    total = evaluate(_fn("sum", "$m"), scope.lookup, lambda _: types)
    assert total == f"{sum(values):f}"  # type: ignore[call-overload]
