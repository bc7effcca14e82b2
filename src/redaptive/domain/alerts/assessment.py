"""Is an episode out of the ordinary, and what does it cost: the hours since its start against the weeks before it.

The kernel learns what lasts as usual, so its own expectation forgets an episode. Here the expectation is that of the
weeks before the start and stays so: the median of each local hour of the week, moved by what the meters beside it did
and by the weather, as this meter followed both in those weeks (least squares with a ridge). What is left is added up a
day; its error is that of the same sums before the episode: day to day, and week to week. Failure mode: what half of
the meters beside it share is taken for a common day. Source: ours, chosen on development buildings
(docs/explanation/detection.md, "From alarms to alerts").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.known_values import median

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY_H: Final = 24
WEEK_H: Final = 168
BEFORE_H: Final = 8 * WEEK_H
"""Weeks before the episode that it is compared with."""
LEAST_BEFORE_H: Final = 2 * WEEK_H
RIDGE_DAYS: Final = 5.0
"""Slopes on what is shared are drawn to zero as by so many days of the usual size."""
FLOOR_SHARE: Final = 0.02
"""Error of an expectation that is always there, as a share of the use."""
PRIOR_SHARES: Final = (0.5, 0.03, 0.03)
"""How far a meter may follow what it was not seen to follow, as shares of its use: the course of the others (as a share
of theirs), heating and cooling degrees (a K)."""
DAYS_ALIKE: Final = 3.0
"""Days that follow each other say as much as a third of so many would."""
LEAST_SEEN_H: Final = 3
"""Hours of a part of the week that say something about it."""
_MAD: Final = 1.4826
CLEARER: Final = 1.3
"""So much larger in standard errors an excess must be in closed hours than in all to be of those."""
_WEEK_PARTS: Final = {"working": 70, "weeknight": 50, "rest": 48}
"""Hours of a week: Monday to Friday from 6 to 20, the other hours of those days, Saturday and Sunday."""
CLOSED_H: Final = _WEEK_PARTS["weeknight"] + _WEEK_PARTS["rest"]
"""Closed hours of a week."""


@dataclass(frozen=True)
class Hours:
    """Energy of one meter hour by hour in kWh (NaN: not read).

    `slot` is the local hour of the week (Monday 0:00 is 0); `shared` has a row an hour: what others did, the weather.
    """

    kwh: Floats
    slot: Ints
    shared: Floats


@dataclass(frozen=True)
class Assessment:
    """An episode against the weeks before it.

    kWh a day of an ordinary week: `excess` (with sign), `expected`, `error` (one standard error of the excess); `now`
    is that of its last two days (of its last week, where it shows on days of rest only). `closed` and `rest` are the
    shares of the excess that fall into closed hours (20 to 6 and weekends) and days of rest. `days` were read since the
    start. `factor` is what all hours are multiplied by, None where they do not change alike. `floor` is how far the
    lowest hours of its days lie above those before, kWh an hour. Where closed hours show it much better
    (`at_closed`), the excess and its error are of those alone, and `part_expected` is their expectation, kWh a day.
    """

    days: float
    excess: float
    expected: float
    error: float
    now: float
    closed: float
    rest: float
    factor: float | None
    floor: float
    part_expected: float | None = None

    @property
    def at_closed(self) -> bool:
        """Whether closed hours show it much better than all do."""
        return self.part_expected is not None

    @property
    def errors(self) -> float:
        """The excess in standard errors."""
        return self.excess / self.error if self.error > 0 else 0.0

    @property
    def share(self) -> float:
        """The excess as a share of the expected use, of closed hours where it is of those."""
        due = self.expected if self.part_expected is None else self.part_expected
        return self.excess / max(abs(due), 1e-9)

    @property
    def steady(self) -> bool:
        """Whether it runs round the clock, as a leak does: the lowest hours rose by half of the mean and more."""
        return self.excess > 0 and self.floor * DAY_H >= 0.5 * self.excess


@dataclass(frozen=True)
class Spread:
    """How days differ that nothing happened in: `daily` spread of a day's sum (kWh), `slow` variance of its weekly mean
    beyond that (kWh squared), `trend`, the later half less the earlier one (kWh)."""

    daily: float = 0.0
    slow: float = 0.0
    trend: float = 0.0


@dataclass(frozen=True)
class Basis:
    """What the weeks before an episode say: the usual week, how the meter follows what is shared, and its spreads.

    `level` and `slopes` of the shared columns, and the squares of their days' distances from the level, summed
    (`moved`); `lowest` is what nine tenths of the days' lowest hours stay below; spreads of days (`whole`) and of
    their closed hours (`shut`).
    """

    usual: Floats
    level: Floats
    slopes: Floats
    moved: Floats
    lowest: float
    whole: Spread
    shut: Spread

    def expected(self, hours: Hours) -> Floats:
        """What is due in each hour, kWh."""
        return self.usual[hours.slot] + np.nan_to_num(hours.shared - self.level) @ self.slopes

    def assess(self, since: Hours) -> Assessment | None:
        """The episode so far; None when nothing was read since."""
        read = np.isfinite(since.kwh)
        if not read.any():
            return None
        expected, days = self.expected(since), float(read.sum() / DAY_H)
        residual, due = since.kwh - expected, float(expected.mean() * DAY_H)
        parts = _part_hours(since.slot)
        rates, shut = _rates(parts, residual), ~parts["working"]
        weekly = {name: rates[name] * hours for name, hours in _WEEK_PARTS.items()}
        excess, closed = sum(weekly.values()) / 7, (weekly["weeknight"] + weekly["rest"]) / 7
        error = self._error(days, due, since.shared, self.whole)
        part = _middle_of(expected, shut) * CLOSED_H / 7
        of_part = self._error(days, part, since.shared, self.shut)
        found = Assessment(days, excess, due, error, 0.0, *_where(weekly, excess), _factor(since.kwh, expected),
                           self._floor(since.kwh))  # fmt: skip
        if abs(closed) * error > CLEARER * abs(excess) * of_part:
            where = _where({**weekly, "working": 0.0}, closed)
            found = replace(found, excess=closed, error=of_part, closed=where[0], rest=where[1],
                            part_expected=part)  # fmt: skip
            residual = np.where(shut, residual, np.nan)
        return replace(found, now=_now(parts, residual, rates, found.excess))

    def _error(self, days: float, due: float, shared: Floats, of: Spread) -> float:
        """Standard error of the excess, kWh a day: day to day, week to week, a trend, what is new, and a floor."""
        of_days = of.daily**2 / min(max(days, 0.25), 14.0) + of.daily**2 / 28
        floor = (FLOOR_SHARE * due) ** 2
        return float(np.sqrt(of_days + 1.5 * of.slow + of.trend**2 + self._new(due, shared, of) + floor))

    def _new(self, due: float, shared: Floats, of: Spread) -> float:
        """Variance from what is shared being unlike the weeks before: slopes are known as far as it moved there.

        Without any movement a slope is taken to be as likely as a share of the use for each unit (`PRIOR_SHARES`).
        """
        prior = 1.0 / (np.array(PRIOR_SHARES) * max(abs(due), 1e-9)) ** 2
        known = self.moved / max(DAYS_ALIKE * of.daily**2, 1e-9)
        away, _ = _means(np.nan_to_num(shared - self.level), 0)
        return float((away**2 / (prior + known)).sum())

    def _floor(self, kwh: Floats) -> float:
        after = lowest_of_days(kwh)
        return float(np.median(after) - self.lowest) if len(after) else 0.0


def basis(before: Hours) -> Basis | None:
    """What these hours (the eight weeks before an episode) say; None where they are too few."""
    if len(before.kwh) < LEAST_BEFORE_H or np.isfinite(before.kwh).mean() < 0.5:
        return None
    usual = usual_week(before.kwh, before.slot)
    plain = before.kwh - usual[before.slot]
    level, _ = _means(before.shared, 0)
    daily = _by_day(np.nan_to_num(before.shared - level))
    lowest = float(np.quantile(lowest_of_days(before.kwh), 0.9))
    known = Basis(usual, level, _slopes(daily, plain), (daily**2).sum(0), lowest, Spread(), Spread())
    residual = before.kwh - known.expected(before)
    shut = np.where(~_part_hours(before.slot)["working"] | ~np.isfinite(residual), residual, 0.0)
    return replace(known, whole=_spreads(residual), shut=_spreads(shut))


def _where(weekly: dict[str, float], excess: float) -> tuple[float, float]:
    """The shares of what goes the excess's way that fall into closed hours and on days of rest."""
    same_way = {name: max(0.0, float(value * np.sign(excess))) for name, value in weekly.items()}
    whole = sum(same_way.values()) or 1.0
    return (same_way["rest"] + same_way["weeknight"]) / whole, same_way["rest"] / whole


