"""Fits the hourly baseline of many meters at once: time of week and temperature, holidays, memory, robust weights.

Model: LBNL-4944E (time of week and temperature) with Sunday's slots on holidays, means of the last 24 and 168 hours.
Two additions that lower the error of the following year on real meters (docs/explanation/baselines.md): effects of the
week of the year, shrunk towards none, for terms and closures; and four fifths of what the last four weeks were off the
rest, because loads drift. Slots whose residual against outdoor temperature alone is mostly positive are occupied.
Batched: per slot one product gives the weighted moments within the slot; the weather slopes of each hour of the day
come from their sums (`slopes.py`): least squares with 168 dummies and 48 x 8 slopes, shrunk to 8 common ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.baseline.fixed_point import rounded
from redaptive.domain.baseline.hourly_model import ALPHA_STEPS, SLOPE_STEPS, Bool, HourlyModels, join
from redaptive.domain.baseline.hours import F64, SLOTS, WEEKS, SiteHours
from redaptive.domain.baseline.slopes import GROUP_OF_SLOT, GROUPS, slopes
from redaptive.domain.baseline.slot_layout import F32, PAIRS, SlotLayout, slot_layout
from redaptive.domain.baseline.weather_basis import BASIS, WeatherBasis, weather_basis
from redaptive.errors import InvalidInput

CHUNK: Final = 64
"""Meters solved at once. From about 256 on, the products are large enough that BLAS threads wait for each other."""
SAMPLE: Final = 7
LONGEST_GAP_WEEKS: Final = 4


@dataclass(frozen=True)
class HourlyOptions:
    """Constants of the fit; the defaults were chosen on 2018 of the public data, never on the year that is reported.

    `ridge`: share of the total weight added to the diagonal of the slopes; `robust_passes` with weights
    min(1, `robust_c` s/|r|); `week_h`: hours of prior weight that shrink the effect of a week; `level_share` of the
    clipped mean residual of the last `level_days` is carried on, `heating_level_share` of heating meters: what they
    burn above the model in December is mostly the missing sun, not drift.
    """

    ridge: float = 3e-2
    robust_passes: int = 1
    robust_c: float = 12.0
    occupied_share: float = 0.5
    week_h: float = 120.0
    level_days: int = 28
    level_share: float = 0.8
    heating_level_share: float = 0.2


def fit_hourly(
    energy: F64 | F32,
    hours: SiteHours,
    *,
    can_export: Bool | None = None,
    heating: Bool | None = None,
    options: HourlyOptions = HourlyOptions(),
    basis: WeatherBasis | None = None,
) -> HourlyModels:
    """Hourly baselines of `energy` (M, n), NaN where missing, over the hours of one station and calendar.

    A meter with fewer than a week of values, or whose mean is not positive, gets NaN. Cost: about 1 ms a meter-year.

    :raises InvalidInput: when the shapes disagree.
    """
    if energy.ndim != 2 or energy.shape[1] != hours.n:
        raise InvalidInput(f"Energy of shape {energy.shape} does not fit {hours.n} hours.", field="energy")
    chosen = basis or weather_basis(hours)
    layout = slot_layout(hours, chosen.columns(hours))
    exports = np.zeros(len(energy), np.bool_) if can_export is None else can_export
    share = np.full(len(energy), options.level_share)
    if heating is not None:
        share[heating] = min(options.heating_level_share, options.level_share)
    parts = [
        _fit_chunk(energy[some], exports[some], chosen, layout, options, share[some])
        for some in (slice(first, first + CHUNK) for first in range(0, len(energy), CHUNK))
    ]
    return join(parts) if parts else _none(chosen)


def _fit_chunk(
    energy: F64 | F32, exports: Bool, basis: WeatherBasis, layout: SlotLayout, options: HourlyOptions, share: F64
) -> HourlyModels:
    known = np.isfinite(energy)
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(known, energy, 0.0).sum(axis=1, dtype=np.float64) / count
        usable = (count >= 168) & np.isfinite(scale) & ((scale > 0) | exports & (scale != 0))
    scale = np.where(usable, np.abs(scale), 1.0)
    y = layout.arrange((energy / scale[:, None]).astype(np.float32))
    fit = _Fit(y, layout, options, exports)
    fit.run()
    week = np.zeros((len(scale), 2, WEEKS)) + fit.week
    return HourlyModels(
        basis,
        np.where(usable, scale, np.nan),
        rounded(fit.alpha, ALPHA_STEPS, 1),
        rounded(fit.slope.transpose(1, 0, 2), SLOPE_STEPS, 1),
        fit.occupied,
        week.astype(np.float16).astype(np.float64),
        _single(share * fit.level),
        exports,
    )


def _between(effect: F64 | F32, seen: Bool) -> F64 | F32:
    """Effects (M, 53) of weeks that were seen; straight lines over gaps of up to four weeks between them, else none."""
    place = np.arange(effect.shape[1])
    for meter in np.flatnonzero(seen.any(axis=1) & ~seen.all(axis=1)):
        known = place[seen[meter]]
        after = np.searchsorted(known, place).clip(1, max(1, known.size - 1))
        short = (known[after % known.size] - known[after - 1] <= LONGEST_GAP_WEEKS + 1) & (place <= known[-1])
        line = np.interp(place, known, effect[meter, known], left=0.0)
        effect[meter] = np.where(seen[meter], effect[meter], np.where(short, line, 0.0))
    return effect


def _single(value: F64) -> F64:
    """Rounded to single precision: what is stored is what is used."""
    return value.astype(np.float32).astype(np.float64)


def _none(basis: WeatherBasis) -> HourlyModels:
    shapes: tuple[tuple[int, ...], ...] = ((0,), (0, SLOTS), (0, GROUPS, BASIS), (0, 2, WEEKS), (0,))
    scale, alpha, slope, week, level = (np.zeros(shape) for shape in shapes)
    return HourlyModels(basis, scale, alpha, slope, np.zeros((0, SLOTS), np.bool_), week, level, np.zeros(0, np.bool_))


class _Fit:
    """One chunk of meters: values (168, M, R) in units of their mean, and the weights that robust passes leave."""

    def __init__(self, y: F32, layout: SlotLayout, options: HourlyOptions, exports: Bool) -> None:
        self._layout, self._options, self._exports = layout, options, exports
        self._seen = np.isfinite(y)
        self._y = np.where(self._seen, y, np.float32(0.0))
        self._weight = self._seen.astype(np.float32)
        meters = y.shape[1]
        self.occupied = self._occupied()
        self.week: F64 = np.zeros((meters, 2, WEEKS))
        self.level: F64 = np.zeros(meters)
        self.alpha: F64 = np.zeros((meters, 168))
        self.slope: F64 = np.zeros((GROUPS, meters, BASIS))
        self.noise: F64 = np.full(meters, np.inf)

    def run(self) -> None:
        """Fit, then weigh and correct by weeks and fit again, as often as the options say; then balance and level."""
        self._solve(self._y)
        for _ in range(self._options.robust_passes):
            residual = self._residual(with_week=False)
            self.noise = self._spread(residual)
            self._reweigh(residual - self._season(), self.noise)
            self.week = self._weeks(residual)
            self._solve(self._y - self._season())
        residual = self._residual(with_week=True)
        spread = self._spread(residual)
        shift = self._balance(residual) if self._options.robust_passes else np.zeros(len(self.alpha))
        self.alpha += shift[:, None]
        self.level = self._last_level(residual - shift.astype(np.float32)[None, :, None], spread)

    def _occupied(self) -> Bool:
        """(M, 168): most of the slot's residuals against outdoor temperature alone are positive."""
        out = self._layout.outdoor
        pairs = np.einsum("sri,srj->srij", out, out).reshape(*out.shape[:2], 9)
        gram = np.matmul(self._weight, pairs).sum(axis=0, dtype=np.float64).reshape(-1, 3, 3)
        cross = np.matmul(self._y, out).sum(axis=0, dtype=np.float64)
        slopes = np.linalg.solve(gram + 1e-6 * np.eye(3), cross[..., None])[..., 0]
        line = np.matmul(out, slopes.T.astype(np.float32)[None]).transpose(0, 2, 1)
        above = ((self._y > line) & self._seen).sum(axis=2)
        counted = np.maximum(self._seen.sum(axis=2), 1)
        busy: Bool = (above / counted > self._options.occupied_share).T
        return busy

    def _solve(self, y: F32) -> None:
        """Slopes from the moments within slots, then each slot's own level."""
        w, layout = self._weight, self._layout
        weight = np.maximum(w.sum(axis=2, dtype=np.float64), 1e-9)
        means = np.matmul(w, layout.basis) / weight[..., None].astype(np.float32)
        wy = w * y
        y_mean = wy.sum(axis=2, dtype=np.float64) / weight
        heavy = means * weight[..., None].astype(np.float32)
        gram = np.matmul(w, layout.products)
        gram -= heavy[..., PAIRS[0]] * means[..., PAIRS[1]]
        cross = np.matmul(wy, layout.basis) - heavy * y_mean[..., None].astype(np.float32)
        self.slope = slopes(gram, cross, self._options.ridge * weight.sum(axis=0), self.noise)
        own = self.slope[GROUP_OF_SLOT]
        self.alpha = np.where(weight > 1e-6, y_mean - (means * own).sum(axis=2), np.nan).T
        self._fill_unseen_slots()

    def _states(self) -> tuple[Bool, Bool]:
        """(168, M) unoccupied and occupied slots."""
        return ~self.occupied.T, self.occupied.T

    def _fill_unseen_slots(self) -> None:
        """Slots that never had a value get the mean of the meter's slots of the same occupancy."""
        lost = np.isnan(self.alpha)
        if lost.any():
            with np.errstate(invalid="ignore"):
                usual = np.nansum(self.alpha, axis=1) / np.maximum((~lost).sum(axis=1), 1)
            self.alpha = np.where(lost, usual[:, None], self.alpha)

    def _residual(self, *, with_week: bool) -> F32:
        """y - model, (168, M, R); 0 where there is no value."""
        slope = self.slope.astype(np.float32)[GROUP_OF_SLOT]
        fitted = np.matmul(slope, self._layout.basis.transpose(0, 2, 1))
        fitted += self.alpha.T.astype(np.float32)[..., None]
        if with_week:
            fitted += self._season()
        return np.where(self._seen, self._y - fitted, np.float32(0.0))

    def _season(self) -> F32:
        """The week effects laid out like the values."""
        week = self.week.astype(np.float32)
        return self._layout.of_week(np.where(self.occupied.T[..., None], week[None, :, 1], week[None, :, 0]))

    def _spread(self, residual: F32) -> F64:
        """1.4826 x median |r| per meter, from every seventh slot's residuals (7 and 24 share no factor)."""
        some = np.where(self._seen[::SAMPLE], np.abs(residual[::SAMPLE]), np.float32(np.nan))
        flat = some.transpose(1, 0, 2).reshape(some.shape[1], -1)
        ranked = np.sort(flat, axis=1)
        middle = np.maximum(np.isfinite(flat).sum(axis=1) - 1, 0) // 2
        found = np.nan_to_num(ranked[np.arange(len(ranked)), middle]).astype(np.float64)
        spread: F64 = np.maximum(1.4826 * found, 1e-6)
        return spread

    def _reweigh(self, residual: F32, spread: F64) -> None:
        limit = (self._options.robust_c * spread).astype(np.float32)[None, :, None]
        self._weight = np.where(self._seen, np.minimum(1.0, limit / np.maximum(np.abs(residual), limit * 1e-6)), 0.0)

    def _balance(self, residual: F32) -> F64:
        """(M,) what to add to every hour so that the model's total is the meter's (Guideline 14: no net bias).

        Weights that trust peaks less leave a skewed meter's model low, and the floor at zero leaves one high that often
        rests. Two Newton steps on the residuals of what is really predicted.
        """
        fitted = self._y - residual
        floor = np.where(self._exports, -np.inf, 0.0).astype(np.float32)[None, :, None]
        shift: F64 = np.zeros(len(self.alpha))
        for _ in range(2):
            moved = fitted + shift.astype(np.float32)[None, :, None]
            left = np.where(self._seen, self._y - np.maximum(moved, floor), np.float32(0.0))
            shift += left.sum(axis=(0, 2), dtype=np.float64) / np.maximum(
                ((moved > floor) & self._seen).sum(axis=(0, 2)), 24 * 7
            )
        return shift

    def _weeks(self, residual: F32) -> F64:
        """(M, 2, 53) mean residual of each week by occupancy, shrunk as if `week_h` hours without effect were added.

        Weeks without readings lie between those beside them: terms and closures last longer than gaps.
        """
        weighted = self._layout.by_week(self._weight * residual)
        weight = self._layout.by_week(self._weight)
        effects = []
        for state in (0, 1):
            mine = self._states()[state].astype(np.float32)
            above = np.einsum("sm,smw->mw", mine, weighted)
            seen = np.einsum("sm,smw->mw", mine, weight)
            effects.append(_between(above / (seen + self._options.week_h), seen > 0))
        return np.stack(effects, axis=1).astype(np.float64)

    def _last_level(self, residual: F32, spread: F64) -> F64:
        """(M,) mean residual, clipped at three spreads, of the last weeks."""
        recent = (self._layout.place >= self._layout.n - 24 * self._options.level_days) & self._layout.known
        there = self._seen & recent[:, None, :]
        limit = (3.0 * spread).astype(np.float32)[None, :, None]
        total = np.where(there, np.clip(residual, -limit, limit), 0.0).sum(axis=(0, 2), dtype=np.float64)
        level: F64 = total / np.maximum(there.sum(axis=(0, 2)), 24 * 7)
        return level
