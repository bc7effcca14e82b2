"""What people mean by a tool's outcome: its main figures, words for its fields and for the values of its closed lists."""
# ruff: noqa: E501, SIM905 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Product

MAIN: Final[Mapping[str, Sequence[str]]] = {
    "satisfaction_insights": ("csat",),
    "savings_report": ("avoided_kwh", "avoided_usd", "net_benefit_usd"),
    "sla_status": ("met_pct", "response_h"),
    "classify_document": ("confidence",),
    "extract_certificate": ("days_left", "energy_mwh", "score"),
    "extract_utility_bill": ("amount_due_usd", "total_usd", "energy_kwh"),
    "validate_and_audit_bill": ("overcharged_usd",),
    "calculate_bill": ("total_usd",),
    "compare_tariffs": ("saving_usd_per_y",),
    "design_eaas_contract": ("first_fee_usd_per_y", "customer.npv_usd", "provider.irr"),
    "project_cashflow": ("npv_usd", "simple_payback_y", "irr"),
    "select_projects": ("npv_usd", "savings_usd_per_y"),
    "simulate_risk": ("loss_probability", "npv_p50_usd"),
    "size_pv_storage": ("savings_usd_per_y", "simple_payback_y", "capex_usd"),
    "verify_savings": ("avoided_kwh", "avoided_pct", "settlement_usd"),
    "detect_anomalies": ("usd_per_day", "excess_per_day", "score"),
    "get_meter_status": ("silent", "late", "latency_s"),
    "peak_alert": ("projected_peak_kw", "usd_at_stake"),
    "validate_estimate_edit": ("intervals",),
    "chiller_performance": ("specific_kw_per_ton", "cop", "deviation_pct"),
    "cost_of_fault": ("cost_usd_per_day", "cost_usd_per_y"),
    "degradation_trend": ("change_pct_per_y",),
    "evaluate_ahu_rules": ("active_h", "probability"),
    "evaluate_plant_vav_rules": ("active_h", "probability"),
    "predict_remaining_life": ("median_residual_life_y", "failure_probability_12_months"),
    "recommend_maintenance": ("total_worth_usd_per_day", "worth_usd_per_day"),
    "carbon_intensity": ("mean_kg_co2e_per_kwh",),
    "dr_event_optimize": ("payment_usd", "committed_kw"),
    "emissions_inventory": ("total_location_t_co2e", "total_market_t_co2e"),
    "find_incentives": ("combined_usd", "amount_usd"),
    "get_prices": ("mean_usd_per_mwh", "max_usd_per_mwh"),
    "procurement_risk": ("fixed_is_cheaper_probability", "index_p95_usd"),
    "analyze_portfolio_usage": ("total.electricity_kwh", "total.site_eui_kbtu_per_ft2", "total.cost_usd"),
    "benchmark_buildings": ("percentile", "value", "ratio_to_median"),
    "find_opportunities": ("total_savings_usd_per_y", "simple_payback_y", "total_capex_usd"),
    "load_shape_metrics": ("load_factor", "peak_kw", "base_kw"),
    "rank_and_summarize_portfolio": ("selection.npv_usd", "selection.savings_usd_per_y"),
    "weather_normalize": ("change_pct", "reporting.normal_year_kwh", "baseline.normal_year_kwh"),
    "commissioning_checklist": ("acceptance_pct",),
    "earned_value": ("cost_index", "schedule_index", "cost_variance_usd"),
    "labor_saved": ("saved_h",),
    "schedule_projects": ("makespan_days",),
    "track_permits": ("at_risk", "slip_p80_days"),
}  # fmt: skip
"""Tool -> the figures that it is asked for, the most usual first."""
MEANT: Final[Mapping[str, Sequence[str]]] = {
    "overcharge": ("overcharged",), "overcharged": ("overcharged",), "overcharges": ("overcharged",), "overbilled": ("overcharged",),
    "cheaper": ("saving",), "saves": ("savings",), "save": ("savings",), "saved": ("saved", "savings"), "savings": ("savings", "avoided"),
    "saving": ("saving",), "fall": (), "cost": ("cost",), "costs": ("cost",), "expensive": ("cost",), "emissions": ("t_co2e",),
    "emission": ("t_co2e",), "carbon": ("co2e",), "peak": ("peak",), "demand": ("peak", "projected"), "waste": ("usd_per_day",),
    "wastes": ("usd_per_day",), "payback": ("payback",), "pays": ("payback",), "return": ("irr",), "probability": ("probability",),
    "chance": ("probability",), "likelihood": ("probability",), "odds": ("probability",), "likely": ("probability",), "late": ("late", "slip", "at_risk"),
    "slip": ("slip",), "delay": ("slip",), "budget": ("cost_variance", "cost_index"), "behind": ("schedule",), "schedule": ("schedule",),
    "lifetime": ("residual",), "life": ("residual",), "left": ("residual", "days_left"), "expires": ("days_left", "expires"), "expiry": ("days_left", "expires"), "valid": ("days_left", "expires"),
    "expire": ("days_left", "expires"), "fails": ("failure",), "fail": ("failure",), "failure": ("failure",), "loss": ("loss",), "losing": ("loss",),
    "lose": ("loss",), "coverage": ("coverage",), "percentile": ("percentile",), "efficiency": ("kw_per_ton", "cop"), "confident": ("confidence",),
    "sure": ("confidence",), "confidence": ("confidence",), "certainty": ("confidence",), "risk": ("risk",), "forecast": ("projected",),
    "expected": ("projected",), "predicted": ("projected",), "projected": ("projected",), "profitable": ("npv",), "npv": ("npv",), "gap": ("gap",),
    "breach": ("breach",), "silent": ("silent",), "offline": ("silent",), "down": ("silent",), "dead": ("silent",), "dark": ("silent",),
    "mute": ("silent",), "reporting": ("silent", "late"), "intensity": ("intensity", "kg_co2e"), "mean": ("mean",), "average": ("mean",),
    "highest": ("max",), "maximum": ("max",), "max": ("max",), "lowest": ("min_",), "minimum": ("min_",), "total": ("total",), "amount": ("amount", "total"),
    "due": ("amount_due", "total"), "bill": ("total",), "invoice": ("total",), "score": ("score", "csat"), "satisfaction": ("csat",), "rating": ("csat",),
    "cpi": ("cost_index",), "spi": ("schedule_index",), "irr": ("irr",), "eui": ("eui", "value"), "rebate": ("combined", "amount"),
    "rebates": ("combined", "amount"), "incentive": ("combined", "amount"), "incentives": ("combined", "amount"), "payment": ("payment",),
    "fee": ("fee",), "degrades": ("change_pct",), "degradation": ("change_pct",), "worse": ("change_pct",), "worsening": ("change_pct",),
    "uncertainty": ("fsu", "uncertainty"), "flagged": ("flags", "flag"), "missing": ("flags", "missing"), "gaps": ("flags",), "bad": ("flags",),
    "found": (), "finds": (), "shows": (), "anything": (), "errors": ("findings",), "problems": ("findings", "faults"), "issues": ("findings", "faults"),
    "measures": ("opportunities",), "unusual": ("anomalies",), "fault": ("faults",), "outlay": ("capex",), "investment": ("capex",), "price": ("usd_per_mwh",),
    "prices": ("usd_per_mwh",), "load": ("load", "peak"), "deviates": ("deviation",), "off": ("deviation",), "agrees": (), "renewal": ("days_left",),
    "normalized": ("normal_year",), "normalised": ("normal_year",), "consumption": ("kwh",), "usage": ("kwh",), "energy": ("kwh",), "use": ("kwh",),
}  # fmt: skip
"""Words -> pieces of the names of fields that they stand for."""
CALLED: Final[Mapping[str, str]] = {
    "approved": "issued", "granted": "issued", "overdue": "late", "delayed": "late", "outstanding": "pending", "waiting": "pending",
    "missed": "missed", "breached": "missed", "violated": "missed", "broken": "missed", "green button": "green_button_xml", "energy star": "energy_star",
    "gas bill": "gas_bill", "electric bill": "electric_bill", "electricity bill": "electric_bill", "power bill": "electric_bill", "water bill": "water_bill",
    "esg report": "esg_report", "sustainability report": "esg_report", "rec": "rec_certificate", "leed": "leed", "iso 50001": "iso50001",
    "edi": "edi_810", "certificate": "rec_certificate", "critical": "major", "serious": "major", "severe": "major",
}  # fmt: skip
"""Words for values of closed lists that are not the values themselves."""
ASIDE: Final = (
    "_set",
    "usual",
    "p90",
    "p10",
    "low_",
    "high_",
    "previous",
    "original",
    ".box.",
    ".page",
    "low",
    "high",
    "stage",
    "draws",
    "seed",
    "interval_s",
    "data_year",
)
"""Marks of figures that are meant only when they are named."""
COUNTABLE: Final = frozenset(
    {"overcharged", "saving", "savings", "breach", "slip", "gap", "silent", "late", "at_risk", "over_t", "days_late"}
)
"""Figures of which "is there any" means more than zero."""
_WORD: Final = re.compile(r"[a-z][a-z0-9_]*")
_PLAIN: Final = frozenset(
    """more than less above below over under with that this there their from have been were will would should could about what when
    then only each some any the and for but not its it is are was has had does do did be in on at of to a an if""".split()
)
LEAST_STEM: Final = 4


