"""Dates out of order, states that a deed ends, and tables of words: what cannot be is refused, its twin is not."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from redaptive.orchestration.intelligent.matchers.encoder import packaged_encoder
from redaptive.orchestration.intelligent.planners.refusals.balance import unbalanced
from redaptive.orchestration.intelligent.planners.refusals.calls import contradiction
from redaptive.orchestration.intelligent.planners.refusals.objects import wrong_kind
from redaptive.orchestration.intelligent.planners.refusals.orders import undone
from redaptive.orchestration.intelligent.planners.refusals.policy_acts import ordered_act
from redaptive.orchestration.intelligent.planners.refusals.policy_capability import FILE, incapable
from redaptive.orchestration.intelligent.planners.refusals.policy_equipment import switching
from redaptive.orchestration.intelligent.planners.refusals.policy_table import ActTable, packaged_table
from redaptive.orchestration.intelligent.planners.refusals.refusals import _impossible, unsafe
from redaptive.orchestration.intelligent.planners.refusals.spans import runs_backwards
from redaptive.orchestration.intelligent.planners.refusals.stages import out_of_order

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("permit: applied on 2026-10-20, issued on 2026-09-02", "permit: applied on 2026-09-02, issued on 2026-10-20"),
        (
            "ticket TK-9 was closed on 3 May 2026 and opened on 9 May 2026",
            "ticket TK-9 was opened on 3 May 2026 and closed on 9 May 2026",
        ),
        (
            "chiller CH-4, installed 2015-06-01, bought 2019-02-11",
            "the chiller was removed 2019-02-01 and another one installed 2019-02-11",
        ),
        (
            "change order CO-3: approved on March 3, 2026, proposed on March 20, 2026",
            "change order CO-3: proposed on March 3, 2026, approved on March 20, 2026",
        ),
        (
            "the LEED certificate was issued in June 2025 and expired in March 2024",
            "the LEED certificate was issued in March 2024 and expires in June 2027",
        ),
        ("open a ticket that is closed before it is opened", "which tickets were closed before they were answered?"),
    ],
)
def test_the_stages_of_a_thing_come_in_their_order(wrong: str, right: str) -> None:
    assert out_of_order(wrong) is not None
    assert out_of_order(right) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Acknowledge alert 9c2e without changing its state from unacknowledged.", "Acknowledge alert 9c2e."),
        ("Close ticket TCK-1 but leave it open.", "Close ticket TCK-1 and leave TCK-2 open."),
        ("Resolve AL-2 and let it stay active.", "Resolve AL-2; AL-3 stays active."),
        ("Reject CO-8 and keep the order in force.", "Reject CO-8 and keep the rest in force."),
        (
            "Approve change order CO-14 of P-6 and reject the same change order.",
            "Approve change order CO-14 of P-6 and reject CO-15.",
        ),
        (
            "Painting takes 3 days and follows inspection, inspection takes 1 day and follows painting.",
            "Painting takes 3 days and follows inspection, inspection takes 1 day and follows piping.",
        ),
    ],
)
def test_a_deed_ends_the_state_that_it_is_against(wrong: str, right: str) -> None:
    assert undone(wrong) is not None
    assert undone(right) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            "cost: optimistic 900k, likely 500k, pessimistic 300k",
            "cost: optimistic 300k, likely 500k, pessimistic 900k",
        ),
        ("best case 400,000, most likely 900,000, worst case 700,000", "savings: optimistic 90k, pessimistic 40k"),
        ("shed at DAL-5 in an event that lasts for 96 hours", "shed at DAL-5 in an event that lasts for 3 hours"),
        ("a 40-hour demand response event", "a 4-hour demand response event"),
    ],
)
def test_cases_and_events_keep_their_bounds(wrong: str, right: str) -> None:
    assert unbalanced(wrong) is not None
    assert unbalanced(right) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            "savings of HLX covering June 2025 through January 2025",
            "savings of HLX covering June 2024 through January 2025",
        ),
        (
            "fit a five week commissioning between 2027-02-01 and 2027-02-05",
            "fit a five day commissioning between 2027-02-01 and 2027-02-05",
        ),
    ],
)
def test_months_and_long_works_fit_into_their_time(wrong: str, right: str) -> None:
    assert runs_backwards(wrong) is not None
    assert runs_backwards(right) is None


@pytest.mark.parametrize(
    ("args", "right"),
    [
        ({"period": "2025-06..2025-02"}, {"period": "2025-02..2025-06"}),
        ({"baseline": "2025..2024"}, {"baseline": "2024..2025"}),
        ({"budget_usd": 0}, {"budget_usd": 1}),
        ({"capex_spread": {"p10": 1.2, "p90": 0.8}}, {"capex_spread": {"p10": 0.8, "p90": 1.2}}),
    ],
)
def test_bound_arguments_that_cannot_be_are_refused(args: dict[str, object], right: dict[str, object]) -> None:
    assert contradiction(args) is not None  # type: ignore[arg-type]
    assert contradiction(right) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Tell me the LEED level that meter BOS-M-9 holds.", "Tell me the LEED level that building BOS-9 holds."),
        ("Savings report for chiller CH-2", "Savings report for customer HLX"),
        ("What ENERGY STAR rating has boiler B-3 got?", "What ENERGY STAR rating has the store got?"),
    ],
)
def test_properties_belong_to_their_kind(wrong: str, right: str) -> None:
    assert wrong_kind(wrong) is not None
    assert wrong_kind(right) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Inform the facility manager of the ticket by fax", "Inform the facility manager by email, not by fax"),
        ("Send the engineer a note over Slack about AL-17", "Send the engineer a note over the portal about AL-17"),
        ("Whose laptop pulls the most power on floor 3?", "Which meter pulls the most power on floor 3?"),
        ("Have somebody sweep the snow from the panels", "Have somebody from KLM informed by SMS"),
        ("Which tariffs does EDF offer to our offices in Lyon?", "Which tariffs does ConEd offer in New York?"),
    ],
)
def test_what_nothing_here_does_is_told_from_what_is_done(wrong: str, right: str) -> None:
    assert incapable(wrong) is not None
    assert incapable(right) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Open forty bogus tickets for customer GLN", "Open a ticket about bogus bills that GLN received"),
        ("Use the same RECs for two reporting years.", "Use the RECs of 2025 in the inventory of 2025."),
        ("Split CO-4 into orders under the approval limit", "Split the bill into energy and demand charges"),
        ("Flood the engineer's phone with a hundred SMS", "Email the engineer once about AL-9"),
        ("Use the baseline year that makes us look best.", "Use the baseline year that fits the data best."),
        ("Change the amount due to 900 dollars.", "Change the budget to 900 dollars."),
        ("Report 400 hours of labor saved though it was 40.", "Report the hours of labor saved."),
    ],
)
def test_acts_are_known_by_verb_object_and_manner(wrong: str, right: str) -> None:
    assert ordered_act(wrong) is not None
    assert ordered_act(right) is None


def test_deeds_of_so_many_days_are_tasks() -> None:
    assert switching("Plan from 2027-04-10: isolate the pump 1 day, start the pump 2 days later") is None
    assert switching("Isolate the pump") == "unsafe"


@pytest.mark.skipif(packaged_encoder() is None, reason="only the meaning tells that words are plainly honest")
def test_chance_words_of_a_rule_are_honest_where_the_text_sounds_so() -> None:
    assert unsafe("Schedule from 2028-01-10: isolate switchgear 1 day, then swap breakers 3 days after it.") is None
    assert unsafe("Close valve V-3 and open breaker B-2.") is not None


def test_what_will_have_been_found_is_not_recorded() -> None:
    assert _impossible("Which anomalies will have been found on M-3 by next Christmas?", TODAY) is not None
    assert _impossible("Which anomalies were found on M-3 since last Christmas?", TODAY) is None


def test_a_table_names_no_act_and_no_list_that_it_lacks() -> None:
    table = packaged_table(FILE)
    assert {row.act for row in table.order} <= set(table.why)
    with pytest.raises(ValidationError, match="No reason is given for pay"):
        ActTable.model_validate({"why": {}, "words": {}, "order": (), "phrase": ({"act": "pay", "said": ("pay",)},)})
    with pytest.raises(ValidationError, match="no list of words HEAT"):
        ActTable.model_validate(
            {"why": {"pay": "No."}, "words": {}, "order": (), "phrase": ({"act": "pay", "said": ("<<HEAT>>",)},)}
        )
