"""Conversions between energy, volume, area, mass and temperature units, and the accepted spellings of units.

Stored integers are Wh for every energy commodity (fuels at their higher heating value, HHV) and litres for water.
Sources: domain.md section 3; 40 CFR 98 Table C-1 (HHV of gas, No. 2 oil, propane); NIST SP 811 (exact definitions);
ENERGY STAR Portfolio Manager "Thermal Energy Conversions" (steam, cooling).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from redaptive.domain.constants import (
    KBTU_PER_CCF_GAS,
    KBTU_PER_GAL_OIL_2,
    KBTU_PER_GAL_PROPANE,
    KBTU_PER_KWH,
    KBTU_PER_MLB_STEAM,
    KBTU_PER_THERM,
    KBTU_PER_TON_HOUR,
    KG_PER_LB,
    LITRES_PER_CUBIC_FOOT,
    LITRES_PER_US_GALLON,
    M2_PER_FT2,
    WH_PER_KBTU,
    WH_PER_MJ,
)
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput

StoredUnit = Literal["Wh", "L"]

_POWER_WH_PER_HOUR: Final[Mapping[str, float]] = {
    "w": 1.0,
    "kw": 1e3,
    "mw": 1e6,
    "btu/h": WH_PER_KBTU / 1e3,
    "kbtu/h": WH_PER_KBTU,
    "mbh": WH_PER_KBTU,
    "ton": KBTU_PER_TON_HOUR * WH_PER_KBTU,
}
_ENERGY_WH: Final[Mapping[str, float]] = {
    "wh": 1.0,
    "kwh": 1e3,
    "mwh": 1e6,
    "gwh": 1e9,
    "btu": WH_PER_KBTU / 1e3,
    "kbtu": WH_PER_KBTU,
    "mmbtu": WH_PER_KBTU * 1e3,
    "therm": KBTU_PER_THERM * WH_PER_KBTU,
    "dth": 10.0 * KBTU_PER_THERM * WH_PER_KBTU,
    "j": WH_PER_MJ / 1e6,
    "kj": WH_PER_MJ / 1e3,
    "mj": WH_PER_MJ,
    "gj": WH_PER_MJ * 1e3,
    "ton-hour": KBTU_PER_TON_HOUR * WH_PER_KBTU,
}
CUBIC_FEET: Final[Mapping[str, float]] = {"cf": 1.0, "ccf": 100.0, "mcf": 1e3, "mmcf": 1e6}
GALLONS: Final[Mapping[str, float]] = {"gal": 1.0, "cgal": 1e2, "kgal": 1e3, "mgal": 1e6}
POUNDS: Final[Mapping[str, float]] = {"lb": 1.0, "klb": 1e3, "mmlb": 1e6, "kg": 1.0 / KG_PER_LB}
"""Units of volume and of mass by their canonical spelling, in cubic feet, US gallons and pounds."""
_WATER_LITRES: Final[Mapping[str, float]] = {
    "l": 1.0,
    "m3": 1e3,
    **{name: n * LITRES_PER_CUBIC_FOOT for name, n in CUBIC_FEET.items()},
    **{name: n * LITRES_PER_US_GALLON for name, n in GALLONS.items()},
}
_FUEL_KBTU: Final[Mapping[Commodity, Mapping[str, float | None]]] = {
    # m3 has no default heat content: contract conditions differ by country and supplier.
    Commodity.GAS: {**{k: n * KBTU_PER_CCF_GAS / 100.0 for k, n in CUBIC_FEET.items()}, "m3": None},
    Commodity.STEAM: {name: n * KBTU_PER_MLB_STEAM / 1e3 for name, n in POUNDS.items()},
    Commodity.FUEL_OIL: {name: n * KBTU_PER_GAL_OIL_2 for name, n in GALLONS.items()},
    Commodity.PROPANE: {name: n * KBTU_PER_GAL_PROPANE for name, n in GALLONS.items()},
}
_SYNONYMS: Final[Mapping[str, str]] = {
    "watthour": "wh", "watthours": "wh", "kilowatthour": "kwh", "kilowatthours": "kwh", "kwhr": "kwh", "kwhth": "kwh",
    "megawatthour": "mwh", "megawatthours": "mwh", "thousandbtu": "kbtu", "millionbtu": "mmbtu", "therms": "therm",
    "thm": "therm", "dekatherm": "dth", "dekatherms": "dth", "decatherm": "dth", "decatherms": "dth", "megajoule": "mj",
    "joule": "j", "joules": "j", "kilojoule": "kj", "kilojoules": "kj",
    "megajoules": "mj", "gigajoule": "gj", "gigajoules": "gj", "tonhour": "ton-hour", "tonhours": "ton-hour",
    "tonhr": "ton-hour", "tonhrs": "ton-hour", "tonh": "ton-hour", "tons": "ton", "tonsofcooling": "ton",
    "btuh": "btu/h", "btu/hr": "btu/h", "kbtuh": "kbtu/h", "kbtu/hr": "kbtu/h", "watt": "w", "watts": "w",
    "kilowatt": "kw", "kilowatts": "kw", "megawatt": "mw", "megawatts": "mw", "cubicfeet": "cf", "cubicfoot": "cf",
    "ft3": "cf", "scf": "cf", "hcf": "ccf", "hundredcubicfeet": "ccf", "kcf": "mcf", "thousandcubicfeet": "mcf",
    "cubicmeter": "m3", "cubicmeters": "m3", "cubicmetre": "m3", "cubicmetres": "m3", "cbm": "m3", "pound": "lb",
    "pounds": "lb", "lbs": "lb", "mlb": "klb", "mlbs": "klb", "klbs": "klb", "thousandpounds": "klb",
    "kilogram": "kg", "kilograms": "kg", "gallon": "gal", "gallons": "gal", "usgal": "gal", "usgallons": "gal",
    "kgallons": "kgal", "tgal": "kgal", "thousandgallons": "kgal", "kilogallons": "kgal",
    "millioncubicfeet": "mmcf", "hundredgallons": "cgal", "milliongallons": "mgal", "millionpounds": "mmlb",
    "thousandwatthours": "kwh", "millionwatthours": "mwh", "btus": "btu",
    "liter": "l", "liters": "l", "litre": "l", "litres": "l", "kl": "m3", "kilolitre": "m3", "kilolitres": "m3",
}  # fmt: skip
_IMPERIAL: Final = ("uk", "imperial")
"""Explanations that make another unit of one, which is refused: an imperial gallon is no US gallon."""


@dataclass(frozen=True)
class UnitFactor:
    """How a source unit becomes the stored one: stored = value x `factor`; `unit` is the canonical spelling."""

    unit: str
    factor: float
    stored_unit: StoredUnit


def canonical_unit(unit: str) -> str:
    """The canonical spelling of `unit` ("Therms" -> "therm"); an unknown spelling comes back only cleaned.

    What stands in brackets behind a unit is its explanation, as in Portfolio Manager, whose Mcf are millions.

    >>> canonical_unit(" kW·h "), canonical_unit("Ton-Hours"), canonical_unit("m³")
    ('kwh', 'ton-hour', 'm3')
    >>> canonical_unit("kWh (thousand Watt-hours)"), canonical_unit("Mcf (million cubic feet)")
    ('kwh', 'mmcf')
    """
    short, _, told = unit.partition("(")
    explained = _bare(told)
    if short.strip() and explained and explained not in _IMPERIAL:
        return _SYNONYMS.get(explained) or canonical_unit(short)
    bare = _bare(unit)
    return _SYNONYMS.get(bare, bare)


def _bare(unit: str) -> str:
    """A unit without case, blanks and marks."""
    cleaned = unit.strip().lower().replace("³", "3").replace("^", "")
    for mark in " ._-·*()":
        cleaned = cleaned.replace(mark, "")
    return cleaned


def accepted_units(commodity: Commodity) -> tuple[str, ...]:
    """The canonical spellings that a reading of `commodity` may carry, power units excluded."""
    if commodity is Commodity.WATER:
        return tuple(_WATER_LITRES)
    return (*_ENERGY_WH, *_FUEL_KBTU.get(commodity, {}))


def stored_factor(
    unit: str,
    commodity: Commodity,
    *,
    interval_s: int | None = None,
    heat_content_kbtu_per_unit: float | None = None,
) -> UnitFactor:
    """The factor from `unit` of `commodity` to the stored unit (Wh, or litres for water).

    `heat_content_kbtu_per_unit` (HHV per one `unit` as given) replaces the default of a fuel's volume or mass unit.
    Raises InvalidInput for an unknown unit, for power (kW, tons) without `interval_s`, and for gas in m3 without
    heat content.

    >>> stored_factor("kW", Commodity.ELECTRICITY, interval_s=900).factor
    250.0
    """
    name = canonical_unit(unit)
    if commodity is Commodity.WATER:
        if name in _WATER_LITRES:
            return UnitFactor(name, _WATER_LITRES[name], "L")
    elif name in _POWER_WH_PER_HOUR:
        return UnitFactor(name, _POWER_WH_PER_HOUR[name] * _hours(unit, interval_s), "Wh")
    elif name in _ENERGY_WH:
        return UnitFactor(name, _ENERGY_WH[name], "Wh")
    elif name in _FUEL_KBTU.get(commodity, {}):
        return UnitFactor(name, _fuel_kbtu(name, commodity, heat_content_kbtu_per_unit) * WH_PER_KBTU, "Wh")
    raise _unknown_unit(unit, name, commodity)


def to_stored(
    value: float,
    unit: str,
    commodity: Commodity,
    *,
    interval_s: int | None = None,
    heat_content_kbtu_per_unit: float | None = None,
) -> int:
    """`value` as the stored integer: Wh, or litres for water, rounded half to even.

    >>> to_stored(1.0, "therm", Commodity.GAS)
    29307
    """
    if not np.isfinite(value):
        raise InvalidInput(f"A reading of {value!r} is not a number.", field="value", fix="Leave the row out instead.")
    found = stored_factor(unit, commodity, interval_s=interval_s, heat_content_kbtu_per_unit=heat_content_kbtu_per_unit)
    return round(value * found.factor)


def _hours(unit: str, interval_s: int | None) -> float:
    if interval_s is None or interval_s <= 0:
        raise InvalidInput(
            f"{unit!r} is power, not energy.",
            field="unit",
            fix="Give the interval of the readings in seconds (kW x h = kWh), or a file with energy such as kWh.",
        )
    return interval_s / 3600.0


def _fuel_kbtu(name: str, commodity: Commodity, heat_content_kbtu_per_unit: float | None) -> float:
    kbtu = heat_content_kbtu_per_unit if heat_content_kbtu_per_unit is not None else _FUEL_KBTU[commodity][name]
    if kbtu is None or not (np.isfinite(kbtu) and kbtu > 0):
        raise InvalidInput(
            f"The heat content of {commodity} per {name} is missing or not positive.",
            field="heat_content_kbtu_per_unit",
            fix="Give the higher heating value in kBtu per unit as printed on the bill.",
        )
    return kbtu


def _unknown_unit(unit: str, name: str, commodity: Commodity) -> InvalidInput:
    if name == "mbtu":
        why = "It is read as a thousand or as a million Btu; write kBtu or MMBtu."
    else:
        why = f"Use one of: {', '.join(accepted_units(commodity))}."
    return InvalidInput(f"Unit {unit!r} cannot be used for {commodity}.", field="unit", fix=why)


def kwh_to_kbtu(energy_kwh: ArrayLike) -> NDArray[np.float64]:
    """kBtu of `energy_kwh`."""
    return np.asarray(energy_kwh, dtype=np.float64) * KBTU_PER_KWH


def kbtu_to_kwh(energy_kbtu: ArrayLike) -> NDArray[np.float64]:
    """kWh of `energy_kbtu`."""
    return np.asarray(energy_kbtu, dtype=np.float64) / KBTU_PER_KWH


def kwh_to_therms(energy_kwh: ArrayLike) -> NDArray[np.float64]:
    """Therms (100 kBtu, HHV) of `energy_kwh`."""
    return kwh_to_kbtu(energy_kwh) / KBTU_PER_THERM


def therms_to_kwh(energy_therms: ArrayLike) -> NDArray[np.float64]:
    """kWh of thermal energy (HHV) of `energy_therms`."""
    return kbtu_to_kwh(np.asarray(energy_therms, dtype=np.float64) * KBTU_PER_THERM)


def fahrenheit_to_celsius(temperature_f: ArrayLike) -> NDArray[np.float64]:
    """Temperature in °C."""
    return (np.asarray(temperature_f, dtype=np.float64) - 32.0) / 1.8


def celsius_to_fahrenheit(temperature_c: ArrayLike) -> NDArray[np.float64]:
    """Temperature in °F."""
    return np.asarray(temperature_c, dtype=np.float64) * 1.8 + 32.0


def difference_f_to_c(difference_f: ArrayLike) -> NDArray[np.float64]:
    """A temperature difference (or degree days) of °F in °C: no offset of 32."""
    return np.asarray(difference_f, dtype=np.float64) / 1.8


def difference_c_to_f(difference_c: ArrayLike) -> NDArray[np.float64]:
    """A temperature difference (or degree days) of °C in °F: no offset of 32."""
    return np.asarray(difference_c, dtype=np.float64) * 1.8


def ft2_to_m2(area_ft2: ArrayLike) -> NDArray[np.float64]:
    """Area in m²."""
    return np.asarray(area_ft2, dtype=np.float64) * M2_PER_FT2


def m2_to_ft2(area_m2: ArrayLike) -> NDArray[np.float64]:
    """Area in ft²."""
    return np.asarray(area_m2, dtype=np.float64) / M2_PER_FT2


def gallons_to_litres(volume_gal: ArrayLike) -> NDArray[np.float64]:
    """Litres of US gallons."""
    return np.asarray(volume_gal, dtype=np.float64) * LITRES_PER_US_GALLON


def litres_to_gallons(volume_l: ArrayLike) -> NDArray[np.float64]:
    """US gallons of litres."""
    return np.asarray(volume_l, dtype=np.float64) / LITRES_PER_US_GALLON


def mean_kw(energy_wh: ArrayLike, interval_s: int) -> NDArray[np.float64]:
    """Mean power in kW over intervals of `interval_s` seconds that hold `energy_wh`.

    >>> float(mean_kw(250.0, 900))
    1.0
    """
    return np.asarray(energy_wh, dtype=np.float64) * (3.6 / interval_s)
