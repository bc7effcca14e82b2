"""Steps in circles, results before they exist, conditions that never hold, figures past their bounds, wrong units."""
# ruff: noqa: E501 -- tables of sentences

from __future__ import annotations

import pytest

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.planners.refusals.bounds import Bound, beyond_bounds, bounds
from redaptive.orchestration.intelligent.planners.refusals.choices import no_choice_fits
from redaptive.orchestration.intelligent.planners.refusals.circles import NOT_YET, waits_for_itself
from redaptive.orchestration.intelligent.planners.refusals.dimensions import ill_measured
from redaptive.orchestration.intelligent.planners.refusals.locked import LOCKED, dealt_with_after_its_end
from redaptive.orchestration.intelligent.planners.refusals.never import NEVER, UNLIKE, never_holds
from redaptive.orchestration.intelligent.planners.refusals.orders import undone
from redaptive.orchestration.intelligent.planners.refusals.relations import CIRCLE
from redaptive.orchestration.intelligent.planners.refusals.things import not_of_that_kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Detect anomalies only once the forecast is there, and the forecast needs the results of the detection.", CIRCLE),
        ("1) size PV for M-3, with the figures of 2. 2) cash flow, with the output of 1.", CIRCLE),
        ("Simulate it only after the cash flow. The cash flow must not start until the schedule is fixed. The schedule waits for the simulation.", CIRCLE),
        ("Audit it, but don't start on that until the email is out. The email may only go once the audit is done.", CIRCLE),
        ("Neither of the two reports may be made before the other.", CIRCLE),
        ("Email me the P50 first; afterwards simulate it, there is no earlier simulation.", NOT_YET),
        ("Detect anomalies on M-8; email the forecast only after the detection.", None),
        ("Audit DOC-1 only after it is extracted, and send the mail only once the audit is done.", None),
        ("Open the ticket only after the audit. Send the email only when the ticket is open, and close the ticket once it is out.", None),
        ("We have never run it before, so run the simulation first and then email the P90.", None),
        ("Explain the result after you have run the comparison; no earlier comparison exists.", None),
    ],
)  # fmt: skip
def test_steps_that_wait_for_each_other(text: str, message: str | None) -> None:
    assert waits_for_itself(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("If the EUI is below 40 and above 90, open a ticket.", NEVER),
        ("If CPI is above 1.1 and, in the same run, CPI is below 0.8, text me.", NEVER),
        ("If the meter is silent and at the same time sending, text me.", NEVER),
        ("When the permit has been granted and is still pending, text me.", NEVER),
        ("If no fault is found, price the worst of them.", NEVER),
        ("Rank the stores so that every one is better than all the others.", UNLIKE),
        ("If CPI is above 0.8 and below 1.1, do nothing.", None),
        ("If CPI is below 0.9 or above 1.2, text me.", None),
        ("If the load is above 400 kW and the price is below 30 dollars, tell me.", None),
        ("If the permit has been issued and the inspection is still pending, text me.", None),
        ("If there are none, tell me so; otherwise raise an alert for the costliest of them.", None),
        ("Which ones are better than the median of the twelve?", None),
    ],
)
def test_conditions_that_never_hold(text: str, message: str | None) -> None:
    assert never_holds(text) == message


def test_the_chance_of_a_condition_is_a_share() -> None:
    assert never_holds("Should the chance of a loss exceed 120 %, tell the bank.")
    assert never_holds("Should the chance of a loss exceed 20 %, tell the bank.") is None


@pytest.mark.parametrize(
    ("beyond", "within"),
    [
        ("Simulate the risk with two hundred draws.", "Simulate the risk with 20,000 draws."),
        ("Peak alert for M-4, billing window 2 hours.", "Peak alert for M-4, billing window 15 minutes."),
        ("Show me the first 900 alerts.", "Show me the first 500 alerts."),
        ("Take these 8,000 readings in as one batch.", "Take these 8,000 readings in in batches of 4,000."),
        ("Give me a load forecast for M-4, 20 days ahead.", "Give me a load forecast for M-4, 14 days ahead."),
        ("Forecast M-4 with a horizon of three weeks.", "Forecast M-4 with a horizon of two weeks."),
        ("Peak warning on M-4 for the next 10 days.", "Peak warning on M-4 for the next 7 days."),
        ("Procurement risk with a load correlation of 1.6.", "Procurement risk with a load correlation of -0.6."),
        ("EaaS contract with a term of 35 years.", "EaaS contract with a term of 15 years."),
        ("NPV over a service life of 75 years.", "NPV over a service life of 40 years."),
        ("Life of a pump at a duty factor of 5.", "Life of a pump at a duty factor of 3."),
    ],
)
def test_figures_past_what_a_schema_allows(beyond: str, within: str) -> None:
    assert beyond_bounds(beyond)
    assert beyond_bounds(within) is None


@pytest.mark.parametrize(
    "bound", [each for each in bounds() if each.argument != "readings"], ids=lambda each: each.argument
)
def test_bounds_are_those_of_the_schemas(bound: Bound) -> None:
    schema = catalogue()[bound.tool].input_schema
    found = schema
    for name in bound.argument.split("."):
        found = found["properties"][name]
        choices = [found, *found.get("anyOf", [])]
        named = next((each["$ref"] for each in choices if "$ref" in each), None)
        found = schema["$defs"][named.rpartition("/")[2]] if named else found
    figures = [each for each in (found, *found.get("anyOf", [])) if "maximum" in each]
    assert [each["maximum"] for each in figures] == [bound.most]
    assert all(each.get("minimum", each.get("exclusiveMinimum")) == bound.least for each in figures)


