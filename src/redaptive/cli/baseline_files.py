"""Readings and weather as the meters of one station, and the results of baselines as files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from redaptive import __version__
from redaptive.cli.baseline_reading import MeterFiles
from redaptive.cli.place import Place
from redaptive.documents.results import MeterHint
from redaptive.documents.target_files import require_folder
from redaptive.domain.baseline.bands import bands
from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.counterfactual import Counterfactual
from redaptive.domain.baseline.fitness import Fitness
from redaptive.domain.baseline.hour_matrix import Period, hour_matrix, hourly_weather
from redaptive.domain.baseline.hours import F64, HOUR_S, MEMORY_H, SiteHours, site_hours
from redaptive.domain.baseline.model_file import ModelOrigin, data_hash, to_bytes, version_of
from redaptive.domain.baseline.study import BaselineStudy, SiteEnergy
from redaptive.domain.meter_series import DAY_S
from redaptive.domain.quality.flags import Quality
from redaptive.domain.quality.portfolio_quality import quality
from redaptive.domain.quality.zero_or_missing import HEATING_COMMODITIES
from redaptive.errors import InvalidInput
from redaptive.web.blocks import Json, Page, Table, page_json, table_csv
from redaptive.web.render import render_html

KILO: Final = 1000.0
PREDICTIONS: Final = pl.Schema(
    {"meter": pl.String(), "ts": pl.Datetime("us", "UTC"), "interval_s": pl.Int64(), "actual": pl.Float64(),
     "predicted": pl.Float64(), "lower": pl.Float64(), "upper": pl.Float64()}
)  # fmt: skip
"""Predictions of a period: `ts` is the start, energy in the meters' unit, `lower` and `upper` the 90 % band."""


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
    billed = np.array([hint.code in files.billed for hint in files.hints], np.bool_)
    hours = _hours(files.air, place, span)
    return SiteEnergy(files.names, energy, hours, kinds.traits(files.hints), daily | billed, estimated, billed=billed)


def _hours(air: pl.DataFrame, place: Place, span: Period) -> SiteHours:
    before = span.start_s - MEMORY_H * HOUR_S
    celsius, _ = hourly_weather(air, (before, span.end_s))
    if not np.isfinite(celsius[MEMORY_H:]).any():
        days = air.drop_nulls("air_temperature_c")["ts"].dt.date().cast(pl.String).sort()
        has = f"{days[0]} to {days[-1]}" if len(days) else "no temperature"
        raise InvalidInput(
            f"The weather does not cover {span}: it has {has}.", field="--weather", fix="Give weather of both periods."
        )
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
        end_s=hours.end_s,
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
            "monthly": _figures(ahead.monthly_fit, i),
        }
    return entry


def _figures(fit: Fitness, i: int) -> dict[str, Json]:
    numbers: dict[str, F64] = {"cv_rmse": fit.cv_rmse, "nmbe": fit.nmbe, "r2": fit.r2, "lag1": fit.autocorrelation}
    shown: dict[str, Json] = {k: float(v[i]) if np.isfinite(v[i]) else None for k, v in numbers.items()}
    return {"n": int(fit.n[i]), "parameters": int(fit.n_parameters[i]), "in_sample": fit.in_sample, **shown}


def require_page(folder: Path, tables: Sequence[str], others: Sequence[str], inputs: Mapping[str, Path | None]) -> None:
    """Nothing, or InvalidInput where a file of a page with these tables, or another one written there, is an input."""
    names = ("report.html", "report.json", *(f"{name}.csv" for name in tables), *others)
    require_folder(folder, names, inputs)


def write_page(page: Page, folder: Path) -> Path:
    """report.html, report.json and a CSV a table; the path of the HTML."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(render_html(page), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(page_json(page), indent=1), encoding="utf-8")
    for block in page.blocks:
        if isinstance(block, Table):
            (folder / f"{block.id}.csv").write_text(table_csv(block), encoding="utf-8")
    return folder / "report.html"
