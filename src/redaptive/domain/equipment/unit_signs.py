"""The unit that trends without a named unit can only be in: degrees Celsius for Fahrenheit, fractions for per cent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from redaptive.domain.equipment.points import POINTS, Floats

INDOOR: Final = ("sat", "rat", "dat", "zone")
CELSIUS: Final = (5.0, 40.0)
"""Medians of indoor and supply air in °C; in °F these would be the air of a cold store."""
POSITIONS: Final = frozenset({"heating_valve", "cooling_valve", "reheat_valve", "oa_damper", "damper", "oa_damper_min"})
"""Valves and dampers: two of them are a group of their own, because speeds often come in another unit."""
WHOLE: Final = 1.02
BETWEEN: Final = (0.02, 0.98)
LEAST_BETWEEN: Final = 0.05
"""Share of samples between shut and open from which on a position of at most 1 is a fraction."""


def likely_units(values: Mapping[str, Floats]) -> dict[str, str]:
    """Role -> unit of trends of one file, none of which names its unit; those in the unit of their role are left out.

    All temperatures are taken alike, and so are all positions: a file is in °C, or positions are fractions, as a whole.

    >>> likely_units({"sat": np.array([13.0, 14.0]), "oat": np.array([35.0]), "fan": np.array([80.0])})
    {'sat': 'degC', 'oat': 'degC'}
    """
    warm = {role: found for role, found in values.items() if POINTS[role].unit == "degF"}
    shares = {role: found for role, found in values.items() if POINTS[role].unit == "%"}
    found: dict[str, str] = {}
    middles = [float(np.nanmedian(warm[role])) for role in INDOOR if role in warm and np.isfinite(warm[role]).any()]
    if middles and all(CELSIUS[0] < middle < CELSIUS[1] for middle in middles):
        found |= dict.fromkeys(warm, "degC")
    known = {role: v[np.isfinite(v)] for role, v in shares.items()}
    known = {role: v for role, v in known.items() if v.size}
    places = {role: v for role, v in known.items() if role in POSITIONS}
    for group, least in ((known, 1), (places, 2)):
        if len(group) >= least and all(v.max() <= WHOLE for v in group.values()) and any(map(_moves, group.values())):
            found |= dict.fromkeys(group, "fraction")
    return found


def _moves(position: Floats) -> bool:
    return float(((position > BETWEEN[0]) & (position < BETWEEN[1])).mean()) >= LEAST_BETWEEN
