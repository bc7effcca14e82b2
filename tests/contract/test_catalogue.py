"""The 54 tools of the platform, built or not: names, promises, types, units, and what a call of an unbuilt one says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from pydantic import TypeAdapter

from redaptive.agents.catalogue import CatalogueTool, catalogue
from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.contracts.registry import contracts
from redaptive.agents.documents.results import UtilityBill
from redaptive.agents.invoker import HttpInvoker, InProcessInvoker
from redaptive.agents.principal import local_principal
from redaptive.agents.registry import AgentRegistry, describe, discover
from redaptive.agents.schema_marks import entity_of, unit_of
from redaptive.agents.services import AgentServices
from redaptive.agents.tool import META_KEYS
from redaptive.errors import NotFound, RedaptiveError, Unavailable
from redaptive.settings import Settings

# domain.md, sections 4 to 11, in its order.
NAMES = {
    "portfolio-intelligence": "analyze_portfolio_usage benchmark_buildings weather_normalize load_shape_metrics "
    "find_opportunities rank_and_summarize_portfolio",
    "document-processing": "classify_document extract_utility_bill validate_and_audit_bill parse_green_button "
    "parse_edi extract_certificate extract_esg_metrics",
    "energy-monitoring": "ingest_readings get_meter_status validate_estimate_edit detect_anomalies forecast_load "
    "peak_alert raise_or_acknowledge_alert",
    "energy-finance": "calculate_bill compare_tariffs project_cashflow design_eaas_contract select_projects "
    "size_pv_storage simulate_risk verify_savings",
    "equipment-performance": "chiller_performance evaluate_ahu_rules evaluate_plant_vav_rules degradation_trend "
    "predict_remaining_life cost_of_fault recommend_maintenance",
    "market-intelligence": "get_tariffs get_prices carbon_intensity emissions_inventory find_incentives "
    "dr_event_optimize procurement_risk",
    "project-implementation": "schedule_projects earned_value manage_change_order track_permits "
    "commissioning_checklist labor_saved",
    "customer-experience": "answer_question create_or_update_ticket sla_status savings_report notify "
    "satisfaction_insights",
}
ALL = {f"{agent}.{tool}" for agent, tools in NAMES.items() for tool in tools.split()}
# Everything that changes something, and how; all other tools read or compute.
EFFECTS = {
    "energy-monitoring.ingest_readings": "write",
    "energy-monitoring.validate_estimate_edit": "write",
    "energy-monitoring.raise_or_acknowledge_alert": "write",
    "project-implementation.manage_change_order": "write",
    "customer-experience.create_or_update_ticket": "write",
    "customer-experience.notify": "external",
}
FREE_CODES = {"rate_code", "missing_codes", "postal_code", "delivery_id"}
"""Codes that identify nothing that a tool takes."""
WORDS_ONLY = {"document-processing.classify_document", "customer-experience.notify"}
TOOLS = list(catalogue().values())
DECLARED = [(contract, tool) for contract in contracts().values() for tool in describe(contract).tools]
every_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
every_contract_tool = pytest.mark.parametrize(("contract", "tool"), DECLARED, ids=[tool.name for _, tool in DECLARED])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _fields(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for owner in (schema, *schema.get("$defs", {}).values()):
        for name, part in owner.get("properties", {}).items():
            for leaf in _leaves(part):
                yield name, leaf


def _leaves(part: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [*part.get("anyOf", ()), *([part["items"]] if isinstance(part.get("items"), dict) else ())]
    return [leaf for each in inner for leaf in _leaves(each)] if inner else [part]


def test_the_catalogue_has_exactly_the_54_tools_of_the_design() -> None:
    assert len(ALL) == 54
    assert set(catalogue()) == ALL
    assert catalogue() is catalogue()


def test_a_built_tool_takes_the_place_of_its_contract() -> None:
    built = {tool.name: tool for agent in discover().values() for tool in describe(agent).tools}
    assert {tool.name for tool in TOOLS if tool.available} == set(built)
    for name, tool in built.items():
        assert catalogue()[name].schema_hash == tool.schema_hash


def test_every_unbuilt_tool_comes_from_a_contract_that_is_no_running_agent() -> None:
    declared = {tool.name for _, tool in DECLARED}
    assert {tool.name for tool in TOOLS if not tool.available} <= declared
    assert not any(issubclass(agent, AgentContract) for agent in discover().values())
    assert declared <= ALL


@every_tool
def test_a_tool_promises_latency_cost_scope_and_effect(tool: CatalogueTool) -> None:
    assert set(META_KEYS) <= set(tool.spec.meta())
    assert tool.agent_id in NAMES
    assert 0 < tool.spec.latency_p50_ms <= tool.spec.latency_p95_ms <= tool.spec.timeout_s * 1000
    assert tool.spec.side_effect == EFFECTS.get(tool.name, "none")
    assert (tool.spec.scope.rpartition(":")[2] == "read") == (tool.spec.side_effect == "none")
    assert tool.spec.compensate_with is None or tool.spec.compensate_with in ALL
    assert len(tool.schema_hash) == 16


def test_effects_need_approval_where_they_bind_or_reach_people() -> None:
    needs = {tool.name for tool in TOOLS if tool.spec.approval != "never"}
    assert needs == {"project-implementation.manage_change_order", "customer-experience.notify"}


@every_tool
def test_schemas_are_sound_and_name_units_and_entities(tool: CatalogueTool) -> None:
    for schema in (tool.input_schema, tool.output_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        for name, leaf in _fields(schema):
            if leaf.get("type") in ("number", "integer"):
                assert leaf.get("unit") == unit_of(name), name
            if leaf.get("type") == "string" and name.endswith(("_id", "_ids", "_code", "_codes")):
                assert leaf.get("entity") or name in FREE_CODES, name
    assert tool.input_schema["additionalProperties"] is False
    assert {"value", "unit", "method", "provenance"} <= set(tool.output_schema["properties"])
    assert "$ref" in tool.output_schema["properties"]["value"], "the value is an untyped object"


@every_contract_tool
def test_a_contract_says_when_to_use_a_tool_and_what_it_answers(contract: type[AgentContract], tool: Any) -> None:
    first, *_ = tool.description.splitlines()
    assert len(first) >= 40
    assert first.endswith(".")
    assert "\nUse it " in tool.description or "\nUse " in tool.description
    asked = tool.description.partition("Questions:")[2]
    assert 2 <= len([part for part in asked.replace("?", ".").split(". ") if part.strip()]) <= 6


@every_contract_tool
def test_money_of_a_contract_is_decimal_and_amounts_carry_units(contract: type[AgentContract], tool: Any) -> None:
    for name, leaf in _fields(tool.output_schema):
        if "usd" in name.split("_"):
            assert leaf.get("format") == "decimal" or leaf.get("type") == "null", name
    models = {key: model for key, model in tool.output_schema["$defs"].items() if key != "DataQuality"}
    marked = [name for name, leaf in _fields({"$defs": models}) if "unit" in leaf]
    beside = [key for key, model in models.items() if "unit" in model.get("properties", {})]
    assert marked or beside or tool.name in WORDS_ONLY


@every_contract_tool
@pytest.mark.anyio
async def test_a_call_of_an_unbuilt_tool_says_so_and_is_not_worth_a_retry(contract: type, tool: Any) -> None:
    if catalogue()[tool.name].available:
        pytest.skip(f"{tool.name} is built: the catalogue offers the built one")
    async with HttpInvoker({}) as remote, InProcessInvoker(AgentRegistry()) as local:
        for invoker in (remote, local):
            with pytest.raises(Unavailable, match="not available yet") as caught:
                await invoker.call(tool.name, {})
            assert tool.name in caught.value.message
            assert not caught.value.retryable


@pytest.mark.anyio
async def test_an_agent_that_nobody_declared_is_not_found() -> None:
    async with InProcessInvoker(AgentRegistry()) as invoker:
        for name in ("made-up.tool", "energy-finance.made_up", "portfolio-intelligence.find_opportunities"):
            with pytest.raises(NotFound):
                await invoker.call(name, {})


@pytest.mark.anyio
async def test_a_contract_that_is_served_gives_the_same_answer_over_the_wire(tmp_path) -> None:
    contract = contracts()["document-processing"](AgentServices(Settings(home=tmp_path)))
    who = local_principal(UUID(int=1), "t", {"documents:read"})
    async with InProcessInvoker(AgentRegistry((contract,))) as invoker:
        with pytest.raises(RedaptiveError, match=r"document-processing\.parse_edi is not available yet") as caught:
            await invoker.call("document-processing.parse_edi", {"document_id": "D1"}, principal=who)
    assert type(caught.value) is Unavailable
    assert caught.value.as_dict()["retryable"] is False


def test_the_bill_that_one_tool_gives_is_what_the_next_one_takes() -> None:
    given = catalogue()["document-processing.extract_utility_bill"].output_schema["$defs"]["UtilityBill"]
    taken = catalogue()["document-processing.validate_and_audit_bill"].input_schema["$defs"]["UtilityBill"]
    assert set(given["properties"]) == set(taken["properties"])
    wire = dict.fromkeys(given["required"])
    text = {"value": "x", "unit": None, "page": 1, "box": None, "confidence": 1.0, "source": "text"}
    wire |= {"document_id": "D", "commodity": "gas", "utility": text, "account_number": text, "period_days": 30}
    wire |= {"period_start": "2025-01-01", "period_end": "2025-01-31", "current_charges_usd": "10.10"}
    wire |= {"amount_due_usd": "10.10"} | {key: [] for key in ("meters", "periods", "lines", "history", "checks")}
    adapter: TypeAdapter[UtilityBill] = TypeAdapter(UtilityBill)
    bill = adapter.validate_python(wire)
    assert bill.amount_due_usd == Decimal("10.10")
    assert json.loads(adapter.dump_json(bill)) == wire


@pytest.mark.parametrize(
    ("name", "unit", "entity"),
    [
        ("usd_per_day", "USD/d", None),
        ("demand_usd_per_kw_month", "USD/kW.month", None),
        ("min_t_co2e_per_y", "tCO2e/yr", None),
        ("excess_per_day", None, None),
        ("cooling_per_day_f", None, None),
        ("design_kw_per_ton", "kW/ton", None),
        ("meter_code", None, "meter"),
        ("needs_project_id", None, "project"),
        ("current_tariff_id", None, "tariff"),
        ("period", None, "period"),
        ("period_name", None, None),
        ("rate_code", None, None),
    ],
)
def test_names_say_units_and_entities(name: str, unit: str | None, entity: str | None) -> None:
    assert (unit_of(name), entity_of(name)) == (unit, entity)
