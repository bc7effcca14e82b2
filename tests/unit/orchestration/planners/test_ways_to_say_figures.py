"""Figures in words, parts of units, codes that only a shape tells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.quantities import find_percentages, find_quantities
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.values.reading import read

NOW = Calendar.at(datetime(2026, 11, 26, 12, tzinfo=UTC), "UTC")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("half a year", 0.5, "year"),
        ("a day and a half", 1.5, "day"),
        ("one week later", 1, "week"),
        ("800 gallons a minute", 800, "gpm"),
    ],
)
def test_parts_of_units_are_read(text: str, value: float, unit: str) -> None:
    assert [(float(one.value), one.unit) for one in find_quantities(text)] == [(value, unit)]


def test_money_takes_no_unit_from_its_neighbour() -> None:
    assert [(str(one.value), one.unit) for one in find_quantities("$210k and 1.9 GWh")] == [("1900000", "kWh")]


def test_shares_in_words_are_percentages() -> None:
    assert [str(one.value) for one in find_percentages("they keep a fifth of the savings")] == ["20"]


@pytest.mark.parametrize(
    ("tool", "text", "name", "value"),
    [
        ("document-processing.classify_document", "Classify MAIL-2208.", "document_id", "MAIL-2208"),
        ("energy-monitoring.forecast_load", "Forecast meter CHI-32-E1, 72 hours", "meter_id", "CHI-32-E1"),
        ("energy-finance.project_cashflow", "75,000 once, saving 1,500 a month", "savings_usd_per_y", 18000),
        ("market-intelligence.find_incentives", "LED rebates in Washington?", "state", "WA"),
        ("market-intelligence.find_incentives", "LED rebates in Washington, DC?", "state", "DC"),
        ("project-implementation.earned_value", "0 earned of 9,000 planned", "earned_value_usd", 0),
        ("equipment-performance.predict_remaining_life", "a pump at triple duty", "duty_factor", 3),
    ],
)
def test_arguments_are_taken_over(tool: str, text: str, name: str, value: object) -> None:
    assert bind(catalogue()[tool], read(text, NOW)).args[name] == value


def test_a_ticket_that_exists_keeps_its_subject() -> None:
    text = "Put T-4410 of customer OPL on hold until the part is there."
    assert "subject" not in bind(catalogue()["customer-experience.create_or_update_ticket"], read(text, NOW)).args
