"""Which clauses of a request are steps of their own: clauses that say too little join the one before."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.planners.clauses import Clause, split
from redaptive.orchestration.intelligent.planners.composing import Part
from redaptive.orchestration.intelligent.planners.reading import Reading

SURE: Final = 0.5
MARGIN: Final = 0.2
SURE_IN_ORDER: Final = 0.35
"""Where the words say that a clause is a step ("then", "if"), less certainty is enough."""
CERTAIN: Final = (
    ("customer-experience.notify", r"(?:text|sms|e-?mail|message|notify|inform|ping|remind)\s+(?!.*\\btickets?\\b)\w+|let\s+.+\s+know\b|send\s+(?:an?\s+)?(?:sms|e-?mail|text|message|note)\b"),
    ("energy-monitoring.raise_or_acknowledge_alert", r"(?:raise|open|create|trigger|acknowledge|resolve|snooze)\s+(?:an?\s+|the\s+|that\s+)?(?:new\s+)?(?:alert|alarm)s?\b"),
    ("customer-experience.create_or_update_ticket", r"(?:open|create|log|raise|file|close|reopen)\s+(?:an?\s+|the\s+)?(?:new\s+|support\s+|high[\s-]priority\s+)?(?:ticket|work\s+order|case)s?\b"),
    ("document-processing.validate_and_audit_bill", r"audit\s+(?:it|the\s+(?:\w+\s+)?(?:bill|invoice)|that\s+bill|this\s+bill|bill|invoice)\b"),
    ("document-processing.classify_document", r"classify(?:ing)?\b"),
    ("portfolio-intelligence.benchmark_buildings", r"benchmark(?:ing)?\b"),
    ("equipment-performance.recommend_maintenance", r"recommend\s+maintenance\b"),
    ("project-implementation.commissioning_checklist", r"(?:make|create|draw\s+up|prepare|generate|give\s+me)?\s*(?:an?\s+|the\s+)?commissioning\s+checklist\b"),
)  # fmt: skip
"""Beginnings of a clause that leave no doubt about the tool, where a few words say too little to a classifier."""
Classify = Callable[[str], IntentResult]
Read = Callable[[str], Reading]


@dataclass(frozen=True)
class _Guessed:
    clause: Clause
    tool: str | None


def parts_of(text: str, classify: Classify, read: Read, models: Mapping[str, ToolModel]) -> list[Part]:
    """The parts of a request, each with its tool; one part, or none, when it is a single wish."""
    clauses = [made for clause in split(text) for made in _with_condition(clause)]
    if len(clauses) < 2:
        return []
    merged = _merged([_Guessed(clause, _tool(clause, classify, models)) for clause in clauses])
    return [Part(each.clause, models[each.tool], read(each.clause.text)) for each in merged if each.tool]


def explicit(parts: Sequence[Part]) -> bool:
    """Whether the request spells its steps out, with conditions or with an order or independence for each."""
    behind = [part.clause for part in parts[1:]]
    conditional = any(clause.condition or clause.otherwise for clause in behind)
    return conditional or all(clause.relation in ("then", "parallel") for clause in behind)


def _with_condition(clause: Clause) -> list[Clause]:
    """A condition that is work itself ("if the audit of DOC-1 finds errors") comes before as a clause of its own."""
    if clause.condition and clause.relation == "first":
        return [Clause(clause.condition), replace(clause, relation="and")]
    return [clause]


def _tool(clause: Clause, classify: Classify, models: Mapping[str, ToolModel]) -> str | None:
    certain = next((name for name, words in CERTAIN if re.match(words, clause.text, re.IGNORECASE)), None)
    if certain in models:
        return certain
    found = classify(clause.text)
    plain = clause.relation in ("first", "and") and not clause.condition and not clause.otherwise
    sure = SURE if plain else SURE_IN_ORDER
    if found.intent in models and found.score >= sure and found.margin >= (MARGIN if plain else 0.0):
        return found.intent
    return None


def _merged(guessed: Sequence[_Guessed]) -> list[_Guessed]:
    """A clause without a tool says more about its neighbour; the same tool twice is one step, unless on other codes."""
    found: list[_Guessed] = []
    waiting = ""
    for each in guessed:
        if each.tool is None:
            if found:
                found[-1] = _joined(found[-1], each.clause.text)
            else:
                waiting = f"{waiting} {each.clause.text}".strip()
            continue
        current = replace(each, clause=replace(each.clause, text=f"{waiting}, {each.clause.text}")) if waiting else each
        waiting = ""
        if found and found[-1].tool == current.tool and not _another(found[-1].clause, current.clause):
            found[-1] = _joined(found[-1], current.clause.text)
        else:
            found.append(current)
    return found


def _joined(guessed: _Guessed, text: str) -> _Guessed:
    return replace(guessed, clause=replace(guessed.clause, text=f"{guessed.clause.text}, {text}"))


def _another(first: Clause, second: Clause) -> bool:
    """Whether the second is a call of its own: with a condition, or about other codes."""
    if second.condition or second.otherwise or second.relation in ("then", "parallel"):
        return True
    codes = [
        {word for word in clause.text.split() if any(char.isdigit() for char in word)} for clause in (first, second)
    ]
    return bool(codes[1]) and codes[0] != codes[1]
