"""Numbers of gateways that never came, as events `gateway.gap`; told after a while, as brokers deliver out of turn."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid5

import anyio
import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.events.envelope import Event, new_event
from redaptive.infrastructure.messaging.events.metering_events import GatewayGap
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox

SOURCE: Final = "ingest"
GRACE_S: Final = 30.0
"""So long a number may come late: a broker sends again what was not acknowledged after a few seconds."""
EVERY_S: Final = 5.0
MOST_OPEN: Final = 10_000
_IDS: Final = UUID("2c6a2c0e-52a7-4a63-9f0a-6b1d3a1f6d0b")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Gap:
    """Messages `first` to `last` of a gateway were not seen when the one after them came."""

    tenant_id: UUID
    gateway: int
    first: int
    last: int

    def without(self, number: int) -> Iterator[Gap]:
        """What is still missing once this number came."""
        if not self.first <= number <= self.last:
            yield self
            return
        if self.first < number:
            yield replace(self, last=number - 1)
        if number < self.last:
            yield replace(self, first=number + 1)


class Gaps:
    """Gaps that may still be filled, by gateway; what is left of one is told once: written into the outbox.

    Open gaps are forgotten with the process: after a start the broker sends what was not acknowledged.
    """

    def __init__(self, pools: ConnectionPoolManager, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pools = pools
        self._clock = clock
        self._open: dict[int, list[tuple[float, Gap]]] = {}
        self._unread: Counter[int] = Counter()

    def came(self, gateway: int, number: int, gap: Gap | None = None) -> None:
        """The message of this number is durable, refused or not; `gap` is what is missing right before it."""
        self._fill(gateway, number)
        unread = self._unread.pop(gateway, 0)
        if gap is not None and gap.last - gap.first >= unread and sum(map(len, self._open.values())) < MOST_OPEN:
            self._open.setdefault(gateway, []).append((self._clock(), gap))

    def came_unread(self, gateway: int) -> None:
        """A message came whose number could not be read: it stands for one that is missing before the next number."""
        self._unread[gateway] += 1

    async def tell(self, *, older_than_s: float = GRACE_S) -> int:
        """Write what has been missing for so long; how many gaps. Readings never wait: without the database, later."""
        before = self._clock() - older_than_s
        due = [gap for each in self._open.values() for since, gap in each if since <= before]
        if not due:
            return 0
        try:
            async with self._pools.transaction(None) as connection:
                await add_to_outbox(connection, [_event(gap) for gap in due])
        except RedaptiveError as error:
            log.warning("gateway_gap_not_told", error=error.message)
            return 0
        for gap in due:
            log.warning("gateway_gap", gateway_no=gap.gateway, first_missing=gap.first, last_missing=gap.last)
        self._forget(due)
        return len(due)

    async def run(self) -> None:
        """Tell every few seconds until cancelled."""
        while True:
            await anyio.sleep(EVERY_S)
            await self.tell()

    def _fill(self, gateway: int, number: int) -> None:
        kept = [(since, left) for since, gap in self._open.pop(gateway, []) for left in gap.without(number)]
        if kept:
            self._open[gateway] = kept

    def _forget(self, told: Sequence[Gap]) -> None:
        gone = set(told)
        left = {gateway: [one for one in each if one[1] not in gone] for gateway, each in self._open.items()}
        self._open = {gateway: each for gateway, each in left.items() if each}


def _event(gap: Gap) -> Event:
    return new_event(
        GatewayGap(gateway_no=gap.gateway, first_missing=gap.first, last_missing=gap.last),
        tenant=gap.tenant_id,
        source=SOURCE,
        key=str(gap.gateway),
        event_id=uuid5(_IDS, f"{gap.gateway}:{gap.first}:{gap.last}"),
    )
