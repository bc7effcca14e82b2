"""Benchmarks of buildings: national medians, the portfolio itself, emission limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import polars as pl

from redaptive.agents.portfolio.factors import Factors
from redaptive.agents.portfolio.inputs import Portfolio
from redaptive.agents.portfolio.periods import Period
from redaptive.agents.portfolio.results import BenchmarkReport, BenchmarkRow
from redaptive.domain.carbon.performance_standards import emission_limit
from redaptive.domain.constants import KBTU_PER_KWH
from redaptive.domain.portfolio.benchmarks import LABEL, benchmark, portfolio_percentile
from redaptive.domain.portfolio.records import Building, Commodity
from redaptive.domain.portfolio.usage import Exclusion, UsageReport, UsageRow
from redaptive.errors import InvalidInput, NotFound
from redaptive.reference.loader import ReferenceData

Metric = Literal["site_eui", "source_eui"]
Peer = Literal["cbecs", "portfolio", "ll97", "bps"]
EUI_UNIT: Final = "kBtu/ft2.yr"


@dataclass(frozen=True)
class Peers:
    """Compares the buildings of a use report (grouped by building) with one kind of peers."""

    portfolio: Portfolio
    reference: ReferenceData
    factors: Factors
    period: Period

    def compare(self, use: UsageReport, monthly: pl.DataFrame, metric: Metric, peer: Peer) -> BenchmarkReport:
        """The report of one peer group; raises InvalidInput for targets that are not loaded."""
        if peer == "bps":
            raise InvalidInput(
                "No building performance standard targets are loaded.",
                field="peer",
                fix="Use ll97, cbecs or portfolio; targets of other standards are not part of the reference data.",
            )
        if peer == "ll97":
            return self._limits(monthly, metric)
        by_code = {row.group: row for row in use.rows}
        rows = [(b, by_code[b.code]) for b in self.portfolio.buildings if b.code in by_code]
        known = [(b, r, v) for b, r in rows if (v := _eui(r, metric)) is not None]
        if peer == "portfolio":
            return self._report(metric, peer, "portfolio percentile", _among_themselves(known), use.excluded)
        found, lacking = [], list(use.excluded)
        for building, row, value in known:
            try:
                found.append(self._national(building, row, value, metric))
            except NotFound as error:
                lacking.append(Exclusion(building.code, error.message))
        return self._report(metric, peer, LABEL, found, tuple(lacking))

    def _national(self, building: Building, row: UsageRow, value: float, metric: Metric) -> BenchmarkRow:
        median = self.reference.median_eui(building.building_type, self.period.start)
        sigma = self.reference.sigma(building.building_type)
        self.factors.used.note(median, self.period.start)
        self.factors.used.versions.add(sigma.version)
        peer_median = median.site_kbtu_per_ft2 if metric == "site_eui" else median.source_kbtu_per_ft2
        # Money is spent on site energy: a source gap is not priced.
        price = row.cost_usd / row.energy_kbtu if metric == "site_eui" and row.cost_usd and row.energy_kbtu else None
        area = building.gross_floor_area_ft2 or 0.0
        mark = benchmark(value, area, peer_median, sigma.value, usd_per_kbtu=price)
        return BenchmarkRow(
            building.code,
            building.name,
            building.building_type,
            value,
            EUI_UNIT,
            mark.percentile,
            mark.peer_median_eui,
            mark.peer_p75_eui,
            mark.ratio_to_median,
            mark.gap_to_median_kbtu,
            mark.gap_to_p75_kbtu,
            mark.gap_to_median_usd,
            mark.gap_to_p75_usd,
        )

    def _limits(self, monthly: pl.DataFrame, metric: Metric) -> BenchmarkReport:
        found, lacking = [], []
        for building in self.portfolio.buildings:
            if self.portfolio.site_of(building).city != "New York":
                lacking.append(Exclusion(building.code, "Local Law 97 applies in New York City only"))
                continue
            try:
                found.append(self._limit(building, monthly))
            except (NotFound, InvalidInput) as error:
                lacking.append(Exclusion(building.code, error.message))
        return self._report(metric, "ll97", "emissions against Local Law 97", found, tuple(lacking))

    def _limit(self, building: Building, monthly: pl.DataFrame) -> BenchmarkRow:
        at, area = date(self.period.start.year, 12, 31), building.gross_floor_area_ft2
        if not area:
            raise InvalidInput("gross_floor_area_ft2 is missing.", field="gross_floor_area_ft2")
        energy = self._year(building.code, monthly)
        limit = self.reference.ll97_limit(building.building_type, at)
        penalty = self.reference.ll97_penalty("over_limit", at)
        coefficients = {name: self.reference.ll97_coefficient(name, at) for name in energy}
        for record in (limit, penalty, *coefficients.values()):
            self.factors.used.note(record, at)
        values = {name: figure.value for name, figure in coefficients.items()}
        kind = building.building_type
        result = emission_limit(energy, values, {kind: area}, {kind: limit.value}, penalty.value)
        ratio = result.emissions_t_co2e / result.limit_t_co2e
        none = (None, None, None)
        return BenchmarkRow(
            building.code,
            building.name,
            kind,
            result.emissions_t_co2e,
            "tCO2e/yr",
            *none,
            ratio,
            *none,
            None,
            limit=result.limit_t_co2e,
            penalty_usd_per_y=result.penalty_usd,
        )

    def _year(self, code: str, monthly: pl.DataFrame) -> dict[str, float]:
        """Energy of the period by commodity: kWh of electricity, kBtu of the rest."""
        inside = pl.col("month").is_between(self.period.start, self.period.end, closed="left")
        own = monthly.filter((pl.col("building_code") == code) & inside & (pl.col("commodity") != Commodity.WATER))
        sums = own.filter(pl.col("commodity") != Commodity.SOLAR).group_by("commodity").agg(pl.col("energy").sum())
        if self.period.months != 12 or sums.is_empty():
            raise InvalidInput("A yearly limit needs the readings of 12 months.", field="period")
        electric = str(Commodity.ELECTRICITY)
        return {name: wh / 1000.0 * (1.0 if name == electric else KBTU_PER_KWH) for name, wh in sums.iter_rows()}

    def _report(
        self, metric: Metric, peer: Peer, label: str, rows: Sequence[BenchmarkRow], excluded: Sequence[Exclusion]
    ) -> BenchmarkReport:
        worst_first = sorted(rows, key=lambda r: (-(r.ratio_to_median or 0.0), -r.value, r.building_code))
        name = "ghg_emissions" if peer == "ll97" else metric
        return BenchmarkReport(name, peer, label, peer == "cbecs", tuple(worst_first), tuple(excluded))


def _eui(row: UsageRow, metric: Metric) -> float | None:
    return row.site_eui_kbtu_per_ft2 if metric == "site_eui" else row.source_eui_kbtu_per_ft2


def _among_themselves(known: Sequence[tuple[Building, UsageRow, float]]) -> list[BenchmarkRow]:
    values = pl.Series([value for _, _, value in known], dtype=pl.Float64)
    ranks = portfolio_percentile(values.to_numpy())
    median, better = (values.quantile(q, interpolation="linear") or 0.0 for q in (0.5, 0.25))
    rows = []
    for (building, _, value), rank in zip(known, ranks, strict=True):
        area = building.gross_floor_area_ft2 or 0.0
        gaps = ((value - median) * area, (value - better) * area)
        names = (building.code, building.name, building.building_type)
        ratio = value / median if median else None
        rows.append(BenchmarkRow(*names, value, EUI_UNIT, float(rank), median, better, ratio, *gaps, None, None))
    return rows
