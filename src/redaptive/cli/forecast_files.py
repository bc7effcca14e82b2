"""What `redaptive forecast` reads of files: meters as hourly histories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from redaptive.cli.baseline_reading import understood
from redaptive.cli.place import Place
from redaptive.cli.weather_input import read_air
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.results import MeterHint
from redaptive.documents.source_files import existing_file
from redaptive.domain.baseline.hour_matrix import hour_matrix, hourly_weather
from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.intervals import zone
from redaptive.domain.quality.zero_or_missing import classify_zeros
from redaptive.domain.shortlist import some_of
from redaptive.errors import InvalidInput, NotFound
from redaptive.streams.forecasts.history import KILO, History


def file_histories(
    readings: Path, weather: Path | None, place: Place, unit: str | None, meters: Sequence[str] | None
) -> list[History]:
    """All hours of a file, one history a commodity; zeros that are probably filled gaps count as missing."""
    zone(place.timezone)
    found = understood(existing_file(readings), ReadingsOptions(timezone=place.named_timezone, unit=unit))
    hints = [hint for hint in found.hints if not meters or hint.code in meters]
    codes = pl.col("meter_code").cast(pl.String)
    frame = found.frame.with_columns(codes).filter(pl.col("meter_code").is_in([h.code for h in hints]))
    notes = list(found.notes)
    missing = sorted(set(meters or ()) - {hint.code for hint in hints})
    if missing:
        raise NotFound(f"There is no meter {', '.join(missing)} in {readings.name}.", field="--meters")
    if frame.is_empty():
        raise InvalidInput(f"{readings.name} holds no usable reading.", field="--readings")
    coarse = [hint.code for hint in hints if hint.interval_s > HOUR_S]
    if coarse:
        raise InvalidInput(f"Readings of {', '.join(coarse[:3])} are longer than an hour.", field="--readings",
                           fix="Forecasts need hourly readings or shorter ones.")  # fmt: skip
    finer = [hint.code for hint in hints if hint.interval_s < HOUR_S]
    if finer:
        notes.append(
            f"Readings of {some_of(finer)} are shorter than an hour: what is forecast is the energy of each hour."
        )
    air, said = read_air(weather, place.timezone) if weather else (None, [])
    frame, zeros = _without_filled_gaps(frame, hints, air)
    if zeros:
        notes.append(f"{zeros:,} zeros are probably gaps that were filled; they count as missing.")
    notes += said
    if air is None:
        notes.append("No weather was given: the forecast goes by load and calendar alone.")
    notes.append(
        f"Public holidays of {place.calendar} count as Sundays."
        if place.country
        else "No public holidays are kept: give --timezone or --country if the meters have any."
    )
    commodities = sorted({str(hint.commodity) for hint in hints})
    return [
        _laid(frame, [h for h in hints if str(h.commodity) == one], place, air, tuple(notes)) for one in commodities
    ]


def _without_filled_gaps(
    frame: pl.DataFrame, hints: Sequence[MeterHint], air: pl.DataFrame | None
) -> tuple[pl.DataFrame, int]:
    commodities = {"meter_id": [h.code for h in hints], "commodity": [str(h.commodity) for h in hints]}
    table = frame.select(meter_id="meter_code", ts="ts", value="value")
    step = min(hint.interval_s for hint in hints)
    flags = classify_zeros(table, pl.DataFrame(commodities), interval_s=step, temperature=air).flags
    return frame.filter(flags == 0), int((flags != 0).sum())


def _laid(
    frame: pl.DataFrame, hints: Sequence[MeterHint], place: Place, air: pl.DataFrame | None, notes: tuple[str, ...]
) -> History:
    first = int(min(h.first for h in hints).timestamp()) // HOUR_S * HOUR_S
    last = -(-int(max(h.last.timestamp() + h.interval_s for h in hints)) // HOUR_S) * HOUR_S
    own = frame.filter(pl.col("meter_code").is_in([h.code for h in hints]))
    energy = hour_matrix(own, {h.code: h.interval_s for h in hints}, (first, last)) / KILO
    warm = np.full(energy.shape[1], np.nan) if air is None else hourly_weather(air, (first, last))[0]
    years = range(datetime.fromtimestamp(first, UTC).year, datetime.fromtimestamp(last, UTC).year + 2)
    codes = tuple(h.code for h in hints)
    commodity = str(hints[0].commodity)
    return History(codes, place.timezone, place.holidays(years), first, energy, warm, commodity, notes=notes)
