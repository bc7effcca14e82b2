"""Files as weather services and building simulation publish them: what columns mean, and the clock of the times.

EPW: EnergyPlus Auxiliary Programs. TMY3: NREL/TP-581-43156. PSM: NSRDB CSV. ISD: NOAA "Federal Climate Complex Data
Documentation". LCD: NOAA "Local Climatological Data" (local standard time all year). Open-Meteo, Meteostat, DWD: UTC or
the offset that the file names (fixed, without summer time: github.com/open-meteo/open-meteo/issues/1255).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from redaptive.documents.columns import key_of
from redaptive.documents.csv_text import TextTable, first_lines, unique_names
from redaptive.documents.weather_columns import weather_columns
from redaptive.domain.intervals import zone

HOUR_S: Final = 3600
EPW_HEADER_ROWS: Final = 8
EPW_COLUMNS: Final = (
    "Year", "Month", "Day", "Hour", "Minute", "Source", "Dry bulb (C)", "Dew point (C)", "Relative humidity",
    "Pressure (Pa)", "Extraterrestrial horizontal", "Extraterrestrial direct", "Horizontal infrared", "GHI",
)  # fmt: skip
TIME, TEMPERATURE = "time of the row", "temperature of the hour"
"""Columns that are made where a file has none that the general reader understands."""
IN_PARTS: Final = ("year", "month", "day", "hour")
METEOSTAT: Final = frozenset({"temp", "dwpt", "rhum", "coco"})
ISD_CELL: Final = r"^([+-]\d{4}),(\w)$"
ISD_MISSING, ISD_ERRONEOUS = "+9999", ("3", "7")


@dataclass(frozen=True)
class ServiceLayout:
    """What a file of a known service says: columns by field, seconds of its clock ahead of UTC, and how that is told.

    `offset_s` None: the times are local to the place, as in any other file.
    """

    frame: pl.DataFrame
    columns: Mapping[str, str]
    offset_s: int | None
    note: str = ""

    def found(self, general: Mapping[str, str]) -> dict[str, str]:
        """Columns by field, where the general names are `general`; a time that was made needs no clock beside it."""
        made = TIME in self.columns.values() or "ts" in self.columns
        kept = {field: name for field, name in general.items() if not (made and field == "clock")}
        return {**kept, **self.columns}


def epw_table(path: Path) -> TextTable | None:
    """How an EPW file is laid out, which names no columns; None for other files."""
    rows = first_rows(path, EPW_HEADER_ROWS + 1)
    if len(rows) <= EPW_HEADER_ROWS or not rows[0] or rows[0][0] != "LOCATION":
        return None
    width = len(rows[EPW_HEADER_ROWS])
    names = (*EPW_COLUMNS, *[""] * max(0, width - len(EPW_COLUMNS)))[:width]
    return TextTable(path, "utf-8", ",", EPW_HEADER_ROWS, unique_names(names))


def has_parts(columns: Sequence[str]) -> bool:
    """Whether year, month, day and hour have a column each."""
    return set(IN_PARTS) <= {key_of(name) for name in columns}


def first_rows(path: Path, count: int) -> list[list[str]]:
    """The cells of the first rows of a text file, by commas."""
    return list(csv.reader(first_lines(path, "utf-8-sig")[:count]))


def service_layout(raw: pl.DataFrame, head: Sequence[Sequence[str]], timezone: str) -> ServiceLayout | None:
    """What the columns of `raw`, texts, and the rows `head` above them say; None where no known service wrote them.

    `timezone` is that of the place, whose standard time some services keep all year.
    """
    found = (known(raw, head, timezone) for known in _SERVICES)
    return next((layout for layout in found if layout is not None), None)


def _epw(raw: pl.DataFrame, head: Sequence[Sequence[str]], _: str) -> ServiceLayout | None:
    if not head or head[0][:1] != ["LOCATION"]:
        return None
    offset = _hours(head[0], 8)
    frame = _with_time(raw, {name: name.capitalize() for name in IN_PARTS}, minute=None)
    columns = {"ts": TIME, "air_temperature_c": "Dry bulb (C)", "relative_humidity_pct": "Relative humidity"}
    place = head[0][1] if len(head[0]) > 1 else "?"
    return ServiceLayout(frame, columns, offset, f"The file is an EPW of {place}, {_told(offset)} all year.")


def _in_parts(raw: pl.DataFrame, head: Sequence[Sequence[str]], _: str) -> ServiceLayout | None:
    by_key = {key_of(name): name for name in raw.columns}
    others = [name for key, name in by_key.items() if key not in (*IN_PARTS, "minute")]
    if not has_parts(raw.columns) or "ts" in weather_columns(others):
        return None
    frame = _with_time(raw, {part: by_key[part] for part in IN_PARTS}, by_key.get("minute"))
    offset = _hours(head[1], head[0].index("Time Zone")) if len(head) > 1 and "Time Zone" in head[0] else None
    note = f"Year, month, day and hour have a column each; the times are {_told(offset)}."
    return ServiceLayout(frame, {"ts": TIME}, offset, note)


def _tmy3(raw: pl.DataFrame, head: Sequence[Sequence[str]], _: str) -> ServiceLayout | None:
    if len(head) < 2 or len(head[0]) != 7 or not head[1][0].startswith("Date (MM/DD/YYYY)"):
        return None
    offset = _hours(head[0], 3)
    note = f"The file is a TMY3 of {head[0][1]}, {_told(offset)} all year."
    return ServiceLayout(raw, {}, offset, note)


def _open_meteo(raw: pl.DataFrame, head: Sequence[Sequence[str]], _: str) -> ServiceLayout | None:
    if len(head) < 2 or "utc_offset_seconds" not in head[0]:
        return None
    seconds = _hours(head[1], head[0].index("utc_offset_seconds"), unit_s=1)
    return ServiceLayout(raw, {}, seconds, f"The file is of Open-Meteo, its times are {_told(seconds)}, as it says.")


def _isd(raw: pl.DataFrame, _: Sequence[Sequence[str]], __: str) -> ServiceLayout | None:
    """Tenths of a degree with a mark of quality: 3 and 7 are erroneous."""
    if not {"DATE", "TMP"} <= set(raw.columns) or not raw["TMP"].head(1_000).str.contains(ISD_CELL).mean():
        return None
    tenths, mark = (pl.col("TMP").str.extract(ISD_CELL, group) for group in (1, 2))
    good = (tenths != ISD_MISSING) & ~mark.is_in(ISD_ERRONEOUS)
    degrees = (tenths.cast(pl.Float64, strict=False) / 10).cast(pl.String)
    frame = raw.with_columns(pl.when(good).then(degrees).alias(TEMPERATURE))
    note = "The file is NOAA's ISD: UTC, tenths of °C; values marked erroneous or missing are left out."
    return ServiceLayout(frame, {"ts": "DATE", "air_temperature_c": TEMPERATURE}, 0, note)


def _lcd(raw: pl.DataFrame, _: Sequence[Sequence[str]], timezone: str) -> ServiceLayout | None:
    """Values may end in s (suspect) or V; summaries of days have no hourly temperature."""
    if not {"DATE", "HourlyDryBulbTemperature"} <= set(raw.columns):
        return None
    degrees = pl.col("HourlyDryBulbTemperature").str.strip_chars().str.extract(r"^(-?\d+(?:\.\d+)?)[sV]?$", 1)
    frame = raw.with_columns(degrees.alias(TEMPERATURE))
    offset = _standard(timezone)
    note = f"The file is NOAA's LCD: local standard time all year, {_told(offset)}, as --timezone has it."
    return ServiceLayout(frame, {"ts": "DATE", "air_temperature_c": TEMPERATURE}, offset, note)


def _dwd(raw: pl.DataFrame, _: Sequence[Sequence[str]], __: str) -> ServiceLayout | None:
    by_key = {key_of(name): name for name in raw.columns}
    if not {"mess datum", "tt tu"} <= by_key.keys():
        return None
    text = pl.col(by_key["mess datum"]).str.strip_chars().str.pad_end(12, "0")
    moment = text.str.to_datetime("%Y%m%d%H%M", strict=False).dt.strftime("%Y-%m-%d %H:%M")
    columns = {"ts": TIME, "air_temperature_c": by_key["tt tu"]}
    return ServiceLayout(raw.with_columns(moment.alias(TIME)), columns, 0, "The file is of the DWD: UTC.")


def _meteostat(raw: pl.DataFrame, _: Sequence[Sequence[str]], __: str) -> ServiceLayout | None:
    if not METEOSTAT.issubset(raw.columns):
        return None
    return ServiceLayout(raw, {}, 0, "The file is of Meteostat: its times are taken as UTC.")


_SERVICES: Final[tuple[Callable[[pl.DataFrame, Sequence[Sequence[str]], str], ServiceLayout | None], ...]] = (
    _epw, _tmy3, _open_meteo, _isd, _lcd, _dwd, _meteostat, _in_parts
)  # fmt: skip


def _with_time(raw: pl.DataFrame, parts: Mapping[str, str], minute: str | None) -> pl.DataFrame:
    """The frame with its time as one text; hours may count to 24."""
    year, month, day, hour = (pl.col(parts[p]).str.strip_chars().str.replace(r"\.0$", "") for p in IN_PARTS)
    minutes = pl.col(minute).str.strip_chars().str.replace(r"\.0$", "").str.zfill(2) if minute else pl.lit("00")
    return raw.with_columns(pl.format("{}-{}-{} {}:{}", year, month, day, hour, minutes).alias(TIME))


def _hours(cells: Sequence[str], place: int, unit_s: int = HOUR_S) -> int | None:
    """Seconds that a cell gives; None where it is no number."""
    try:
        return round(float(cells[place]) * unit_s)
    except (IndexError, ValueError):
        return None


def _standard(timezone: str) -> int:
    """Seconds that the standard time of a zone is ahead of UTC: the smaller of those of winter and summer."""
    offsets = (datetime(2024, month, 1, tzinfo=zone(timezone)).utcoffset() for month in (1, 7))
    return min(int(offset.total_seconds()) for offset in offsets if offset is not None)


def _told(offset_s: int | None) -> str:
    """An offset as people write it.

    >>> _told(-21600), _told(0), _told(None)
    ('UTC-6', 'UTC', 'local to --timezone')
    """
    if offset_s is None:
        return "local to --timezone"
    return f"UTC{offset_s / HOUR_S:+g}" if offset_s else "UTC"
