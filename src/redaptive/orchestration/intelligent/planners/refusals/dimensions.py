"""Quantities in a unit that measures something else: a roof of so many kilopascals, a payback in degrees.

Each unit has a dimension and each named quantity the dimensions that it may have. The figure stands behind its name
("roof area: 350 m2"), before it ("88,000 gallons of electricity"), or there is only the unit that is asked for ("in kWh").
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_UNITS: Final = {
    "energy": r"k?wh|mwh|gwh|kilowatt-?hours?|megawatt-?hours?|therms?|mm?btus?|btus?|ccf|mcf|joules?|gj|mj",
    "power": r"kw|mw|watts?|kilowatts?|megawatts?|kva|mva|hp|horsepower|kwdc|kwac",
    "money": r"usd|dollars?|cents?|euros?|bucks",
    "area": r"ft2|ft²|sq\.?\s?ft|sqft|square\s+(?:feet|foot|met(?:er|re)s?|yards?|miles?)|m2|m²|acres?|hectares?",
    "length": r"miles?|kilomet(?:er|re)s?|km|inch(?:es)?|yards?|millimet(?:er|re)s?|mm|feet|centimet(?:er|re)s?",
    "volume": r"gallons?|lit(?:er|re)s?|barrels?|cubic\s+(?:feet|foot|met(?:er|re)s?)|pints?|quarts?",
    "mass": r"kilograms?|kg|pounds?|lbs?|ounces?|grams?|tonnes?|metric\s+tons?",
    "cooling": r"tons?\s+of\s+(?:refrigeration|cooling)|refrigeration\s+tons?",
    "temperature": r"°\s?[fc]|degrees?\s+(?:fahrenheit|celsius)|deg\s?[fc]|kelvins?|degf|degc",
    "time": r"years?|months?|weeks?|days?|hours?|minutes?|seconds?",
    "pressure": r"kilopascals?|kpa|psi|pascals?|millibars?|inches\s+of\s+water",
    "speed": r"mph|miles\s+per\s+hour|km/h|knots|rpm|met(?:er|re)s\s+per\s+second",
    "sound": r"decibels?|dba?\b",
    "electric": r"volts?|amps?|amperes?|ohms?",
}
_UNIT: Final = "|".join(f"(?P<u{place}>{words})" for place, words in enumerate(_UNITS.values()))
_DIMENSIONS: Final = tuple(_UNITS)
_QUANTITIES: Final[Sequence[tuple[str, set[str]]]] = (
    (r"(?:available\s+|usable\s+)?roof\s+(?:area|space|size)|floor\s+area|gross\s+area", {"area"}),
    (r"cost\s+(?:change|impact)|capex|capital\s+cost|budget|npv|net\s+present\s+value|annual\s+cost|amount\s+due|earned\s+value|planned\s+value|actual\s+cost|incentive\s+amount|fee", {"money"}),
    (r"(?:time\s+to\s+)?(?:first\s+)?(?:response|resolution)(?:\s+time)?|time\s+to\s+(?:first\s+response|resolution)|(?:simple\s+)?payback(?:\s+(?:time|period))?|service\s+life|remaining\s+life|horizon|contract\s+term|duration", {"time"}),
    (r"(?:highest\s+|peak\s+|maximum\s+|billed\s+|electrical\s+)*demand(?!\s+(?:charge|response|window|cost|side|limit))|peak\s+load|power\s+draw", {"power"}),
    (r"system\s+size|(?:pv|array|inverter)\s+size|vfd\s+size|motor\s+size", {"power", "cooling"}),
    (r"electricity\s+(?:use|usage|consumption)|energy\s+(?:use|usage|consumption)|metered\s+use|avoided\s+energy", {"energy"}),
    (r"(?:chilled[\s-]water\s+)?(?:supply|return|leaving|entering)\s+(?:water\s+|air\s+)?temperature|outdoor\s+temperature", {"temperature"}),
    (r"floor\s+count|number\s+of\s+(?:buildings|tickets|alerts|meters)|csat|load\s+factor|power\s+factor", set()),
)  # fmt: skip
_BETWEEN: Final = r"(?:\s+(?:of|at|for)\s+[A-Z]{1,4}-\d+)?(?:\s*(?:\([^)]{0,20}\)|=|:|of|is|was|at|equals|comes\s+to|amounts\s+to|about|some|only|exactly|the|to\s+be|stated|given|expressed)){0,5}\s*"
_BEHIND: Final = tuple(
    (re.compile(rf"\b(?:{words})\b{_BETWEEN}(?:\$\s?)?\d[\d,]*(?:\.\d+)?\s?(?:k\s|million\s|thousand\s)?(?:{_UNIT})(?![\w/²³])(?!\s+(?:per|an?|each|of\s+(?:savings|data)|and\s+\w+\s+demand|later|ago|ahead|old|after)\b)", re.IGNORECASE), allowed)
    for words, allowed in _QUANTITIES
)  # fmt: skip
_ASKED_IN: Final = tuple(
    (re.compile(rf"\b(?:{words})\b[^.;?!]{{0,80}}?(?:,\s*|\s+|\s-\s)in\s+(?:{_UNIT})(?![\w/²³])(?!\s+(?:per|an?|each|of)\b)", re.IGNORECASE), allowed)
    for words, allowed in _QUANTITIES
)  # fmt: skip
_RESULT_IN: Final = re.compile(rf"\b(?:results?|answer|outcome|it)\s+in\s+(?:{_UNIT})(?![\w/²³])", re.IGNORECASE)
_MONEY_WISH: Final = re.compile(r"\b(?:npv|net\s+present\s+value|irr|payback|cash\s*flow)\b", re.IGNORECASE)
_NOT_OF_MONEY: Final = {
    "temperature",
    "area",
    "length",
    "volume",
    "mass",
    "pressure",
    "speed",
    "sound",
    "electric",
    "cooling",
}
_PER_VOLUME: Final = re.compile(
    r"\b(?:per|a)\s+(?:gallon|lit(?:er|re)|pint|barrel|mile|pound|acre)\s+of\s+(?:grid\s+)?(?:electricity|power|electric\s+energy)\b|"
    r"\bconvert\b[^.;?]{0,60}\b(?:kg|kilograms?|tonnes?|tons?|co2e?|dollars?|usd|kwh|kw)\b[^.;?]{0,30}\b(?:in)?to\s+(?:miles\s+per\s+hour|mph|degrees?|°|decibels?|volts?|inches|hours?|psi|pascals?)\b|"
    r"\b(?:lmps?|locational\s+marginal\s+prices?)\b[^.;?]{0,80}\b(?:per|/|a)\s*(?:therm|mmbtu|ccf|mcf|gallon)\b|"
    r"\belectricity\b\s*(?:,|:|of|=|is)?\s*\d[\d,]*(?:\.\d+)?\s*(?:gallons?|ccf|mcf|lit(?:er|re)s?|cubic\s+\w+|pounds?|lbs)\b",
    re.IGNORECASE,
)
_SIZED: Final = re.compile(rf"\b(?P<what>solar|pv|vfd|led|heat_pump|chiller|boiler)\b[^.;?]{{0,30}}?\bsize\s*(?:=|:|of|is)?\s*\d[\d,]*(?:\.\d+)?\s?(?:{_UNIT})(?![\w/²³])", re.IGNORECASE)  # fmt: skip
_SIZES: Final = {"power", "cooling", "energy", "area", "money"}
_OTHERWISE: Final = re.compile(
    r"\b(?:not\s+in|instead\s+of|convert\w*\s+from|per\s+degree|degree[\s-]days?)\b", re.IGNORECASE
)
MISMEASURED: Final = "That quantity has another unit: {0} is no measure of it."


def ill_measured(text: str) -> str | None:
    """Why a unit does not measure what it is said of; None where all do.

    >>> ill_measured("Size PV for M-71. Available roof area: 350 kilopascals.")
    'That quantity has another unit: pressure is no measure of it.'
    >>> ill_measured("Size PV for M-71. Available roof area: 350 square feet.")
    """
    if _PER_VOLUME.search(text):
        return MISMEASURED.format("that")
    if _OTHERWISE.search(text):
        return None
    for pattern, allowed in (*_BEHIND, *_ASKED_IN):
        for match in pattern.finditer(text):
            if (found := _dimension(match)) not in allowed:
                return MISMEASURED.format(found)
    sized = _SIZED.search(text)
    if sized and (found := _dimension(sized)) not in _SIZES:
        return MISMEASURED.format(found)
    wished = _RESULT_IN.search(text) if _MONEY_WISH.search(text) else None
    if wished and (found := _dimension(wished)) in _NOT_OF_MONEY:
        return MISMEASURED.format(found)
    return None


def _dimension(match: re.Match[str]) -> str:
    """The dimension of the unit that was found."""
    return next(_DIMENSIONS[int(name[1:])] for name, value in match.groupdict().items() if name[0] == "u" and value)
