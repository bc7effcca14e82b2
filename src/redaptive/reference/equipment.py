"""Equipment figures out of dated reference rows, as the domain takes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from redaptive.domain.equipment.limits import Limit, Limits
from redaptive.errors import InvalidInput
from redaptive.reference.loader import ReferenceData
from redaptive.reference.rows import ReferenceRow


def rule_limits(reference: ReferenceData, given: Mapping[str, float] | None = None, at: date | None = None) -> Limits:
    """The thresholds in effect on `at`, with those that the caller gives in their place.

    :raises InvalidInput: a name that is no threshold.
    """
    rows = [reference.row("equipment_thresholds", key, at) for key in reference.keys("equipment_thresholds")]
    return Limits({row.key: _limit(row) for row in rows}).replaced(given or {})


def _limit(row: ReferenceRow) -> Limit:
    return Limit(row.key, number(row, "value"), str(row.payload["per"]), row.version, row.checked)


def number(row: ReferenceRow, column: str) -> float:
    """One figure of a row.

    :raises InvalidInput: the row has no such figure.
    """
    value = row.payload.get(column)
    if not isinstance(value, (int, float)):
        where = f"{row.set_name}:{row.key}:{column}"
        raise InvalidInput(f"The reference row has no number {column!r}.", field=where, fix="Correct the row.")
    return float(value)
