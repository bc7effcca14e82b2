"""Lists of formal letters: deeds become steps, terms become what one step is done with."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.formal_frames import ITEM, LIKE
from redaptive.orchestration.intelligent.planners.clauses.formal_words import is_deed, verbal
from redaptive.orchestration.intelligent.planners.clauses.verbs import commands

_I: Final = re.IGNORECASE
_MARK: Final = re.compile(
    r"(?:(?<=[:;,.]\s)|(?<=\n)|(?<=\sand\s)|^)(?:\((?P<a>\d|[a-h]|[ivx]{1,4})\)|(?P<b>\d|[a-h]|[ivx]{1,4})[.)])\s+(?=\S)",
    _I,
)
_ROWS: Final = ("12345678", "abcdefgh", ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii"))
_ORDERED: Final = re.compile(
    r"\bsequence\b|\border\b(?!\s+(?:of\s+no|is\s+im))|\bone\s+after\b|\bsuccessi(?:vely|on)\b|\bin\s+turn\b|\bconsecutive",
    _I,
)
_FREE: Final = re.compile(r"\b(?:any\s+order|no\s+(?:particular|specific)\s+order|order\s+(?:\w+\s+){0,6}(?:immaterial|irrelevant)|in\s+parallel|independent)\b", _I)  # fmt: skip
_ANNOUNCES: Final = re.compile(
    r"(?:(?<=[.!?;]\s)|(?<=\n)|^)[^.!?;\n]*\b(?:following|steps|sequence|actions|tasks|order\s+stated)\b[^.!?;\n]*:\s*$",
    _I,
)
_WISHED: Final = re.compile(r"\b(?:is|are)\s+(?:\w+\s+){0,2}to\s+be\b|\bshould\s+(?:\w+\s+)?be\b", _I)
_BULLET: Final = re.compile(r"\n[-•*–]\s+")
_BELOW: Final = re.compile(
    r"\b(?:on|with|from|using)\s+the\s+(?:figures|values|data|parameters|numbers)\s+(?:given\s+)?below\b", _I
)
_TERMS: Final = re.compile(
    r"(?P<lead>\b(?:following|these)\s+(?:\w+\s+)?(?:terms|parameters|assumptions|figures|data|conditions|values|inputs))\s*:\s+(?P<items>[^.\n?!]*(?:\.(?=\d)[^.\n?!]*)*)",
    _I,
)
_GENERIC: Final = re.compile(r"(?:(?<=[.!?;]\s)|(?<=\n)|(?<=,\s)|^)[^.!?;\n,]*$")
_WANTED: Final = re.compile(
    r"\bfollowing\s+(?:information|items|documents|points|particulars|details|results)\b[^.;]{0,80}:\s*$", _I
)
_LEAST: Final = 2
_HAVE: Final = re.compile(
    rf"{LIKE}\s+(?:the\s+following)(?:\s+\w+){{0,3}}\s*:\s+(?P<items>[^.?!\n]*;[^.?!\n]*(?:\.(?=\w)[^.?!\n]*)*)", _I
)


def without_list(text: str) -> str:
    """The text with the items of its list as sentences where they are deeds, else joined by commas.

    >>> without_list("Please do the following in this order: i) parsing of the file; ii) ingestion of the readings.")
    'parse the file. Then ingest the readings.'
    >>> without_list("on the following terms: (a) capital cost of $1; (b) a term of 12 years.")
    'on the following terms, capital cost of $1, a term of 12 years.'
    """
    text = _bullets(text)
    text = _HAVE.sub(lambda match: "; ".join(verbal(each) for each in ITEM.split(match["items"])), text)
    text = _TERMS.sub(_in_a_row, text)
    marks = _marks(text)
    if len(marks) < _LEAST:
        return text
    items = [text[one.end() : two.start()] for one, two in pairwise(marks)]
    last, tail = _last(text[marks[-1].end() :])
    items = [re.sub(r"[\s;,.]*(?:\band\b)?\s*$", "", each) for each in [*items, last]]
    return _joined(text[: marks[0].start()], items, tail)


def _in_a_row(match: re.Match[str]) -> str:
    """Terms between semicolons, between commas."""
    if ";" not in match["items"] or _MARK.search(match["items"]):
        return match.group(0)
    return f"{match['lead']}, {match['items'].replace(';', ',')}"


def _bullets(text: str) -> str:
    """Lines behind dashes: behind the words that point at them, or one after the other."""
    first, *items = _BULLET.split(text)
    if len(items) < _LEAST or not all(re.search(r"\d", each) for each in items):
        return text
    told = ", ".join(re.sub(r"[\s;,.]+$", "", each).replace(": ", " ") for each in items)
    if match := _BELOW.search(first):
        return f"{first[: match.start()]}with {told}{first[match.end() :]}"
    return f"{first.rstrip(' :')} with {told}."


def _marks(text: str) -> list[re.Match[str]]:
    """The marks of one list, in their order."""
    every = list(_MARK.finditer(text))
    for row in _ROWS:
        found: list[re.Match[str]] = []
        for match in every:
            if len(found) < len(row) and (match["a"] or match["b"]).lower() == row[len(found)]:
                found.append(match)
        if len(found) >= _LEAST:
            return found
    return []


def _last(text: str) -> tuple[str, str]:
    """The last item, and what stands behind the list."""
    end = re.search(r"\n|[.?!](?=\s|$)", text)
    return (text[: end.start()], text[end.end() :].strip()) if end else (text, "")


def _joined(lead: str, items: list[str], tail: str) -> str:
    behind = f" {tail}" if tail else ""
    deeds = [each for each in items if is_deed(each) or commands(each) or _WISHED.search(each)]
    if len(deeds) == len(items):
        free = _FREE.search(lead) or _FREE.search(tail)
        joint = ". Then " if _ORDERED.search(lead) and not free else ". "
        told = joint.join(each if commands(each) or _WISHED.search(each) else verbal(each) for each in items)
        if match := _ANNOUNCES.search(lead):
            lead = lead[: match.start()]
        return f"{lead}{told}.{behind}"
    if _WANTED.search(lead):
        joint = ". Then " if _ORDERED.search(lead) else ". "
        bare = lead[: match.start()] if (match := _GENERIC.search(lead)) else lead
        return f"{bare}{joint.join(verbal(each) for each in items)}.{behind}"
    if not _figures(items) or not lead.rstrip().endswith(":"):
        return f"{lead}{'; '.join(items)}.{behind}"
    bare = re.sub(r"[\s:]+$", "", lead)
    return f"{bare}, {', '.join(items)}.{behind}"


def _figures(items: list[str]) -> bool:
    return all(re.search(r"\d", each) for each in items)
