"""A table of meters (CSV, XLSX): building, commodity, role and parent, so that submeters are not counted twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from redaptive.documents.columns import missing_column, renamed
from redaptive.documents.grid_tables import read_grid
from redaptive.documents.options import commodity_named
from redaptive.documents.results import ImportSummary, Issue, RejectedRows
from redaptive.domain.detectors.memory.params import MAX_CADENCE_S, MIN_CADENCE_S
from redaptive.domain.portfolio.records import Building, Commodity, Meter, MeterRole
from redaptive.errors import InvalidInput

SYNONYMS: Mapping[str, Sequence[str]] = {
    "meter": ("meter code", "meter id", "meter", "code", "meter name"),
    "building": ("building code", "building id", "building", "building name", "property name", "property"),
    "commodity": ("commodity", "fuel type", "fuel", "energy type", "meter type"),
    "role": ("role", "meter role"),
    "parent": ("parent", "parent meter", "parent code", "parent id"),
    "end_use": ("end use", "use", "load"),
    "interval": ("interval", "interval s", "interval min", "interval minutes", "interval seconds", "cadence"),
    "multiplier": ("multiplier", "factor", "ct ratio"),
}
_INTERVAL = re.compile(r"^(\d+)(?:\.0+)?\s*(s|sec|seconds?|m|min|minutes?|h|hours?)?$")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class MetersFile:
    """Meters ready for the store; `rejected` lists the rows that gave none."""

    meters: list[Meter]
    rejected: RejectedRows
    summary: ImportSummary


def is_meters_header(cells: Sequence[str]) -> bool:
    """Whether a row looks like the header of meters."""
    return {"meter", "building"} <= renamed([c for c in cells if c.strip()], SYNONYMS).keys()


def read_meters(path: Path, buildings: Sequence[Building], known: Sequence[Meter]) -> MetersFile:
    """The meters of a file, checked against the buildings and meters on record; each fault names row and field.

    A building is named by code or name. Without a role a meter with a parent is `sub`, any other `main`. An interval is
    a minute to a day, as the kernel needs it.
    Raises InvalidInput when a needed column is missing.
    """
    summary = ImportSummary(path.name, "")
    table = read_grid(path, is_meters_header, summary)
    columns = renamed(table.columns, SYNONYMS)
    for needed in ("meter", "building", "commodity"):
        if needed not in columns:
            raise missing_column(table.columns, needed, SYNONYMS[needed], "the header of that column", path.name)
    reader = _Reader(columns, building_codes(buildings), {m.code: m for m in known})
    for row, cells in table.records():
        summary.rows_read += 1
        reader.read(row, {f: cells.get(c, "") for f, c in columns.items()})
    reader.check_parents()
    if not summary.rows_read:
        raise InvalidInput("The file has a header but no rows.", field=path.name, fix="Export it again.")
    meters = list(reader.found.values())
    rejected = table.rejected(reader.issues)
    summary.readings, summary.rejected = len(meters), len(rejected)
    for code in without_main({**reader.known, **reader.found}.values(), {m.building_code for m in meters}):
        summary.warn(f"{code}: it has submeters only. Main meters add up to a building's use, so this part has none.")
    return MetersFile(meters, rejected, summary)


def building_codes(buildings: Sequence[Building]) -> dict[str, str]:
    """Code and name, in lower case, to code; a name that two buildings share leads to none of them."""
    names = [b.name.strip().lower() for b in buildings]
    unique = {b.name.strip().lower(): b.code for b in buildings if names.count(b.name.strip().lower()) == 1}
    return {**unique, **{b.code.lower(): b.code for b in buildings}}


def without_main(meters: Iterable[Meter], buildings: set[str]) -> list[str]:
    """Building and commodity, as text, where only submeters are."""
    roles: dict[tuple[str, Commodity], set[MeterRole]] = {}
    for meter in meters:
        roles.setdefault((meter.building_code, meter.commodity), set()).add(meter.role)
    return [f"{b} {c}" for (b, c), found in sorted(roles.items()) if b in buildings and found == {MeterRole.SUB}]


@dataclass
class _Reader:
    """Turns rows into meters and refuses what would count energy twice."""

    columns: Mapping[str, str]
    buildings: Mapping[str, str]
    known: Mapping[str, Meter]
    found: dict[str, Meter] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    _rows: dict[str, int] = field(default_factory=dict)

    def read(self, row: int, cells: Mapping[str, str]) -> None:
        """Add the meter of one row, or its issues."""
        before, code = len(self.issues), cells["meter"]
        self._check_code(row, code)
        building = self._building(row, cells["building"])
        commodity = self._commodity(row, code, cells["commodity"])
        role = self._role(row, cells)
        interval_s, multiplier = self._interval(row, code, cells), self._multiplier(row, cells)
        if len(self.issues) > before or commodity is None:
            return
        self._rows[code] = row
        self.found[code] = Meter(
            code, building, commodity, role, cells.get("end_use") or None, cells.get("parent") or None,
            interval_s, multiplier,
        )  # fmt: skip

    def check_parents(self) -> None:
        """Refuse meters whose parent is unknown, of another commodity, or below themselves; until none is left."""
        while faults := [(m, fault) for m in self.found.values() if (fault := self._parent_fault(m))]:
            for meter, (reason, fix) in faults:
                self._fault(self._rows[meter.code], "parent", reason, fix)
                del self.found[meter.code]

    def _parent_fault(self, meter: Meter) -> tuple[str, str] | None:
        if meter.parent_code is None:
            return None
        everyone = {**self.known, **self.found}
        parent = everyone.get(meter.parent_code)
        if parent is None:
            near = get_close_matches(meter.parent_code, everyone, 1)
            fix = f"Did you mean {near[0]}?" if near else "Add a row for the parent, or correct the row that has it."
            return f"There is no meter {meter.parent_code} that could be the parent.", fix
        if parent.commodity is not meter.commodity:
            return f"The parent {parent.code} measures {parent.commodity}, not {meter.commodity}.", "Name another."
        seen, above = {meter.code}, parent
        while above.code not in seen:
            seen.add(above.code)
            if above.parent_code is None or above.parent_code not in everyone:
                return None
            above = everyone[above.parent_code]
        return f"{meter.code} is in a loop of parents.", "Leave the parent of the topmost meter empty."

    def _fault(self, row: int, name: str, reason: str, fix: str) -> None:
        self.issues.append(Issue(row, self.columns.get(name, name), reason, fix))

    def _check_code(self, row: int, code: str) -> None:
        if not code:
            self._fault(row, "meter", "The meter has no code.", "Give the code that the readings name.")
        elif code in self._rows:
            self._fault(row, "meter", f"{code!r} is already in row {self._rows[code]}.", "Keep one row per meter.")

    def _building(self, row: int, text: str) -> str:
        code = self.buildings.get(text.lower(), "")
        if not code:
            near = get_close_matches(text.lower(), self.buildings, 1)
            fix = f"Did you mean {self.buildings[near[0]]}?" if near else "Import it with `redaptive import buildings`."
            self._fault(row, "building", f"There is no building with the code or name {text!r}.", fix)
        return code

    def _commodity(self, row: int, code: str, text: str) -> Commodity | None:
        try:
            found = commodity_named(re.sub(r"[\s-]+", "_", text.lower().replace("natural gas", "gas")))
        except InvalidInput as error:
            self._fault(row, "commodity", f"{text!r} is not a commodity.", error.fix or "")
            return None
        if code in self.known and self.known[code].commodity is not found:
            old = self.known[code].commodity
            self._fault(row, "commodity", f"Meter {code} is on record as {old}.", "Give another meter code.")
        return found

    def _role(self, row: int, cells: Mapping[str, str]) -> MeterRole:
        text = (cells.get("role") or ("sub" if cells.get("parent") else "main")).lower()
        if text not in set(MeterRole):
            self._fault(row, "role", f"{text!r} is not a role.", f"Use one of {', '.join(MeterRole)}.")
            return MeterRole.MAIN
        if text == MeterRole.MAIN and cells.get("parent"):
            why = f"A main meter below {cells['parent']} would be counted twice."
            self._fault(row, "role", why, "Write sub, or leave the parent empty.")
        return MeterRole(text)

    def _interval(self, row: int, code: str, cells: Mapping[str, str]) -> int:
        text = cells.get("interval", "").lower()
        if not text:
            return self.known[code].interval_s if code in self.known else 3600
        match = _INTERVAL.match(text)
        in_minutes = "min" in self.columns["interval"].lower()
        seconds = int(match[1]) * _SECONDS[(match[2] or ("m" if in_minutes else "s"))[0]] if match else 0
        if 0 < seconds < MIN_CADENCE_S:
            why = f"{seconds} seconds? The shortest interval is a minute."
            self._fault(row, "interval", why, f"Write {seconds}min for minutes; a bare number is seconds, such as 900.")
        elif not MIN_CADENCE_S <= seconds <= MAX_CADENCE_S or MAX_CADENCE_S % seconds:
            why = f"{text!r} is not an interval that divides a day."
            self._fault(row, "interval", why, "Write 15min, 1h, or seconds such as 900.")
        return seconds

    def _multiplier(self, row: int, cells: Mapping[str, str]) -> float:
        text = cells.get("multiplier", "")
        try:
            value = float(text) if text else 1.0
        except ValueError:
            value = 0.0
        if not 0 < value < 1e6:
            self._fault(row, "multiplier", f"{text!r} is not a multiplier.", "Write a number above 0, usually 1.")
        return value
