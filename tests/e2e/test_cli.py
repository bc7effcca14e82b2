"""The command line as a user meets it: real processes against real servers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CSV = "meter,timestamp,kwh\n" + "".join(f"HQ-e1,2024-03-01T{h:02d}:00:00Z,{h + 1}\n" for h in range(24))


@pytest.fixture
def redaptive(cli_environment, tmp_path):
    def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "redaptive", *arguments],
            env={**cli_environment, **extra}, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    return run


def test_readings_come_in_once_and_a_bad_file_does_not_stop_the_others(redaptive, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(CSV)
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    options = ("--create-missing", "--timezone", "America/Chicago", "--json")
    first = redaptive("import", "readings", "bad.csv", "good.csv", *options)
    assert first.returncode == 1, first.stderr
    told = json.loads(first.stdout)
    assert [(r["file"], r["accepted"], r["rejected"]) for r in told["imported"]] == [("good.csv", 24, 0)]
    assert [Path(f["file"]).name for f in told["failed"]] == ["bad.csv"]
    again = json.loads(redaptive("import", "readings", "good.csv", *options).stdout)
    assert again["imported"][0]["already"] is True
    assert redaptive("readings", "export", "out.csv").returncode == 0
    rows = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert sum(float(row.split(",")[2]) for row in rows) == pytest.approx(300.0)
    listed = json.loads(redaptive("import", "list", "--json").stdout)
    assert {(r["filename"], r["state"]) for r in listed} == {("good.csv", "done"), ("bad.csv", "failed")}


def test_a_correction_replaces_readings(redaptive, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(CSV)
    (tmp_path / "fixed.csv").write_text(CSV.replace("T05:00:00Z,6", "T05:00:00Z,106"))
    for arguments in (("good.csv",), ("fixed.csv", "--correct")):
        done = redaptive("import", "readings", *arguments, "--create-missing", "--timezone", "America/Chicago")
        assert done.returncode == 0, done.stderr
    redaptive("readings", "export", "out.csv")
    rows = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert (len(rows), sum(float(row.split(",")[2]) for row in rows)) == (24, pytest.approx(400.0))


def test_wrong_use_says_what_to_do(redaptive, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(CSV)
    missing = redaptive("import", "readings", "god.csv")
    assert (missing.returncode, "good.csv" in missing.stderr) == (1, True)
    edge = redaptive("import", "readings", "good.csv", "--timestamps", "middle")
    assert (edge.returncode, "start" in edge.stderr) == (2, True)
    (tmp_path / "map.toml").write_text('timestamps = "middle"\n')
    mapped = redaptive("import", "readings", "good.csv", "--map", "map.toml")
    assert (mapped.returncode, "start or end" in mapped.stderr) == (1, True)
    not_json = redaptive("call", "portfolio-intelligence.x", "--json", "{")
    assert (not_json.returncode, "not JSON" in not_json.stderr) == (1, True)


def test_the_database_check_passes_with_debug_logging_on_and_keeps_its_output_json(redaptive) -> None:
    checked = redaptive("db", "check", "--json", LOG_LEVEL="DEBUG")
    assert checked.returncode == 0, checked.stderr
    assert all(finding["ok"] for finding in json.loads(checked.stdout))
    config = json.loads(redaptive("agents", "config").stdout)
    assert "redaptive-portfolio-intelligence" in config["mcpServers"]
