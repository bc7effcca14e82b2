"""Lists that are told in one breath, spelled out: one deed twice, several verbs on one thing, things told by their place.

"Rank A twice, once for X and once for Y" is two deeds; "read, audit and file DOC-1" is three; "DOC-1 is a bill and
DOC-2 a certificate: audit the first" names what is audited.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import VERB
from redaptive.orchestration.intelligent.planners.clauses.wishes import BEGINS
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_I: Final = re.IGNORECASE
_PLACED: Final = r"(?:for|by|with|on|at|under|in|against|over|to|from|as|using|without)"
_ONCE: Final = re.compile(
    rf"{BEGINS}(?P<x>[^.;?!]{{6,160}}?)(?:\s+(?:twice|two\s+times|two\s+ways|in\s+two\s+(?:versions|variants|ways)))?\s*[,:(–—-]?\s+"
    rf"(?:once|one\s+time|first\s+time)\s+(?P<a>{_PLACED}\s[^.;?!]+?)\s*(?:,\s*(?:and\s+)?|\s+and\s+)(?:then\s+)?"
    rf"(?:once|one\s+time|a\s+second\s+time|another\s+time)\s+(?:more\s+)?(?P<b>{_PLACED}\s[^.;?!,)]+)\)?(?P<rest>[^.;?!]*)",
    _I,
)
"""One deed with two figures: "once for value and once for carbon"."""
_ONE: Final = r"(?:and\s+)?(?:one|another(?:\s+one)?|(?:the\s+)?(?:first|second|third|other)(?:\s+one)?)"
_ONE_EACH: Final = re.compile(
    rf"{BEGINS}(?P<verb>{VERB})\s+(?:two|three)\s+(?P<noun>(?:[a-z]+\s+)?[a-z]+?)s\b(?P<rest>[^:;.?!]*?)\s*(?:[:,]|\s[-–—])\s+(?P<all>{_ONE}\s[^.;?!,]+(?:(?:,\s*|\s+){_ONE}\s[^.;?!,]+)+)",
    _I,
)
"""As many deeds as are counted, told one by one: "open two tickets: one titled A, one titled B"."""
_CODE: Final = r"(?-i:[A-Z]{2})(?:(?!\d)[\w-])*\d[\w-]*"
"""Two capitals, then a figure. Each code is read in one way only: a list of them is not tried in all ways."""
_ARTICLE: Final = r"(?:an?|the|our|my|their|[\w']+'s)"
_KIND: Final = rf"{_ARTICLE}\s+(?:(?!(?:and|but|while|or)\b)[\w'-]+\s*){{1,7}}?"
_LISTED: Final = re.compile(
    rf"{BEGINS}(?P<list>(?:document\s+|file\s+)?{_CODE}\s+(?:is|holds|contains)\s+{_KIND}(?:(?:\s*[,;]\s*(?:and\s+|while\s+)?|\s+and\s+|\s+while\s+){_CODE}\s+(?:is\s+|holds\s+|contains\s+)?{_KIND})+)"
    rf"\s*(?:[.;:,]|\s[-–—])\s+(?P<rest>.+)$",
    _I | re.DOTALL,
)
"""What each of several documents is: "DOC-1 is a bill and DOC-2 an ESG report"."""
_ENTRY: Final = re.compile(
    rf"(?P<code>{_CODE})\s+(?:(?:is|holds|contains)\s+)?{_ARTICLE}\s+(?P<kind>.+?)(?=\s*[,;]|\s+(?:and|while)\s|$)", _I
)
_OF_ALL: Final = re.compile(
    rf"(?P<verb>{VERB})\s+(?:each(?:\s+(?:one|of\s+(?:them|these|those)))?|them(?:\s+(?:all|both))?|both|all(?:\s+(?:of\s+them|three|four))?|everything|these|those)\b"
    r"(?:\s+(?:with|by|using|through)\s+(?:the|its)\s+(?:right|proper|matching|suitable|correct|own|fitting|appropriate)\s+\w+|\s+(?:properly|accordingly|as\s+what\s+(?:it\s+is|they\s+are)))*(?=\s*(?:[.,;!]|$|and\s|then\s))",
    _I,
)
"""A deed on each of what was listed."""
_PLACES: Final = {"first": 0, "former": 0, "second": 1, "latter": -1, "third": 2, "fourth": 3, "last": -1, "other": 1}
_PLACE: Final = re.compile(
    r"\bthe\s+(?P<place>first|former|second|latter|third|fourth|last|other)(?:\s+(?:one|document|file|meter|building|bill))?(?=\s*(?:[.,;:!?]|$)|\s+(?:and|but|for|with|to|by|then|gets?|should|must|needs|is|as|over)\s)",
    _I,
)
"""A thing by its place in what was named: "the first", "the latter"."""
_HEADED: Final = re.compile(
    rf"{BEGINS}(?P<thing>(?:the\s+|our\s+)?(?:[\w-]+\s+){{0,3}}?{_CODE})\s*(?:[:,]|\s[-–—])\s+(?P<verbs>{VERB}(?:\s*,\s*(?:and\s+|then\s+)?{VERB}|\s+and\s+(?:then\s+)?{VERB})+)(?=\s*[.,;!]|\s+\w|$)",
    _I,
)
"""A thing and the verbs for it: "bill DOC-9: read, audit, file"."""
_RECIPROCAL: Final = re.compile(r"\b(?:neither|each|one|depends?|wait)\b[^.;?!]*$", _I)
"""Words before "the other" that mean no thing: "neither waits for the other"."""
_VERB: Final = re.compile(VERB, _I)
_LIST: Final = rf"(?:[\w-]+\s+){{0,3}}?{_CODE}(?:\s*(?:,\s*(?:and\s+)?|\band\s+|&\s*)(?:[\w-]+\s+)?{_CODE})+"
_ON_BOTH: Final = re.compile(
    rf"{BEGINS}(?P<said>[^.;:?!]*?\b)??(?P<things>{_LIST})[^.;:?!]*(?:[:.]|\s[-–—])\s+(?P<lead>(?:please\s+|first\s+)*)(?P<verb>{VERB})\s+(?:each(?:\s+(?:one|of\s+(?:them|these|those)))?|both(?:\s+of\s+them)?|them(?:\s+(?:both|all))?|all(?:\s+(?:of\s+them|two|three|four))?)(?=\s*[.,;!]|\s+(?:and|for|with|then|against|over|on|by|in)\b|$)",
    _I,
)
"""A deed on each of the things that a heading or a statement named: "bills DOC-1 and DOC-2 came in: read both"."""
_NOMINAL: Final = {
    "extraction": "extract", "audit": "audit", "auditing": "audit", "classification": "classify", "parsing": "parse",
    "validation": "validate", "reading": "read", "forecasting": "forecast", "benchmarking": "benchmark",
    "simulation": "simulate", "normalization": "normalize", "estimation": "estimate", "summary": "summarize",
}  # fmt: skip
_DEED: Final = rf"(?:an?\s+|the\s+)?(?:{'|'.join(_NOMINAL)})"
_THROUGH: Final = re.compile(
    rf"\b(?:put|run|take|send|pass|push)\s+(?P<thing>(?:the\s+|our\s+)?(?:[\w-]+\s+){{0,3}}?{_CODE})\s+through\s+(?P<deeds>{_DEED}(?:(?:\s*,\s*(?:and\s+)?(?:then\s+)?|\s+and\s+(?:then\s+)?|\s+then\s+){_DEED})*)\b",
    _I,
)
"""Deeds as nouns: "put DOC-1 through extraction and audit"."""
_UNIT: Final = re.compile(r"\d\s+(?P<unit>[a-z]{3,})$", _I)


def varied(text: str) -> str:
    """The text with such lists spelled out.

    >>> varied("Rank portfolio X twice, once for value and once for carbon.")
    'Rank portfolio X for value; in parallel, rank portfolio X for carbon.'
    >>> varied("Bill DOC-9: read, audit.")
    'read Bill DOC-9, audit it.'
    >>> varied("DOC-1 is our bill and DOC-2 an ESG report. Audit the first, read the second.")
    'Audit the bill DOC-1, read the ESG report DOC-2.'
    """
    text = _ONE_EACH.sub(_one_each, text)
    text = _THROUGH.sub(_by_nouns, _ON_BOTH.sub(_on_both, _HEADED.sub(_each_verb, _ONCE.sub(_twice, text))))
    return _by_place(_LISTED.sub(_told_apart, text))


def _twice(match: re.Match[str]) -> str:
    said, rest = (
        match["x"].strip(" ,"),
        re.sub(r"\b(?:both|each)(?:\s+times?)?\s+", "", match["rest"].rstrip(), flags=_I),
    )
    unit = _UNIT.search(match["b"]) if match["a"][-1].isdigit() else None
    first = f"{match['a']} {unit['unit']}" if unit else match["a"]
    return f"{match['begin']}{said} {first}{rest}; in parallel, {said[:1].lower()}{said[1:]} {match['b']}{rest}"


def _one_each(match: re.Match[str]) -> str:
    said = [one.strip(" ,") for one in re.split(rf"(?:^|,\s*|\s+){_ONE}\s+", match["all"], flags=_I) if one.strip(" ,")]
    article = "an" if match["noun"][0] in "aeiou" else "a"
    deeds = [f"{match['verb'].lower()} {article} {match['noun']}{match['rest']} {one}" for one in said]
    return match["begin"] + "; in parallel, ".join(deeds)


def _each_verb(match: re.Match[str]) -> str:
    """The first verb with the thing, the others with a pronoun; the last keeps the object that stands behind it."""
    verbs = [one.group(0) for one in _VERB.finditer(match["verbs"])]
    behind = re.match(r"\s+\w", match.string[match.end() :]) is not None
    ends = [verbs[-1]] if behind else [f"{verbs[-1]} it"]
    return match["begin"] + ", ".join([f"{verbs[0]} {match['thing']}", *(f"{verb} it" for verb in verbs[1:-1]), *ends])


def _on_both(match: re.Match[str]) -> str:
    """The deed on the things by their codes; as it was where an order or a question stood before it."""
    if _VERB.match(match["said"] or match["things"]) or len(set(_named(match["things"]))) < 2:
        return match.group(0)
    return f"{match['begin']}{match['lead']}{match['verb']} {match['things']}"


def _by_nouns(match: re.Match[str]) -> str:
    verbs = [_NOMINAL[word.lower()] for word in re.findall(r"[a-z]+", match["deeds"], _I) if word.lower() in _NOMINAL]
    joint = ", then " if "then" in match["deeds"].lower() else ", "
    return joint.join([f"{verbs[0]} {match['thing']}", *(f"{verb} it" for verb in verbs[1:])])


def _told_apart(match: re.Match[str]) -> str:
    """What is to be done, with each thing by its kind and code; as it was where nothing points at the things."""
    things = [f"the {one['kind'].strip()} {one['code']}" for one in _ENTRY.finditer(match["list"])]
    rest = match["rest"]
    if len(things) < 2:
        return match.group(0)
    if each := _OF_ALL.search(rest):
        deeds = "; in parallel, ".join(f"{each['verb']} {thing}" for thing in things)
        return f"{match['begin']}{rest[: each.start()]}{deeds}{rest[each.end() :]}"
    placed = _placed(rest, things)
    return match.group(0) if placed == rest else f"{match['begin']}{placed}"


def _placed(text: str, things: Sequence[str]) -> str:
    return _PLACE.sub(lambda one: _thing(one, things), text)


def _thing(match: re.Match[str], things: Sequence[str]) -> str:
    place = _PLACES[match["place"].lower()]
    if match["place"].lower() == "other" and (len(things) != 2 or _RECIPROCAL.search(match.string[: match.start()])):
        return match.group(0)
    return things[place] if place < len(things) else match.group(0)


def _by_place(text: str) -> str:
    """The text with "the first" and its like as the codes of one kind that were named before them."""
    made, at = "", 0
    for match in _PLACE.finditer(text):
        things = list(_named(text[: match.start()]))
        made += text[at : match.start()] + (_thing(match, things) if len(things) > 1 else match.group(0))
        at = match.end()
    return made + text[at:]


def _named(text: str) -> Iterator[str]:
    """The codes of the kind that was named last, each once."""
    codes = find_codes(text)
    seen: set[str] = set()
    for code in codes:
        if code.kind == codes[-1].kind and code.code not in seen:
            seen.add(code.code)
            yield code.code
