"""Meters whose clocks are not exact still have one interval, and their readings are not refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings

START = datetime(2024, 1, 1)


def _file(folder: Path, step_s: int, jitter_s: int, n: int = 400) -> Path:
    rng = np.random.default_rng(step_s)
    times = [START + timedelta(seconds=int(step_s * k + rng.integers(-jitter_s, jitter_s + 1))) for k in range(n)]
    path = folder / "m.csv"
    path.write_text(
        "meter,timestamp,kwh\n" + "".join(f"A,{t:%Y-%m-%d %H:%M:%S},{k % 7}\n" for k, t in enumerate(times))
    )
    return path


@pytest.mark.parametrize(("step_s", "jitter_s"), [(60, 1), (900, 20), (3600, 90)])
def test_jitter_hides_no_interval(tmp_path: Path, step_s: int, jitter_s: int) -> None:
    with read_readings(_file(tmp_path, step_s, jitter_s), ReadingsOptions()) as found:
        assert [hint.interval_s for hint in found.meters] == [step_s]
        assert (found.summary.readings, found.summary.rejected) == (400, 0)


def test_a_steady_odd_interval_is_kept(tmp_path: Path) -> None:
    with read_readings(_file(tmp_path, 3500, 0), ReadingsOptions()) as found:
        assert [hint.interval_s for hint in found.meters] == [3500]


def test_larger_jitter_is_refused_for_the_store_and_read_leniently(tmp_path: Path) -> None:
    path = _file(tmp_path, 3600, 400)
    with (
        read_readings(path, ReadingsOptions()) as strict,
        read_readings(path, ReadingsOptions(lenient=True)) as lenient,
    ):
        assert strict.summary.rejected > 100
        assert lenient.summary.readings == 400
