"""The table of the evolution plan's deliverables tells the truth."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "architecture" / "deliverables.md"
PATHS_IN_PLAN = 70  # distinct lines "**Deliverable**:" of the plan
COMMANDS_IN_PLAN = 19
STATES = {"done", "partial", "planned"}


def _tables() -> tuple[list[list[str]], list[list[str]]]:
    paths, commands = TABLE.read_text().split("## Commands")
    return _rows(paths, 5), _rows(commands, 4)


def _rows(text: str, columns: int) -> list[list[str]]:
    rows = [[c.strip() for c in line.strip().strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    rows = [row for row in rows if row[0].startswith("`")]
    assert all(len(row) == columns for row in rows)
    return rows


PATHS, COMMANDS = _tables()
ALL = [(row[0], *row[-3:]) for row in PATHS + COMMANDS]


def _target(cell: str) -> Path:
    return ROOT / cell.split("`")[1]


def _exists(target: Path) -> bool:
    if target.is_dir():
        return any(p.is_file() and "__pycache__" not in p.parts for p in target.rglob("*"))
    return target.is_file() and target.stat().st_size > 0


def test_every_deliverable_and_command_of_the_plan_has_a_row() -> None:
    assert len({row[0] for row in PATHS}) >= PATHS_IN_PLAN
    assert len({row[0] for row in COMMANDS}) == COMMANDS_IN_PLAN


@pytest.mark.parametrize(("name", "where", "state", "proof"), ALL, ids=[row[0] for row in ALL])
def test_a_row_tells_the_truth(name: str, where: str, state: str, proof: str) -> None:
    assert state in STATES
    if state == "planned":
        is_command = " " in name
        assert is_command or not _exists(_target(where)), f"{name} exists: its row must not say planned"
    else:
        assert _exists(_target(where)), f"{name}: {where} does not exist"
        assert (ROOT / proof.strip("`")).is_file(), f"{name}: no such test {proof}"


def test_package_rows_keep_the_path_of_the_plan_below_the_package() -> None:
    for name, kind, where, _, _ in PATHS:
        if kind == "package":
            assert where.strip("`") == "src/redaptive/" + name.strip("`")
