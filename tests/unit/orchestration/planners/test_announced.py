"""Rows that a heading sets apart, steps counted in words, conditions without an "if", clauses with appositions."""

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.clauses.announced import announces
from redaptive.orchestration.intelligent.planners.clauses.clauses import split


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Two jobs that have nothing to do with each other. Audit DOC-1, then text Kim. Forecast M-1.", [0, 0, 1]),
        ("Here are two separate jobs: extract the bill DOC-5 and audit it; forecast meter M-1.", [0, 0, 1]),
        ("Three unrelated matters. Audit DOC-4. Forecast meter M-2. Benchmark B-1.", [0, 1, 2]),
        ("Two errands, not related to one another. First audit DOC-4. Rank portfolio X.", [0, 1]),
    ],
)
def test_a_heading_sets_jobs_apart(text: str, rows: list[int]) -> None:
    assert [clause.branch for clause in split(text)] == rows


def test_only_a_heading_announces() -> None:
    assert announces("Two jobs that have nothing to do with each other.")
    assert not announces("Two meters are silent.")
    assert {part.branch for part in split("Two tasks for today. Audit DOC-4. Then rank portfolio X.")} == {0}


def test_steps_may_be_counted_in_words() -> None:
    parts = split("One, audit DOC-1. Two: open a ticket. Three, text Kim.")
    assert [(part.relation, part.text) for part in parts] == [
        ("first", "audit DOC-1"),
        ("then", "open a ticket"),
        ("then", "text Kim"),
    ]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Poll the meters in B-1. More than 2 silent: sms to kim, template a.", "More than 2 silent"),
        ("Compute it. SPI under 0.95? sms to kim, template behind.", "SPI under 0.95"),
        ("Check the peak of M-1. Peak above 900 kW: text kim, template a.", "Peak above 900 kW"),
        ("Trend CH-2 for 2024, only if significant -> cost the fault", "significant"),
        ("Classify DOC-9; a utility bill goes into the audit.", "it is a utility bill"),
    ],
)
def test_a_condition_needs_no_if(text: str, condition: str) -> None:
    assert [part.condition for part in split(text)] == ["", condition]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Run the rules on CT-2, starting 2025-07-14, but first compute the bill of M-1.",
            ["compute the bill of M-1", "Run the rules on CT-2, starting 2025-07-14"],
        ),
        ("Read DOC-1. When both audits are through, text Kim.", ["Read DOC-1", "text Kim"]),
    ],
)
def test_what_stands_between_commas_stays_in_its_clause(text: str, parts: list[str]) -> None:
    found = split(text)
    assert [part.text for part in found] == parts
    assert [part.relation for part in found] == ["first", "then"]


def test_what_stands_between_commas_waits_with_its_clause() -> None:
    parts = split("Before you compare the tariffs for M-1, as of 2025-07-01, compute its bill.")
    assert [part.text for part in parts] == ["compute its bill", "compare the tariffs for M-1", "as of 2025-07-01"]
    assert parts[2].soft


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Read and audit bills DOC-1 and DOC-2.", ["Read bills DOC-1 and DOC-2", "audit bills DOC-1 and DOC-2"]),
        ("Audit both of these bills: DOC-1 and M-2.", ["Audit bills DOC-1", "M-2"]),
        ("Read, audit and explain bill DOC-6.", ["Read bill DOC-6", "audit bill DOC-6", "explain it"]),
        ("Compute and check the bill of M-1.", ["Compute the bill of M-1", "check the bill of M-1"]),
    ],
)
def test_verbs_share_all_things_that_are_named(text: str, parts: list[str]) -> None:
    assert [part.text for part in split(text)] == parts


def test_what_goes_in_parallel_behind_a_then_waits_for_what_is_before_it() -> None:
    parts = split("Audit DOC-1, then at the same time open a ticket and text Kim.")
    assert [(part.relation, part.group) for part in parts] == [("first", 0), ("then", 1), ("parallel", 1)]