def meant(text: str) -> Iterator[str]:
    """Pieces of names of fields that the words stand for, or the words themselves, without their endings."""
    for word in _WORD.findall(text.lower()):
        if word in MEANT:
            yield from MEANT[word]
        elif len(word) >= LEAST_STEM and word not in _PLAIN:
            yield word.rstrip("s")


def likeness(product: Product, text: str) -> float:
    """How many of the words a field's name has, less what marks it as an aside."""
    name = f"{product.each or ''}.{product.path}".lower()
    words = set(meant(text))
    score = sum(1.0 for word in words if word and (word in product.path.lower() or (len(word) > 5 and word in name)))
    return score - 0.5 * sum(mark in product.path.lower() for mark in ASIDE)


def main_bonus(tool: str, product: Product) -> float:
    """More for a tool's main figure, less for the next ones."""
    names = MAIN.get(tool.rpartition(".")[2], ())
    return 0.9 - 0.2 * names.index(product.path) if product.path in names else 0.0


def values_of(product: Product) -> list[str]:
    """The values of a closed list."""
    return [str(value) for shape in product.type.shapes for value in shape.rules.get("enum", ())]


def named_values(product: Product, text: str) -> Sequence[str]:
    """The values of a closed list that a text names, by themselves or by other words for them."""
    values, low = values_of(product), text.lower()
    exact = [value for value in values if re.search(rf"\b{re.escape(value.replace('_', ' '))}s?\b", low)]
    other = [CALLED[word] for word in CALLED if CALLED[word] in values and re.search(rf"\b{re.escape(word)}s?\b", low)]
    if exact and "certificate" in low:
        other = [value for value in other if value != CALLED["certificate"]]
    if exact or other:
        return list(dict.fromkeys((*other, *exact)))
    last = [value for value in values if re.search(rf"\b{re.escape(value.rpartition('_')[2])}s?\b", low)]
    return last if product.path.rpartition(".")[2] in ("kind", "type") else []
