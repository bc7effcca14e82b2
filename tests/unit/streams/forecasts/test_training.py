"""Which commodities' next days go by the regression of each meter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.domain.forecast.synthetic_fleet import START_S, energy

from redaptive.domain.forecast.boosters import Recipe
from redaptive.domain.forecast.model_bytes import from_bytes
from redaptive.streams.forecasts.history import History
from redaptive.streams.forecasts.model_folder import ModelFolder
from redaptive.streams.forecasts.training import train_commodity

TINY = Recipe(rounds=3, leaves=4, tail_rounds=3, tail_leaves=4, threads=1)


@pytest.mark.parametrize(("commodity", "by_regression"), [("electricity", True), ("gas", False), ("steam", False)])
def test_only_electricity_goes_by_the_regression(tmp_path: Path, commodity: str, by_regression: bool) -> None:
    kwh, warm = energy(4, 130)
    history = History(("a", "b", "c", "d"), "UTC", frozenset(), START_S, kwh, np.asarray(warm), commodity)
    made = train_commodity([history], TINY, ModelFolder(tmp_path, "acme"))
    stored = from_bytes(made.path.read_bytes())
    assert stored.model.recipe.regression is by_regression
