"""How people amend a request aloud: figures, hours, things that come in or go out."""
# ruff: noqa: E501 -- tables of sentences

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.parts.amendments import amended
from redaptive.orchestration.intelligent.planners.parts.follow_ups import bent_and_more, regrouped

SOLAR = "size solar and battery for M-12, roof is 22,000 square feet"
SHED = "PJM event on 9 December 2026 from 1 to 5 pm, meters M-1 and M-2, what can we shed"


@pytest.mark.parametrize(
    ("text", "request_", "meant"),
    [
        ("hmm 36 hours would be better", "forecast M-2 for 24 hours", "make it 36 hours"),
        ("M-45 I meant, and make it October", "the bill of M-54 for September 2026", "I meant M-45, and make it October"),
        ("wait that should have been Q2", "savings of NLS for Q1 2026", "it should be Q2"),
        ("the landlord says only 15,000 of that is usable so redo it with that", SOLAR, "redo it with 15,000 square feet"),
        ("do M-13 as well, that one has 8,000", SOLAR, "for M-13 with 8,000 square feet"),
        ("it's 2 to 6 pm not 1 to 5", SHED, "make it 2 to 6 pm on 9 December 2026"),
        ("put M-3 in there too, and make that 48 hours", "forecast M-2 for 24 hours", "make that 48 hours, for M-2 and M-3"),
        ("The wrong unit was named; the one at issue is AHU-22.", "rules on AHU-21", "I meant AHU-22."),
        ("An error was made: the cost is $345,000. All else is unchanged. repeat the calculation", SOLAR, "redo it with the cost is $345,000"),
        ("sorry it's TIC-14 not TIC-41", "assign ticket TIC-41 of customer ACME to Maria", "I meant ticket TIC-14"),
        ("could you throw CH-8 in with that", "how fast is chiller CH-7 wearing off", "for CH-7 and CH-8"),
        ("it is above 40 kW", SHED, "it is above 40 kW"),
    ],
)  # fmt: skip
def test_amendments_are_put_as_follow_ups_are_read(text: str, request_: str, meant: str) -> None:
    assert amended(text, request_) == meant


def test_a_first_request_amends_nothing() -> None:
    assert amended("hmm 36 hours would be better", "") == "hmm 36 hours would be better"


def test_what_is_shut_is_left_out_of_the_things_spoken_of() -> None:
    assert regrouped("no wait M-2 is shut that day leave it out", SHED) == "for M-1"


def test_several_changes_and_what_is_told_go_before_further_work() -> None:
    text = (
        "make the savings 41 thousand, they were too rosy, and use 10 percent discount, and also list the open alerts"
    )
    assert bent_and_more(text) == ("make the savings 41 thousand, use 10 percent discount", "list the open alerts")


def test_a_second_wish_is_told_from_a_choice_and_from_an_order_anew() -> None:
    both = bent_and_more("Do it for 72 hours rather than 24, and look as well whether a new peak is coming.")
    assert both is not None
    assert both[1].startswith("look as well")
    assert bent_and_more("make the budget 2 million instead and go for carbon") is None
