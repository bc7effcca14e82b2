"""Tables on narrow terminals: words keep their share of the width, and a figure that is cut shows it."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from redaptive.cli import output
from redaptive.web.blocks import Column, Table

COLUMNS = (
    Column("building", "building"), Column("measure", "measure"), Column("savings", "savings", "USD/yr"),
    Column("cost", "cost", "USD"), Column("payback", "payback", "years", 1),
    Column("kwh", "electricity", "kWh/yr"), Column("co2", "avoided", "tCO2e/yr", 1), Column("sure", "confidence"),
)  # fmt: skip
ROWS = (
    ("SAH-LAX-002", "Roof photovoltaics", 86_314, 468_014, 5.7, 390_012, 76.1, "low"),
    ("NLS-NYC-002", "Demand management", 30_726, 8_974, 0.3, 0, 0.0, "medium"),
)


def _printed(monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    monkeypatch.setattr(output, "out", Console(width=width, file=StringIO(), highlight=False))
    output.print_table(Table("projects", "Projects", COLUMNS, ROWS))
    file = output.out.file
    assert isinstance(file, StringIO)
    return file.getvalue().splitlines()


def test_words_keep_a_readable_width_at_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _printed(monkeypatch, 80)
    assert all(len(line) <= 80 for line in lines)
    (roof,) = [line for line in lines if line.lstrip().startswith("SAH-LAX-002")]
    assert {"SAH-LAX-002", "Roof", "86,314", "468,014", "390,012", "76.1", "low"} <= set(roof.split())
    assert len(lines) <= 14
    assert "…" not in "".join(lines)


def test_everything_is_on_one_line_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum("Roof photovoltaics" in line or "Demand management" in line for line in _printed(monkeypatch, 120)) == 2


@pytest.mark.parametrize("width", [30, 45, 60])
def test_a_figure_that_is_cut_shows_it(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    lines = _printed(monkeypatch, width)
    whole = {"86,314", "468,014", "5.7", "390,012", "76.1", "30,726", "8,974", "0.3", "0", "0.0"}
    figures = [word for line in lines for word in line.split() if word[:1].isdigit()]
    assert figures
    assert all(word in whole or word.endswith("…") for word in figures)
