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
    r"^\W*(?:which|what)\s+(?:projects?|measures|investments|upgrades)\s+(?:should|do|shall|could|would)\s+(?:we|i)\s+(?:fund|buy|approve|pick|choose|do|finance|invest\s+in|go\s+for)\W*$",
    re.IGNORECASE,
)
_SOME_MONEY: Final = re.compile(
    r"\b(?:the|our|that|all\s+the)\s+(?:money|budget|funds|cash|capital|funding)(?:\s+(?:that\s+)?(?:we|i)(?:'ve|\s+have|\s+got)(?:\s+(?:got|left|available|set\s+aside))?)?\s*[.!?]*$",
    re.IGNORECASE,
)
_SPENDING: Final = frozenset(
    {
        "energy-finance.select_projects",
        "portfolio-intelligence.rank_and_summarize_portfolio",
        "workflow.portfolio_optimization",
    }
)


def unsaid(reading: Reading, intent: str, *, lacking: bool = False) -> tuple[str, str] | None:
    """The question for what the first request of a conversation points at without naming it, and its slot; else None.

    `lacking`: the tool needs something that is not said, which is asked for in any case.
    """
    if (match := _SPOKEN_OF.search(reading.text)) and not reading.ids.get(kind := _KINDS[match["noun"].lower()]):
        slot = f"{kind}_id"
        return question_for(slot), slot
    if not lacking and not reading.ids and not reading.located and _SOME_ONE.search(reading.text):
        return "Which one do you mean: which meter, building or piece of equipment?", "meter_id"
    bare = not (reading.ids or reading.money or reading.located)
    if bare and (_SOME_WAY.search(reading.text) or _LIKE_SAID.search(reading.text)):
        return "What exactly shall be done, and for which project, meter or building?", "project_id"
    pays = _SOME_MONEY.search(reading.text) or _FUND.search(reading.text)
    if intent in _SPENDING and not reading.money and pays:
        return question_for("budget_usd"), "budget_usd"
    return None
