"""Forecasts of histories: by the trained model, else by each meter's own regression and like days; totals by site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.forecast.fleet_days import HOURS, cells
from redaptive.domain.forecast.global_model import MOST_DAYS, FleetForecast, forecast
from redaptive.domain.forecast.load_forecast import forecast_load, last_week
from redaptive.domain.forecast.meter_regression import REGRESSED
from redaptive.domain.forecast.methods import SeasonalLevel
from redaptive.domain.forecast.model_bytes import StoredModel
from redaptive.domain.forecast.own_regression import next_day
from redaptive.domain.forecast.peak_days import PeakDay, peak_days, total
from redaptive.domain.intervals import zone
from redaptive.domain.meter_series import Floats, Ints, MeterSeries
from redaptive.errors import InvalidInput
from redaptive.streams.forecasts.history import History, fleet_of

REGRESSION: Final = "the next day by each meter's own regression"
"""How a method says that `by_regression` made its first day."""
MOST_HOURS: Final = MOST_DAYS * HOURS
SHOWN_PAST_H: Final = 28 * HOURS
MOST_UNKNOWN: Final = 0.1
"""An hour of a total is unknown where more than this share of its meters is."""
SHARED_ERRORS: Final = 0.5
"""How alike the errors of meters are taken to be where no model has measured it."""


@dataclass(frozen=True)
class Total:
    """kWh (hours,) of a site, or of all meters under the empty name; `meters` were added up."""

    site: str
    meters: int
    past: Floats
    p10: Floats
    p50: Floats
    p90: Floats
    naive: Floats
    peaks: list[PeakDay]


@dataclass(frozen=True)
class Issued:
    """Forecasts of one history: kWh (meters, hours) from `issue_s`; `past` the four weeks before it.

    `starts_s` (hours,) UTC; `day` (hours,) local days since 1970; `peaks` by meter name; `totals`: all meters first,
    then sites where there are several; `refused` says which meters have no forecast and why.
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
    totals: tuple[Total, ...]
    peaks: dict[str, list[PeakDay]]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Made:
    p10: Floats
    p50: Floats
    p90: Floats
    naive: Floats
    likeness: Floats
    refused: tuple[tuple[str, str], ...]
    method: str


def issue(history: History, issue_s: int, hours: int, model: StoredModel | None) -> Issued:
    """The next `hours` of every meter; raises InvalidInput for more than seven days or an issue without a past."""
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidInput(f"{hours} hours cannot be forecast.", field="--horizon", fix="Ask for 1h to 7d.")
    past = history.until(issue_s)
    if past.energy.shape[1] < 21 * HOURS or past.end_s < issue_s:
        raise InvalidInput("A forecast needs three weeks of readings before the issue, and none may lie between.",
                           field="--at", fix="Issue it within the readings.")  # fmt: skip
    made = _by_model(history, issue_s, hours, model) if model else _by_own_past(past, hours)
    starts = issue_s + HOUR_S * np.arange(hours, dtype=np.int64)
    day = cells(issue_s, hours, history.timezone)[0]
    shown = past.energy[:, -SHOWN_PAST_H:]
    peaks = {name: peak_days(shown[i], made.p50[i], made.p90[i], day) for i, name in enumerate(history.names)}
    sites = sorted(set(history.sites))
    named = [None, *sites] if len(sites) > 1 else [None]
    totals = tuple(_total(history, site, made, shown, day) for site in named)
    return Issued(history, issue_s, made.method, made.p10, made.p50, made.p90, made.naive, starts, day, shown,
                  totals, peaks, made.refused)  # fmt: skip


def _total(history: History, site: str | None, made: _Made, past: Floats, day: Ints) -> Total:
    rows = [i for i in history.counted(site) if np.isfinite(made.p50[i]).any()]
    low, middle, high = total(made.p10[rows], made.p50[rows], made.p90[rows], made.likeness)
    before = _added(past[rows])
    risks = peak_days(before, middle, high, day) if rows else []
    return Total(site or "", len(rows), before, low, middle, high, _added(made.naive[rows]), risks)


