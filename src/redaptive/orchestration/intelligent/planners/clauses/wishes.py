"""Wishes that are no orders: what somebody needs, what a finding deserves, what is to be done with each kind."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import FORM, FORMS, PARTICIPLE

_I: Final = re.IGNORECASE
BEGINS: Final = r"(?P<begin>^|(?<=[.!?;]\s)|(?<=:\s))"
"""Where a sentence, or a piece of one, begins."""
_BEGINS: Final = rf"{BEGINS}(?:and\s+|but\s+)?"
_TEAM: Final = r"(?:legal|finance|accounting|procurement|sustainability|operations|facilities|maintenance|sales|engineering|marketing|audit|compliance|treasury|purchasing|billing|payables|management|controlling)"
_ROLE: Final = r"(?:board|committee|manager|engineer|director|desk|team|department|office|cfo|ceo|coo|controller|auditors?|lender|bank|landlord|tenant|customer|client|investors?|partner|boss|lead|owner|buyer|analyst|technicians?|crew|accountant)"
_WHO: Final = (
    rf"(?:{_TEAM}|(?:the|our|my|their)\s+(?:[\w'-]+\s+){{0,3}}?{_ROLE}|(?-i:[A-Z][a-z]+)\s+(?:from|in|at)\s+{_TEAM})"
)
_NEEDS: Final = re.compile(
    rf"{_BEGINS}{_WHO}\s+(?:also\s+|only\s+|still\s+)?(?:needs?|wants?|would\s+like|is\s+after|asks?\s+for|is\s+asking\s+for|asked\s+for|gets|expects|is\s+waiting\s+for|would\s+love|wishes\s+for)(?:\s+to\s+(?:see|know|have|get))?\s+(?=(?:both\s+)?(?:the|an?|its|their|our|all|how|what|which|whether)\s)(?!(?:the|an?)\s+(?:ticket|e-?mail|text|mail|message|sms|note|new|answer\s+by)\b)(?![^.;?!]*:\s)",
    _I,
)
"""Somebody needs to know something: "legal needs the expiry date of certificate DOC-7"."""
_MAIL: Final = (
    r"(?:ticket|case|work\s+order|e-?mail|mail|text(?:\s+message)?|sms|message|note|notification|alert|alarm)"
)
_MADE: Final = {"ticket": "open", "case": "open", "order": "open", "alert": "raise", "alarm": "raise"}
_DESERVES: Final = re.compile(
    rf"{_BEGINS}(?P<c>(?:an?|any|each|every)\s+(?:[^.;?!,]|(?<=\d)[.,](?=\d)){{3,90}}?)\s+(?:deserves?|calls?\s+for|warrants?|merits?|requires?|gets|earns|needs|triggers?|leads\s+to|justifies|is\s+worth|asks\s+for|should\s+(?:get|have|lead\s+to|trigger))\s+(?P<a>(?:an?|one)\s+(?:\w+\s+){{0,2}}?(?P<noun>{_MAIL})\b)",
    _I,
)
"""What a finding leads to: "a fault that costs more than $75 a day deserves a ticket"."""
_RECEIVES: Final = re.compile(
    rf"(?P<begin>^|(?<=[.!?;:,]\s)|(?<=\band\s)|(?<=\bthen\s))(?P<who>(?!(?:i|we|you|it|that|this|which|what|who|any|each|every|fault|anomaly)\b)(?:(?!\b(?:if|when|once|after|and|then|unless)\b)[^,;:.?!]){{2,50}}?)\s+(?:must|should|shall|has\s+to|have\s+to|is\s+to|are\s+to|ought\s+to|needs?\s+to|will|may)\s+(?:also\s+|then\s+)?(?:get|receive|have|be\s+sent)\s+(?P<a>(?:an?|the|one)\s+(?:[\w-]+\s+){{0,2}}?{_MAIL})\b",
    _I,
)
"""A message told from the side of who gets it: "the landlord has to get an email"."""
_THAT: Final = re.compile(r"\s+(?:that|which)\s+", _I)
_OTHERS: Final = re.compile(
    r"[;,.]?\s*(?:and\s+|but\s+|while\s+)?(?:the\s+)?(?:(?:\w+er|other|remaining|good|small|minor|rest\s+of\s+the)\s+(?:ones|\w+s)|others|rest|everything\s+else|anything\s+else)\s+(?:do(?:es)?\s+not\s+need|needs?|gets?|deserves?|requires?|calls?\s+for|warrants?)\s+(?:none|nothing|no\s+\w+|any(?:thing)?|one)(?=\s*(?:[.;!]|$))"
    r"|[;,.]?\s*(?:and\s+|but\s+)?(?:anything|everything|whatever|all|the\s+rest|the\s+others?)(?:\s+else)?\s+(?:(?:can|may|should|shall|will|is\s+to)\s+)?(?:stays?|remains?|waits?|(?:be|is)\s+left)(?:\s+(?:where|as)\s+(?:it|they)\s+(?:is|are)|\s+alone|\s+untouched|\s+put)?(?=\s*(?:[.;!]|$))",
    _I,
)
"""What is said of the others needs nothing done."""
_KIND: Final = r"(?:(?:(?:electric(?:ity)?|gas|water|power|utility|energy)\s+)?(?:bill|invoice)|(?:[\w-]+\s+)?certificate|(?:esg|sustainability)\s+report|green\s+button\s+(?:file|export)|edi\s+(?:file|message|invoice))"
_OF_KIND: Final = re.compile(
    rf"(?P<begin>^|[.;]\s+|,\s+(?:and\s+)?|\s+and\s+)(?P<kind>an?\s+{_KIND})\s+(?:(?:should|must|shall|is\s+to|has\s+to|needs\s+to|ought\s+to|can)\s+(?:then\s+)?(?=be\s|have\s)|(?=gets\s|is\s(?!to\b)|has\s+its))(?:(?:be|gets|is)\s+(?P<verb>{PARTICIPLE})(?:\s+and\s+(?P<also>(?:its|the)\s+\w+)\s+(?P<too>{PARTICIPLE}))?|(?:have|has|gets)\s+(?P<what>its\s+\w+)\s+(?P<had>{PARTICIPLE}))",
    _I,
)
"""What is done with a document of a kind that is not known yet."""
_ROUTED: Final = re.compile(
    rf"(?P<begin>^|(?<=[.;:,]\s)|(?<=\sand\s))(?P<kind>an?\s+{_KIND})\s+(?:goes|is\s+(?:sent|routed|passed)|gets\s+(?:sent|routed|passed)|runs|should\s+go|must\s+go)\s+(?:on\s+)?(?:to|into|through)\s+(?:the\s+)?(?P<deed>[^.;,?!]*?)(?=\s+and\s+an?\s|[.;,?!]|$)",
    _I,
)
"""Where a document of a kind goes: "a utility bill goes into the audit"."""
_UNKNOWN: Final = re.compile(
    r"\bclassif|\bfind\s+out\s+what\b|\bwhat\s+(?:kind|type|sort)\b|\bidentify\b|\bwhat\s+\S+\s+is\b|\bsort\b", _I
)
_BOTH: Final = re.compile(
    r"\b(?P<verb>get|gets|show|see|want|need|give\s+(?:me|us)|show\s+(?:me|us)|have|run|compute|calculate|prepare|pull|bring\s+(?:me|us))\s+both\s+(?P<a>(?:the|an?|its|their|our)\s+[^,;.?!]{3,70}?)\s+and\s+(?P<b>(?:the|an?|its|their|our)\s+)",
    _I,
)
"""Two things that are asked for in one breath."""


_MEANS: Final = re.compile(
    r"(?P<begin>^|[.!?;]\s+|,\s+(?:and\s+)?)(?P<c>(?:anything|everything|whatever|all)\s+else|(?:an?|any|no)\s+(?:[^.;?!,]|(?<=\d)[.,](?=\d)){3,70}?)\s+means?\s+(?:(?P<no>no\s+\w+|nothing)|(?P<a>an?\s+(?!that\b)[^.;?!,]{4,90}?))(?=\s*(?:[.;!,]|$))",
    _I,
)
"""What a finding means for the plan: "a loss beyond 15 % means no contract, anything else means a contract over 10 years"."""


def wished(text: str) -> str:
    """The text with such wishes as orders.

    >>> wished("A fault that costs more than $75 a day deserves a ticket; the cheaper ones need none.")
    'if any fault costs more than $75 a day, open a ticket.'
    >>> wished("Legal needs the expiry date of certificate DOC-7.")
    'get the expiry date of certificate DOC-7.'
    """
    text = _RECEIVES.sub(r"\g<begin>send \g<who> \g<a>", text)
    text = _MEANS.sub(_meant, _DESERVES.sub(_deserved, _OTHERS.sub("", text)))
    if _UNKNOWN.search(text):
        text = _ROUTED.sub(r"\g<begin>if it is \g<kind>, run the \g<deed>", _OF_KIND.sub(_by_kind, text))
    return _BOTH.sub(r"\g<verb> \g<a>, in parallel \g<b>", _NEEDS.sub(r"\g<begin>get ", text))


_ASK_BEFORE: Final = re.compile(
    r"[\s,;–—-]*\b(?:but\s+|and\s+)?(?:please\s+)?(?P<ask>ask|check\s+with|consult)\s+(?P<who>me|us)\s+(?:first\s+)?before\s+(?:you\s+)?"
    rf"(?P<verb>{FORM})\s+(?P<what>(?!(?:it|that|this|them|so|anything|her|him|anyone|anybody)\b)(?:[^.;?!]|\.(?=\w))*?(?:\S+@[\w.-]*\w|\btemplate\b|\b(?-i:[A-Z]{{2,5}})-?\w*\d)(?:[^.;?!]|\.(?=\w))*)",
    _I,
)
"""A deed that is told only where somebody wants to be asked before it: "ask me before you email it to kim@x.example"."""


def asked_for(text: str) -> str:
    """The text with such deeds as sentences of their own.

    >>> asked_for("Rank it, but ask me before you email the list to kim@x.example.")
    'Rank it. Then email the list to kim@x.example, but ask me first.'
    """
    return _ASK_BEFORE.sub(
        lambda m: f". Then {FORMS.get(m['verb'].lower(), m['verb'])} {m['what']}, but {m['ask']} {m['who']} first", text
    )


def _deserved(match: re.Match[str]) -> str:
    what = re.sub(r"^(?:an?|each|every)\s+", "any ", _THAT.sub(" ", match["c"], count=1), flags=_I)
    verb = _MADE.get(match["noun"].lower().rpartition(" ")[2], "send")
    return f"{match['begin']}if {what}, {verb} {match['a']}"


def _meant(match: re.Match[str]) -> str:
    rest = re.match(r"(?:anything|everything|whatever|all)\s+else$", match["c"], _I)
    when = "otherwise" if rest else f"if there is {match['c']}"
    return f"{match['begin']}{when}, {'do nothing' if match['no'] else 'prepare ' + match['a']}"


def _by_kind(match: re.Match[str]) -> str:
    lead = ". " if match["begin"] else ""
    done = f"{FORMS[match['verb'].lower()]} it" if match["verb"] else f"{FORMS[match['had'].lower()]} {match['what']}"
    more = f" and {FORMS[match['too'].lower()]} {match['also']}" if match["too"] else ""
    return f"{lead}If it is {match['kind']}, {done}{more}"
