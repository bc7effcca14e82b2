"""Three boosted tree models of one horizon: the median, and the tenth and ninetieth percentile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.forecast.features import NAMES
from redaptive.domain.forecast.fleet_days import F32
from redaptive.domain.forecast.lightgbm_native import native
from redaptive.errors import InvalidInput

QUANTILES: Final = (0.1, 0.5, 0.9)
LEAST_ROWS: Final = 2_000
BINS: Final = 127
FAR: Final = 3.0
"""A target further from its base than this many mean loads says nothing more than that it is far."""


@dataclass(frozen=True)
class Recipe:
    """Settings of a training; `rounds`, `rate`, `leaves` of the median, `tail_...` of the two percentiles.

    `regression`: whether the next day is told as a distance from the meter's own regression (electricity; gas, whose
    weather turns faster than the regression learns, does worse with it).
    """

    rounds: int = 300
    rate: float = 0.08
    leaves: int = 63
    least_in_leaf: int = 100
    tail_rounds: int = 150
    tail_rate: float = 0.1
    tail_leaves: int = 31
    columns: float = 0.5
    rows: float = 0.5
    ridge: float = 1.0
    seed: int = 17
    threads: int = 2
    regression: bool = True

    def parameters(self, quantile: float) -> dict[str, float | int | str | bool]:
        """Parameters of LightGBM for one quantile."""
        middle = quantile == 0.5
        return {
            "objective": "regression_l1" if middle else "quantile",
            "alpha": quantile,
            "learning_rate": self.rate if middle else self.tail_rate,
            "num_leaves": self.leaves if middle else self.tail_leaves,
            "min_data_in_leaf": self.least_in_leaf,
            "feature_fraction": self.columns,
            "bagging_fraction": self.rows,
            "bagging_freq": 1,
            "lambda_l2": self.ridge,
            "seed": self.seed,
            "deterministic": True,
            "force_col_wise": True,
            "max_bin": BINS,
            "num_threads": self.threads,
            "verbosity": -1,
        }

    def rounds_of(self, quantile: float) -> int:
        """Trees of the model of one quantile."""
        return self.rounds if quantile == 0.5 else self.tail_rounds


@dataclass(frozen=True)
class Rows:
    """Training rows: features, and the distance from the base in mean loads."""

    x: F32
    target: F32


class Boosters:
    """The fitted models of one horizon, made by `fit` or `from_texts`; 125,000 rows a second and more to predict."""

    def __init__(self, models: tuple[Any, ...], threads: int = 2) -> None:
        self._models, self._threads = models, threads

    def predict(self, x: F32) -> npt.NDArray[np.float64]:
        """(rows, 3) P10, P50 and P90 of the distance from the base in mean loads; neither sorted nor calibrated."""
        columns = [np.asarray(m.predict(x, num_threads=self._threads), np.float64) for m in self._models]
        return np.stack(columns, axis=1)

    def texts(self) -> tuple[str, ...]:
        """The models as LightGBM's own text."""
        return tuple(str(m.model_to_string()) for m in self._models)

    def gains(self) -> dict[str, float]:
        """Share of each feature in the gain of the median model."""
        gain = np.asarray(self._models[1].feature_importance("gain"), np.float64)
        return dict(zip(NAMES, (gain / max(gain.sum(), 1e-12)).tolist(), strict=True))


def fit(rows: Rows, recipe: Recipe) -> Boosters:
    """Models fitted to rows; the same rows and recipe give the same models. Raises InvalidInput with too few rows."""
    lightgbm = native()
    if len(rows.x) < LEAST_ROWS:
        raise InvalidInput(
            f"A forecast model needs {LEAST_ROWS:,} hours with a past; there are {len(rows.x):,}.",
            field="readings",
            fix="Train on more meters or a longer history.",
        )
    target = np.clip(rows.target, -FAR, FAR)
    binning = {"verbosity": -1, "max_bin": BINS, "num_threads": recipe.threads}
    data = lightgbm.Dataset(rows.x, target, feature_name=list(NAMES), params=binning, free_raw_data=False)
    models = [lightgbm.train(recipe.parameters(q), data, recipe.rounds_of(q)) for q in QUANTILES]
    return Boosters(tuple(models), recipe.threads)


def from_texts(texts: tuple[str, ...], threads: int = 2) -> Boosters:
    """The models of `Boosters.texts`; raises InvalidInput for texts that are none."""
    lightgbm = native()
    try:
        models = tuple(lightgbm.Booster(model_str=text) for text in texts)
    except lightgbm.basic.LightGBMError as error:
        raise InvalidInput(f"The file holds no LightGBM model: {error}.", field="model") from error
    if len(models) != len(QUANTILES) or any(m.num_feature() != len(NAMES) for m in models):
        raise InvalidInput("The model was made for other features.", field="model", fix="Train it again.")
    return Boosters(models, threads)
