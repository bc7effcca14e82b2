"""Which clauses of a request are steps of their own: clauses that say too little join the one before."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.planners.clauses import Clause, split
from redaptive.orchestration.intelligent.planners.composing import Part
from redaptive.orchestration.intelligent.planners.ids import find_codes
from redaptive.orchestration.intelligent.planners.reading import Reading

SURE: Final = 0.5
MARGIN: Final = 0.2
SURE_OF_SOFT: Final = 0.85
MOST_SOFT: Final = 6
LEAST_OF_WHOLE: Final = 0.02
LEAST_WORDS: Final = 2
SURE_OF_CONDITION: Final = 0.6
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
    ("customer-experience.notify", r".*\b(?:by|via|per|through)\s+(?:text|sms|e-?mail|webhook|portal|the\s+portal|text\s+message)\b"),
    ("customer-experience.notify", r"(?:tell|warn|alert)\s+(?:the|our|my)\s+(?:[\w-]+\s+){0,3}(?:managers?|engineers?|customers?|cfo|ceo|team|owner|controller|technicians?|landlord|tenants?)\b"),
    ("customer-experience.notify", r"(?:text|sms|e-?mail|message|notify|inform|ping|remind)\s+(?!.*\btickets?\b)\w+|let\s+.+\s+know\b|send\s+(?:an?\s+)?(?:sms|e-?mail|text|message|note)\b"),
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
class Parts:
    """The parts in their order; `unclear` is a clause under a condition of which nobody knows what it asks for."""

    parts: tuple[Part, ...] = ()
    unclear: Clause | None = None


@dataclass(frozen=True)
class _Guessed:
    clause: Clause
    tool: str | None


def parts_of(
    text: str, classify: Classify, read: Read, models: Mapping[str, ToolModel], whole: IntentResult | None = None
) -> Parts:
    """The parts of a request, each with its tool; one part, or none, when it is a single wish.

    `whole` is what the request is as a whole: where that is sure, a question behind an "and" asks for more of the same.
    """
    clauses = _with_conditions(split(text), classify, models)
    if len(clauses) < 2 or sum(clause.soft for clause in clauses) > MOST_SOFT:
        clauses = _hardened(clauses)
    if len(clauses) < 2:
        return Parts()
    guessed: list[_Guessed] = []
    for clause in clauses:
        before = guessed[-1].clause.text if guessed else ""
        guessed.append(_Guessed(clause, _tool(clause, before, classify, models)))
    if whole is not None:
        also = {guess.intent for guess in whole.top3 if guess.score >= LEAST_OF_WHOLE}
        guessed = [replace(g, tool=None) if g.clause.soft and not _own(g, also) else g for g in guessed]
    if whole is not None and whole.score >= SURE_OF_WHOLE and whole.intent in {each.tool for each in guessed}:
        guessed = [replace(each, tool=None) if _asks_more(each, whole.intent) else each for each in guessed]
    unclear = next((g.clause for g in guessed if g.tool is None and (g.clause.condition or g.clause.otherwise)), None)
    merged = [each for each in _merged(guessed) if each.tool]
    return Parts(tuple(Part(g.clause, models[g.tool or ""], read(g.clause.text)) for g in merged), unclear)


def _hardened(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses with soft ones joined to the one before: a long list is no list of tasks."""
    found: list[Clause] = []
    for clause in clauses:
        if clause.soft and found:
            found[-1] = replace(found[-1], text=f"{found[-1].text}{clause.lead or ', '}{clause.text}")
        else:
            found.append(clause)
    return found


def certain(text: str) -> str | None:
    """The tool that the beginning of a text names without doubt; None when it names none."""
    return next((name for name, words in CERTAIN if re.match(words, text, re.IGNORECASE)), None)


def explicit(parts: Sequence[Part]) -> bool:
    """Whether the request spells its steps out, with conditions or with an order or independence for each."""
    behind = [part.clause for part in parts[1:]]
    if len(parts) > 1 and all(certain(part.clause.text) for part in parts):
        return True
    conditional = any(clause.condition or clause.otherwise for clause in behind)
    return conditional or all(clause.relation in ("then", "parallel") for clause in behind)


