"""Numbers of gateways that never came, as events `gateway.gap`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.events.envelope import new_event
from redaptive.infrastructure.messaging.events.metering_events import GatewayGap
from redaptive.infrastructure.messaging.events.outbox import add_to_outbox

SOURCE: Final = "ingest"
_IDS: Final = UUID("2c6a2c0e-52a7-4a63-9f0a-6b1d3a1f6d0b")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Gap:
    """Messages `first` to `last` of a gateway were not seen when the one after them came."""

    tenant_id: UUID
    gateway: int
    first: int
    last: int


class Gaps:
    """Writes gaps into the outbox; a gap that is told twice is one event."""

    def __init__(self, pools: ConnectionPoolManager) -> None:
        self._pools = pools

    async def tell(self, gaps: Sequence[Gap]) -> None:
        """Write the events. Readings never wait for it: without the database they are only logged."""
        events = [
            new_event(
                GatewayGap(gateway_no=gap.gateway, first_missing=gap.first, last_missing=gap.last),
                tenant=gap.tenant_id,
                source=SOURCE,
                key=str(gap.gateway),
                event_id=uuid5(_IDS, f"{gap.gateway}:{gap.first}:{gap.last}"),
            )
            for gap in gaps
        ]
        for gap in gaps:
            log.warning("gateway_gap", gateway_no=gap.gateway, first_missing=gap.first, last_missing=gap.last)
        try:
            async with self._pools.transaction(None) as connection:
                await add_to_outbox(connection, events)
        except RedaptiveError as error:
            log.warning("gateway_gap_not_told", error=error.message)
