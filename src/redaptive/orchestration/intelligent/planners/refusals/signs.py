"""Figures by their role: what may not lie below zero, and what the schemas of the tools bound, however it is worded.

A figure's role is what stands beside it in its own clause: "a discount rate of -150 %", "-900 gpm", "pump aged minus
four years". So one sentence may hold a credit of -5,000 dollars, which is fine, and a roof of -200 ft2, which is not.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import NUMBER_WORDS, amount, in_figures

_WORDS: Final = "|".join(word for word in NUMBER_WORDS if word not in ("no", "zero"))
_NUMBER: Final = rf"(?P<n>\d[\d,]*(?:\.\d+)?|\.\d+|{_WORDS})(?:\s?(?:k|m|million|thousand)\b)?"
_SIGN: Final = (
    r"(?:(?<![\w.)\]%/:–-])(?P<s>[-−–])(?=[$.\d])|(?<!\bor\s)(?<!/\s)(?<!/)\b(?P<w>minus|negative)\s+(?:of\s+)?)"
)
_SIGNED: Final = re.compile(rf"(?:\$(?=[-−–]))?{_SIGN}\$?{_NUMBER}", re.IGNORECASE)
_ANY: Final = re.compile(rf"(?:{_SIGN}|(?<![\w.,$-]))\$?{_NUMBER}", re.IGNORECASE)
_CLAUSE: Final = re.compile(r"[.;?!](?=\s)|\b(?:and|with|then|but)\b|,(?=\s)|\d")
_NEXT: Final = re.compile(r"[.;?!](?=\s|$)|,\s|\b(?:and|then|but)\b|\d")
_PERCENT: Final = re.compile(r"^\s?(?:%|percent\b|per\s+cent\b|pct\b)", re.IGNORECASE)
_BEFORE, _AFTER = 60, 36

_NEVER_BELOW: Final = re.compile(
    r"\b(?:flow|gpm|cfm|airflow|duty\s+(?:factor|cycle)|life(?:time|span)?|lasts?|aged?|old|term|runs?\s+for|over|horizon|"
    r"hours?|days?|weeks?|months?|years?|yrs?|draws?|simulations?|iterations|roofs?|area|square\s+f\w+|sq\.?\s?ft|ft2|budget|capex|costs?|costing|invest\w*|put\s+in|spend\w*|"
    r"outlay|margin|share|tax\w*|degradation|probabilit\w+|confidence|capacity|size|crews?|people|workers|limit|top|penalt\w+|offer(?:ed)?|fixed|strike|"
    r"bac|budget\s+at\s+completion|planned|earned|actual|power|kw|mw|kwh|mwh|therms?|tons?|load|consumption|usage|demand|population|meters|buildings|"
    r"floors?|sites|deviation|volatility|spread|event|incentive|rebate|fee|price|pays?|chillers?|boilers?|pumps?|fans?)\b",
    re.IGNORECASE,
)
_MAY_BE_BELOW: Final = re.compile(
    r"\b(?:degrees?|deg|celsius|fahrenheit|°|temperatures?|outdoor|outside|ambient|weather|change\s+orders?|(?:cost|time|price|schedule)\s+(?:change|impact)|"
    r"changes?|credit|propose|co|export\w*|net|delta|difference|drift|offset|correction|adjust\w*|edit|correct|reads?|reading\w*|shows|showed|says|said|sends|sent|reports|reported|values?|register|"
    r"escalat\w+|growth|grow\w*|trend|slope|correlat\w+|latitude|longitude|utc|gmt|lmps?|prices?\s+(?:below|under|went|fell|turn\w*|of|at|were)|clear\w*|spot|npv|irr|"
    r"flows?|savings?|cash|variance|return|result|bias|error|anomal\w+|spikes?|gaps?|real[\s-]time|day[\s-]ahead|power\s+factor)\b|°",
    re.IGNORECASE,
)
_GROWS: Final = re.compile(r"\b(?:escalat\w*|growth|inflation)\b", re.IGNORECASE)
_NON_ROUTINE: Final = re.compile(r"\bnon-?\s?routine\b", re.IGNORECASE)
"""What was used more or less a day by an event that was none of the project's."""
_OUTCOME: Final = re.compile(r"npv|irr|cash|flows?|return|result", re.IGNORECASE)
"""What is reckoned from costs and savings: "the NPV of a job that costs -80,000"."""
_EXCEPT: Final = re.compile(
    r"\b(?:(?:standard|std\.?)\s+deviation|volatility|sigma|put\s+in|fixed|offer\w*|strike|event|pays?|incentive|rebate|penalt\w+|gpm|cfm|flow\s+(?:of|is|at|:)|duty|life|aged?|old|roof|budget|capex|costing|(?:price|cost|outlay|investment)\s+of)\b",
    re.IGNORECASE,
)
"""Roles that are never below zero, whatever else stands beside the figure."""
_EMPTY: Final = re.compile(
    r"\b(?:over|term|life(?:time)?|lasts?|runs?|for)\s+(?:of\s+|is\s+|for\s+)?(?:0|zero|no)\s+(?:years?|months)\b(?!\s+(?:old|of\s+data))|"
    r"\bnegative\s+(?:\w+\s+)?(?:roof|window|area|budget|term|life(?:time)?|horizon|flow|age|duration|capacity|square\s+f\w+|crew|duty\s+factor|discount\s+of)\b",
    re.IGNORECASE,
)
"""Spans of no time, and sizes that are called negative without a figure of their own."""
BELOW: Final = "A negative amount makes no sense here. Give an amount above zero."


