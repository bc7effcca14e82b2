"""Weather of a file as commands take it: hour by hour, with what was assumed and left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from redaptive.documents.source_files import existing_file
from redaptive.documents.weather_file import read_weather
from redaptive.documents.weather_grid import on_hours


def read_air(
    weather: Path, timezone: str, *, site: str | None = None, meters: Sequence[str] = (), ahead: bool = True
) -> tuple[pl.DataFrame, list[str]]:
    """The weather of a file by the hour, and what was assumed and left out; raises as `read_weather`.

    Without `ahead` no hour is told by a later temperature.
    """
    found = read_weather(existing_file(weather), timezone=timezone, site=site, meters=meters)
    notes = [*found.summary.assumptions, *found.summary.warnings, *found.rejected.messages(1)]
    if len(found.rejected):
        notes.append(f"{len(found.rejected):,} of {found.summary.rows_read:,} rows of {weather.name} were rejected.")
    frame, how = on_hours(found.frame, timezone, ahead=ahead)
    return frame, [*notes, how] if how else notes
