"""Numbers for arguments that no table of words knows: by the words of their own names, and sizes by their unit."""
# ruff: noqa: E501, SIM905 -- tables of words

from __future__ import annotations

import re
from functools import cache
from typing import Final

from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.sums import figure
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.schema import Json

_NUMBER: Final = r"[$]?(?P<{n}>\d[\d,]*(?:\.\d+)?|\.\d+)(?![\w-]*-\d)"
_BETWEEN: Final = r"(?:\s+(?:factor|temperature|limit|hours?|cost|price|emissions?|intensity|of|at|is|to|with|about|around))*\s*[:=]?\s*"
_UNITS: Final = frozenset("usd per y f h kg kw kwh gpm cfm ft2 t co2e kwdc max min factor id".split())
"""Parts of the names of arguments that say the unit, not what it is."""
_FIXTURES: Final = re.compile(r"\b(?P<n>\d[\d,]*)\s+(?:led\s+)?(?:fixtures?|lamps?|luminaires?)\b", re.IGNORECASE)


_INCENTIVES: Final = re.compile(
    r"\b(?:incentives?|rebates?|grants?|subsid\w+)\s+(?:(?:are|is|there|available|exist|do|we|get|you|know|which|that|on|offer)\s+|(?:in|from)\s+(?-i:[A-Z])\w+\s+(?:(?-i:[A-Z])\w+\s+)?){0,4}(?:for|on|to)\s+(?:an?\s+|the\s+|new\s+)?(?:measure\s+)?"
    r"(?P<what>(?!(?:it|them|that|this|those|these|us|me|you|him|her|everyone|everybody|anyone|people|customers?|tenants?|which|what|our|my|their|customer|site|building|meter|project)\b)[a-z][a-z_-]+(?:\s[a-z][a-z-]+)?)(?=\s+(?:in|at|from|under|with)\s|[,.;?!]|$)",
    re.IGNORECASE,
)


def figure_of(name: str, reading: Reading) -> Json:
    """The number that stands beside the words of an argument's name; None where none does.

    >>> figure_of("duty_factor", Reading("it runs 1.2 times the usual duty")), figure_of("seed", Reading("use seed 7"))
    (1.2, 7)
    """
    if name == "duty_factor" and (compared := _DUTY.search(reading.text)):
        return _duty(compared)
    if name.endswith("kg_per_kwh") and (dirty := _KG_PER_KWH.search(reading.text)):
        value = float(dirty["n"])
        return figure(round(value / 1000, 6) if dirty["unit"].lower() == "g" else value)
    match = _beside(name).search(reading.text)
    return figure((match["a"] or match["b"]).replace(",", "")) if match else None


_KG_PER_KWH: Final = re.compile(
    r"(?<![\w.])(?P<n>\d*\.?\d+)\s*(?P<unit>kg|g)\s*(?:of\s+)?(?:co2e?\s*)?(?:/|per|an?)\s*kwh\b", re.IGNORECASE
)


def named_figure(name: str, reading: Reading) -> Json:
    """The bare number right behind the words of an argument's name; None where there is none.

    >>> named_figure("age_y", Reading("a VFD, age 0")), named_figure("flow_gpm", Reading("flow 1600 and 44 F"))
    (0, 1600)
    """
    if name not in _UNITLESS:
        return None
    words = r"[\s-]+".join(word for word in name.split("_") if word not in _UNITS)
    match = re.search(
        rf"\b{words}s?\s*(?:of|is|at|:|=|,)?\s*(?P<n>\d[\d,]*(?:\.\d+)?)(?=\s*(?:[,.;:?!)]\s|[,.;:?!)]?$|and\b|at\b|with\b))",
        reading.text,
        re.IGNORECASE,
    )
    return figure(match["n"].replace(",", "")) if match else None


_UNITLESS: Final = frozenset(
    {"age_y", "term_y", "power_kw", "flow_gpm", "chws_f", "chwr_f", "cws_f", "cwr_f", "design_tons", "fault_hours"}
)
"""Arguments that people give without a unit, by their name."""


