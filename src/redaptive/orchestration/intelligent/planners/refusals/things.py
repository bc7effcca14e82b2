"""What is asked of a thing by its code that only things of another kind have: pages of a chiller, a last reading of a bill."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_PAPER: Final = r"(?:DOC|INV|CERT)-\d+"
_METER: Final = r"(?:M|MTR)-\d+"
_MACHINE: Final = r"(?:AHU|RTU|CH|CT|VAV|HWP|CHW|FCU|EL|VFD|INV(?=-\d\b))-\d[\w-]*|(?:boiler|pump|fan|cooling\s+tower|chiller|elevator)\s+[A-Z]{1,3}-\d+"
_DEED: Final = r"(?:TIC|TCK|CO|AL)-\d+"
_SMALL: Final = r"(?:\s+(?:the|our|an?|this|that|customer|equipment|machine|meter|document|invoice|submeter|electricity|utility|bill|ticket|tower|chiller|air\s+handler|itself|named|called))*\s+"
_FEW: Final = r"(?:\W+(?!and\b|or\b|then\b|of\b|about\b|for\b)[\w'’+()-]+){0,4}?"
_KINDS: Final[Sequence[tuple[str, str, str]]] = (
    (r"(?:what|which)\s+(?:kind|type|sort)\s+of\s+document\s+is", rf"{_METER}|{_MACHINE}|{_DEED}", "Only a document has a type and pages; it has an id of its own."),
    (r"how\s+many\s+pages\s+(?:does|has)", rf"{_METER}|{_MACHINE}|{_DEED}", "Only a document has a type and pages; it has an id of its own."),
    (rf"(?:last\s+reading|latency|validation\s+flags|interval\s+gaps?)\b{_FEW}\s+(?:of|for|from)", rf"{_PAPER}|{_DEED}", "Readings and their latency are those of a meter, by its code."),
    (rf"(?:critical\s+path|float|earned\s+value)\b{_FEW}\s+(?:of|for)", rf"{_METER}|{_MACHINE}|{_PAPER}|(?:TIC|TCK|AL)-\d+", "A critical path and an earned value are those of a project."),
    (rf"savings\s+report{_FEW}\s+(?:of|for)", rf"{_PAPER}|{_METER}|{_MACHINE}|{_DEED}", "A savings report is that of a customer."),
    (r"(?:which|what)\s+LEED\s+(?:level|score|rating)\s+(?:does|has|did)", rf"{_METER}|{_MACHINE}|(?:(?:electricity\s+|utility\s+|gas\s+)?(?:invoice|bill)\s+){_PAPER}", "A building has a LEED level, and its certificate tells it."),
    (r"(?:chilled[\s-]water\s+)?delta[\s-]t\s+(?:of|for|at)(?:\s+\w+){0,2}?", r"(?:PV\s+)?inverter\s+[A-Z]+-\d+", "Only a plant with water in it has such a difference of temperatures."),
    (r"(?:refrigerant\s+(?:lost|leaked|charge)|kW\s+per\s+ton)\s+(?:by|of|from)(?:\s+\w+){0,2}?", r"(?:LED|lamp|driver|inverter|meter|panel)s?(?:\s+\w+)?\s+[A-Z]+-\d+", "Only a machine that cools has refrigerant."),
)  # fmt: skip
_ASKED: Final = tuple(
    (re.compile(rf"\b{what}{_SMALL}(?:{thing})\b(?!['’])", re.IGNORECASE), why) for what, thing, why in _KINDS
)
_ASSIGNEE: Final = re.compile(
    rf"\b(?:assign|reassign|give|hand)\b[^.;?!]{{0,40}}?\bto\s+(?:the\s+)?(?:{_MACHINE}|{_METER})(?!['’])\b|\bmake\s+(?:the\s+)?(?:{_MACHINE}|{_METER})\s+the\s+(?:assignee|owner)\b",
    re.IGNORECASE,
)
_VOTED: Final = re.compile(
    rf"\bCSAT\s+(?:score\s+)?(?:did|has|does)\s+(?:the\s+|our\s+)?(?:{_MACHINE}|{_METER})\b(?:\s+itself)?\s+(?:give|gave|vote|award|rate)",
    re.IGNORECASE,
)
NOT_A_PERSON: Final = "A machine or a meter takes no ticket and gives no score: name a person or a customer."


def not_of_that_kind(text: str) -> str | None:
    """Why the thing that a code names has nothing of what is asked; None where it may.

    >>> not_of_that_kind("How many pages does chiller CH-2 have?")
    'Only a document has a type and pages; it has an id of its own.'
    >>> not_of_that_kind("How many pages does DOC-2 have?")
    """
    if _ASSIGNEE.search(text) or _VOTED.search(text):
        return NOT_A_PERSON
    return next((why for pattern, why in _ASKED if pattern.search(text)), None)
