"""The unit that trends without a named unit can only be in: degrees Celsius for Fahrenheit, fractions for per cent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from redaptive.domain.equipment.points import POINTS, Floats

INDOOR: Final = ("sat", "rat", "dat", "zone")
CELSIUS: Final = (5.0, 40.0)
"""Medians of indoor and supply air in °C; in °F these would be the air of a cold store."""
TELLING: Final[Mapping[str, tuple[float, float]]] = {
    **dict.fromkeys((*INDOOR, "sat_setpoint", "zone_setpoint"), CELSIUS), "mat": (5.0, 32.0),
    "hws": (35.0, 90.0), "chws": (3.0, 20.0),
}  # fmt: skip
"""Roles whose median tells their unit, and in which span it is °C: mixed air of 32 °F would freeze the coils."""
VALVES: Final = frozenset({"heating_valve", "cooling_valve", "reheat_valve"})
DAMPERS: Final = frozenset({"oa_damper", "damper", "oa_damper_min"})
FAMILIES: Final = (VALVES | DAMPERS, VALVES, DAMPERS)
"""Positions that come from one kind of controller: two of them are a group of their own beside speeds."""
SPEEDS: Final = ("fan", "tower_fan")
WHOLE: Final = 1.02
BETWEEN: Final = (0.02, 0.98)
LEAST_BETWEEN: Final = 0.05
"""Share of samples between shut and open from which on a position of at most 1 is a fraction."""
TURNING: Final = 0.15
"""A fan that is told to turn turns at this share of its speed at least; a reading of .15 to 1 % is no speed."""


def likely_units(values: Mapping[str, Floats]) -> dict[str, str]:
    """Role -> unit of trends of one file, none of which names its unit; those in the unit of their role are left out.

    Temperatures that tell their unit each go by themselves; the others (outdoor air, coils) go with them where they
    all say the same. Positions are fractions together, or by family, or, of speeds, each by itself.

    >>> likely_units({"sat": np.array([13.0, 14.0]), "oat": np.array([35.0]), "fan": np.array([80.0])})
    {'sat': 'degC', 'oat': 'degC'}
    """
    return _temperatures(values) | _shares(values)


def _temperatures(values: Mapping[str, Floats]) -> dict[str, str]:
    warm = {r: v for r, v in values.items() if POINTS[r].unit == "degF" and np.isfinite(v).any()}
    told = {role: low < float(np.nanmedian(warm[role])) < high for role, (low, high) in TELLING.items() if role in warm}
    if not told or not any(told.values()):
        return {}
    if all(told.values()):
        return dict.fromkeys(warm, "degC")
    return {role: "degC" for role in warm if told.get(role)}


def _shares(values: Mapping[str, Floats]) -> dict[str, str]:
    known = {role: v[np.isfinite(v)] for role, v in values.items() if POINTS[role].unit == "%"}
    known = {role: v for role, v in known.items() if v.size}
    small = {role: v for role, v in known.items() if v.max() <= WHOLE}
    found: dict[str, str] = {}
    if small and len(small) == len(known) and any(map(_moves, small.values())):
        found |= dict.fromkeys(small, "fraction")
    for family in FAMILIES:
        group = {role: v for role, v in known.items() if role in family}
        if len(group) >= 2 and group.keys() <= small.keys() and any(map(_moves, group.values())):
            found |= dict.fromkeys(group, "fraction")
    return found | {role: "fraction" for role in SPEEDS if role in small and _turns(small[role])}


def _moves(position: Floats) -> bool:
    return float(((position > BETWEEN[0]) & (position < BETWEEN[1])).mean()) >= LEAST_BETWEEN


def _turns(speed: Floats) -> bool:
    """Whether it is a speed as a share of one, and not that of a fan which is off, nor a switch of 0 and 1."""
    return float((speed > TURNING).mean()) >= LEAST_BETWEEN and _moves(speed)
