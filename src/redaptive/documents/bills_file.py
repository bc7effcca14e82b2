"""A table of billed use (Portfolio Manager meter entries or a utility's list) as bills."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from redaptive.documents.cell_text import MISSING, parse_time
from redaptive.documents.columns import missing_column, renamed, unit_in
from redaptive.documents.grid_tables import read_grid
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.results import ImportSummary, Issue, RejectedRows
from redaptive.documents.series_units import assume_heat_content, commodity_of
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.units import canonical_unit, to_stored
from redaptive.errors import InvalidInput

MAX_DAYS = 400
BillFault = tuple[str, str, str]
"""Field, reason, what to do."""
SYNONYMS: Mapping[str, Sequence[str]] = {
    "meter": ("meter name", "meter", "meter code", "meter id", "portfolio manager meter id", "account number"),
    "building": ("property name", "building", "building name", "property", "property id", "portfolio manager id"),
    "meter_type": ("meter type", "fuel type", "energy type", "commodity"),
    "start": ("start date", "start", "period start", "from", "service from"),
    "end": ("end date", "end", "period end", "to", "service to", "delivery date"),
    "usage": ("usage quantity", "usage", "quantity", "consumption", "use", "usage kwh"),
    "unit": ("usage units", "units", "unit", "usage unit"),
    "cost": ("cost", "cost usd", "total cost", "amount", "charge"),
    "estimated": ("estimation", "estimated", "estimate"),
}
_COMMODITIES = {
    "electric": Commodity.ELECTRICITY, "natural gas": Commodity.GAS, "gas": Commodity.GAS, "steam": Commodity.STEAM,
    "chilled water": Commodity.CHILLED_WATER, "hot water": Commodity.HOT_WATER, "fuel oil": Commodity.FUEL_OIL,
    "propane": Commodity.PROPANE, "solar": Commodity.SOLAR, "water": Commodity.WATER,
}  # fmt: skip


@dataclass(frozen=True)
class BillRow:
    """Use of one meter over local days [start, end]; `stored` in Wh (litres for water), `cost_usd` to the cent."""

    meter_code: str
    building: str | None
    commodity: Commodity
    start: date
    end: date
    usage: float
    unit: str
    stored: int
    cost_usd: Decimal | None
    estimated: bool

    def day_after(self, *, inclusive: bool) -> date:
        """The first day that the bill no longer covers; `inclusive`: end dates belong to their periods."""
        return self.end + timedelta(days=1) if inclusive or self.end == self.start else self.end


@dataclass(frozen=True)
class BillsFile:
    """Checked bills and the rows that gave none."""

    bills: list[BillRow]
    rejected: RejectedRows
    summary: ImportSummary


def is_bills_header(cells: Sequence[str]) -> bool:
    """Whether a row looks like the header of meter entries."""
    return {"start", "end", "usage"} <= renamed([c for c in cells if c.strip()], SYNONYMS).keys()


def read_bills(
    path: Path,
    options: ReadingsOptions = ReadingsOptions(),  # noqa: B008 - frozen
    check: Callable[[BillRow], BillFault | None] = lambda _: None,
) -> BillsFile:
    """The bills of a table with start date, end date and usage; of `options` meter, unit, commodity, day_first count.

    `check` says what is wrong with a row that can be read. Raises InvalidInput when one of those columns is missing.
    """
    summary = ImportSummary(path.name, "")
    table = read_grid(path, is_bills_header, summary)
    columns = renamed(table.columns, SYNONYMS)
    for needed, what in (("start", "start date"), ("end", "end date"), ("usage", "usage")):
        if needed not in columns:
            raise missing_column(table.columns, what, SYNONYMS[needed], "the header of that column", path.name)
    reader = _Reader(columns, summary, options, path.name.split(".")[0], check)
    for row, cells in table.records():
        summary.rows_read += 1
        reader.read(row, {f: cells.get(c, "") for f, c in columns.items()})
    rejected = table.rejected(reader.issues)
    summary.readings, summary.rejected = len(reader.bills), len(rejected)
    return BillsFile(reader.bills, rejected, summary)


@dataclass
class _Reader:
    """Turns rows into bills and refuses periods that overlap."""

    columns: Mapping[str, str]
    summary: ImportSummary
    options: ReadingsOptions
    default_meter: str
    check: Callable[[BillRow], BillFault | None]
    bills: list[BillRow] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    _periods: dict[str, list[tuple[date, date, int]]] = field(default_factory=dict)

    def read(self, row: int, cells: Mapping[str, str]) -> None:
        """Add the bill of one row, or its issues."""
        before = len(self.issues)
        start, end = self._day(row, "start", cells), self._day(row, "end", cells)
        usage, cost = self._number(row, "usage", cells), self._number(row, "cost", cells, needed=False)
        meter = self.options.meter or cells.get("meter") or self.default_meter
        if len(self.issues) > before or start is None or end is None or usage is None:
            return
        account = f"{cells.get('building', '')}\0{meter}"
        if not self._fits(row, account, start, end):
            return
        unit = _plain(self.options.unit or cells.get("unit") or unit_in(self.columns["usage"]) or "kWh")
        commodity = self._commodity(meter, unit, cells.get("meter_type", ""))
        assume_heat_content(unit, commodity, self.options, self.summary)
        try:
            stored = to_stored(
                float(usage), unit, commodity, heat_content_kbtu_per_unit=self.options.heat_content_kbtu_per_unit
            )
        except InvalidInput as error:
            self.issues.append(Issue(row, self.columns.get("unit", "unit"), error.message, error.fix or ""))
            return
        estimated = cells.get("estimated", "").lower() in ("yes", "y", "true", "estimated", "1", "e")
        cents = cost.quantize(Decimal("0.01")) if cost is not None else None
        bill = BillRow(
            meter, cells.get("building") or None, commodity, start, end, float(usage), unit, stored, cents, estimated
        )
        if fault := self.check(bill):
            self._fault(row, *fault)
            return
        self._periods.setdefault(account, []).append((start, end, row))
        self.bills.append(bill)

    def _fault(self, row: int, name: str, reason: str, fix: str) -> None:
        self.issues.append(Issue(row, self.columns.get(name, name), reason, fix))

    def _day(self, row: int, name: str, cells: Mapping[str, str]) -> date | None:
        found = parse_time(cells[name], day_first=bool(self.options.day_first)).ts
        if found is None:
            self._fault(row, name, f"{cells[name]!r} is not a date.", "Write it as 2024-01-31.")
        return found.date() if found else None

    def _number(self, row: int, name: str, cells: Mapping[str, str], *, needed: bool = True) -> Decimal | None:
        text = cells.get(name, "")
        if text.lower() in MISSING and not needed:
            return None
        try:
            value = Decimal(re.sub(r"[$,\s]", "", text))
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_finite():
            return value
        self._fault(row, name, f"{text!r} is not a number.", "Write a number with a decimal point.")
        return None

    def _fits(self, row: int, account: str, start: date, end: date) -> bool:
        """Whether the period is one, and overlaps no other of its meter by more than the shared day."""
        days = (end - start).days
        if not 0 <= days <= MAX_DAYS:
            self._fault(row, "end", f"The period {start} to {end} has {days} days.", f"Give 0 to {MAX_DAYS} days.")
            return False
        for first, last, other in self._periods.get(account, ()):
            if (start < last and first < end) or start == first:
                self._fault(
                    row, "start", f"The period overlaps that of row {other} ({first} to {last}).", "Delete one of them."
                )
                return False
        return True

    def _commodity(self, meter: str, unit: str, meter_type: str) -> Commodity:
        known = next((c for name, c in _COMMODITIES.items() if name in meter_type.lower()), None)
        if self.options.commodity is None and known is not None:
            return known
        return commodity_of(meter, unit, self.options, self.summary)


def _plain(unit: str) -> str:
    """A unit without its explanation in brackets, where it means the same without."""
    short = unit.partition("(")[0].strip()
    return short if canonical_unit(short) == canonical_unit(unit) else canonical_unit(unit)
