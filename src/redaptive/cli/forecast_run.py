"""Forecasts of histories: by the trained model, or by the seasonal level where none is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from redaptive.cli.forecast_files import History, fleet_of
from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.forecast.fleet_days import HOURS, cells
from redaptive.domain.forecast.global_model import MOST_DAYS, FleetForecast, forecast
from redaptive.domain.forecast.load_forecast import forecast_load
from redaptive.domain.forecast.methods import SeasonalLevel, SeasonalNaive
from redaptive.domain.forecast.model_bytes import StoredModel
from redaptive.domain.forecast.peak_days import PeakDay, peak_days, total
from redaptive.domain.intervals import zone
from redaptive.domain.meter_series import Floats, Ints, MeterSeries
from redaptive.errors import InvalidInput

SHOWN_PAST_H: Final = 14 * HOURS


@dataclass(frozen=True)
class Issued:
    """Forecasts of one history: kWh (meters, hours) from `issue_s`; `past` the hours before it, for charts.

    `starts_s` (hours,) UTC; `day` (hours,) local days since 1970; `total` P10, P50, P90 of the sum; `peaks` by meter
    name, the sum under the empty name; `refused` says which meters have no forecast and why.
    """

    history: History
    issue_s: int
    method: str
    p10: Floats
    p50: Floats
    p90: Floats
    naive: Floats
    starts_s: Ints
    day: Ints
    past: Floats
    total: tuple[Floats, Floats, Floats]
    peaks: dict[str, list[PeakDay]]
    refused: tuple[tuple[str, str], ...]


def issue(history: History, issue_s: int, hours: int, model: StoredModel | None) -> Issued:
    """The next `hours` of every meter; raises InvalidInput for more than seven days or an issue without a past."""
    if not 1 <= hours <= MOST_DAYS * HOURS:
        raise InvalidInput(f"{hours} hours cannot be forecast.", field="--horizon", fix="Ask for 1h to 7d.")
    past = history.until(issue_s)
    if past.energy.shape[1] < 21 * HOURS or past.end_s < issue_s:
        raise InvalidInput("A forecast needs three weeks of readings before the issue, and none may lie between.",
                           field="--at", fix="Issue it within the readings.")  # fmt: skip
    starts = issue_s + HOUR_S * np.arange(hours, dtype=np.int64)
    made = _by_model(history, issue_s, hours, model) if model else _by_season(past, hours)
    low, middle, high, naive, likeness, refused, method = made
    sums = total(low, middle, high, likeness)
    day = cells(issue_s, hours, history.timezone)[0]
    peaks = {name: peak_days(past.energy[i], middle[i], high[i], day) for i, name in enumerate(history.names)}
    whole = np.isfinite(past.energy[:, -28 * HOURS :])
    summed = np.where(whole.mean(axis=0) > 0.9, np.nansum(past.energy[:, -28 * HOURS :], axis=0), np.nan)
    peaks[""] = peak_days(summed, sums[1], sums[2], day)
    return Issued(history, issue_s, method, low, middle, high, naive, starts, day, past.energy[:, -SHOWN_PAST_H:],
                  sums, peaks, refused)  # fmt: skip


Made = tuple[Floats, Floats, Floats, Floats, Floats, tuple[tuple[str, str], ...], str]


def _by_model(history: History, issue_s: int, hours: int, model: StoredModel) -> Made:
    fleet, first = fleet_of(history, issue_s, MOST_DAYS + 1)
    hour = datetime.fromtimestamp(issue_s, zone(history.timezone)).hour
    day, place = cells(issue_s, hours, history.timezone, hour)
    at = (day - day[0]) * HOURS + place
    n_days = min(MOST_DAYS, int(at.max()) // HOURS + 1)
    found = forecast(model.model, fleet, first, n_days)
    at = np.minimum(at, n_days * HOURS - 1)  # a clock change may push the last hour out of the seventh day
    why = "Fewer than seven days of readings in the last twelve weeks."
    known = [bool(np.isfinite(row).any()) for row in found.p50]
    silent = tuple((name, why) for name, one in zip(history.names, known, strict=True) if not one)
    return *_at(found, at), silent, f"global model {model.version}, trained until {model.origin.last}"


def _at(found: FleetForecast, at: Ints) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    low, middle, high, naive = (v[:, at] for v in (found.p10, found.p50, found.p90, found.naive))
    return low, middle, high, naive, found.likeness[at]


def _by_season(past: History, hours: int) -> Made:
    """Each meter by its own past; half of the errors are taken as shared, for want of a measured figure."""
    rows: list[list[Floats]] = []
    refused = []
    for name, energy in zip(past.names, past.energy, strict=True):
        series = MeterSeries(past.start_s, HOUR_S, energy, np.zeros(energy.size, np.int8))
        try:
            made, naive = (
                forecast_load(series, past.timezone, m, issue_s=past.end_s, steps=hours, holidays=past.closed)
                for m in (SeasonalLevel(), SeasonalNaive())
            )
            rows.append([made.p10, made.p50, made.p90, naive.p50])
        except InvalidInput as error:
            refused.append((name, error.message))
            rows.append([np.full(hours, np.nan)] * 4)
    low, middle, high, naive_ = (np.stack(part) for part in zip(*rows, strict=True))
    return low, middle, high, naive_, np.full(hours, 0.5), tuple(refused), SeasonalLevel().name


def table(issued: Sequence[Issued]) -> pl.DataFrame:
    """Rows meter, ts (UTC), p10, p50, p90, naive_168h in kWh."""
    frames = []
    for one in issued:
        ts = pl.from_epoch(pl.Series(one.starts_s), "s").dt.replace_time_zone("UTC")
        for i, name in enumerate(one.history.names):
            if not np.isfinite(one.p50[i]).any():
                continue
            values = {
                "p10_kwh": one.p10[i],
                "p50_kwh": one.p50[i],
                "p90_kwh": one.p90[i],
                "naive_168h_kwh": one.naive[i],
            }
            frames.append(pl.DataFrame({"meter": [name] * ts.len(), "ts": ts, **values}))
    if not frames:
        raise InvalidInput("No meter has enough readings for a forecast.", field="readings",
                           fix="Three weeks are needed.")  # fmt: skip
    return pl.concat(frames).with_columns(pl.col(pl.Float64).round(4).fill_nan(None))


def moment(seconds: int) -> datetime:
    """UTC time of an instant."""
    return datetime.fromtimestamp(seconds, UTC)
