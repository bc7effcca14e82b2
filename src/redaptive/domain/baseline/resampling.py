"""Block bootstrap of daily residuals: errors of a period's total that keep the memory of days and of meters.

Blocks of at least 7 days (by default 28) are drawn from the days of the baseline year, the same dates for all meters,
so that sums over meters keep their correlation. Residuals should be of days that the fit did not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hourly_fit import HourlyOptions
from redaptive.domain.baseline.hours import F64
from redaptive.errors import InvalidInput

DRAWS: Final = 1_000
BLOCK_DAYS: Final = 28
LEVEL_DAYS: Final = 28


@dataclass(frozen=True)
class ErrorModel:
    """What the errors of a total consist of.

    `level_share` of the mean of the last four weeks is carried into the period by hourly baselines, with its error;
    `heating_level_share` by those of heating meters. `seed` makes the draws repeatable.
    """

    draws: int = DRAWS
    block_days: int = BLOCK_DAYS
    level_share: float = HourlyOptions.level_share
    heating_level_share: float = HourlyOptions.heating_level_share
    seed: int = 1


def total_errors(
    residual: F64,
    days_out: npt.NDArray[np.int64],
    model: ErrorModel = ErrorModel(),
    *,
    heating: npt.NDArray[np.bool_] | None = None,
) -> F64:
    """(M, draws) errors of the totals of `days_out` (M,) days: estimate less truth, energy; 0 for an unknown meter.

    `residual` (M, D): actual less predicted energy of each day of the baseline period, NaN where unknown. A draw sums
    the noise of the reporting days, that of the baseline's own mean, and that of the level carried on.

    :raises InvalidInput: blocks shorter than a week, or longer than the period.
    """
    if not 7 <= model.block_days <= residual.shape[1]:
        raise InvalidInput(
            f"Blocks of {model.block_days} days do not suit {residual.shape[1]} days.", field="block_days"
        )
    rng = np.random.default_rng(model.seed)
    known = np.isfinite(residual)
    count = np.maximum(known.sum(axis=1), 1)
    centred = np.where(known, residual - (np.where(known, residual, 0.0).sum(axis=1) / count)[:, None], 0.0)
    # Unknown days would shrink the sums: the known ones stand for them.
    centred *= (residual.shape[1] / count)[:, None]
    ahead = _mean_of(centred, rng, model, days_out) * days_out[:, None]
    own = _mean_of(centred, rng, model, np.full_like(days_out, residual.shape[1])) * days_out[:, None]
    level = _mean_of(centred, rng, model, np.full_like(days_out, LEVEL_DAYS)) * days_out[:, None]
    share = np.full(len(residual), model.level_share)
    if heating is not None:
        share[heating] = model.heating_level_share
    return ahead + own + share[:, None] * level


def _mean_of(centred: F64, rng: np.random.Generator, model: ErrorModel, days: npt.NDArray[np.int64]) -> F64:
    """(M, draws) means of resampled periods of `days` (M,) days; dates are shared by all meters."""
    n, block = centred.shape[1], model.block_days
    around = np.concatenate(
        [np.zeros((len(centred), 1)), np.cumsum(np.hstack([centred, centred[:, :block]]), axis=1)], axis=1
    )
    sums = around[:, block : block + n] - around[:, :n]
    out = np.zeros((len(centred), model.draws))
    blocks = np.maximum(1, np.round(days / block).astype(np.int64))
    most = int(blocks.max()) if blocks.size else 0
    starts = rng.integers(0, n, (most, model.draws))
    for number in np.unique(blocks):
        mine = blocks == number
        counts = np.zeros((n, model.draws))
        np.add.at(counts, (starts[:number], np.arange(model.draws)[None, :]), 1.0)
        out[mine] = sums[mine] @ counts / (number * block)
    return out
