"""Conditions that can never hold: a figure above and below at once, a state and its opposite, none and the worst of them."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import in_figures

_IF: Final = re.compile(
    r"\b(?:if|only\s+when|when|provided(?:\s+that)?|should|in\s+case|as\s+soon\s+as|once|on\s+condition\s+that|the\s+condition\b[^:.]{0,24}:)\s",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[;!?]|\.(?!\d)")
_N: Final = r"(?P<{0}>[-−–]?\$?\d[\d,]*(?:\.\d+)?|zero|one|two|three|four|five|six|seven|eight|nine|ten|(?:minus|negative)\s+\$?\d[\d,]*)\s*(?P<{0}u>%|[a-z$]*)"
_ABOVE: Final = (
    r"(?:above|over|more\s+than|greater\s+than|higher\s+than|at\s+least|exceed(?:s|ing)?|beyond|no\s+less\s+than)"
)
_BELOW: Final = r"(?:below|under|less\s+than|lower\s+than|at\s+most|no\s+more\s+than|smaller\s+than)"
_AND: Final = r"(?P<x>(?:(?!\bor\b|\botherwise\b|\belse\b)[^.;?!]){0,30}?\b(?:and|while|yet|but\s+also)\b(?P<y>(?:(?!\bor\b|\botherwise\b|\belse\b|\bif\b(?!\s+the\s+same))[^.;?!]){0,50}?))"
_ABOVE_THEN_BELOW: Final = re.compile(
    rf"(?P<m>\b[\w'’]+\b(?:\s+(?:is|are|was|comes?|lies|stands|both)){{0,3}})\s+{_ABOVE}\s+{_N.format('lo')}{_AND}\b{_BELOW}\s+{_N.format('hi')}",
    re.IGNORECASE,
)
_BELOW_THEN_ABOVE: Final = re.compile(
    rf"(?P<m>\b[\w'’]+\b(?:\s+(?:is|are|was|comes?|lies|stands|both)){{0,3}})\s+{_BELOW}\s+{_N.format('hi')}{_AND}\b{_ABOVE}\s+{_N.format('lo')}",
    re.IGNORECASE,
)
_POSITIVE_AND: Final = re.compile(
    rf"\bpositive\b[^.;?!]{{0,30}}\band\b[^.;?!]{{0,30}}\bsame\b[^.;?!]{{0,24}}\b{_BELOW}\s+(?:zero|0\b|minus|negative|[-−–])",
    re.IGNORECASE,
)
_SAME: Final = re.compile(r"\b(?:same|both|also|at\s+once|simultaneously|besides|still)\b", re.IGNORECASE)
_TOGETHER: Final = re.compile(
    r"\b(?:both|same|still|at\s+once|simultaneously|besides(?:\s+that)?|entire|throughout|one\s+and\s+the\s+same|at\s+the\s+same\s+time)\b",
    re.IGNORECASE,
)
_OPPOSITES: Final = (
    (
        r"issued|granted|approved",
        r"(?:waiting|still)\s+to\s+be\s+(?:issued|granted|approved)|not\s+(?:yet\s+)?(?:issued|granted|approved)|pending",
    ),
    (r"expired|lapsed|run\s+out", r"(?:still\s+)?(?:valid|in\s+force|unexpired)"),
    (
        r"off|stopped|idle|at\s+rest",
        r"(?:ran|running|runs|on)\b(?=[^.;]{0,24}\b(?:entire|whole|throughout|all|same)\b)",
    ),
    (r"open|unresolved", r"closed|resolved"),
    (r"saturday|sunday|weekend", r"(?:a\s+)?(?:weekday|working\s+day|monday|tuesday|wednesday|thursday|friday)"),
    (r"silent|dead|offline", r"(?:sending|alive|online|reporting)"),
    (r"empty|vacant", r"(?:full|occupied)"),
    (
        r"no\s+(?:error|fault|anomaly|overcharge|mistake)s?(?:\s+whatsoever)?",
        r"(?:an?\s+|also\s+showing\s+an?\s+)?(?:overcharge|error|fault|mistake)s?\b",
    ),
)
_AND_STILL: Final = r"\b(?:and|while|yet|but)\b(?:\W+(?:is|are|was|has|have|be|been|being|also|still|yet|at|the\s+(?:very\s+)?same\s+\w+|the|time|once|an?|it|its|in|one|by|showing|fully|already)\b){0,7}\W+"
"""The same thing goes on: nothing else is named between the two states."""
_PAIRS: Final = tuple(
    re.compile(rf"\b(?:{a})\b[^.;?!]{{0,40}}?{_AND_STILL}(?:{b})\b|\b(?:{b})\b[^.;?!]{{0,40}}?{_AND_STILL}(?:{a})\b", re.IGNORECASE)
    for a, b in _OPPOSITES
)  # fmt: skip
_AND_NOT: Final = re.compile(
    r"\b(?P<w>[a-z]{4})[a-z]*\b[^.;?!]{0,50}\b(?:and|while|yet)\b[^.;?!]{0,50}?\b(?:not|isn['’]?t|aren['’]?t|never|doesn['’]?t|without)\s+(?:the\s+|be\s+|being\s+)?(?P=w)[a-z]*",
    re.IGNORECASE,
)
_NONE_OF_THEM: Final = re.compile(
    r"\b(?:if|in\s+case|when|should|provided)\b[^.;?!,]{0,40}?\b(?:there\s+(?:are|is|were|be)\s+(?:none|no\s+\w+)|(?:are|is)\s+none|nothing\s+(?:is\s+found|turns?\s+up|was\s+found)|finds?\s+(?:none|nothing|no\s+\w+)|no\s+\w+\s+(?:is|are|was|were)\s+(?:found|detected|there))\b"
    r"[^.;?!]{0,40}?\b(?:the\s+)?(?:costliest|worst|first|largest|biggest|best|most\s+\w+|each|any|two|three|all)\s+(?:one\s+)?of\s+(?:them|those|these)\b",
    re.IGNORECASE,
)
_ALL_ABOVE_ALL: Final = re.compile(
    r"\b(?:every|each)\s+(?:single\s+)?(?:one|building|site|meter|store)?\s*(?:of\s+(?:them|the\s+\w+)\s+)?(?:is|are|stands?|ranks?|must\s+be|being|be)\s+(?:strictly\s+)?(?:worse|better|above|below|higher|lower|cheaper|dearer)\s+(?:than\s+)?(?:all|each|every\s+one)?\s*(?:of\s+)?(?:the\s+)?others?\b|"
    r"\beach\s+stands?\s+(?:strictly\s+)?above\s+the\s+other\b|\b(?:all|every)\b[^.;?!]{0,24}\b(?:better|worse|above|below|higher|lower)\s+(?:than\s+)?(?:the\s+)?(?:median|average|mean)\s+of\s+(?:the\s+(?:twelve|ten|\w+|same)|them|themselves|all\s+of\s+them)\b",
    re.IGNORECASE,
)
_OVER_ITS_OWN: Final = re.compile(
    r"\bcosts?\s+more\s+than\s+the\s+budget\s+(?:that\s+)?it\s+was\s+(?:chosen|picked|selected)\s+(?:under|with|for)\b|"
    r"\baverage\b[^.;?!]{0,24}\b(?:above|higher|more|over|greater)\b[^.;?!]{0,30}\b(?:its|that\s+\w+['’]s|the\s+same\s+\w+['’]s|their)\s+(?:own\s+)?peak\b",
    re.IGNORECASE,
)
_SURE_CHANCE: Final = re.compile(
    rf"\b(?:probabilit\w+|chances?|likelihood)\b[^.;?!\d]{{0,40}}?\b{_ABOVE}\s+(?P<n>\d[\d,]*(?:\.\d+)?)\s?(?:%|percent|per\s+cent)",
    re.IGNORECASE,
)
NEVER: Final = "That condition can never hold: both halves of it cannot be true at once."
UNLIKE: Final = "Not each can stand on the same side of all the others or of their own middle."


def never_holds(text: str) -> str | None:
    """Why a condition of the text cannot come true, or an order of things cannot be; None where they may.

    >>> never_holds("If CPI is above 1.1 and in the same run CPI is below 0.8, text the sponsor.") == NEVER
    True
    >>> never_holds("If CPI is above 1.1 and SPI is below 0.8, text the sponsor.")
    """
    if _ALL_ABOVE_ALL.search(text):
        return UNLIKE
    if _OVER_ITS_OWN.search(text) or _NONE_OF_THEM.search(text):
        return NEVER
    if any(float(match["n"].replace(",", "")) >= 100 for match in _SURE_CHANCE.finditer(text)):
        return "A probability cannot exceed 100 percent."
    return NEVER if any(_both(sentence) for sentence in _SENTENCE.split(text) if _IF.search(sentence)) else None


def _both(sentence: str) -> bool:
    """Whether a sentence with a condition asks for two things of one that rule each other out."""
    if _POSITIVE_AND.search(sentence) or _crossed(in_figures(sentence)):
        return True
    if any(pair.search(sentence) for pair in _PAIRS):
        return True
    return _TOGETHER.search(sentence) is not None and _AND_NOT.search(sentence) is not None


def _crossed(sentence: str) -> bool:
    """Whether one figure shall lie above a limit and below a lower one."""
    for pattern in (_ABOVE_THEN_BELOW, _BELOW_THEN_ABOVE):
        for match in pattern.finditer(sentence):
            units = {match["lou"].lower().rstrip("s"), match["hiu"].lower().rstrip("s")} - {""}
            low, high = _value(match["lo"]), _value(match["hi"])
            if len(units) < 2 and low is not None and high is not None and low > high and _of_one(match):
                return True
    return False


def _of_one(match: re.Match[str]) -> bool:
    """Whether the second limit is of what the first is: named again, called the same, or not named at all."""
    first, between = match["m"].split()[0].lower(), match["y"].strip().lower()
    return not between or first in between or _SAME.search(match["m"] + match["x"]) is not None


_WORDS: Final = dict(zip("zero one two three four five six seven eight nine ten".split(), range(11), strict=True))  # noqa: SIM905


def _value(written: str) -> float | None:
    bare = written.lower().replace("$", "").replace(",", "")
    if bare in _WORDS:
        return float(_WORDS[bare])
    sign = -1.0 if re.match(r"[-−–]|minus|negative", bare) else 1.0
    digits = re.search(r"\d+(?:\.\d+)?", bare)
    return sign * float(digits[0]) if digits else None
