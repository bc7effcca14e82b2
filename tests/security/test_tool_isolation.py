"""No tool and no resource of any agent shows one tenant what is another's, though both use the same codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
import pytest
from mcp.shared.exceptions import MCPError
from tests.integration.equipment_agent.units import load_equipment
from tests.integration.running_app import AGENT, RunningApp, running_app
from tests.integration.small_portfolio import load_small, readings

from redaptive.agents.principal import Principal
from redaptive.agents.registry import describe, discover
from redaptive.domain.equipment.records import Equipment, MaintenanceFinding
from redaptive.domain.portfolio.records import Building, Commodity, Meter
from redaptive.errors import NotFound
from redaptive.infrastructure.database.stores.equipment_store import EquipmentStore
from redaptive.settings import Settings

MARK = " SECRETB"
TIMES = 1_000
ONLY_B, ONLY_B_METER = "ONLYB-BUILDING", "ONLYB-METER"
YEAR = {"period": "2025"}
CASES: dict[str, dict[str, Any]] = {
    "analyze_portfolio_usage": {**YEAR, "group_by": "building_code"},
    "benchmark_buildings": YEAR,
    "weather_normalize": {"building_id": "NYC-WX", "baseline": "2025"},
    "load_shape_metrics": {"meter_id": "TWO-E1", **YEAR},
    "find_opportunities": YEAR,
    "rank_and_summarize_portfolio": {**YEAR, "budget_usd": 1e6},
}
FOREIGN: dict[str, dict[str, Any]] = {
    "analyze_portfolio_usage": {"portfolio_id": "onlyb", **YEAR},
    "benchmark_buildings": {"building_ids": [ONLY_B], **YEAR},
    "weather_normalize": {"building_id": ONLY_B, "baseline": "2025"},
    "load_shape_metrics": {"meter_id": ONLY_B_METER, **YEAR},
    "find_opportunities": {"building_ids": [ONLY_B], **YEAR},
    "rank_and_summarize_portfolio": {"building_ids": [ONLY_B], **YEAR, "budget_usd": 1e6},
}
START = "2024-01-01T00:00:00Z"
MONITORING: dict[str, dict[str, Any]] = {
    # What A stores there already is a duplicate in A and a conflict in B.
    "ingest_readings": {"readings": [{"meter": "TWO-E1", "start": START, "value": 54.0}]},
    "get_meter_status": {"meter_ids": ["TWO-E1"]},
    "validate_estimate_edit": {"meter_id": "TWO-E1"},
    "detect_anomalies": {"meter_ids": ["SQUARE-E"]},
    "forecast_load": {"meter_id": "SQUARE-E"},
    "peak_alert": {"meter_id": "TWO-E1"},
    "raise_or_acknowledge_alert": {"action": "list"},
}
MONITORING_FOREIGN: dict[str, dict[str, Any]] = {
    "ingest_readings": {"readings": [{"meter": ONLY_B_METER, "start": START, "value": 54.0}]},
    "get_meter_status": {"meter_ids": [ONLY_B_METER]},
    "validate_estimate_edit": {"meter_id": ONLY_B_METER},
    "detect_anomalies": {"building_ids": [ONLY_B]},
    "forecast_load": {"meter_id": ONLY_B_METER},
    "peak_alert": {"meter_id": ONLY_B_METER},
    "raise_or_acknowledge_alert": {
        "action": "raise",
        "anomaly": {"meter_code": ONLY_B_METER, "kind": "spike", "start": START},
    },
}
ONLY_B_AHU = "ONLYB-AHU"
FAULT: dict[str, Any] = {
    "equipment_id": "AHU-1", "rule": "FC12", "title": "hand", "start": START, "end": "2024-01-02T00:00:00Z",
    "active_h": 10.0, "operating_state": "mechanical cooling with least outdoor air", "thresholds": [],
    "probability": 0.6, "evidence": [{"point": "sat", "mean": 80.0, "unit": "degF"},
                                     {"point": "mat", "mean": 70.0, "unit": "degF"}],
}  # fmt: skip
CHILLER = {"power_kw": 250.0, "flow_gpm": 1000.0, "chws_f": 44.0, "chwr_f": 54.0}
LIFE = {"equipment_type": "centrifugal_chiller", "age_y": 10.0}
EQUIPMENT: dict[str, dict[str, Any]] = {
    "chiller_performance": {**CHILLER, "equipment_id": "CH-1"},
    "evaluate_ahu_rules": {"equipment_id": "AHU-1"},
    "evaluate_plant_vav_rules": {"equipment_id": "CT-1"},
    "degradation_trend": {"equipment_id": "CH-1"},
    "predict_remaining_life": {**LIFE, "equipment_id": "CH-1"},
    "cost_of_fault": {"fault": FAULT},
    "recommend_maintenance": {"faults": [FAULT]},
}
EQUIPMENT_FOREIGN: dict[str, dict[str, Any]] = {
    "chiller_performance": {**CHILLER, "equipment_id": ONLY_B_AHU},
    "evaluate_ahu_rules": {"equipment_id": ONLY_B_AHU},
    "evaluate_plant_vav_rules": {"equipment_id": ONLY_B_AHU},
    "degradation_trend": {"equipment_id": ONLY_B_AHU},
    "predict_remaining_life": {**LIFE, "equipment_id": ONLY_B_AHU},
    "cost_of_fault": {"fault": {**FAULT, "equipment_id": ONLY_B_AHU}},
    "recommend_maintenance": {"faults": [{**FAULT, "equipment_id": ONLY_B_AHU}]},
}
BY_AGENT = {
    AGENT: (CASES, FOREIGN),
    "energy-monitoring": (MONITORING, MONITORING_FOREIGN),
    "equipment-performance": (EQUIPMENT, EQUIPMENT_FOREIGN),
}
CLOCKED = {"provenance", "at", "latency_s", "gap_min", "opened_at", "acknowledged_at"}
"""Fields that differ between two calls: the version of the table (every tenant's writes advance it), and times."""
ALERT = "raise_or_acknowledge_alert"
RESOURCES = {
    "energy://meters/{code}/status": "energy://meters/TWO-E1/status",
    "energy://stream": "energy://stream",
    "energy://alerts": "energy://alerts",
    "energy://alerts/{id}": "energy://alerts/{alert}",
    "energy://portfolios": "energy://portfolios",
    "energy://buildings/{code}": "energy://buildings/NYC-TWO",
    "energy://buildings/{code}/meters": "energy://buildings/NYC-TWO/meters",
    "energy://equipment": "energy://equipment",
    "energy://equipment/{code}": "energy://equipment/AHU-1",
    "energy://equipment-rules": "energy://equipment-rules",
}
TOOLS = sorted(tool.name for agent in discover().values() for tool in describe(agent).tools)
TEMPLATES = sorted((agent.id, r.uri) for agent in discover().values() for r in describe(agent).resources)


@dataclass(frozen=True)
class Tenants:
    """A alone, A beside B (the same data), and B with readings a thousand times as large."""

    running: RunningApp
    alone: Principal
    a: Principal
    b: Principal
    alerts: dict[str, str]
    """Id of the alert that each has, by tenant."""


@pytest.fixture(scope="module")
def tenants(servers: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    own = servers.model_copy(update={"readings_url": str(tmp_path_factory.mktemp("readings"))})
    with running_app(own) as running:
        alone, a, b = (running.principal(f"isolation-{name}") for name in ("alone", "a", "b"))
        frame = readings()
        large = frame.with_columns(pl.col("value") * TIMES).filter(pl.col("value").is_between(0, 2**31 - 1))
        for owner, data, mark in ((alone, frame, ""), (a, frame, ""), (b, large, MARK)):
            load = partial(load_small, running.app, owner.tenant_id, data, marked=mark, seal=owner is b)
            running.portal.call(load)
            scale = 2.0 if owner is b else 1.0
            running.portal.call(partial(load_equipment, running.app, owner, "NYC-TWO", mark=mark, scale=scale))
        running.portal.call(_foreign, running, b)
        alerts = {who.tenant: _alert(running, who, mark) for who, mark in ((alone, ""), (a, ""), (b, MARK))}
        yield Tenants(running, alone, a, b, alerts)


def _alert(running: RunningApp, who: Principal, mark: str) -> str:
    found = {"meter_code": "TWO-E1", "kind": "drift", "start": START, "excess_per_day": 100.0}
    raised = running.call(who, f"energy-monitoring.{ALERT}", action="raise", anomaly=found, note=f"seen{mark}")
    return str(raised.value["acted"]["alert"]["id"])


async def _foreign(running: RunningApp, b: Principal) -> None:
    store = running.app.portfolio(b.tenant_id)
    await store.upsert_buildings([Building(ONLY_B, "Only B" + MARK, "NYC", "office", 1e4)])
    await store.upsert_meters([Meter(ONLY_B_METER, ONLY_B, Commodity.ELECTRICITY)])
    await store.create_portfolio("onlyb", "Only B" + MARK, [ONLY_B])
    equipment = EquipmentStore(running.app.pools, b.tenant_id)
    await equipment.upsert_equipment([Equipment(ONLY_B_AHU, ONLY_B, "ahu", "Only B" + MARK)])
    await equipment.add_finding(MaintenanceFinding("AHU-1", "FC12", "confirmed", MARK), "b")


def _case(tool: str, *, foreign: bool = False) -> dict[str, Any]:
    agent, _, name = tool.partition(".")
    assert agent in BY_AGENT, f"add cases for the agent {agent} to this file"
    table = BY_AGENT[agent][foreign]
    assert name in table, f"add a case for the tool {tool} to this file"
    return table[name]


def _same(mine: Any, alone: Any, where: str = "answer") -> None:
    """Asserts equality; sums made in another order may differ in the last bits, a foreign share never so little.

    Fields of `CLOCKED` are left out.
    """
    if isinstance(mine, dict):
        assert mine.keys() == alone.keys(), where
        # An alert's id follows from the meter's number, which the database gives.
        for key in mine.keys() - CLOCKED - ({"id"} if "severity" in mine else set()):
            _same(mine[key], alone[key], f"{where}.{key}")
    elif isinstance(mine, list):
        assert len(mine) == len(alone), where
        for number, (one, other) in enumerate(zip(mine, alone, strict=True)):
            _same(one, other, f"{where}[{number}]")
    elif isinstance(mine, float):
        assert mine == pytest.approx(alone, rel=1e-12, abs=1e-9), where
    else:
        assert mine == alone, where


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_answers_as_if_the_other_tenant_were_not_there(tenants: Tenants, tool: str) -> None:
    arguments = _case(tool)
    mine, alone, theirs = (
        tenants.running.call(who, tool, **arguments).answer for who in (tenants.a, tenants.alone, tenants.b)
    )
    _same(mine, alone)
    assert mine["value"] != theirs["value"]
    text = json.dumps(mine)
    assert "SECRETB" not in text
    assert "ONLYB" not in text


@pytest.mark.parametrize("tool", TOOLS)
def test_what_only_the_other_tenant_has_is_not_found(tenants: Tenants, tool: str) -> None:
    with pytest.raises(NotFound) as caught:
        tenants.running.call(tenants.a, tool, **_case(tool, foreign=True))
    assert "SECRETB" not in str(caught.value)


@pytest.mark.parametrize(("agent", "template"), TEMPLATES)
def test_a_resource_shows_its_own_tenant_only(tenants: Tenants, agent: str, template: str) -> None:
    assert template in RESOURCES, f"add a case for the resource {template} to this file"
    mine, theirs = (
        json.dumps(tenants.running.read(who, RESOURCES[template].format(alert=tenants.alerts[who.tenant]), agent))
        for who in (tenants.a, tenants.b)
    )
    assert "SECRETB" not in mine
    assert "ONLYB" not in mine
    assert mine != theirs


@pytest.mark.parametrize("suffix", ["", "/meters"])
def test_a_foreign_building_is_no_resource(tenants: Tenants, suffix: str) -> None:
    with pytest.raises((NotFound, MCPError)) as caught:
        tenants.running.read(tenants.a, f"energy://buildings/{ONLY_B}{suffix}")
    assert "SECRETB" not in str(caught.value)


@pytest.mark.parametrize("action", ["acknowledge", "assign", "snooze", "resolve"])
def test_a_foreign_alert_cannot_be_touched(tenants: Tenants, action: str) -> None:
    theirs = tenants.alerts[tenants.b.tenant]
    more = {"engineer": "ada", "snooze_until": "2100-01-01T00:00:00Z", "cause": "other"}
    with pytest.raises(NotFound):
        tenants.running.call(tenants.a, f"energy-monitoring.{ALERT}", action=action, alert_id=theirs, **more)
    with pytest.raises((NotFound, MCPError)):
        tenants.running.read(tenants.a, f"energy://alerts/{theirs}", "energy-monitoring")
    seen = tenants.running.read(tenants.b, f"energy://alerts/{theirs}", "energy-monitoring")
    assert [step["action"] for step in seen["history"]] == ["raise"]
