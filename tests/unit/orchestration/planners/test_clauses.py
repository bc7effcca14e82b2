"""Discourse: order, independence, conditions and asides in sentences, and what is no part at all."""

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.clauses.additions import settled
from redaptive.orchestration.intelligent.planners.clauses.antecedents import spelled_out
from redaptive.orchestration.intelligent.planners.clauses.clauses import split
from redaptive.orchestration.intelligent.planners.clauses.verbs import active, imperative


def _said(text: str) -> list[tuple[str, str, str]]:
    return [(part.relation, part.text, part.condition) for part in settled(split(text))]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Text the manager after running the rules on AHU-3",
         [("first", "run the rules on AHU-3", ""), ("then", "Text the manager", "")]),
        ("Do not text anybody until the audit of DOC-3 has been run",
         [("first", "run the audit of DOC-3", ""), ("then", "text anybody", "")]),
        ("Validate M-3 before you forecast it",
         [("first", "Validate M-3", ""), ("then", "forecast it", "")]),
        ("Audit DOC-3, but first classify it",
         [("first", "classify it", ""), ("then", "Audit DOC-3", "")]),
        ("While you forecast M-2, get the prices at SP15",
         [("first", "forecast M-2", ""), ("parallel", "get the prices at SP15", "")]),
        ("After the audit of DOC-3 open a ticket",
         [("first", "the audit of DOC-3", ""), ("then", "open a ticket", "")]),
        ("When that is done, notify Kim", [("first", "notify Kim", "")]),
    ],
)  # fmt: skip
def test_order_however_it_is_told(text: str, parts: list[tuple[str, str, str]]) -> None:
    assert _said(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Run the rules on AHU-1; if there are faults, price them and open a ticket",
         [("Run the rules on AHU-1", ""), ("price them", "there are faults"), ("open a ticket", "there are faults")]),
        ("Forecast M-1 and text the operator if it tops 500 kW, then close ticket T-1",
         [("Forecast M-1", ""), ("text the operator", "it tops 500 kW"), ("close ticket T-1", "")]),
        ("Should the risk be high, call Kim", [("call Kim", "the risk be high")]),
        ("Only if CH-1 gets worse do I want a ticket", [("do I want a ticket", "CH-1 gets worse")]),
        ("Look for measures at B-1 - nothing found? Then benchmark it",
         [("Look for measures at B-1", ""), ("benchmark it", "nothing found")]),
        ("Check M-1. Is it late? In that case text Kim",
         [("Check M-1", ""), ("Is it late", ""), ("text Kim", "Is it late")]),
        ("See if DOC-1 is a bill; if so, extract it",
         [("See if DOC-1 is a bill", ""), ("extract it", "DOC-1 is a bill")]),
        ("Tell me whether M-1 is late", [("Tell me whether M-1 is late", "")]),
        ("Compare rates of M-1. A saving of $15,000 a year or more: text Kim. Anything less: close ticket T-1",
         [("Compare rates of M-1", ""), ("text Kim", "A saving of $15,000 a year or more"), ("close ticket T-1", "")]),
        ("Forecast M-1: above 80 kW -> text Kim", [("Forecast M-1", ""), ("text Kim", "it is above 80 kW")]),
    ],
)  # fmt: skip
def test_conditions_however_they_are_told(text: str, parts: list[tuple[str, str]]) -> None:
    assert [(text_, condition) for _, text_, condition in _said(text)] == parts


def test_alternatives_of_doing_nothing_leave_their_condition() -> None:
    parts = settled(split("Unless it's a bill, leave it; otherwise audit it"))
    assert [(part.text, part.condition, part.negated) for part in parts] == [("audit it", "it's a bill", False)]
    parts = settled(split("If it is below 12 %, forget it; if it is above, simulate the risk"))
    assert [(part.text, part.condition, part.negated) for part in parts] == [
        ("simulate the risk", "it is below 12 %", True)
    ]


def test_a_wish_to_be_asked_first_is_no_step_but_a_gate() -> None:
    parts = settled(split("Audit DOC-1 and email the CFO, but ask me first"))
    assert [(part.text, part.gated) for part in parts] == [("Audit DOC-1", True), ("email the CFO", True)]


def test_figures_and_news_belong_to_what_is_asked() -> None:
    text = "Our auditor was here. What is the NPV: 350k capex, life 15, discount rate of 8 %?"
    assert [part.text for part in settled(split(text))] == [
        "What is the NPV: 350k capex, life 15, discount rate of 8 %"
    ]


def test_commas_in_brackets_separate_nothing() -> None:
    text = "Before the contract is drawn up (300k capex, 70k saved a year), simulate the risk"
    assert [part.text for part in split(text)] == [
        "simulate the risk",
        "draw up (300k capex, 70k saved a year) the contract",
    ]


def test_parts_that_are_said_to_be_independent() -> None:
    text = "Audit DOC-1. Then benchmark our stores. The order does not matter."
    assert [part.relation for part in split(text)] == ["first", "parallel"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The bill DOC-5 should be read, audited and the result mailed to Kim",
         "read The bill DOC-5, audit it and mail the result to Kim"),
        ("I want AHU-3 checked for faults", "check AHU-3 for faults"),
        ("What should be checked first", "What should be checked first"),
    ],
)  # fmt: skip
def test_passive_wishes_are_commands(text: str, said: str) -> None:
    assert active(text) == said


def test_verbs_and_pronouns() -> None:
    assert imperative("comparing rates for M-1") == "compare rates for M-1"
    assert imperative("building B-1") == "building B-1"
    assert spelled_out("audit it", ["read the electric bill DOC-733"]) == "audit electric bill DOC-733"
    assert spelled_out("audit it", ["hello"]) == "audit it"


def test_quotes_and_brackets_are_not_split() -> None:
    text = "Open a ticket with subject 'late, and then worse' (cost 5k, life 3 years), then text Kim"
    assert [text_ for _, text_, _ in _said(text)] == [
        "Open a ticket with subject 'late, and then worse' (cost 5k, life 3 years)",
        "text Kim",
    ]
