"""Arithmetic that a sentence asks for on the last answer: differences, shares, rates, sums, averages, counts."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from redaptive.orchestration.answers.arrangement import quantity_in
from redaptive.orchestration.answers.limits import Limit, limit_in

Kind = Literal["difference", "change", "compare", "share", "rate", "sum", "mean", "median", "count", "outliers"]
Span = Literal["year", "month", "week", "day"]
_I: Final = re.IGNORECASE
_THAT: Final = r"(?:(?:is|are|was|were|does|do|would|will|makes?)\s+)?(?:that|this|it|they|those|these|the\s+(?:difference|figure|cost|amount|sum|total))(?:\s+(?:be|make|come\s+to|amount\s+to|mean))?"
_MAKES: Final = rf"(?:(?:how\s+much|what)(?:'s|\s+)\s*{_THAT}\s+)?"
_OF_ALL: Final = r"(?:\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|everything|bill|cost|use))?"
_SPAN: Final = r"(?P<span>year|month|week|day)"
_THAT_ROWS: Final = (
    r"(?:them|those|these|they|the\s+(?:two|three|four|five|rows))(?:\s+(?:two|three|four|five|ones?|rows?))?"
)
_DIFFERENCE: Final = re.compile(
    rf"by\s+how\s+(?:much|many)(?:\s+(?:\w+\s+){{0,4}}\w+)?|how\s+(?:much|big|large)\s+(?:is\s+|was\s+)?(?:the\s+)?(?:difference|gap|margin|lead)(?:\s+[\w\s-]{{1,40}})?|what(?:'s|\s+is|\s+was)\s+the\s+(?:difference|gap|margin)(?:\s+(?:then|there|between\s+(?:them|the\s+(?:two|first\s+two|best\s+and\s+(?:the\s+)?worst|worst\s+and\s+(?:the\s+)?best))))?|how\s+much\s+(?:more|less|higher|lower|worse|better|cheaper|dearer)(?:\s+(?:is|was|does|did)\s+(?:it|that|this|the\s+first(?:\s+one)?)(?:\s+(?:cost|use|save))?)?(?:\s+exactly)?|(?:the\s+)?(?:difference|gap)(?:\s+between\s+{_THAT_ROWS}(?:\s+and\s+{_THAT_ROWS})?)?(?:\s+in\s+(?:percent|%|dollars?|usd|money|kwh|therms?|emissions))?|how\s+far\s+apart\s+are\s+{_THAT_ROWS}",
    _I,
)
_CHANGE: Final = re.compile(
    r"(?:by\s+)?how\s+(?:much|many|far)(?:\s+percent)?\s+(?:did|does|do|has|have|was)\s+(?:it|that|this|they|those|the\s+\w+|use|cost|costs|our\s+\w+)\s+(?:change|rise|rose|risen|grow|grown|go\s+(?:up|down)|gone\s+(?:up|down)|increase|fall|fell|fallen|drop|decrease|differ|improve|shrink|changed|increased|dropped|decreased|grew)d?(?:\s+by)?|what(?:'s|\s+is|\s+was)?\s+(?:the\s+change|changed)|the\s+change|how\s+much\s+(?:more|less|higher|lower|worse|better|cheaper|dearer)\s+(?:is|was|were|are)\s+(?:it|that|this|they)\s+than\s+(?:before|(?:the\s+)?last\s+(?:time|one|answer)|the\s+(?:\w+\s+)?(?:before|previous)(?:\s+\w+)?|the\s+other(?:\s+one)?|the\s+first(?:\s+one)?)|(?:what(?:'s|\s+is)\s+the\s+)?(?:difference|change)\s+(?:to|from|against|between)\s+(?:the\s+)?(?:before|last\s+(?:one|answer)|previous(?:\s+(?:one|answer))?|both|the\s+two)",
    _I,
)
_SCALED: Final = (
    re.compile(
        rf"{_MAKES}(?:(?:in|per|for|over|on|by|each|every)\s+)?(?:a|an|one|the|whole|full|per|each|every)\s+(?:whole\s+|full\s+)?{_SPAN}(?:\s+then)?",
        _I,
    ),
    re.compile(
        rf"{_MAKES}(?:on\s+an?\s+)?(?P<adverb>yearly|annual(?:ly|i[sz]ed)?|monthly|weekly|daily)(?:\s+(?:basis|figure|rate|terms))?",
        _I,
    ),
    re.compile(
        rf"(?:extrapolate|scale|project)\s+(?:that|this|it)\s+to\s+(?:a|one|the)\s+(?:whole\s+|full\s+)?{_SPAN}", _I
    ),
    re.compile(r"(?P<adverb>annuali[sz]e)(?:\s+(?:that|this|it|them))?", _I),
)
_ADVERBS: Final[dict[str, Span]] = {"year": "year", "annu": "year", "mont": "month", "week": "week", "dail": "day"}
_SHARED: Final = re.compile(
    rf"(?:that|this|it)(?:'s|\s+is|\s+are)\s+(?:what|which)\s+(?:share|percent(?:age)?){_OF_ALL}|(?:their|its|the)\s+(?:share|percentage)s?{_OF_ALL}|{_MAKES}(?:in|as)\s+(?:a\s+)?(?:percent(?:ages?)?|%|per\s?cent|shares?){_OF_ALL}(?:\s+only)?|(?:what|which|how\s+(?:big|large))\s+(?:a\s+)?(?:share|percent(?:age)?|part|fraction|proportion){_OF_ALL}(?:\s+(?:is|are|was|were|do|does|would)\s+(?:that|this|it|they|those|these|each|each\s+of\s+them)(?:\s+(?:have|make\s+up))?)?|how\s+(?:many\s+percent|much\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|bill))(?:\s+(?:is|are|was|were)\s+(?:that|this|it|they|those|these))?(?:\s+of\s+the\s+total)?|percent(?:ages?)?|shares?|(?:the\s+)?percentages?\s+of\s+the\s+total",
    _I,
)

_IN: Final = re.compile(r"\bin\s+(?:dollars?|usd|money|kwh|therms?|emissions)\b", _I)
_COMPARED: Final = re.compile(
    rf"(?:compare|contrast)\s+{_THAT_ROWS}(?:\s+(?:with\s+each\s+other|side\s+by\s+side|(?:with|to|and|against)\s+{_THAT_ROWS}))?(?:\s+by\s+[\w\s]{{2,30}})?|how\s+do\s+{_THAT_ROWS}\s+compare",
    _I,
)
_QUANTITY: Final = r"(?:(?:energy|electricity|electric|gas|site|peak|floor|net|yearly|annual|carbon|pay\s?back|co2|water)\s+)*(?:costs?|use|usage|consumption|savings?|emissions?|eui|intensity|pay\s?back|demand|area|investment|electricity|gas|energy|peak|water)"
_SET: Final = rf"\s+(?:of|for|over|across|among)\s+(?:all\s+(?:of\s+)?)?(?:{_THAT_ROWS}|(?:these|those)\s+\w+)"
_WHAT_IS: Final = r"(?:(?:and\s+)?(?:what(?:'s|\s+is|\s+was)?|how\s+(?:much|high|big|large)\s+(?:is|was)|give\s+me|show\s+me|calculate|compute|take)\s+)?(?:the\s+|their\s+|an?\s+)?"
_MIDDLE: Final = re.compile(
    rf"{_WHAT_IS}(?:plain\s+|simple\s+)?(?P<kind>average|mean|median)(?:\s+(?P<of>{_QUANTITY}))?(?:{_SET})?|(?:what(?:'s|\s+is)\s+(?:that|it)\s+)?on\s+average|average\s+(?:them|these|those)(?:\s+out)?",
    _I,
)
_SUMMED: Final = re.compile(
    rf"{_WHAT_IS}(?:grand\s+)?(?:sum|total)(?:(?:\s+(?P<of>{_QUANTITY}))?{_SET})?|(?:add|sum|total)\s+(?:{_THAT_ROWS}\s+)?up|(?:what|how\s+much)\s+(?:do|does|did|would|will)\s+(?:all\s+(?:of\s+)?)?{_THAT_ROWS}\s+(?P<verb>cost|save|use|emit|earn)\s+(?:all\s+)?(?:together|altogether|combined|in\s+(?:sum|all))|(?:what|how\s+much)\s+(?:do|does|did|would)\s+{_THAT_ROWS}\s+(?:come|add\s+up|amount|sum\s+up)\s+to(?:\s+(?:in\s+(?:total|all|sum)|together|altogether))?|(?:all\s+)?together|in\s+sum",
    _I,
)
_COUNTED: Final = re.compile(
    rf"how\s+many(?:\s+of\s+{_THAT_ROWS}|\s+ones?|\s+rows?)?(?:\s+(?:are|were|is|was)\s+(?:there|they|that|this|these|those|it)|\s+(?:(?:are|have|has|is|costs?|uses?|saves?|pay\s+back)\b[\w\s]{{0,30}}?)?(?P<limit>\b(?:under|below|over|above|(?:more|less|fewer|higher|lower)\s+than|at\s+(?:most|least))\s+\$?\s?\d[\d,.]*[\w\s%]{{0,20}}))?(?:\s+in\s+(?:total|all))?",
    _I,
)
_OUTLIERS: Final = re.compile(
    r"(?:(?:show|list)\s+(?:it|them|that|these|those)\s+)?(?:without|excluding|exclude|leave\s+out|drop|remove|ignore|skip|no|minus|not\s+counting|take\s+out)\s+(?:the\s+|any\s+|all\s+)?(?:outliers?|extremes?|extreme\s+(?:values?|ones?))|(?:take|leave|throw)\s+(?:the\s+)?outliers?\s+(?:out|away|off)",
    _I,
)
_PART: Final = re.compile(
    r"(?:and\s+)?(?:what|which|how\s+(?:big|large))\s+(?:a\s+)?(?:share|percent(?:age)?|proportion)(?:\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|everything|that|it|cost|use|energy|bill))?\s+(?:is|are|was|were|does|do|did|has|have|comes?\s+from|goes?\s+to)\s+(?:from\s+|for\s+|due\s+to\s+)?(?:the\s+)?(?P<a>[\w&'-]+(?:\s+[\w&'-]+){0,2}?)(?:\s+(?:have|has|make(?:s)?\s+up|take|use|cost|contribute))?|(?:and\s+)?how\s+much\s+of\s+(?:that|it|this|the\s+(?:total|whole|sum|energy|cost))\s+(?:is|was|comes?\s+from)\s+(?:from\s+)?(?P<b>[\w&'-]+(?:\s+[\w&'-]+){0,2}?)",
    _I,
)


@dataclass(frozen=True)
class Reckoning:
    """What is to be reckoned of the rows that are shown or meant, or of the answer before.

    `of` is the quantity, where it is said; `limit` is kept by the rows to count; `part` names the row or the fuel of
    which a share is wished.
    """

    kind: Kind
    span: Span = "year"
    of: str = ""
    limit: Limit | None = None
    part: str = ""


def reckoning_in(words: str) -> Reckoning | None:
    """The arithmetic that a sentence without its courtesies asks for; None where it asks for none.

    >>> reckoning_in("by how much").kind, reckoning_in("how much is that in a year").span
    ('difference', 'year')
    >>> reckoning_in("in percent").kind, reckoning_in("benchmark B-1 in a year")
    ('share', None)
    >>> reckoning_in("average cost of these").of, reckoning_in("how many are above $50k").limit.value
    ('cost', 50000.0)
    """
    for kind, said in _PLAIN.items():
        if said.fullmatch(words):
            return Reckoning(kind, of=(quantity_in(words) or "") if kind == "difference" and _IN.search(words) else "")
    if (reckons := _of_rows(words)) is not None:
        return reckons
    match = next((found for pattern in _SCALED if (found := pattern.fullmatch(words))), None)
    return Reckoning("rate", _span(match)) if match is not None else None


_PLAIN: Final[dict[Kind, re.Pattern[str]]] = {
    "change": _CHANGE, "difference": _DIFFERENCE, "share": _SHARED, "compare": _COMPARED, "outliers": _OUTLIERS,
}  # fmt: skip


def _of_rows(words: str) -> Reckoning | None:
    """A sum, an average, a count or the share of a part; None where a quantity is said that is not known."""
    if match := _COUNTED.fullmatch(words):
        said = quantity_in(re.split(r"\d|\$", words)[0])
        return Reckoning("count", limit=limit_in(match["limit"], said, bare=True) if match["limit"] else None)
    if match := _MIDDLE.fullmatch(words):
        kind: Kind = "median" if (match["kind"] or "").lower() == "median" else "mean"
        return _about(kind, match["of"])
    if match := _SUMMED.fullmatch(words):
        return _about("sum", match["of"] or match["verb"])
    if match := _PART.fullmatch(words):
        return Reckoning("share", part=match["a"] or match["b"])
    return None


def _about(kind: Kind, said: str | None) -> Reckoning | None:
    of = quantity_in(said) if said else ""
    return None if of is None else Reckoning(kind, of=of)


def _span(match: re.Match[str]) -> Span:
    named = match.groupdict()
    word = (named.get("span") or named.get("adverb") or "year").lower()
    return _ADVERBS.get(word[:4], "day")
