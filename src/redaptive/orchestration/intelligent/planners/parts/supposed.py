"""Conditions that are work themselves: "if the audit of DOC-1 finds errors" asks for the audit first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.antecedents import named_thing
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain
from redaptive.orchestration.intelligent.planners.parts.alternatives import halves
from redaptive.orchestration.intelligent.planners.parts.labels import Classify, Models, label, ranked
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

SURE_OF_CONDITION: Final = 0.6
SURE_OF_CODED: Final = 0.4
"""A condition that names a code speaks of work on that."""
SURE_OF_TAKER: Final = 0.2
"""... and less is enough where only one of the likely tools takes such a thing."""


def with_conditions(clauses: Sequence[Clause], classify: Classify, models: Models) -> list[Clause]:
    """Conditions that are work themselves ("if the audit of DOC-1 finds errors") as clauses of their own, before."""
    if not any(clause.condition for clause in clauses):
        return list(clauses)
    found: list[Clause] = []
    known: set[str] = set()
    for clause in clauses:
        if several := _of_halves(clause, found, classify, models):
            found += [*several, replace(clause, relation="and")]
            continue
        about = clause.condition if found else ", ".join(filter(None, (_told_before(clause), clause.condition)))
        tool = work_of(about, classify, models) if clause.condition else None
        own = not found or clause.relation == "first" or bool(_names_more(clause.condition, found))
        if tool is not None and tool not in known and own:
            found += _apart(clause)
        else:
            found.append(clause)
        guess = label(clause, (), classify, models).tool
        known |= {name for name in (tool, guess) if name}
    return found


def _of_halves(clause: Clause, before: Sequence[Clause], classify: Classify, models: Models) -> list[Clause]:
    """A clause for each half of a condition that is work of its own: "if it shows anomalies, or if it is silent"."""
    said = halves(clause.condition)
    if len(said) < 2:
        return []
    thing = named_thing([*(each.text for each in before), _told_before(clause), *said])
    spelled = [half if find_codes(half) or thing is None else f"{thing}: {half}" for half in said]
    tools = [work_of(half, classify, models) for half in spelled]
    if None in tools or len(set(tools)) < len(tools):
        return []
    done = {label(each, (), classify, models).tool for each in before}
    return [
        Clause(half, "first" if not (at or before) else "and", asked=True)
        for at, (half, tool) in enumerate(zip(spelled, tools, strict=True))
        if tool not in done
    ]


def _apart(clause: Clause) -> list[Clause]:
    """A clause with a condition that is work itself as two; what was stated before is said of that work."""
    told = _told_before(clause)
    if not told:
        return [Clause(clause.condition, clause.relation, asked=True), replace(clause, relation="and")]
    work = Clause(f"{told}, {clause.condition}", clause.relation, asked=True, core=clause.condition)
    return [work, replace(clause, relation="and", text=clause.core, core="")]


def _told_before(clause: Clause) -> str:
    """What was stated before a clause and added to it."""
    return clause.text[: -len(clause.core)].strip(" ,") if clause.core and clause.text.endswith(clause.core) else ""


def _names_more(condition: str, before: Sequence[Clause]) -> set[str]:
    """Codes of a condition that no clause before it names."""
    known = {code.code for clause in before for code in find_codes(f"{clause.text} {clause.condition}")}
    return {code.code for code in find_codes(condition)} - known


def work_of(condition: str, classify: Classify, models: Models) -> str | None:
    """The tool whose outcome a condition speaks of; None when it is about what came before."""
    if (named := certain(condition)) in models:
        return named
    found = ranked(condition, classify, models)
    kinds = {code.kind for code in find_codes(condition)}
    if not kinds:
        return found[0].tool if found and found[0].score >= SURE_OF_CONDITION else None
    takers = [each for each in found if any(need.entity in kinds for need in models[each.tool].needs)]
    alone = len(takers) == 1 and takers[0].score >= SURE_OF_TAKER
    likely = takers if alone or sum(each.score for each in takers) >= SURE_OF_CODED else found[:1]
    return likely[0].tool if likely and (likely is takers or likely[0].score >= SURE_OF_CODED) else None