def _added(values: Floats) -> Floats:
    """Sums of hours in which nearly all meters are known; NaN in the others."""
    if not len(values):
        return np.full(values.shape[1], np.nan)
    known = np.isfinite(values).mean(axis=0) > 1 - MOST_UNKNOWN
    return np.where(known, np.nansum(values, axis=0), np.nan)


def _by_model(history: History, issue_s: int, hours: int, model: StoredModel) -> _Made:
    fleet, first = fleet_of(history, issue_s, MOST_DAYS + 1)
    at = _places(history, issue_s, hours)
    n_days = min(MOST_DAYS, int(at.max()) // HOURS + 1)
    found = forecast(model.model, fleet, first, n_days)
    at = np.minimum(at, n_days * HOURS - 1)  # a clock change may push the last hour out of the seventh day
    why = "Fewer than seven days of readings in the last twelve weeks."
    known = [bool(np.isfinite(row).any()) for row in found.p50]
    silent = tuple((name, why) for name, one in zip(history.names, known, strict=True) if not one)
    return _Made(*_at(found, at), silent, method_of(model))


def _places(history: History, issue_s: int, hours: int) -> Ints:
    """(hours,) places of the hours in local days that begin at the hour of the issue, one day after the other."""
    hour = datetime.fromtimestamp(issue_s, zone(history.timezone)).hour
    day, place = cells(issue_s, hours, history.timezone, hour)
    return np.asarray((day - day[0]) * HOURS + place, np.int64)


def method_of(model: StoredModel) -> str:
    """What a report calls a trained model."""
    set_by = model.origin.intervals
    later = f", intervals until {set_by}" if set_by not in ("", model.origin.last) else ""
    return f"global model {model.version}, trained until {model.origin.last}{later}"


def _at(found: FleetForecast, at: Ints) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    low, middle, high, naive = (v[:, at] for v in (found.p10, found.p50, found.p90, found.naive))
    return low, middle, high, naive, found.likeness[at]


def _by_own_past(past: History, hours: int) -> _Made:
    """Each meter by its own like days; the first day by its own regression where it has a past of fourteen weeks."""
    made = _by_season(past, hours)
    found = by_regression(past, hours)
    if found is None:
        return made
    seasonal = (made.p10, made.p50, made.p90)
    low, middle, high = (np.where(np.isfinite(a), a, b) for a, b in zip(found, seasonal, strict=True))
    return replace(made, p10=low, p50=middle, p90=high, method=f"{made.method}; {REGRESSION}")


def by_regression(past: History, hours: int) -> tuple[Floats, Floats, Floats] | None:
    """P10, P50 and P90 (meters, hours) kWh after the past by each meter's own regression: the first day, NaN beyond.

    None where no meter has a past of fourteen weeks, or the commodity is not one that is regressed.
    """
    if past.commodity not in REGRESSED:
        return None
    fleet, first = fleet_of(past, past.end_s, 1)
    found = next_day(fleet.days, first)
    if found is None or not np.isfinite(found[1]).any():
        return None
    at = _places(past, past.end_s, hours)
    inside = at < HOURS
    low, middle, high = (np.where(inside, part[:, np.where(inside, at, 0)], np.nan) for part in found)
    return low, middle, high


def _by_season(past: History, hours: int) -> _Made:
    """Each meter by its own past."""
    rows: list[list[Floats]] = []
    refused = []
    for name, energy in zip(past.names, past.energy, strict=True):
        series = MeterSeries(past.start_s, HOUR_S, energy, np.zeros(energy.size, np.int8))
        try:
            made = forecast_load(
                series, past.timezone, SeasonalLevel(), issue_s=past.end_s, steps=hours, holidays=past.closed
            )
            naive = last_week(series, past.timezone, issue_s=past.end_s, steps=hours)
            rows.append([made.p10, made.p50, made.p90, naive])
        except InvalidInput as error:
            refused.append((name, error.message))
            rows.append([np.full(hours, np.nan)] * 4)
    low, middle, high, naive_ = (np.stack(part) for part in zip(*rows, strict=True))
    likeness = np.full(hours, SHARED_ERRORS)
    return _Made(low, middle, high, naive_, likeness, tuple(refused), SeasonalLevel().name)


def methods(issued: Sequence[Issued]) -> str:
    """The methods of several forecasts in one line."""
    return "; ".join(dict.fromkeys(one.method for one in issued))
