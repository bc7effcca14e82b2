"""All entities of a sentence together: overlaps, kinds, JSON."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.names import Name, NameIndex
from redaptive.orchestration.intelligent.matchers.entities.reading import read_entities
from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words

CALENDAR = Calendar(datetime(2026, 11, 26, 10, 30), "America/Chicago")
INDEX = NameIndex([Name("building", "NLS-CHI-001", "Northlight Software Chicago 1"), Name("site", "S", "LED Works")])


def _read(text: str, *, names: bool = False) -> dict[str, object]:
    return read_entities(text, CALENDAR, INDEX if names else None).as_dict()


def test_the_first_example_of_the_product() -> None:
    found = _read("which Chicago offices waste the most at night, and what would fixing the worst three earn?")
    assert found == {"count": {"n": 3, "order": "worst"}, "building_types": ["office"], "cities": ["Chicago"]}


def test_budget_measures_types_and_states() -> None:
    found = _read("we have half a million bucks for LED and VFD across the grocery stores in TX and Ohio")
    assert found["budget_usd"] == "500000"
    assert found["measures"] == ["led", "vfd"]
    assert found["building_types"] == ["supermarket"]
    assert set(found["states"]) == {"TX", "OH"}  # type: ignore[call-overload]


def test_the_words_of_a_period_are_no_duration_and_no_count() -> None:
    found = _read("the past 18 months")
    assert set(found) == {"period"}


def test_the_words_of_a_name_are_nothing_else() -> None:
    found = _read("load at Northlight Software Chicago 1 and LED Works", names=True)
    assert found == {"buildings": ["NLS-CHI-001"], "sites": ["S"]}


def test_ambiguous_names_are_listed_and_not_chosen() -> None:
    index = NameIndex([Name("site", "A", "Riverside Annex"), Name("building", "B", "Riverside Annex")])
    found = read_entities("bills of Riverside Annex", CALENDAR, index).as_dict()
    assert "sites" not in found
    assert [o["code"] for o in found["ambiguous"][0]["options"]] == ["B", "A"]


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("retro-commissioning of the hospital", "measure", ["rcx"]),
        ("rooftop solar and batteries", "measure", ["pv", "battery"]),
        ("variable frequency drives", "measure", ["vfd"]),
        ("our K-12 schools and warehouses", "building_type", ["k12", "distribution_warehouse"]),
        ("natural gas and water", "commodity", ["gas", "water"]),
        ("sites in Portland, OR or Ohio", "state", ["OH", "OR"]),
        ("the store in New York", "state", ["NY"]),
        ("12 sites IN or OR", "state", []),
        ("ALL SITES IN TX", "state", []),
        ("philly and NYC", "city", ["Philadelphia", "New York"]),
        ("misled by the upvote", "measure", []),
    ],
)
def test_words_of_the_trade(text: str, kind: str, values: list[str]) -> None:
    assert [w.value for w in sorted(find_words(text, kind), key=lambda w: w.value)] == sorted(values)


@given(st.text(max_size=120))
def test_entities_of_any_text_are_json(text: str) -> None:
    json.dumps(_read(text, names=True))
