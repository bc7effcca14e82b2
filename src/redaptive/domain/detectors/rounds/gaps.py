"""Meters that are silent now: what a timer looks for between readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from redaptive.domain.detectors.gap import GRACE_INTERVALS
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I32, I64


@dataclass(frozen=True)
class Silent:
    """Rows of silent meters, the start of the first interval that is missing, and how many are missing."""

    index: I32
    since_s: I64
    missing: I64


def gaps(state: State, params: MeterParams, now_s: int) -> Silent:
    """Meters whose last `GRACE_INTERVALS` intervals at least should be here and are not.

    Pure: the kernel's state stays as it is, so that a replay gives the same bytes. The start equals that of the gap
    which the kernel reports when readings come again. A meter that has never sent is not silent but new.
    """
    last, cadence = state.columns["meter.last_no"], params.cadence_s
    # An interval is due one cadence after it began; in steps, so that large fleets need few temporaries.
    limit = now_s - params.phase_s.astype(np.int64) - (GRACE_INTERVALS + 1) * cadence.astype(np.int64)
    silent = np.flatnonzero((last.astype(np.int64) * cadence < limit) & (last >= 0) & (cadence > 0))
    step = cadence[silent].astype(np.int64)
    first = last[silent].astype(np.int64) + 1
    since = first * step + params.phase_s[silent]
    return Silent(silent.astype(np.int32), since, (now_s - since) // step)