def _own(guessed: _Guessed, also: Set[str]) -> bool:
    """Whether a soft clause is a wish of its own: the request as a whole sounds of it too, and it has words enough."""
    words = [word for word in guessed.clause.text.split() if not any(map(str.isdigit, word))]
    return guessed.tool in also and len(words) >= LEAST_WORDS


def _asks_more(guessed: _Guessed, intent: str) -> bool:
    """Whether a clause of another tool only asks on: begins as a question or without a verb, and names no code."""
    clause = guessed.clause
    stands_alone = clause.relation in ("then", "parallel") or bool(clause.condition) or clause.otherwise or clause.soft
    if stands_alone or guessed.tool in (None, intent):
        return False
    return not _ORDERS.match(clause.text) and not any(map(str.isdigit, clause.text))


def _with_conditions(clauses: Sequence[Clause], classify: Classify, models: Mapping[str, ToolModel]) -> list[Clause]:
    """Conditions that are work themselves ("if the audit of DOC-1 finds errors") come before as clauses of their own."""
    found: list[Clause] = []
    known: set[str] = set()
    for clause in clauses:
        tool = _work_of(clause.condition, classify, models) if clause.condition else None
        own = clause.relation == "first" or bool(_names_more(clause.condition, found))
        if tool is not None and tool not in known and own:
            found += [Clause(clause.condition, clause.relation), replace(clause, relation="and")]
        else:
            found.append(clause)
        known |= {name for name in (tool, _tool(clause, "", classify, models)) if name}
    return found


def _names_more(condition: str, before: Sequence[Clause]) -> set[str]:
    """Codes of a condition that no clause before it names."""
    known = {code.code for clause in before for code in find_codes(f"{clause.text} {clause.condition}")}
    return {code.code for code in find_codes(condition)} - known


def _work_of(condition: str, classify: Classify, models: Mapping[str, ToolModel]) -> str | None:
    """The tool whose outcome a condition speaks of; None when it is about what came before."""
    found = _without_workflow(classify(condition))
    return found.intent if found.intent in models and found.score >= SURE_OF_CONDITION else None


def _tool(clause: Clause, before: str, classify: Classify, models: Mapping[str, ToolModel]) -> str | None:
    """The tool of a clause: by its words, else by them with its condition, else with the clause before."""
    named = certain(clause.text)
    if named in models:
        return named
    found = _without_workflow(classify(clause.text))
    bound = clause.relation in ("then", "parallel") or bool(clause.condition) or clause.otherwise
    sure, margin = (SURE_IN_ORDER, 0.0) if bound else (SURE_OF_SOFT if clause.soft else SURE, MARGIN)
    if found.intent in models and found.score >= sure and found.margin >= margin:
        return found.intent
    if not bound:
        return None
    for text in (f"{clause.text}, {clause.condition}", f"{before}, {clause.text}"):
        wider = _without_workflow(classify(text))
        if wider.intent in models and wider.score >= SURE and text.strip(", ") != clause.text:
            return wider.intent
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
                found[-1] = _joined(found[-1], each.clause)
            else:
                waiting = f"{waiting} {each.clause.text}".strip()
            continue
        current = replace(each, clause=replace(each.clause, text=f"{waiting}, {each.clause.text}")) if waiting else each
        waiting = ""
        if found and found[-1].tool == current.tool and not _another(found[-1].clause, current.clause):
            found[-1] = _joined(found[-1], current.clause)
        else:
            found.append(current)
    return found


def _joined(guessed: _Guessed, more: Clause) -> _Guessed:
    """One clause out of two, with what stood between them."""
    text = f"{guessed.clause.text}{more.lead or ', '}{more.text}"
    return replace(guessed, clause=replace(guessed.clause, text=text))


def _another(first: Clause, second: Clause) -> bool:
    """Whether the second is a call of its own: with a condition, in an order, or about other codes."""
    if second.condition or second.otherwise or second.relation in ("then", "parallel"):
        return True
    codes = [{code.code for code in find_codes(each.text)} for each in (first, second)]
    return not second.soft and bool(codes[0]) and bool(codes[1]) and codes[0] != codes[1]
