"""What `redaptive forecast` reads and keeps: meters of a file or of the store as fleets, and model files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from redaptive.cli.baseline_files import Place
from redaptive.documents.intake import existing_file
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.results import MeterHint, ReadingsFile
from redaptive.documents.weather_file import read_weather
from redaptive.domain.baseline.hour_matrix import hour_matrix, hourly_weather
from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.forecast.fleet_days import fleet_days
from redaptive.domain.forecast.global_model import Fleet
from redaptive.domain.forecast.model_bytes import StoredModel, from_bytes, version_of
from redaptive.domain.intervals import zone
from redaptive.domain.meter_series import Floats
from redaptive.domain.quality.zero_or_missing import classify_zeros
from redaptive.errors import InvalidInput, NotFound

KILO: Final = 1000.0
SUFFIX: Final = ".rfm"


@dataclass(frozen=True)
class History:
    """kWh (meters, hours) of consecutive UTC hours from `start_s` of meters of one clock, station and calendar.

    `closed`: public holidays, those of the next months too; `notes` for the reader.
    """

    names: tuple[str, ...]
    timezone: str
    closed: frozenset[date]
    start_s: int
    energy: Floats
    temperature_c: Floats
    notes: tuple[str, ...] = ()

    @property
    def end_s(self) -> int:
        """End of the last hour."""
        return self.start_s + HOUR_S * int(self.energy.shape[1])

    def until(self, end_s: int) -> History:
        """The hours that had ended by then."""
        n = max(0, min(self.energy.shape[1], (end_s - self.start_s) // HOUR_S))
        return replace(self, energy=self.energy[:, :n], temperature_c=self.temperature_c[:n])


def file_history(
    readings: Path, weather: Path | None, place: Place, unit: str | None, meters: Sequence[str] | None
) -> History:
    """All hours of a file; zeros that are probably filled gaps count as missing, and the notes say how many."""
    zone(place.timezone)
    with open_readings(existing_file(readings), ReadingsOptions(timezone=place.timezone, unit=unit)) as file:
        hints = [hint for hint in file.meters if not meters or hint.code in meters]
        frame = file.frame().filter(pl.col("meter_code").is_in([h.code for h in hints]))
        notes = [*file.summary.assumptions, *file.summary.warnings, *file.rejected.messages(3)]
    missing = sorted(set(meters or ()) - {hint.code for hint in hints})
    if missing:
        raise NotFound(f"There is no meter {', '.join(missing)} in {readings.name}.", field="--meters")
    if frame.is_empty():
        raise InvalidInput(f"{readings.name} holds no usable reading.", field="--readings")
    coarse = [hint.code for hint in hints if hint.interval_s > HOUR_S]
    if coarse:
        raise InvalidInput(f"Readings of {', '.join(coarse[:3])} are longer than an hour.", field="--readings",
                           fix="Forecasts need hourly readings or shorter ones.")  # fmt: skip
    air = read_weather(existing_file(weather), timezone=place.timezone).frame if weather else None
    frame, zeros = _without_filled_gaps(frame, hints, air)
    if zeros:
        notes.append(f"{zeros:,} zeros are probably gaps that were filled; they count as missing.")
    if air is None:
        notes.append("No weather was given: the forecast goes by load and calendar alone.")
    return _laid(frame, hints, place, air, tuple(notes))


def open_readings(path: Path, options: ReadingsOptions) -> ReadingsFile:
    """The checked readings; a file without a column of meters is one meter."""
    try:
        return read_readings(path, options)
    except InvalidInput as error:
        if "meter code" not in error.message:
            raise
    return read_readings(path, replace(options, meter=path.name.split(".")[0]))


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
    energy = hour_matrix(frame, {h.code: h.interval_s for h in hints}, (first, last)) / KILO
    warm = np.full(energy.shape[1], np.nan) if air is None else hourly_weather(air, (first, last))[0]
    years = range(datetime.fromtimestamp(first, UTC).year, datetime.fromtimestamp(last, UTC).year + 2)
    codes = tuple(h.code for h in hints)
    return History(codes, place.timezone, place.holidays(years), first, energy, warm, notes)


def fleet_of(history: History, issue_s: int, days_ahead: int) -> tuple[Fleet, int]:
    """The hours before the issue as days that begin at its local hour, and the index of the first day to forecast."""
    known = history.until(issue_s)
    hour = datetime.fromtimestamp(issue_s, zone(history.timezone)).hour
    days = fleet_days(known.start_s, known.energy, history.timezone, history.closed,
                      temperature_c=known.temperature_c, issue_hour=hour, days_ahead=days_ahead)  # fmt: skip
    return Fleet(history.names, days), days.n_days - days_ahead


class ModelFolder:
    """The model files under the product's home, the newest last; a file is never overwritten."""

    def __init__(self, home: Path) -> None:
        self.path = home / "forecast-models"

    def save(self, content: bytes, last: str) -> Path:
        """Writes a model whose data end on a local date; the path."""
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / f"forecast-{last}-{version_of(content)}{SUFFIX}"
        path.write_bytes(content)
        return path

    def newest(self) -> Path | None:
        """The model that was trained last; None without one."""
        files = sorted(self.path.glob(f"*{SUFFIX}"), key=lambda p: (p.stat().st_mtime_ns, p.name))
        return files[-1] if files else None


def load_model(path: Path) -> StoredModel:
    """The model of a file; raises NotFound and InvalidInput."""
    if not path.is_file():
        raise NotFound(f"There is no model {path}.", field="--model", fix="Run `redaptive forecast train`.")
    return from_bytes(path.read_bytes())
