"""Follow-ups: what they inherit, how it is listed, and what must be confirmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from redaptive.orchestration.context.coreference import is_follow_up, resolve, shift_period
from redaptive.orchestration.context.slots import FLOOR, Memory, Slot

NOW = datetime(2026, 11, 26, 10, 30, tzinfo=UTC)
QUARTER = {"start": "2025-07-01T00:00:00-05:00", "end": "2025-10-01T00:00:00-05:00", "grain": "quarter"}


def _memory(turn: int = 2, **slots: Any) -> Memory:
    return Memory(tuple(Slot(k, v, "said", turn - 1, NOW) for k, v in slots.items()), turn)


def test_that_building_is_the_one_spoken_of() -> None:
    memory = _memory(buildings=["B-1"], period=QUARTER, intent="portfolio-intelligence.load_shape_metrics")
    found = resolve("what did that building cost in May?", {}, memory, NOW)
    assert found.entities["buildings"] == ["B-1"]
    assert [(i.kind, i.because, i.said_turn) for i in found.inherited] == [("buildings", "that building", 1)]
    assert not found.follow_up


def test_it_is_the_freshest_place() -> None:
    slots = (Slot("sites", ["S"], "said", 1, NOW), Slot("meters", ["M"], "said", 2, NOW))
    found = resolve("is it still reporting normally today?", {}, Memory(slots, 3), NOW)
    assert found.entities["meters"] == ["M"]
    assert "sites" not in found.entities


@pytest.mark.parametrize(
    "text", ["is it possible to get rebates in Ohio now?", "are there any rebates for heat pumps?"]
)
def test_empty_words_inherit_nothing(text: str) -> None:
    assert resolve(text, {}, _memory(meters=["M"]), NOW).inherited == ()


def test_a_reference_without_anything_before_is_missing() -> None:
    found = resolve("what is the load factor of that meter over the summer", {}, Memory(), NOW)
    assert found.missing == ("that meter",)


def test_same_for_last_year_shifts_the_period_and_keeps_the_rest() -> None:
    memory = _memory(period=QUARTER, states=["TX"], intent="portfolio-intelligence.analyze_portfolio_usage")
    found = resolve("same for last year", {"relative_period": "same_last_year"}, memory, NOW)
    assert found.entities["period"]["start"] == "2024-07-01T00:00:00-05:00"
    assert found.entities["period"]["end"] == "2024-10-01T00:00:00-05:00"
    assert found.entities["states"] == ["TX"]
    assert found.intent == "portfolio-intelligence.analyze_portfolio_usage"
    assert {i.kind for i in found.inherited} == {"period", "states"}
    assert "relative_period" not in found.entities


def test_a_narrowing_follow_up_keeps_place_and_period() -> None:
    memory = _memory(period=QUARTER, building_types=["office"], intent="portfolio-intelligence.benchmark_buildings")
    quantity = {"value": 100000, "unit": "ft2", "comparison": "above"}
    found = resolve("only the ones above 100,000 ft2", {"quantities": [quantity]}, memory, NOW)
    assert found.follow_up
    assert found.entities["building_types"] == ["office"]
    assert found.entities["quantities"] == [quantity]
    assert found.entities["period"] == QUARTER


def test_what_is_said_wins_over_what_was_said() -> None:
    memory = _memory(sites=["A"], states=["TX"], period=QUARTER, intent="x")
    found = resolve("and for site B?", {"sites": ["B"]}, memory, NOW)
    assert found.entities["sites"] == ["B"]
    assert "states" not in found.entities
    assert found.entities["period"] == QUARTER


def test_inherited_slots_must_be_confirmed_where_something_changes() -> None:
    found = resolve("open a ticket for that building", {}, _memory(buildings=["B-1"]), NOW)
    assert found.unconfirmed(reads_only=False) == ("buildings",)
    assert found.unconfirmed(reads_only=True) == ()


def test_slots_fade_with_turns_and_time_and_are_forgotten() -> None:
    slot = Slot("sites", ["S"], "said", 1, NOW)
    assert slot.recency(1, NOW) == 1.0
    assert slot.recency(5, NOW) == pytest.approx(0.5)
    assert slot.recency(1, NOW + timedelta(hours=1)) == pytest.approx(0.5)
    late = NOW + timedelta(hours=4)
    assert slot.recency(1, late) < FLOOR
    assert Memory((slot,), 2).latest(("sites",), late) is None
    assert resolve("what about it then", {}, Memory((slot,), 2), late).inherited == ()


def test_a_kind_said_again_replaces_the_old_and_memory_is_bounded() -> None:
    memory = Memory(turn=1).with_slots({"sites": ["A"]}, "said", NOW).with_slots({"sites": ["B"]}, "said", NOW)
    assert [s.value for s in memory.slots] == [["B"]]
    many = memory.with_slots({f"k{i}": i for i in range(100)}, "result", NOW)
    assert len(many.slots) == 40
    assert Slot.from_dict(many.slots[-1].as_dict()) == many.slots[-1]


def test_one_before_is_the_period_of_the_same_kind_that_ends_where_it_begins() -> None:
    before = shift_period(QUARTER, "one_before")
    assert (before["start"][:10], before["end"][:10]) == ("2025-04-01", "2025-07-01")
    odd = shift_period(
        {"start": "2025-07-11T00:00:00+00:00", "end": "2025-07-21T00:00:00+00:00", "grain": "span"}, "one_before"
    )
    assert (odd["start"][:10], odd["end"][:10]) == ("2025-07-01", "2025-07-11")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what about Dallas?", True),
        ("and in Q3?", True),
        ("just the hospitals please, nothing else matters now", True),
        ("show the load factor of meter 7 in May", False),
        ("which buildings would need to cut 20 % to reach the median", False),
    ],
)
def test_follow_ups_are_told_from_questions_of_their_own(text: str, expected: bool) -> None:
    assert is_follow_up(text) is expected
