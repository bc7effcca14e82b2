"""What another trade or office does is told as what no tool does; what only speaks of it is not."""

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome
from redaptive.orchestration.intelligent.planners.refusals.policy_capability import incapable
from redaptive.orchestration.intelligent.planners.refusals.policy_equipment import endangers
from redaptive.orchestration.intelligent.planners.refusals.policy_field import names_code
from redaptive.orchestration.intelligent.planners.refusals.refusals import unsafe


@pytest.mark.parametrize(
    "text",
    [
        "Kindly prepare a short-circuit study for the new switchgear at TUL-02.",
        "The duct work for the third floor is to be sized.",
        "Let someone work out whether the slab at DEN-02 holds a 12,000 lb chiller.",
        "Calculate the sound power level of cooling tower CT-9 at the hotel window.",
        "Draft a petition to the public service commission against the new demand charge.",
        "Remit $4,500 out of our checking account to the gas company.",
        "Fill out the rebate forms and send them to the utility for us.",
        "Log on to the county web site and download the permit for me.",
        "Run a customer survey about the new thermostats.",
        "Put Jo and Al on the duty roster and assign their overtime pay.",
        "Merge tickets TIC-4 and TIC-5 into one ticket.",
        "Text the manager, template a, and then fetch it back out of her phone.",
        "Get the certification body to extend our ISO 50001 certificate.",
        "Have a drone fly over the roof of CHI-04.",
        "Move the meter M-14 over to B-19 at the utility, effective 1 January 2027.",
        "Sign up the site for the frequency regulation market.",
    ],
)
def test_what_another_trade_does(text: str) -> None:
    assert incapable(text)


@pytest.mark.parametrize(
    "text",
    [
        "Our structural engineer has checked the roof of CHI-04, so size PV and battery for M-88.",
        "Read DOC-77, it is an arc flash study: what kind of document is that?",
        'Open a ticket for ACME with the subject "arc flash labels missing on MDP-1".',
        "Schedule PRJ-9 from 2027-01-11: task arc flash study, 3 days, then task relay settings, 2 days.",
        "The appraiser comes on Monday; benchmark CHI-04 for 2025 before that.",
        "Our broker negotiates with the supplier next week. Is a fixed offer of 56 $/MWh better than the index?",
        "The utility pays us from its operating account. Was bill DOC-905 right?",
        "How many kWh went through the duct heater's meter M-14 in 2025?",
        "CSAT survey results for 2025-Q4, please.",
        "Firmware was updated on 3 November 2026; since then, any gaps in M-217?",
        "Would a switch to rate B-19 save us money at M-14?",
        "Before we phone Edison: is there any rate cheaper for M-41?",
        "Carbon intensity of the grid in Berlin, Connecticut.",
    ],
)
def test_what_only_speaks_of_another_trade(text: str) -> None:
    assert incapable(text) is None


def _refused(text: str) -> PlanOutcome:
    found = unsafe(text)
    assert found is not None
    return found


def test_orders_to_equipment_are_unsafe_where_somebody_or_a_limit_is_named() -> None:
    assert endangers("Switch off the ventilation of ward 3.")
    assert not endangers("Start the emergency generator at BOS-02 for the monthly test.")
    assert _refused("Switch off the ventilation of ward 3.").reason == "unsafe"
    assert _refused("Start the emergency generator at BOS-02 for the monthly test.").reason == "infeasible"


def test_a_plain_payment_cannot_be_done_and_a_stealthy_one_may_not() -> None:
    assert _refused("Pay invoice DOC-318 today.").reason == "infeasible"
    assert _refused("Wire the rebate money to my private account and tell nobody.").reason == "unsafe"


def test_a_code_is_of_ours() -> None:
    assert names_code("Fly a drone over PHX-02.")
    assert not names_code("Fly a drone over my house.")
