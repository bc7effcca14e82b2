"""Clauses that add to others: figures and dates of their own, what is told, what asks for nothing, what points back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.quantities import (
    find_money,
    find_percentages,
    find_quantities,
)
from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.clauses.connectives import (
    ADJUNCT,
    ASKED,
    BARE_COMPARISON,
    NOT_SO,
    PREMISE,
    SO,
    SOME,
)
from redaptive.orchestration.intelligent.planners.clauses.verbs import ASKING, VERB, asks, commands, leaves_out
from redaptive.orchestration.intelligent.planners.clauses.wordings import CONSENT, NOTHING, certain
from redaptive.orchestration.intelligent.planners.values.amounts import MONEY, PERCENT, QUANTITIES, Spanned
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.records import lists

_NAMES: Final = (*MONEY.values(), *PERCENT.values(), *(words for _, words in QUANTITIES.values()))
_AMOUNT: Final = re.compile("|".join((*_NAMES, "years?|life|draws?|horizon|zip|window")), re.IGNORECASE)
"""Words that name amounts of any tool."""
_SAME: Final = re.compile(r"(?:the\s+)?same\s+\w+(?:\s+and\s+\w+)?$", re.IGNORECASE)
_THINGS: Final = ("measure", "state", "city", "commodity")
_PLAIN_THING: Final = re.compile(
    r"(?:the\s+|our\s+)?(?:meters?|buildings?|sites?|stores?|units?|equipment|customers?|projects?|portfolios?)\s+(?:\S*\d\S*|(?-i:[A-Z]{2,})[\w-]*)$",
    re.IGNORECASE,
)
_BELOW: Final = re.compile(r"\b(?:below|under|less|lower|shorter|smaller|within|fewer|falls?|drops?)\b", re.IGNORECASE)
_WISHES: Final = re.compile(
    rf"(?:{VERB}|{ASKING})|.*\b(?:i|we|they|he|she|cfo|ceo|board|manager|team|boss)(?:'d|'ll)?\s+(?:also\s+)?(?:need|needs|want|wants|like|would\s+like|require|requires|ask|asks|wonder|must|should|have\s+to)\b"
    r"|.*\b(?:please|can\s+you|could\s+you|should\s+be|must\s+be|needs?\s+to\s+be|has\s+to\s+be|have\s+to\s+be|is\s+to\s+be)\b|.*\?",
    re.IGNORECASE | re.DOTALL,
)
_TELLS: Final = re.compile(
    r"^(?:we|our|i|my|the|there|this|that|it|they|he|she|a|an|some|someone|somebody|everyone|every|nobody|people|last|yesterday)\b.*\b(?:is|are|was|were|had|have|has|did|got|says?|said|thinks?|complain\w*|keeps?|"
    r"seems?|looks?|feels?|came|went|saw|see|received|replaced|installed|finished|changed|called|told|asked|will|am|been|meets?|starts?|began|expects?|assumes?|hopes?|intends?|reckons?|consumes?|saves?"
    r"|(?<!\bthe\s)(?<!\bour\s)(?<!\bits\s)(?<!\ban\s)(?<!\btheir\s)(?<!\ball\s)(?:plans?|averages?|totals?|pays?|uses?|costs?))\b",
    re.IGNORECASE | re.DOTALL,
)
_REPORTS: Final = re.compile(
    rf"^(?!(?:{VERB}|{ASKING})\b)(?:[\w'’&-]+\s+){{1,7}}?(?:gave|sent|forwarded|left|passed(?:\s+on)?|brought|handed|dropped|called|phoned|rang|wrote|mailed|visited|met|came|arrives?|arrived|labelled|promised|bought|hired|moved|retired|signed|stopped\s+by)\b",
    re.IGNORECASE,
)
"""What somebody did: "the landlord's engineer gave me ten minutes"."""
_GAINS: Final = re.compile(
    r"(?:get|gain|save|earn|receive|bring|pay|spend|make)\s+(?:back\s+|in\s+)?(?:about\s+|around\s+)?[$]?\d",
    re.IGNORECASE,
)
"""How a premise goes on: "and get 85,000 back each year"."""
_FRAMING: Final = re.compile(
    r"^(?:(?:so|then|now|please)\s+)*(?:let(?:'s|\s+us)\s+(?:check|see|go|look|prepare|start|begin|(?:be|get)\s+(?:going|started|ready|prepared)|do\s+(?:it|this|that)(?:\s+(?:properly|right))?)|help\s+me(?:\s+(?:out|prepare|get\s+ready|make\s+(?:the|my|a)\s+(?:\w+\s+)?(?:case|point)))?|here\s+(?:goes|we\s+go)|(?:hold\s+off|wait)\b.*\b(?:until|till)\s+(?:that|it|this)(?:'s|\s+is)\s+\w+|bear\s+with\s+me|(?:i(?:'d|\s+would)|we(?:'d|\s+would))\s+rather\s+(?:not\s+)?be\s.+)$",
    re.IGNORECASE,
)
"""Words around a request that ask for nothing."""
_ASSUMES: Final = re.compile(r"(?:take|use|assume|set|treat|count)\b.*\d.*\bas\b", re.IGNORECASE)
"""An order that only says what is what: "take 2024 as the baseline"."""
_ARRIVES: Final = re.compile(
    r"^(?:we|i|they|there|an?|our|the|my)\b.*\b(?:got|received|came\s+in|arrived|was\s+(?:sent|uploaded)|uploaded|landed)\b(?!\s+(?:if|whether))",
    re.IGNORECASE | re.DOTALL,
)
"""A statement that only brings something in: "we received bill DOC-5"."""
_NOMINAL: Final = re.compile(rf"{VERB}\s+(?:is|are|was|were)\b", re.IGNORECASE)
"""A verb that is a noun where it stands: "ingest is done"."""
_BE: Final = r"(?:is|are|was|were|be|been)"
_STATES: Final = re.compile(
    rf"^(?!(?:{VERB}|{ASKING}|for|if|what|which|how)\b(?!\s+{_BE}\b))(?:[^,;:.?!]{{2,80}}?)"
    rf"(?:\s(?:{_BE}|comes?|came|belongs?|contains?|holds?|covers?|arrived|sent|uploaded|(?:has|have)\s+(?:been|come|sent|arrived|uploaded|asked|complained))\s+"
    r"(?:(?:all\s+)?(?:in|from|for|at|on|to|by|the|an?|our|us|me|new|here|stored|saved|filed|kept|due|called|named|an|done|over|complete|finished|ready|fine|okay|closed|settled|down|up|out|late|not)\b|(?-i:[A-Z]{2,})|by\b|\w+ing\b|\S+\s+(?:by|in|from)\b)"
    r"|\s(?:says?|thinks?|claims?|suspects?|believes?|complains?|fears?|looks?|seems?|feels?|worries|promised|expects?)\s)"
    r"|^(?:[^,;:?!]{0,60}\s)?(?:there(?:'s|\s+(?:is|are|will\s+be))|it(?:'s|\s+is)\s+the)\s",
    re.IGNORECASE,
)
"""A statement of a thing: "Xcel's bill for the Denver store is in DOC-7", "customer is CHB"."""
_FIGURE: Final = re.compile(
    r"(?:we\s+|it\s+|i\s+)?(?:\w+\s+)?(?:return|costs?|load|rate|price|supply|draws?|use|uses|sum|value|size|stress|state|paid|pay|pays|saves?|brings?|earns?|earned|spent|budget(?:ed)?|planned|actual|did|done|have\s+done|invest(?:ed)?)\s+"
    r"(?:of\s+|is\s+|about\s+|around\s+)?\$?\d[\d.,]*\S*(?:\s+\S+){0,4}$",
    re.IGNORECASE,
)
"""A figure with its word: "return 54 F", "paid 480k", "saves 42,000 a year"."""
_NAMED: Final = re.compile(
    r"(?:(?:with|using|under|on|by|in|as|at|of|and|its?|the|plus)\s+)*(?:template|subject|note|reason|program(?:me)?|tariff|rate|horizon|term|metric|peer(?:\s+set)?|commodity|basis|market|form|channel|recipient|objective|window|customer\s+class|class|utility|zip(?:\s+code)?)\b\s*(?:[:=]|\bis\b|\bof\b)?\s*(?:'[^']*'|\"[^\"]*\"|\S+)(?:\s+\S{1,12})?$",
    re.IGNORECASE,
)
"""An argument by its own name: "template savings_ready", "program pjm_4_of_5"."""
_TITLED: Final = re.compile(
    r"(?:the\s+)?(?:reason|note|subject|comment|title)\s*[:=]"
    r"|(?:set|cut|raise|lower|limit|keep|cap|reduce|increase)\s+(?:the|our|its)\s+(?:budget|term|life|horizon|window|target|discount\s+rate|escalator|capex)\s+(?:to|at)\s+\$?\d[\d.,]*\s*\S*$",
    re.IGNORECASE,
)
"""Free words by their own name, or a figure that is set: "reason: gateway was offline", "cut the budget to $5,000"."""
_LASTS: Final = re.compile(
    r"(?:it\s+|and\s+)?(?:lives?|lasts?|runs?|holds?|stays?|keeps?)\s+(?:for\s+)?\d[\d.]*\s+years?$", re.IGNORECASE
)
_KEPT: Final = re.compile(
    r"(?:stored|saved|filed|kept|uploaded|attached|called|named|archived|scanned|received|known|dated|sent|booked|registered)\s",
    re.IGNORECASE,
)
"""A participle that tells where something is: "stored as DOC-7"."""
_SPAN: Final = re.compile(
    r"(?:(?:base(?:line)?|reference|report(?:ing|ed)?|pre|post|before|after|install\w*|work\w*|retrofit\w*|construction|performance|measured|monitoring|crews?|started|finished|completed|from|between|since|during|period|and)\b[\w\s':=-]{0,30}?\s)?"
    r"20\d\d(?:-\d\d){0,2}(?:\s*(?:\.\.+|to|until|till|through|-|–|and)\s*20\d\d(?:-\d\d){0,2})?(?:\s+(?:as|is|was)\s+(?:the\s+)?\w+(?:\s+(?:period|year))?)?",
    re.IGNORECASE,
)
"""A span of time with what it is for: "work carried out 2024-08-05 to 2024-11-29"."""
_SUBORDINATE: Final = re.compile(
    r"(?:that|saying|because|since|as\s+(?:we|it|they|he|she)|so\s+that|stating|noting|mentioning|explaining|whose|being)\b",
    re.IGNORECASE,
)
_RELATIVE: Final = re.compile(
    r"(?:who|which|whose)\s+(?:is|are|was|were|has|have|had|wants?|needs?|asks?|asked|says?|said|complain\w*|wonder\w*|came|comes|sent|reported)\s(?!.*\b(?:cheapest|best|worst|most|least|highest|lowest)\b)",
    re.IGNORECASE,
)
"""A clause that says more of what it stands behind."""
_OF_THOSE: Final = re.compile(
    r"^(?:(?P<none>none|no\s?one|not\s+(?:a\s+single\s+)?one|neither)|at\s+least\s+one|one|some|any|a\s+few|several|either)"
    r"(?:\s+of\s+(?:them|those|these|the\s+\w+))?\s+(?:is|are|was|were|do|does|did|has|have|can|will)$",
    re.IGNORECASE,
)
"""A condition that only says how many of what was asked before: "when none is"."""
_MEANING: Final = re.compile(
    r"(?:i\s+mean|meaning|namely|that\s+is|or\s+rather|specifically|to\s+be\s+precise|i\.?e\b)", re.IGNORECASE
)
_DATED: Final = re.compile(r"\b(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?\b|\bq[1-4]\b", re.IGNORECASE)
_PERIOD_WORD: Final = re.compile(
    r"(?:base(?:line)?|reporting|period|year|from|since|between|until|in|for|install\w*|works?|before|after|post|pre|performance|measured|monitoring)\b",
    re.IGNORECASE,
)
_THAT_LIMIT: Final = re.compile(
    r"\b(?P<op>above|below|over|under|beyond|within|short\s+of|exceeds?|(?:more|less|fewer|higher|lower|longer|shorter|greater|better|worse)\s+than|at\s+least|at\s+most)\s+(?:that|this|it|(?:the|our|that|this)\s+(?:target|goal|limit|threshold|promise|level|mark|budget|figure|value|cap|line|number))$",
    re.IGNORECASE,
)
"""A comparison with a figure that was named before."""
_ASKED_FOR: Final = re.compile(
    r"\b(?:tariffs|incentives|rebates|prices|permits|alerts|anomalies|emissions|opportunities|forecasts?)\b",
    re.IGNORECASE,
)
"""Things that only a tool finds: no figure of something else."""
_OPEN: Final = re.compile(r"(?:what|which|how|where|who|why|when)\b", re.IGNORECASE)
"""Questions that no "yes" answers."""
_NO: Final = re.compile(r"\b(?:no|none|nothing|without)\b", re.IGNORECASE)
_ONLY_CODE: Final = re.compile(
    r"(?:(?:on|for|at|in|same|the|all)\s+)*(?:(?:project|meter|building|site|customer|portfolio)\s+(?-i:[A-Z][A-Z0-9]*-[A-Z0-9-]+|[A-Z]{3,5})|measure\s+(?:led|vfd|rtu|rcx|pv|battery|chiller|boiler|envelope))$",
    re.IGNORECASE,
)
"""A thing by its kind and code, whatever else its noun may order: "project P-118"."""
_FILLER: Final = re.compile(
    r"\b(?:the|a|an|of|in|for|at|on|to|by|from|with|without|any|and|or|is|was|are|per|year|years|yrs?|month|months|days?|hours?|usd|dollars?|bucks|kwh?|mw|kw|sqft|ft2|about|around|it|its|that|this|over|next|last|"
    r"jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|q[1-4])\b",
    re.IGNORECASE,
)


def settled(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses that may be steps, with what only adds to them; those that ask for nothing are gone."""
    found: list[Clause] = []
    waiting: Clause | None = None
    effective = _gapped(_effective(clauses))
    told = False
    for at, clause in enumerate(effective):
        alone = len(effective) == 1
        told = (told and clause.soft) or _tells(clause) or _states(clause)
        ordered = clause.relation == "then" and at > 0
        if not alone and _tells(clause) and not ordered and not _says_something(clause):
            continue
        if at + 1 < len(effective) and (
            _arrives(clause) or _states(clause) or _premise(clause) or (not at and _told(clause, effective))
        ):
            waiting = with_more(waiting, clause) if waiting else clause
            continue
        if waiting and PREMISE.match(waiting.text) and _GAINS.match(clause.text):
            waiting = with_more(waiting, clause)
            continue
        if told and not found and _goes_on(clause):
            waiting = with_more(waiting, clause) if waiting else waiting
            continue
        if found and not alone and not ordered and _told(clause, effective[at:]):
            found[-1] = with_more(found[-1], clause)
            continue
        if not alone and (
            specifies(clause, effective[at - 1] if at else None) or (found and _listed(clause, effective[at - 1]))
        ):
            if found and not clause.ahead and not adjoins(clause):
                found[-1] = with_more(found[-1], clause)
            else:
                waiting = with_more(waiting, clause) if waiting else clause
            continue
        found.append(after(waiting, clause) if waiting else clause)
        waiting = None
    return found or list(effective)


