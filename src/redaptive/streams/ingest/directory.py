"""Who sends and what is measured: gateways and meters of each tenant, cached, looked up again when unknown."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final
from uuid import UUID

import anyio
import numpy as np
from numpy.typing import NDArray

from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.units import stored_factor
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

AGAIN_AFTER_S: Final = 2.0
"""An unknown code makes us look again, but not more often than this."""
MAX_AGE_S: Final = 300.0
"""Known meters are read again after so long: a multiplier or a site's station may have changed."""
LONG_LIST: Final = 32
"""Lists of so many codes are looked up whole."""
KEPT_CODES: Final = 2**20
"""Codes of remembered lists, about 20 bytes each."""
MAX_CODE: Final = 100
_SEPARATOR: Final = "\x00"
_MAX_UNITS: Final = 64


@dataclass(frozen=True)
class Gateway:
    """A registered gateway; `number` is its integer key in the log."""

    tenant_id: UUID
    code: str
    number: int
    state: str
    secret_hash: str | None = field(default=None, repr=False)
    last_sequence: int | None = None


def is_code(text: str) -> bool:
    """Whether a gateway may be called so: it is a part of topics, and people type it."""
    return 1 <= len(text) <= MAX_CODE and not any(c in text for c in "/+#\x00") and text == text.strip()


