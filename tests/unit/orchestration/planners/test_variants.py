"""Lists told in one breath become clauses of their own: one deed twice, verbs on one thing, things by their place."""
# ruff: noqa: E501 -- tables of sentences

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.clauses.rephrasing import rephrased
from redaptive.orchestration.intelligent.planners.clauses.variants import varied
from redaptive.orchestration.intelligent.planners.parts.alternatives import halves


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("Rank X twice, once for NPV and once for carbon.", "Rank X for NPV; in parallel, rank X for carbon."),
        ("Forecast M-1 once over 24 and once over 48 hours.", "Forecast M-1 over 24 hours; in parallel, forecast M-1 over 48 hours."),
        ("Bill DOC-9: read, audit, explain to Kim what is wrong.", "read Bill DOC-9, audit it, explain to Kim what is wrong."),
        ("Bills DOC-1, DOC-2: read both and audit both.", "read Bills DOC-1, DOC-2 and audit both."),
        ("Bills DOC-1 and DOC-2 came in by mail. Audit each one.", "Audit Bills DOC-1 and DOC-2."),
        ("Check AHU-1 and AHU-2. Price them.", "Check AHU-1 and AHU-2. Price them."),
        ("DOC-1 is a bill and DOC-2 a certificate. Audit the first, read the latter.", "Audit the bill DOC-1, read the certificate DOC-2."),
        ("DOC-1 is a bill, DOC-2 an EDI message: read each.", "read the bill DOC-1; in parallel, read the EDI message DOC-2."),
        ("Status of MTR-4 and MTR-5; size solar for the latter.", "Status of MTR-4 and MTR-5; size solar for MTR-5."),
        ("Run AHU-3 and AHU-8; neither waits for the other.", "Run AHU-3 and AHU-8; neither waits for the other."),
        ("The bill of the first of July 2026.", "The bill of the first of July 2026."),
        ("Put DOC-6 through extraction and audit.", "extract DOC-6, audit it."),
        ("Open two tickets for ABC: one titled X, one titled Y.", "open a ticket for ABC titled X; in parallel, open a ticket for ABC titled Y."),
    ],
)  # fmt: skip
def test_lists_are_spelled_out(said: str, spelled: str) -> None:
    assert varied(said) == spelled


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("Rank it, but ask me before you email the list to kim@x.example.", "Rank it. Then email the list to kim@x.example, but ask me first."),
        ("Check M-1: expired -> email Kim.", "Check M-1: if it is expired, email Kim."),
        ("Is it open? No - close it. Yes - leave it.", "Is it open? if not, close it. if so, leave it."),
        ("Forecast M-1. Peak over 900 kW? Text Kim.", "Forecast M-1. if Peak over 900 kW, Text Kim."),
        ("Among B-1 and B-2 benchmark the EUI.", "Among B-1 and B-2, benchmark the EUI."),
        ("See whether P-8 is late; only then text Kim.", "See whether P-8 is late. If so, text Kim."),
        ("List measures, and for whichever comes out worst find savings.", "List measures, and find savings for the worst one."),
    ],
)  # fmt: skip
def test_turns_of_phrase_say_order_and_conditions(said: str, spelled: str) -> None:
    assert rephrased(said) == spelled


def test_a_second_if_is_a_condition_of_its_own() -> None:
    assert halves("it shows anomalies, or if it is silent") == ("it shows anomalies", "it is silent")
    assert halves("it is late or expired") == ("it is late or expired",)


def test_a_long_list_of_codes_is_read_at_once() -> None:
    """It took ten times as long for each code more, as each could be read in several ways: hours at this length."""
    codes = " and ".join(f"DOC-{number}" for number in range(30))
    said = f"bills {codes} came in today and somebody has to look at them"
    assert varied(said) == said
