"""Places as markets, grids and utilities know them: nodes, zones, ZIP codes, regions, states, names of utilities."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.schema import Json

_ZIP: Final = re.compile(r"\b(?:zip(?:\s*code)?\s*)?(?P<zip>\d{5})\b")
_ZIP_LIST: Final = re.compile(
    rf"{_ZIP.pattern}(?:\s*(?:,|and|&|\+|or|vs\.?)\s*(?:and\s+)?(?:in\s+|zip\s*(?:codes?)?\s*)?\d{{5}}\b)*",
    re.IGNORECASE,
)
_NODE: Final = re.compile(
    r"\b(?P<node>(?:LZ|HB)_\w+|[SN]P-?15|ZP-?26|"
    r"(?:[A-Z][\w-]*\s){1,2}(?:[Hh]ub|HUB|[Zz]one|ZONE)|(?:western|eastern|northern|southern|north|south|west|houston|indiana|michigan|illinois|"
    r"arkansas|minnesota|texas|mass|internal)\s(?:hub|zone)|\.[HZ]\.\w+)"
)
_NODE_CODE: Final = re.compile(
    r"\b(?P<node>(?:LZ|HB|TH)_\w+|[A-Z][A-Z0-9]+\.(?:HUB|ZONE)|[SN]P-?15|ZP-?26)\b|\b(?:[Nn]ode|[Bb]us|[Zz]one|[Hh]ub)\s+(?P<zone>[A-Z](?:\.[A-Z])+\.?|[A-Z][A-Z0-9_]*(?:[-.][A-Z0-9]+)*\b)"
    r"|\b(?P<named>(?!(?:NORTH|SOUTH|EAST|WEST|PJM|MISO|ERCOT|CAISO|NYISO|SPP)\b)[A-Z]{2}[A-Z0-9_]+)\s+(?:[Zz]one|[Nn]ode|[Bb]us)\b"
)
"""Codes of nodes and zones, which say more than the words around them."""
_SUBREGION: Final = re.compile(
    r"\b(AKGD|AKMS|AZNM|CAMX|ERCT|FRCC|HIMS|HIOA|MROE|MROW|NEWE|NWPP|NYCW|NYLI|NYUP|PRMS|RFCE|RFCM|RFCW|RMPA|SPNO|SPSO|"
    r"SRMV|SRMW|SRSO|SRTV|SRVC)\b"
)
_UTILITY: Final = re.compile(
    r"\b(Com\s?Ed|PG&E|Con\s?Ed(?:ison)?|SCE|SDG&E|Duke(?:\sEnergy)?|Dominion|PSE&G|FPL|APS|SRP|Oncor|Eversource|National\sGrid|"
    r"Xcel|Ameren|DTE|AEP|Entergy|Georgia\sPower|PECO|BGE|Pepco|LADWP|SMUD|Consumers(?:\sEnergy)?|CenterPoint)\b"
    r"|\b((?i:georgia\s+power|florida\s+power|duke\s+energy|national\s+grid|consumers\s+energy|con(?:solidated)?\s+edison|comed|pg&e|dominion\s+energy|southern\s+california\s+edison|xcel\s+energy)|"
    r"(?!(?:The|A|An|Our|My|For|On|In|Use|Get|Show|Find|What|Which|Give|Compare|List|Solar|Wind|Green|Electric|Renewable)\s)[A-Z][a-z]+(?:\s[A-Z][a-z]+)?\s(?:Power|Energy|Electric|Edison|Light|Utilities))\b(?!\s*(?:Hub|HUB|Star|Zone))"
)


def location(tool: Tool, reading: Reading) -> Json | tuple[str, ...]:
    """Where: a node of a market, else ZIP codes, regions of the grid, sites, cities or states that are named."""
    if tool.name.endswith("get_prices"):
        return _node(reading.text)
    if regions := list(dict.fromkeys(_SUBREGION.findall(reading.text))):
        return tuple(regions) if len(regions) > 1 else regions[0]
    if zips := _listed_zips(reading.text):
        return zips if len(zips) > 1 else zips[0]
    codes = (*reading.ids.get("site", ()), *reading.ids.get("building", ()))
    own = [code for code in codes if code.lower() in reading.text.lower()]
    places = (*own, *reading.words.get("city", ())) or (() if reading.words.get("state") else codes)
    if (states := reading.words.get("state", ())) and len(states) > 1:
        return states
    cities = reading.words.get("city", ())
    return cities if len(cities) > 1 and not own else places[0] if places else reading.state


def _listed_zips(text: str) -> tuple[str, ...]:
    """The first ZIP code and those that are listed behind it."""
    match = _ZIP_LIST.search(text)
    return tuple(dict.fromkeys(re.findall(r"\d{5}", match.group(0)))) if match else ()


def _node(text: str) -> str | tuple[str, ...] | None:
    hubs = tuple(dict.fromkeys(re.findall(r"\b(?:(?:LZ|HB|TH)_\w+|[A-Z][A-Z0-9]*_(?:HUB|ZONE|LZ|GEN)\b)", text)))
    if hubs:
        return hubs if len(hubs) > 1 else hubs[0]
    if match := _NODE_CODE.search(text):
        return str(match["node"] or match["named"] or (match.group(0) if len(match["zone"]) < 2 else match["zone"]))
    if zone := re.search(r"\b(?:[sn]p-?15|zp-?26|(?:lz|hb)_\w+)\b", text):
        return zone.group(0).upper()
    match = _NODE.search(text)
    return re.sub(r"^(?:PJM|MISO|ERCOT|CAISO|NYISO|SPP|ISO-NE)\s", "", match["node"].strip()) if match else None


def state(tool: Tool, reading: Reading) -> Json | tuple[str, ...]:
    """The state; several for a tool that looks at one place at a time."""
    named = reading.words.get("state", ())
    if not named and (match := _WASHINGTON.search(reading.text)):
        return "DC" if match["district"] else "WA"
    return named if len(named) > 1 and tool.name.endswith("find_incentives") else reading.state


_WASHINGTON: Final = re.compile(
    r"\b(?:in|for|of|across|throughout|from|at|to)\s+(?:the\s+)?Washington\b(?P<district>,?\s*D\.?\s?C\b)?"
)
"""A state and a city: where a tool asks for a state it is the state, but for the district."""


def postal_code(_tool: Tool, reading: Reading) -> Json | tuple[str, ...]:
    """The ZIP code, where a text speaks of one."""
    near = rf"\b(?:for|in|at|around)\s+{_ZIP.pattern}"
    if len(listed := re.findall(r"\b(?:at|in|for|and|zip)\s+(\d{5})\b", reading.text)) > 1:
        return tuple(listed)
    match = _ZIP.search(reading.text) if reading.has(r"\bzip|\bpostal") else re.search(near, reading.text)
    return match["zip"] if match else None


def utility(_tool: Tool, reading: Reading) -> Json:
    """The utility that is named."""
    match = _UTILITY.search(reading.text)
    return match.group(1) or match.group(2) if match else None
