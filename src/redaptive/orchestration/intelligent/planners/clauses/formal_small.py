"""Small words of formal letters, written plainly: "the said meter", "in excess of", "the term being 10 years".

Amounts in dollars are written as `$5`, moments as 2026-04-12T00:00Z, and what was named before by its name.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.formal_words import PASSIVE
from redaptive.orchestration.intelligent.planners.clauses.turns import turned, turns

_I: Final = re.IGNORECASE


def _with(match: re.Match[str]) -> str:
    """The first of several such things behind "with", the others in a row."""
    row = " being " in match.string[max(0, match.start() - 80) : match.start()]
    joint = (" and " if "and" in match["joint"] else ", ") if row else ", with "
    return f"{joint}{match['n']} "


_HUNDREDS: Final = r"(?P<n>[−-]?\d[\d,]*(?:\.\d+)?)"
WORDS: Final = turns(
    (
        (r",\s+(?:whereupon|whereafter|after\s+which|following\s+which|upon\s+which),?\s+", "; then "),
        (r"\s+thereby(?=[,.;])", ""),
        (r"\bno\s+(?:(?:further|other|more)\s+)?(?:steps?|actions?|measures?)\s+(?:need|needs|have|has|are|is)\s+(?:to\s+)?be\s+taken\b", "do nothing"),
        (r"\bthe\s+said\s+(?=[a-z])", "that "),
        (r"\b(?:irrespective|independently|regardless)\s+(?:thereof|of\s+the\s+(?:above|foregoing))\b", "independently of that"),
        (r"\s+(?:thereof|therewith|thereabout)\b(?=\s)", ""),
        (r"\s+thereof\b", " of it"),
        (r"\btherein\b", "in it"),
        (r"\bthereto\b", "to it"),
        (r"\s+(?:so|thus|thereby)\s+(?:found|identified|detected)\b", " found"),
        (r"\s+(?:so|thus|thereby)\s+(?:obtained|determined|established|calculated|computed|gained)\b", ""),
        (r"\bin\s+the\s+first\s+(?:instance|place),?\s+", "first, "),
        (r",?\s+in\s+the\s+first\s+(?:instance|place)(?=[.;])", ""),
        (r"\bin\s+the\s+(?:second|next|last|final|third)\s+(?:instance|place),?\s+", "then "),
        (r"\b(?:following|after|upon)\s+(?:this|which|its\s+completion|the\s+completion\s+of\s+(?:this|that|the\s+(?:first|former|preceding|previous|above))(?:\s+(?:step|task|one))?),?\s+(?=[a-z])", "after that, "),
        (r"\b(?:to\s+this\s+end|for\s+this\s+purpose|for\s+that\s+purpose|to\s+that\s+end),?\s+", ""),
        (r"\s+for\s+(?:this|that)\s+purpose(?=[.;,])", ""),
        (r"\bin\s+excess\s+of\b", "above"),
        (r"\bby\s+means\s+of\s+(?=(?:the\s+)?template\b)", "with "),
        (r"\b(?:making\s+use\s+of|through)\s+(?=(?:the\s+)?template\b)", "with "),
        (r"\bin\s+accordance\s+with\s+(?=(?:the\s+)?tariff\b)", "under "),
        (r"\b(?:if|when),?\s+and\s+only\s+(?:if|when),\s+", "if "),
        (r"\bin\s+any\s+other\s+event\b", "otherwise"),
        (r"\b(?:the\s+)?identical\s+(?=days?|dates?|period|months?|year|interval|window)", "the same "),
        (r"\bthe\s+months\s+from\s+(?=\w+\s+20\d\d\s+to\s)", "from "),
        (r"\b(?P<from>from\s+\S+\s+)up\s+to\s+(?=\d)", r"\g<from>to "),
        (rf"\bUSD\s{_HUNDREDS}(?P<per>\s+per\s+kW)\s+and\s+month\b", r"$\g<n>\g<per>-month"),
        (rf"\bUSD\s{_HUNDREDS}", r"$\g<n>"),
        (r"(?:for|on|of)\s+(?P<day>20\d\d-\d\d-\d\d),?\s+(?:commencing|starting|beginning)\s+(?:at\s+)?(?P<a>\d\d:\d\d)(?:\s+UTC)?\s+and\s+(?:ending|finishing|concluding)\s+(?:at\s+)?(?P<b>\d\d:\d\d)\s+UTC", r"from \g<day>T\g<a>Z to \g<day>T\g<b>Z"),
        (r"\b(?P<time>\d\d:\d\d)\s+UTC\s+on\s+(?P<day>20\d\d-\d\d-\d\d)", r"\g<day>T\g<time>Z"),
        (r"(?P<day>20\d\d-\d\d-\d\d)(?:,?\s+|\s+at\s+)(?P<time>\d\d:\d\d)\s+UTC(?:,(?=\s+(?:to|until|and|up)\b))?", r"\g<day>T\g<time>Z"),
        (r"\b(?:it\s+)?(?:begins|starts|commences)\s+at\s+(?P<a>20\S+Z)\s+and\s+ends\s+at\s+(?P<b>20\S+Z)", r"it runs from \g<a> to \g<b>"),
        (r"\bbetween\s+(?P<a>20\S+Z)\s+and\s+(?P<b>20\S+Z)", r"from \g<a> to \g<b>"),
        (r",\s+the\s+(?:latter|former)\s+being\s+[^,;.\d]+", ""),
        (r"\bon\s+(?:the\s+)?grounds?\s+of\s+(?=[\"'\u201c])", "with reason "),
        (r",\s+(?:the|an?)\s+\w+\s+(?P<q>[\"'\u201c]\S+)\s+being\s+\w+\s+(?:in|as|under)\s+(?:the|its|an?)\s+(?P<n>note|comment|reason|subject|remark)\b", r" with \g<n> \g<q>"),
        (r"\b(?:position|standing|status)\s+(?:in\s+relation\s+to|against|with\s+regard\s+to|as\s+regards)\s+(?:the\s+|its\s+)?(?:agreed\s+)?service\s+level", "service level"),
        (r"\bin\s+the\s+(?:opposite|contrary|other)\s+(?:case|event),?\s+", "otherwise "),
        (r",?\s+(?:and\s+so|as)\s+(?:is|are)\s+(?=(?:the|its|their)\s+(?!(?:case|custom|rule|practice|norm|usual|wish)\b)\w)", "; give "),
        (r"\bbrought\s+forward\s+by\s+(?P<n>\d+\s+(?:days|weeks))", r"changed by -\g<n>"),
        (r"\s+and,\s+(?:should\s+this\s+be\s+so|if\s+so|in\s+that\s+case|if\s+this\s+is\s+the\s+case),\s+(?:by|at|to|in|for)\s+(?:what|which)\s[^.;?]*", ""),
        (r",?\s+and,\s+(?=(?:unless|if|provided|should|once|in\s+the\s+event)\b)", "; "),
        (r"\b(?:the\s+)?number\s+of\s+(?P<n>[a-z]+)\s+(?:should|shall|must|is\s+to)\s+be\s+(?P<v>\d[\d,]*)", r"use \g<v> \g<n>"),
        (r"(?P<begin>^|(?<=[.!?]\s))(?:i|we)\s+refer\s+to\s+(?P<s>[^,.;]{3,60}),\s+which\s+", r"\g<begin>\g<s> "),
        (r"\bnumber\s+of\s+(?P<n>draws|trials|fixtures|hours)\s*:?\s+(?:of\s+)?(?P<v>\d[\d,]*)", r"\g<v> \g<n>"),
        (r",?\s+(?:with\s+)?the\s+priority(?:\s+of\s+it)?\s+being\s+(?P<p>low|normal|medium|high|urgent|critical)\b", r" with \g<p> priority"),
        (r"(?P<begin>^|(?<=[.!?]\s))(?:ahead\s+of|prior\s+to|in\s+advance\s+of)\s+(?:the|our|your|their)\s+[^,;.\d]{0,40}?\b(?:call|meeting|review|hearing|committee|conference|presentation|negotiations?|visit|inspection|audit|talks)\b[^,;.\d]*,\s+", r"\g<begin>"),
        (r"\btariff\s+identifiers\b", "tariffs"),
        (r"\banew\b", "again"),
        (r"\b(?:of|for)\s+the\s+same(?=\s*[.,;?]|\s*$)", "of it"),
        (r"\bwhich\s+it\s+contains\b", "in it"),
        (r"(?P<begin>^|(?<=[.!?]\s))with\s+(?:respect|regard|reference)\s+to\s+the\s+(?P<what>[a-z]+)\s+(?:just|already|previously)\s+(?:discussed|mentioned|named),\s+", r"\g<begin>for that \g<what>, "),
        (r",\s+in\s+(?:reply|response|answer)\s+to\s+(?:the|our)\s+[\w'’]+\s+question,?\s+", " "),
        (r"\bas\s+a\s+first\s+step,\s+", "first, "),
        (r";\s+next,\s+", "; then "),
        (r"(?:^|(?<=[.;,]\s)|(?<=\sand\s))(?:no\s+(?:further\s+)?(?:message|e-?mail|ticket|alert|purchase|text|sms)|nobody|no\s*one)\s+is\s+to\s+be\s+(?:sent|altered|changed|opened|raised|created|made|informed|notified|admonished|disturbed|alerted)(?:[,;.]\s+|\s+and\s+|$)", ""),
        (r",\s+[^,;.]{3,60}\snot\s+being\s+(?:necessary|required|needed|desired|wanted)(?=[.;]|$)", ""),
        (r"(?P<joint>,\s+(?:and\s+)?|\s+and\s+)(?:the\s+)?(?P<n>(?!(?:on|by|for|latter|former)\b)(?:(?!(?:is|are|was|were)\b)[a-z]+\s+){0,4}?(?!(?:is|are|was|were|thus|hence|though|itself)\b)[a-z]+)(?:\s+(?:thus|hence|therefore))?(?:\s+to\s+be\s+(?:given|entered|used|stated|recorded)|\s+under\s+consideration|\s+in\s+question)?\s+being\s+(?:(?:the|an?)\s+(?!same\b))?(?=[$\"\d]|[^\x00-\x7f]|(?-i:[A-Z])|the\b|from\b|calendar\b|(?!\w+(?:ed|wn|en)\b)[a-z])", _with),
        (r",\s+(?P<a>[^,;.]{3,60}?)\s+being\s+(?:substituted\s+for|used\s+instead\s+of|put\s+in\s+place\s+of)\s+", r" with \g<a> instead of "),
        (r"(?P<w>\b(?:which|that|who)),\s+(?:according\s+to|as\s+far\s+as|in\s+(?:my|our)\s+(?:view|opinion))[^,;.\d]{3,80},\s+", r"\g<w> "),
        (r"\bafter\s+(?:both|all)(?:\s+of)?\s+(?:these|those|the)(?:\s+(?:two|three))?\s+(?:steps|tasks|results|actions)\b,?", "then"),
        (r",\s+together\s+with\s+[^,;.\d]{3,60},\s+(?=for\s)", " "),
        (r",\s+as\s+the\s+(?P<as>[a-z]+),\s+(?=into\s)", r" as the \g<as> "),
        (rf",\s+(?P<n>(?:the|an?|its)\s(?:[^,;.]|[.,](?=\d)|\.(?=[^\s])){{2,80}}?)\s+being\s+(?:{PASSIVE}|applied|assumed)(?:\s+(?:in|as|to)\s+[^,;.]+)?(?=[.;?,]|$)", r" with \g<n>"),
    )
)  # fmt: skip
"""Small words; amounts in dollars as `$5`; what hangs on with "being" as what the deed is done with."""
_EARLIER: Final = re.compile(r"\s+of\s+last\s+(?:summer|winter|spring|autumn|fall|week|month|year|night)\b", _I)
_EXACT: Final = re.compile(r"\b20\d\d-\d\d-\d\d\S*\s+(?:to|until|and)\s+20\d\d-\d\d")
_DATED: Final = re.compile(r"\b20\d\d-\d\d-\d\d\b(?!\s*(?:to|until|and|[-–])\s)")
_SPAN: Final = re.compile(r"\bfrom\s+20\d\d-\d\d-\d\d\s+(?:to|until)\s+20\d\d-\d\d-\d\d\b(?!\s\d)")
_THAT_SPAN: Final = re.compile(r"\b(?:over|for|in|during|on)\s+the\s+same\s+(?:days|dates|interval|window|span)\b", _I)
_PERIOD: Final = re.compile(
    r"\b(?:from\s+[A-Z][a-z]+\s+20\d\d\s+to\s+[A-Z][a-z]+\s+20\d\d|calendar\s+year\s+20\d\d)(?=\s+as\s+(?:the\s+)?reporting\s+period)"
)
_THAT_PERIOD: Final = re.compile(r"\bthe\s+same\s+reporting\s+period\b", _I)
_THAT_DAY: Final = re.compile(r"\bon\s+(?:that|the\s+same|the\s+said|this)\s+(?:day|date)\b", _I)


def small_words(text: str) -> str:
    """The text with plain small words.

    >>> small_words("for the said meter, the reason being \\"gateway outage\\", at USD 2.00 per kWh")
    'for that meter, with reason "gateway outage", at $2.00 per kWh'
    """
    text = turned(text, WORDS)
    return _same_time(_EARLIER.sub("", text) if _EXACT.search(text) else text)


def _same_time(text: str) -> str:
    """ "On that day" and "over the same days" as the one day, or the one span, that was named before."""
    for again, named, said in (
        (_THAT_DAY, _DATED, "on {}"),
        (_THAT_SPAN, _SPAN, "{}"),
        (_THAT_PERIOD, _PERIOD, "the period {}"),
    ):
        match = again.search(text)
        found = set(named.findall(text[: match.start()])) if match else set()
        if len(found) == 1:
            text = again.sub(said.format(found.pop()), text)
    return text
