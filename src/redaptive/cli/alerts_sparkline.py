"""The readings around an alert as one line of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from redaptive.cli.alerts_view import local
from redaptive.infrastructure.database.stores.alert_records import Alert

_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def drawn(alert: Alert, frame: pl.DataFrame) -> str:
    """The readings around the alert: a line of blocks, its ends in time and its least and most."""
    step = timedelta(seconds=alert.interval_s or 3600)
    grid = pl.DataFrame({"ts": pl.datetime_range(frame["ts"].min(), frame["ts"].max(), step, eager=True)})  # type: ignore[arg-type]
    grid = grid.with_columns(pl.col("ts").cast(frame.schema["ts"]))
    values = grid.join(frame, on="ts", how="left")["value"].to_list()
    first, last = (local(t, alert.timezone) for t in (frame["ts"][0], frame["ts"][-1]))
    unit = "litres" if alert.commodity == "water" else "Wh"
    known = [v for v in values if v is not None]
    return f"{sparkline(values)}\n{first} to {last} local; {min(known):,} to {max(known):,} {unit} an interval"


def sparkline(values: Sequence[float | None], width: int = 72) -> str:
    """The values as one line of blocks, means of neighbours when there are more than `width`; a gap is a blank.

    >>> sparkline([0, 1, None, 7])
    '▁▂ █'
    """
    cells = _bins(values, width)
    known = [v for v in cells if v is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    scale = (len(_BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(" " if v is None else _BLOCKS[round((v - low) * scale)] for v in cells)


def _bins(values: Sequence[float | None], width: int) -> list[float | None]:
    size = max(1, -(-len(values) // width))
    groups = [[v for v in values[i : i + size] if v is not None] for i in range(0, len(values), size)]
    return [sum(group) / len(group) if group else None for group in groups]
