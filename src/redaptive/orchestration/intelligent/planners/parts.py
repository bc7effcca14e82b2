"""Which clauses of a request are steps of their own: clauses that say too little join their neighbour."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.planners.clauses import Clause, split
from redaptive.orchestration.intelligent.planners.composing import Part
from redaptive.orchestration.intelligent.planners.connectives import ASKED, SO
from redaptive.orchestration.intelligent.planners.ids import find_codes
from redaptive.orchestration.intelligent.planners.labels import (
    SURE,
    Classify,
    Labelled,
    Models,
    Read,
    fitting,
    label,
    ranked,
)
from redaptive.orchestration.intelligent.planners.verbs import ASKING, VERB
from redaptive.orchestration.intelligent.planners.wordings import CONSENT, NOTHING, certain

MARGIN: Final = 0.2
SURE_OF_SOFT: Final = 0.85
MOST_SOFT: Final = 6
LEAST_OF_WHOLE: Final = 0.02
LEAST_WORDS: Final = 2
SURE_OF_CONDITION: Final = 0.6
SURE_OF_CODED: Final = 0.4
"""A condition that names a code speaks of work on that."""
SURE_IN_ORDER: Final = 0.35
"""Where the words say that a clause is a step ("then", "if"), less certainty is enough."""
SURE_OF_WHOLE: Final = 0.9
SURE_ALONE: Final = 0.95
_DEEDS: Final = frozenset({"customer-experience.notify", "customer-experience.create_or_update_ticket"})
"""Tools that two clauses about the same call twice."""
_ORDERS: Final = re.compile(rf"(?:please\s+)?{VERB}", re.IGNORECASE)
_WISHES: Final = re.compile(
    rf"(?:{VERB}|{ASKING})|.*\b(?:i|we|they|he|she|cfo|ceo|board|manager|team|boss)(?:'d|'ll)?\s+(?:also\s+)?(?:need|needs|want|wants|like|would\s+like|require|requires|ask|asks|wonder|must|should|have\s+to)\b"
    r"|.*\b(?:please|can\s+you|could\s+you|should\s+be|must\s+be|needs?\s+to\s+be|has\s+to\s+be|have\s+to\s+be|is\s+to\s+be)\b|.*\?",
    re.IGNORECASE | re.DOTALL,
)
_TELLS: Final = re.compile(
    r"^(?:we|our|i|my|the|there|this|that|it|they|he|she|a|an|some|someone|somebody|everyone|last|yesterday)\b.*\b(?:is|are|was|were|had|have|has|did|got|says?|said|thinks?|complain\w*|keeps?|"
    r"seems?|looks?|feels?|came|went|saw|see|received|replaced|installed|finished|changed|called|told|asked|will|am|been|meets?|starts?|began)\b",
    re.IGNORECASE | re.DOTALL,
)
_FIGURE: Final = re.compile(
    r"(?:we\s+|it\s+|i\s+)?(?:\w+\s+)?(?:return|costs?|load|rate|price|supply|draws?|use|uses|sum|value|size|stress|state|paid|pay|pays|saves?|brings?|earns?|earned|spent|budget(?:ed)?|planned|actual|did|done|have\s+done|invest(?:ed)?)\s+"
    r"(?:of\s+|is\s+|about\s+|around\s+)?\$?\d[\d.,]*\S*(?:\s+\S+){0,4}$",
    re.IGNORECASE,
)
"""A figure with its word: "return 54 F", "paid 480k", "saves 42,000 a year"."""
_MEANING: Final = re.compile(
    r"(?:i\s+mean|meaning|namely|that\s+is|or\s+rather|specifically|to\s+be\s+precise|i\.?e\b)", re.IGNORECASE
)
_ONES: Final = re.compile(r"\b(?:ones|instead)\b", re.IGNORECASE)
_DATED: Final = re.compile(r"\b(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?\b")
_PERIOD_WORD: Final = re.compile(
    r"(?:base(?:line)?|reporting|period|year|from|since|between|until|in|for|install\w*|works?|before|after|post|pre|performance|measured|monitoring)\b",
    re.IGNORECASE,
)
_FILLER: Final = re.compile(
    r"\b(?:the|a|an|of|in|for|at|on|to|by|from|with|and|or|is|was|are|per|year|years|yrs?|month|months|days?|hours?|usd|dollars?|bucks|kwh?|mw|kw|sqft|ft2|about|around|it|its|that|this|over|next|last|"
    r"jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|q[1-4])\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parts:
    """The parts in their order; `unclear` is a clause under a condition of which nobody knows what it asks for.

    `sure` is how likely the least sure part is what it is taken for.
    """

    parts: tuple[Part, ...] = ()
    unclear: Clause | None = None
    sure: float = 0.0


def parts_of(text: str, classify: Classify, read: Read, models: Models, whole: IntentResult | None = None) -> Parts:
    """The parts of a request, each with its tool; one part, or none, when it is a single wish.

    `whole` is what the request is as a whole: where that is sure, a question behind an "and" asks for more of the same.
    """
    clauses = _with_conditions(_effective(split(text)), classify, models)
    if len(clauses) < 2 or sum(clause.soft for clause in clauses) > MOST_SOFT:
        clauses = _hardened(clauses)
    if len(clauses) < 2:
        return Parts()
    labelled = _labelled(clauses, classify, models)
    if whole is not None:
        also = {guess.intent for guess in whole.top3 if guess.score >= LEAST_OF_WHOLE}
        labelled = [g.without() if g.clause.soft and not _own(g, also) else g for g in labelled]
    if whole is not None and whole.score >= SURE_OF_WHOLE and whole.intent in {each.tool for each in labelled}:
        labelled = [each.without() if _asks_more(each, whole.intent) else each for each in labelled]
    labelled = fitting(labelled, read, models)
    unclear = next((g.clause for g in labelled if g.tool is None and (g.clause.condition or g.clause.otherwise)), None)
    merged = [each for each in _merged(labelled) if each.tool]
    parts = tuple(Part(g.clause, models[g.tool or ""], read(g.clause.text)) for g in merged)
    return Parts(parts, unclear, min((g.best.score for g in merged if g.best), default=0.0))


def explicit(parts: Sequence[Part]) -> bool:
    """Whether the request spells its steps out, with conditions or with an order or independence for each."""
    behind = [part.clause for part in parts[1:]]
    if len(parts) > 1 and all(certain(part.clause.text) for part in parts):
        return True
    conditional = any(clause.condition or clause.otherwise for clause in behind)
    return conditional or all(clause.relation in ("then", "parallel") for clause in behind)


def _effective(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses without those that ask for nothing, whose conditions go on to what follows, or only for a say."""
    found: list[Clause] = []
    last: Clause | None = None
    for clause in clauses:
        clause = _pointed(clause, last)
        if CONSENT.match(clause.text):
            found = [replace(each, gated=True) for each in found]
        elif not NOTHING.match(clause.text):
            found.append(clause)
        last = clause
    return found


