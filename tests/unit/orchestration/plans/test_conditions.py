"""Conditions: decided by types and values, null by rule, errors that name the comparison."""

from __future__ import annotations

import pytest

from redaptive.errors import InvalidInput
from redaptive.orchestration.intelligent.conditional_engine import evaluate, text_of
from redaptive.orchestration.plans.json_types import DECIMAL, TEXT, JsonType, of_kind
from redaptive.orchestration.plans.references import Reference, Scope
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Condition, Json, Not, Op

OUTPUT: dict[str, Json] = {
    "usd": "9.5",
    "day": "2026-01-02",
    "code": "A",
    "none": None,
    "codes": ["A", "B", None],
    "n": 3,
}
KINDS: dict[str, JsonType] = {
    "usd": DECIMAL,
    "day": of_kind("date"),
    "code": TEXT,
    "none": DECIMAL,
    "codes": TEXT.listed,
    "n": of_kind("integer"),
}
SCOPE = Scope({}, {"a": OUTPUT})


def _types(reference: Reference) -> JsonType:
    return KINDS.get(str(reference.path[0]), TEXT) if reference.path else of_kind("object")


def _is(op: Op, left: Json, right: Json = None) -> Compare:
    return Compare(op=op, left=left, right=right)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (_is("gt", "$a.usd", "10"), False),
        (_is("gt", "$a.usd", 9), True),
        (_is("le", "$a.usd", "9.50"), True),
        (_is("lt", "10", "$a.usd"), False),
        (_is("lt", "$a.day", "2026-01-10"), True),
        (_is("eq", "$a.code", "A"), True),
        (_is("in", "$a.code", ["B", "A"]), True),
        (_is("in", "$a.code", ["B", "$a.code"]), True),
        (_is("in", "$a.code", "$a.codes"), True),
        (_is("in", "C", "$a.codes"), False),
        (_is("in", "$a.none", "$a.codes"), False),
        (_is("in", "$a.code", "$a.none"), False),
        (_is("in", "$a.usd", ["9.50", 1]), True),
        (_is("exists", "$a.usd"), True),
        (_is("exists", "$a.none"), False),
        (_is("exists", "$a.missing"), False),
        (_is("exists", "$skipped.value"), False),
        (_is("is_null", "$a.none"), True),
        (_is("is_null", "$a.missing"), True),
        (_is("is_null", "$a.usd"), False),
        (_is("eq", "$a.none", None), True),
        (_is("eq", "$a.missing", None), True),
        (_is("eq", "$a.none", 0), False),
        (_is("ne", "$a.none", 0), False),
        (_is("lt", "$a.none", 0), False),
        (_is("ge", "$a.missing", 0), False),
        (AllOf(all=(_is("eq", 1, 1), _is("eq", 1, 2))), False),
        (AnyOf(any=(_is("eq", 1, 1), _is("eq", 1, 2))), True),
        (Not(not_=_is("gt", "$a.none", 0)), True),
        (Not(not_=AllOf(all=(_is("exists", "$a.usd"), _is("gt", "$a.n", 2)))), False),
    ],
)
def test_a_condition_is_decided(condition: Condition, holds: bool) -> None:
    assert evaluate(condition, SCOPE.lookup, _types) is holds


def test_without_types_the_values_decide() -> None:
    assert evaluate(_is("gt", "$a.usd", "10"), SCOPE.lookup) is False
    assert evaluate(_is("gt", "$a.usd", 9), SCOPE.lookup) is True


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (_is("gt", "$a.code", "B"), "have no order.*\\$a.code > 'B'"),
        (_is("gt", "$a.usd", "much"), "'much' is not a number.*\\$a.usd > 'much'"),
        (_is("lt", "$a.day", "soon"), "'soon' is not a date"),
        (_is("in", "$a.code", "$a.usd"), "needs a list on its right side"),
        (_is("eq", "$5", 1), "is not a reference"),
    ],
)
def test_what_cannot_be_decided_is_said(condition: Condition, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        evaluate(condition, SCOPE.lookup, _types)
    assert caught.match(message)


def test_a_condition_reads_as_a_sentence() -> None:
    condition = AllOf(
        all=(_is("ge", "$a.usd", 10), AnyOf(any=(_is("is_null", "$a.n"), Not(not_=_is("eq", "$a.n", "x")))))
    )
    assert text_of(condition) == "$a.usd >= 10 and ($a.n is null or not $a.n = 'x')"
