"""Units as people write them, and the canonical unit in which each is given."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_TONS = r"(?:metric )?(?:tons?|tonnes?|t)"
# The first pattern that fits wins, so longer spellings stand above shorter ones: unit, factor, spellings.
_TABLE: Final = (
    ("kW/ton", "1", r"kw ?(?:/|per) ?ton"),
    ("kWdc", "1", r"kwdc|kwp|kw[- ]?dc"),
    ("kWdc", "1000", r"mwdc|mwp"),
    ("kWac", "1", r"kwac"),
    ("kWh", "1", r"kwh|kw[- ]?hrs?|kilowatt[- ]?hours?"),
    ("kWh", "1000", r"mwh|megawatt[- ]?hours?"),
    ("kWh", "1000000", r"gwh|gigawatt[- ]?hours?"),
    ("kWh", "0.001", r"watt[- ]?hours?"),
    ("kvar", "1", r"kvar"),
    ("kVA", "1", r"kva"),
    ("kW", "1000", r"megawatts?|mw(?!h)"),
    ("kW", "1", r"kw|kilowatts?"),
    ("kBtu", "1", r"kbtu"),
    ("kBtu", "1000", r"mmbtu|million btus?"),
    ("MBH", "1", r"mbh"),
    ("kBtu", "0.001", r"btus?"),
    ("tCO2e", "1", rf"{_TONS}(?: of)? ?(?:co2e?q?|carbon|ghg|emissions)|mtco2e?|tco2e?"),
    ("tCO2e", "0.001", r"kg ?co2e?"),
    ("tonne", "1", r"tonnes?|metric tons?"),
    ("ton", "1", r"tons?(?: of cooling)?"),
    ("therm", "1", r"therms?|thms?"),
    ("therm", "10", r"dth|deka?therms?|decatherms?"),
    ("ccf", "1", r"ccf|hcf"),
    ("mcf", "1", r"mcf"),
    ("MJ", "1000", r"gj|gigajoules?"),
    ("MJ", "1", r"mj|megajoules?"),
    ("gpm", "1", r"gpm|gal(?:lons?)? ?(?:/|an? |per ) ?min(?:ute)?"),
    ("gal", "1000", r"kgal"),
    ("gal", "1", r"gal(?:lons?)?"),
    ("cfm", "1", r"cfm|cubic feet ?(?:/|an? |per ) ?min(?:ute)?"),
    ("psi", "1", r"psi"),
    ("inH2O", "1", r"in\.? ?(?:w\.?c\.?|h2o|wg)"),
    ("hp", "1", r"hp|horsepower"),
    ("lb", "1", r"lbs?|pounds?"),
    ("kg", "1", r"kgs?|kilograms?|kilos?"),
    ("ft2", "1", r"sq\.? ?f(?:ee|oo)?t\.?|sqft|square f(?:ee|oo)t|g?sf|ft ?(?:2|²|\^2)|feet squared"),
    ("ft2", "10.76391041670972", r"m ?(?:2|²|\^2)|sqm|sq\.? ?m(?:et(?:er|re)s?)?|square met(?:er|re)s?"),
    ("F", "1", r"° ?f|deg(?:rees?)? ?f(?:ahrenheit)?|fahrenheit|degf"),
    ("C", "1", r"° ?c|deg(?:rees?)? ?c(?:elsius)?|celsius|degc"),
    ("F", "1", r"°|degrees?"),  # US users mean Fahrenheit
    ("year", "1", r"years?|yrs?|y"),
    ("month", "1", r"months?|mos?"),
    ("week", "1", r"weeks?|wks?"),
    ("day", "1", r"days?"),
    ("hour", "1", r"hours?|hrs?|h"),
    ("minute", "1", r"minutes?|mins?"),
)
_UNIT = re.compile(
    r"[\s-]{0,2}(?:" + "|".join(f"(?P<u{i}>{words})" for i, (_, _, words) in enumerate(_TABLE)) + r")(?![a-z0-9])",
    re.IGNORECASE,
)
DURATIONS: Final = frozenset({"year", "month", "week", "day", "hour", "minute"})


def unit_at(text: str, place: int) -> tuple[str, int] | None:
    """The row of the unit that stands at `place`, as a key for `canonical`, and where it ends; None: no unit."""
    match = _UNIT.match(text, place)
    if match is None:
        return None
    return next(name for name, value in match.groupdict().items() if value is not None), match.end()


def canonical(value: Decimal, key: str) -> tuple[Decimal, str]:
    """The value in the canonical unit of the row: kW, kWh, kBtu, therm, ft2, F, tCO2e, ..."""
    unit, factor, _ = _TABLE[int(key[1:])]
    if unit == "C":
        return _tidy(value * Decimal(9) / Decimal(5) + 32), "F"
    return _tidy(value * Decimal(factor)), unit


def _tidy(value: Decimal) -> Decimal:
    rounded = value.quantize(Decimal("0.0001"))
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
