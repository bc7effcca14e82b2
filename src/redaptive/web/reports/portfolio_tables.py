"""Key figures and tables of the portfolio report; every number is copied from an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from redaptive.web.blocks import Cell, Column, Kpi, Kpis, Table
from redaptive.web.numbers import compact, grouped

Answers = Mapping[str, Mapping[str, Any]]
Row = Mapping[str, Any]


def kpis(answers: Answers) -> Kpis:
    """Headline figures: use and cost of the period, and the chosen projects where there are any."""
    total, period = answers["usage"]["value"]["total"], answers["usage"]["inputs_used"]["period"]
    items = [
        Kpi("Electricity", compact(total["electricity_kwh"]), "kWh", period),
        Kpi("Gas", compact(total["gas_therms"]), "therms", period),
        Kpi("Energy cost", compact(total["cost_usd"]), "USD", _partly(answers, "price", "without demand charges")),
        Kpi("Emissions", compact(total["emissions_tco2e"]), "tCO2e", _partly(answers, "factor", "location-based")),
        Kpi("Site EUI", compact(total["site_eui_kbtu_per_ft2"]), "kBtu/ft²·yr", f"{total['eui_buildings']} buildings"),
    ]
    chosen = answers.get("projects", {}).get("value", {}).get("selection")
    if chosen and chosen["chosen"]:
        items += [
            Kpi("Investment", compact(chosen["capex_usd"]), "USD", f"{len(chosen['chosen'])} projects"),
            Kpi("Net savings", compact(chosen["savings_usd_per_y"]), "USD/yr", f"NPV {compact(chosen['npv_usd'])} USD"),
            Kpi("Payback", compact(chosen["simple_payback_y"]), "years", "simple, net of upkeep"),
            Kpi("Avoided", compact(chosen["t_co2e_per_y"]), "tCO2e/yr", "average factors"),
        ]
    return Kpis("kpis", tuple(items))


def _partly(answers: Answers, what: str, otherwise: str) -> str:
    """`otherwise`, or that some use has no price (factor) and is not in the figure."""
    lacking = any(w.startswith("No ") and what in w for w in answers["usage"]["warnings"])
    return f"incomplete: some use has no {what}" if lacking else otherwise


def group_table(answers: Answers) -> Table:
    """Use by building type with its total."""
    value = answers["usage"]["value"]
    columns = (
        Column("group", "building type"),
        Column("buildings", "buildings"),
        Column("floor_area_ft2", "floor area", "ft²"),
        Column("electricity_kwh", "electricity", "kWh"),
        Column("gas_therms", "gas", "therms"),
        Column("cost_usd", "cost", "USD"),
        Column("emissions_tco2e", "emissions", "tCO2e"),
        Column("site_eui_kbtu_per_ft2", "site EUI", "kBtu/ft²·yr", 1),
        Column("source_eui_kbtu_per_ft2", "source EUI", "kBtu/ft²·yr", 1),
        Column("peak_kw", "peak", "kW"),
        Column("coverage_pct", "coverage", "%", 1),
        Column("yoy_pct", "year on year", "%", 1),
    )
    return _table("groups", "Use by building type", columns, [*value["rows"], value["total"]])


def building_table(answers: Answers) -> Table | None:
    """Buildings against their peers, worst first."""
    value = answers.get("peers", {}).get("value")
    if not value or not value["rows"]:
        return None
    columns = (
        Column("building_code", "building"),
        Column("building_name", "name"),
        Column("building_type", "type"),
        Column("value", "site EUI", "kBtu/ft²·yr", 1),
        Column("peer_median", "peer median", "kBtu/ft²·yr", 1),
        Column("ratio_to_median", "ratio", "", 2),
        Column("percentile", value["label"], "1-100", 0),
        Column("gap_to_median_usd", "gap to median", "USD/yr"),
        Column("gap_to_p75_usd", "gap to best quarter", "USD/yr"),
    )
    note = "Higher percentile = less energy. An estimate from published medians; not an ENERGY STAR score."
    return _table("buildings", "Buildings against their peers", columns, value["rows"], note=note, limit=15)


def project_table(answers: Answers) -> Table | None:
    """The chosen projects."""
    value = answers.get("projects", {}).get("value")
    if not value or not value["projects"]:
        return None
    chosen = value["selection"]
    note = (
        f"Chosen from {value['considered']} opportunities; optimality gap {chosen['mip_gap']:.2%}; "
        f"{grouped(chosen['unspent_usd'])} USD unspent; discount rate {value['discount_rate']:.1%}."
    )
    return _opportunities("projects", "Recommended projects for the budget", value["projects"], note, 25)


def opportunity_table(answers: Answers) -> Table | None:
    """All opportunities, largest saving first."""
    value = answers.get("opportunities", {}).get("value")
    if not value or not value["opportunities"]:
        return None
    note = "Measures act in order, each on what the earlier ones left: their savings may be added."
    return _opportunities("opportunities", "All opportunities found", value["opportunities"], note, 15)


def excluded_table(answers: Answers) -> Table | None:
    """Buildings left out of intensities or screening."""
    rows: list[Row] = []
    for step, what in (("buildings", "EUI"), ("peers", "peers")):
        rows += [{**r, "of": what} for r in answers.get(step, {}).get("value", {}).get("excluded", ())]
    skipped = answers.get("opportunities", {}).get("value", {}).get("skipped", ())
    rows += [{"building_code": s["building_code"], "of": "opportunities", "reason": s["missing"]} for s in skipped]
    if not rows:
        return None
    columns = (Column("building_code", "building"), Column("of", "left out of"), Column("reason", "missing"))
    return _table("excluded", "Buildings left out", columns, rows, limit=15)


def not_screened_table(answers: Answers) -> Table | None:
    """Measures that could not be judged in some buildings."""
    found = answers.get("opportunities", {}).get("value", {}).get("not_screened", ())
    rows = [
        {"measure": n["measure"], "missing": ", ".join(n["missing"]), "buildings": len(n["buildings"])} for n in found
    ]
    if not rows:
        return None
    columns = (Column("measure", "measure"), Column("missing", "missing input"), Column("buildings", "buildings"))
    return _table("not-screened", "Measures not screened for want of data", columns, rows, limit=15)


def provenance_table(answers: Answers) -> Table:
    """Method, factor versions and sources of each answer."""
    rows = [
        {
            "step": step,
            "method": answer["method"],
            "factors": ", ".join(answer["factor_version"]) or "none",
            "sources": "; ".join(f"{s['kind']} {s['id']} ({s['version']})" for s in answer["provenance"]),
            "coverage": answer["data_quality"]["coverage_pct"],
        }
        for step, answer in answers.items()
    ]
    columns = (
        Column("step", "part"),
        Column("method", "method"),
        Column("factors", "factor versions"),
        Column("sources", "read from"),
        Column("coverage", "coverage", "%", 1),
    )
    return _table("provenance", "Methods, factors and sources", columns, rows)


def _opportunities(block: str, title: str, found: Sequence[Row], note: str, limit: int) -> Table:
    rows = [
        {
            **o,
            "capex": o["capex_usd"]["mid"],
            "why": "; ".join(_evidence(e) for e in o["evidence"]),
        }
        for o in found
    ]
    columns = (
        Column("building_code", "building"),
        Column("title", "measure"),
        Column("savings_usd_per_y", "savings", "USD/yr"),
        Column("capex", "cost", "USD"),
        Column("simple_payback_y", "payback", "years", 1),
        Column("savings_kwh", "electricity", "kWh/yr"),
        Column("savings_therms", "gas", "therms/yr"),
        Column("avoided_t_co2e_per_y", "avoided", "tCO2e/yr", 1),
        Column("confidence", "confidence"),
        Column("why", "evidence"),
    )
    return _table(block, title, columns, rows, note=note, limit=limit)


def _evidence(e: Row) -> str:
    name, unit = e["metric"].removesuffix("_ft2").replace("_", " "), "" if e["unit"] == "ratio" else f" {e['unit']}"
    if e["threshold"] in (0.0, "", None):
        return f"{name} {_plain(e['value'])}{unit}"
    return f"{name} {_plain(e['value'])}{unit} (limit {_plain(e['threshold'])})"


def _plain(value: object) -> str:
    if not isinstance(value, float):
        return str(value).replace("_", " ")
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.2f}"


def _table(
    block: str,
    title: str,
    columns: tuple[Column, ...],
    rows: Sequence[Row],
    *,
    note: str = "",
    limit: int | None = None,
) -> Table:
    cells: tuple[tuple[Cell, ...], ...] = tuple(tuple(row.get(c.key) for c in columns) for row in rows)
    return Table(block, title, columns, cells, note, limit)
