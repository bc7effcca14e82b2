"""Readings of the store as rows for the kernel."""

from __future__ import annotations

import numpy as np
import polars as pl

from redaptive.domain.detectors.kinds import ESTIMATED
from redaptive.domain.detectors.rows import Rows
from redaptive.domain.quality.flags import Quality
from redaptive.streams.fleet import Fleet


def stored_rows(frame: pl.DataFrame, fleet: Fleet) -> Rows:
    """The readings in the order of the frame, as if each had come at the end of its interval; weather is not known."""
    index = fleet.index(frame["meter_id"].to_numpy().astype(np.int32))
    start_s = (frame["ts"].to_physical() // 1_000_000).to_numpy().astype(np.int64)
    estimated = (frame["quality"].to_numpy() & Quality.ESTIMATED) != 0
    return Rows(
        index=index,
        start_s=start_s,
        value=frame["value"].to_numpy().astype(np.int64),
        flags=np.where(estimated, ESTIMATED, 0).astype(np.uint8),
        received_s=(start_s + fleet.params.cadence_s[index]).astype(np.int64),
        temperature_c=np.full(frame.height, np.nan, np.float32),
    )
