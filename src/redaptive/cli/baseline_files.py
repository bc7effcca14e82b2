"""Files of readings and weather into the meters of one station, and the results of baselines into files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import holidays
import numpy as np
import polars as pl

from redaptive import __version__
from redaptive.documents.intake import existing_file
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.results import MeterHint, ReadingsFile
from redaptive.documents.weather_file import read_weather
from redaptive.documents.weather_grid import on_hours
from redaptive.domain.baseline.bands import bands
from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.counterfactual import Counterfactual
from redaptive.domain.baseline.fitness import Fitness
from redaptive.domain.baseline.hour_matrix import Period, hour_matrix, hourly_weather
from redaptive.domain.baseline.hours import F64, HOUR_S, MEMORY_H, SiteHours, site_hours
from redaptive.domain.baseline.model_file import ModelOrigin, data_hash, to_bytes, version_of
from redaptive.domain.baseline.study import BaselineStudy, SiteEnergy
from redaptive.domain.meter_series import DAY_S
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.quality.flags import Quality
from redaptive.domain.quality.portfolio_quality import quality
from redaptive.domain.quality.zero_or_missing import HEATING_COMMODITIES
from redaptive.errors import InvalidInput, NotFound
from redaptive.web.blocks import Json, Page, Table, page_json, table_csv
from redaptive.web.render import render_html

KILO: Final = 1000.0
PREDICTIONS: Final = pl.Schema(
    {"meter": pl.String(), "ts": pl.Datetime("us", "UTC"), "interval_s": pl.Int64(), "actual": pl.Float64(),
     "predicted": pl.Float64(), "lower": pl.Float64(), "upper": pl.Float64()}
)  # fmt: skip
"""Predictions of a period: `ts` is the start, energy in the meters' unit, `lower` and `upper` the 90 % band."""
NAMED_FILES: Final = (
    Commodity.ELECTRICITY, Commodity.GAS, Commodity.STEAM, Commodity.HOT_WATER, Commodity.CHILLED_WATER
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where the meters are: time zone, country and subdivision of the public holidays, and which of them are worked."""

    timezone: str = "UTC"
    country: str | None = None
    subdivision: str | None = None
    worked: frozenset[str] = frozenset()

    def holidays(self, years: Sequence[int]) -> frozenset[date]:
        """Public holidays of the years; none without a country; raises InvalidInput for an unknown one."""
        return frozenset(day for day, name in self.named(years).items() if name not in self.worked)

    def named(self, years: Sequence[int]) -> dict[date, str]:
        """The same with the names of all of them, those that are observed on another day as those of the day itself."""
        if self.country is None:
            return {}
        try:
            found = holidays.country_holidays(self.country, subdiv=self.subdivision, years=years)
            return {day: name.replace(" (observed)", "") for day, name in found.items()}
        except (NotImplementedError, KeyError) as error:
            raise InvalidInput(
                f"No holidays are known of {self.country} {self.subdivision or ''}.".replace(" .", "."),
                field="--country",
                fix="Give an ISO 3166 code such as US or GB, and its subdivision such as ENG.",
            ) from error

    @property
    def calendar(self) -> str:
        """The calendar in a word, for model files."""
        return "-".join(part for part in (self.country, self.subdivision) if part) or "no holidays"


@dataclass(frozen=True)
class MeterFiles:
    """Readings and weather as read: `frame` in Wh, one hint a meter, what was assumed and left out."""

    frame: pl.DataFrame
    hints: tuple[MeterHint, ...]
    air: pl.DataFrame
    notes: tuple[str, ...]

    def noting(self, *notes: str) -> MeterFiles:
        """The same with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    @property
    def names(self) -> tuple[str, ...]:
        """Codes of the meters in the order of the file."""
        return tuple(hint.code for hint in self.hints)


@dataclass(frozen=True)
class Reading:
    """How to read files of strangers; None is "find out". `meters`: codes or patterns of those to read.

    `site` names the weather in a file of several, and the meters whose names begin with it where any do.
    """

    unit: str | None = None
    commodity: Commodity | None = None
    meters: Sequence[str] = ()
    site: str | None = None
    weather_timezone: str | None = None
    meter_column: str | None = None


def read_files(readings: Path, weather: Path, place: Place, how: Reading = Reading()) -> MeterFiles:
    """The readings and the weather; raises InvalidInput and NotFound where they cannot be used."""
    path, commodity = existing_file(readings), how.commodity or commodity_of_file(readings)
    options = ReadingsOptions(timezone=place.timezone, unit=how.unit, commodity=commodity, only=tuple(how.meters),
                              meter_column=how.meter_column)  # fmt: skip
    frame, hints, notes = _read(path, options, how)
    if commodity and not how.commodity:
        notes.append(f"The meters measure {commodity}, as the file's name says; --commodity names another.")
    missing = [m for m in how.meters if not any(fnmatchcase(h.code, m) for h in hints)]
    if missing:
        raise NotFound(f"There is no meter {', '.join(missing)} in {readings.name}.", field="--meters")
    if not hints:
        raise InvalidInput(f"{readings.name} holds no usable reading.", field="--readings")
    zone = how.weather_timezone or place.timezone
    air, said = read_air(weather, zone, site=how.site, meters=[h.code for h in hints])
    return MeterFiles(frame, hints, air, (*notes, *said))


def read_air(
    weather: Path, timezone: str, *, site: str | None = None, meters: Sequence[str] = ()
) -> tuple[pl.DataFrame, list[str]]:
    """The weather of a file by the hour, and what was assumed and left out; raises as `read_weather`."""
    found = read_weather(existing_file(weather), timezone=timezone, site=site, meters=meters)
    notes = [*found.summary.assumptions, *found.summary.warnings, *found.rejected.messages(1)]
    if len(found.rejected):
        notes.append(f"{len(found.rejected):,} of {found.summary.rows_read:,} rows of {weather.name} were rejected.")
    frame, how = on_hours(found.frame, timezone)
    return frame, [*notes, how] if how else notes


def _read(path: Path, options: ReadingsOptions, how: Reading) -> tuple[pl.DataFrame, tuple[MeterHint, ...], list[str]]:
    """The readings; of the site's own meters where their names begin with it."""
    if how.site and not how.meters:
        with suppress(NotFound):
            own = _collected(path, replace(options, only=(f"{how.site}[!0-9A-Za-z]*",)))
            if own[1]:
                return own
    return _collected(path, options)


def _collected(path: Path, options: ReadingsOptions) -> tuple[pl.DataFrame, tuple[MeterHint, ...], list[str]]:
    with _readings(path, options) as file:
        notes = [*file.summary.assumptions, *file.summary.warnings, *file.rejected.messages(3)]
        if 2 * len(file.rejected) > file.summary.rows_read:
            raise InvalidInput(
                f"{len(file.rejected):,} of {file.summary.rows_read:,} rows are rejected: "
                f"{file.rejected.messages(1)[0]}",
                field="--readings",
                fix="If another column tells the meters apart, name it with --meter-column; else correct the rows.",
            )
        if len(file.rejected):
            notes.append(f"{len(file.rejected):,} rows of {path.name} were rejected.")
        codes = pl.Enum([hint.code for hint in file.meters])  # four bytes a reading
        parts = [batch.with_columns(pl.col("meter_code").cast(codes)) for batch in file.batches()]
        return pl.concat(parts) if parts else file.frame(), tuple(file.meters), notes


def commodity_of_file(path: Path) -> Commodity | None:
    """What the meters of a file measure by its name, as in steam.csv or hotwater_cleaned.csv; None: nothing said."""
    words = re.findall("[a-z]+", path.name.lower())
    named = {c.value.replace("_", ""): c for c in NAMED_FILES}
    return next((named[w] for w in ("".join(words[:2]), *words[:1]) if w in named), None)


def _readings(path: Path, options: ReadingsOptions) -> ReadingsFile:
    """The checked readings; a file without a column of meters is one meter."""
    try:
        return read_readings(path, options)
    except InvalidInput as error:
        if "meter code" not in error.message:
            raise
    return read_readings(path, replace(options, meter=path.name.split(".")[0]))


@dataclass(frozen=True)
class Kinds:
    """Codes or patterns (`*_g`) of meters that may be negative, and of meters of heating fuels, which rest at zero."""

    exports: Sequence[str] = ()
    heating: Sequence[str] = ()

    def traits(self, hints: Sequence[MeterHint]) -> MeterTraits:
        """What the files and the person say of the meters."""
        heats = [str(h.commodity) in HEATING_COMMODITIES or _matches(h.code, self.heating) for h in hints]
        return MeterTraits(
            np.array(heats, np.bool_), np.array([_matches(h.code, self.exports) for h in hints], np.bool_)
        )


def _matches(code: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(code, pattern) for pattern in patterns)


def site_energy(files: MeterFiles, place: Place, span: Period, kinds: Kinds) -> SiteEnergy:
    """The meters in kWh (kilolitres of water) over a period; raises InvalidInput where it has no weather."""
    interval_s = {hint.code: hint.interval_s for hint in files.hints}
    edges = (span.start_s, span.end_s)
    energy = hour_matrix(files.frame, interval_s, edges) / KILO
    marked = files.frame.filter(pl.col("quality") & int(Quality.ESTIMATED) != 0)
    estimated = np.isfinite(hour_matrix(marked, interval_s, edges)) if marked.height else None
    daily = np.array([hint.interval_s >= DAY_S for hint in files.hints], np.bool_)
    hours = _hours(files.air, place, span)
    return SiteEnergy(files.names, energy, hours, kinds.traits(files.hints), daily, estimated)


def _hours(air: pl.DataFrame, place: Place, span: Period) -> SiteHours:
    before = span.start_s - MEMORY_H * HOUR_S
    celsius, _ = hourly_weather(air, (before, span.end_s))
    if not np.isfinite(celsius[MEMORY_H:]).any():
        days = air.drop_nulls("air_temperature_c")["ts"].dt.date().cast(pl.String).sort()
        has = f"{days[0]} to {days[-1]}" if len(days) else "no temperature"
        raise InvalidInput(f"The weather does not cover {span}: it has {has}.", field="--weather")
    closed = place.holidays(range(span.first.year, span.end.year + 1))
    return site_hours(span.start_s, celsius[MEMORY_H:], place.timezone, closed, before_c=celsius[:MEMORY_H])


def write_models(found: BaselineStudy, place: Place, station: str, folder: Path) -> tuple[Path, str]:
    """The hourly models of the meters that have one, in a file that carries its version in its name."""
    mine = found.chosen("hourly")
    cv = tuple(float(v) if np.isfinite(v) else None for v in found.hourly_fit.cv_rmse[mine])
    hours = found.site.hours
    origin = ModelOrigin(
        meters=tuple(found.site.names[i] for i in mine),
        station=station,
        timezone=place.timezone,
        calendar=place.calendar,
        start_s=hours.start_s,
        end_s=hours.start_s + HOUR_S * hours.n,
        data_hash=data_hash(found.cleaned.energy[mine], hours),
        code_version=__version__,
        cv_rmse=cv,
        checks=tuple(tuple(f.code for f in found.sufficiency.findings(int(i))) for i in mine),
    )
    content = to_bytes(found.hourly.take(mine), origin)
    path = folder / f"baselines-{version_of(content)}.rbl"
    path.write_bytes(content)
    return path, version_of(content)


def predictions(found: BaselineStudy, ahead: Counterfactual) -> pl.DataFrame:
    """Rows of `PREDICTIONS`: hours for hourly models, local days for the others; null where nothing is known."""
    frames = [pl.DataFrame(schema=PREDICTIONS)]
    hourly = pl.from_epoch(pl.Series(ahead.site.hours.starts_s), "s").dt.replace_time_zone("UTC")
    daily = hourly[ahead.days.first.tolist()]
    for i, choice in enumerate(found.choices):
        if choice.interval is None:
            continue
        by_hour = choice.interval == "hourly"
        lower, upper = bands(found, ahead, i)
        rows = pl.DataFrame(
            {
                "ts": hourly if by_hour else daily,
                "actual": ahead.cleaned.energy[i] if by_hour else ahead.daily_actual[i],
                "predicted": ahead.hourly[i] if by_hour else ahead.daily_predicted[i],
                "lower": lower,
                "upper": upper,
            }
        ).fill_nan(None)
        named = rows.with_columns(meter=pl.lit(found.site.names[i]), interval_s=pl.lit(HOUR_S if by_hour else DAY_S))
        frames.append(named.select(PREDICTIONS.names()).cast(dict(PREDICTIONS)))  # type: ignore[arg-type]
    return pl.concat(frames)


def summary(found: BaselineStudy, ahead: Counterfactual | None) -> list[dict[str, Json]]:
    """One entry a meter: choice, figures, failed checks, hours left out."""
    scores = quality(found.site.names, found.cleaned, found.sufficiency)
    return [
        {**_meter(found, ahead, i), "quality": {"score": score.score, "reasons": list(score.reasons)}}
        for i, score in enumerate(scores)
    ]


def _meter(found: BaselineStudy, ahead: Counterfactual | None, i: int) -> dict[str, Json]:
    choice = found.choices[i]
    entry: dict[str, Json] = {
        "meter": found.site.names[i],
        "model": choice.interval,
        "reason": choice.reason,
        "within_limits": choice.within_limits,
        "hourly": _figures(found.hourly_fit, i),
        "daily": _figures(found.daily_fit, i),
        "monthly": _figures(found.monthly_fit, i),
        "unseen_daily_sums_of_hourly": _figures(found.hourly_unseen_fit, i),
        "unseen_daily": _figures(found.daily_unseen_fit, i),
        "checks": [vars(f) for f in found.sufficiency.findings(i)],
        "hours_left_out": int((found.cleaned.left[i] != 0).sum()),
    }
    if ahead and choice.interval:
        actual, predicted, covered = (float(v[i]) for v in ahead.totals())
        entry["predicted_period"] = {
            "actual": actual,
            "baseline": predicted,
            "days_covered": covered,
            "hourly": _figures(ahead.hourly_fit, i),
            "daily": _figures(ahead.daily_fit, i),
        }
    return entry


def _figures(fit: Fitness, i: int) -> dict[str, Json]:
    numbers: dict[str, F64] = {"cv_rmse": fit.cv_rmse, "nmbe": fit.nmbe, "r2": fit.r2, "lag1": fit.autocorrelation}
    shown: dict[str, Json] = {k: float(v[i]) if np.isfinite(v[i]) else None for k, v in numbers.items()}
    return {"n": int(fit.n[i]), "parameters": int(fit.n_parameters[i]), "in_sample": fit.in_sample, **shown}


def write_page(page: Page, folder: Path) -> Path:
    """report.html, report.json and a CSV a table; the path of the HTML."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(render_html(page), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(page_json(page), indent=1), encoding="utf-8")
    for block in page.blocks:
        if isinstance(block, Table):
            (folder / f"{block.id}.csv").write_text(table_csv(block), encoding="utf-8")
    return folder / "report.html"
