"""Typed, dated access to reference data, from the packaged files or from the same rows in a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final

from redaptive.domain.carbon.emissions import fuel_kg_co2e_per_therm, kg_per_kwh
from redaptive.domain.constants import KBTU_PER_KWH, KBTU_PER_THERM
from redaptive.domain.measures.base import MeasureLibrary, SavingsRange, Spread, UnitCost
from redaptive.domain.portfolio.spread import sigma_from_quartiles
from redaptive.errors import InvalidInput, NotFound
from redaptive.reference.records import (
    BuildingType,
    EndUseShares,
    Figure,
    FuelFactor,
    GridFactor,
    MedianEui,
    PriceDefault,
    Quartiles,
    Sigma,
    SourceFactor,
)
from redaptive.reference.rows import ReferenceRow, iter_rows

__all__ = ["DEFAULT_SIGMA", "ReferenceData", "ReferenceRow", "iter_rows", "load_all"]

DEFAULT_SIGMA: Final = 0.7
"""Used for a type without published quartiles (a design value)."""


class ReferenceData:
    """Reference rows by set and key; `at` picks the row in effect on that day, None the newest.

    Every accessor raises NotFound naming the known keys, or the days that are covered.
    """

    def __init__(self, rows: Iterable[ReferenceRow]) -> None:
        self._sets: dict[str, dict[str, list[ReferenceRow]]] = {}
        for row in rows:
            self._sets.setdefault(row.set_name, {}).setdefault(row.key, []).append(row)
        for keys in self._sets.values():
            for versions in keys.values():
                versions.sort(key=lambda row: (row.effective_from, row.version))
        self._aliases = self._read_aliases()

    def sets(self) -> tuple[str, ...]:
        """Names of the loaded sets."""
        return tuple(sorted(self._sets))

    def keys(self, set_name: str) -> tuple[str, ...]:
        """Known keys of a set."""
        return tuple(sorted(self._set(set_name)))

    def row(self, set_name: str, key: str, at: date | None = None) -> ReferenceRow:
        """The row of `key` in effect on `at`; the latest that began, then the highest version."""
        versions = self._set(set_name).get(key)
        if not versions:
            known = ", ".join(self.keys(set_name))
            raise NotFound(f"{set_name} has no row {key!r}.", field=set_name, fix=f"Known: {known}.")
        if at is None:
            return versions[-1]
        for row in reversed(versions):
            if row.holds_at(at):
                return row
        spans = ", ".join(f"{row.effective_from} to {row.effective_to or 'open'}" for row in versions)
        raise NotFound(f"{set_name}/{key} has no row for {at}.", field=set_name, fix=f"Covered: {spans}.")

    def building_type(self, name: str) -> BuildingType:
        """The building type called `name`, or of which `name` is another name."""
        row = self.row("building_types", self._aliases.get(name, name))
        optional = {k: (str(row.payload[k]) if k in row.payload else None) for k in ("cbecs_class", "ll97_type")}
        return BuildingType(row, row.key, _text(row, "title"), _text(row, "end_use_class"), **optional)

    def median_eui(self, building_type: str, at: date | None = None) -> MedianEui:
        """National median source and site intensity of a type."""
        row = self.row("benchmark_medians", self.building_type(building_type).key, at)
        return MedianEui(row, _number(row, "source_eui"), _number(row, "site_eui"))

    def quartiles(self, cbecs_class: str, at: date | None = None) -> Quartiles:
        """Electricity quartiles of a CBECS class."""
        row = self.row("cbecs_quartiles", cbecs_class, at)
        return Quartiles(row, _number(row, "p25"), _number(row, "median"), _number(row, "p75"))

    def sigma(self, building_type: str) -> Sigma:
        """ln(P75/P25)/1.349 of the type's CBECS class, `DEFAULT_SIGMA` where none is published."""
        cbecs_class = self.building_type(building_type).cbecs_class
        if cbecs_class is None:
            return Sigma(DEFAULT_SIGMA, "default-sigma-0.7", False)
        quartiles = self.quartiles(cbecs_class)
        value = sigma_from_quartiles(quartiles.p25_kwh_per_ft2, quartiles.p75_kwh_per_ft2)
        return Sigma(value, quartiles.version, quartiles.checked)

    def source_factor(self, commodity: str, at: date | None = None) -> SourceFactor:
        """Source-to-site ratio of a commodity."""
        row = self.row("source_energy_factors", commodity, at)
        return SourceFactor(row, _number(row, "factor"))

    def grid_factor(self, subregion: str, at: date | None = None) -> GridFactor:
        """Annual average emission rate of an eGRID subregion (`US` is the national average)."""
        row = self.row("grid_factors", subregion, at)
        rate = _number(row, "lb_per_mwh")
        return GridFactor(row, subregion, kg_per_kwh(rate), rate)

    def fuel_factor(self, commodity: str, at: date | None = None, *, potentials: str = "ar5") -> FuelFactor:
        """CO2e factor of a fuel, with the warming potentials of the named assessment report."""
        row, gwp = self.row("fuel_factors", commodity, at), self.row("warming_potentials", potentials)
        co2, ch4, n2o = (_number(row, name) for name in ("co2_kg", "ch4_g", "n2o_g"))
        per_therm = fuel_kg_co2e_per_therm(co2, ch4, n2o, _number(gwp, "ch4"), _number(gwp, "n2o"))
        per_kwh = per_therm * KBTU_PER_KWH / KBTU_PER_THERM
        return FuelFactor(row, int(_number(row, "scope")), co2, ch4, n2o, per_therm, per_kwh)

    def price_default(self, state: str, commodity: str, at: date | None = None) -> PriceDefault:
        """Average commercial price of a state (two letters, or `US`)."""
        row = self.row("price_defaults", f"{state}/{commodity}", at)
        return PriceDefault(row, _number(row, "usd_per_unit"), _text(row, "per"))

    def end_use_shares(self, building_type: str, at: date | None = None) -> EndUseShares:
        """End-use split of a type."""
        row = self.row("end_use_shares", self.building_type(building_type).end_use_class, at)
        return EndUseShares(row, _numbers(row, "electricity"), _numbers(row, "gas"))

    def pv_yield(self, state: str, at: date | None = None) -> Figure:
        """First-year kWh per kWdc of a fixed roof array in a state."""
        return self._figure("pv_yields", state, "kwh_per_kwdc_y", at)

    def ll97_limit(self, building_type: str, at: date) -> Figure:
        """Local Law 97 limit of a type, tCO2e/ft² and year; `building_type` may be a Local Law 97 type itself."""
        known = self._set("building_types")
        typed = (
            self.building_type(building_type).ll97_type
            if self._aliases.get(building_type, building_type) in known
            else None
        )
        return self._figure("ll97_limits", typed or building_type, "limit", at)

    def ll97_coefficient(self, commodity: str, at: date) -> Figure:
        """Local Law 97 coefficient, tCO2e per kWh (electricity) or per kBtu."""
        return self._figure("ll97_coefficients", commodity, "coefficient", at)

    def ll97_penalty(self, kind: str, at: date) -> Figure:
        """Local Law 97 penalty in USD: `over_limit` per t, `late_filing` per ft²·month, `false_statement`."""
        return self._figure("ll97_penalties", kind, "usd", at)

    def finance_default(self, name: str, at: date | None = None) -> Figure:
        """A rate used when the caller gives none, as a fraction per year."""
        return self._figure("finance_defaults", name, "value", at)

    def depreciation_schedule(self, name: str, at: date | None = None) -> tuple[float, ...]:
        """Fractions of the basis by year."""
        values = self.row("tax_rows", name, at).payload["schedule"]
        if not isinstance(values, Sequence):
            raise InvalidInput(f"tax_rows/{name} has no list of fractions.", field="schedule", fix="Correct the row.")
        return tuple(float(value) for value in values)

    def measure_cost(self, measure: str, at: date | None = None) -> UnitCost:
        """Unit cost of a measure, low/mid/high."""
        row = self.row("measure_costs", measure, at)
        life, om = _number(row, "service_life_y"), _number(row, "om_per_unit_y", 0.0)
        fraction = _number(row, "om_fraction", 0.0)
        return UnitCost(_spread(row), _text(row, "per"), life, row.version, row.checked, om, fraction)

    def measure_savings(self, measure: str, at: date | None = None) -> SavingsRange:
        """Savings range of a measure as a fraction of its basis."""
        row = self.row("measure_savings", measure, at)
        return SavingsRange(_spread(row), _text(row, "basis"), row.version, row.checked)

    def measure_library(self, at: date | None = None) -> MeasureLibrary:
        """All unit costs and savings ranges in effect on `at`, as the screening takes them."""
        return MeasureLibrary(
            {key: self.measure_cost(key, at) for key in self.keys("measure_costs")},
            {key: self.measure_savings(key, at) for key in self.keys("measure_savings")},
        )

    def _set(self, set_name: str) -> Mapping[str, list[ReferenceRow]]:
        if set_name not in self._sets:
            known = ", ".join(self.sets())
            raise NotFound(f"There is no reference set {set_name!r}.", field="set_name", fix=f"Known: {known}.")
        return self._sets[set_name]

    def _figure(self, set_name: str, key: str, column: str, at: date | None) -> Figure:
        row = self.row(set_name, key, at)
        return Figure(row, _number(row, column), str(row.payload.get("per", row.unit)))

    def _read_aliases(self) -> dict[str, str]:
        aliases: dict[str, str] = {}
        for key, versions in self._sets.get("building_types", {}).items():
            names = versions[-1].payload.get("aliases", ())
            if isinstance(names, Sequence):
                aliases.update({str(name): key for name in names})
        return aliases


@cache
def load_all() -> ReferenceData:
    """The packaged reference data, read once."""
    return ReferenceData(iter_rows())


def _number(row: ReferenceRow, column: str, default: float | None = None) -> float:
    value = row.payload.get(column, default)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        where = f"{row.set_name}:{row.key}:{column}"
        raise InvalidInput(f"The reference row has no number {column!r}.", field=where, fix="Correct the row.")
    return float(value)


def _numbers(row: ReferenceRow, column: str) -> dict[str, float]:
    values = row.payload.get(column)
    if not isinstance(values, Mapping):
        where = f"{row.set_name}:{row.key}:{column}"
        raise InvalidInput(f"The reference row has no table {column!r}.", field=where, fix="Correct the row.")
    return {str(name): float(value) for name, value in values.items()}


def _text(row: ReferenceRow, column: str) -> str:
    value = row.payload.get(column)
    if not isinstance(value, str):
        where = f"{row.set_name}:{row.key}:{column}"
        raise InvalidInput(f"The reference row has no text {column!r}.", field=where, fix="Correct the row.")
    return value


def _spread(row: ReferenceRow) -> Spread:
    return Spread(_number(row, "low"), _number(row, "mid"), _number(row, "high"))
