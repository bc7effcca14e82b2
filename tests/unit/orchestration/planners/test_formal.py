"""Letters as requests: wishes that nobody has become orders, and what is quoted, counted or denied stays."""
# ruff: noqa: E501 -- letters

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.clauses.formal import plainly
from redaptive.orchestration.intelligent.planners.clauses.one_way import in_one_way


@pytest.mark.parametrize(
    ("letter", "plain"),
    [
        ("Bill DOC-1 is to be read and subsequently audited.", "read Bill DOC-1 and then audit it."),
        (
            "It is requested that ticket TIC-5 be assigned to Ann Lee and that its priority be established thereafter.",
            "assign ticket TIC-5 to Ann Lee and then determine its priority.",
        ),
        (
            "Should the error exceed USD 2,500, a ticket is to be opened; otherwise it will suffice for a@b.example to be informed.",
            "Should the error exceed $2,500, open a ticket; otherwise inform a@b.example.",
        ),
        (
            "An examination of meter M-4 for anomalies is requested, whereupon an alert is to be raised.",
            "find anomalies in meter M-4; then raise an alert.",
        ),
        ("A recommendation is sought as to the load to be committed.", "recommend the load to be committed."),
        (
            "It would be appreciated if an assessment could be provided of whether meter M-4 is silent.",
            "check whether meter M-4 is silent.",
        ),
        (
            "The readings of meter M-4 were lost. The missing values are to be estimated and written into the store.",
            "The readings of meter M-4 were lost. estimate the missing values and apply the estimates into the store.",
        ),
        (
            "The extraction of DOC-1 is required, and so is its audit.",
            "extract DOC-1; give its audit.",
        ),
        ("The invoice having been read, it is to be audited.", "read The invoice; then audit it."),
        (
            "Building B-1 has to be judged: its use is to be determined.",
            "Building B-1 has to be judged: determine its use.",
        ),
        (
            "Alert ALR-1 is caused by works, which will end in spring. It is to be snoozed.",
            "Alert ALR-1 is caused by works. That will end in spring. snooze it.",
        ),
        (
            "Where the load factor of meter M-4, which has yet to be determined, is below 0.4, a ticket is to be opened.",
            "determine the load factor of meter M-4; where it is below 0.4, open a ticket.",
        ),
        (
            "Kindly arrange for its extraction and for a subsequent audit of the same.",
            "extract it and then audit it.",
        ),
        (
            "Its classification is to be carried out, and the sender, a@b.example, to be informed.",
            "classify it and inform the sender a@b.example.",
        ),
        ("The gaps are to be estimated; they are not to be written.", "estimate the gaps; but do not write them."),
        ("The order of the steps is of interest to the client.", "get the order of the steps."),
    ],
)
def test_wishes_become_orders(letter: str, plain: str) -> None:
    assert plainly(letter) == plain


def test_a_list_of_deeds_is_steps_and_a_list_of_terms_is_one_order() -> None:
    deeds = "May I ask for the following to be carried out in the order stated: i) parsing of the file; ii) determination of the load."
    terms = "I should be obliged if a contract could be structured on the following terms:\n1. a capital cost of USD 5,000;\n2. a term of 12 years."
    assert plainly(deeds) == "parse the file. Then determine the load."
    assert (
        plainly(terms) == "structure a contract on the following terms, a capital cost of $5,000, a term of 12 years."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Audit the bill DOC-1 and mail the result to kim@x.example.",
        "The load which ought to be committed is told by the operator.",
        "Which of those faults should be repaired first?",
        "The bill should be read and the result mailed to Kim.",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert plainly(text) == text


def test_what_is_quoted_stays() -> None:
    text = 'A ticket with the subject "The roof is to be sealed, USD 5" is to be opened.'
    assert in_one_way(text) == 'open a ticket with the subject "The roof is to be sealed, USD 5".'


def test_what_was_named_once_is_named_again() -> None:
    text = "Support is to be sought on 15 January 2027. The incentives in force on that day are to be listed."
    assert in_one_way(text).endswith("list the incentives in force on 2027-01-15.")
    filed = "The Green Button file was filed as DOC-7. It is to be parsed."
    assert in_one_way(filed).endswith("parse the Green Button file DOC-7.")


def test_moments_are_written_in_one_way() -> None:
    text = "The prices from 3 March 2026, 00:00 UTC, to 5 March 2026, 06:00 UTC, are to be retrieved."
    assert in_one_way(text) == "retrieve the prices from 2026-03-03T00:00Z to 2026-03-05T06:00Z."


def test_who_must_not_be_asked_is_still_read() -> None:
    text = "No approval is to be sought, and the records are to be deleted."
    assert "No approval" in in_one_way(text)
    assert "delete" in in_one_way(text)
