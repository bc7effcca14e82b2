"""Where the bills of a file belong: the building and meter on record that each row names, and the key of the bill."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from itertools import groupby, pairwise

from redaptive.documents.bills_file import BillFault, BillRow, BillsFile
from redaptive.documents.meters_file import building_codes
from redaptive.domain.portfolio.records import Building, Meter
from redaptive.domain.shortlist import some_of
from redaptive.infrastructure.database.stores.bill_store import Bill

CODE_LENGTH = 200
DAY = timedelta(days=1)


@dataclass(frozen=True)
class BillPlaces:
    """Buildings (code and name, in lower case, to code) and meters on record; `default` is for rows that name none."""

    buildings: Mapping[str, str]
    meters: Mapping[str, Meter]
    default: str | None = None

    @classmethod
    def of(cls, buildings: Sequence[Building], meters: Sequence[Meter], default: str | None = None) -> BillPlaces:
        """The places of one tenant."""
        return cls(building_codes(buildings), {m.code: m for m in meters}, default)

    def fault(self, row: BillRow) -> BillFault | None:
        """Why the row cannot be stored: field, reason, what to do."""
        if row.cost_usd is None:
            return "cost", "The bill has no cost.", "Write the amount of the bill in USD."
        named, meter = self._named(row), self.meters.get(row.meter_code)
        if named is not None and named.lower() not in self.buildings:
            near = get_close_matches(named.lower(), self.buildings, 1)
            fix = f"Did you mean {self.buildings[near[0]]}?" if near else "Import it with `redaptive import buildings`."
            return "building", f"There is no building with the code or name {named!r}.", fix
        if meter is None:
            return None if named is not None else self._unknown_meter(row)
        if named is not None and self.buildings[named.lower()] != meter.building_code:
            reason = f"Meter {meter.code} is of building {meter.building_code}, not {named}."
            return "building", reason, "Correct the meter or the building."
        if meter.commodity is not row.commodity:
            reason = f"Meter {meter.code} is on record as {meter.commodity}, not {row.commodity}."
            return "meter_type", reason, "Correct the meter or its type, or give --commodity."
        return None

    def _named(self, row: BillRow) -> str | None:
        on_record = row.meter_code in self.meters
        return row.building or (None if on_record else self.default)

    def _unknown_meter(self, row: BillRow) -> BillFault:
        near = get_close_matches(row.meter_code, self.meters, 1)
        fix = f"Did you mean {near[0]}?" if near else "Add a column with the building, or name it with --building."
        return "meter", f"There is no meter {row.meter_code!r} on record, and the row names no building.", fix

    def bill(self, row: BillRow, *, inclusive: bool) -> Bill:
        """The bill of a row without fault; `inclusive`: the last day belongs to the period."""
        meter, named = self.meters.get(row.meter_code), self._named(row)
        building = meter.building_code if meter else self.buildings[(named or "").lower()]
        assert row.cost_usd is not None
        return Bill(
            code=_code(building, row),
            building_code=building,
            utility="",
            account="" if meter else row.meter_code,
            number="",
            commodity=row.commodity,
            period_start=row.start,
            period_end=row.day_after(inclusive=inclusive),
            usage=Decimal(str(row.usage)),
            usage_unit=row.unit,
            total_usd=row.cost_usd,
            meter_code=meter.code if meter else None,
            estimated=row.estimated,
            source="import",
        )


def placed_bills(file: BillsFile, places: BillPlaces) -> list[Bill]:
    """The bills of the file's rows; what is assumed and what to be aware of is added to its summary."""
    inclusive = last_day_counts(file.bills)
    file.summary.assumptions.append(f"the end date of a bill is {edge_told(inclusive=inclusive)}")
    if unknown := sorted({row.meter_code for row in file.bills} - places.meters.keys()):
        file.summary.warn(f"not on record as meters, so their bills belong to the building alone: {some_of(unknown)}")
    return [places.bill(row, inclusive=inclusive) for row in file.bills]


def last_day_counts(rows: Sequence[BillRow]) -> bool:
    """Whether end dates belong to their periods: more bills begin the day after another's end than on it."""
    ordered = sorted(rows, key=lambda r: (r.building or "", r.meter_code, r.start))
    gaps = [
        after.start - before.end
        for _, group in groupby(ordered, key=lambda r: (r.building, r.meter_code))
        for before, after in pairwise(group)
    ]
    return gaps.count(DAY) > gaps.count(timedelta(0))


def edge_told(*, inclusive: bool) -> str:
    """Which day the end date of a bill is."""
    return "the last of its period" if inclusive else "the first of the next period"


def _code(building: str, row: BillRow) -> str:
    """The same meter and first day is the same bill: a corrected file replaces it."""
    code = f"{building}:{row.meter_code}:{row.commodity}:{row.start}"
    if len(code) <= CODE_LENGTH:
        return code
    return f"{code[: CODE_LENGTH - 33]}:{hashlib.sha256(code.encode()).hexdigest()[:32]}"