def _gapped(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, a bare code behind a "then" with the verb of the clause before: "acknowledge AL-3, then AL-4"."""
    found: list[Clause] = []
    for clause in clauses:
        own = find_codes(clause.text)
        before = find_codes(found[-1].text) if found else []
        bare = len(own) == 1 and clause.text.strip(" .") == clause.text[own[0].start : own[0].end]
        if clause.relation == "then" and bare and len(before) == 1 and before[0].kind == own[0].kind:
            text = f"{found[-1].text[: before[0].start]}{own[0].code}{found[-1].text[before[0].end :]}"
            clause = replace(clause, text=text, soft=False)
        found.append(clause)
    return found


def _told(clause: Clause, onward: Sequence[Clause]) -> bool:
    """Whether a clause only states something, and is not what the next one waits for."""
    waited = len(onward) > 1 and onward[1].relation == "then" and bool(find_codes(clause.text))
    return _tells(clause) and not clause.soft and not waited


def _arrives(clause: Clause) -> bool:
    """Whether a clause only says that something came in."""
    return bool(_ARRIVES.match(clause.text)) and not _orders(clause.core) and not _WISHES.match(clause.text)


def _states(clause: Clause) -> bool:
    """Whether a clause says where something is, whose, or what became of it, and asks for nothing."""
    plain = (
        not _orders(clause.core)
        and not clause.condition
        and not clause.otherwise
        and not clause.asked
        and not clause.soft
    )
    wishes = _WISHES.match(clause.text) and not _NOMINAL.match(clause.text)
    return plain and bool(_STATES.match(clause.text)) and not wishes


def _premise(clause: Clause) -> bool:
    """Whether a clause only gives the figures of what the next ones are about."""
    return not clause.core and not clause.condition and bool(PREMISE.match(clause.text))


def _goes_on(clause: Clause) -> bool:
    """Whether a soft clause has no verb and asks for nothing by itself: "they are DOC-1, both new"."""
    loose = clause.soft and clause.relation == "and" and not clause.condition and not certain(clause.text)
    return loose and leaves_out(clause.text) and not find_codes(clause.text) and not _says_something(clause)


def _orders(text: str) -> bool:
    """Whether a text begins as an order or a question."""
    return commands(text) or asks(text)


def with_more(clause: Clause, more: Clause) -> Clause:
    """One clause out of two, with what stood between them; it remembers what it said alone."""
    text = f"{clause.text}{more.lead or ', '}{more.text}"
    later = more.soft and more.relation == "then" and clause.relation == "and"
    found = replace(clause, text=text, core=clause.core or clause.text)
    return replace(found, relation="then", group=more.group) if later else found


def after(waiting: Clause, clause: Clause) -> Clause:
    """The clause with what stood before it and belongs to it; a stage that was none of its own is given up."""
    text = f"{clause.text} {waiting.lead.strip()} {waiting.text}" if waiting.ahead else f"{waiting.text}, {clause.text}"
    relation = waiting.relation if waiting.ahead else clause.relation
    return replace(clause, text=text, relation=relation, core=clause.core or clause.text)


def _effective(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses without those that ask for nothing, whose conditions go on to what follows, or only for a say."""
    found: list[Clause] = []
    seen: list[Clause] = []
    for clause in clauses:
        clause = _pointed(clause, seen)
        if CONSENT.match(clause.text):
            found = [replace(each, gated=True) for each in found]
        elif not NOTHING.match(clause.text) and not _FRAMING.match(clause.text):
            found.append(clause)
        seen.append(clause)
    return found


def _pointed(clause: Clause, seen: Sequence[Clause]) -> Clause:
    """The clause with its condition in words, where it only points at a clause before: "if so", "otherwise"."""
    if not seen:
        return clause
    last = seen[-1]
    if last.condition and (few := _OF_THOSE.match(clause.condition)):
        same = bool(few["none"]) == bool(_NO.search(last.condition))
        return replace(clause, condition=last.condition, negated=last.negated if same else not last.negated)
    if clause.otherwise and NOTHING.match(last.text) and last.condition:
        return replace(clause, otherwise=False, condition=last.condition, negated=not last.negated)
    if clause.otherwise and not any(each.condition for each in seen) and asks(last.text) and not _OPEN.match(last.text):
        return replace(clause, otherwise=False, condition=last.text, negated=True)
    if (bare := BARE_COMPARISON.match(clause.condition)) and last.condition:
        same = bool(_BELOW.search(bare["op"])) == bool(_BELOW.search(last.condition))
        return replace(clause, condition=last.condition, negated=last.negated if same else not last.negated)
    if _THAT_LIMIT.search(clause.condition) and (limit := _last_figure(seen)):
        return replace(clause, condition=_THAT_LIMIT.sub(rf"\g<op> {limit}", clause.condition))
    if last.condition and NOT_SO.match(clause.condition):
        return replace(clause, condition=last.condition, negated=not last.negated)
    if SO.match(clause.condition):
        there = bool(SOME.search(clause.condition)) and bool(_NO.search(last.condition or last.text))
        return replace(clause, condition=last.condition or ASKED.sub("", last.text), negated=there)
    return clause


def _last_figure(seen: Sequence[Clause]) -> str | None:
    """The last amount, share or quantity that clauses name, as it is written."""
    for text in (clause.text for clause in reversed(seen)):
        found: list[Spanned] = [*find_money(text), *find_percentages(text), *find_quantities(text)]
        if found:
            last = max(found, key=lambda one: one.start)
            return text[last.start : last.end].strip()
    return None


def specifies(clause: Clause, before: Clause | None = None) -> bool:
    """Whether a clause only gives a figure, a date or a code: "life 15", "base year 2022", "and DOC-2".

    A condition that the clause `before` has too says nothing against it.
    """
    if clause.asked:
        return False
    if (
        _ONLY_CODE.match(clause.text)
        or _TITLED.match(clause.text)
        or _NAMED.match(clause.text)
        or _LASTS.match(clause.text)
        or _RELATIVE.match(clause.text)
    ):
        return True
    if clause.soft and (_KEPT.match(clause.text) or _SUBORDINATE.match(clause.text)):
        return True
    if _SAME.match(clause.text) or _is_thing(clause) or (clause.soft and _PLAIN_THING.match(clause.text)):
        return True
    if _FIGURE.match(clause.text) or _MEANING.match(clause.text):
        return True
    if _SPAN.fullmatch(clause.text.strip()):
        return True
    if commands(clause.text) or asks(clause.text) or commands(clause.core):
        return False
    if lists(clause.text):
        return True
    if clause.condition and (before is None or before.condition != clause.condition):
        return False
    codes = find_codes(clause.text)
    bare = clause.text
    for code in reversed(codes):
        bare = bare[: code.start] + bare[code.end :]
    words = re.findall(r"[A-Za-z][A-Za-z'-]+", _FILLER.sub(" ", bare))
    if certain(clause.text) or (_ASKED_FOR.search(clause.text) and not ADJUNCT.match(clause.text)):
        return False
    figures = any(map(str.isdigit, _DATED.sub(" ", bare))) and _gives_figure(bare, words)
    dated = bool(_DATED.search(bare)) and len(words) <= 2 and bool(_PERIOD_WORD.match(bare.strip()))
    return len(words) == 0 or dated or (figures and not codes and len(words) <= 2 and clause.relation != "then")


def _gives_figure(text: str, words: Sequence[str]) -> bool:
    """Whether a text begins with its figure, or its words are those for amounts: "life 15", "discount rate of 8 %"."""
    begins = re.match(r"\W*\d", text) is not None
    return begins or any(_AMOUNT.fullmatch(word) for word in words)


def _listed(clause: Clause, before: Clause) -> bool:
    """Whether a clause ends a list of things: it is soft, without a verb, and what stood before was one of them."""
    if not clause.soft or commands(clause.text) or asks(clause.text):
        return False
    codes, own = find_codes(before.text), find_codes(clause.text)
    if codes and own and own[0].start == 0 and codes[-1].end == len(before.text) and own[0].kind == codes[-1].kind:
        return True
    return _is_thing(before) and any(find_words(clause.text, kind) for kind in _THINGS)


def _is_thing(clause: Clause) -> bool:
    """Whether a soft clause is nothing but a word of the trade or a place: "vfd", "and Nevada"."""
    spans = [each for kind in _THINGS for each in find_words(clause.text, kind)]
    return clause.soft and any(each.end - each.start >= len(clause.text) - 4 for each in spans)


def _says_something(clause: Clause) -> bool:
    """Whether a statement names a thing or a figure that others may need."""
    dated = re.search(r"\b\d{4}-\d\d-\d\d\b", clause.text) is not None
    return dated or bool(find_codes(clause.text)) or any(map(str.isdigit, _DATED.sub(" ", clause.text)))


def _tells(clause: Clause) -> bool:
    """Whether a clause states what is the case and wishes for nothing."""
    own = clause.text if not clause.core or _ASSUMES.match(clause.core) else clause.core
    return (
        bool(_TELLS.match(own) or _REPORTS.match(own))
        and not _WISHES.match(clause.text)
        and (not _orders(clause.core) or bool(_ASSUMES.match(clause.core)))
        and not clause.condition
        and not clause.asked
    )


def adjoins(clause: Clause) -> bool:
    """Whether a clause begins its sentence, or a piece of one, and only says for what the next one is meant."""
    return clause.lead.strip() in ("", ";", "; and") and bool(ADJUNCT.match(clause.text))
