"""The seven tools on stored trends of equipment with known faults, and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.integration.equipment_agent.conftest import Plant
from tests.integration.equipment_agent.units import USD_GAS_KWH

from redaptive.domain.equipment.records import MaintenanceFinding
from redaptive.errors import InvalidInput, NotFound
from redaptive.sample.equipment_units import MONDAY_S

START = datetime.fromtimestamp(MONDAY_S, UTC)
HALF = (START + timedelta(days=7)).isoformat()
CHILLER = {"power_kw": 250.0, "flow_gpm": 1000.0, "chws_f": 44.0, "chwr_f": 54.0}
KWH_PER_THERM = 100.0 / 3.412142


def fault_of(plant: Plant, rule: str, code: str = "AHU-1", tool: str = "evaluate_ahu_rules") -> dict[str, Any]:
    found = plant.value(tool, equipment_id=code)["faults"]
    return next(fault for fault in found if fault["rule"] == rule)


def test_the_golden_chiller_with_its_design_on_record(plant: Plant) -> None:
    # domain.md 8.1
    answer = plant.answer("chiller_performance", **CHILLER, equipment_id="CH-1")
    value = answer["value"]
    assert value["cooling_tons"] == pytest.approx(416.67, abs=0.005)
    assert value["specific_kw_per_ton"] == pytest.approx(0.6)
    assert value["cop"] == pytest.approx(5.862, abs=5e-4)
    assert value["load_pct"] == pytest.approx(83.33, abs=0.01)
    assert value["evaporator_approach_f"] is None
    assert answer["factor_version"] == ["chiller-curves-2026"]
    share = 0.17149273 + 0.58820208 * 0.83333 + 0.24030519 * 0.83333**2
    assert value["deviation_pct"] == pytest.approx(100 * (0.6 / (0.6 * share / 0.83333) - 1), abs=0.01)


def test_a_chiller_without_a_record_says_what_is_not_known(plant: Plant) -> None:
    answer = plant.answer("chiller_performance", **CHILLER, evaporating_f=41.0, condensing_f=98.0, cwr_f=94.0)
    assert answer["value"]["deviation_pct"] is None
    assert (answer["value"]["evaporator_approach_f"], answer["value"]["condenser_approach_f"]) == (3.0, 4.0)
    assert any("No design kW/ton" in warning for warning in answer["warnings"])
    with pytest.raises(InvalidInput, match="not warmer"):
        plant.value("chiller_performance", **{**CHILLER, "chwr_f": 40.0})


def test_the_stuck_damper_is_found_with_evidence_and_thresholds(plant: Plant) -> None:
    answer = plant.answer("evaluate_ahu_rules", equipment_id="AHU-1")
    value = answer["value"]
    fault = next(f for f in value["faults"] if f["rule"] == "FC6")
    assert fault["start"] >= HALF
    assert fault["operating_state"] == "heating"
    assert {e["point"] for e in fault["evidence"]} == {"mat", "rat", "oat", "oa_min_pct"}
    assert {t["name"]: t["value"] for t in fault["thresholds"]}["oa_fraction_pct"] == 30.0
    assert 0.5 < fault["probability"] < 0.7
    assert [f["active_h"] for f in value["faults"]] == sorted((f["active_h"] for f in value["faults"]), reverse=True)
    assert {s["rule"]: s["missing"] for s in value["skipped"]} == {
        "FC14": ["cc_enter", "cc_leave"], "FC15": ["hc_enter", "hc_leave"]
    }  # fmt: skip
    ends = {o["rule"]: o["outcome"] for o in value["outcomes"]}
    assert (ends["FC6"], ends["FC14"], ends["FC8"], ends["FC1"]) == (
        "fault",
        "missing_point",
        "not_applicable",
        "clear",
    )
    assert value["rules_judged"] == sum(end in ("fault", "clear") for end in ends.values())
    assert any("2 rules could not be judged" in warning for warning in answer["warnings"])
    assert answer["data_quality"]["coverage_pct"] == pytest.approx(100.0)
    assert answer["provenance"][0]["kind"] == "trend"


def test_a_sound_unit_is_clear_and_the_window_is_that_asked_for(plant: Plant) -> None:
    assert plant.value("evaluate_ahu_rules", equipment_id="AHU-2")["faults"] == []
    before = plant.value("evaluate_ahu_rules", equipment_id="AHU-1", start=START.isoformat(), end=HALF)
    assert before["faults"] == []
    assert (before["start"], before["end"]) == ("2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z")


def test_given_points_and_thresholds_go_before_stored_ones(plant: Plant) -> None:
    rows = 24
    series = {"sat": 72.0, "mat": 63.6, "rat": 72.0, "oat": 30.0, "fan": 60.0, "heating_valve": 40.0,
              "cooling_valve": 0.0, "oa_damper": 20.0}  # fmt: skip
    points = [{"point": n, "unit": "", "start": START.isoformat(), "values": [v] * rows} for n, v in series.items()]
    points.append({"point": "oa_damper_min", "unit": "fraction", "start": START.isoformat(), "values": [0.2]})
    points[1] |= {"unit": "degC", "values": [(58.0 - 32.0) / 1.8] * rows}
    quiet = plant.answer("evaluate_ahu_rules", equipment_id="AHU-1", points=points)
    assert "FC6" not in {f["rule"] for f in quiet["value"]["faults"]}
    assert any("oa_min_pct is not given" in warning for warning in quiet["warnings"])
    tight = [{"name": "oa_fraction_pct", "value": 10.0}]
    found = plant.answer("evaluate_ahu_rules", equipment_id="AHU-1", points=points, thresholds=tight)
    fault = next(f for f in found["value"]["faults"] if f["rule"] == "FC6")
    assert {t["name"]: t["value"] for t in fault["thresholds"]}["oa_fraction_pct"] == 10.0
    assert found["inputs_used"]["given oa_fraction_pct"] == 10.0
    assert found["provenance"][0]["kind"] == "caller"


@pytest.mark.parametrize(("code", "rule"), [("CT-1", "TOWER"), ("VAV-1", "VAV-VALVE-LEAK")])
def test_plants_and_boxes_have_their_rules(plant: Plant, code: str, rule: str) -> None:
    value = plant.value("evaluate_plant_vav_rules", equipment_id=code)
    assert rule in {f["rule"] for f in value["faults"]}
    assert value["skipped"]


def test_the_fouling_chiller_gets_worse(plant: Plant) -> None:
    answer = plant.answer("degradation_trend", equipment_id="CH-1")
    value = answer["value"]
    true = 20.0 * 365.25 / 300
    assert value["quantity"] == "kW/ton"
    assert value["samples"] == 300
    assert value["low_pct_per_y"] < true < value["high_pct_per_y"]
    assert value["significant"]
    assert value["alarm_on"] is not None
    assert len(value["cusum"]) == 300
    half = plant.value("degradation_trend", equipment_id="CH-1", period="2026-02..2026-05")
    assert half["samples"] == 28 + 31 + 30 + 31


def test_the_golden_life_and_one_with_its_duty_on_record(plant: Plant) -> None:
    # domain.md 8.4
    answer = plant.answer("predict_remaining_life", equipment_type="rtu", age_y=12)
    value = answer["value"]
    assert 100 * value["failure_probability_12_months"] == pytest.approx(9.18, abs=5e-3)
    assert value["median_residual_life_y"] == pytest.approx(5.22, abs=5e-3)
    assert value["mean_residual_life_y"] == pytest.approx(5.85, abs=5e-3)
    assert any("not yet checked" in warning for warning in answer["warnings"])
    assert any("not a prediction for one" in warning for warning in answer["warnings"])
    worn = plant.answer("predict_remaining_life", equipment_type="centrifugal_chiller", age_y=12, equipment_id="CH-1")
    assert worn["inputs_used"]["duty_factor"] == pytest.approx(1.2)
    assert worn["value"]["effective_age_y"] == pytest.approx(12 * 1.2 + 500 / 8766)


def test_a_fault_is_priced_by_its_evidence_at_the_price_of_the_site(plant: Plant) -> None:
    fault = fault_of(plant, "FC6")
    answer = plant.answer("cost_of_fault", fault=fault, run_h_per_day=10.0)
    value = answer["value"]
    means = {e["point"]: e["mean"] for e in fault["evidence"]}
    should = means["rat"] + means["oa_min_pct"] / 100 * (means["oat"] - means["rat"])
    therms = 1.08 * 20_000 * abs(means["mat"] - should) * 10 / 100_000 / 0.8
    assert value["excess_kwh_per_day"] == 0.0
    assert value["excess_therms_per_day"] == pytest.approx(therms, rel=1e-4)
    usd = therms * USD_GAS_KWH * KWH_PER_THERM
    assert float(value["cost_usd_per_day"]) == pytest.approx(usd, abs=0.006)
    assert Decimal(value["cost_usd_per_y"]) == 365 * Decimal(value["cost_usd_per_day"])
    assert value["priced"] is True
    assert "site prices: hand" in answer["factor_version"]
    given = plant.value("cost_of_fault", fault=fault, run_h_per_day=10.0, price_usd_per_therm="2.00")
    assert float(given["cost_usd_per_day"]) == pytest.approx(2 * therms, abs=0.006)


def test_what_has_no_price_says_so_and_what_is_missing_is_named(plant: Plant) -> None:
    fault = fault_of(plant, "FC6")
    unpriced = plant.answer("cost_of_fault", fault={**fault, "rule": "FC4"})
    assert unpriced["value"]["priced"] is False
    assert unpriced["value"]["cost_usd_per_day"] == "0.00"
    assert "FC4 has no price" in unpriced["warnings"][0]
    with pytest.raises(InvalidInput, match="airflow") as caught:
        plant.value("cost_of_fault", fault={**fault, "equipment_id": "AHU-2"})
    assert caught.value.field == "airflow_cfm"
    assert "design_tons" in str(caught.value.fix)
    tons = plant.answer("cost_of_fault", fault={**fault, "equipment_id": "CH-1"})
    assert tons["inputs_used"]["airflow_cfm"] == 500 * 400
    (said,) = (text for text in tons["warnings"] if "airflow assumed" in text)
    assert said in tons["value"]["assumptions"]
    with pytest.raises(InvalidInput, match="temperature difference") as caught:
        plant.value("cost_of_fault", fault={**fault, "rule": "SIMUL", "evidence": []})
    assert caught.value.field == "delta_t_f"


def test_work_is_ranked_and_findings_of_engineers_move_it(own_plant: Plant) -> None:
    damper, leak = (
        fault_of(own_plant, "FC6"),
        fault_of(own_plant, "VAV-VALVE-LEAK", "VAV-1", "evaluate_plant_vav_rules"),
    )
    costs = [
        own_plant.value("cost_of_fault", fault=damper),
        own_plant.value("cost_of_fault", fault=leak, airflow_cfm=500.0),
    ]
    faults = [leak, damper, {**damper, "rule": "FC4"}]
    answer = own_plant.answer("recommend_maintenance", faults=faults, costs=costs)
    orders = answer["value"]["work_orders"]
    assert [o["rules"] for o in orders] == [["FC6"], ["VAV-VALVE-LEAK"], ["FC4"]]
    assert [o["rank"] for o in orders] == [1, 2, 3]
    first = orders[0]
    assert Decimal(first["worth_usd_per_day"]) == round(Decimal(costs[0]["cost_usd_per_day"]) * Decimal("0.6"), 2)
    assert first["payback_days"] == pytest.approx(450 / float(first["worth_usd_per_day"]), abs=0.06)
    assert any("No cost is known for FC4" in warning for warning in answer["warnings"])
    for _ in range(5):
        found = MaintenanceFinding("AHU-1", "FC6", "rejected", "the damper was free")
        own_plant.running.portal.call(own_plant.store.add_finding, found, "ada")
    later = own_plant.value("recommend_maintenance", faults=faults, costs=costs)["work_orders"]
    assert next(o for o in later if o["rules"] == ["FC6"])["probability"] == pytest.approx(0.3)
    assert fault_of(own_plant, "FC6")["probability"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "words"),
    [
        ("evaluate_ahu_rules", {"equipment_id": "AHU-9"}, NotFound, "AHU-9"),
        ("evaluate_ahu_rules", {"equipment_id": "CH-1"}, InvalidInput, "CH-1 is of the kind chiller"),
        ("evaluate_plant_vav_rules", {"equipment_id": "AHU-1"}, InvalidInput, "AHU-1 is of the kind ahu"),
        ("evaluate_plant_vav_rules", {"equipment_id": "B-1"}, NotFound, "No trend of B-1"),
        ("evaluate_ahu_rules", {"equipment_id": "AHU-1", "end": "2020-01-01"}, NotFound, "up to 2020"),
        ("evaluate_ahu_rules", {"equipment_id": "AHU-1", "start": "2026-02-01", "end": "2026-01-01"}, InvalidInput,
         "ends before"),
        ("evaluate_ahu_rules", {"equipment_id": "AHU-1", "thresholds": [{"name": "matf", "value": 1}]}, InvalidInput,
         "matf"),
        ("evaluate_ahu_rules", {"equipment_id": "AHU-1", "points": [
            {"point": "sort", "unit": "", "start": "2026-01-05T00:00:00Z", "values": [1, 2]}]}, InvalidInput, "sort"),
        ("evaluate_ahu_rules", {"equipment_id": "AHU-1", "points": [
            {"point": "sat", "unit": "kW", "start": "2026-01-05T00:00:00Z", "values": [1, 2]}]}, InvalidInput, "kW"),
        ("degradation_trend", {"equipment_id": "VAV-1"}, InvalidInput, "power"),
        ("degradation_trend", {"equipment_id": "CH-1", "period": "2026-02"}, InvalidInput, "needs 60 days"),
        ("predict_remaining_life", {"equipment_type": "rtu", "age_y": -1}, InvalidInput, "greater than or equal"),
    ],
)  # fmt: skip
def test_refusals_name_what_is_wrong(
    plant: Plant, tool: str, arguments: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        plant.value(tool, **arguments)
    assert caught.value.field or caught.value.fix  # type: ignore[attr-defined]


def test_resources_show_equipment_and_rules(plant: Plant) -> None:
    read = plant.running.read
    every = read(plant.principal, "energy://equipment", "equipment-performance")
    assert [e["equipment"]["code"] for e in every] == ["AHU-1", "AHU-2", "B-1", "CH-1", "CT-1", "VAV-1"]
    one = read(plant.principal, "energy://equipment/CH-1", "equipment-performance")
    assert one["equipment"]["rated"]["design_tons"] == 500.0
    rules = read(plant.principal, "energy://equipment-rules", "equipment-performance")
    assert len(rules) == 46 + 8 + 6
    assert all(rule["thresholds"] for rule in rules)
