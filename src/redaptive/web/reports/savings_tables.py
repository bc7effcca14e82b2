"""Tables of the savings report: events that a person entered, and savings of a normal year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redaptive.domain.baseline.non_routine import Adjustment
from redaptive.domain.baseline.normal_savings import NormalSavings
from redaptive.web.blocks import Column, Table
from redaptive.web.numbers import day_text

ROWS: Final = 50
TREATED: Final = {
    "exclude": "days left out",
    "indicator": "days put at the level of the others",
    "engineering": "energy added to the savings",
}


def entered_table(entered: Sequence[Adjustment]) -> Table | None:
    """Events that a person confirmed, with who and why; None without any."""
    columns = (
        Column("meter", "meter"), Column("first", "from"), Column("last", "to"), Column("cause", "cause"),
        Column("treatment", "what was done"), Column("energy", "energy", "kWh"),
        Column("by", "confirmed by"), Column("source", "source"),
    )  # fmt: skip
    rows = tuple(
        (e.meter, day_text(e.first), day_text(e.end - 1), e.cause, TREATED[e.treatment],
         e.energy if e.treatment == "engineering" else None, e.confirmed_by, e.source)
        for e in entered
    )  # fmt: skip
    note = "The table of meters shows the savings with and without them."
    return Table("entered", "Events that a person entered", columns, rows, note, ROWS) if rows else None


def normal_table(normal: Sequence[NormalSavings]) -> Table | None:
    """Savings at the weather of a normal year; None where none was asked for."""
    columns = (
        Column("project", "project"), Column("savings", "savings", "kWh/year"), Column("low", "low", "kWh/year"),
        Column("high", "high", "kWh/year"), Column("baseline", "without the project", "kWh/year"),
        Column("reason", "why not"),
    )  # fmt: skip
    rows = tuple((n.project, n.savings_kwh, n.low_kwh, n.high_kwh, n.baseline_kwh, n.reason) for n in normal)
    note = (
        "The baseline and a model of the reporting period, both at the weather of the normal year. Low and high: the "
        "reporting period's half-width, as a share of the baseline, times the square root of two."
    )
    return Table("normal", "Savings in a normal year", columns, rows, note, ROWS) if rows else None
