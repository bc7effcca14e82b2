"""Weeks at which a meter's level changed and stayed: segments of its weekly level beside season and other meters.

The level's covariates are a constant, the course that the file's meters share (each with a slope of its own) and
harmonics of the year (one from half a year of readings on, two from two years on), held back a little by `RIDGE`. Spans
at another level (`level_spans`) become a path of steps; each step opens a change, which ends where the path comes back
to what was before. A change counts where it is `LEAST_STRENGTH` standard errors (of residuals that remember each
other), large, abrupt at both ends, and does not come back in the same weeks of another year. Failure mode: a ramp is no
change; a first year's heating season in a file of few meters may be one.
Source: ours; constants chosen on development buildings with injected level changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.history.known_values import median
from redaptive.domain.detectors.history.level_spans import Fitted, LevelSpan, level_spans, settled
from redaptive.domain.detectors.history.weekly_use import FLOOR, NO_LEVEL, SharedLevel, WeeklyLevel

Floats = npt.NDArray[np.float64]
HALF_YEAR_W, YEAR_W, SEASONS_W = 26, 52, 100
"""Two years but a month: from then on a meter's own seasons have two harmonics, from half a year on one."""
LEAST_WEEKS: Final = 16
MIN_W, BEFORE_W, MOST = 4, 4, 6
RIDGE, RIDGE_OF_ONE = 5.0, 0.3
"""Holds two harmonics, and a single one: a step takes little of a single one, but a season needs all of it."""
FLOOR_SPREAD, FIRST_MEMORY, MOST_MEMORY = 0.02, 2.0, 0.5
"""Least standard deviation of a week's level; what autocorrelation multiplies variances by at first, and its most."""
GAIN, KEPT_GAIN, LEAST_STRENGTH = 20.0, 9.0, 4.5
"""Variances that a span must explain to be looked at and to stay, and standard errors of a change."""
HUBER, FULL_LEVEL = 2.0, 0.5
"""Residuals count less beyond two spreads, weeks less below half of the mean use."""
LEAST_STEP, BACK = 0.05, 0.35
"""Steps of the path that matter, and how near to the level before a change has ended (as a share of it)."""
LEAST_SHARE, LEAST_OF_MEAN = 0.07, 0.04
EDGE_W, ABRUPT, ABRUPT_END, COMES_BACK = 3, 0.6, 0.5, 0.5
LEAST_REACH_W, MOST_REACH_W, NO_RAMP = 6, 26, 0.4
"""Weeks before and after the begin of a change, and the share of it that must be a step beside a straight course."""
TAIL_W: Final = 8
SEASON_W, SEASON_SIZE = (9, 34), 0.45
"""Length and size of what may be a season in a first year: a third less, or half as much again, and more."""
MOST_JUMP: Final = 1.8
"""A jump much larger than the change is the end of an episode, such as a closure."""
GROSS, GROSS_STRENGTH, GROSS_W = 0.35, 8.0, 8
"""Changes so large, certain and long are taken out before the shared course is made."""


@dataclass(frozen=True)
class Levels:
    """Changes in order; `base` (n,) what the weeks' log levels would be without them; strengths in standard errors."""

    changes: tuple[LevelSpan, ...]
    strength: tuple[float, ...]
    base: Floats

    def path(self, without: LevelSpan | None = None) -> Floats:
        """The expected log level of each week with all changes, or with all but one."""
        others = (change for change in self.changes if change is not without)
        return self.base + sum((change.size * change.mark(self.base.size) for change in others), np.zeros(1))


@dataclass(frozen=True)
class _Noise:
    """Spread of a week's level, and by what autocorrelation multiplies the variance of a mean."""

    spread: float
    memory: float

    @property
    def variance(self) -> float:
        return self.spread**2 * self.memory


def level_changes(level: WeeklyLevel, shared: SharedLevel = NO_LEVEL) -> Levels:
    """The lasting changes of one meter; none for less than 16 known weeks."""
    course = shared.at(level.first_day, level.log.size)
    if np.isfinite(level.log).sum() < LEAST_WEEKS:
        return Levels((), (), np.zeros(level.log.size))
    fit, noise = _fitted(level, course, MOST)
    stood = [(s, strength) for s, strength in _strengths(fit, noise) if _counts(s, strength, fit, level)]
    kept = [change for change, _ in stood]
    rest = [s.size * s.mark(level.log.size) for s in fit.spans if s not in kept]
    base = fit.explained + sum(rest, np.zeros(1))
    return Levels(tuple(kept), tuple(strength for _, strength in stood), base)


