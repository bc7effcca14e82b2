"""What a forecast of a day knows: the meter's own past until the issue, the calendar, and observed temperature.

A day `ahead` days after the issue is forecast from the days that had ended at the issue: for day t these are the days
up to t - ahead. Nothing later is read, no temperature either. Every meter's row is made of its own past alone, so a
forecast does not depend on which other meters are asked for. Energies are divided by the meter's mean of the last four
weeks; the target is the distance from `base`: for the next day what the meter's own regression says
(`meter_regression.py`), for later days the mean of like days at the recent level (as `SeasonalLevel`).
Source: energy-science 4 (lags, rolling means, same-hour means), with levels, last year's like days and the shape of the
meter in place of its name, so that meters the model has never seen are forecast too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.forecast.base_settings import LEVEL_DAMPING, LIKE_DECAY, MAX_RATIO, SCALE_DAYS
from redaptive.domain.forecast.fleet_days import F32, HOURS, FleetDays
from redaptive.domain.forecast.meter_regression import MeterRegression
from redaptive.domain.meter_series import Ints

LIKE_DAYS: Final = 6
CLASS_DAYS: Final = 10
LEAST_SCALE_DAYS: Final = 7
YEAR: Final = 364
HISTORY_DAYS: Final = 70
"""Known days before the issue that all features but last year's need."""
NAMES: Final = (
    "base", "like_mean", "like_spread", "like_low", "like_high", "class_mean",
    "last", "last_2", "last_3", "last_4", "week_1", "week_2", "week_3", "week_4",
    "last_before", "last_after", "week_before", "week_after",
    "level_1", "level_3", "level_7", "tail_3h", "tail_6h", "tail_12h",
    "mean_1", "mean_2", "mean_7", "mean_91", "low_1", "high_1",
    "year_week", "year_date", "year_week_day", "year_date_day",
    "hour", "place", "kind", "kind_before", "kind_after", "holiday", "to_holiday", "since_holiday", "day_of_year",
    "warm_last", "warm_mean_1", "warm_mean_7", "warm_week", "warm_change",
    "night_share", "rest_share", "variation", "zero_share", "size", "ahead",
    "line", "base_over_line",
)  # fmt: skip


@dataclass(frozen=True)
class FeatureBlock:
    """One day of all meters. `x` (meters, 24, features), NaN where unknown; `base` (meters, 24) and `scale` (meters,)
    kWh: a forecast is base + scale * model(x). `scale` is NaN where the past says nothing."""

    x: F32
    base: F32
    scale: F32


