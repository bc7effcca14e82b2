"""Figures outside what a tool's schema allows, by the words of its argument, whether or not they were bound to it.

A contract test compares the bounds with the schemas. Figures may be words ("fifty draws"), and times have any unit.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import (
    LOAD_AHEAD_H,
    NUMBER_WORDS,
    PEAK_AHEAD_H,
    amount,
    in_either_form,
)

MOST_ROWS: Final = 5_000
"""Rows of a batch of readings, as the tool's description says."""
_N: Final = rf"(?P<n>\d[\d,]*(?:\.\d+)?|{'|'.join(NUMBER_WORDS)})(?P<k>\s?k\b|\s+thousand\b|\s+million\b)?"
_TIME: Final = r"\s*-?(?P<u>minutes?|min|hours?|hrs?|h|days?|d|weeks?|months?)\b"
_IN_H: Final = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "mo": 720.0}


@dataclass(frozen=True)
class Bound:
    """An argument of a tool: how its figure `n` is said, beside what, and what its schema allows; times in `unit_h`."""

    tool: str
    argument: str
    said: re.Pattern[str]
    least: float
    most: float
    message: str
    beside: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    unit_h: float = 1.0


def _any(*patterns: str) -> re.Pattern[str]:
    """One pattern for several, each with the figure `n`; the names of all but the first get numbers."""
    return re.compile("|".join(_numbered(pattern, place) for place, pattern in enumerate(patterns)), re.IGNORECASE)


def _numbered(pattern: str, place: int) -> str:
    return pattern if place == 0 else re.sub(r"\(\?P<(\w+)>", rf"(?P<\g<1>{place}>", pattern)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_SPLIT: Final = _words(
    r"\b(?:two|three|several|four|separate|successive|consecutive)\s+(?:\w+\s+)?(?:forecasts|runs|alerts|batches|calls|snoozes|pages|steps|parts)\b(?![^.;]{0,40}\b(?:not|no|never|must\s+not|ruled\s+out|no\s+use|on\s+no)\b)|\bin\s+(?:steps|parts|batches\s+of|pages\s+of|chunks)\b"
)
_BOUNDS: Final[Sequence[Bound]] = (
    Bound("energy-finance.simulate_risk", "draws", _any(rf"\b(?:draws?|simulations|iterations|trials)\s*(?:=|:|of|is|are|at|to|only|just)+\s*{_N}(?!\s*(?:%|usd|\$|years?))", rf"(?<![\w.,$-]){_N}\s+(?:random\s+|monte[\s-]carlo\s+)?(?:draws|iterations|trials)\b"), 1_000, 1_000_000, "A simulation takes 1,000 to 1,000,000 draws.", beside=_words(r"\b(?:simulat\w+|risks?|risky|monte[\s-]carlo|procurement)\b")),
    Bound("energy-monitoring.peak_alert", "window_min", _any(rf"\b(?:demand|tariff['’]?s?|billing|metering)\s+window\b[^.;?\d]{{0,30}}?{_N}{_TIME}", rf"(?<![\w.,$-]){_N}{_TIME}\s+(?:(?:demand|billing)\s+)?window\b", rf"\bwindow\s*(?:=|:|of|is)\s*{_N}{_TIME}"), 1, 60, "A demand window is 1 to 60 minutes long.", beside=_words(r"\bpeak\b"), unit_h=1 / 60),
    Bound("energy-monitoring.raise_or_acknowledge_alert", "limit", _any(rf"\b(?:list|show|give\s+me|get|first|top|up\s+to|at\s+most)\s+(?:the\s+|me\s+)?(?:first\s+|last\s+|newest\s+)?{_N}\s+(?:\w+\s+){{0,2}}?(?:alerts|alarms)\b", rf"\blimit\s*(?:=|:|of|is|to|at)?\s*{_N}\b(?!\s*(?:%|usd|\$|kw|hours?|days?|c?$))(?=[^;?]*\b(?:alerts|alarms)\b)"), 1, 500, "At most 500 alerts are listed at a time."),
    Bound("energy-monitoring.ingest_readings", "readings", _any(rf"(?<![\w.,$-]){_N}\s+(?:\w+\s+)?(?:rows|readings|records|values|intervals)\b"), 0, MOST_ROWS, "A batch of readings has at most 5,000 rows: split it.", beside=_words(r"\b(?:one|single|undivided|whole|same)\s+(?:single\s+|undivided\s+)?(?:batch|call|go|load)\b|\bundivided\b"), unless=_words(r"\b(?:analy[sz]e|usage|load\s+shape|forecast)\b")),
    Bound("energy-monitoring.forecast_load", "horizon_h", _any(rf"\bforecast\w*\b[^.;?]{{0,70}}?\bhorizon\s*(?:=|:|of|is)?\s*{_N}{_TIME}", rf"\bforecast\w*\b[^.;?]{{0,70}}?(?<![\w.,$-]){_N}{_TIME}\s+(?:ahead|out|into\s+the\s+future)\b", rf"\bhorizon\s*(?:=|:|of|is)?\s*{_N}{_TIME}(?=[^.;?]{{0,60}}\bforecast)"), 0, LOAD_AHEAD_H, f"A load forecast reaches at most {LOAD_AHEAD_H:g} hours ahead.", beside=_words(r"\b(?:load|meters?|M-\d+|demand|[A-Z]{2,4}-\d+)\b"), unless=_SPLIT),
    Bound("energy-monitoring.peak_alert", "horizon_h", _any(rf"\bpeak\s+(?:alert|warning)\b[^.;?]{{0,70}}?\b(?:horizon|look(?:ing)?|next|for|over)\s*(?:=|:|of|is|ahead|the)?\s*(?:the\s+|next\s+|coming\s+)*{_N}{_TIME}", rf"\bpeak\s+(?:alert|warning)\b[^.;?]{{0,70}}?(?<![\w.,$-]){_N}{_TIME}\s+(?:ahead|out)\b"), 0, PEAK_AHEAD_H, f"A peak alert looks at most {PEAK_AHEAD_H:g} hours ahead.", unless=_SPLIT),
    Bound("market-intelligence.procurement_risk", "index.load_correlation", _any(r"\bcorrelation\b[^.;?\d]{0,40}?(?:of|is|=|:|at)\s*(?P<n>[-−–]?\d+(?:\.\d+)?)\b(?!\s?%)"), -1, 1, "A correlation lies between -1 and 1."),
    Bound("energy-finance.design_eaas_contract", "term_y", _any(rf"\b(?:eaas|energy[\s-]as[\s-]a[\s-]service|contract)\b[^.;?]{{0,80}}?\b(?:term|runs?|duration)\s*(?:=|:|of|for|is)?\s*{_N}\s*-?(?:years?|y)\b", rf"\bterm\b[^.;?\d,]{{0,24}}?{_N}\s*-?(?:years?|y)\b", rf"(?<![\w.,$-]){_N}[\s-]years?\s+(?:(?:eaas|energy[\s-]as[\s-]a[\s-]service|service|contract|fixed)\s+)*(?:term|contract)\b"), 1, 30, "A contract runs for 1 to 30 years.", beside=_words(r"\b(?:eaas|energy[\s-]as[\s-]a[\s-]service|service\s+contract|fixed\s+fee|shared[\s-]savings|provider|design\s+(?:an?\s+)?contract)\b"), unless=_words(r"\bservice\s+life\b|\bppa\b")),
    Bound("energy-finance.project_cashflow", "life_y", _any(rf"\b(?:service\s+life|life(?:time|span)?)\s*(?:=|:|of|is)?\s*{_N}\s*-?(?:years?|y)\b", rf"(?<![\w.,$-]){_N}\s*-?(?:years?|y)\s+(?:of\s+)?(?:service\s+life|life(?:time|span)?)\b"), 1, 40, "A project is reckoned over 1 to 40 years of life.", beside=_words(r"\b(?:npv|irr|payback|cash\s*flow|capex|risk|pv|solar|lcoe)\b"), unless=_words(r"\bremaining\b|\bfail\w*")),
    Bound("equipment-performance.predict_remaining_life", "duty_factor", _any(r"\bduty\s+factor\s*(?:=|:|of|is|at)?\s*(?P<n>\d+(?:\.\d+)?)\b(?!\s?%)"), 0, 3, "A duty factor is at most 3."),
)  # fmt: skip


