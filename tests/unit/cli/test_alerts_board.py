"""The board of alerts on terminals of different widths, and as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from redaptive.cli import output
from redaptive.cli.alerts_files import alerts_csv
from redaptive.cli.alerts_view import board
from redaptive.infrastructure.database.stores.alert_records import Alert

NOW = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)


def _alert(**changes: Any) -> Alert:
    given = dict.fromkeys(f.name for f in fields(Alert)) | {
        "id": UUID(int=0xABCDEF01 << 96), "kind": "level_shift", "state": "acknowledged", "severity": "critical",
        "since": NOW - timedelta(days=20, hours=3), "occurrences": 12, "usd_per_day": Decimal("1234.5"),
        "excess_kwh_per_day": 12_345.0, "evidence": "Uses more.", "likely_causes": (), "cause_note": "",
        "rejected_causes": (), "meter_code": "CHB-PHX-001-HVAC04",
        "building_code": "CHB-PHX-001", "assignee_code": "ann",
        "commodity": "electricity", "timezone": "UTC", "source": "", "site_code": "CHB",
    }  # fmt: skip
    return Alert(**{**given, **changes})


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
def test_no_head_is_broken_and_no_cell_is_cut(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(output, "out", Console(file=text, width=width, highlight=False))
    table = board([_alert()], NOW, width)
    output.print_table(table)
    shown = text.getvalue()
    words = set(shown.replace("…", " … ").split())
    assert {c.label for c in table.columns} <= words
    assert "…" not in words
    assert {"abcdef01", "CHB-PHX-001-HVAC04", "1,234"} <= words | {w.rstrip("5") for w in words}
    gone = {"id", "severity", "what", "where", "cost", "excess", "state", "for", "times", "who"} - words
    assert all(label in table.note for label in gone)
    assert (width >= 100) == (not gone)


def test_csv_has_a_line_per_alert_and_no_formulas() -> None:
    text = alerts_csv([_alert(cause="fouling", cause_note='=HYPERLINK("x")', rejected_causes=("a", "b")), _alert()])
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["usd_per_day"], first["excess_kwh_per_day"], first["since"]) == (
        "1234.5", "12345.0", "2026-02-19T14:00:00+00:00",
    )  # fmt: skip
    assert (first["cause_note"], first["rejected_causes"]) == ('\'=HYPERLINK("x")', "a b")
    assert (second["cause"], second["ended_at"]) == ("", "")
