"""Files that `redaptive anomalies` reads and writes: no output takes the place of an input or of another output."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.e2e.conftest import Told

from redaptive.cli.main import run
from redaptive.documents.readings_file import read_readings

START = datetime(2026, 1, 5)


def _rows(hours: int = 24 * 5) -> list[str]:
    return [f"A,{START + timedelta(hours=k):%Y-%m-%d %H:%M:%S},{20 + k % 24}.5" for k in range(hours)]


def _file(path: Path, rows: list[str], header: str = "meter,timestamp,kwh") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    return _file(tmp_path / "in.csv", _rows())


def _air(tmp_path: Path) -> Path:
    rows = [f"{START + timedelta(hours=k):%Y-%m-%d %H:%M:%S},{k % 24}" for k in range(24 * 5)]
    return _file(tmp_path / "air.csv", rows, "time,temp_c")


def _aliases(tmp_path: Path) -> None:
    (tmp_path / "soft.csv").symlink_to("in.csv")
    (tmp_path / "hard.csv").hardlink_to(tmp_path / "in.csv")
    (tmp_path / "deep").mkdir()


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("score", {"--out": "in.csv"}),
        ("score", {"--out": "soft.csv"}),
        ("score", {"--out": "hard.csv"}),
        ("score", {"--out": "deep/../in.csv"}),
        ("score", {"--out": "o.csv", "--events": "in.csv"}),
        ("score", {"--out": "air.csv", "--weather": "air.csv"}),
        ("score", {"--out": "o.csv", "--events": "o.csv"}),
        ("score", {"--out": "o.csv", "--events": "deep/../o.csv"}),
        ("audit", {"--out": "in.csv"}),
        ("audit", {"--report": "in.csv"}),
        ("audit", {"--out": "o.csv", "--report": "o.csv"}),
    ],
)
def test_no_output_takes_the_place_of_another_file(
    readings: Path, told: Told, command: str, options: dict[str, str]
) -> None:
    folder = readings.parent
    _aliases(folder)
    air, before = _air(folder).read_bytes(), readings.read_bytes()
    given = [part for name, file in options.items() for part in (name, str(folder / file))]
    assert run(["anomalies", command, "--readings", str(readings), *given]) == 1
    assert (readings.read_bytes(), (folder / "air.csv").read_bytes()) == (before, air)
    assert not (folder / "o.csv").exists()
    said = told()
    assert "same file" in said
    assert {"score": "--out", "audit": "--report"}[command] in said or list(options)[-1] in said


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("folder.csv", "is a folder"),
        ("in.csv/o.csv", "is a file, not a folder"),
        ("/proc/nothing/o.csv", "cannot be written"),
        ("/proc/o.csv", "cannot be written"),
        ("x" * 300 + ".csv", "cannot be written"),
    ],
)
@pytest.mark.parametrize(("command", "option"), [("score", "--out"), ("score", "--events"), ("audit", "--out")])
def test_a_target_that_cannot_be_written_is_told_before_the_work(
    readings: Path, told: Told, command: str, option: str, target: str, why: str
) -> None:
    (readings.parent / "folder.csv").mkdir()
    broken = _file(readings.parent / "broken.csv", ["no,reading,here"])  # would be told if it were read
    options = ["--out", str(readings.parent / "fine.csv")] if option == "--events" else []
    path = str(readings.parent / target)
    assert run(["anomalies", command, "--readings", str(broken), *options, option, path]) == 1
    said = told()
    assert why in said.replace("- ", "-")
    assert option in said
    assert "no usable reading" not in said


def test_a_folder_that_is_missing_is_made(readings: Path) -> None:
    out = readings.parent / "new" / "deep" / "o.csv"
    assert run(["anomalies", "score", "--readings", str(readings), "--out", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 1 + 24 * 5


def test_scoring_a_corrected_file_of_rejected_rows_leaves_it_as_it_is(tmp_path: Path, told: Told) -> None:
    rows = _rows()
    rows[40] = rows[40].rsplit(",", 1)[0] + ",abc"
    given = _file(tmp_path / "zz.rejected.csv", [f"{row},a.csv,9,kwh,why,fix" for row in rows],
                  "meter,timestamp,kwh,_file,_row,_field,_reason,_fix")  # fmt: skip
    before = given.read_bytes()
    assert run(["anomalies", "score", "--readings", str(given), "--out", str(tmp_path / "zz.csv")]) == 0
    assert given.read_bytes() == before
    kept = tmp_path / "zz.rejected-2.csv"
    assert kept.name in told()
    with kept.open(newline="") as stream:
        [row] = list(csv.DictReader(stream))
    assert (row["kwh"], row["_row"]) == ("abc", "42")


def test_rejected_rows_are_kept_whole_where_their_source_is_the_target(tmp_path: Path) -> None:
    rows = [*_rows(), "A,never,4"]
    path = _file(tmp_path / "in.csv", rows)
    with read_readings(path) as found:
        assert found.rejected.write_csv(path) == 1
    assert "A,never,4,in.csv" in path.read_text()
    assert list(tmp_path.iterdir()) == [path], "nothing temporary is left"


def test_the_audit_counts_and_keeps_rejected_rows(tmp_path: Path, told: Told) -> None:
    rows = _rows(24 * 30)
    for k in range(5):
        rows[40 + k] = rows[40 + k].rsplit(",", 1)[0] + f",abc{k}"
    readings, out = _file(tmp_path / "in.csv", rows), tmp_path / "found.csv"
    assert run(["anomalies", "audit", "--readings", str(readings), "--out", str(out)]) == 0
    assert "5 rows were rejected and are kept in" in told()
    assert (tmp_path / "found.rejected.csv").read_text().count("abc") == 10, "each with its reason"
    assert run(["anomalies", "audit", "--readings", str(readings)]) == 0
    assert "5 rows were rejected; with --out or --report they are kept beside it" in told()


def test_rejected_rows_of_an_earlier_run_are_told_apart(readings: Path, told: Told) -> None:
    old = _file(readings.parent / "o.rejected.csv", ["A,never,4"])
    out = str(readings.parent / "o.csv")
    assert run(["anomalies", "score", "--readings", str(readings), "--out", out]) == 0
    assert "o.rejected.csv is of an earlier run: no row was rejected now." in told().replace(
        "o. rejected", "o.rejected"
    )
    assert old.exists()
