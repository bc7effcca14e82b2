"""A register that nobody declared is not stored as energy."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from redaptive.documents.declared_registers import read_declared
from redaptive.documents.options import ReadingsOptions
from redaptive.errors import InvalidInput

HOURS = 24 * 30
LOAD = 40 + 20 * np.sin(np.arange(HOURS) / 4) + np.random.default_rng(3).normal(0, 1, HOURS)


def written(folder: Path, **columns: np.ndarray) -> Path:
    start = datetime(2024, 6, 1)
    lines = ["ts," + ",".join(columns)]
    for hour in range(HOURS):
        cells = ",".join(f"{values[hour]:.2f}" for values in columns.values())
        lines.append(f"{start + timedelta(hours=hour):%Y-%m-%d %H:%M},{cells}")
    (folder / "r.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "r.csv"


@pytest.mark.parametrize("first", [5_000.0, 987_000.0], ids=["believable as energy", "too large for energy"])
def test_states_become_differences_and_that_is_said(tmp_path: Path, first: float) -> None:
    with read_declared(written(tmp_path, a=first + LOAD.cumsum(), b=first + 2 * LOAD.cumsum()), ReadingsOptions()) as r:
        assert r.frame()["value"].sum() / 1000 == pytest.approx(3 * LOAD[1:].sum(), rel=1e-3)
        assert len(r.rejected) == 0
        assert any("The values of a, b never fall" in said for said in r.summary.assumptions)


def test_a_register_beside_a_meter_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"The values of state never fall.*those of plain do not") as refused:
        read_declared(written(tmp_path, plain=LOAD, state=5_000 + LOAD.cumsum()), ReadingsOptions())
    assert "--cumulative" in str(refused.value.fix)


@pytest.mark.parametrize(("said", "total"), [(False, 5_000 * HOURS + LOAD.cumsum().sum()), (True, LOAD[1:].sum())])
def test_what_a_person_says_counts(tmp_path: Path, said: bool, total: float) -> None:
    path = written(tmp_path, a=5_000 + LOAD.cumsum())
    with read_declared(path, ReadingsOptions(cumulative=said)) as found:
        assert found.frame()["value"].cast(float).sum() / 1000 == pytest.approx(total, rel=1e-3)


def test_meters_that_are_too_large_for_their_unit_stay_rejected(tmp_path: Path) -> None:
    with read_declared(written(tmp_path, a=5_000 * LOAD), ReadingsOptions()) as found:
        assert len(found.rejected) > HOURS / 2
        assert not any("never fall" in said for said in found.summary.assumptions)
