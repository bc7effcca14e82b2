"""The intents of the energy trade: what each does in words, what it changes, and which agent it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from redaptive.agents.catalogue import catalogue
from redaptive.agents.tool import SideEffect
from redaptive.errors import NotFound
from redaptive.orchestration.intelligent.matchers.intent_result import Guess
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE

_TITLES: Final = {
    "customer-experience.answer_question": "answer a question about figures in a report or invoice of ours",
    "customer-experience.create_or_update_ticket": "open or change a support ticket",
    "customer-experience.notify": "send somebody a message",
    "customer-experience.satisfaction_insights": "show how content customers are",
    "customer-experience.savings_report": "write a customer's savings report",
    "customer-experience.sla_status": "check response times against the service level",
    "document-processing.classify_document": "say what kind of document a file is",
    "document-processing.extract_certificate": "read a certificate",
    "document-processing.extract_esg_metrics": "take sustainability figures out of a report",
    "document-processing.extract_utility_bill": "read the figures of a utility bill",
    "document-processing.parse_edi": "read an EDI message",
    "document-processing.parse_green_button": "read a Green Button file",
    "document-processing.validate_and_audit_bill": "check a bill for errors",
    "energy-finance.calculate_bill": "calculate a bill from readings and a tariff",
    "energy-finance.compare_tariffs": "compare rates for a meter",
    "energy-finance.design_eaas_contract": "design an energy-as-a-service contract",
    "energy-finance.project_cashflow": "calculate a project's cash flow, NPV and payback",
    "energy-finance.select_projects": "choose the best projects for a budget",
    "energy-finance.simulate_risk": "simulate the risk of a project's return",
    "energy-finance.size_pv_storage": "size solar panels and a battery",
    "energy-finance.verify_savings": "verify the savings of a finished project",
    "energy-monitoring.detect_anomalies": "find unusual energy use",
    "energy-monitoring.forecast_load": "forecast the load of a meter",
    "energy-monitoring.get_meter_status": "show whether meters report",
    "energy-monitoring.ingest_readings": "take readings in",
    "energy-monitoring.peak_alert": "see whether a billing peak is about to rise",
    "energy-monitoring.raise_or_acknowledge_alert": "raise, list or settle an alert",
    "energy-monitoring.validate_estimate_edit": "check and repair a meter's readings",
    "equipment-performance.chiller_performance": "calculate a chiller's efficiency",
    "equipment-performance.cost_of_fault": "price an equipment fault",
    "equipment-performance.degradation_trend": "show how fast equipment gets worse",
    "equipment-performance.evaluate_ahu_rules": "check an air handler for faults",
    "equipment-performance.evaluate_plant_vav_rules": "check a plant, tower or VAV box for faults",
    "equipment-performance.predict_remaining_life": "predict how long equipment lasts",
    "equipment-performance.recommend_maintenance": "rank maintenance work",
    "market-intelligence.carbon_intensity": "look up how clean grid power is",
    "market-intelligence.dr_event_optimize": "plan a demand-response event",
    "market-intelligence.emissions_inventory": "make a greenhouse gas inventory",
    "market-intelligence.find_incentives": "find rebates and tax credits",
    "market-intelligence.get_prices": "look up wholesale power prices",
    "market-intelligence.get_tariffs": "look up utility rates",
    "market-intelligence.procurement_risk": "compare a fixed supply offer with the market",
    "portfolio-intelligence.analyze_portfolio_usage": "show the use, cost and emissions of a portfolio",
    "portfolio-intelligence.benchmark_buildings": "compare buildings with their peers",
    "portfolio-intelligence.find_opportunities": "find ways to save energy",
    "portfolio-intelligence.load_shape_metrics": "describe a meter's daily load shape",
    "portfolio-intelligence.rank_and_summarize_portfolio": "rank projects and summarise them for executives",
    "portfolio-intelligence.weather_normalize": "take the weather out of a building's use",
    "project-implementation.commissioning_checklist": "make a commissioning checklist",
    "project-implementation.earned_value": "measure a project's cost and schedule performance",
    "project-implementation.labor_saved": "show the labor that automation saved",
    "project-implementation.manage_change_order": "handle a change order",
    "project-implementation.schedule_projects": "schedule projects and crews",
    "project-implementation.track_permits": "follow permits",
    "workflow.anomaly_response": "find an anomaly, diagnose it and alert a field engineer",
    "workflow.bill_to_savings": "go from a bill through usage to lower cost",
    "workflow.esg_report": "make an ESG report with an executive dashboard",
    "workflow.portfolio_optimization": "go from the portfolio through opportunities to the best investments",
}
_WORKFLOW_EFFECTS: Final[Mapping[str, SideEffect]] = {
    "workflow.anomaly_response": "external",
    "workflow.bill_to_savings": "none",
    "workflow.esg_report": "write",
    "workflow.portfolio_optimization": "none",
}
_MOST_CHOICES = 3


@dataclass(frozen=True)
class EnergyIntent:
    """An intent: its title for people, what it changes, the scopes it needs (none: those of its plan)."""

    name: str
    title: str
    side_effect: SideEffect
    scopes: frozenset[str]
    available: bool

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing anywhere."""
        return self.side_effect == "none"

    @property
    def is_workflow(self) -> bool:
        """Whether it is a pattern of several tools."""
        return self.name.startswith("workflow.")


@cache
def intents() -> Mapping[str, EnergyIntent]:
    """Every intent by name: the 54 tools and the four workflows."""
    tools = catalogue()
    found = {}
    for name, title in _TITLES.items():
        tool = tools.get(name)
        effect = _WORKFLOW_EFFECTS[name] if tool is None else tool.spec.side_effect
        scopes = frozenset[str]() if tool is None else frozenset({tool.spec.scope})
        found[name] = EnergyIntent(name, title, effect, scopes, tool is None or tool.available)
    return MappingProxyType(found)


def intent(name: str) -> EnergyIntent:
    """The intent called `name`; raises NotFound."""
    try:
        return intents()[name]
    except KeyError:
        raise NotFound(f"There is no intent {name!r}.", field="intent", fix="See `redaptive intents list`.") from None


def offers(ranked: Sequence[Guess]) -> list[tuple[str, str]]:
    """The likeliest intents that a question offers, by name with what each does in words."""
    return [(g.intent, intents()[g.intent].title) for g in ranked if g.intent != OUT_OF_SCOPE][:_MOST_CHOICES]


def choice_question(ranked: Sequence[Guess]) -> str:
    """One short question between the likeliest intents."""
    titles = [title for _, title in offers(ranked)]
    if len(titles) == 1:
        return f"Shall I {titles[0]}?"
    return f"Shall I {', '.join(titles[:-1])}, or {titles[-1]}?"


def confirm_question(name: str) -> str:
    """A yes-or-no question before an intent that changes something."""
    return f"This changes something: shall I {intents()[name].title}?"


def refusal(ranked: Sequence[Guess]) -> str:
    """What is said of a sentence that is out of scope: the nearest things that can be done."""
    near = [intents()[g.intent].title for g in ranked if g.intent != OUT_OF_SCOPE][:2]
    return f"That is outside what I can do. Nearest to it, I can {' or '.join(near)}."