@dataclass(frozen=True)
class Role:
    """What a share is called, and the percents between which the schemas of the tools allow it, without the ends."""

    name: re.Pattern[str]
    least: float
    most: float
    message: str


def _role(name: str, least: float, most: float, message: str) -> Role:
    return Role(re.compile(rf"\b(?:{name})", re.IGNORECASE), least, most, message)


_ROLES: Final[Sequence[Role]] = (
    _role(r"discount\s+rates?|discount(?:ed|ing)?\s+(?:it\s+|them\s+|the\s+\w+\s+|this\s+)?(?:at|by|with)|hurdle\s+rate|cost\s+of\s+capital|wacc", -100, 100, "A discount rate lies between -100 and 100 percent."),
    _role(r"(?:customer|client|their|her|his)(?:'s)?\s+(?:margin|share|cut|part)|target\s+irr", -1e-9, 100.001, "That share lies between 0 and 100 percent."),
    _role(r"escalat\w+(?=\W{0,3}(?:(?:rate|of|at|by|is|factor|minus|negative)\s*){0,3}\W*$)", -50, 50, "An escalation lies between -50 and 50 percent a year."),
    _role(r"(?:complete|completed|finished|done)\b(?!\s+(?:by|on|in|at)\b)|progress\b", -1e-9, 100.001, "No more than all of it can be done."),
    _role(r"degradation|degrad\w+\s+(?:by|at)", -1e-9, 100, "A degradation lies between 0 and 100 percent."),
)  # fmt: skip


def ill_signed(text: str) -> str | None:
    """Why a figure cannot have the sign or the size that it has in its role; None where all can.

    >>> ill_signed("NPV of $60,000 and 14,000 a year over 8 years at a discount rate of -150 %")
    'A discount rate lies between -100 and 100 percent.'
    >>> ill_signed("propose a change order of -12,000 dollars and -4 days on P-52")
    >>> ill_signed("kW per ton at a flow of minus nine gpm")
    'A negative amount makes no sense here. Give an amount above zero.'
    """
    told = in_figures(text)
    if _EMPTY.search(text):
        return BELOW
    return _out_of_role(told) or (BELOW if any(_below(told, match) for match in _SIGNED.finditer(told)) else None)


def _below(text: str, match: re.Match[str]) -> bool:
    """Whether the figure is below zero in a role that is not."""
    before, after = _beside(text, match)
    if _PERCENT.match(text[match.end() :]) and any(role.name.search(before) for role in _ROLES):
        return False  # its bounds have been looked at
    if not (_NEVER_BELOW.search(before) or _NEVER_BELOW.search(after)):
        return False
    if _NON_ROUTINE.search(text) or (_GROWS.search(text) and re.search(r"\bmean\b", before, re.IGNORECASE)):
        return False
    if _EXCEPT.search(before) or re.match(r"\W*(?:gpm|cfm|ft2|sq|square|years?[\s-]old)", after, re.IGNORECASE):
        return not _of_a_change(text)
    return not (_may_be_below(before) or _MAY_BE_BELOW.search(after) or _of_a_change(text))


def _may_be_below(before: str) -> bool:
    """Whether a word before a figure lets it be negative; what is asked for says nothing of what another word names."""
    found = list(_MAY_BE_BELOW.finditer(before))
    return any(not (_OUTCOME.fullmatch(one.group(0)) and _NEVER_BELOW.search(before, one.end())) for one in found)


def _of_a_change(text: str) -> bool:
    """Whether the text is about a change, whose cost and days may be less than before."""
    return re.search(r"\bchange\s+orders?\b|\bCO-?\d|\bCO\b|\bcost\s+change\b|\bcredit\b", text) is not None


def _beside(text: str, match: re.Match[str]) -> tuple[str, str]:
    """The words of the figure's own clause, before and after it."""
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    breaks = [found.end() for found in _CLAUSE.finditer(before)]
    after = text[match.end() : match.end() + _AFTER]
    stop = _NEXT.search(after)
    return before[breaks[-1] if breaks else 0 :], after[: stop.start() if stop else len(after)]


def _out_of_role(text: str) -> str | None:
    for match, percent in _percents(text):
        before, after = _beside(text, match)
        for role in _ROLES:
            if not role.least < percent < role.most and (role.name.search(before) or role.name.search(after)):
                return role.message
    return None


def _percents(text: str) -> Iterator[tuple[re.Match[str], float]]:
    """Figures in percent, with their sign."""
    for match in _ANY.finditer(text):
        if _PERCENT.match(text[match.end() :]):
            value = amount(match["n"])
            yield match, -value if match["s"] or match["w"] else value
