"""Two figures of one sentence that no meter can bring together: energy and power, energy in and out, hours and days."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import figure

_N: Final = r"\$?(?P<{0}>\d[\d,]*(?:\.\d+)?)\s?(?P<{0}u>k|m|thousand|million)?\b"
_A: Final = _N.format("a")
_B: Final = _N.format("b")
_SCALE: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "kwh": 1.0, "mwh": 1e3, "gwh": 1e6}
_HOURS: Final = {"day": 24.0, "week": 168.0, "month": 744.0, "year": 8_784.0}
_ENERGY: Final = r"(?P<{0}>\d[\d,]*(?:\.\d+)?)\s?(?P<{0}u>[kmg]wh)\b"

_MORE_HOURS: Final = re.compile(
    r"\b(?P<a>\d[\d,.]*)(?P<au>)\s*(?:(?:run(?:ning)?|fault|operating|working|full[\s-]load)[\s-]+)?(?:hours?|h)\b[^.;?]{0,40}?"
    r"\b(?:per|a|each|every|(?:with)?in\s+(?:a|one)(?:\s+single)?|on\s+(?:a|one|the\s+same)|(?:of\s+)?(?:the|one))\s+(?P<b>day)\b",
    re.IGNORECASE,
)
_FACTOR_ABOVE_ONE: Final = re.compile(
    r"\b(?:load|power|capacity)\s+factors?\b[^.;?]{0,50}?\b(?:higher|greater|larger|more|bigger|above|over)\s+(?:than\s+)?(?:1(?:\.\d+)?|one|100\s?%)(?![\d.,]*\d)",
    re.IGNORECASE,
)
_ENERGY_AND_PEAK: Final = re.compile(
    rf"{_ENERGY.format('a')}\s+(?:\w+\s+)?(?:in|per|a|each|for|on|within)\s+(?:one\s+|a\s+|the\s+|that\s+|single\s+)*(?P<t>day|week|month|year)\b"
    r"[^;?]{0,40}?\b(?:peak|maximum|demand|load)\b[^;?\d]{0,24}(?P<b>\d[\d,]*(?:\.\d+)?)\s?(?P<bu>[km]w)\b",
    re.IGNORECASE,
)
_BATTERY: Final = re.compile(
    rf"\b(?:store|put|save|keep|load|charge|fit)\s+{_ENERGY.format('a')}[^;?]{{0,30}}\b(?:in|into)\b[^;?]{{0,40}}\b"
    rf"(?:battery|storage|pack)\b[^;?\d]{{0,40}}{_ENERGY.format('b')}",
    re.IGNORECASE,
)
_HEAT: Final = re.compile(
    r"\b(?:burn\w*|us(?:e|es|ing)|take\w*|consum\w+|draw\w*|feed\w*)\s+(?P<a>\d[\d,.]*)(?P<au>)\s*(?P<x>therms?|kwh|mmbtu|mwh)\b"
    r"[^;?]{0,80}?\b(?P<b>\d[\d,.]*)(?P<bu>)\s*(?P=x)\s+(?:of\s+)?(?:useful\s+|usable\s+|delivered\s+)?(?:heat|output|work|light)\b",
    re.IGNORECASE,
)
_OVER_BUDGET: Final = re.compile(
    rf"\b(?:total|costs?|costing|worth|sum|amount|spend\w*)\b[^;?\d]{{0,24}}\b(?:at\s+least|more\s+than|over|above|no\s+less\s+than)\s+{_A}[^;?]{{0,50}}\b(?:budget|limit|cap)\b[^;?\d]{{0,10}}{_B}",
    re.IGNORECASE,
)
_BUDGET_FIRST: Final = re.compile(
    rf"\b(?:budget|pot|purse)\s+(?:of|is|with|:)?\s*{_B}[^;?]{{0,60}}?\b(?:costs?|costing|total|sum|spend\w*|worth)\b[^;?\d]{{0,24}}"
    rf"\b(?:at\s+least|more\s+than|over|above|no\s+less\s+than)\s+{_A}",
    re.IGNORECASE,
)
_CHEAP_OF_DEAR: Final = re.compile(
    rf"\b(?:costs?|costing|for|spend\w*|budget)\b[^;?\d]{{0,20}}\b(?:less\s+than|under|below|at\s+most|of|is|no\s+more\s+than)\s+{_B}[^;?]{{0,50}}\b(?:only|each|every|all)\b"
    rf"[^;?\d]{{0,30}}\b(?:above|over|more\s+than|at\s+least)\s+{_A}(?!\s*(?:kwh|kw|%|percent|years?|ft|sq))",
    re.IGNORECASE,
)
_PRICED: Final = re.compile(
    rf"\b[A-Z]{{1,4}}-\d+\s*(?:\((?:capex\s+|costs?\s+)?|at\s+|for\s+|costs?\s+|with\s+(?:a\s+)?(?:capex|cost)\s+of\s+){_A}",
    re.IGNORECASE,
)
_PURSE: Final = re.compile(
    rf"\b(?:budget|limit|have(?:\s+only)?|purse|only)\s+(?:of\s+|is\s+|with\s+|:\s*)?{_B}", re.IGNORECASE
)
_ALL_IN_FULL: Final = re.compile(
    r"\b(?:both|all)\s+(?:of\s+(?:them|these|those)\s+)?(?:of\s+them\s+)?(?:in\s+full|at\s+once|together|completely|entirely)\b|"
    r"\b(?:fund|finance|do|take|buy|build|include|choose|pick)\s+(?:them\s+)?(?:both|all)\b(?!\s+(?:that|which|those))",
    re.IGNORECASE,
)
_CASE: Final = r"(?:case|figure|value|estimate|one|guess|price|cost)?"
_CASES: Final = tuple(
    re.compile(
        rf"\b(?:{names})\b\s*{_CASE}[^.;?\d]{{0,16}}?{_A}|{_N.format('b')}(?<![,\s])\s*(?:dollars|usd)?\s*\(?(?:is\s+|as\s+(?:the\s+|an?\s+)?)?\b(?:{names})\b",
        re.IGNORECASE,
    )
    for names in (
        r"optimistic|best[\s-]case|at\s+best|lowest",
        r"(?:most\s+)?likely|expected|base[\s-]case",
        r"pessimistic|worst[\s-]case|at\s+worst|highest",
    )
)
"""The best, the likely and the worst of three cases, with its figure after it or before it."""
_SPENT: Final = re.compile(r"\b(?:costs?|capex|price|outlay|budget|days|weeks|duration|time)\b", re.IGNORECASE)
_EARNED: Final = re.compile(r"\b(?:savings?|revenue|income|output|yield|lowest|highest)\b", re.IGNORECASE)
LONGEST_EVENT_H: Final = 16
_EVENT: Final = re.compile(
    r"\b(?:dr|demand[\s-]response|curtailment|shed\w*|reduction)\b(?:[^.;?]{0,60}?\bevent\b|\s+event\b)?[^.;?]{0,40}?\b(?:lasts?|lasting|of|for|takes?|going\s+on\s+for)\s+(?:for\s+)?"
    r"(?P<a>\d[\d,.]*)(?P<au>)\s*(?P<t>hours?|h|days?|weeks?)\b(?!\s+(?:ago|of\s+(?:data|history|notice)|ahead|before|after|later))|"
    r"\b(?P<b>\d[\d,.]*)(?P<bu>)[\s-](?P<w>hour|day|week)(?:s?|[\s-]long)?\s+(?:\w+\s+)?(?:demand[\s-]response|dr|curtailment)\s+event\b",
    re.IGNORECASE,
)
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], bool], str]


def unbalanced(text: str) -> str | None:
    """Why two figures of the text do not go together; None where they do.

    >>> unbalanced("we used 4,000 kWh in a day with a peak of 10 kW") is not None
    True
    >>> unbalanced("we used 200 kWh in a day with a peak of 10 kW")
    """
    if _together_too_dear(text):
        return "Together they cost more than the budget."
    if _cases_crossed(text):
        return "Of three cases the likely one lies between the best and the worst."
    for pattern, wrong, message in _RULES:
        if any(wrong(match) for match in pattern.finditer(text)):
            return message
    return None


def _together_too_dear(text: str) -> bool:
    """Whether all of some priced things are to be had for less than their sum."""
    if not _ALL_IN_FULL.search(text):
        return False
    purse = _PURSE.search(text)
    cost = sum(_value(match, "a") for match in _PRICED.finditer(text))
    return purse is not None and cost > _value(purse, "b") > 0.0


def _cases_crossed(text: str) -> bool:
    """Whether the likely case is none between the others, or a cost is higher in the best case than in the worst."""
    found = [pattern.search(text) for pattern in _CASES]
    best, likely, worst = (match and _value(match, "a" if match["a"] else "b") for match in found)
    if best is None or worst is None or len({best, likely, worst}) < len(found):
        return False
    if likely is not None and not min(best, worst) <= likely <= max(best, worst):
        return True
    return best > worst and bool(_SPENT.search(text)) and not _EARNED.search(text)


def _too_long_an_event(match: re.Match[str]) -> bool:
    unit = (match["t"] or match["w"] or "h")[0].lower()
    hours = {"h": 1.0, "d": _HOURS["day"], "w": _HOURS["week"]}[unit]
    return _value(match, "a" if match["a"] else "b") * hours > LONGEST_EVENT_H


def _value(match: re.Match[str], name: str) -> float:
    """The figure with the scale of its unit."""
    unit = (match[f"{name}u"] or "").lower()
    return figure(match[name]) * _SCALE.get(unit, 1.0)


def _first_more(match: re.Match[str]) -> bool:
    return _value(match, "a") > _value(match, "b")


def _too_little_power(match: re.Match[str]) -> bool:
    peak_kw = _value(match, "b") * (1e3 if match["bu"].lower() == "mw" else 1.0)
    return _value(match, "a") > peak_kw * _HOURS[match["t"].lower()]


_RULES: Final[Sequence[_Rule]] = (
    (_EVENT, _too_long_an_event, f"A demand response event lasts at most {LONGEST_EVENT_H} hours."),
    (_MORE_HOURS, lambda match: _value(match, "a") > _HOURS["day"], "A day has 24 hours."),
    (_FACTOR_ABOVE_ONE, lambda _: True, "That factor cannot exceed one: it is a share of the maximum."),
    (_ENERGY_AND_PEAK, _too_little_power, "So much energy needs a higher peak than that, even around the clock."),
    (_BATTERY, _first_more, "A battery does not hold more than its capacity."),
    (_HEAT, lambda match: _value(match, "b") > _value(match, "a"), "No more comes out than what goes in."),
    (_OVER_BUDGET, _first_more, "What costs more than the budget does not fit into it."),
    (_BUDGET_FIRST, _first_more, "What costs more than the budget does not fit into it."),
    (_CHEAP_OF_DEAR, _first_more, "What each costs is above the limit of the whole."),
)
