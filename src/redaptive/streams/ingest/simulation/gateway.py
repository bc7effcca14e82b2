"""One simulated gateway: its meters' readings of an interval as messages, with the faults that real ones have.

Faults and their shares of `dirt` (a fraction): batches sent twice 1/2, held back some intervals 1/4, stamped with a
clock two days ahead 1/20, cut off 1/20; a gateway silent for 16 intervals 1/4; readings missing for 8 intervals 1/4,
spikes 1/20, texts instead of numbers, unknown meters and wrong units 1/50 each. Drawn from the seed, the gateway and
the interval alone, so a run can be repeated to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

SILENT_TICKS, MISSING_TICKS, HELD_TICKS = 16, 8, 12
AHEAD_S: Final = 2 * 86_400
NOTHING: Final = int(np.iinfo(np.int64).min)
"""Value of an interval of which a meter says nothing."""


@dataclass(frozen=True)
class Batch:
    """Readings of one interval as a gateway packs them; a value may be a text where the meter is broken."""

    sequence: int
    start_s: int
    codes: Sequence[str]
    units: Sequence[str]
    values: Sequence[object]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Outgoing:
    """A message to send `after_ticks` intervals later than its own."""

    payload: bytes
    readings: int
    after_ticks: int = 0


def json_batch(batch: Batch) -> bytes:
    """The batch as the JSON that `redaptive/<tenant>/<gateway>/readings` takes."""
    rows = [
        {"meter": code, "start": batch.start_s, "value": value, "unit": unit}
        for code, value, unit in zip(batch.codes, batch.values, batch.units, strict=True)
    ]
    return to_json({"sequence": batch.sequence, "sent": batch.start_s, "readings": rows})


@dataclass
class SimulatedGateway:
    """A gateway and what it counts. `meters` are its columns in the fleet's values."""

    code: str
    number: int
    meters: slice
    codes: Sequence[str]
    units: Sequence[str]
    seed: int
    dirt: float
    encode: Callable[[Batch], bytes] = json_batch
    sequence: int = field(default=0)

    def messages(self, tick: int, start_s: int, values: NDArray[np.int64], now_s: int) -> list[Outgoing]:
        """What it sends for an interval; `values` of all meters of the fleet, NOTHING where there is none."""
        mine = values[self.meters]
        if self.dirt and self._draw(tick // SILENT_TICKS, 1).random() < self.dirt / 4:
            return []
        present = mine != NOTHING
        if self.dirt:
            present = present & (self._draw(tick // MISSING_TICKS, 2).random(len(mine)) >= self.dirt / 4)
        rows = np.flatnonzero(present).tolist()
        if not rows:
            return []
        self.sequence += 1
        batch = Batch(
            self.sequence, start_s, [self.codes[i] for i in rows], [self.units[i] for i in rows], mine[rows].tolist()
        )
        return self._soiled(batch, tick, now_s) if self.dirt else [Outgoing(self.encode(batch), len(batch))]

    def _soiled(self, batch: Batch, tick: int, now_s: int) -> list[Outgoing]:
        draw = self._draw(tick, 3)
        twice, held, ahead, cut = draw.random(4) < np.array([1 / 2, 1 / 4, 1 / 20, 1 / 20]) * self.dirt
        start_s = now_s + AHEAD_S if ahead else batch.start_s
        soiled = Batch(batch.sequence, start_s, *self._bad_rows(batch, draw))
        payload = self.encode(soiled)
        if cut:
            payload = payload[: len(payload) // 2]
        after = int(draw.integers(1, HELD_TICKS)) if held else 0
        return [Outgoing(payload, len(soiled), after)] * (2 if twice else 1)

    def _bad_rows(
        self, batch: Batch, draw: np.random.Generator
    ) -> tuple[Sequence[str], Sequence[str], Sequence[object]]:
        codes, units, values = list(batch.codes), list(batch.units), list(batch.values)
        fault = draw.random((4, len(codes))) < np.array([[1 / 20], [1 / 50], [1 / 50], [1 / 50]]) * self.dirt
        for row in np.flatnonzero(fault[0]).tolist():
            values[row] = int(str(values[row])) * 20 + 1_000
        for row in np.flatnonzero(fault[1]).tolist():
            values[row] = "n/a"
        for row in np.flatnonzero(fault[2]).tolist():
            codes[row] = f"GHOST-{self.number}-{row}"
        for row in np.flatnonzero(fault[3]).tolist():
            units[row] = "furlong"
        return codes, units, values

    def _draw(self, tick: int, purpose: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(key=self.seed, counter=[purpose, self.number, tick, 0]))


def gateways_of(
    codes: Sequence[str],
    units: Sequence[str],
    count: int,
    *,
    seed: int,
    dirt: float,
    encode: Callable[[Batch], bytes] = json_batch,
) -> list[SimulatedGateway]:
    """`count` gateways with neighbouring meters each, so that a batch goes into one partition or two."""
    edges = np.linspace(0, len(codes), count + 1).astype(int).tolist()
    return [
        SimulatedGateway(
            f"SIM-{number:04}", number, slice(first, last), codes[first:last], units[first:last], seed, dirt, encode
        )
        for number, (first, last) in enumerate(pairwise(edges))
    ]
