"""One model for all meters: trained on the pasts of many, it forecasts any meter's next week with P10, P50 and P90.

Two sets of boosted trees: the next day (what had happened until the issue), and days two to seven. Each stretches its
intervals per meter by forecasts of the months before whose outcomes are known. For the next day the trees say how far
a meter will be from its own regression (`meter_regression.py`), and count in part: the regression and the trees err
apart, so that their mean errs least. It fails where the load follows what no column knows: an event, a new schedule, a
plant that is switched by hand. Source: energy-science 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from redaptive.domain.forecast.boosters import Boosters, Recipe, Rows, fit, from_texts
from redaptive.domain.forecast.calibration import Stretch, stretch, stretched
from redaptive.domain.forecast.features import HISTORY_DAYS, NAMES, FleetFeatures
from redaptive.domain.forecast.fleet_days import F32, HOURS, FleetDays
from redaptive.domain.meter_series import Floats, Ints
from redaptive.errors import InvalidInput

DAY, WEEK = "day", "week"
AHEAD: Final = {DAY: (1,), WEEK: (2, 3, 4, 5, 6, 7)}
MOST_DAYS: Final = 7
CALIBRATION_DAYS: Final = 91
TRAINING_ROWS: Final = 300_000
CALIBRATION_ROWS: Final = 1_500_000
CHUNK: Final = 1_000
MOST_STRIDE: Final = 13
TREES_COUNT: Final = 0.7
"""How much of the distance from the regression that the trees see is followed; chosen on 2017 and 2018."""
RECIPE: Final = Recipe()
Progress = Callable[[str], None]


class Checkpoints(Protocol):
    """Where fitted trees are kept while a training goes on, so that one that was stopped need not fit them again."""

    def kept(self, name: str, threads: int) -> tuple[str, ...] | None:
        """The texts that were kept under a name; None without any."""
        ...

    def keep(self, name: str, texts: tuple[str, ...]) -> None:
        """Keeps the texts of trees."""
        ...


@dataclass(frozen=True)
class Fleet:
    """Meters that share a clock and a weather station, by their codes."""

    names: tuple[str, ...]
    days: FleetDays


@dataclass(frozen=True)
class HorizonModel:
    """Trees of one horizon, the stretch of each meter's interval, and how alike the errors of meters are (0 to 1).

    `held`: trees that have not seen the last months of the training, from which intervals are set there.
    """

    boosters: Boosters
    stretch: Stretch
    likeness: float
    held: Boosters | None = None


@dataclass(frozen=True)
class ForecastModel:
    """A trained model. `meters`: those whose own stretch is known; `horizons` by `DAY` and `WEEK`; `recipe` of both."""

    meters: tuple[str, ...]
    horizons: dict[str, HorizonModel]
    recipe: Recipe


@dataclass(frozen=True)
class FleetForecast:
    """kWh by hour (meters, hours) from the issue on: three quantiles and the reading a week before; NaN where unknown.

    `first_day`: index of the first forecast day in the grid. `likeness` by hour: see `HorizonModel`.
    """

    names: tuple[str, ...]
    first_day: int
    p10: Floats
    p50: Floats
    p90: Floats
    naive: Floats
    likeness: Floats


def train(
    fleets: Sequence[Fleet],
    recipe: Recipe = RECIPE,
    *,
    horizons: Sequence[str] = (DAY, WEEK),
    calibration_days: int = CALIBRATION_DAYS,
    refit: bool = True,
    progress: Progress = lambda _: None,
    checkpoints: Checkpoints | None = None,
) -> ForecastModel:
    """A model of all days of the fleets; the last `calibration_days` (at most a quarter) give the intervals.

    The intervals come from trees that have not seen those days; with `refit` the trees are then fitted to all days.
    `checkpoints` are of this training alone: the same fleets and recipe.

    Raises InvalidInput where there is too little history, Unavailable without LightGBM.
    """
    held = [min(calibration_days, max(0, f.days.n_days - HISTORY_DAYS) // 4) for f in fleets]
    training = _Training(fleets, recipe, progress, checkpoints)
    found = {h: HorizonModel(training.fitted(h, held, "held"), _no_stretch(), 0.0) for h in horizons}
    names = tuple(name for fleet in fleets for name in fleet.names)
    spans = [(f.days.n_days - days, f.days.n_days) for f, days in zip(fleets, held, strict=True)]
    model = calibrated(ForecastModel(names, found, recipe), fleets, spans, progress)
    if not refit or not any(held):
        return model
    none = [0] * len(fleets)
    whole = {h: training.fitted(h, none, "whole") for h in horizons}
    return replace(model, horizons={
        h: replace(part, boosters=whole[h], held=part.boosters) for h, part in model.horizons.items()
    })  # fmt: skip


@dataclass(frozen=True)
class _Training:
    fleets: Sequence[Fleet]
    recipe: Recipe
    progress: Progress
    checkpoints: Checkpoints | None

    def fitted(self, horizon: str, held: Sequence[int], span: str) -> Boosters:
        """Trees of a horizon without the last `held` days of each fleet, taken from the checkpoints where they are."""
        name = f"{horizon}-{span}"
        self.progress(f"features, {horizon}")
        texts = self.checkpoints.kept(name, self.recipe.threads) if self.checkpoints else None
        if texts is not None:
            self.progress(f"trees, {horizon}")
            return from_texts(texts, self.recipe.threads)
        rows = training_rows(self.fleets, held, horizon, regression=self.recipe.regression)
        self.progress(f"trees, {horizon}")
        made = fit(rows, self.recipe)
        if self.checkpoints:
            self.checkpoints.keep(name, made.texts())
        return made


def training_rows(
    fleets: Sequence[Fleet], held: Sequence[int], horizon: str, most: int = TRAINING_ROWS, *, regression: bool = True
) -> Rows:
    """Rows of days from the first with a past to the held-out ones, thinned evenly to about `most`."""
    total = sum(max(0, f.days.n_days - HISTORY_DAYS - h) * len(f.names) * HOURS
                for f, h in zip(fleets, held, strict=True))  # fmt: skip
    thin = max(1, round(total / most))
    every, skip = uneven(min(thin, MOST_STRIDE)), max(1, thin // MOST_STRIDE)
    parts = []
    for fleet, days in zip(fleets, held, strict=True):
        features = FleetFeatures(fleet.days.take(slice(None, None, skip)), regression=regression)
        for number, day in enumerate(range(HISTORY_DAYS, fleet.days.n_days - days, every)):
            options = AHEAD[horizon]
            parts.append(_rows(features, day, options[number % len(options)]))
    if not parts:
        raise InvalidInput(
            f"A forecast model needs more than {HISTORY_DAYS} days of readings.",
            field="readings",
            fix="Train on a longer history.",
        )
    x, target = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Rows(x, target)


def uneven(stride: int) -> int:
    """The stride in days, one more where it is made of whole weeks: a stride of 7 would see one weekday alone.

    >>> [uneven(n) for n in (1, 6, 7, 14)]
    [1, 6, 8, 15]
    """
    return stride + (stride % 7 == 0)


def calibrated(
    model: ForecastModel,
    fleets: Sequence[Fleet],
    spans: Sequence[tuple[int, int]],
    progress: Progress = lambda _: None,
    unseen: Sequence[int] | None = None,
    features: Sequence[FleetFeatures] | None = None,
) -> ForecastModel:
    """The model with intervals that fit days [first, end) of each fleet, which it has not been trained on.

    `unseen`: the first day of each fleet that the trees have not seen; days before it are judged by the held-out trees.
    `features` of the fleets and of the recipe of the model, where there are some already.
    """
    since = unseen if unseen is not None else [0] * len(fleets)
    columns = features or [
        FleetFeatures(f.days, end, regression=model.recipe.regression)
        for f, (_, end) in zip(fleets, spans, strict=True)
    ]
    horizons = {}
    for horizon, part in model.horizons.items():
        progress(f"intervals, {horizon}")
        rows = sum((end - first) * len(f.names) * HOURS for f, (first, end) in zip(fleets, spans, strict=True))
        every = uneven(max(1, round(rows / CALIBRATION_ROWS)))
        raws, outcomes = [], []
        for own, (first, end), new in zip(columns, spans, since, strict=True):
            raw, outcome = _outcomes(part, new, own, range(first, end, every), AHEAD[horizon], model.recipe)
            raws.append(raw)
            outcomes.append(outcome)
        width = max((o.shape[1] for o in outcomes), default=0)
        raw = np.concatenate([_padded(r, width) for r in raws])
        outcome = np.concatenate([_padded(o, width) for o in outcomes])
        horizons[horizon] = replace(part, stretch=stretch(raw, outcome), likeness=_likeness(outcome - raw[..., 1]))
    names = tuple(name for fleet in fleets for name in fleet.names)
    return replace(model, meters=names, horizons=horizons)


def forecast(
    model: ForecastModel, fleet: Fleet, first_day: int, n_days: int, features: FleetFeatures | None = None
) -> FleetForecast:
    """Days `first_day` to `first_day + n_days` of the grid, issued at the beginning of the first; at most seven.

    Meters in parts of 1,000: about 0.4 GB. Every value from `first_day` on may change without changing the forecast.
    `features` of the fleet, where several days are forecast one after the other; what they share is fitted once.
    """
    if not 1 <= n_days <= MOST_DAYS:
        raise InvalidInput(f"{n_days} days cannot be forecast.", field="horizon", fix="Ask for 1 to 7 days.")
    place = {name: i for i, name in enumerate(model.meters)}
    parts = []
    for low in range(0, len(fleet.names), CHUNK):
        span = slice(low, low + CHUNK)
        own = np.array([place.get(name, -1) for name in fleet.names[span]], np.int64)
        known = features if features and len(own) == len(fleet.names) else None
        known = known or FleetFeatures(fleet.days.take(span), first_day + 1, regression=model.recipe.regression)
        parts.append(_chunk(model, known, own, first_day, n_days))
    low_, middle, high, naive = (np.concatenate(part) for part in zip(*parts, strict=True))
    ahead = np.repeat([model.horizons[_horizon(k)].likeness for k in range(1, n_days + 1)], HOURS)
    return FleetForecast(fleet.names, first_day, low_, middle, high, naive, ahead)


def _chunk(model: ForecastModel, features: FleetFeatures, own: Ints, first: int, n_days: int) -> tuple[Floats, ...]:
    floor = _floor(features.days, first)
    found, naive = [], []
    for ahead in range(1, n_days + 1):
        part = model.horizons[_horizon(ahead)]
        block = features.block(first + ahead - 1, ahead)
        raw = _raw(part.boosters, block.x, _share(model.recipe, ahead))
        base, scale = block.base / block.scale[:, None], block.scale
        quantiles = stretched(raw + base[..., None], part.stretch.take(own)) * scale[:, None, None]
        found.append(np.maximum(quantiles, floor[:, None, None]))
        naive.append(features.naive(first + ahead - 1))
    low, middle, high = np.moveaxis(np.concatenate(found, axis=1), -1, 0)
    return low, middle, high, np.concatenate(naive, axis=1).astype(np.float64)


def _horizon(ahead: int) -> str:
    return DAY if ahead == 1 else WEEK


def _floor(days: FleetDays, first: int) -> Floats:
    """Zero for meters whose past was never negative; no floor for those that export."""
    past = days.energy[:, max(0, first - 400) : first]
    return np.where(np.nanmin(np.where(np.isfinite(past), past, np.inf), axis=(1, 2), initial=np.inf) < 0, -np.inf, 0.0)


def _share(recipe: Recipe, ahead: int) -> float:
    """How much of the median distance of a day counts."""
    return TREES_COUNT if recipe.regression and ahead == 1 else 1.0


def _raw(boosters: Boosters, x: F32, share: float) -> Floats:
    """(meters, 24, 3) distances from the base, NaN where the meter has no scale; `share` of the median counts."""
    flat = x.reshape(-1, x.shape[-1])
    known = np.isfinite(flat[:, NAMES.index("base")])
    out = np.full((len(flat), 3), np.nan)
    if known.any():
        out[known] = boosters.predict(flat[known])
    out -= (1 - share) * out[:, 1:2]
    return out.reshape(*x.shape[:-1], 3)


def _rows(features: FleetFeatures, day: int, ahead: int) -> tuple[F32, F32]:
    block = features.block(day, ahead)
    target = (features.days.energy[:, day] - block.base) / block.scale[:, None]
    known = np.isfinite(target)
    return block.x[known], target[known]


def _outcomes(
    part: HorizonModel, new: int, features: FleetFeatures, days: range, options: tuple[int, ...], recipe: Recipe
) -> tuple[Floats, Floats]:
    """Raw quantiles (meters, hours, 3) and outcomes (meters, hours) over the mean load."""
    energy = features.days.energy
    raws: list[Floats] = [np.empty((len(energy), 0, 3))]
    outcomes: list[Floats] = [np.empty((len(energy), 0))]
    for number, day in enumerate(days):
        ahead = options[number % len(options)]
        block = features.block(day, ahead)
        scale = block.scale[:, None]
        trees = part.held if part.held is not None and day < new else part.boosters
        raws.append(_raw(trees, block.x, _share(recipe, ahead)) + (block.base / scale)[..., None])
        outcomes.append((energy[:, day] / scale).astype(np.float64))
    return np.concatenate(raws, axis=1), np.concatenate(outcomes, axis=1)


def _padded(values: Floats, width: int) -> Floats:
    more = [(0, 0), (0, width - values.shape[1])] + [(0, 0)] * (values.ndim - 2)
    return np.pad(values, more, constant_values=np.nan)


def _likeness(error: Floats) -> float:
    """Mean correlation of the errors of two meters: from the spread of their mean after each is divided by its own."""
    known = np.isfinite(error)
    whole = known.mean(axis=1) > 0.5 if error.shape[1] else np.zeros(len(error), np.bool_)
    if whole.sum() < 2:
        return 1.0
    own = np.where(known[whole], error[whole], 0.0)
    own = own / np.maximum(own.std(axis=1), 1e-9)[:, None]
    n = len(own)
    return float(np.clip((own.mean(axis=0).var() * n - 1.0) / (n - 1.0), 0.0, 1.0))


def _no_stretch() -> Stretch:
    return Stretch(np.empty(0), np.empty(0), (1.0, 1.0))