def _part_hours(slot: Ints) -> dict[str, Bools]:
    """Which hours are of each part of the week (`_WEEK_PARTS`); all but the working ones are closed."""
    hour, rest = slot % DAY_H, slot >= 5 * DAY_H
    working = ~rest & (hour >= 6) & (hour < 20)
    return {"working": working, "weeknight": ~rest & ~working, "rest": rest}


def _spreads(residual: Floats) -> Spread:
    daily = _by_day(residual[:, None])[:, 0] * DAY_H
    one, half = _spread(daily), len(daily) // 2
    return Spread(one, _slow(daily, one), _middle(daily[half:]) - _middle(daily[:half]))


def _middle_of(expected: Floats, mask: Bools) -> float:
    """Mean over the hours of the mask; over all hours where it holds nowhere."""
    return float(expected[mask].mean() if mask.any() else expected.mean())


def usual_week(kwh: Floats, slot: Ints) -> Floats:
    """Median kWh by local hour of the week (168); an hour that was never read has the median of all, else NaN."""
    table = np.full((len(kwh) // WEEK_H + 2, WEEK_H), np.nan)
    table[(np.arange(len(kwh)) + slot[0]) // WEEK_H, slot] = kwh
    some = np.isfinite(table).any(0)
    usual = np.full(WEEK_H, np.nan)
    if some.any():
        usual[some] = median(table[:, some], axis=0)
        usual[~some] = np.median(usual[some])
    return usual


def lowest_of_days(kwh: Floats) -> Floats:
    """The lowest hour of each day with a reading, kWh."""
    padded = np.full(-(-len(kwh) // DAY_H) * DAY_H, np.inf)
    padded[: len(kwh)] = np.where(np.isfinite(kwh), kwh, np.inf)
    lowest: Floats = padded.reshape(-1, DAY_H).min(1)
    return lowest[np.isfinite(lowest)]


def _slopes(daily: Floats, plain: Floats) -> Floats:
    """kWh for each unit of the shared columns above their means, by the days; 0 where nothing is known."""
    target = _by_day(plain[:, None])[:, 0]
    good = np.isfinite(target)
    if good.sum() * DAY_H < LEAST_BEFORE_H / 2:
        return np.zeros(daily.shape[1])
    middle = np.median(target[good])
    limit = 3 * _MAD * np.median(np.abs(target[good] - middle))
    wanted = np.clip(target[good], middle - limit, middle + limit) if limit > 0 else target[good]
    scale = np.maximum(daily[good].std(0), 1e-9)
    x = daily[good] / scale
    slopes: Floats = np.linalg.solve(x.T @ x + RIDGE_DAYS * np.eye(x.shape[1]), x.T @ (wanted - wanted.mean())) / scale
    return slopes


def _means(values: Floats, axis: int) -> tuple[Floats, Ints]:
    """Means over an axis of what is not NaN (0 where nothing is), and of how many."""
    some = np.isfinite(values)
    count = some.sum(axis)
    return np.where(some, values, 0.0).sum(axis) / np.maximum(count, 1), count


def _middle(values: Floats) -> float:
    """The median of what is not NaN; 0 of nothing."""
    good = values[np.isfinite(values)]
    return float(np.median(good)) if len(good) else 0.0


def _by_day(columns: Floats) -> Floats:
    """Means of whole days, counted from the end; NaN where less than half of the day was read."""
    days = len(columns) // DAY_H
    blocks = columns[len(columns) - days * DAY_H :].reshape(days, DAY_H, -1)
    mean, read = _means(blocks, 1)
    mean[read < DAY_H / 2] = np.nan
    return mean


def _slow(daily: Floats, one: float) -> float:
    """Variance of the weekly mean beyond that of single days, (kWh a day) squared."""
    if len(daily) < 14:
        return 0.0
    means, read = _means(np.lib.stride_tricks.sliding_window_view(daily, 7), 1)
    return max(0.0, _spread(means[read >= 4]) ** 2 - one**2 / 7)


def _spread(values: Floats) -> float:
    """Standard deviation that single odd days do not blow up, and many are not lost on."""
    good = values[np.isfinite(values)]
    if len(good) < 4:
        return 0.0
    off = good - np.median(good)
    return float(max(_MAD * np.median(np.abs(off)), 0.5 * np.sqrt(np.mean(off**2))))


def _rates(parts: dict[str, Bools], residual: Floats) -> dict[str, float]:
    """Excess in kW by part of the week; a part not seen has none, days of rest that of weeknights."""
    rates = {}
    for name, mask in parts.items():
        good = residual[mask & np.isfinite(residual)]
        rates[name] = float(good.mean()) if len(good) >= LEAST_SEEN_H else np.nan
    if not np.isfinite(rates["rest"]):
        rates["rest"] = rates["weeknight"]
    return {name: value if np.isfinite(value) else 0.0 for name, value in rates.items()}


def _now(parts: dict[str, Bools], residual: Floats, rates: dict[str, float], excess: float) -> float:
    """Excess of the last two days, kWh a day of an ordinary week: as much of it as those hours show of theirs.

    Where it hardly falls into such days (it shows on days of rest alone) the last week is asked.
    """
    due = np.empty(len(residual))
    for name, mask in parts.items():
        due[mask] = rates[name]
    for days in (2, 7):
        read = np.isfinite(residual[-days * DAY_H :])
        wanted = float(due[-days * DAY_H :][read].sum())
        if read.any() and wanted * excess > 0 and abs(wanted) >= 0.25 * abs(excess) * read.sum() / DAY_H:
            return excess * float(residual[-days * DAY_H :][read].sum()) / wanted
    return excess


def _factor(kwh: Floats, expected: Floats) -> float | None:
    """The median of hour over expectation where hours agree on it."""
    good = np.isfinite(kwh) & (expected > 0) & (kwh > 0)
    if good.sum() < 6:
        return None
    low, middle, high = np.quantile(np.log(kwh[good] / expected[good]), (0.25, 0.5, 0.75))
    return float(np.exp(middle)) if high - low < 0.4 else None
