"""Audits the readings of a file with hindsight: episodes of all meters, ranked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from redaptive.documents.results import MeterHint
from redaptive.domain.detectors import audit, retrospective
from redaptive.domain.intervals import zone

WH_PER_KWH = 1000.0
MICROSECONDS = 1_000_000


def audit_readings(
    frame: pl.DataFrame,
    hints: Sequence[MeterHint],
    timezone: str,
    price_usd_per_kwh: float | None,
    flag_score: float,
    done: Callable[[int], None],
) -> list[audit.Finding]:
    """The findings of every meter, the largest difference of energy first; `frame` as of a ReadingsFile."""
    cadence = {hint.code: hint.interval_s for hint in hints}
    found: list[audit.Finding] = []
    for (code,), rows in frame.group_by("meter_code", maintain_order=True):
        history = _history(str(code), rows.sort("ts"), cadence[str(code)], timezone)
        found += audit.audit(history, price_usd_per_kwh, flag_score)
        done(rows.height)
    return audit.rank(found)


def _history(code: str, rows: pl.DataFrame, cadence_s: int, timezone: str) -> audit.History:
    local = rows["ts"].dt.convert_time_zone(zone(timezone).key).dt.replace_time_zone("UTC", ambiguous="earliest")
    start_s, local_s = (ts.dt.timestamp("us").to_numpy() // MICROSECONDS for ts in (rows["ts"], local))
    value = rows["value"].to_numpy().astype(np.float64) / WH_PER_KWH
    expected, score, kind = retrospective.judge(local_s, value, cadence_s)
    return audit.History(code, start_s, local_s, value, expected, score, kind, cadence_s)
