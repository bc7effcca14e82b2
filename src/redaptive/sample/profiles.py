"""Use profiles by local quarter hour, day type and month: how far each end use is switched on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from redaptive.sample.building_types import TYPES, BuildingType
from redaptive.sample.randomness import Floats

VARIANTS_H = (-1.0, -0.5, 0.0, 0.5, 1.0)
# Power of the type's closed-hours level that an end use keeps (above 1: switched off more), and its lead in hours.
_BASES = {"lighting": (1.5, 0.0), "plug": (0.8, 0.0), "hvac": (1.3, 1.5), "process": (1.1, 0.0), "water": (2.0, 0.0)}


@dataclass(frozen=True)
class Profiles:
    """Tables of one type and opening-hours variant by end use: month x day type x hour, and the same by quarter."""

    hourly: dict[str, Floats]
    quarterly: dict[str, Floats]

    def at(self, use: str, quarters: int) -> Floats:
        """The table as a flat array per quarter hour (3456) or, for `quarters` = 1, per hour (864, the mean)."""
        return (self.quarterly if quarters == 4 else self.hourly)[use]


def _open_share(opens: float, closes: float) -> Floats:
    """How open the building is over 96 quarters, 0 to 1, with one-hour ramps around opening and closing."""
    hour = np.arange(96) / 4 + 0.125
    up = np.clip(hour - opens + 0.5, 0, 1)
    down = np.clip(closes + 0.5 - hour, 0, 1)
    return np.asarray(np.minimum(up, down))


def _season(kind: BuildingType) -> Floats:
    """Factor per month, 12 values: more in summer and in November and December as the type says."""
    summer, december = kind.season
    factor = 1 + summer * np.cos(2 * np.pi * (np.arange(12) - 6) / 12)
    factor[10:] += december
    return np.asarray(factor)


def _table(kind: BuildingType, shift_h: float, base: float, lead_h: float) -> Floats:
    """Scheduled profile of shape (864, 4)."""
    day = _open_share(kind.opens + shift_h - lead_h, kind.closes + shift_h)
    days = np.stack([base + (1 - base) * day * scale for scale in (1.0, kind.saturday, kind.sunday)])
    return np.asarray((_season(kind)[:, None, None] * days[None]).reshape(864, 4))


def _charging() -> Floats:
    """Electric vehicles: workplace charging, most on weekdays between 8 and 17."""
    day = 0.04 + np.clip(1.2 * np.exp(-(((np.arange(96) / 4 - 10.5) / 3.0) ** 2)), 0, 1)
    days = np.stack([day, 0.35 * day, 0.25 * day])
    return np.broadcast_to(days, (12, 3, 96)).reshape(864, 4).copy()


@lru_cache(maxsize=128)
def profiles(type_key: str, variant: int) -> Profiles:
    """Profiles of a type, its opening hours shifted by `VARIANTS_H[variant]`."""
    kind, shift = TYPES[type_key], VARIANTS_H[variant]
    tables = {use: _table(kind, shift, kind.base**power, lead) for use, (power, lead) in _BASES.items()}
    # Longer nights need more light: plus or minus 6 % over the year.
    daylight = 1 + 0.06 * np.cos(2 * np.pi * np.arange(12) / 12)
    tables["lighting"] *= np.repeat(daylight, 72)[:, None]
    tables["refrigeration"] = 0.8 + 0.2 * _table(kind, shift, kind.base, 0.0)
    # Setback keeps a good part of the heating on at night.
    tables["heating"] = 0.55 + 0.45 * tables["hvac"]
    tables["ev"] = _charging()
    hourly = {use: table.mean(axis=1) for use, table in tables.items()}
    return Profiles(hourly, {use: table.ravel() for use, table in tables.items()})