def test_a_batch_is_as_long_as_its_tool_says() -> None:
    batch = next(each for each in bounds() if each.argument == "readings")
    told = str(catalogue()[batch.tool].input_schema["properties"]["readings"])
    assert f"{batch.most:,.0f} rows" in told


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Payback of the LED job in square feet: 20k.", "Payback of the LED job in months: 20k."),
        ("Floor area of CHI-04 is 3,000 gallons.", "Floor area of CHI-04 is 3,000 square metres."),
        ("Size PV for M-3, roof area 40 psi.", "Size PV for M-3, roof area 4,000 ft2."),
        ("How many dollars per gallon of electricity is it?", "How many dollars per kWh of electricity is it?"),
        ("Boiler motor size 12 gallons: any rebates?", "Boiler motor size 12 hp: any rebates?"),
        ("NPV of a 20k job, the result in decibels.", "NPV of a 20k job, the result in thousands of dollars."),
        ("Change order on PRJ-4, cost impact 12 degrees Fahrenheit.", "Change order on PRJ-4, cost impact 12 dollars."),
        ("Peak demand of M-3 in degrees Celsius.", "What did the demand charge of M-3 cost us in dollars?"),
    ],
)
def test_units_that_measure_something_else(wrong: str, right: str) -> None:
    assert ill_measured(wrong)
    assert ill_measured(right) is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Reject CO-3 and afterwards accept that same rejected CO-3.", True),
        ("Once the withdrawal of CO-9 is through, approve it, and no new change order please.", True),
        ("Ticket TIC-4 must remain closed; then reopen the same one for Bo.", True),
        ("Leave alert a1b2 acknowledged and never acknowledged, both must be true.", True),
        ("Give the ticket to Maria and to nobody.", True),
        ("Reject CO-3 and approve CO-4, both final.", False),
        ("Withdraw CO-3, propose it again as a new one and approve that.", False),
        ("Close ticket TIC-4; if it comes back, reopen it.", False),
        ("Assign the alert to Ivo and tell nobody else.", False),
    ],
)
def test_what_is_ended_is_not_dealt_with(text: str, *, wrong: bool) -> None:
    assert dealt_with_after_its_end(text) == (LOCKED if wrong else None)


def test_an_alert_is_resolved_and_its_ticket_kept_open() -> None:
    assert undone("Resolve the alert with the cause and keep the ticket open.") is None
    assert undone("Resolve the alert with the cause and keep it open.")


@pytest.mark.parametrize(
    ("none_fits", "one_does"),
    [
        ("The 90th percentile of capex is 100k and the 10th percentile is 140k.", "The 10th percentile of capex is 100k and the 90th percentile is 140k."),
        ("M1 requires M2, M1 and M2 are mutually exclusive, and M1 must be chosen.", "M1 requires M2, M3 and M4 are mutually exclusive, and M1 must be chosen."),
        ("The lift needs six fitters at once, we have a crew of three, no hires.", "The lift needs three fitters at once, we have a crew of three, no hires."),
        ("Five tasks of four days, one after the other, all done within ten days.", "Five tasks of four days, one after the other, all done within 30 days."),
        ("Each site may get at most 10k, yet every one has to receive 25k.", "Each site may get at most 25k, yet every one has to receive 10k."),
        ("I can spend 200k at most and they must cost at least 350k.", "I can spend 400k at most and they must cost at least 350k."),
        ("One avoids 40 t, the other 55 t, nothing but these; it must avoid at least 300 t a year.", "One avoids 140 t, the other 175 t, nothing but these; it must avoid at least 300 t a year."),
        ("It starts on 2026-12-14, takes 40 working days, can't be split, and has to be done by 2026-12-18.", "It starts on 2026-12-14, takes 40 working days, can't be split, and has to be done by 2027-03-18."),
    ],
)  # fmt: skip
def test_choices_that_none_can_meet(none_fits: str, one_does: str) -> None:
    assert no_choice_fits(none_fits)
    assert no_choice_fits(one_does) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            "What kind of document is meter M-4, and has it a text layer?",
            "What kind of document is DOC-4, and has it a text layer?",
        ),
        ("How many pages does chiller CH-2 have?", "How many pages does DOC-2 have?"),
        ("Last reading and latency of DOC-5, please.", "Last reading and latency of M-5, please."),
        ("Critical path of meter M-3.", "Critical path of project PRJ-3."),
        (
            "Which CSAT score did boiler B-4 give us?",
            "Which CSAT score did ACME give us after boiler B-4 was replaced?",
        ),
        ("Make the savings report for customer DOC-12.", "Make the savings report for customer ACME."),
        ("Assign ticket TIC-3 of ACME to AHU-7.", "Assign ticket TIC-3 of ACME to Maria, it is about AHU-7."),
        ("Which LEED level does invoice DOC-3 hold?", "Which LEED level does certificate DOC-3 hold?"),
    ],
)
def test_things_that_have_nothing_of_what_is_asked(wrong: str, right: str) -> None:
    assert not_of_that_kind(wrong)
    assert not_of_that_kind(right) is None
