"""A file of buildings (CSV, XLSX, Portfolio Manager export) as customers, sites and buildings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from redaptive.documents.building_types import building_type, known_names
from redaptive.documents.cell_text import MISSING
from redaptive.documents.columns import missing_column, renamed
from redaptive.documents.grid_tables import read_grid
from redaptive.documents.results import ImportSummary, Issue, RejectedRows
from redaptive.documents.us_states import TWO_ZONES, state_code, timezone_of
from redaptive.domain.constants import M2_PER_FT2
from redaptive.domain.intervals import zone
from redaptive.domain.portfolio.records import Building, Customer, Site
from redaptive.errors import InvalidInput

MIN_AREA_FT2, MAX_AREA_FT2 = 50.0, 30_000_000.0
"""The largest building in the world has about 20 million ft2."""
SYNONYMS: Mapping[str, Sequence[str]] = {
    "code": ("building code", "building id", "property id", "portfolio manager property id", "code", "id", "asset id"),
    "name": ("building name", "property name", "building", "property", "name", "asset name", "facility name"),
    "type": ("property type", "building type", "primary property type self selected", "primary property type",
             "property use", "use type", "type", "use"),
    "area": ("gross floor area", "property gfa self reported", "property gfa calculated buildings",
             "property floor area", "floor area", "gfa", "area", "square feet", "square footage", "sq ft", "sqft",
             "gross floor area ft2", "gross floor area m2", "area ft2", "area m2", "floor area ft2", "floor area m2"),
    "area_unit": ("gfa units", "gross floor area units", "area unit", "area units", "floor area units"),
    "year": ("year built", "built", "construction year", "year of construction"),
    "city": ("city", "city municipality", "town"),
    "state": ("state", "state province", "province"),
    "postal_code": ("postal code", "zip", "zip code", "postcode"),
    "country": ("country",),
    "timezone": ("time zone", "timezone", "tz"),
    "customer": ("customer", "owner", "portfolio", "client", "company", "organization"),
    "customer_sector": ("sector", "industry"),
    "site": ("site", "site code", "site id", "campus"),
    "weather_station": ("weather station", "station"),
    "latitude": ("latitude", "latitude deg", "lat"),
    "longitude": ("longitude", "longitude deg", "lon", "lng"),
}  # fmt: skip


@dataclass(frozen=True)
class BuildingsFile:
    """Records ready for the stores; `rejected` lists the rows that gave none."""

    customers: list[Customer]
    sites: list[Site]
    buildings: list[Building]
    rejected: RejectedRows
    summary: ImportSummary


def is_buildings_header(cells: Sequence[str]) -> bool:
    """Whether a row looks like the header of buildings."""
    found = renamed([c for c in cells if c.strip()], SYNONYMS)
    return ("name" in found or "code" in found) and len(found) >= 3


def read_buildings(path: Path, *, customer: str | None = None, timezone: str | None = None) -> BuildingsFile:
    """The customers, sites and buildings of a file; each fault names row and field.

    `customer` owns rows without a customer column; `timezone` is that of rows without zone and US state.
    Raises InvalidInput when a needed column is missing.
    """
    summary = ImportSummary(path.name, "")
    table = read_grid(path, is_buildings_header, summary)
    columns = renamed(table.columns, SYNONYMS)
    for needed, what in (("area", "gross floor area"), ("type", "property type")):
        if needed not in columns:
            raise missing_column(table.columns, what, SYNONYMS[needed], "the header of that column", path.name)
    if "name" not in columns and "code" not in columns:
        raise missing_column(table.columns, "building name", SYNONYMS["name"], "the header of that column", path.name)
    reader = _Reader(columns, summary, customer, timezone)
    for row, cells in table.records():
        summary.rows_read += 1
        reader.read(row, {f: _present(cells[c]) for f, c in columns.items() if c in cells})
    rejected = table.rejected(reader.issues)
    summary.rejected = len(rejected)
    if not summary.rows_read:
        raise InvalidInput("The file has a header but no rows.", field=path.name, fix="Export it again.")
    return BuildingsFile(
        list(reader.customers.values()), list(reader.sites.values()), reader.buildings, rejected, summary
    )


def _present(cell: str) -> str:
    return "" if cell.lower() in MISSING else cell


def slug(text: str) -> str:
    """A code made of a name: "HQ, North Wing" -> "hq-north-wing"."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


