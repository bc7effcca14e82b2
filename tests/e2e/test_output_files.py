"""Commands over files: none writes over what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from redaptive.cli.main import run


@pytest.mark.parametrize(
    ("command", "source", "target"),
    [
        ("forecast", "--readings", "--out"),
        ("forecast", "--readings", "--report"),
        ("forecast", "--weather", "--out"),
        ("forecast", "--model", "--out"),
        ("forecast train", "--readings", "--out"),
        ("equipment rules", "--points", "--out"),
        ("equipment rules", "--config", "--out"),
        ("equipment risk", "--units", "--out"),
        ("equipment risk", "--model", "--out"),
        ("equipment risk-train", "--lives", "--out"),
    ],
)
def test_no_command_writes_over_what_it_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, source: str, target: str
) -> None:
    given, link = tmp_path / "given.csv", tmp_path / "link.csv"
    given.write_text("time,value\n2026-01-01,1\n")
    link.symlink_to(given)
    other = ["--points", str(given)] if source == "--config" else []
    assert run([*command.split(), *other, source, str(given), target, str(link)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "are the same file" in said
    assert target in said
    assert given.read_text() == "time,value\n2026-01-01,1\n"
