"""Use of a portfolio by group from monthly building rows: energy, money, emissions, intensity, coverage, trend.

Sums are taken over all months and buildings given. The intensity (EUI) of a group is the energy of its eligible
buildings in the 12 months up to the end of the period, also where the period is shorter, over their floor area; a
building that is not eligible is listed with its reason. Electricity is net import plus on-site solar generation. Peak
is the sum of the buildings' own maxima (non-coincident): an upper bound of the group's real peak. Year on year
compares only building, commodity and calendar months that have at least 95 % of their readings in both years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from redaptive.domain.constants import KBTU_PER_KWH, KBTU_PER_THERM
from redaptive.domain.intervals import next_month
from redaptive.domain.portfolio.eui import MIN_COVERAGE_PCT, MONTHS, eui_refusal
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.shortlist import some_of
from redaptive.errors import InvalidInput

PEAK_NOTE: Final = "Peak kW is the sum of the buildings' own maxima (non-coincident), an upper bound."
GROUP_COLUMNS: Final = (
    "sector",
    "building_type",
    "state",
    "climate_zone",
    "customer_code",
    "site_code",
    "building_code",
)


@dataclass(frozen=True)
class UsageRow:
    """Use of one group in the period; EUIs are of its `eui_buildings` over the 12 months up to its end.

    Cost and emissions are None where no row has a price or factor; where some lack one, a warning names them.
    """

    group: str
    buildings: int
    floor_area_ft2: float
    electricity_kwh: float
    gas_therms: float
    energy_kbtu: float
    water_kl: float
    cost_usd: float | None
    emissions_tco2e: float | None
    peak_kw: float
    coverage_pct: float
    flagged_pct: float
    estimated_pct: float
    eui_buildings: int
    site_eui_kbtu_per_ft2: float | None
    source_eui_kbtu_per_ft2: float | None
    yoy_pct: float | None


@dataclass(frozen=True)
class Exclusion:
    """A building left out of the EUI and why."""

    building_code: str
    reason: str


@dataclass(frozen=True)
class MonthTotal:
    """Use of all buildings in one local month; `coverage_pct` counts the readings of energy meters."""

    month: date
    electricity_kwh: float
    gas_therms: float
    electricity_kbtu: float
    gas_kbtu: float
    other_kbtu: float
    coverage_pct: float


@dataclass(frozen=True)
class UsageReport:
    """Rows by group (sorted), their total, the months, the buildings without EUI, and what the sums lack."""

    group_by: str
    rows: tuple[UsageRow, ...]
    total: UsageRow
    months: tuple[MonthTotal, ...]
    excluded: tuple[Exclusion, ...]
    warnings: tuple[str, ...]


def analyze_usage(
    monthly: pl.DataFrame,
    buildings: pl.DataFrame,
    factors: pl.DataFrame,
    source_factors: Mapping[Commodity, float],
    *,
    start_month: date,
    end_month: date,
    group_by: str = "sector",
) -> UsageReport:
    """The use of each group of `buildings` in the local months [start_month, end_month).

    `monthly`: building_code, commodity, month (Date), energy (Wh; litres for water), peak_w, n, n_expected,
    n_flagged, n_estimated; rows of the year before serve the trend. `buildings`: building_code,
    gross_floor_area_ft2, site_code and the column `group_by`. `factors`: site_code, commodity, usd_per_unit,
    kg_co2e_per_unit per kWh (per 1,000 litres for water); null or no row is unknown and warned about.
    """
    _check(monthly, buildings, start_month, end_month, group_by)
    known = monthly.with_columns(pl.col("commodity").cast(pl.String), pl.col("month").cast(pl.Date)).join(
        buildings.select("building_code", "site_code", group=_group(group_by)), on="building_code", how="inner"
    )
    period = known.filter(pl.col("month").is_between(start_month, end_month, closed="left"))
    valued = _valued(period, factors)
    intensity = _intensity(known, buildings, source_factors, end_month)
    per_building = (
        buildings.select("building_code", "gross_floor_area_ft2", group=_group(group_by))
        .join(_building_sums(valued, start_month, end_month), on="building_code", how="left")
        .join(intensity, on="building_code", how="left")
        .join(_trend(known, start_month, end_month), on="building_code", how="left")
    )
    rows = _rows(per_building)
    total = _rows(per_building.with_columns(group=pl.lit("total")))[0]
    excluded = intensity.filter(pl.col("reason").is_not_null()).sort("building_code")
    reasons = tuple(Exclusion(code, why) for code, why in excluded.select("building_code", "reason").iter_rows())
    return UsageReport(group_by, tuple(rows), total, _month_totals(period), reasons, _warnings(valued, per_building))


def _month_totals(period: pl.DataFrame) -> tuple[MonthTotal, ...]:
    kwh = pl.col("energy").cast(pl.Float64) / 1000.0
    electric, gas = _is(Commodity.ELECTRICITY, Commodity.SOLAR), _is(Commodity.GAS)
    table = (
        period.filter(~_is(Commodity.WATER))
        .group_by("month")
        .agg(
            electricity_kwh=kwh.filter(electric).sum(),
            gas_therms=kwh.filter(gas).sum() * (KBTU_PER_KWH / KBTU_PER_THERM),
            electricity_kbtu=kwh.filter(electric).sum() * KBTU_PER_KWH,
            gas_kbtu=kwh.filter(gas).sum() * KBTU_PER_KWH,
            other_kbtu=kwh.filter(~electric & ~gas).sum() * KBTU_PER_KWH,
            coverage_pct=_ratio(100.0 * pl.col("n").sum(), pl.col("n_expected").sum()).fill_null(0.0),
        )
    )
    return tuple(MonthTotal(**row) for row in table.sort("month").iter_rows(named=True))


def _check(monthly: pl.DataFrame, buildings: pl.DataFrame, start: date, end: date, group_by: str) -> None:
    if group_by not in GROUP_COLUMNS:
        raise InvalidInput(
            f"Groups by {group_by!r} do not exist.", field="group_by", fix=f"Use one of: {', '.join(GROUP_COLUMNS)}."
        )
    if start >= end:
        raise InvalidInput(f"The period {start} to {end} is empty.", field="start_month", fix="Give an earlier start.")
    if buildings.is_empty():
        raise InvalidInput("No building matches.", field="buildings", fix="Widen the filters.")
    if monthly.select("building_code", "commodity", "month").is_duplicated().any():
        raise InvalidInput(
            "A building has two rows of one commodity and month.", field="monthly", fix="Sum its main meters first."
        )


def _group(group_by: str) -> pl.Expr:
    return pl.col(group_by).cast(pl.String).fill_null("unknown")


def _is(*commodities: Commodity) -> pl.Expr:
    return pl.col("commodity").is_in([str(c) for c in commodities])


def _valued(period: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Rows with kWh (or kilolitres) as `units`, USD and kg; solar costs and emits nothing unless a factor says so."""
    joined = period.join(
        factors.with_columns(pl.col("commodity").cast(pl.String)), on=["site_code", "commodity"], how="left"
    )
    free = _is(Commodity.SOLAR)
    priced = [
        pl.when(free).then(pl.col(name).fill_null(0.0)).otherwise(pl.col(name))
        for name in ("usd_per_unit", "kg_co2e_per_unit")
    ]
    units = pl.col("energy").cast(pl.Float64) / 1000.0
    return joined.with_columns(*priced, units=units).with_columns(
        usd=pl.col("units") * pl.col("usd_per_unit"), kg=pl.col("units") * pl.col("kg_co2e_per_unit")
    )


