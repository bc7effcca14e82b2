"""What a field's name says about it, written into the JSON schema: `entity` of an id, `unit` of a number.

Tools name their fields by one rule (`meter_code`, `energy_kwh`, `usd_per_kw_month`), so the names are enough.
A mark that is already there, as the types of `entities.py` set it, stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from redaptive.agents.entities import ENTITY

UNIT: Final = "unit"
KINDS: Final = (
    "portfolio|site|building|meter|customer|equipment|document|tariff|project|task|permit|change_order|alert|ticket"
)
ID: Final = re.compile(rf"(?:\w+_)?({KINDS})_(?:id|code)s?")
BARE: Final = re.compile(r"(?:\w+_)?(meter|building|site|measure)s?")
PERIOD: Final = frozenset({"period", "baseline", "reporting"})

UNITS: Final[Mapping[str, str]] = {
    "t_co2e": "tCO2e",
    "tco2e": "tCO2e",
    "kg_co2e": "kgCO2e",
    "kbtu": "kBtu",
    "mmbtu": "mmBtu",
    "therms": "therm",
    "therm": "therm",
    "gwh": "GWh",
    "mwh": "MWh",
    "kwh": "kWh",
    "kwdc": "kWdc",
    "kw": "kW",
    "kvar": "kvar",
    "usd": "USD",
    "ft2": "ft2",
    "m2": "m2",
    "m3": "m3",
    "ccf": "ccf",
    "gal": "gal",
    "litres": "litre",
    "kl": "kL",
    "kg": "kg",
    "mj": "MJ",
    "tons": "ton",
    "ton": "ton",
    "gpm": "gal/min",
    "cfm": "ft3/min",
    "inh2o": "inH2O",
    "f": "degF",
    "pct": "%",
    "ms": "ms",
    "s": "s",
    "min": "min",
    "hour": "h",
    "hours": "h",
    "h": "h",
    "day": "d",
    "days": "d",
    "d": "d",
    "weeks": "week",
    "month": "month",
    "y": "yr",
    "unit": "unit",
    "interval": "interval",
}
"""Last words of a name -> unit; two words that fit go before one."""


def unit_of(name: str) -> str | None:
    """The unit that a field's name ends with, None when it names none.

    >>> unit_of("usd_per_kw_month"), unit_of("savings_kwh"), unit_of("score"), unit_of("excess_per_day")
    ('USD/kW.month', 'kWh', None, None)
    """
    above, _, below = name.partition("_per_")
    unit, denominator = _last_unit(above), [UNITS.get(word) for word in below.split("_") if word]
    if unit is None or None in denominator:
        return None
    return unit + (f"/{'.'.join(word for word in denominator if word)}" if denominator else "")


def _last_unit(name: str) -> str | None:
    words = name.split("_")
    return UNITS.get("_".join(words[-2:])) or UNITS.get(words[-1])


def entity_of(name: str) -> str | None:
    """The kind of thing that a field's name says its string identifies, None when it names none.

    >>> entity_of("building_codes"), entity_of("meter"), entity_of("rate_code")
    ('building', 'meter', None)
    """
    if name in PERIOD:
        return "period"
    found = ID.fullmatch(name) or BARE.fullmatch(name)
    return found.group(1) if found else None


def marked(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, its fields marked."""
    for owner in (schema, *schema.get("$defs", {}).values()):
        for name, part in owner.get("properties", {}).items():
            _mark(name, part)
    return schema


def _mark(name: str, part: dict[str, Any]) -> None:
    for leaf in _leaves(part):
        if leaf.get("type") in ("number", "integer") or leaf.get("format") == "decimal":
            _set(leaf, UNIT, unit_of(name))
        elif leaf.get("type") == "string" and not leaf.keys() & {"enum", "const", "format"}:
            _set(leaf, ENTITY, entity_of(name))


def _leaves(part: dict[str, Any]) -> list[dict[str, Any]]:
    """The simple types behind optional, list and tuple."""
    inner = [*part.get("anyOf", ()), *([part["items"]] if isinstance(part.get("items"), dict) else ())]
    return [leaf for each in inner for leaf in _leaves(each)] if inner else [part]


def _set(leaf: dict[str, Any], key: str, value: str | None) -> None:
    if value is not None:
        leaf.setdefault(key, value)
