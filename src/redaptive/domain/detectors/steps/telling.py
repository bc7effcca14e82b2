"""When the events of alarms that changed began."""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors.base import Evidence
from redaptive.domain.detectors.memory.layout import EVENTS
from redaptive.domain.detectors.memory.shards import SHARD_BITS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I32, I64, Bool

DAY_S: Final = 86_400
PROOF: Final = (*Evidence._fields, "strength")
"""What is told of each detector where an alarm changed."""


def began(state: State, slug: str, meters: I32 | I64, opened: Bool, since_s: I64) -> I64:
    """When the events of a kind began; a closing one has the start that its opening had, which the state keeps."""
    since = state.columns[f"since.{slug}"]
    since[meters[opened]] = since_s[opened]
    state.mark(EVENTS, meters[opened] >> SHARD_BITS)
    kept: I64 = since[meters].astype(np.int64)
    return kept