class _Lists(dict[str, NDArray[np.intp]]):
    """Rows of whole lists of codes: a gateway sends the same meters in the same order again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._room = KEPT_CODES

    def keep(self, name: str, rows: NDArray[np.intp]) -> None:
        """Remember a list, and forget all others when there are too many."""
        self._room -= len(rows)
        if self._room < 0:
            self.clear()
            self._room = KEPT_CODES - len(rows)
        self[name] = rows


@dataclass(frozen=True, eq=False)
class MeterTable:
    """The meters of one tenant: `place[code]` is the row in the arrays; `station` -1 is none.

    `kind` is the row in `kinds`, the distinct (commodity, interval_s).
    """

    place: Mapping[str, int]
    number: NDArray[np.int32]
    multiplier: NDArray[np.float64]
    wh_per_count: NDArray[np.float64]
    kind: NDArray[np.intp]
    kinds: Sequence[tuple[Commodity, int]]
    station: NDArray[np.intp]
    stations: Sequence[str]
    _factors: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    _lists: _Lists = field(default_factory=_Lists)

    def __len__(self) -> int:
        return len(self.number)

    def places(self, codes: Sequence[str]) -> NDArray[np.intp]:
        """The row of each code, -1 for one that is not here."""
        if len(codes) < LONG_LIST:
            return self._looked_up(codes)
        name = _SEPARATOR.join(codes)
        found = self._lists.get(name)
        if found is None or len(found) != len(codes):
            found = self._looked_up(codes)
            if name.count(_SEPARATOR) == len(codes) - 1:  # else another list may have the same name
                self._lists.keep(name, found)
        return found

    def interval_s(self, place: NDArray[np.intp]) -> NDArray[np.int64]:
        """Seconds between readings of the meters in these rows."""
        return np.array([interval_s for _, interval_s in self.kinds] or [0], np.int64)[self.kind[place]]

    def intervals(self) -> dict[str, int]:
        """Seconds between readings of each meter by code."""
        seconds = [interval_s for _, interval_s in self.kinds]
        return {code: seconds[self.kind[row]] for code, row in self.place.items()}

    def _looked_up(self, codes: Sequence[str]) -> NDArray[np.intp]:
        return np.fromiter(map(self.place.get, codes, repeat(-1)), np.intp, len(codes))

    def factors(self, unit: str) -> NDArray[np.float64]:
        """Per meter: stored = value x factor for values in `unit`, without the multiplier; NaN where it cannot be."""
        found = self._factors.get(unit)
        if found is None:
            by_kind = np.array([_factor(unit, *kind) for kind in self.kinds], np.float64)
            found = by_kind[self.kind] if len(self.kind) else np.empty(0)
            if len(self._factors) < _MAX_UNITS:  # spellings are the senders': their number is not ours to trust
                self._factors[unit] = found
        return found


def meter_table(rows: Sequence[Mapping[str, object]]) -> MeterTable:
    """The table of rows (code, meter_no, multiplier, wh_per_count, commodity, interval_s, weather_station)."""
    kinds: dict[tuple[Commodity, int], int] = {}
    stations: dict[str, int] = {}
    kind, station = [], []
    for row in rows:
        kind.append(kinds.setdefault((Commodity(str(row["commodity"])), int(str(row["interval_s"]))), len(kinds)))
        name = row["weather_station"]
        station.append(-1 if name is None else stations.setdefault(str(name), len(stations)))
    return MeterTable(
        {str(row["code"]): place for place, row in enumerate(rows)},
        np.array([row["meter_no"] for row in rows], np.int32),
        np.array([row["multiplier"] for row in rows], np.float64),
        np.array([row["wh_per_count"] or np.nan for row in rows], np.float64),
        np.array(kind, np.intp),
        tuple(kinds),
        np.array(station, np.intp),
        tuple(stations),
    )


def _factor(unit: str, commodity: Commodity, interval_s: int) -> float:
    try:
        return stored_factor(unit, commodity, interval_s=interval_s).factor
    except InvalidInput:
        return float("nan")


class Directory:
    """Tenants, gateways and meters as admission sees them. Reads as redaptive_worker: all tenants, few columns."""

    def __init__(self, pools: ConnectionPoolManager, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pools = pools
        self._clock = clock
        self._tenants: dict[str, UUID] = {}
        self._gateways: dict[tuple[UUID, str], Gateway] = {}
        self._meters: dict[UUID, tuple[float, MeterTable]] = {}
        self._missed: dict[object, float] = {}
        # Who asks while another looks waits for what that one finds: after a start all senders come at once.
        self._looking = anyio.Lock()

    async def tenant_id(self, name: str) -> UUID | None:
        """The tenant's id; None if there is none of that name."""
        if name not in self._tenants:
            async with self._looking:
                if name not in self._tenants and self._may_look(("tenant", name)):
                    await self._load_tenant(name)
        return self._tenants.get(name)

    async def _load_tenant(self, name: str) -> None:
        now = self._clock()
        rows = await self._pools.query("SELECT id FROM tenants WHERE name = %s", (name,), tenant_id=None)
        if rows:
            self._tenants[name] = rows[0]["id"]
        else:
            self._note_missed(("tenant", name), now)

    async def gateway(self, tenant_id: UUID, code: str, protocol: str) -> Gateway:
        """The tenant's gateway, registered now if it is new: the broker has already let it in."""
        key = (tenant_id, code)
        if key not in self._gateways:
            async with self._pools.transaction(None) as connection:
                await connection.execute(
                    "INSERT INTO gateways (tenant_id, code, protocol) VALUES (%s, %s, %s)"
                    " ON CONFLICT (tenant_id, code) DO NOTHING",
                    (tenant_id, code, protocol),
                )
            await self._load_gateway(tenant_id, code)
        return self._gateways[key]

    async def known_gateway(self, tenant_id: UUID, code: str) -> Gateway | None:
        """The tenant's gateway as the database has it now; None if nobody registered it."""
        return await self._load_gateway(tenant_id, code)

    async def set_state(self, tenant: str, code: str, state: str) -> None:
        """Note that a gateway is online or offline, as it said itself; a retired one stays so."""
        async with self._pools.transaction(None) as connection:
            await connection.execute(
                "INSERT INTO gateways (tenant_id, code, protocol, state) SELECT id, %s, 'sparkplug', %s FROM tenants"
                " WHERE name = %s ON CONFLICT (tenant_id, code) DO UPDATE SET state = excluded.state"
                " WHERE gateways.state <> 'retired'",
                (code, state, tenant),
            )

    async def _load_gateway(self, tenant_id: UUID, code: str) -> Gateway | None:
        rows = await self._pools.query(
            "SELECT tenant_id, code, gateway_no AS number, state, secret_hash, last_sequence FROM gateways"
            " WHERE tenant_id = %s AND code = %s",
            (tenant_id, code),
            tenant_id=None,
        )
        if not rows:
            return None
        self._gateways[(tenant_id, code)] = found = Gateway(**rows[0])
        return found

    async def meters(self, tenant_id: UUID) -> MeterTable:
        """The tenant's meters, at most five minutes old."""
        cached = self._meters.get(tenant_id)
        if cached is not None and self._clock() - cached[0] < MAX_AGE_S:
            return cached[1]
        return await self._load_meters(tenant_id)

    async def meters_again(self, tenant_id: UUID) -> MeterTable:
        """The meters as they are now, for one that was not there; as we know them if we looked a moment ago."""
        async with self._looking:
            if self._may_look(("meters", tenant_id)):
                return await self._load_meters(tenant_id)
        return await self.meters(tenant_id)

    async def _load_meters(self, tenant_id: UUID) -> MeterTable:
        now = self._clock()
        rows = await self._pools.query(
            "SELECT d.code, d.meter_no, d.multiplier, d.commodity, d.interval_s, d.weather_station, s.wh_per_count"
            " FROM meter_directory d JOIN meters m ON m.tenant_id = d.tenant_id AND m.meter_no = d.meter_no"
            " LEFT JOIN meter_stream s ON s.tenant_id = m.tenant_id AND s.meter_id = m.id"
            " WHERE d.tenant_id = %s ORDER BY d.meter_no",
            (tenant_id,),
            tenant_id=None,
        )
        table = meter_table(rows)
        self._meters[tenant_id] = (now, table)
        self._note_missed(("meters", tenant_id), now)
        return table

    def _may_look(self, what: object) -> bool:
        """Whether it is time to ask the database for something that was not there."""
        return self._clock() - self._missed.get(what, float("-inf")) >= AGAIN_AFTER_S

    def _note_missed(self, what: object, at: float) -> None:
        """Once the database has answered: what failed was not looked up, and must not count as not there."""
        if len(self._missed) > 10_000:  # names that somebody made up
            self._missed.clear()
        self._missed[what] = at