def without_gross(level: WeeklyLevel) -> WeeklyLevel:
    """The level without its largest changes, such as another unit of a meter, and without the weeks around their ends.

    Itself for less than two years.
    """
    if np.isfinite(level.log).sum() < SEASONS_W:
        return level
    fit, noise = _fitted(level, np.zeros(level.log.size), MOST // 2)
    log = level.log.copy()
    for span, strength in _strengths(fit, noise):
        if abs(span.size) > GROSS and strength > GROSS_STRENGTH and span.end - span.first >= GROSS_W:
            log -= span.size * span.mark(log.size)
            for edge in (span.first, span.end):
                log[max(0, edge - MIN_W) : edge + MIN_W] = np.nan
    return replace(level, log=log)


def _strengths(fit: Fitted, noise: _Noise) -> list[tuple[LevelSpan, float]]:
    return [(span, float(np.sqrt(span.gain / noise.variance))) for span in fit.spans]


def _fitted(level: WeeklyLevel, course: Floats, most: int) -> tuple[Fitted, _Noise]:
    """Covariates and changes of a meter, fitted twice: the second time weeks count by their residual and level."""
    y, n = level.log, level.log.size
    columns, penalty = _covariates(course, int(np.isfinite(y).sum()))
    padded, held = np.concatenate([columns, penalty]), np.zeros(len(penalty))
    allowed = _allowed(n, n + held.size)
    known, noise = np.isfinite(y), _first_noise(y)
    weight, target = known.astype(np.float64), np.concatenate([np.nan_to_num(y), held])
    for _ in range(2):
        full = np.concatenate([weight, np.ones(held.size)])
        fit = level_spans(target, full, padded, allowed, most, GAIN * noise.variance, MIN_W)
        left = fit.residual[:n]
        noise = _noise(left)
        fitted = np.maximum(np.nan_to_num(y - left), fit.explained[:n])
        weight = known * _weights(fitted, np.nan_to_num(left), noise.spread)
    full = np.concatenate([weight, np.ones(held.size)])
    steps = [_open_ended(step, fit.residual[:n]) for step in steps_of(fit.spans, n)]
    fit = settled(target, full, padded, steps, KEPT_GAIN * noise.variance)
    return Fitted(fit.spans, fit.explained[:n], fit.residual[:n]), noise


def _open_ended(step: LevelSpan, residual: Floats) -> LevelSpan:
    """A change that ends in the last weeks without a step back, such as with a closure, has not been seen to end."""
    n = residual.size
    if n - TAIL_W <= step.end < n and not _ends(step, residual):
        return replace(step, end=n)
    return step


def _ends(span: LevelSpan, residual: Floats) -> bool:
    """Whether the level comes back at the end of the span, beside all that was fitted."""
    alone = residual + span.size * span.mark(residual.size)
    return -_jump(alone, span.end) / span.size >= ABRUPT_END


def _weights(fitted: Floats, left: Floats, spread: float) -> Floats:
    use = np.exp(fitted) - FLOOR
    return np.clip(use / FULL_LEVEL, 0.02, 1.0) / np.maximum(1.0, np.abs(left) / (HUBER * spread))


def _covariates(course: Floats, known_weeks: int) -> tuple[Floats, Floats]:
    """Columns (n, p), and rows that hold the harmonics' slopes near zero."""
    angle = np.arange(course.size) * 7 * 2 * np.pi / 365.25
    harmonics = 2 if known_weeks >= SEASONS_W else int(known_weeks >= HALF_YEAR_W)
    year = [f(k * angle) for k in range(1, harmonics + 1) for f in (np.cos, np.sin)]
    columns = np.column_stack([np.ones(course.size), course, *year])
    ridge = RIDGE if harmonics > 1 else RIDGE_OF_ONE
    return columns, np.sqrt(ridge) * np.eye(columns.shape[1])[2:]


def _allowed(n: int, size: int) -> npt.NDArray[np.bool_]:
    """Spans of four weeks and more after the first four; what ends in the last four has not been seen to end."""
    first, end = np.arange(size + 1)[:, None], np.arange(size + 1)[None, :]
    return np.asarray((end - first >= MIN_W) & (first >= BEFORE_W) & ((end <= n - MIN_W) | (end == n)), np.bool_)


def _first_noise(y: Floats) -> _Noise:
    step = np.diff(y)
    step = step[np.isfinite(step)]
    spread = 1.4826 * float(np.median(np.abs(step - np.median(step)))) / np.sqrt(2) if step.size else FLOOR_SPREAD
    return _Noise(max(spread, FLOOR_SPREAD), FIRST_MEMORY)


def _noise(left: Floats) -> _Noise:
    known = left[np.isfinite(left)]
    spread = max(1.4826 * float(np.median(np.abs(known))), FLOOR_SPREAD)
    clipped = np.clip(np.nan_to_num(left), -3 * spread, 3 * spread)
    power = max(float((clipped**2).sum()), 1e-12)
    memory = float(np.clip((clipped[1:] * clipped[:-1]).sum() / power, 0.0, MOST_MEMORY))
    return _Noise(spread, (1 + memory) / (1 - memory))


def steps_of(spans: tuple[LevelSpan, ...], n: int) -> list[LevelSpan]:
    """The path that spans add up to, as changes: each opens with a step and ends where the path is back.

    >>> twice = LevelSpan(2, 9, 1.0, 0.0), LevelSpan(5, 9, 1.0, 0.0)
    >>> [(c.first, c.end, c.size) for c in steps_of(twice, 12)]
    [(2, 9, 1.0), (5, 9, 1.0)]
    >>> down_and_up = LevelSpan(0, 4, -1.0, 0.0), LevelSpan(4, 12, -1.0, 0.0)
    >>> steps_of(down_and_up, 12)
    []
    """
    path = sum((s.size * s.mark(n) for s in spans), np.zeros(n))
    opened: list[tuple[LevelSpan, float]] = []
    for at in sorted({place for span in spans for place in (span.first, span.end) if 0 < place < n}):
        before, after = float(path[at - 1]), float(path[at])
        if abs(after - before) < LEAST_STEP:
            continue
        back = next((i for i, (change, level) in enumerate(opened)
                     if change.end == n and change.size * (after - before) < 0
                     and abs(after - level) <= BACK * abs(change.size)), None)  # fmt: skip
        if back is None:
            opened.append((LevelSpan(at, n, after - before, 0.0), before))
        else:
            ended = [(replace(c, end=min(c.end, at)), level) for c, level in opened[back:]]
            opened = [*opened[:back], *ended]
    return [change for change, _ in opened]


def _counts(span: LevelSpan, strength: float, fit: Fitted, level: WeeklyLevel) -> bool:
    """Whether a change is certain, large and abrupt enough, and no season."""
    if strength < LEAST_STRENGTH or abs(np.expm1(span.size)) < LEAST_SHARE:
        return False
    inside = span.mark(level.log.size) > 0
    use = np.exp(level.log - np.nan_to_num(fit.residual)) - FLOOR
    moved = float(np.nanmean(use[inside])) * -np.expm1(-span.size)
    if abs(moved) < LEAST_OF_MEAN * float(np.nanmean(np.exp(level.log) - FLOOR)):
        return False
    alone = fit.residual + span.size * inside
    ends = span.end >= alone.size - 1 or _ends(span, fit.residual)
    jump, step = _jump(alone, span.first) / span.size, _step(alone, span) / span.size
    begins = ABRUPT <= jump <= MOST_JUMP and NO_RAMP <= step <= MOST_JUMP
    return begins and ends and not _comes_back(span, fit)


def _jump(series: Floats, at: int) -> float:
    """The median of the three weeks from `at` on less that of the three before; NaN unknown."""
    return float(median(series[at : at + EDGE_W], axis=0) - median(series[max(0, at - EDGE_W) : at], axis=0))


def _step(series: Floats, span: LevelSpan) -> float:
    """The step at the begin of a span beside a straight course through the weeks around it: near 0 for a ramp."""
    reach = max(LEAST_REACH_W, min(MOST_REACH_W, span.end - span.first, span.first))
    at = np.arange(max(0, span.first - reach), min(series.size, span.first + reach))
    at = at[np.isfinite(series[at])]
    columns = np.column_stack([np.ones(at.size), at - span.first, at >= span.first])
    return float(np.linalg.lstsq(columns, series[at], rcond=None)[0][2])


def _comes_back(span: LevelSpan, fit: Fitted) -> bool:
    """Whether the same weeks of another year lie off the weeks around them in the same way.

    Without another year a gross change of some months that ended is taken for a season, such as that of heating.
    """
    n, length = fit.residual.size, span.end - span.first
    if length >= YEAR_W - 7:
        return False
    off = fit.residual + sum((s.size * s.mark(n) for s in fit.spans), np.zeros(n))
    around, compared = max(4, min(length, 12)), False
    for shift in (-2 * YEAR_W, -YEAR_W, YEAR_W, 2 * YEAR_W):
        first, end = span.first + shift, span.end + shift
        if first < 0 or end > n:
            continue
        compared = True
        beside = np.concatenate([off[max(0, first - around) : first], off[end : end + around]])
        if float(median(off[first:end], axis=0) - median(beside, axis=0)) / span.size > COMES_BACK:
            return True
    a_season = span.end < n and SEASON_W[0] <= length <= SEASON_W[1] and abs(span.size) > SEASON_SIZE
    return a_season and not compared