@dataclass
class _Reader:
    """Turns rows into records and remembers what it has seen."""

    columns: Mapping[str, str]
    summary: ImportSummary
    customer: str | None
    timezone: str | None
    customers: dict[str, Customer] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    buildings: list[Building] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    _rows: dict[str, int] = field(default_factory=dict)
    _row: int = 0

    def read(self, row: int, cells: Mapping[str, str]) -> None:
        """Add the records of one row, or its issues."""
        self._row, before = row, len(self.issues)
        code = self._code(cells)
        area, kind, year = self._area(cells), self._type(cells), self._year(cells)
        site = self._site(code, cells)
        if len(self.issues) > before or site is None or kind is None:
            return
        self._rows[code] = row
        self.sites.setdefault(site.code, site)
        owner = cells.get("customer") or self.customer or "Default customer"
        self.customers.setdefault(slug(owner), Customer(slug(owner), owner, cells.get("customer_sector") or "other"))
        self.buildings.append(Building(code, cells.get("name") or code, site.code, kind, area, year))

    def _fault(self, field_name: str, reason: str, fix: str) -> None:
        self.issues.append(Issue(self._row, self.columns.get(field_name, field_name), reason, fix))

    def _code(self, cells: Mapping[str, str]) -> str:
        code = cells.get("code") or slug(cells.get("name", ""))
        if not code:
            self._fault("name", "The building has neither name nor id.", "Give it a name.")
        elif code in self._rows:
            where = "code" if cells.get("code") else "name"
            self._fault(where, f"{code!r} is already in row {self._rows[code]}.", "Give every building its own id.")
        return code

    def _area(self, cells: Mapping[str, str]) -> float | None:
        text = cells.get("area", "")
        if not text:
            self.summary.warn(f"Row {self._row} has no floor area: intensities cannot be computed for it.")
            return None
        try:
            area = float(re.sub(r"[,\s]|(?i:sq\.? ?ft\.?|ft2|ft²|m2|m²)$", "", text))
        except ValueError:
            self._fault("area", f"{text!r} is not a floor area.", "Write a number such as 52000.")
            return None
        area_ft2 = area / M2_PER_FT2 if self._is_metric(cells, text) else area
        if not MIN_AREA_FT2 <= area_ft2 <= MAX_AREA_FT2:
            why = f"A floor area of {area_ft2:,.0f} ft2 is not that of a building."
            self._fault("area", why, f"Give {MIN_AREA_FT2:.0f} to {MAX_AREA_FT2:,.0f} ft2, or check the unit.")
        return area_ft2

    def _is_metric(self, cells: Mapping[str, str], text: str) -> bool:
        said = " ".join((text, cells.get("area_unit", ""), self.columns["area"])).lower()
        if re.search(r"m²|\bm2\b|sq\.? ?m|square met|_m2", said):
            return True
        if not re.search(r"ft|feet|foot|footage", said):
            self.summary.assume("Floor areas without a unit are ft2.")
        return False

    def _type(self, cells: Mapping[str, str]) -> str | None:
        text = cells.get("type", "")
        found = building_type(text) if text else None
        if found is None:
            near = get_close_matches(text.lower(), known_names(), 1, 0.6)
            fix = f"Did you mean {near[0]!r}?" if near else "Use a Portfolio Manager property type, or 'other'."
            self._fault("type", f"{text!r} is not a known property type.", fix)
        return found

    def _year(self, cells: Mapping[str, str]) -> int | None:
        text = cells.get("year", "")
        if not text:
            return None
        if not re.fullmatch(r"\d{4}(\.0+)?", text) or not 1600 <= int(text[:4]) <= 2100:
            self._fault("year", f"{text!r} is not a year of construction.", "Write four digits or leave it empty.")
            return None
        return int(text[:4])

    def _site(self, code: str, cells: Mapping[str, str]) -> Site | None:
        site_code = slug(cells.get("site", "")) or code
        state = cells.get("state", "")
        two_letters = state_code(state)
        timezone = self._timezone(cells, two_letters)
        if timezone is None:
            return None
        owner = cells.get("customer") or self.customer or "Default customer"
        return Site(
            site_code, cells.get("site") or cells.get("name") or code, slug(owner), timezone,
            country=cells.get("country") or "US", state=two_letters or state or None, city=cells.get("city") or None,
            postal_code=cells.get("postal_code") or None, weather_station=cells.get("weather_station") or None,
            latitude_deg=self._degrees(cells, "latitude", 90.0), longitude_deg=self._degrees(cells, "longitude", 180.0),
        )  # fmt: skip

    def _timezone(self, cells: Mapping[str, str], state: str | None) -> str | None:
        if text := cells.get("timezone", ""):
            try:
                return zone(text).key
            except InvalidInput as error:
                self._fault("timezone", error.message, error.fix or "")
                return None
        if state is not None:
            self.summary.assume("Sites without a time zone have the one of most of their state.")
            if state in TWO_ZONES:
                self.summary.warn(f"Row {self._row}: {state} has two time zones; {timezone_of(state)} was taken.")
            return timezone_of(state)
        if self.timezone is None:
            where = "timezone" if "timezone" in self.columns else "state"
            self._fault(where, "The time zone is unknown.", "Give a US state, a time zone column, or --timezone.")
        return self.timezone

    def _degrees(self, cells: Mapping[str, str], name: str, limit: float) -> float | None:
        text = cells.get(name, "")
        try:
            value = float(text) if text else None
        except ValueError:
            value = limit + 1
        if value is not None and not abs(value) <= limit:
            self._fault(name, f"{text!r} is not a {name} in degrees.", f"Give -{limit:.0f} to {limit:.0f}.")
        return value
