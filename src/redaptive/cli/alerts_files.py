"""Alerts written into a file: CSV for a spreadsheet, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from redaptive.cli.output import as_plain
from redaptive.documents.target_files import replacing, require_targets
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.alert_records import Alert

_COLUMNS: Final = (
    "id", "kind", "severity", "state", "site_code", "building_code", "meter_code", "source", "commodity", "timezone",
    "since", "ended_at", "raised_at", "opened_at", "acknowledged_at", "diagnosed_at", "resolved_at", "closed_at",
    "snoozed_until", "occurrences", "usd_per_day", "excess_kwh_per_day", "price_note", "team_code", "assignee_code",
    "cause", "cause_note", "rejected_causes", "suppressed_by", "parent_id", "evidence",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def require_list_file(path: Path) -> None:
    """Do nothing for a file that alerts can be written into; raises InvalidInput for another."""
    if path.suffix not in (".csv", ".json"):
        raise InvalidInput(
            f"Cannot write {path.suffix or 'a file without suffix'}.", field="--out", fix="Use .csv or .json."
        )
    require_targets({"--out": path}, {})


def write_list(path: Path, alerts: Sequence[Alert]) -> None:
    """Write the alerts whole or not at all, in the order given; times are UTC."""
    text = alerts_csv(alerts) if path.suffix == ".csv" else _json(alerts)
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def alerts_csv(alerts: Sequence[Alert]) -> str:
    """One line per alert under a line of names; what is not known is empty, lists are separated by blanks."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(_COLUMNS)
    lines.writerows([_cell(getattr(alert, name)) for name in _COLUMNS] for alert in alerts)
    return out.getvalue()


def _json(alerts: Sequence[Alert]) -> str:
    return json.dumps([asdict(alert) for alert in alerts], indent=2, default=as_plain) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    text = as_plain(value)
    # People write notes: a spreadsheet must not take one for a formula.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
