"""What a request points at and nobody named: "the building we talked about", "the strange one", "the money we have"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.questions import question_for
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_KINDS: Final = {
    "meter": "meter", "building": "building", "store": "building", "office": "building", "hotel": "building", "site": "site",
    "customer": "customer", "client": "customer", "tenant": "customer", "project": "project", "bill": "document",
    "invoice": "document", "document": "document", "file": "document", "report": "document", "certificate": "document",
    "unit": "equipment", "chiller": "equipment", "boiler": "equipment", "pump": "equipment", "handler": "equipment",
    "alert": "alert", "ticket": "ticket", "permit": "project", "tariff": "tariff", "rate": "tariff", "order": "change_order",
}  # fmt: skip
_SPOKEN_OF: Final = re.compile(
    rf"\b(?:the|that|this|those|these)\s+(?:\w+\s+)?(?P<noun>{'|'.join(_KINDS)})s?\s+(?:that\s+|which\s+)?"
    r"(?:(?:we|i|you|they|he|she)\s+(?:\w+\s+)?(?:talked|talk|spoke|discussed|mentioned|meant|looked|visited|reviewed|named|told)\b"
    r"|from\s+(?:before|yesterday|last\s+time|(?:our|the)\s+(?:call|meeting|talk|chat))\b|in\s+question\b)",
    re.IGNORECASE,
)
_SOME_ONE: Final = re.compile(
    r"\b(?:the|that|this)\s+(?:other\s+)?(?:thing|stuff)\b|\b(?:the|that|this)\s+(?:strange|odd|weird|funny|bad|broken|faulty|noisy|other|usual|wrong|suspicious|troublesome|problem|tricky|annoying|critical|important)\s+ones?\b",
    re.IGNORECASE,
)
_SOME_WAY: Final = re.compile(
    r"\b(?:the|in\s+the)\s+(?:same\s+)?(?:way|manner|fashion)\s+(?:that\s+)?(?:[\w']+\s+){1,2}?(?:said|wanted|wants?|asked|told\s+\w+|agreed|discussed|likes?|prefers?|always|usually)\b[^,;.?!]{0,20}[.!?]*$",
    re.IGNORECASE,
)
_LIKE_SAID: Final = re.compile(
    r"\b(?:like|as|the\s+way)\s+(?:we|i|you|they|he|she|legal|finance|everybody)\s+(?:said|agreed|discussed|wanted|talked\s+about)\b",
    re.IGNORECASE,
)
_FUND: Final = re.compile(
    r"\b(?:which|what)\s+(?:projects?|measures|investments|upgrades)\s+(?:should|do|shall|could|would)\s+(?:we|i)\s+(?:fund|buy|approve|pick|choose|do|finance|invest\s+in|go\s+for)\b"
    r"|\b(?:pick|choose|select|fund|finance|assemble|put\s+together|compose)\s+(?:(?!\bby\b)[\w'-]+\s+){0,4}?(?:projects|packages?|investments)\b",
    re.IGNORECASE,
)
"""A choice among projects, which only a budget limits."""
_SOME_MONEY: Final = re.compile(
    r"\b(?:the|that)\s+(?:money|budget|funds|cash|capital|funding|sum|amount)\s+(?:that\s+)?(?:[\w.'’]+\s+){1,2}?"
    r"(?:mentioned|promised|gave\s+us|offered|approved|set\s+aside|allotted|freed|found|talked\s+about|spoke\s+of|named|granted)\b|"
    r"\b(?:the|our|that|all\s+the)\s+(?:money|budget|funds|cash|capital|funding)(?:\s+(?:that\s+)?(?:we|i)(?:'ve|\s+have|\s+got)(?:\s+(?:got|left|available|set\s+aside))?)?\s*[.!?]*$",
    re.IGNORECASE,
)
_LARGE: Final = re.compile(
    r"(?<![\w.-])\d[\d.]*\s?(?:k|m|mm|million|thousand|grand)\b|(?<![\w.,-])(?:\d{1,3}(?:,\d{3})+|\d{5,})(?![\w-])",
    re.IGNORECASE,
)
"""An amount without its currency: "300k"."""
_ACT: Final = r"(?:assign|hand|pass|give|escalate|close|reopen|snooze|acknowledge|approve|reject|withdraw|resolve|send|forward|report|log|raise)"
_ON_IT: Final = re.compile(
    rf"^\W*(?:(?:please|pls|ok|and|so|just|can\s+you|could\s+you)[\s,]+)*{_ACT}\s+(?:it|this|that|them|those|this\s+one|that\s+one)"
    r"(?:\s+(?:over|on|off|along|back|again|up))?(?=\s+(?:to|with|for|until|till|by|now|today|again|please)\b|\s*[,.!?]|\s*$)|"
    r"^\W*(?:(?:please|pls|can\s+you|could\s+you)[\s,]+)*(?:e-?mail|mail|text|tell|notify|inform|message|call|ask|write\s+(?:to\s+)?)\s+"
    r"(?:(?:the|our)\s+)?(?:[\w.'’]+\s+){1,2}?(?:about|of|on)\s+(?:it|this|that|them)\W*$",
    re.IGNORECASE,
)
_NAMES_WHAT: Final = re.compile(
    r"\d|\b(?:alerts?|alarms?|tickets?|orders?|permits?|bills?|invoices?|reports?|documents?|meters?|anomal\w+|figures)\b",
    re.IGNORECASE,
)
_FROM_A_TALK: Final = re.compile(
    r"\b(?:the|that)\s+ones?\s+(?:from|in|at|of|on)\s+(?:(?:\w+['’]s|the|our|my|last|this|yesterday['’]s)\s+){1,2}(?:\w+\s+)?"
    r"(?:call|meeting|e-?mail|visit|chat|talk|lunch|tour|presentation|slides?|list|workshop)\b",
    re.IGNORECASE,
)
_OVER_THERE: Final = re.compile(
    r"^(?!\W*(?:is|are|was|were|hi|hello|hey)\b)(?!.*\b(?:gets?|got|brings?|takes?|leads?)\s+(?:us|me|them|it)\s+there\b|.*\bis\s+it\s+there\b).*\b(?:help|work|do|need|use|save|install|put|build|fit|pay\s+off|see|happen\w*|run|wrong|cost|spend|us|it|on|going)\s+"
    r"(?:over\s+|out\s+|up\s+|down\s+)?there\W*$",
    re.IGNORECASE,
)
_KNOWN_ONE: Final = r"^(?!.*\b(?:raise|open|create|list|new|all|every)\b).*\b{0}\b"
_BARE: Final = (
    (re.compile(r"\b(?:the|that|this|our)\s+project\b", re.IGNORECASE), "manage_change_order", "project"),
    (re.compile(_KNOWN_ONE.format("alert"), re.IGNORECASE), "raise_or_acknowledge_alert", "alert"),
    (re.compile(_KNOWN_ONE.format("ticket"), re.IGNORECASE), "create_or_update_ticket", "ticket"),
)  # fmt: skip
"""Nouns that alone tell what an act is about, with the tool: which one comes before what shall be done with it."""
_FEW: Final = 14
_SPENDING: Final = frozenset(
    {
        "energy-finance.select_projects",
        "portfolio-intelligence.rank_and_summarize_portfolio",
        "workflow.portfolio_optimization",
    }
)


def acts_on_it(text: str) -> bool:
    """Whether the text orders something to be done with "it", and names nothing that this may be.

    >>> acts_on_it("Assign it to Kowalski, he has the van."), acts_on_it("Alert AL-3: assign it to Kowalski.")
    (True, False)
    """
    return _ON_IT.search(text) is not None and _NAMES_WHAT.search(text) is None


def unsaid(reading: Reading, intent: str, *, lacking: bool = False) -> tuple[str, str] | None:
    """The question for what the first request of a conversation points at without naming it, and its slot; else None.

    `lacking`: the tool needs something that is not said, which is asked for in any case.
    """
    if (match := _SPOKEN_OF.search(reading.text)) and not reading.ids.get(kind := _KINDS[match["noun"].lower()]):
        slot = f"{kind}_id"
        return question_for(slot), slot
    if not reading.ids and (found := _of_nothing_named(reading, intent, lacking=lacking)):
        return found
    if not lacking and not reading.ids and not reading.located and _SOME_ONE.search(reading.text):
        return "Which one do you mean: which meter, building or piece of equipment?", "meter_id"
    bare = not (reading.ids or reading.money or reading.located)
    if bare and (_SOME_WAY.search(reading.text) or _LIKE_SAID.search(reading.text)):
        return "What exactly shall be done, and for which project, meter or building?", "project_id"
    pays = _SOME_MONEY.search(reading.text) or _FUND.search(reading.text)
    if intent in _SPENDING and pays and not (reading.money or _LARGE.search(reading.text)):
        return question_for("budget_usd"), "budget_usd"
    return None


def _of_nothing_named(reading: Reading, intent: str, *, lacking: bool) -> tuple[str, str] | None:
    """The question where no code and no name is given at all, only "it", "there", "the one from Friday" or a bare noun."""
    text = reading.text
    if acts_on_it(text):
        return "What is it about: which alert, ticket, change order, document or message?", "subject"
    if _FROM_A_TALK.search(text) and (kind := _first_kind(text)):
        return question_for(f"{kind}_id"), f"{kind}_id"
    if not reading.located and not reading.words.get("city") and _OVER_THERE.search(text):
        return "Where is that: which building or which meter?", "building_id"
    if not lacking or len(text.split()) > _FEW:
        return None
    bare = (kind for noun, tool, kind in _BARE if intent.endswith(f".{tool}") and noun.search(text))
    return next(((question_for(f"{kind}_id"), f"{kind}_id") for kind in bare), None)


def _first_kind(text: str) -> str | None:
    """The kind of the first thing that the text names by its noun."""
    match = re.search(rf"\b(?P<noun>{'|'.join(_KINDS)})s?\b", text, re.IGNORECASE)
    return _KINDS[match["noun"].lower()] if match else None
