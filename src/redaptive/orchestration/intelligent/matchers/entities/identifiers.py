"""Things called by a number or a letter: meter 51177, account 771, AHU-3, chiller 2, ticket #6120."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_NUMBERED: Final = {
    "meter": r"meters?|mtr",
    "account": r"accounts?|acct",
    "ticket": r"tickets?|case|request|incident",
    "alert": r"alerts?|alarm",
    "anomaly": r"anomal(?:y|ies)",
    "invoice": r"invoices?|bills?",
    "building": r"buildings?|bldg",
    "site": r"sites?",
    "project": r"projects?|job",
    "contract": r"contracts?",
    "document": r"documents?|file",
    "permit": r"permits?",
    "change_order": r"change\s+orders?|co|pco",
}
_EQUIPMENT = (
    r"ahu|rtu|vav|fcu|ct|cwp|chwp|chiller|boiler|cooling\s+tower|tower|pump|fan|compressor|air\s+handler"
    r"|rooftop(?:\s+unit)?|inverter|transformer|heat\s+pump"
)
_VALUE = r"(?P<value>[A-Za-z]{0,5}[-_.]?\d[\w.-]*\w|[A-Za-z]{0,5}-?\d)"
_NUMBER = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{kind}>{words})' for kind, words in _NUMBERED.items())})"
    rf"\s*(?:no\.?|number|num|id|#)?\s*[:#]?\s*(?<=[\s#:]){_VALUE}(?![\w%])",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    rf"\b(?P<kind>{_EQUIPMENT})\s*[-#]?\s*(?P<value>\d{{1,4}}[A-Za-z]?(?:-\d+)?|(?-i:[A-H])\b)(?![\w%])", re.IGNORECASE
)
_NEXT = re.compile(rf"\s*(?:,\s*(?:and\s+)?|and\s+|&\s*|or\s+)#?{_VALUE}(?![\w%])", re.IGNORECASE)
_NOT_AN_ID = re.compile(
    r"\s*(?:%|percent|kwh?|mwh?|kva|ft|sq|sf|therms?|usd|dollars|years?|months?|days?|weeks?|hours?|min(?:ute)?s?|am\b|pm\b|tons?)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Identifier:
    """A kind of thing and what people call it."""

    kind: str
    value: str
    start: int
    end: int


def find_identifiers(text: str) -> list[Identifier]:
    """Numbered things from left to right; a number with a unit is a quantity, not a name.

    >>> [(i.kind, i.value) for i in find_identifiers("meter 51177 and AHU-3, ticket #6120")]
    [('meter', '51177'), ('equipment', 'AHU-3'), ('ticket', '6120')]
    """
    found = [i for m in _NUMBER.finditer(text) if (i := _numbered(text, m)) is not None]
    found += [more for first in found for more in _further(text, first)]
    found += [_machine(m) for m in _MACHINE.finditer(text) if not _NOT_AN_ID.match(text, m.end())]
    return sorted(found, key=lambda i: i.start)


def _numbered(text: str, match: re.Match[str]) -> Identifier | None:
    if _NOT_AN_ID.match(text, match.end()) or re.fullmatch(r"(?:19|20)\d\d", match["value"]):
        return None
    kind = next(name for name in _NUMBERED if match[name])
    return Identifier(kind, match["value"], match.start(), match.end())


def _further(text: str, first: Identifier) -> Iterator[Identifier]:
    """The rest of a list: meters 101, 102 and 103."""
    end, numeric = first.end, first.value[0].isdigit()
    while (match := _NEXT.match(text, end)) is not None and match["value"][0].isdigit() == numeric:
        if _NOT_AN_ID.match(text, match.end()):
            return
        yield Identifier(first.kind, match["value"], match.start("value"), match.end())
        end = match.end()


def _machine(match: re.Match[str]) -> Identifier:
    return Identifier("equipment", " ".join(match.group(0).split()), match.start(), match.end())
