"""Differences between two JSON values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from redaptive.orchestration.control.differences import MOST, differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    assert differences(value, value) == []  # type: ignore[arg-type]


@given(JSON, JSON)
def test_differences_are_found_from_both_sides(one: object, other: object) -> None:
    there, back = differences(one, other), differences(other, one)  # type: ignore[arg-type]
    assert bool(there) == bool(back)
    assert {d.path for d in there} == {d.path for d in back} or MOST in (len(there), len(back))


def test_places_and_kinds() -> None:
    found = differences({"a": [1, {"b": 2}], "c": True, "d": 1}, {"a": [1, {"b": 3}, 4], "c": 1, "e": None})
    assert [(d.path, d.kind, d.recorded, d.now) for d in found] == [
        ("a[1].b", "changed", 2, 3),
        ("a.length", "changed", 2, 3),
        ("c", "changed", True, 1),
        ("d", "gone", 1, None),
        ("e", "new", None, None),
    ]


def test_sums_in_another_order_are_the_same_and_money_as_text_is_compared_as_text() -> None:
    assert differences(0.1 + 0.2, 0.3) == []
    assert differences(5, 5.0) == []
    assert len(differences("1.0", "1.00")) == 1
    assert len(differences(list(range(90)), list(range(1, 91)))) == MOST