def beyond_bounds(text: str) -> str | None:
    """What a tool's schema does not allow of a figure that the text names; None where it allows all.

    >>> beyond_bounds("Monte Carlo for the boiler, draws = fifty")
    'A simulation takes 1,000 to 1,000,000 draws.'
    >>> beyond_bounds("Monte Carlo for the boiler, 5,000 draws")
    """
    return in_either_form(_beyond, text)


def _beyond(told: str) -> str | None:
    for bound in _BOUNDS:
        if (bound.beside and not bound.beside.search(told)) or (bound.unless and bound.unless.search(told)):
            continue
        if any(not bound.least <= _value(match, bound) <= bound.most for match in bound.said.finditer(told)):
            return bound.message
    return None


def bounds() -> Sequence[Bound]:
    """All of them, for the test that holds them against the schemas."""
    return _BOUNDS


def _value(match: re.Match[str], bound: Bound) -> float:
    """The figure of whichever way it was said, times in the unit of the argument."""
    said = {name.rstrip("0123456789"): value for name, value in match.groupdict().items() if value is not None}
    value = amount(said["n"].lstrip("-−–")) * _scale(said.get("k", ""))
    value = -value if said["n"][0] in "-−–" else value
    return value * _hours(said["u"]) / bound.unit_h if "u" in said else value


def _scale(word: str) -> float:
    return 1e6 if "million" in word.lower() else 1e3 if word else 1.0


def _hours(unit: str) -> float:
    name = unit.lower()
    return _IN_H["mo"] if name.startswith("mo") else _IN_H[name[0]]
