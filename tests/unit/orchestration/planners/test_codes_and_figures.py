"""Codes by the noun beside them, lists of places, people who are told, and signs of amounts, in other words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.orchestration.planners.world import reading

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.refusals.signs import ill_signed
from redaptive.orchestration.intelligent.planners.values.ids import find_codes


def _bound(tool: str, text: str) -> dict[str, Any]:
    found = bind(catalogue()[tool], reading(text))
    return {**found.args, **found.several}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("price meter M-12 under rate schedule E-19", [("meter", "M-12"), ("tariff", "E-19")]),
        ("on the E-20 tariff", [("tariff", "E-20")]),
        ("with tariff P-1-TOU", [("tariff", "P-1-TOU")]),
        ("benchmark portfolio T-100", [("portfolio", "T-100")]),
        ("the M-3 meter", [("meter", "M-3")]),
        ("permits P-61, permits P-62", [("project", "P-61"), ("project", "P-62")]),
        ("meters E-1 and E-2", [("meter", "E-1"), ("meter", "E-2")]),
        ("unit DOC-331", [("document", "DOC-331")]),
        ("comment on T-1234", [("ticket", "T-1234")]),
    ],
)
def test_a_noun_outweighs_one_letter(text: str, codes: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.code) for one in find_codes(text)] == codes


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("carbon intensity of the grid in 94105, 10001 and 73301", ("94105", "10001", "73301")),
        ("emission factor: ZIP 19103, ZIP 33101", ("19103", "33101")),
        ("emission factors for Denver, Austin and Boston", ("Denver", "Austin", "Boston")),
        ("how clean is power in 60601?", "60601"),
    ],
)
def test_each_place_of_a_list_is_meant(text: str, places: object) -> None:
    assert _bound("market-intelligence.carbon_intensity", text)["location"] == places


def test_nodes_may_have_dashes() -> None:
    found = _bound("market-intelligence.get_prices", "day-ahead prices of MISO at the hub ARK-GEN2 on 2025-07-01")
    assert (found["iso"], found["location"]) == ("MISO", "ARK-GEN2")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("send the on-call engineer an SMS with template trip", "on_call_engineer"),
        ("give the property manager a text with template leak", "property_manager"),
        ("send Priya an email with template facts", "Priya"),
        ("the energy manager is owed an SMS with template all_clear", "energy_manager"),
    ],
)
def test_who_is_given_a_message(text: str, who: str) -> None:
    assert _bound("customer-experience.notify", text)["recipient"] == who


def test_on_call_is_nothing_that_a_message_is_about() -> None:
    assert "template" not in _bound("customer-experience.notify", "the on-call engineer should receive an SMS")


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("propose a change order of minus 18,000 dollars on P-203, the crane was not needed", -18_000),
        ("change order on PRJ-19, a credit of $7,500 for the conduit", -7_500),
        ("on PRJ-77 propose to cut the cost by 12,000 USD", -12_000),
        ("propose a change order of 18,000 dollars on P-204, a crane is needed", 18_000),
    ],
)
def test_a_change_may_take_off(text: str, change: float) -> None:
    assert _bound("project-implementation.manage_change_order", text)["cost_change_usd"] == change


@pytest.mark.parametrize("said", ["minus 0.5 percent", "-0.5 %"])
def test_a_discount_rate_may_be_negative(said: str) -> None:
    text = f"NPV at a discount rate of {said}: capex 700,000 USD, savings 66,000 USD a year, life 11 years"
    assert ill_signed(text) is None
    assert _bound("energy-finance.project_cashflow", text)["discount_rate"] == -0.005


def test_what_is_asked_for_excuses_no_cost() -> None:
    assert ill_signed("NPV of a job that costs minus 80,000 dollars and saves 12,000 a year") is not None
    assert ill_signed("which job has an NPV of minus 80,000 dollars?") is None


def test_days_between_months_are_no_months_of_load() -> None:
    text = "Until Friday: fixed $54 per MWh? 900 MWh in January 2027 and 850 MWh in February 2027, index $49"
    found = _bound("market-intelligence.procurement_risk", text)
    assert [one["load_mwh"] for one in found["load"]] == [900, 850]


def test_measures_as_programs_write_them() -> None:
    found = _bound("portfolio-intelligence.find_opportunities", "only demand_management and battery for CHI-08")
    assert found["measures"] == ["demand_management", "battery"]
