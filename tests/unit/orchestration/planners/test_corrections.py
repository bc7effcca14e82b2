"""What somebody takes back while speaking: by kind of thing, by field, by order; and words that correct nothing."""

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.clauses.corrections import corrected


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("open alerts for AKR-03, sorry, AKR-08", "open alerts for AKR-08"),
        ("rebates in Michigan, no wait, make that Indiana", "rebates in Indiana"),
        ("a roof of 20,000 square feet, I mean 25,000", "a roof of 25,000 square feet"),
        ("saving 30 thousand a year for 10 years, no 12 years", "saving 30 thousand a year for 12 years"),
        ("the bill for March 2026 actually no April", "the bill for April 2026"),
        ("audit DOC-12 scratch that forecast M-5", "forecast M-5"),
        ("text the engineer, no hang on, email kim@x.example", "email kim@x.example"),
        ("subject dead meter, no make the subject silent meter", "subject silent meter"),
        ("resolve alert f00d, sorry not f00d, f11d", "resolve alert f11d"),
        ("prices at the CHICAGO_HUB no sorry the AEP zone", "prices at the AEP zone"),
        ("for gas, sorry I mean electricity, in 2023", "for electricity, in 2023"),
        ("from 2 to 9 November 2026, no sorry to the 8th", "from 2 to 8 November 2026"),
        ("the job was vfds, actually no, leds", "the job was leds"),
        ("zone J, no wait, zone K", "zone K"),
        ("an event from 4 to 7 pm, no from 5 to 8 pm", "an event from 5 to 8 pm"),
        ("CLE-02 and CLE-04, hang on, CLE-02 and CLE-05", "CLE-02 and CLE-05"),
        ("the reports for Q1 2026, uh no, Q2 2026 I meant", "the reports for Q2 2026"),
        ("Show me the alerts. No, sorry, the tickets of ACME.", "Show me the tickets of ACME."),
    ],
)
def test_what_is_said_anew_stands_for_the_last_of_its_kind(said: str, meant: str) -> None:
    assert corrected(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "if it expires text kim, if no, email pat",
        "is it below 40? no, then email kim",
        "read DOC-1, sorry for the rush, and audit it",
        "compare 2023 for M-5, no 2024 data yet",
        "open a ticket, wait for my approval",
        "what did we actually save in 2025",
        "no wait M-102 is shut that day leave it out",
        "make that 48 hours",
        "email kim about it, important, no text message, she hates those",
        "if they overbilled us just, um, leave it out of the answer",
        "the report was wrong. Correction of the unit is excluded",
        "use the ERCOT method, no CAISO or NYISO one",
        "mail kim but um, no email and no message may leave",
        "with template all_quiet; not empty, no SMS",
        "don't forget that February had 29 days, M-8",
        "open a ticket 'silent, no wait, broken'",
    ],
)
def test_other_words_stay(said: str) -> None:
    assert corrected(said) == said


def test_a_thing_without_an_article_is_corrected_where_the_words_surely_do() -> None:
    said = "Are there incentives for heat recovery chillers, sorry, I mean rooftop unit replacement, in Ohio?"
    assert corrected(said) == "Are there incentives for rooftop unit replacement, in Ohio?"
