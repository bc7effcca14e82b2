"""Outdoor air temperatures of stations by hour, as admission puts them into the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.batches import NO_TEMPERATURE

DAY_S: Final = 86_400
AGAIN_AFTER_S: Final = 60.0
"""A day that lacks hours is read again after so long: its weather may have come in."""
_MAX_DAYS: Final = 4_000
_DAYS_A_BATCH: Final = 16
"""A batch that names more days is no ordinary one; its other rows go without a temperature."""
_Day = tuple[UUID, int]


class Temperatures:
    """Temperatures in tenths of a degree Celsius by tenant, station and hour; days are cached."""

    def __init__(self, pools: ConnectionPoolManager, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pools = pools
        self._clock = clock
        self._days: dict[_Day, tuple[float, bool, dict[str, NDArray[np.int16]]]] = {}

    async def of(
        self, tenant_id: UUID, stations: Sequence[str], station: NDArray[np.intp], start_s: NDArray[np.int64]
    ) -> NDArray[np.int16]:
        """Per row the temperature of the hour in which the interval starts, NO_TEMPERATURE where it is not known.

        `station` indexes `stations`, -1 is none.
        """
        found = np.full(len(start_s), NO_TEMPERATURE, np.int16)
        if not stations or not len(start_s):
            return found
        day = start_s // DAY_S
        first = int(day[0])
        days = [first] if (day == first).all() else np.unique(day).tolist()
        await self._load(tenant_id, days[:_DAYS_A_BATCH])
        hour = (start_s % DAY_S) // 3600
        for number in days[:_DAYS_A_BATCH]:
            by_station = self._days[(tenant_id, number)][2]
            if by_station:
                table = np.array([by_station.get(name, _UNKNOWN) for name in stations])
                rows = (day == number) & (station >= 0)
                found[rows] = table[station[rows], hour[rows]]
        return found

    async def _load(self, tenant_id: UUID, days: Sequence[int]) -> None:
        now = self._clock()
        wanted = [day for day in days if self._is_stale(self._days.get((tenant_id, day)), now)]
        if not wanted:
            return
        rows = await self._pools.query(
            "SELECT station, extract(epoch FROM ts)::bigint AS at, round(air_temperature_c * 10)::int AS dc"
            " FROM weather_observations w JOIN unnest(%s::bigint[]) AS d (day)"
            " ON w.ts >= to_timestamp(d.day * 86400) AND w.ts < to_timestamp((d.day + 1) * 86400)"
            " WHERE w.tenant_id = %s AND air_temperature_c IS NOT NULL",
            (wanted, tenant_id),
            tenant_id=None,
        )
        if len(self._days) + len(wanted) > _MAX_DAYS:
            self._days.clear()
        found: dict[int, dict[str, NDArray[np.int16]]] = {day: {} for day in wanted}
        for row in rows:
            hours = found[row["at"] // DAY_S].setdefault(row["station"], _UNKNOWN.copy())
            hours[row["at"] % DAY_S // 3600] = row["dc"]
        for day, by_station in found.items():
            whole = bool(by_station) and all((hours != NO_TEMPERATURE).all() for hours in by_station.values())
            self._days[(tenant_id, day)] = (now, whole, by_station)

    @staticmethod
    def _is_stale(cached: tuple[float, bool, object] | None, now: float) -> bool:
        return cached is None or (not cached[1] and now - cached[0] > AGAIN_AFTER_S)


_UNKNOWN: Final = np.full(24, NO_TEMPERATURE, np.int16)
