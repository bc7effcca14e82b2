"""Gateways whose clock is off: most of a batch lies in the future, or before its meters were there.

One alert a gateway and UTC day, whatever number of batches, partitions or replays say so; a batch with sound times ends
it. Source: streams 6.1 (more than half of a gateway's rows; median offset).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import numpy as np
import structlog

from redaptive.domain.detectors.kinds import Verdict
from redaptive.domain.detectors.memory.layout import kernel_version
from redaptive.domain.detectors.rows import I32, I64, Bool
from redaptive.streams.alerts.intake import Signal
from redaptive.streams.fleet import Fleet
from redaptive.streams.outcomes import Judged

KIND: Final = "gateway_clock"
DAY_S: Final = 86_400
SOUND: Final = -1
log = structlog.get_logger(__name__)


class GatewayClocks:
    """What one partition knows of its gateways' clocks; a gateway that it has not seen yet may have an old alert."""

    def __init__(self) -> None:
        self._off_on: dict[int, int] = {}

    def look(
        self, judged: Judged, entry: I32, gateways: I64, received_s: I64, fleet: Fleet, tenants: Mapping[int, UUID]
    ) -> list[Signal]:
        """Signals of gateways whose clock went wrong or right, entry by entry, so that cuts into calls change nothing.

        `entry` is that of each row; `gateways` and `received_s` are those of each entry.
        """
        off = _off(judged, fleet)
        rows, ahead = (np.bincount(each, minlength=len(gateways)) for each in (entry, entry[off]))
        found = []
        for place in np.flatnonzero(rows).tolist():
            gateway, at_s = int(gateways[place]), int(received_s[place])
            day = at_s // DAY_S if 2 * ahead[place] > rows[place] else SOUND
            if gateway in tenants and self._off_on.get(gateway) != day:
                self._off_on[gateway] = day
                mine = off & (entry == place) if day != SOUND else None
                found.append(_signal(judged, gateway, at_s, mine, tenants[gateway]))
        return found


def _off(judged: Judged, fleet: Fleet) -> Bool:
    """Rows in the future, or before their meter was commissioned."""
    verdict = judged.outcome.verdict
    off: Bool = verdict == Verdict.FUTURE
    behind = np.flatnonzero(verdict == Verdict.TOO_LATE)
    off[behind] = judged.rows.start_s[behind] < fleet.params.commissioned_s[judged.rows.index[behind]]
    return off


def _signal(judged: Judged, gateway: int, received_s: int, off: Bool | None, tenant: UUID) -> Signal:
    offset_s = 0
    if off is not None:
        offset_s = int(np.median(judged.rows.start_s[off] - judged.rows.received_s[off]))
        log.warning("gateway_clock", gateway_no=gateway, median_offset_s=offset_s, rows=int(off.sum()))
    return Signal(
        meter_no=0,
        tenant_id=tenant,
        building_id=None,
        meter_uuid=None,
        kind=KIND,
        opened=off is not None,
        since_s=received_s - received_s % DAY_S,
        at_s=received_s,
        actual_wh=offset_s,
        kernel_version=kernel_version(),
        gateway=gateway,
    )
