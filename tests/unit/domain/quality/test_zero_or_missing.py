"""Zero runs with a known origin, and counts on the real data set where it is present."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from redaptive.domain.quality.flags import Quality
from redaptive.domain.quality.zero_or_missing import ZeroFlags, classify_zeros

START = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = 8760
TS = [START + timedelta(hours=i) for i in range(HOURS)]
TEMPERATURE_C = 11 - 11 * np.cos(2 * np.pi * (np.arange(HOURS) / 24 - 15) / 365)
WEATHER = pl.DataFrame({"ts": TS, "air_temperature_c": TEMPERATURE_C})
DATA = Path(__file__).parents[5] / "shared" / "data" / "cambridge_estates"


def _classify(value: NDArray[np.float64], commodity: str, *, weather: bool = True) -> ZeroFlags:
    frame = pl.DataFrame({"meter_id": [7] * value.size, "ts": TS[: value.size], "value": value})
    kinds = pl.DataFrame({"meter_id": [7], "commodity": [commodity]})
    return classify_zeros(frame, kinds, temperature=WEATHER if weather else None)


def _electricity() -> NDArray[np.float64]:
    return np.random.default_rng(0).uniform(40, 90, HOURS)


def _gas() -> NDArray[np.float64]:
    return np.where(TEMPERATURE_C < 15, 20 * (15 - TEMPERATURE_C) + 5, 0.0)


def test_every_zero_of_a_meter_with_a_base_load_is_suspect() -> None:
    value = _electricity()
    value[100:103] = 0
    value[5000:5400] = 0
    found = _classify(value, "electricity")
    assert found.summary.row(0) == (7, "base_load", HOURS, 403, 403, 400.0)
    assert np.array_equal(found.flags.to_numpy() == Quality.SUSPECT_ZERO, value == 0)


def test_zeros_of_an_on_off_load_are_plausible_until_a_week() -> None:
    value = np.where(np.arange(HOURS) % 24 < 8, 0.0, 50.0)
    assert _classify(value, "electricity").summary["n_suspect"].to_list() == [0]
    value[4000:4300] = 0
    found = _classify(value, "electricity")
    assert found.summary["rule"].to_list() == ["intermittent"]
    assert found.flags.to_numpy()[4000:4300].all()


@pytest.mark.parametrize("weather", [True, False])
def test_a_gas_summer_is_plausible_and_a_cold_gap_is_not(weather: bool) -> None:
    value = _gas()
    summer = value == 0
    assert summer.sum() > 1000
    value[300:400] = 0  # mid January
    found = _classify(value, "gas", weather=weather)
    assert found.summary["rule"].to_list() == ["heating"]
    assert found.flags.to_numpy()[300:400].all()
    assert not found.flags.to_numpy()[summer].any()


def test_night_setback_in_the_cold_is_plausible() -> None:
    value = np.where(np.arange(HOURS) % 24 < 6, 0.0, _gas())
    assert _classify(value, "gas").summary["n_suspect"].to_list() == [0]


def test_a_meter_of_zeros_only_is_suspect_and_one_without_is_clean() -> None:
    assert _classify(np.zeros(HOURS), "gas").summary.row(0) == (7, "all_zero", HOURS, HOURS, HOURS, HOURS)
    assert _classify(_electricity(), "electricity").summary.row(0)[1:] == ("no_zeros", HOURS, 0, 0, 0.0)


def test_order_of_rows_and_of_meters_has_no_effect() -> None:
    value = _electricity()
    value[50:60] = 0
    one = pl.DataFrame({"meter_id": [1] * HOURS, "ts": TS, "value": value})
    two = one.with_columns(meter_id=pl.lit(2, pl.Int64), value=pl.Series(_gas()))
    kinds = pl.DataFrame({"meter_id": [1, 2], "commodity": ["electricity", "gas"]})
    both = pl.concat([one, two])
    shuffled = both.with_row_index("i").sample(fraction=1, shuffle=True, seed=3)
    straight = classify_zeros(both, kinds, temperature=WEATHER)
    mixed = classify_zeros(shuffled.drop("i"), kinds, temperature=WEATHER)
    assert mixed.summary.equals(straight.summary)
    assert shuffled.select("i", flag=mixed.flags).sort("i")["flag"].to_list() == straight.flags.to_list()


def test_missing_values_are_not_zeros() -> None:
    value = _electricity()
    value[10:20] = np.nan
    assert _classify(value, "electricity").summary.row(0)[1:4] == ("no_zeros", HOURS - 10, 0)


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="the optional Cambridge data set is not beside the checkout")
def test_the_cambridge_meters_are_all_classified() -> None:
    readings = pl.read_parquet(DATA / "meters_hourly.parquet").rename({"kwh": "value"})
    suffix = pl.col("meter_id").cast(pl.String).str.ends_with("_e")
    kind = pl.when(suffix).then(pl.lit("electricity")).otherwise(pl.lit("gas"))
    kinds = readings.select("meter_id").unique().with_columns(commodity=kind)
    weather = pl.read_parquet(DATA / "weather_hourly.parquet")
    found = classify_zeros(readings, kinds, temperature=weather)
    assert found.summary.height == readings["meter_id"].n_unique()
    assert found.summary["n_zero"].sum() == (readings["value"] == 0).sum()
    assert found.summary["n_suspect"].sum() == (found.flags != 0).sum()
    assert not (found.flags != 0).filter(readings["value"] != 0).any()
