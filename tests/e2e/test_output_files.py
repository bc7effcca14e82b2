"""Commands over files: none writes over what it reads."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from redaptive.cli import baseline, mv
from redaptive.cli.main import run
from redaptive.web.reports import baseline as baseline_report
from redaptive.web.reports import savings, savings_tables


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


@pytest.mark.parametrize(
    ("command", "source", "name"),
    [
        ("baseline fit --train 2025", "--readings", "meters.csv"),
        ("baseline fit --train 2025", "--weather", "predictions.csv"),
        ("mv report", "--readings", "meters.csv"),
        ("mv report", "--projects", "projects.csv"),
        ("mv report", "--events", "events.csv"),
        ("mv report", "--normal-year", "normal.csv"),
    ],
)
def test_no_report_writes_over_what_it_is_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, source: str, name: str
) -> None:
    files = {"--readings": "r.csv", "--weather": "w.csv", source: name}
    for file in files.values():
        (tmp_path / file).write_text("time,value\n2026-01-01,1\n")
    given = [part for option, file in files.items() for part in (option, str(tmp_path / file))]
    assert run([*command.split(), *given, "--out", str(tmp_path)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "are the same file" in said
    assert source in said
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files.values())


@pytest.mark.parametrize(
    ("reports", "tables"), [([baseline_report], baseline.TABLES), ([savings, savings_tables], mv.TABLES)]
)
def test_every_table_of_a_report_is_known_as_a_file(reports: Sequence[ModuleType], tables: Sequence[str]) -> None:
    found = set()
    for report in reports:
        for node in ast.walk(ast.parse(Path(str(report.__file__)).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Table":
                assert isinstance(node.args[0], ast.Constant)
                found.add(node.args[0].value)
    assert found == set(tables)