class FleetFeatures:
    """Features of the days of a grid; what several days share is computed once.

    `until`: the day after the last one that will be asked for; the end of the grid where not given. Without
    `regression` the next day starts from the mean of like days, too.
    """

    def __init__(self, days: FleetDays, until: int | None = None, *, regression: bool = True) -> None:
        self.days = days
        self._until = days.n_days if until is None else until
        blank = np.full((days.energy.shape[0], 1, HOURS), np.nan, np.float32)
        self._energy = np.concatenate([days.energy, blank], axis=1)  # index -1 is a day without readings
        self._place = np.arange(HOURS)
        self._seen: dict[int, F32] = {}
        self._regression = MeterRegression(days) if regression else None

    def block(self, target: int, ahead: int = 1) -> FeatureBlock:
        """The features of day `target`, issued at the end of day `target - ahead` (1 to 7)."""
        last = target - ahead
        scale = self._scale(last)
        like = self._like(target, last, LIKE_DAYS)
        mean = _weighted(like, LIKE_DECAY)
        levels = self._levels(last)
        base = mean * levels[:, 1, None] ** LEVEL_DAMPING
        base = _first_known(base, self._day(target - 7), self._day(last), np.broadcast_to(scale[:, None], base.shape))
        parts = [base, *self._likes(target, last, like, mean), *self._lags(target, last)]
        own = [part / scale[:, None] for part in parts]
        wide = [*(np.repeat(levels[:, i, None], HOURS, axis=1) for i in range(levels.shape[1]))]
        wide += [np.repeat(v[:, None], HOURS, axis=1) for v in self._means(last, scale)]
        wide += self._years(target, ahead)
        shared: list[F32 | Ints] = [*self._calendar(target), *self._weather(target, last)]
        wide += [np.broadcast_to(row, base.shape).astype(np.float32) for row in shared]
        wide += [np.repeat(v[:, None], HOURS, axis=1) for v in self._shape(last, scale)]
        wide.append(np.full(base.shape, ahead, np.float32))
        line = self._line(target, base) if ahead == 1 else base
        wide += [line / scale[:, None], (base - line) / scale[:, None]]
        x = np.stack([*own, *wide], axis=-1).astype(np.float32)
        return FeatureBlock(x, line.astype(np.float32), scale)

    def naive(self, target: int) -> F32:
        """(meters, 24) kWh of the same hour a week (168 h) before."""
        return self._day(target - 7)

    def _line(self, target: int, base: F32) -> F32:
        """(meters, 24) the regression's forecast; the mean of like days where there is none."""
        line = self._regression.line(target, self._until) if self._regression else base
        return np.asarray(np.where(np.isfinite(line), line, base), np.float32)

    def _day(self, index: int) -> F32:
        return self._energy[:, index if 0 <= index < self.days.n_days else -1]

    def _like(self, target: int, last: int, count: int) -> F32:
        """(meters, 24, count): the newest days up to `last` whose hour has the kind of the target's."""
        kind, found = self.days.kind, np.full((HOURS, count), -1, np.int64)
        since = max(0, last - 7 * (count + 4))
        for place in range(HOURS):
            same = np.flatnonzero(kind[since : last + 1, place] == kind[target, place])[::-1][:count]
            found[place, : same.size] = since + same
        return self._energy[:, found, self._place[:, None]]

    def _expected(self, day: int) -> F32:
        """The mean of like days for a known day, from the days before it."""
        if day not in self._seen:
            self._seen[day] = _weighted(self._like(day, day - 1, LIKE_DAYS), LIKE_DECAY)
        return self._seen[day]

    def _levels(self, last: int) -> F32:
        """(meters, 6): energy over expectation of the last 1, 3 and 7 days, and of the last 3, 6 and 12 hours."""
        known = [(self._day(d), self._expected(d)) for d in range(last, last - 7, -1) if d > 0]
        if not known:
            return np.ones((len(self._energy), 6), np.float32)
        actual, said = (np.stack(part, axis=1) for part in zip(*known, strict=True))
        both = np.isfinite(actual) & np.isfinite(said)
        actual, said = np.where(both, actual, 0.0), np.where(both, said, 0.0)
        spans = [(slice(0, n), slice(None)) for n in (1, 3, 7)]
        spans += [(slice(0, 1), slice(-n, None)) for n in (3, 6, 12)]
        ratios = []
        for days, hours in spans:
            top, bottom = (part[:, days, hours].sum(axis=(1, 2)) for part in (actual, said))
            ratio = np.divide(top, bottom, out=np.ones_like(top), where=(bottom > 0) & (top > 0))
            ratios.append(np.clip(ratio, 1 / MAX_RATIO, MAX_RATIO))
        return np.stack(ratios, axis=1)

    def _likes(self, target: int, last: int, like: F32, mean: F32) -> list[F32]:
        rest = self.days.rest
        same = np.flatnonzero(rest[max(0, last - 41) : last + 1, 0] == rest[target, 0])[::-1][:CLASS_DAYS]
        days = self._energy[:, max(0, last - 41) + same] if same.size else self._energy[:, -1:]
        spread = np.sqrt(_mean((like - mean[..., None]) ** 2, 2))
        low, high = (_extreme(like, sign) for sign in (1, -1))
        return [mean, spread, low, high, _mean(days, 1)]

    def _lags(self, target: int, last: int) -> list[F32]:
        near = [self._day(last - back) for back in range(4)] + [self._day(target - 7 * week) for week in (1, 2, 3, 4)]
        beside = [self._beside(day, step) for day in (last, target - 7) for step in (-1, 1)]
        if target - 7 == last:
            beside[3][:, -1] = np.nan  # the hour after the last known one
        return near + beside

    def _beside(self, day: int, step: int) -> F32:
        """The hour before or after each hour of a day; the hour after the day's last one counts as unknown."""
        moved = np.roll(self._day(day), -step, axis=1)
        moved[:, -1 if step > 0 else 0] = np.nan if step > 0 else self._day(day - 1)[:, -1]
        return moved

    def _window(self, last: int, days: int) -> F32:
        """(meters, up to `days`, 24) up to and with day `last`."""
        return self._energy[:, max(0, last - days + 1) : max(0, last + 1)]

    def _scale(self, last: int) -> F32:
        """(meters,) mean kWh an hour of the last four known weeks, of the last twelve where those are too few."""
        near, far = (self._mean_of(last, days) for days in (SCALE_DAYS, 3 * SCALE_DAYS))
        return np.asarray(np.where(np.isnan(near), far, near), np.float32)

    def _mean_of(self, last: int, days: int) -> F32:
        window = self._window(last, days).reshape(len(self._energy), -1)
        scale = _mean(np.abs(window), 1)
        few = np.isfinite(window).sum(axis=1) < LEAST_SCALE_DAYS * HOURS
        return np.asarray(np.where(few | (scale <= 0), np.nan, scale), np.float32)

    def _means(self, last: int, scale: F32) -> list[F32]:
        means = [_mean(self._day(last - back), 1) for back in (0, 1)]
        means += [_mean(self._window(last, n).reshape(len(scale), -1), 1) for n in (7, 91)]
        day = self._day(last)
        return [v / scale for v in (*means, _extreme(day, 1), _extreme(day, -1))]

    def _years(self, target: int, ahead: int) -> list[F32]:
        """The same weekday and the same date a year ago, by hour and as a day, over the four weeks before it."""
        hours, whole = [], []
        for day in (target - YEAR, int(self.days.last_year[target])):
            before = self._scale(day - ahead) if day > ahead else np.full(len(self._energy), np.nan, np.float32)
            own = self._day(day) / before[:, None]
            hours.append(own)
            whole.append(np.repeat(_mean(own, 1)[:, None], HOURS, axis=1))
        return hours + whole

    def _calendar(self, target: int) -> list[Ints]:
        days = self.days
        kinds = [days.kind[min(max(0, target + step), days.n_days - 1)] for step in (0, -1, 1)]
        if target + 1 >= days.n_days:  # the day after the grid is no holiday as far as is known
            kinds[2] = (kinds[0] + 1) % 7
        rows = [days.hour, self._place, *kinds, days.holiday[target], days.to_holiday[target]]
        return [*rows, days.since_holiday[target], days.day_of_year[target]]

    def _weather(self, target: int, last: int) -> list[F32]:
        warm = self.days.temperature_c
        blank = np.full(HOURS, np.nan, np.float32)
        near = warm[last] if last >= 0 else blank
        week = warm[target - 7] if target >= 7 else blank
        day, days = _mean(near, 0), _mean(warm[max(0, last - 6) : max(0, last + 1)].reshape(-1), 0)
        full = [np.full(HOURS, v, np.float32) for v in (day, days, _mean(week, 0), day - days)]
        return [near, *full]

    def _shape(self, last: int, scale: F32) -> list[F32]:
        """What the meter is like: share of night and of resting days, variation, zeros, size (log10 kWh)."""
        window = self._window(last, SCALE_DAYS)
        rest = self.days.rest[max(0, last - SCALE_DAYS + 1) : max(0, last + 1)]
        night = np.isin(self.days.hour, np.arange(5))
        flat = window.reshape(len(scale), -1)
        known = np.maximum(np.isfinite(flat).sum(axis=1), 1)
        resting = _mean(window.reshape(len(scale), -1)[:, rest.reshape(-1)], 1)
        spread = np.sqrt(_mean((flat - scale[:, None]) ** 2, 1))
        size = np.log10(np.maximum(scale, 1e-6))
        return [_mean(window[:, :, night].reshape(len(scale), -1), 1) / scale, resting / scale, spread / scale,
                (flat == 0).sum(axis=1) / known, size]  # fmt: skip


def _mean(values: F32, axis: int) -> F32:
    """Mean of what is known; NaN where nothing is, without a warning."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), np.float32)


def _weighted(like: F32, decay: float) -> F32:
    """Mean over the last axis of what is known, the first with weight 1, the next with `decay`, and so on."""
    known = np.isfinite(like)
    weight = decay ** np.arange(like.shape[-1], dtype=np.float32) * known
    total = weight.sum(axis=-1)
    sums = (np.where(known, like, 0.0) * weight).sum(axis=-1)
    return np.asarray(np.where(total > 0, sums / np.maximum(total, 1e-9), np.nan), np.float32)


def _extreme(values: F32, sign: int) -> F32:
    """Least (1) or largest (-1) over the last axis; NaN where nothing is known."""
    found = sign * np.where(np.isfinite(values), sign * values, np.inf).min(axis=-1)
    return np.asarray(np.where(np.isfinite(found), found, np.nan), np.float32)


def _first_known(*options: F32) -> F32:
    """The first of the options that is known, element by element."""
    found = options[0]
    for other in options[1:]:
        found = np.where(np.isfinite(found), found, other)
    return np.asarray(found, np.float32)
