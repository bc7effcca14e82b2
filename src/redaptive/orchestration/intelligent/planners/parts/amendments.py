"""How people amend a request aloud, in the words that follow-ups are read by: "it's 2 to 6 not 1 to 5" is "make it 2 to 6"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.period_words import MONTHS
from redaptive.orchestration.intelligent.planners.clauses.turns import turned, turns
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_I: Final = re.IGNORECASE
_CODE: Final = r"(?-i:[A-Z]{1,5}-?)(?=[\w-]*\d)[\w-]+"
_CODES: Final = rf"{_CODE}(?:(?:,\s*|\s+and\s+){_CODE})*"
MONTH_NAME: Final = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})"
_BEGINS: Final = r"(?P<begin>^|[,;.]\s+)(?:and\s+|but\s+|so\s+)*"
_WITH_FIGURE: Final = r"(?:[^,;.?!]|[.,](?=\d)){0,60}?"
_HESITATES: Final = re.compile(
    r"^(?:(?:(?:ah|oh|oops|no|nah|nope|hm+|well|ok(?:ay)?|right|wait|sorry|hang\s+on|hold\s+on)[,.!]?\s+)+(?:wait|sorry|hang\s+on|hold\s+on)[,.!:–—-]*\s+|(?:nah|hm+|uh|um|oh|ah)[,.]?\s+(?:and\s+(?=the\s+same\b|what\b|how\b|do\b))?|(?:fat|clumsy)\s+fingers[,.!]\s+|typo[,.!]\s+|(?:wait|sorry|pardon)[,.]?\s+(?=that\b|it\b|this\b))+",
    _I,
)
"""What is said before the amendment comes."""
_TURNS: Final = turns(
    (
        (rf"{_BEGINS}(?P<x>{_CODE}|{_WITH_FIGURE}\d{_WITH_FIGURE})\s+(?:is\s+what\s+|was\s+what\s+)?i\s+meant(?:\s+to\s+say)?(?=\s*[,;.?!]|\s+and\b|$)", r"\g<begin>I meant \g<x>"),
        (rf"{_BEGINS}(?:it|that)(?:'s|\s+is|\s+was)\s+(?P<c>{_CODE}),?\s+(?:and\s+)?not\s+{_CODE}(?=\s*[,;.?!]|$)", r"\g<begin>I meant \g<c>"),
        (rf"{_BEGINS}(?:it|that)(?:'s|\s+is|\s+was|\s+should\s+be|'ll\s+be)\s+(?P<x>{_WITH_FIGURE}\d{_WITH_FIGURE}),?\s+(?:and\s+)?not\s+(?:{_WITH_FIGURE}\d{_WITH_FIGURE})(?=\s*(?:[;?!]|[,.](?!\d)|$))", r"\g<begin>make it \g<x>"),
        (rf"{_BEGINS}(?P<x>{_WITH_FIGURE}\d{_WITH_FIGURE})\s+(?:would|'d)\s+be\s+(?:better|nicer|good|fine|great|more\s+like\s+it)(?=\s*[,;.?!]|$)", r"\g<begin>make it \g<x>"),
        (r"[,;]?\s+(?:and\s+)?put\s+(?:it|that|them)\s+on\s+(?=(?:the\s+)?(?:tariff|rate)\b)", ", on "),
        (rf"{_BEGINS}(?:it|that)\s+should(?:'ve|\s+have)\s+been\s+", r"\g<begin>it should be "),
        (rf"{_BEGINS}(?P<c>{_CODE})(?:'s|\s+(?:is|was|has|will|does|gets))\s+[^,;.?!]{{2,60}}?[,;]?\s+(?:so\s+|and\s+)?(?P<verb>leave|take|drop|keep|skip)\s+(?:it|that(?:\s+one)?|this(?:\s+one)?)(?:\s+(?:out|off|away))?(?=\s*[,;.?!]|$)", r"\g<begin>leave \g<c> out"),
        (r"(?P<begin>[,;.]\s+(?:and\s+)?)with\s+(?:those|these|the)(?:\s+very)?\s+(?:same\s+)?(?:numbers|figures|inputs|terms)\s*,?\s+(?:also\s+|too\s+)?(?=\w)", r"\g<begin>also "),
    )
)  # fmt: skip
_REDO: Final = re.compile(
    r"^(?=[^;?!]*\d)(?P<told>[^;?!]+?)[,;]?\s+(?:so|and)\s+(?:please\s+)?(?:redo|rerun|do|run|repeat|recalculate)\s+(?:it|that|this)(?:\s+again)?\s+with\s+(?:that|this|it|those)\b",
    _I,
)
"""What somebody says of a figure, and that it is to be taken: "only 15,000 of that is any good so redo it with that"."""
_TOO: Final = re.compile(
    rf"(?P<begin>^|,?\s+(?:and\s+)?)do\s+(?P<c>{_CODE})\s+(?:as\s+well|too|also)(?:[,;]?\s+(?:and\s+)?(?:that\s+one|it|this\s+one)\s+(?:has|is|gets|takes)\s+(?P<n>[$]?\d[\d,.]*\d)(?P<u>\s+[a-z]+)?)?(?=\s*(?:[,;.?!]|$))",
    _I,
)
_REPEATED: Final = re.compile(
    r"^(?:[^:.;?!]{0,80}\b(?:error|mistake|slip)\b[^:.;?!]{0,60}[:.;]\s+)?(?=[^?!]*\d)(?P<told>[^?!]+?)[.;]\s+(?:[^.;?!\d]{0,80}\b(?:unaltered|unchanged|the\s+same|as\s+before)[.;]\s+)?(?:please\s+|kindly\s+)?(?:repeat|redo|rerun)\s+(?:the|that|your|this)\s+(?:\w+\s+)?(?:calculation|computation|analysis|assessment|simulation|forecast|comparison)(?:\s+(?:accordingly|again|with\s+(?:that|these|those)(?:\s+\w+)?))?\s*[.?!]*$",
    _I,
)
"""Figures that were wrong, told anew, and that it is to be done again."""
_AT_ISSUE: Final = re.compile(
    rf"^(?:[^.;?!]{{0,80}}\bwrong\s+\w+\b[^.;?!]{{0,60}}[.;:]\s+)?(?:the\s+)?(?:right\s+|correct\s+)?(?:one|unit|meter|building|site|project|equipment|document)(?:\s+(?:at\s+issue|meant|concerned|in\s+question|i\s+meant|intended))?\s+(?:is|was|should\s+(?:be|have\s+been))\s+(?P<c>{_CODE})(?=\s*[,.;]|\s+(?:with|for|and)\b|$)",
    _I,
)
_MEASURED: Final = re.compile(
    r"\d\s*(?P<u>square\s+feet|sq\.?\s*ft|ft2|kwh?|mwh|hours?|days?|months?|years?|%|percent)(?!\w)", _I
)
_CLOCK: Final = re.compile(
    r"make\s+it\s+(?:from\s+)?\d{1,2}(?::\d\d)?\s?(?:am|pm)?\s*(?:to|-|till|until)\s*\d{1,2}(?::\d\d)?\s?(?:am|pm)(?:\s+(?:eastern|central|mountain|pacific|utc))?",
    _I,
)
_DAY: Final = re.compile(
    rf"20\d\d-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH_NAME}\s+20\d\d|{MONTH_NAME}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+20\d\d",
    _I,
)
_AHEAD: Final = re.compile(rf"^(?P<things>for\s+{_CODES})\s*[,;.]\s*(?:and\s+|but\s+)?(?P<rest>\S.*)$", _I | re.DOTALL)
_MEANT: Final = re.compile(rf"\bI\s+meant\s+(?P<c>{_CODE})", _I)
_ASKING: Final = re.compile(
    r"^(?:(?:and|please)\s+)*(?:could|can|would|will)\s+you\s+(?:please\s+|also\s+)?(?=for\s)", _I
)
_ADDS: Final = re.compile(
    rf"\b(?:put|add|throw|include|take)\s+(?P<more>{_CODES})\s+(?:in|into|to|on)(?:\s+with)?(?:\s+(?:there|it|that|them|the\s+list))?(?:\s+(?:too|as\s+well|also))?(?=\s*(?:[,;.?!]|$)|\s+and\b)|\b(?:add|include)\s+(?P<also>{_CODES})(?:\s+(?:too|as\s+well|also))?(?=\s*(?:[,;.?!]|$)|\s+and\b)",
    _I,
)
"""Things that are to be counted in too."""


def amended(text: str, request: str) -> str:
    """A follow-up to `request` with its amendments as follow-ups are read.

    >>> amended("hmm 36 hours would be better", "forecast M-2 for 24 hours")
    'make it 36 hours'
    >>> amended("no wait M-2 is shut that day leave it out, and it's 5 to 8 pm not 4 to 7", "what can M-1 and M-2 shed")
    'leave M-2 out, make it 5 to 8 pm'
    >>> amended("put M-3 in there too", "what can M-1 and M-2 shed")
    'for M-1 and M-2 and M-3'
    """
    if not request:
        return text
    found = _REPEATED.sub(r"redo it with \g<told>", _HESITATES.sub("", text) or text)
    found = _AT_ISSUE.sub(r"I meant \g<c>", found)
    found = turned(found, _TURNS)
    found = _TOO.sub(lambda match: _also(match, request), _REDO.sub(lambda match: _again(match, request), found))
    found = _MEANT.sub(lambda match: _of_its_kind(match, request), found)
    found = _CLOCK.sub(lambda match: _on_that_day(match, request), found)
    return things_last(_ASKING.sub("", _ADDS.sub(lambda match: _added(match, request), found)))


def things_last(text: str) -> str:
    """The text with the things that all of it is for behind what changes.

    >>> things_last("for M-1 and M-3, make it 48 hours")
    'make it 48 hours, for M-1 and M-3'
    """
    match = _AHEAD.match(text)
    return f"{match['rest'].rstrip(' .!')}, {match['things']}" if match else text


def _again(match: re.Match[str], request: str) -> str:
    """The order to do it anew, with the figure that was told, in the unit in which it was said before."""
    figure = re.search(r"[$]?\d[\d,.]*(?<![,.])", match["told"])
    return f"redo it with {figure.group(0)}{_unit(match['told'], figure.end(), request)}" if figure else match.group(0)


def _also(match: re.Match[str], request: str) -> str:
    """The same for another thing, with its own figure."""
    own = f" with {match['n']}{match['u'] or _unit('', 0, request)}" if match["n"] else ""
    return f"{match['begin']}for {match['c']}{own}"


def _unit(told: str, at: int, request: str) -> str:
    """The only unit of the request, where none stands behind a figure."""
    units = {match["u"].lower() for match in _MEASURED.finditer(request)}
    return f" {units.pop()}" if len(units) == 1 and not _MEASURED.match(told, max(0, at - 1)) else ""


def _on_that_day(match: re.Match[str], request: str) -> str:
    """The hours with the day that was spoken of last."""
    days = _DAY.findall(request)
    return f"{match.group(0)} on {days[-1]}" if days and not _DAY.search(match.string) else match.group(0)


def _of_its_kind(match: re.Match[str], request: str) -> str:
    """The code behind the noun of the one with the same letters that was spoken of: "I meant ticket TIC-14"."""
    letters = match["c"].partition("-")[0]
    kind = next((code.kind for code in find_codes(request) if code.code.partition("-")[0] == letters), None)
    alone = [code.kind for code in find_codes(match["c"])]
    noun = f"{kind.replace('_', ' ')} " if kind is not None and alone != [kind] else ""
    return f"I meant {noun}{match['c']}"


def _added(match: re.Match[str], request: str) -> str:
    """All things that are meant by now; as it was where none of their kind was named before."""
    more = match["more"] or match["also"]
    kinds = {code.kind for code in find_codes(more)}
    before = list(dict.fromkeys(code.code for code in find_codes(request) if code.kind in kinds))
    return f"for {' and '.join([*before, more])}" if before else match.group(0)
