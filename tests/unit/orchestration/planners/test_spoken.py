"""Sentences spoken in one breath: conditions without "if", answers to one's own question, order told backwards."""
# ruff: noqa: E501 -- tables of sentences

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.clauses.spoken import spoken


def _told(text: str) -> list[tuple[str, str, bool]]:
    return [(part.text, part.condition, part.otherwise) for part in split(text) if not part.soft]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "how likely is a loss, over 30 percent then draft a contract, otherwise leave it",
            [
                ("how likely is a loss", "", False),
                ("draft a contract", "it is over 30 percent", False),
                ("leave it", "", True),
            ],
        ),
        (
            "are there open alerts, if there are text kim_lee, if there's none then we're fine",
            [("are there open alerts", "", False), ("text kim_lee", "it does", False), ("we're fine", "", True)],
        ),
        (
            "look for faults at AHU-9, has it got some then price them, if not do nothing",
            [("look for faults at AHU-9", "", False), ("price them", "it does", False), ("do nothing", "", True)],
        ),
        (
            "benchmark TOL-01, worse than 30 kBtu then look for measures, better then leave it be",
            [
                ("benchmark TOL-01", "", False),
                ("look for measures", "it is worse than 30 kBtu", False),
                ("leave it be", "", True),
            ],
        ),
        (
            "audit DOC-8, if they took 400 bucks too much open a case for customer ACME, if not then just email kim",
            [
                ("audit DOC-8", "", False),
                ("open a case for customer ACME", "they took 400 bucks too much", False),
                ("just email kim", "", True),
            ],
        ),
    ],
)
def test_a_condition_is_heard_without_a_pause(text: str, parts: list[tuple[str, str, bool]]) -> None:
    assert _told(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("read DOC-14 and when that's in run the anomaly check", ["read DOC-14", "run the anomaly check"]),
        ("price it, and once you know that knock it off the budget", ["price it", "take it off the budget"]),
        ("mail kim, but that's the last thing, first audit DOC-1", ["audit DOC-1", "mail kim"]),
        ("before you text kim you'd better have run the rules on AHU-3", ["run the rules on AHU-3", "text kim"]),
        ("the last step is a text to kim, what comes first is the forecast of M-2", ["the forecast of M-2", "a text to kim"]),
        ("make the report of NLS but do the check of the SLA ahead of it", ["the check of the SLA", "make the report of NLS"]),
    ],
)  # fmt: skip
def test_order_is_heard_however_it_is_told(text: str, parts: list[str]) -> None:
    assert [(part.text, part.relation) for part in split(text)] == [(parts[0], "first"), (parts[1], "then")]


def test_a_condition_that_goes_on_is_no_mere_yes() -> None:
    assert _told("audit DOC-1, if there are open questions, mail kim")[1][1] == "there are open questions"
    assert _told("forecast M-1, if it is above 500 kW, text kim")[1][1] == "it is above 500 kW"


def test_not_knowing_what_a_document_is_asks_for_its_kind() -> None:
    assert _told("no clue what DOC-91 is, have a look, if it's a bill read it")[0] == ("classify DOC-91", "", False)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("have it read and audited", ["read it", "audit it"]),
        ("solar job, costs 280 thousand: what's the return", ["solar job, costs 280 thousand", "what's the return"]),
        ("two things for the store, which meters are silent, and also what is the bill of M-3", ["which meters are silent", "what is the bill of M-3"]),
        ("before the call with the landlord, forecast M-3", ["forecast M-3"]),
        ("what's the bill of M-3, oh and how is CH-2 doing while you're at it", ["what's the bill of M-3", "how is CH-2 doing"]),
        ("DOC-4 and DOC-5 are both certificates, see when they run out", ["see when the certificates DOC-4, DOC-5 expire"]),
        ("the utility sent us a green button file, it's DOC-9, read that", ["the utility sent us read a green button DOC-9"]),
    ],
)  # fmt: skip
def test_what_is_told_around_a_wish_leaves_it_whole(text: str, parts: list[str]) -> None:
    made: list[str] = []
    for part in split(text):
        made = [*made[:-1], f"{made[-1]}, {part.text}"] if part.soft and made else [*made, part.text]
    assert made == parts


def test_having_a_result_is_a_time_and_no_condition() -> None:
    assert spoken("Forecast M-1. When you have that, audit DOC-1.") == "Forecast M-1. Then audit DOC-1."
