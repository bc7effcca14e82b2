"""Moments and days in machine-readable output."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from redaptive.cli.output import print_json, say


def test_moments_and_days_are_written_as_iso_8601(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "day": date(2026, 1, 2), "nothing": None})
    said = json.loads(capsys.readouterr().out)
    assert said == {"at": "2026-01-02T03:04:00+00:00", "day": "2026-01-02", "nothing": None}


@pytest.mark.parametrize("text", ["Column 'A [kWh]' was taken.", "[/b] is no meter.", "a[0].csv"])
def test_names_in_brackets_are_said_as_they_are(capsys: pytest.CaptureFixture[str], text: str) -> None:
    say(text)
    assert capsys.readouterr().err == f"{text}\n"
