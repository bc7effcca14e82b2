"""Hourly histories that forecasts are made of, as they lie in a file or in the readings store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import numpy as np

from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.forecast.fleet_days import fleet_days
from redaptive.domain.forecast.global_model import Fleet
from redaptive.domain.intervals import zone
from redaptive.domain.meter_series import Floats

KILO: Final = 1000.0
"""Wh to kWh."""


@dataclass(frozen=True)
class History:
    """kWh (meters, hours) of consecutive UTC hours from `start_s` of meters of one clock, station and commodity.

    `closed`: public holidays, those of the next months too; `sites`: site of each meter, empty for a file's; `parents`:
    the meter that each is under, empty for none; `notes` for the reader.
    """

    names: tuple[str, ...]
    timezone: str
    closed: frozenset[date]
    start_s: int
    energy: Floats
    temperature_c: Floats
    commodity: str
    sites: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def end_s(self) -> int:
        """End of the last hour."""
        return self.start_s + HOUR_S * int(self.energy.shape[1])

    def until(self, end_s: int) -> History:
        """The hours that had ended by then."""
        n = max(0, min(self.energy.shape[1], (end_s - self.start_s) // HOUR_S))
        return replace(self, energy=self.energy[:, :n], temperature_c=self.temperature_c[:n])

    def since_first_reading(self) -> History:
        """The same without the hours before the first one that any meter has read."""
        known = np.isfinite(self.energy).any(axis=0)
        first = int(known.argmax()) if known.any() else self.energy.shape[1]
        start_s = self.start_s + HOUR_S * first
        return replace(self, start_s=start_s, energy=self.energy[:, first:], temperature_c=self.temperature_c[first:])

    def counted(self, site: str | None = None) -> list[int]:
        """Rows that a total of a site (of all) adds up: a meter under another one of them counts with that one."""
        rows = [i for i in range(len(self.names)) if site is None or (self.sites and self.sites[i] == site)]
        held = {self.names[i] for i in rows}
        return [i for i in rows if not self.parents or self.parents[i] not in held]


def fleet_of(history: History, issue_s: int, days_ahead: int) -> tuple[Fleet, int]:
    """The hours before the issue as days that begin at its local hour, and the index of the first day to forecast."""
    known = history.until(issue_s)
    hour = datetime.fromtimestamp(issue_s, zone(history.timezone)).hour
    days = fleet_days(known.start_s, known.energy, history.timezone, history.closed,
                      temperature_c=known.temperature_c, issue_hour=hour, days_ahead=days_ahead)  # fmt: skip
    return Fleet(history.names, days), days.n_days - days_ahead


def last_midnight(history: History) -> int:
    """The last local midnight in or at the end of the history, in whole hours."""
    end = datetime.fromtimestamp(history.end_s, zone(history.timezone))
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return -(-int(midnight.timestamp()) // HOUR_S) * HOUR_S
