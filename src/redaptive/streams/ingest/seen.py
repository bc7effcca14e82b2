"""When each gateway was last heard, for people: noted in memory and written every few seconds, all in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import anyio
import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

EVERY_S: Final = 5.0
log = structlog.get_logger(__name__)


@dataclass
class Seen:
    """Gateways by number: when their newest message came, epoch microseconds, and its sequence, -1 for none."""

    pools: ConnectionPoolManager
    _noted: dict[int, tuple[int, int]] = field(default_factory=dict)

    def note(self, gateway: int, received_us: int, sequence: int) -> None:
        """A message of the gateway is durable."""
        before = self._noted.get(gateway)
        if before is None or received_us >= before[0]:
            self._noted[gateway] = received_us, sequence

    async def write(self) -> int:
        """How many gateways were written. A new or silent one is online now; Sparkplug's say that themselves."""
        taken, self._noted = self._noted, {}
        if not taken:
            return 0
        columns = [list(taken), [at for at, _ in taken.values()], [sequence for _, sequence in taken.values()]]
        try:
            async with self.pools.transaction(None) as connection:
                await connection.execute(_WRITE, columns)
        except BaseException:
            self._noted = {**taken, **self._noted}
            raise
        return len(taken)

    async def run(self) -> None:
        """Write every few seconds until cancelled; a database that is away only makes it late."""
        while True:
            await anyio.sleep(EVERY_S)
            try:
                await self.write()
            except RedaptiveError as error:
                log.info("gateways_seen_not_written", error=error.message)


_WRITE: Final = """
UPDATE gateways g SET last_seen_at = greatest(g.last_seen_at, to_timestamp(i.at / 1e6)),
  last_sequence = CASE WHEN i.sequence >= 0 THEN i.sequence ELSE g.last_sequence END,
  state = CASE WHEN g.protocol <> 'sparkplug' AND g.state IN ('new', 'silent', 'offline') THEN 'online' ELSE g.state END
FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS i (number, at, sequence) WHERE g.gateway_no = i.number"""
