"""Truth tables: the excess is with minus without, the saving without minus with, the bill its intervals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from redaptive.sample.bills import BILL_SCHEMA, FIXED_USD, KWH_PER_THERM, monthly_bills
from redaptive.sample.faults import FaultType
from redaptive.sample.portfolio import build_portfolio
from redaptive.sample.readings import SampleReadings
from redaptive.sample.truth import fault_truth, project_truth

DEMO = build_portfolio("demo")
READINGS = SampleReadings(DEMO)
CLEAN = SampleReadings(replace(DEMO, faults=()))
BILLS = monthly_bills(DEMO)


def test_excess_is_with_minus_without_fault_exactly() -> None:
    truth = fault_truth(READINGS)
    assert truth.height == len(DEMO.faults)
    for row, fault in zip(truth.iter_rows(named=True), DEMO.faults, strict=True):
        end = min(fault.end, DEMO.end)
        faulty = SampleReadings(replace(DEMO, faults=(fault,))).frame([fault.meter], fault.start, end)
        clean = CLEAN.frame([fault.meter], fault.start, end)
        both = clean.join(faulty, on="ts", how="inner", suffix="_faulty")
        assert row["excess_kwh"] == (both["value_faulty"].cast(pl.Int64) - both["value"]).sum() / 1000
        assert row["missing"] == clean.height - faulty.height


def test_excess_has_the_sign_and_size_of_its_fault() -> None:
    truth = {row["type"]: row for row in fault_truth(READINGS).iter_rows(named=True)}
    assert truth["pv_string_loss"]["excess_kwh"] < 0
    assert truth["meter_dropout"]["missing"] > 0
    assert truth["meter_dropout"]["excess_kwh"] == 0
    for kind in ("off_hours_running", "stuck_damper", "simultaneous_heat_cool", "sensor_drift", "refrigerant_loss"):
        assert truth[kind]["excess_kwh"] > 0, kind
    fault = next(f for f in DEMO.faults if f.type is FaultType.MULTIPLIER)
    end = min(fault.end, DEMO.end)
    expected = READINGS.expected_kwh_without_fault(fault.meter, fault.start, end)
    assert truth["wrong_multiplier"]["excess_kwh"] == pytest.approx(9 * expected, abs=1e-6)


def test_no_fault_of_a_large_portfolio_is_without_effect() -> None:
    truth = fault_truth(SampleReadings(build_portfolio("f500")))
    assert truth.height == 360
    silent = truth.filter((pl.col("excess_kwh") == 0) & (pl.col("missing") == 0))
    assert silent.is_empty(), silent
    assert (truth.filter(pl.col("physical") & (pl.col("type") != "pv_string_loss"))["excess_kwh"] > 0).all()


def test_meter_errors_look_as_they_are_named() -> None:
    by_type = {f.type: f for f in DEMO.faults}
    flat = by_type[FaultType.FLATLINE]
    assert READINGS.frame([flat.meter], flat.start, flat.end)["value"].n_unique() == 1
    clock = by_type[FaultType.CLOCK]
    day = clock.start + timedelta(days=3)
    late, true = (
        READINGS.day(clock.meter, day),
        CLEAN.frame([clock.meter], day - timedelta(days=1), day + timedelta(days=1)),
    )
    shifted = true.filter(pl.col("ts") >= pl.lit(late.ts[0]).dt.replace_time_zone("UTC") - timedelta(hours=1))
    assert late.value.tolist() == shifted["value"].head(len(late.value)).to_list()
    gone = by_type[FaultType.DROPOUT]
    assert READINGS.day(gone.meter, gone.start).value.size == 0


def test_expected_and_true_energy_differ_by_physical_faults_only() -> None:
    for fault in DEMO.faults:
        window = (fault.start, fault.start + timedelta(days=20))
        expected = READINGS.expected_kwh_without_fault(fault.meter, *window)
        assert expected == CLEAN.frame([fault.meter], *window)["value"].cast(pl.Int64).sum() / 1000
        true = READINGS.true_kwh(fault.meter, *window)
        assert (true != expected) == (fault.physical and fault.severity > 0)


def test_projects_save_what_leaving_them_out_costs_and_nothing_before() -> None:
    without = SampleReadings(replace(DEMO, projects=(), faults=()))
    truth = project_truth(READINGS)
    for row, project in zip(truth.iter_rows(named=True), DEMO.projects, strict=True):
        mains = [m.code for m in DEMO.meters if m.building_code == row["building_code"] and "-E" in m.code[-3:]]
        after = (project.end, DEMO.end)
        saved = without.frame(mains, *after)["value"].sum() - CLEAN.frame(mains, *after)["value"].sum()
        assert row["saved_kwh"] == saved / 1000 > 0
        assert 0.01 < row["saved_kwh"] / row["baseline_kwh"] < 0.4
        before = (project.start - timedelta(days=10), project.start)
        assert without.frame(mains, *before).equals(CLEAN.frame(mains, *before))


def test_events_change_the_load_by_their_factor() -> None:
    for event in DEMO.non_routine_events:
        without = SampleReadings(replace(DEMO, non_routine_events=(), faults=()))
        spec = next(s for s in DEMO.meter_specs if s.building == event.building and s.kind == "gas")
        window = (event.start, event.start + timedelta(days=30))
        ratio = CLEAN.expected_kwh_without_fault(spec.number, *window) / without.expected_kwh_without_fault(
            spec.number, *window
        )
        assert ratio == pytest.approx(event.factor, abs=0.001)


def test_bills_are_the_energy_of_their_intervals() -> None:
    assert BILLS.schema == pl.Schema(BILL_SCHEMA)
    sample = BILLS.filter(pl.col("error_code").is_null()).gather_every(37)
    assert sample.height > 40
    scale = {"kWh": 1.0, "therm": KWH_PER_THERM, "L": 0.001}
    for row in sample.iter_rows(named=True):
        true = READINGS.true_kwh(row["meter_code"], row["period_start"], row["period_end"])
        assert row["energy"] * scale[row["unit"]] == pytest.approx(true, abs=0.03)
        if row["commodity"] == "electricity":
            values = READINGS.frame([row["meter_code"]], row["period_start"], row["period_end"])["value"]
            assert row["demand_kw"] == pytest.approx(values.max() * 4 / 1000, abs=0.01)


def test_a_bill_recomputed_by_hand_is_equal_to_the_cent() -> None:
    row = BILLS.filter((pl.col("commodity") == "gas") & pl.col("error_code").is_null()).row(40, named=True)
    site = next(b.site_code for b in DEMO.buildings if b.code == row["building_code"])
    price = next(
        p
        for p in DEMO.prices
        if (p.site_code, p.commodity.value, p.effective_from.year) == (site, "gas", row["period_start"].year)
    )
    kwh = READINGS.true_kwh(row["meter_code"], row["period_start"], row["period_end"])
    assert row["usd"] == Decimal(f"{FIXED_USD + kwh * price.usd_per_unit:.2f}")


def test_correct_bills_join_without_gap_or_overlap() -> None:
    correct = BILLS.filter(pl.col("error_code").is_null() | (pl.col("error_code") != "period_overlap"))
    correct = correct.filter(pl.col("error_code").ne_missing("duplicate_invoice"))
    days = (correct["period_end"] - correct["period_start"]).dt.total_days()
    assert days.min() >= 28
    assert days.max() <= 31
    for _, part in correct.group_by("meter_code"):
        part = part.sort("period_start")
        gaps = part["period_start"][1:] != part["period_end"][:-1]
        overlapping = BILLS.filter(
            (pl.col("meter_code") == part["meter_code"][0]) & (pl.col("error_code") == "period_overlap")
        )
        assert gaps.sum() <= overlapping.height


def test_bill_errors_are_two_per_cent_and_cost_what_they_say() -> None:
    wrong = BILLS.filter(pl.col("error_code").is_not_null())
    assert wrong.height == len(DEMO.bill_errors)
    assert 0.008 < wrong.height / BILLS.height < 0.035
    assert (BILLS.filter(pl.col("error_code").is_null())["error_usd"] == 0).all()
    for code in ("wrong_multiplier", "unit_cost_jump", "late_fee", "period_overlap"):
        assert (wrong.filter(pl.col("error_code") == code)["error_usd"] > 0).all()
    double = wrong.filter(pl.col("error_code") == "duplicate_invoice")
    for row in double.iter_rows(named=True):
        same = BILLS.filter(
            (pl.col("meter_code") == row["meter_code"]) & (pl.col("period_start") == row["period_start"])
        )
        assert same.height == 2
        assert same["usd"].n_unique() == 1


def test_bills_of_some_buildings_are_those_of_all() -> None:
    code = DEMO.buildings[3].code
    assert monthly_bills(DEMO, [code]).equals(BILLS.filter(pl.col("building_code") == code))
