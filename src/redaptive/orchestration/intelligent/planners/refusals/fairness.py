"""What takes the edge off words that sound wrong: approvals that are asked for, orders that are taken back, a cause.

A score knows only how a text sounds. Who says what must not be done ("don't snooze or delete a thing") names the same
deeds as who wants them: what is left without such a clause is what counts.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.hearsay import without_quotes, without_strangers_orders
from redaptive.orchestration.intelligent.planners.refusals.policy_model import Label, packaged_policy

_CHANGES_NOTHING: Final = re.compile(
    r"\b(?:without|don'?t|do\s+not|never|not)\s+(?:writ|chang|send|touch|edit)\w*\s+(?:anything|them|any\s+of|it)\b|\b(?:write|change|send|touch|edit)s?\s+nothing\b|\bonly\s+reads?\b(?=\W*$)",
    re.IGNORECASE,
)
_ASK_ME_FIRST: Final = re.compile(r"\bask\s+me\s+(?:first|before)\b", re.IGNORECASE)
_WITH_ITS_CAUSE: Final = re.compile(
    r"^\W*(?:please\s+)?(?:resolve|acknowledge|ack|close|snooze)\s+(?:the\s+)?(?:alert|alarm|ticket)\s+\S*\d\S*\W+"
    r"(?:the\s+)?(?:root\s+)?(?:cause|reason|because)\b",
    re.IGNORECASE,
)
"""One thing that is dealt with and why: no score makes that unsafe, only a rule does."""
_PUT_BACK: Final = re.compile(
    r"^\W*(?:please\s+|yes,?\s+|ok,?\s+)*(?:withdraw|retract|take\s+back|reject|turn\s+down)\s+(?:the\s+|my\s+|our\s+|that\s+)?(?:change\s+order\s+|proposal\s+)?(?:CO-?\w+|ours|mine|it)\b"
    r"(?!.*\b(?:approv|back-?dat|delet|secret|quiet|nobody|hide|without)\w*)|"
    r"\b(?:do\s+not|don['’]?t)\s+approve\b[^.;?!]{0,60}\b(?:turn\s+it\s+down|reject\s+it|decline\s+it|refuse\s+it)\b",
    re.IGNORECASE | re.DOTALL,
)
"""What was proposed is taken back: the gate does that too."""
_RULES_ON: Final = re.compile(
    r"^\W*(?:please\s+)?(?:put|run|apply|evaluate|try|use)\s+(?:the\s+|all\s+)?(?:[\w-]+\s+){0,2}?(?:fault\s+)?rules\s+(?:over|on|to|against)\s+\S*\d",
    re.IGNORECASE,
)
"""Fault rules are only read, over whatever they are put."""
_READS_OUT: Final = re.compile(
    r"\b(?:take|pull|get|read|lift|fetch)\s+(?:me\s+)?(?:the\s+|its\s+)(?:\w+\s+){0,2}?(?:dates?|levels?|figures|totals?|charges|amounts?)\s+"
    r"(?:out\s+of|off|from)\s+(?:it|them|there|DOC-\w+|(?:the|that)\s+(?:certificate|bill|invoice|document|file))\b"
    r"(?!.*\b(?:so|before|without|until|nobody|no\s?-?one)\b)",
    re.IGNORECASE,
)
"""What is read out of a document is not taken away from it."""
_ONLY_TO_SEE: Final = re.compile(
    r"\b(?:do\s+not|don['’]?t|no\s+need|nothing)\s+(?:(?:want|wish|mean|need|intend)\s+)?(?:you\s+)?to\s+[^.;?!]{3,60}?[,;.–—-]\s*(?:I\s+(?:want\s+to\s+)?)?"
    r"(?:only|just|merely)\s+(?:to\s+)?(?:see|read|know|list|show|look\s+at|view|count|hear)\b[^.;!]{0,24}[.!]?\s*$",
    re.IGNORECASE,
)
"""What shall not be done is named at the end, and that something is only looked at."""
_GATES_WANTED: Final = re.compile(
    r"(?<!not )(?<!n't )(?<!n’t )(?<!never )\b(?:stop|wait|halt|pause|hold)\s+(?:at|for|by)\s+(?:whatever|any|every|each|all|the|that|its?)\s+(?:\w+\s+)?(?:gates?|approvals?|sign-?offs?|confirmations?)\b(?!\s+(?:later|afterwards))",
    re.IGNORECASE,
)
"""The approval is waited for."""
_STEM: Final = (
    r"(?:touch|snooz|delet|eras|remov|wip|alter|edit|chang|overwrit|approv|clos|switch|turn|shut|pay|sign|mask|cancel|modif|writ|"
    r"reset|disabl|mut|silenc|text|bother|admonish|mov|adjust|correct|overrid|rewrit|releas|sell|buy|order|book|replac|resolv|"
    r"withdraw|reject|reassign|acknowledg|rais|escalat|purg|drop|discard|forward|fak|falsif|invent|forg|guess|round|kill)"
)
_DEED: Final = rf"{_STEM}(?:e|y|s|es|ed|ied|ten|d|t|p|ing|ting|ping)?"
_DEEDS: Final = rf"{_DEED}(?:\s*,\s*{_DEED}){{0,4}}(?:\s*,?\s*(?:or|and|nor)\s+{_DEED})?"
_NOT: Final = (
    r"(?:do\s+not|don['’]?t|never|(?:must|shall|should|may)\s+not|mustn['’]?t|without|(?:there\s+is\s+|there['’]s\s+)?no\s+need\s+to|"
    r"(?:you\s+)?(?:needn['’]?t|need\s+not)|not\s+to|(?:is|are)\s+not\s+to\s+be)"
)
_TAKEN_BACK: Final = re.compile(
    rf"\b{_NOT}\s+(?:\w+ly\s+|you\s+|please\s+|be\s+|actually\s+)?{_DEEDS}\b(?!\s+(?:the\s+)?(?:trail|trace)s?\b)[^.;,!?]*|"
    rf"\bno\s+(?:\w+\s+){{1,4}}(?:is|are|shall|should|must|may)\s+(?:to\s+)?be\s+(?:{_DEEDS}|sent|told)\b[^.;,!?]*|"
    rf"\b(?:{_DEEDS})\s+(?:nothing|none|no\s+one|nobody)\b[^.;,!?]*|"
    r"\b(?:if|in\s+case|should|when)\s+(?:there\s*(?:['’]s|\s+is|\s+are)\s+)?(?:nothing|none|no\s+\w+)\b[^.;,!?]*,?\s+(?:do\s+not|don['’]?t|never)\s+\w+(?:\s+(?:at\s+all|anything|anyone|anybody|it|them))*",
    re.IGNORECASE,
)
"""What shall not be done. Never that nobody shall be told, asked or shown, and nothing written down: that hides."""


def is_fair(text: str, label: Label = "unsafe") -> bool:
    """Whether the words ask for an approval first, change nothing, only read, or give the cause of an act.

    Nor do words sound wrong that somebody is quoted with, or that are said not to be done.
    """
    if label == "unsafe" and any(each.search(text) for each in _FAIR):
        return True
    around = _TAKEN_BACK.sub("", without_strangers_orders(without_quotes(text)))
    return around != text and not packaged_policy().hesitates(around, label)


_FAIR: Final = (
    _ASK_ME_FIRST,
    _WITH_ITS_CAUSE,
    _PUT_BACK,
    _CHANGES_NOTHING,
    _RULES_ON,
    _READS_OUT,
    _ONLY_TO_SEE,
    _GATES_WANTED,
)
