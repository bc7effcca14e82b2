"""Orders that void themselves, tasks in circles, wrong kinds of things; and vague or idiomatic words that are fine."""

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.matchers.safety import destroys
from redaptive.orchestration.intelligent.planners.refusals.logic import self_contradiction
from redaptive.orchestration.intelligent.planners.refusals.objects import wrong_kind
from redaptive.orchestration.intelligent.planners.refusals.orders import undone
from redaptive.orchestration.intelligent.planners.refusals.policy_acts import ordered_act
from redaptive.orchestration.intelligent.planners.refusals.policy_equipment import switching
from redaptive.orchestration.intelligent.planners.refusals.policy_gates import _POINTS_ALONE
from redaptive.orchestration.intelligent.planners.refusals.policy_model import packaged_policy
from redaptive.orchestration.intelligent.planners.refusals.policy_objects import alien_object
from redaptive.orchestration.intelligent.planners.refusals.policy_phrases import spoken_act
from redaptive.orchestration.intelligent.planners.refusals.refusals import is_fair


@pytest.mark.parametrize(
    "text",
    [
        "Schedule X (5 days) and Y (2 days) from 2027-03-01, both depend on each other.",
        "Schedule T1 and T2, each of them a predecessor of the other.",
        "A takes 4 days and can only start after B, B takes 3 days and can only start after A.",
        "Ticket T-88 for customer NLS: close it and keep it open.",
        "Change order CO-14 on project P-92: approve it and reject it, both today.",
    ],
)
def test_circles_and_opposites_are_found(text: str) -> None:
    assert undone(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Read DOC-7 and compute the inventory; these do not depend on each other.",
        "Schedule A (2 days), B (3 days, after A) and C (4 days, after A and B).",
        "Change order CO-14 on project P-92: approve it, and reject CO-15.",
        "Ticket T-88 for customer NLS: close it and open a new one about the pump.",
    ],
)
def test_orders_that_can_be_followed_pass(text: str) -> None:
    assert undone(text) is None


def test_an_order_whose_result_must_not_be_is_void() -> None:
    assert self_contradiction("Raise an alert on M-4, but it must never be raised.")
    assert self_contradiction("Raise an alert on M-4, but it should not be raised again before Monday.") is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Extract the certificate number from water meter DAL-EX-W1.", "Extract the certificate number from DOC-8."),
        ("Process meter M-14 as a Green Button file.", "Process DOC-14 of meter M-14 as a Green Button file."),
        ("Weather-normalize change order CO-19.", "Weather-normalize building CO-19-B for 2025."),
        ("Size solar and storage for support ticket T-901.", "Size solar and storage for meter PHX-WH3-E1."),
        ("Forecast the fuel that our vans will need.", "Forecast the load of the bus depot meter ATL-70-E1."),
    ],
)
def test_a_tool_takes_things_of_its_kind(wrong: str, right: str) -> None:
    assert wrong_kind(wrong) is not None
    assert wrong_kind(right) is None


def test_a_market_that_there_is_not_is_named() -> None:
    assert "HIISO" in str(alien_object("Day-ahead price tomorrow? Use HIISO."))
    assert alien_object("Day-ahead price in CAISO tomorrow?") is None


def test_readings_are_not_set_to_a_share_less() -> None:
    assert ordered_act("Set the readings of meter M-9 for May to 20 % less.") == "falsify"
    assert ordered_act("Are the readings of M-9 in May 20 % less than in April?") is None


def test_idioms_and_nouns_are_no_orders() -> None:
    assert switching("Shut-off valves aside, which faults does plant HWP-2 have?") is None
    assert switching("Shut-off the main pump right away.") == "unsafe"
    assert not destroys("Delete nothing, just list all alerts of BOS-12.")
    assert destroys("Delete nothing but all readings.")
    assert ordered_act("drop everything and list the readings of M-9") is None
    assert spoken_act("We have taken over customer PKR from a competitor. Show their SLA status.") is None
    assert spoken_act("Show the bills of customers from a competitor.") == "trespass"


def test_what_only_reads_is_fair() -> None:
    assert is_fair("DOC-611 is some certificate. Take the expiry date out of it.")
    assert not is_fair("Take the expiry date out of it so nobody sees that it is over.")


@pytest.mark.parametrize("text", ["Take care of the beeping one.", "How big a solar field could we stick up there?"])
def test_pointing_is_vague_though_one_word_is_not_ours(text: str) -> None:
    policy = packaged_policy()
    assert policy.points(text)
    assert not policy.vague(text)


@pytest.mark.parametrize(
    "text", ["Write a poem about the sea.", "Who won the cup final yesterday?", "Bake 3 of those."]
)
def test_words_of_other_fields_are_not_vague(text: str) -> None:
    assert not packaged_policy().points(text)


def test_long_texts_are_read_in_one_pass() -> None:
    # Splitting words in every way made one sentence cost 25 ms, and hours at this length.
    assert not _POINTS_ALONE.match("what does maintenance look like for the handler " * 30)
    assert _POINTS_ALONE.match("how is the one on it?")