def _building_sums(valued: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """One row per building. Months without a row count as missing: a commodity's expected number is scaled up."""
    months = _months(start, end)
    units, energy = pl.col("units"), ~_is(Commodity.WATER)
    by_commodity = valued.group_by("building_code", "commodity").agg(
        pl.col("n", "n_flagged", "n_estimated").sum(), expected=pl.col("n_expected").sum() * (months / pl.len())
    )
    counts = by_commodity.group_by("building_code").agg(pl.col("n", "n_flagged", "n_estimated", "expected").sum())
    sums = valued.group_by("building_code").agg(
        electricity_kwh=units.filter(_is(Commodity.ELECTRICITY, Commodity.SOLAR)).sum(),
        gas_therms=units.filter(_is(Commodity.GAS)).sum() * (KBTU_PER_KWH / KBTU_PER_THERM),
        energy_kbtu=units.filter(energy).sum() * KBTU_PER_KWH,
        water_kl=units.filter(~energy).sum(),
        cost_usd=_known_sum("usd"),
        emissions_tco2e=_known_sum("kg") / 1000.0,
        peak_kw=pl.col("peak_w").filter(_is(Commodity.ELECTRICITY)).max() / 1000.0,
    )
    return sums.join(counts, on="building_code", how="left")


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _intensity(
    known: pl.DataFrame, buildings: pl.DataFrame, source_factors: Mapping[Commodity, float], end: date
) -> pl.DataFrame:
    """Per building: site and source kBtu of the last 12 months and the area, or the reason why there is none."""
    last_year = pl.col("month").is_between(next_month(end, -MONTHS), end, closed="left")
    year = known.filter(last_year & ~_is(Commodity.WATER))
    factors = pl.DataFrame({"commodity": [str(c) for c in source_factors], "factor": list(source_factors.values())})
    kbtu = pl.col("energy").cast(pl.Float64) * (KBTU_PER_KWH / 1000.0)
    by_commodity = year.group_by("building_code", "commodity").agg(
        kbtu=kbtu.sum(), months=pl.len(), n=pl.col("n").sum(), expected=pl.col("n_expected").sum()
    )
    grid = pl.col("kbtu").filter(_is(Commodity.ELECTRICITY)).sum()
    exported = pl.min_horizontal(grid, pl.lit(0.0))
    electricity, solar = (source_factors.get(c, 0.0) for c in (Commodity.ELECTRICITY, Commodity.SOLAR))
    per_building = (
        by_commodity.join(factors, on="commodity", how="left")
        .group_by("building_code")
        .agg(
            site_kbtu=pl.col("kbtu").sum(),
            source_kbtu=(pl.col("kbtu") * pl.col("factor")).sum() + exported * (solar - electricity),
            months=pl.col("months").min(),
            coverage=(100.0 * pl.col("n") / pl.col("expected")).min(),
            unknown=pl.col("commodity").filter(pl.col("factor").is_null()).sort().str.join(", "),
        )
    )
    table = buildings.select("building_code", "gross_floor_area_ft2").join(per_building, on="building_code", how="left")
    reasons = [
        eui_refusal(area, months or 0, coverage or 0.0) or (f"no source factor for {unknown}" if unknown else None)
        for area, months, coverage, unknown in table.select(
            "gross_floor_area_ft2", "months", "coverage", "unknown"
        ).iter_rows()
    ]
    table = table.with_columns(reason=pl.Series(reasons, dtype=pl.String))
    fit = pl.col("reason").is_null()
    columns = {"eui_area": "gross_floor_area_ft2", "eui_site": "site_kbtu", "eui_source": "source_kbtu"}
    kept = {name: pl.when(fit).then(pl.col(column)) for name, column in columns.items()}
    return table.select("building_code", "reason", **kept)


def _trend(known: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """kWh of each building this period and the same months a year before, like for like."""
    full = known.filter((100.0 * pl.col("n") >= MIN_COVERAGE_PCT * pl.col("n_expected")) & ~_is(Commodity.WATER))
    keyed = full.select("building_code", "commodity", "month", energy=pl.col("energy").cast(pl.Float64))
    now = keyed.filter(pl.col("month").is_between(start, end, closed="left"))
    before = keyed.with_columns(pl.col("month").dt.offset_by("1y"))
    pairs = now.join(before, on=["building_code", "commodity", "month"], how="inner", suffix="_before")
    return pairs.group_by("building_code").agg(now=pl.col("energy").sum(), before=pl.col("energy_before").sum())


def _rows(per_building: pl.DataFrame) -> list[UsageRow]:
    plain = ("electricity_kwh", "gas_therms", "energy_kbtu", "water_kl", "peak_kw")
    expected, area = pl.col("expected").sum(), pl.col("eui_area").sum()
    shares = {"coverage_pct": "n", "flagged_pct": "n_flagged", "estimated_pct": "n_estimated"}
    table = per_building.group_by("group").agg(
        pl.col(*plain).fill_null(0.0).sum(),
        cost_usd=_known_sum("cost_usd"),
        emissions_tco2e=_known_sum("emissions_tco2e"),
        buildings=pl.len(),
        floor_area_ft2=pl.col("gross_floor_area_ft2").fill_null(0.0).sum().cast(pl.Float64),
        **{name: _ratio(100.0 * pl.col(column).sum(), expected).fill_null(0.0) for name, column in shares.items()},
        eui_buildings=pl.col("eui_area").count(),
        site_eui_kbtu_per_ft2=_ratio(pl.col("eui_site").sum(), area),
        source_eui_kbtu_per_ft2=_ratio(pl.col("eui_source").sum(), area),
        yoy_pct=_ratio(100.0 * (pl.col("now").sum() - pl.col("before").sum()), pl.col("before").sum()),
    )
    return [UsageRow(**row) for row in table.sort("group").iter_rows(named=True)]


def _known_sum(column: str) -> pl.Expr:
    """The sum of what is known; null, not zero, where nothing is."""
    return pl.when(pl.col(column).is_not_null().any()).then(pl.col(column).sum())


def _ratio(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    return pl.when(below > 0).then(above / below)


def _warnings(valued: pl.DataFrame, per_building: pl.DataFrame) -> tuple[str, ...]:
    found = [PEAK_NOTE]
    for column, what in (("usd_per_unit", "price"), ("kg_co2e_per_unit", "emission factor")):
        lacking = valued.filter(pl.col(column).is_null()).select("site_code", "commodity").unique().sort(pl.all())
        names = [f"{site} {commodity}" for site, commodity in lacking.iter_rows()]
        if names:
            found.append(f"No {what} for {some_of(names)}: left out of the sum.")
    silent = per_building.filter(pl.col("electricity_kwh").is_null())["building_code"].sort().to_list()
    if silent:
        found.append(f"{len(silent)} buildings have no reading in the period: {', '.join(silent[:5])}.")
    return tuple(found)