_DUTY: Final = re.compile(
    r"(?P<n>\d{1,3}(?:\.\d+)?)\s*(?:%|percent\b|per\s?cent\b)\s+(?:(?P<more>harder|more|longer|heavier|above|over|higher)|(?:less|lighter|below|under|lower|shorter|easier))"
    r"(?:\s+(?:hours|duty|load(?:ed)?|intens\w+|heavily|hard))?(?:\s+than)?\s+(?:an?\s+|the\s+|its\s+|is\s+|most\s+|it\s+)?(?:usual|normal|typical|average|standard|others?|ordinary|comparable|similar|should)\b"
    r"|\b(?P<times>twice|double|half|\d(?:\.\d+)?\s*(?:times|x|of(?=\s+the\b)))\s+(?:as\s+(?:hard|much|long|heavily)\s+as|the)\s+(?:an?\s+|the\s+|is\s+)?(?:usual|normal|typical|average|standard|ordinary)\b"
    r"|\b(?P<bare>twice|double|triple|half|quadruple|\d(?:\.\d+)?\s*(?:times|x)|\d(?:\.\d+)?-?fold)\s+(?:the\s+|its\s+)?(?:usual\s+|normal\s+)?(?:duty|load|(?:running|operating)\s+hours|use|workload)\b",
    re.IGNORECASE,
)
_TIMES: Final = {"twice": 2.0, "double": 2.0, "half": 0.5, "triple": 3.0, "quadruple": 4.0}


def _duty(match: re.Match[str]) -> Json:
    """How hard something works beside what is usual, which is 1."""
    if times := match["times"] or match["bare"]:
        word = times.lower()
        return figure(_TIMES.get(word) or float(re.sub(r"[^\d.]", "", word)))
    share = float(match["n"]) / 100
    return figure(round(1 + share if match["more"] else 1 - share, 4))


@cache
def _beside(name: str) -> re.Pattern[str]:
    words = [word for word in name.split("_") if word not in _UNITS]
    label = r"\s+".join(rf"{word}s?" for word in words) or "(?!)"
    if name.startswith("max_"):
        most = r"\b(?:at\s+most|max(?:imum)?(?:\s+of)?|up\s+to|no\s+more\s+than)"
        return re.compile(rf"{most}\s+(?P<a>\d[\d,]*)(?P<b>(?!))?\s+{label}\b", re.IGNORECASE)
    return re.compile(
        rf"\b{label}{_BETWEEN}{_NUMBER.format(n='a')}"
        rf"|(?<![\w.,$-]){_NUMBER.format(n='b')}\s*(?:x|times|fold)?\s+(?:the\s+|its\s+)?(?:(?:usual|normal|typical|standard)\s+)?{label}\b",
        re.IGNORECASE,
    )


def incentivised(reading: Reading) -> str | None:
    """What incentives are sought for, where no list of measures knows it: programs pay for more than is built here.

    >>> incentivised(Reading("Which rebates are there for heat pumps in Oregon?"))
    'heat_pump'
    >>> incentivised(Reading("Is there any rebate in Michigan for a heat pump?"))
    'heat_pump'
    """
    match = _INCENTIVES.search(reading.text)
    return re.sub(r"\s+", "_", match["what"].strip().lower()).removesuffix("s") if match else None


def size(tool: Tool, reading: Reading) -> Json:
    """How large what is asked about is, in one of the units that the tool knows."""
    found = _sized(tool, reading)
    return found[0] if found else None


def size_unit(tool: Tool, reading: Reading) -> Json:
    """The unit of `size`."""
    found = _sized(tool, reading)
    return found[1] if found else None


def _sized(tool: Tool, reading: Reading) -> tuple[Json, str] | None:
    known = str(tool.input_schema["properties"].get("size_unit", ""))
    for each in reading.quantities:
        if f"'{each.unit}'" in known and each.comparison in ("equal", "about"):
            return figure(each.value), each.unit
    match = _FIXTURES.search(reading.text)
    return (figure(match["n"].replace(",", "")), "fixture") if match and "'fixture'" in known else None
