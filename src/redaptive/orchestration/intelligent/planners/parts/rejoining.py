"""Orders that were cut between their object and the rest: "put the capex and the savings into a cash flow"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.additions import with_more
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.clauses.verbs import commands, leaves_out
from redaptive.orchestration.intelligent.planners.parts.labels import Classify, Models, label, ranked
from redaptive.orchestration.intelligent.planners.parts.tales import lost

SURE_AS_ONE: Final = 0.8
UNDERSTOOD: Final = 0.35
"""So likely a guess must be that an order counts as understood."""


def rejoined(clauses: Sequence[Clause], classify: Classify, models: Models) -> list[Clause]:
    """The clauses, an order that alone means no tool for sure as one with the phrases behind it that make it sure."""
    found: list[Clause] = []
    at = 0
    while at < len(clauses):
        whole, more = _completed(clauses, at, found, classify, models)
        found.append(whole)
        at += 1 + more
    return found


def _completed(
    clauses: Sequence[Clause], at: int, before: Sequence[Clause], classify: Classify, models: Models
) -> tuple[Clause, int]:
    """The clause with as many phrases behind it as make it sure, and how many those are."""
    clause = clauses[at]
    if not (commands(clause.text) or lost(clause)) or not (phrases := _phrases(clauses[at + 1 :])):
        return clause, 0
    if _understood(clause, before, classify, models):
        return clause, 0
    whole = clause
    for count, phrase in enumerate(phrases, 1):
        whole = replace(with_more(whole, phrase), relation=clause.relation, group=clause.group, core="")
        guesses = ranked(whole.text, classify, models)
        if guesses and guesses[0].score >= SURE_AS_ONE:
            return whole, count
    return clause, 0


def _understood(clause: Clause, before: Sequence[Clause], classify: Classify, models: Models) -> bool:
    """Whether an order means a tool by itself or by what stands before it; what only repeats that does not count."""
    alone = ranked(clause.text, classify, models)
    if alone and alone[0].score >= UNDERSTOOD:
        return True
    best = label(clause, [each.text for each in reversed(before)], classify, models).best
    last = ranked(before[-1].text, classify, models) if before else ()
    return best is not None and best.score >= UNDERSTOOD and best.tool not in {guess.tool for guess in last[:1]}


def _phrases(behind: Sequence[Clause]) -> list[Clause]:
    """The phrases without a verb that follow at once."""
    found: list[Clause] = []
    for clause in behind:
        if not clause.soft or clause.ahead or clause.relation != "and" or not leaves_out(clause.text):
            break
        found.append(clause)
    return found
