"""Scores of a file do not depend on the unit or the size of its numbers, and its values come back as they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from redaptive.documents.anomaly_scores import causal, with_hindsight
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.returned_rows import every_row
from redaptive.domain.detectors.history import retrospective
from redaptive.domain.detectors.together.fleet import FLAG_SCORE

HOURS, METERS = 24 * 31, 6
FIRST = datetime(2025, 3, 3, tzinfo=UTC)


def _readings() -> np.ndarray:
    """kWh (hours, meters) of offices of several sizes, three decimals and more, with faults."""
    hour = np.arange(HOURS)[:, None]
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    noise = np.random.default_rng(4).normal(0, 1.5, (HOURS, METERS))
    energy = np.round((50 + 30 * is_open + noise) * 10.0 ** np.array([-2, -1, 0, 0, 1, 2]), 4)
    energy[600:610, 0] *= 2
    energy[650:680, 1] = energy[649, 1]
    energy[700:712, 2] = 0.0
    energy[720, 3] *= 20
    return np.round(energy, 4)


def _scored(tmp_path: Path, energy: np.ndarray, unit: str | None = None) -> dict[str, pl.DataFrame]:
    """The scores of both modes of a file that holds `energy`."""
    times = [FIRST + timedelta(hours=t) for t in range(HOURS)]
    codes = [f"m{k}" for k in range(METERS)]
    table = pl.DataFrame({"meter": np.repeat(codes, HOURS), "ts": times * METERS, "value": energy.T.ravel()})
    path = tmp_path / "readings.parquet"
    table.write_parquet(path)
    with read_readings(path, ReadingsOptions(lenient=True, timezone="UTC", unit=unit)) as file:
        frame = file.frame()
        past = causal(frame, file.meters, "UTC", None, lambda _: None)
        return {"causal": past, "hindsight": with_hindsight(frame, file.meters, "UTC", lambda _: None)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    found = _scored(tmp_path_factory.mktemp("plain"), _readings())
    for mode, limit in (("causal", FLAG_SCORE), ("hindsight", retrospective.FLAG_SCORE)):
        flags = found[mode].filter(pl.col("score") >= limit)
        assert set(flags["meter"]) >= {"m0", "m1", "m2", "m3"}
    return found


@pytest.mark.parametrize("factor", [1e-6, 1e3, 1 / 8192])
def test_scores_do_not_depend_on_the_size_of_the_numbers(
    tmp_path: Path, plain: dict[str, pl.DataFrame], factor: float
) -> None:
    other = _scored(tmp_path, _readings() * factor)
    for mode, one in plain.items():
        two = other[mode]
        assert np.allclose(one["score"], two["score"], rtol=1e-6, atol=2e-4)
        assert np.allclose(one["expected"].fill_null(-1), two["expected"].fill_null(-factor) / factor, rtol=1e-6)
        if factor != 1 / 8192:  # the kernel compares whole numbers, the same ones for powers of ten
            assert one["kind"].equals(two["kind"])
        assert np.allclose(two["value"].to_numpy(), (_readings() * factor).T.ravel(), rtol=6e-15, atol=0)
        assert one["value"].to_list() == _readings().T.ravel().tolist()


def test_a_meter_between_zero_and_one_keeps_its_fractions(tmp_path: Path, plain: dict[str, pl.DataFrame]) -> None:
    energy = _readings()
    normal = energy / energy.max(axis=0)
    for mode, found in _scored(tmp_path, normal).items():
        assert np.allclose(plain[mode]["score"], found["score"], rtol=1e-6, atol=2e-4)
        assert found["value"].n_unique() > HOURS


def test_megawatt_hours_come_back_as_kilowatt_hours(tmp_path: Path, plain: dict[str, pl.DataFrame]) -> None:
    for mode, found in _scored(tmp_path, _readings() / 1000, "MWh").items():
        assert np.allclose(found["value"], plain[mode]["value"], rtol=1e-14)
        assert np.allclose(found["score"], plain[mode]["score"], rtol=1e-6, atol=2e-4)


def test_rows_without_a_reading_come_back_in_kilowatt_hours_too(tmp_path: Path) -> None:
    path = tmp_path / "megawatts.csv"
    hours = [f"m,2025-03-{3 + t // 24:02d}T{t % 24:02d}:00:00Z,{0.05 + t % 24 / 1000}" for t in range(72)]
    path.write_text(
        "\n".join(["meter,timestamp,value", *hours[:20], hours[19], "m,2025-03-03T05:00:00Z,0.75", *hours[20:]])
    )
    with read_readings(path, ReadingsOptions(lenient=True, timezone="UTC", unit="MWh")) as file:
        frame = file.frame()
        scored = causal(frame, file.meters, "UTC", None, lambda _: None)
        rows = every_row(file, scored.with_columns(frame["row", "said"]))
    assert rows.height == 74
    assert rows["value"][1] == 51.0
    assert rows["value"][20] == pytest.approx(rows["value"][19]) == pytest.approx(69.0)
    assert rows["value"][21] == pytest.approx(750.0)
    assert rows["kind"][21] == "contradiction"
