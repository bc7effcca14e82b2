"""The global model: knows nothing of the future, repeats itself, orders its quantiles, beats last week."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import numpy as np
import pytest
from tests.unit.domain.forecast.synthetic_fleet import fleet

from redaptive.domain.forecast import lightgbm_native
from redaptive.domain.forecast.boosters import Recipe
from redaptive.domain.forecast.features import NAMES, FleetFeatures
from redaptive.domain.forecast.global_model import (
    DAY,
    Fleet,
    FleetForecast,
    ForecastModel,
    forecast,
    train,
    training_rows,
)
from redaptive.domain.forecast.model_bytes import ModelOrigin, data_hash, from_bytes, to_bytes, version_of
from redaptive.domain.forecast.scores import scores
from redaptive.errors import InvalidInput, Unavailable

SMALL = Recipe(
    rounds=40, rate=0.1, leaves=15, least_in_leaf=30, tail_rounds=30, tail_rate=0.1, tail_leaves=7, threads=1
)
FIRST = 200
ORIGIN = ModelOrigin("2018-01-01", "2018-07-19", "00", "0")


@pytest.fixture(scope="module")
def meters() -> Fleet:
    return fleet()


@pytest.fixture(scope="module")
def model(meters: Fleet) -> ForecastModel:
    return train([Fleet(meters.names, meters.days.until(FIRST))], SMALL)


def _quantiles(made: FleetForecast) -> np.ndarray:
    return np.stack([made.p10, made.p50, made.p90])


def test_every_column_has_a_name(meters: Fleet) -> None:
    assert FleetFeatures(meters.days).block(100).x.shape == (10, 24, len(NAMES))


@pytest.mark.parametrize("n_days", [1, 7])
def test_what_comes_after_the_issue_changes_nothing(model: ForecastModel, meters: Fleet, n_days: int) -> None:
    energy, warm = meters.days.energy.copy(), meters.days.temperature_c.copy()
    energy[:, FIRST:], warm[FIRST:] = 999.0, 40.0
    other = Fleet(meters.names, replace(meters.days, energy=energy, temperature_c=warm))
    before = _quantiles(forecast(model, meters, FIRST, n_days))
    assert np.array_equal(before, _quantiles(forecast(model, other, FIRST, n_days)))
    energy[:, FIRST - 1] *= 2
    assert not np.array_equal(before, _quantiles(forecast(model, other, FIRST, n_days)))


def test_a_meter_is_forecast_alike_alone_and_among_others(model: ForecastModel, meters: Fleet) -> None:
    together = forecast(model, meters, FIRST, 2)
    alone = forecast(model, Fleet(("m3",), meters.days.take(np.array([3]))), FIRST, 2)
    assert np.array_equal(_quantiles(alone)[:, 0], _quantiles(together)[:, 3])


def test_quantiles_are_ordered_and_no_load_is_negative(model: ForecastModel, meters: Fleet) -> None:
    made = forecast(model, meters, FIRST, 7)
    assert made.p50.shape == (10, 168)
    assert np.all((made.p10 <= made.p50) & (made.p50 <= made.p90))
    assert made.p10.min() >= 0.0


def test_it_beats_last_week_and_holds_four_fifths(model: ForecastModel, meters: Fleet) -> None:
    made = [forecast(model, meters, day, 1) for day in range(FIRST, 240)]
    actual = meters.days.energy[:, FIRST:].reshape(10, -1)
    low, middle, high, naive = (np.concatenate([getattr(m, n) for m in made], axis=1) for n in (
        "p10", "p50", "p90", "naive"))  # fmt: skip
    found = scores(actual, low, middle, high, naive)
    assert found.below_naive > 0.3
    assert 0.70 < found.pooled_coverage < 0.90


def test_the_same_data_give_the_same_model(meters: Fleet, model: ForecastModel) -> None:
    again = train([Fleet(meters.names, meters.days.until(FIRST))], SMALL, horizons=(DAY,))
    assert again.horizons[DAY].boosters.texts() == model.horizons[DAY].boosters.texts()


def test_a_reloaded_model_forecasts_bit_for_bit(model: ForecastModel, meters: Fleet) -> None:
    content = to_bytes(model, ORIGIN)
    stored = from_bytes(content)
    assert stored.version == version_of(content)
    assert stored.origin == ORIGIN
    assert np.array_equal(
        _quantiles(forecast(stored.model, meters, FIRST, 7)), _quantiles(forecast(model, meters, FIRST, 7))
    )
    assert to_bytes(stored.model, ORIGIN) == content


@pytest.mark.parametrize("most", [1_000, 3_600, 5_400, 6_000, 40_000])
def test_thinned_training_rows_come_from_every_weekday(meters: Fleet, most: int) -> None:
    rows = training_rows([meters], [0], DAY, most)
    assert set(rows.x[:, NAMES.index("kind")].tolist()) == set(range(7))
    assert len(rows.x) < 1.6 * most


def test_damaged_model_files_are_refused(model: ForecastModel) -> None:
    content = to_bytes(model, ORIGIN)
    for broken in (b"", b"PK\x03\x04", content[:50], content[:-20]):
        with pytest.raises(InvalidInput):
            from_bytes(broken)


def test_the_hash_knows_the_data(meters: Fleet) -> None:
    energy = meters.days.energy.copy()
    energy[0, 0, 0] += 1
    changed = Fleet(meters.names, replace(meters.days, energy=energy))
    assert data_hash([meters]) == data_hash([fleet()]) != data_hash([changed])


def test_an_unknown_meter_and_a_silent_one(model: ForecastModel, meters: Fleet) -> None:
    energy = meters.days.energy.copy()
    energy[1] = np.nan
    made = forecast(model, Fleet(("new", *meters.names[1:]), replace(meters.days, energy=energy)), FIRST, 1)
    assert np.isfinite(made.p50[0]).all()
    assert np.isnan(made.p50[1]).all()


def test_an_exporting_meter_has_no_floor(model: ForecastModel, meters: Fleet) -> None:
    energy = meters.days.energy.copy()
    energy[0, :, 10:14] = -energy[0, :, 10:14]
    made = forecast(model, Fleet(meters.names, replace(meters.days, energy=energy)), FIRST, 1)
    assert made.p50[0, 10:14].max() < 0


def test_more_than_a_week_and_too_little_history_are_refused(model: ForecastModel, meters: Fleet) -> None:
    with pytest.raises(InvalidInput, match="8 days"):
        forecast(model, meters, FIRST, 8)
    with pytest.raises(InvalidInput, match="70 days"):
        train([Fleet(meters.names, meters.days.until(60))], SMALL)


def test_without_its_library_the_model_is_refused(meters: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_openmp(name: str) -> NoReturn:
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(lightgbm_native, "import_module", without_openmp)
    lightgbm_native.native.cache_clear()
    with pytest.raises(Unavailable, match="libgomp") as caught:
        train([meters], SMALL)
    assert "libgomp1" in str(caught.value.fix)


def test_without_a_regression_the_next_day_starts_from_like_days(meters: Fleet) -> None:
    with_line, alone = (FleetFeatures(meters.days, FIRST + 1, regression=one).block(FIRST) for one in (True, False))
    like = alone.x[..., NAMES.index("base")] * alone.scale[:, None]
    assert np.allclose(alone.base, like, rtol=1e-5)
    assert not np.allclose(with_line.base, like, rtol=1e-2)
    assert np.allclose(with_line.base, with_line.x[..., NAMES.index("line")] * with_line.scale[:, None], rtol=1e-5)
