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
SURE_OF_WHOLE: Final = 0.9
_ORDERS: Final = re.compile(
    r"(?:please\s+)?(?:add|alert|analy[sz]e|assign|audit|benchmark|build|calculate|check|choose|classify|close|compare|compute|"
    r"create|design|detect|diagnose|draft|email|estimate|evaluate|extract|file|find|flag|forecast|generate|get|give|identify|"
    r"inform|list|log|make|message|notify|open|plan|predict|prepare|price|project|pull|quantify|raise|rank|read|recommend|"
    r"run|schedule|screen|select|send|show|simulate|size|tell|text|track|validate|verify|work\s+out|write)\b",
    re.IGNORECASE,
)
LEAST_BEHIND_WORKFLOW: Final = 0.04
CERTAIN: Final = (
    ("customer-experience.notify", r"(?:text|sms|e-?mail|message|notify|inform|ping|remind)\s+(?!.*\\btickets?\\b)\w+|let\s+.+\s+know\b|send\s+(?:an?\s+)?(?:sms|e-?mail|text|message|note)\b"),
    ("energy-monitoring.raise_or_acknowledge_alert", r"(?:raise|open|create|trigger|acknowledge|resolve|snooze)\s+(?:an?\s+|the\s+|that\s+)?(?:new\s+)?(?:alert|alarm)s?\b"),
    ("customer-experience.create_or_update_ticket", r"(?:open|create|log|raise|file|close|reopen)\s+(?:an?\s+|the\s+)?(?:new\s+|support\s+|high[\s-]priority\s+)?(?:ticket|work\s+order|case)s?\b"),
    ("document-processing.validate_and_audit_bill", r"audit\s+(?:(?:bill\s+|invoice\s+)?[A-Z]{1,5}-?\d|it|the\s+(?:\w+\s+)?(?:bill|invoice)|that\s+bill|this\s+bill|bill|invoice)\b"),
    ("energy-finance.simulate_risk", r"(?:simulate\b|run\s+a\s+monte\s+carlo|monte\s+carlo)"),
    ("energy-finance.compare_tariffs", r"compare\s+(?:the\s+|all\s+)?(?:tariffs|rates|rate\s+options)\b"),
    ("energy-monitoring.forecast_load", r"forecast\s+(?:the\s+)?(?:\w+\s+)?(?:load|demand|use|usage|consumption|meter)\b"),
    ("energy-monitoring.detect_anomalies", r"(?:detect|find|look\s+for|scan\s+for|check\s+for)\s+(?:\w+\s+)?anomal"),
    ("portfolio-intelligence.find_opportunities", r"find\s+(?:\w+\s+){0,2}(?:opportunities|savings\s+measures)\b"),
    ("equipment-performance.cost_of_fault", r"(?:price|cost)\s+(?:each|every|the|those|that|all)\s+(?:of\s+the\s+)?faults?\b"),
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


def parts_of(
    text: str, classify: Classify, read: Read, models: Mapping[str, ToolModel], whole: IntentResult | None = None
) -> list[Part]:
    """The parts of a request, each with its tool; one part, or none, when it is a single wish.

    `whole` is what the request is as a whole: where that is sure, a question behind an "and" asks for more of the same.
    """
    clauses = [made for clause in split(text) for made in _with_condition(clause)]
    if len(clauses) < 2:
        return []
    guessed = [_Guessed(clause, _tool(clause, classify, models)) for clause in clauses]
    if whole is not None and whole.score >= SURE_OF_WHOLE and whole.intent in {each.tool for each in guessed}:
        guessed = [replace(each, tool=None) if _asks_more(each, whole.intent) else each for each in guessed]
    merged = _merged(guessed)
    return [Part(each.clause, models[each.tool], read(each.clause.text)) for each in merged if each.tool]


def certain(text: str) -> str | None:
    """The tool that the beginning of a text names without doubt; None when it names none."""
    return next((name for name, words in CERTAIN if re.match(words, text, re.IGNORECASE)), None)


def explicit(parts: Sequence[Part]) -> bool:
    """Whether the request spells its steps out, with conditions or with an order or independence for each."""
    behind = [part.clause for part in parts[1:]]
    conditional = any(clause.condition or clause.otherwise for clause in behind)
    return conditional or all(clause.relation in ("then", "parallel") for clause in behind)


def _asks_more(guessed: _Guessed, intent: str) -> bool:
    """Whether a clause of another tool only asks on: begins as a question or without a verb, and names no code."""
    clause = guessed.clause
    stands_alone = clause.relation in ("then", "parallel") or bool(clause.condition) or clause.otherwise
    if stands_alone or guessed.tool in (None, intent):
        return False
    return not _ORDERS.match(clause.text) and not any(map(str.isdigit, clause.text))


def _with_condition(clause: Clause) -> list[Clause]:
    """A condition that is work itself ("if the audit of DOC-1 finds errors") comes before as a clause of its own."""
    if clause.condition and clause.relation == "first":
        return [Clause(clause.condition), replace(clause, relation="and")]
    return [clause]


def _tool(clause: Clause, classify: Classify, models: Mapping[str, ToolModel]) -> str | None:
    named = certain(clause.text)
    if named in models:
        return named
    found = _without_workflow(classify(clause.text))
    plain = clause.relation in ("first", "and") and not clause.condition and not clause.otherwise
    sure = SURE if plain else SURE_IN_ORDER
    if found.intent in models and found.score >= sure and found.margin >= (MARGIN if plain else 0.0):
        return found.intent
    return None


def _without_workflow(found: IntentResult) -> IntentResult:
    """The best tool's guess: a clause is one step, whatever workflow its words are part of."""
    guesses = tuple(guess for guess in found.top3 if not guess.intent.startswith("workflow."))
    if len(guesses) == len(found.top3) or not guesses or guesses[0].score < LEAST_BEHIND_WORKFLOW:
        return found
    share = 1 - sum(guess.score for guess in found.top3 if guess not in guesses)
    scaled = tuple(replace(guess, score=guess.score / max(share, guesses[0].score)) for guess in guesses)
    return replace(found, intent=scaled[0].intent, score=scaled[0].score, top3=scaled)


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
