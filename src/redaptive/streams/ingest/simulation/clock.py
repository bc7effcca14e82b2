"""The fleet's time: intervals one after the other, each gateway at its own moment within them, at a chosen speed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import anyio
import numpy as np
from numpy.typing import NDArray

from redaptive.streams.ingest.simulation.gateway import NOTHING, Outgoing, SimulatedGateway
from redaptive.streams.ingest.simulation.senders import Sender

Tick = tuple[int, NDArray[np.int64]]
"""Start of an interval, epoch seconds, and the value of each meter of the fleet (NOTHING: none)."""


@dataclass
class FleetRun:
    """Plays ticks through gateways into a sender.

    `speed` is simulated seconds per second, 0 as fast as the sender takes them. `behind_s` tells how late the last
    message left.
    """

    gateways: list[SimulatedGateway]
    sender: Sender
    interval_s: int
    speed: float
    behind_s: float = 0.0
    tick: int = 0
    simulated_s: int = 0
    _held: dict[int, list[tuple[SimulatedGateway, Outgoing]]] = field(default_factory=lambda: defaultdict(list))

    async def play(self, ticks: Iterable[Tick], *, until: Callable[[], bool]) -> None:
        """Send every tick's messages at their time, until there are no more or `until` says so."""
        began = time.monotonic()
        pace_s = self.interval_s / self.speed if self.speed else 0.0
        for self.tick, (self.simulated_s, values) in enumerate(ticks):
            for place, gateway in enumerate(self.gateways):
                if until():
                    return
                await self._wait(began + (self.tick + place / len(self.gateways)) * pace_s)
                for message in gateway.messages(self.tick, self.simulated_s, values, int(time.time())):
                    await self._leave(gateway, message)
            for gateway, message in self._held.pop(self.tick, ()):
                await self._send(gateway, message)

    async def _wait(self, moment_s: float) -> None:
        ahead_s = moment_s - time.monotonic()
        self.behind_s = max(0.0, -ahead_s) if self.speed else 0.0
        if self.speed and ahead_s > 0.001:
            await anyio.sleep(ahead_s)

    async def _leave(self, gateway: SimulatedGateway, message: Outgoing) -> None:
        if message.after_ticks:
            self._held[self.tick + message.after_ticks].append((gateway, message))
        else:
            await self._send(gateway, message)

    async def _send(self, gateway: SimulatedGateway, message: Outgoing) -> None:
        # On a thread: it may wait for acknowledgements, and others (the embedded ingest) need this loop.
        await anyio.to_thread.run_sync(
            self.sender.send, gateway.number, gateway.code, message.payload, message.readings
        )


def minutes_of(ticks: Iterable[Tick], interval_s: int, step_s: int) -> Iterator[Tick]:
    """Ticks of a finer cadence: each value spread over its interval, so that the parts add up to it."""
    parts = interval_s // step_s
    for start_s, values in ticks:
        whole = np.where(values == NOTHING, 0, values)
        for part in range(parts):
            share = (whole * (part + 1)) // parts - (whole * part) // parts
            yield start_s + part * step_s, np.where(values == NOTHING, NOTHING, share)
