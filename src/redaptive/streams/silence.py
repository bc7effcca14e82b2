"""Meters that have gone silent: a timer's alerts, with the same ids as the kernel's when readings come again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from redaptive.domain.detectors.gaps import gaps
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.layout import kernel_version
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.alerts.intake import Signal, confirm
from redaptive.streams.scoring import PartitionScorer

LONGEST_S: Final = 86_400
"""A meter that was silent for longer has its alert already, or sends history and not the present."""


class SilenceTimer:
    """Raises a gap alert for each meter that falls silent; each silence once per process."""

    def __init__(self) -> None:
        self._raised: dict[int, int] = {}

    def look(self, scorers: Iterable[PartitionScorer], now_s: int) -> list[Signal]:
        """Meters of the partitions that are silent at `now_s` and were not at the last look; state is only read."""
        found = [signal for scorer in scorers for signal in _silent(scorer, now_s)]
        new = [signal for signal in found if self._raised.get(signal.meter_no) != signal.since_s]
        self._raised = {signal.meter_no: signal.since_s for signal in found}
        return new


def _silent(scorer: PartitionScorer, now_s: int) -> list[Signal]:
    fleet, silent = scorer.fleet, gaps(scorer.state, scorer.fleet.params, now_s)
    recent = np.flatnonzero(silent.since_s > now_s - LONGEST_S)
    return [_signal(scorer, int(silent.index[k]), int(silent.since_s[k]), now_s) for k in recent if len(fleet)]


def _signal(scorer: PartitionScorer, row: int, since_s: int, now_s: int) -> Signal:
    meter, cadence_s = scorer.fleet.meter(row), int(scorer.fleet.params.cadence_s[row])
    owner = scorer.fleet.identities[meter]
    return Signal(
        meter_no=meter,
        tenant_id=owner.tenant_id,
        building_id=owner.building_id,
        meter_uuid=owner.meter_id,
        kind=Kind.GAP.slug,
        opened=True,
        since_s=since_s,
        at_s=since_s + (now_s - since_s) // cadence_s * cadence_s,
        kernel_version=kernel_version(),
    )


async def raise_silent(timer: SilenceTimer, pools: ConnectionPoolManager, scorers: Iterable[PartitionScorer]) -> int:
    """Look once, by the database's clock, and confirm what is new at once: no entry of the log stands behind it."""
    rows = await pools.query("SELECT extract(epoch FROM clock_timestamp())::bigint AS now_s", tenant_id=None)
    signals = timer.look(scorers, rows[0]["now_s"])
    if not signals:
        return 0
    async with pools.transaction(None) as connection:
        return await confirm(connection, signals)
