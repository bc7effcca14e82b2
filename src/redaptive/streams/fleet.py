"""What the worker knows of the meters of its partitions: parameters for the kernel, identities for alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

import holidays
import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.kinds import IN_PARTS, REGISTER
from redaptive.domain.detectors.memory.layout import HOT
from redaptive.domain.detectors.memory.params import MAX_CADENCE_S, MIN_CADENCE_S, NO_CAP_WH, MeterParams
from redaptive.domain.detectors.memory.shards import SHARD_METERS, blocks_of, partition_of, row_of, shard_of
from redaptive.domain.detectors.registers import NWH, OWN_WH, finer_digits
from redaptive.domain.detectors.rows import I32, I64, U8
from redaptive.infrastructure.database.connection_pool import Connection, ConnectionPoolManager
from redaptive.streams.state_store import StatePart

PARTS_SINCE: Final = 8
"""The kernel's revision since which registers are counted in parts."""
YEARS_BACK: Final = 3
YEARS_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class MeterIdentity:
    """Whose meter it is."""

    tenant_id: UUID
    meter_id: UUID
    building_id: UUID


@dataclass(frozen=True)
class Fleet:
    """The meters of one partition. Row = rank of the shard in `shards` x 1,024 + meter number modulo 1,024."""

    shards: tuple[int, ...]
    params: MeterParams
    calendar: LocalCalendar
    identities: dict[int, MeterIdentity] = field(repr=False)
    _blocks: I32 = field(repr=False)

    def index(self, meter: I32) -> I32:
        """Row of each meter number; -1 where there is no such meter."""
        row = row_of(meter, self._blocks)
        return np.where((row >= 0) & (self.params.cadence_s[row] > 0), row, -1).astype(np.int32)

    def meter(self, row: int) -> int:
        """The meter number of a row."""
        return self.shards[row // SHARD_METERS] * SHARD_METERS + row % SHARD_METERS

    def __len__(self) -> int:
        return len(self.identities)

    def put_in_parts(self, counts: I64, part: StatePart) -> None:
        """Do the same to the state's `counts` where `part`, of which they are, is from before revision 8."""
        if part.part == HOT and int(part.kernel_version.partition("-")[0]) < PARTS_SINCE:
            first = self.shards.index(part.shard) * SHARD_METERS
            rows = slice(first, first + SHARD_METERS)
            counts[rows] = np.where(counts[rows] > 0, counts[rows] * self.params.register_own[rows], counts[rows])

    def in_parts(self, meter: I32, value: I64, flags: U8) -> tuple[I64, U8]:
        """Values and flags with whole counts of registers as the parts in which they are counted since revision 8.

        Such counts lie in the log, and aside, from before an upgrade.
        """
        if not np.count_nonzero(whole := flags & (REGISTER | IN_PARTS) == REGISTER):
            return value, flags
        row = self.index(meter)
        whole &= row >= 0
        return np.where(whole, value * self.params.register_own[row], value), np.where(whole, flags | IN_PARTS, flags)


async def load_fleets(
    pools: ConnectionPoolManager, partitions: Iterable[int], of: int, today: date
) -> dict[int, Fleet]:
    """The fleet of each partition when the log has `of` of them; calendars reach from three years ago to in two."""
    wanted = sorted(set(partitions))
    async with pools.transaction(None) as connection:
        found = await _rows(connection, wanted, of)
    by_partition: dict[int, list[_Meter]] = {partition: [] for partition in wanted}
    for meter in found:
        by_partition[partition_of(meter.meter_no, of)].append(meter)
    first = date(today.year - YEARS_BACK, 1, 1)
    return {partition: _fleet(meters, first, partition) for partition, meters in by_partition.items()}


@dataclass(frozen=True, slots=True)
class _Meter:
    meter_no: int
    tenant_id: UUID
    meter_id: UUID
    building_id: UUID
    interval_s: int
    multiplier: float
    place: tuple[str, str, str | None]
    phase_s: int
    cap_wh: int | None
    exports: bool
    register_digits: int | None
    wh_per_count: float | None
    commissioned_s: int | None
    hours: tuple[int, int, str] | None


async def _rows(connection: Connection, partitions: Sequence[int], of: int) -> list[_Meter]:
    cursor = await connection.execute(_METERS, (of, list(partitions), MIN_CADENCE_S, MAX_CADENCE_S))
    return [_meter(tuple(row.values())) for row in await cursor.fetchall()]


def _meter(row: tuple[object, ...]) -> _Meter:
    *plain, timezone, country, state, phase, cap, exports, digits, weight, commissioned, opens, closes, days = row
    hours = None if opens is None or closes is None else (opens, closes, days)
    return _Meter(*plain, (timezone, country, state), phase, cap, exports, digits, weight, commissioned, hours)  # type: ignore[arg-type, call-arg]


def _fleet(meters: list[_Meter], first: date, partition: int) -> Fleet:
    # A partition without meters still has rows, so that nobody need ask; the shard of its number lies in it.
    shards = tuple(sorted({shard_of(m.meter_no) for m in meters})) or (partition,)
    blocks = blocks_of(shards)
    sites = sorted({(m.place, m.hours) for m in meters}, key=repr) or [(("UTC", "", None), None)]
    calendar_of = {site: number for number, site in enumerate(sites)}
    params = MeterParams.blank(len(shards) * SHARD_METERS)
    if meters:
        numbers = np.array([m.meter_no for m in meters], np.int32)
        params.put(
            row_of(numbers, blocks),
            cadence_s=[m.interval_s for m in meters],
            phase_s=[m.phase_s % m.interval_s for m in meters],
            cap_wh=[NO_CAP_WH if m.cap_wh is None else m.cap_wh for m in meters],
            may_export=[m.exports for m in meters],
            **_registers(meters),
            calendar_id=[calendar_of[m.place, m.hours] for m in meters],
            commissioned_s=[m.commissioned_s or 0 for m in meters],
        )
    identities = {m.meter_no: MeterIdentity(m.tenant_id, m.meter_id, m.building_id) for m in meters}
    return Fleet(shards, params, _calendar(tuple(sites), first), identities, blocks)


def _registers(meters: Sequence[_Meter]) -> dict[str, npt.ArrayLike]:
    """How the kernel is to count their registers: parts of their own counts, so digits of those and these."""
    weight = np.array([m.wh_per_count or OWN_WH for m in meters])
    finer, digits = finer_digits(weight), np.array([m.register_digits or 0 for m in meters])
    own = 10**finer
    nwh = np.rint(weight / own * np.array([m.multiplier for m in meters]) * NWH).astype(np.int64)
    return {
        "register_digits": np.where(digits > 0, digits + finer, 0),
        "register_nwh_per_count": np.maximum(nwh, 1),
        "register_own": own,
    }


_Place = tuple[str, str, str | None]
_Hours = tuple[int, int, str] | None


@lru_cache(maxsize=64)
def _calendar(sites: tuple[tuple[_Place, _Hours], ...], first: date) -> LocalCalendar:
    days = (date(first.year + YEARS_BACK + YEARS_AHEAD + 1, 1, 1) - first) // timedelta(days=1)
    years = range(first.year, first.year + YEARS_BACK + YEARS_AHEAD + 1)
    return LocalCalendar.build([_site(place, hours, years) for place, hours in sites], first, days)


def _site(place: _Place, hours: _Hours, years: range) -> SiteHours:
    timezone, country, state = place
    opening = () if hours is None else tuple((hours[0], hours[1]) if day == "1" else None for day in hours[2])
    return SiteHours(timezone, _holidays(country, state, years), opening)


def _holidays(country: str, state: str | None, years: range) -> frozenset[date]:
    """Public holidays; none where the country is unknown, those of the whole country where the state is."""
    for subdivision in (state, None):
        try:
            return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=years))
        except NotImplementedError:
            continue
    return frozenset()


# A virtual meter has no readings of its own; of monthly and daily-billed meters nothing can be said live.
_METERS: Final = """
SELECT m.meter_no, m.tenant_id, m.id AS meter_id, m.building_id, m.interval_s, m.multiplier,
       s.timezone, s.country, s.state, coalesce(x.phase_s, 0) AS phase_s, x.cap_wh,
       coalesce(x.exports, m.commodity = 'solar') AS exports,
       x.register_digits, x.wh_per_count, extract(epoch FROM x.commissioned_on)::bigint AS commissioned_s,
       x.opens_hour, x.closes_hour, x.open_weekdays
FROM meters m
JOIN buildings b ON b.tenant_id = m.tenant_id AND b.id = m.building_id
JOIN sites s ON s.tenant_id = b.tenant_id AND s.id = b.site_id
LEFT JOIN meter_stream x ON x.tenant_id = m.tenant_id AND x.meter_id = m.id
WHERE (m.meter_no / 1024) %% %s = ANY(%s) AND m.role <> 'virtual' AND m.interval_s BETWEEN %s AND %s
ORDER BY m.meter_no"""
