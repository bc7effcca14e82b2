"""Baselines of simulated campuses in other climates and fuels."""

from __future__ import annotations

import numpy as np
import pytest
from baselines import elsewhere
from baselines.campus import Campus, campuses
from baselines.climates import CLIMATES, weather

from redaptive.domain.baseline.fitness import fitness


@pytest.fixture(scope="module")
def made() -> dict[str, Campus]:
    return {campus.name: campus for campus in campuses(4, 5)}


def test_climates_are_those_of_their_places() -> None:
    warm = {place: weather(climate, (2016, 2016), 5).celsius for place, climate in CLIMATES.items()}
    assert warm["phoenix"].max() > 42 > 37 > warm["dublin"].max()
    assert warm["minneapolis"].min() < -18 < -8 < warm["london"].min()
    assert warm["orlando"].mean() == pytest.approx(23, abs=1.5)
    assert warm["dublin"].mean() == pytest.approx(10, abs=1.5)


def test_fuels_follow_their_seasons(made: dict[str, Campus]) -> None:
    for name, least, most in (("chilledwater_newyork", 0, 0.3), ("steam_minneapolis", 2, 4), ("gas_london", 1.2, 4)):
        campus = made[name]
        cold = campus.fit_c < np.quantile(campus.fit_c, 0.25)
        assert least <= np.median(np.nanmean(campus.fit[:, cold], axis=1) / np.nanmean(campus.fit, axis=1)) < most
    assert (np.nan_to_num(made["hotwater_dublin"].fit, nan=1.0) == 0).mean() > 0.2
    assert all(np.isnan(campus.fit).any() for campus in made.values())


@pytest.mark.parametrize(
    ("name", "most"), [("electricity_phoenix", 0.25), ("chilledwater_orlando", 0.40), ("steam_minneapolis", 0.75)]
)
def test_baselines_predict_the_year_after(made: dict[str, Campus], name: str, most: float) -> None:
    campus = made[name]
    truth = np.where(campus.test < 3 * np.nanquantile(campus.test, 0.99, axis=1, keepdims=True), campus.test, np.nan)
    kept, unknown = (fitness(truth, elsewhere.predicted(campus, with_holidays=h)).cv_rmse for h in (True, False))
    assert np.median(kept) < most
    assert np.median(kept) < np.median(unknown)
