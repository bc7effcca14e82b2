"""Events brought to runs: a consumer of every topic, which starts what triggers want and wakes what waits.

Triggers and schedules are kept by `control/triggers.py` and `control/schedules.py`. A plan's own `wait_event` nodes
need neither: the consumer finds them.
"""

from __future__ import annotations

import anyio
from valkey.asyncio import Valkey

from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.messaging.events.consumer import ConsumerStatistics
from redaptive.orchestration.intelligent.engine.events import consumers


class EventDrivenEngine:
    """Brings events to runs. Every process may run one: they share the work, and each event has its effect once.

    The pool's role is redaptive_worker. Losing Valkey loses no run: the consumers wait for it.
    """

    def __init__(self, client: Valkey, pools: ConnectionPoolManager, name: str) -> None:
        self._consumers = consumers(client, pools, name)

    async def run(self) -> None:
        """Handle events of all topics for ever; cancel to end."""
        async with anyio.create_task_group() as group:  # cancels again what has lost a cancellation
            for consumer in self._consumers:
                group.start_soon(consumer.run)

    def statistics(self) -> ConsumerStatistics:
        """Counts since start, over all topics."""
        found = [consumer.statistics() for consumer in self._consumers]
        names = ConsumerStatistics.__dataclass_fields__
        return ConsumerStatistics(**{name: sum(getattr(each, name) for each in found) for name in names})
