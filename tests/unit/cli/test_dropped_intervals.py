"""Files of the drop folder whose readings come at another interval than their meters are registered with."""

from __future__ import annotations

from pathlib import Path

from redaptive.cli.ingest import read_dropped


def _file(folder: Path, minutes: int) -> Path:
    path = folder / "a.csv"
    rows = [f"{meter},2026-01-01T{k:02}:{minutes * j:02}:00Z,1" for meter in ("A_e", "B_e") for k in range(6)
            for j in range(60 // minutes)]  # fmt: skip
    path.write_text("meter,timestamp,kwh\n" + "\n".join(rows) + "\n")
    return path


def test_finer_readings_are_refused_and_those_of_other_meters_taken(tmp_path: Path) -> None:
    found = read_dropped(_file(tmp_path, 15), {"A_e": 3600, "B_e": 900})
    (refusal,) = found.refused
    assert (refusal.reason, refusal.row) == ("wrong_interval", -1)
    assert "A_e has readings every 900 s here and is registered with 3600 s" in refusal.detail
    parts = list(found.parts)
    assert [part.columns.codes for part in parts] == [["B_e"]]
    assert sum(len(part) for part in parts) == 24


def test_coarser_readings_are_taken_and_told(tmp_path: Path) -> None:
    found = read_dropped(_file(tmp_path, 60), {"A_e": 900, "B_e": 3600})
    assert found.refused == ()
    assert any("A_e has readings every 3600 s here and is registered with 900 s" in text for text in found.assumed)
    assert sum(len(part) for part in found.parts) == 12


def test_meters_that_are_not_registered_are_left_to_the_directory(tmp_path: Path) -> None:
    found = read_dropped(_file(tmp_path, 15), {})
    assert found.refused == ()
    assert sum(len(part) for part in found.parts) == 48


def test_each_meter_with_finer_readings_is_refused(tmp_path: Path) -> None:
    found = read_dropped(_file(tmp_path, 15), {"A_e": 3600, "B_e": 3600})
    assert [(r.row, r.meter, r.reason) for r in found.refused] == [
        (-1, "A_e", "wrong_interval"), (-2, "B_e", "wrong_interval"),
    ]  # fmt: skip
    assert list(found.parts) == []