def _pointed(clause: Clause, last: Clause | None) -> Clause:
    """The clause with its condition in words, where it only points at the clause before: "if so", "otherwise"."""
    if last is None:
        return clause
    if clause.otherwise and NOTHING.match(last.text) and last.condition:
        return replace(clause, otherwise=False, condition=last.condition, negated=not last.negated)
    if SO.match(clause.condition):
        return replace(clause, condition=last.condition or ASKED.sub("", last.text), negated=False)
    return clause


def _hardened(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses with soft ones joined to the one before: a long list is no list of tasks."""
    found: list[Clause] = []
    for clause in clauses:
        if clause.soft and found and not clause.ahead:
            found[-1] = _with_more(found[-1], clause)
        else:
            found.append(clause)
    return found


def _labelled(clauses: Sequence[Clause], classify: Classify, models: Models) -> list[Labelled]:
    """Every clause with the guesses that are sure enough for its place; none for what only specifies or tells."""
    found: list[Labelled] = []
    for at, clause in enumerate(clauses):
        before = [f"{each.clause.text} {each.clause.condition}" for each in found]
        tells = _specifies(clause) or _listed(clause, found) or (_tells(clause) and len(clauses) > at + 1)
        if tells and not clause.asked:
            found.append(Labelled(clause))
            continue
        behind = [each.text for each in reversed(clauses[at + 1 :])]
        made = _as_before(label(clause, (*behind, *before), classify, models), found)
        first = at == 0 and len(clauses) > 1 and not clause.soft
        asked = clause.asked or (first and (bool(clauses[1].condition) or clauses[1].relation == "then"))
        found.append(made if _sure(made, asked=asked) else made.without())
    return found


def _as_before(labelled: Labelled, before: Sequence[Labelled]) -> Labelled:
    """A clause about other "ones" means the tool of the clause before, unless it is sure of itself."""
    earlier = next((each.best for each in reversed(before) if each.best), None)
    sure = labelled.best is not None and labelled.best.score >= SURE_ALONE
    if earlier is None or sure or not _ONES.search(labelled.clause.text):
        return labelled
    return replace(labelled, guesses=(earlier,))


def _sure(labelled: Labelled, *, asked: bool = False) -> bool:
    """Whether the best guess is sure enough for the place of its clause; `asked`: a condition looks at its outcome."""
    clause, best = labelled.clause, labelled.best
    if best is None:
        return False
    bound = clause.relation in ("then", "parallel") or bool(clause.condition) or clause.otherwise
    if (bound or asked) and not clause.soft:
        return best.score >= SURE_IN_ORDER
    return best.score >= (SURE_OF_SOFT if clause.soft else SURE) and best.margin >= MARGIN


def _specifies(clause: Clause) -> bool:
    """Whether a clause only gives a figure, a date or a code: "life 15", "base year 2022", "and DOC-2"."""
    if _FIGURE.match(clause.text) or _MEANING.match(clause.text):
        return True
    if _ORDERS.match(clause.text) or re.match(ASKING, clause.text, re.IGNORECASE) or clause.condition:
        return False
    codes = find_codes(clause.text)
    bare = clause.text
    for code in reversed(codes):
        bare = bare[: code.start] + bare[code.end :]
    words = re.findall(r"[A-Za-z][A-Za-z'-]+", _FILLER.sub(" ", bare))
    if certain(clause.text):
        return False
    figures = any(map(str.isdigit, _DATED.sub(" ", bare)))
    dated = bool(_DATED.search(bare)) and len(words) <= 2 and bool(_PERIOD_WORD.match(bare.strip()))
    return len(words) == 0 or dated or (figures and not codes and len(words) <= 2 and clause.relation != "then")


def _listed(clause: Clause, before: Sequence[Labelled]) -> bool:
    """Whether a clause ends a list of things: it is soft, without a verb, and what stood before was one of them."""
    wish = _ORDERS.match(clause.text) or re.match(ASKING, clause.text, re.IGNORECASE)
    if not clause.soft or wish or not before:
        return False
    last = before[-1].clause
    codes, own = find_codes(last.text), find_codes(clause.text)
    if codes and own and own[0].start == 0 and codes[-1].end == len(last.text):
        return True
    return before[-1].tool is None and last.soft and len(last.text.split()) <= 2 and not last.ahead


def _tells(clause: Clause) -> bool:
    """Whether a clause states what is the case and wishes for nothing."""
    return bool(_TELLS.match(clause.text)) and not _WISHES.match(clause.text) and not clause.condition


def _own(labelled: Labelled, also: Set[str]) -> bool:
    """Whether a soft clause is a wish of its own: it or the request as a whole sounds of it, and it has words enough."""
    words = [word for word in labelled.clause.text.split() if not any(map(str.isdigit, word))]
    alone = labelled.best is not None and labelled.best.score >= SURE_ALONE
    return (labelled.tool in also or alone) and len(words) >= LEAST_WORDS


def _asks_more(labelled: Labelled, intent: str) -> bool:
    """Whether a clause of another tool only asks on: begins as a question or without a verb, and names no code."""
    clause = labelled.clause
    stands_alone = clause.relation in ("then", "parallel") or bool(clause.condition) or clause.otherwise or clause.soft
    sure = labelled.best is not None and labelled.best.score >= SURE_ALONE
    if stands_alone or sure or labelled.tool in (None, intent):
        return False
    return not _ORDERS.match(clause.text) and not any(map(str.isdigit, clause.text))


def _with_conditions(clauses: Sequence[Clause], classify: Classify, models: Models) -> list[Clause]:
    """Conditions that are work themselves ("if the audit of DOC-1 finds errors") come before as clauses of their own."""
    found: list[Clause] = []
    known: set[str] = set()
    for clause in clauses:
        tool = _work_of(clause.condition, classify, models) if clause.condition else None
        own = clause.relation == "first" or bool(_names_more(clause.condition, found))
        if tool is not None and tool not in known and own:
            found += [Clause(clause.condition, clause.relation, asked=True), replace(clause, relation="and")]
        else:
            found.append(clause)
        guess = label(clause, (), classify, models).tool
        known |= {name for name in (tool, guess) if name}
    return found


def _names_more(condition: str, before: Sequence[Clause]) -> set[str]:
    """Codes of a condition that no clause before it names."""
    known = {code.code for clause in before for code in find_codes(f"{clause.text} {clause.condition}")}
    return {code.code for code in find_codes(condition)} - known


def _work_of(condition: str, classify: Classify, models: Models) -> str | None:
    """The tool whose outcome a condition speaks of; None when it is about what came before."""
    found = ranked(condition, classify, models)
    least = SURE_OF_CODED if find_codes(condition) else SURE_OF_CONDITION
    return found[0].tool if found and found[0].score >= least else None


def _merged(labelled: Sequence[Labelled]) -> list[Labelled]:
    """A clause without a tool says more about its neighbour; the same tool twice is one step, unless on other codes."""
    found: list[Labelled] = []
    waiting: Clause | None = None
    for each in labelled:
        if each.tool is None:
            if found and not each.clause.ahead:
                found[-1] = _joined(found[-1], each.clause)
            else:
                waiting = _with_more(waiting, each.clause) if waiting else each.clause
            continue
        current = _after(waiting, each) if waiting else each
        waiting = None
        if found and found[-1].tool == current.tool and not _another(found[-1].clause, current.clause):
            found[-1] = _joined(found[-1], current.clause)
        else:
            found.append(current)
    return found


def _after(waiting: Clause, labelled: Labelled) -> Labelled:
    """The clause with what stood before it and belongs to it; a stage that was none of its own is given up."""
    clause = labelled.clause
    text = f"{clause.text} {waiting.lead.strip()} {waiting.text}" if waiting.ahead else f"{waiting.text}, {clause.text}"
    relation = waiting.relation if waiting.ahead else clause.relation
    return replace(labelled, clause=replace(clause, text=text, relation=relation))


def _joined(labelled: Labelled, more: Clause) -> Labelled:
    return replace(labelled, clause=_with_more(labelled.clause, more))


def _with_more(clause: Clause, more: Clause) -> Clause:
    """One clause out of two, with what stood between them."""
    return replace(clause, text=f"{clause.text}{more.lead or ', '}{more.text}")


def _another(first: Clause, second: Clause) -> bool:
    """Whether the second is a call of its own: with a condition, in an order, about other codes, or another deed."""
    if second.condition or second.otherwise or (second.relation in ("then", "parallel") and not second.soft):
        return True
    deeds = certain(first.text), certain(second.text)
    if not second.soft and deeds[1] in _DEEDS and deeds[0] == deeds[1]:
        return True
    codes = [{code.code for code in find_codes(each.text)} for each in (first, second)]
    return not second.soft and bool(codes[0]) and bool(codes[1]) and codes[0] != codes[1]
