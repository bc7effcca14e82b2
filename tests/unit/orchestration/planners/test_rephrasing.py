"""Other ways to say order, conditions and corrections are put into the usual ones."""

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.clauses.rephrasing import rephrased


@pytest.mark.parametrize(
    ("said", "usual"),
    [
        ("Start with a check of M-1, continue with its load shape.", "a check of M-1, then its load shape."),
        ("Open a ticket for ABC... no, for XYZ", "Open a ticket for XYZ"),
        ("Does it expire soon? Then open a ticket.", "Does it expire soon? If so, open a ticket."),
        ("Over 15 percent and I want a mail.", "if it is Over 15 percent, I want a mail."),
        ("a significant decline means open a ticket", "if a significant decline, open a ticket"),
        ("Read bill DOC-1, but classify it beforehand.", "Read bill DOC-1, but first classify it."),
        ("Read DOC-1; days left fewer than 30 -> email Kim", "Read DOC-1; if days left fewer than 30, email Kim"),
    ],
)
def test_the_usual_words(said: str, usual: str) -> None:
    assert rephrased(said) == usual


@pytest.mark.parametrize(
    "text", ["Audit DOC-1, no rush", "Check AHU-1, no faults expected, and tell me", "What does a high EUI mean?"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert rephrased(text) == text


def test_in_that_order_makes_every_and_a_then() -> None:
    assert [part.relation for part in split("Audit DOC-1, compare tariffs and notify Kim, in that order")] == [
        "first",
        "then",
        "then",
    ]
