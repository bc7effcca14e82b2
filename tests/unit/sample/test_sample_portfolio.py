"""Size, shape and calibration of the portfolio."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from math import log

import numpy as np
import pytest

from redaptive.domain.portfolio.records import Commodity, MeterRole
from redaptive.errors import InvalidInput
from redaptive.sample.building_types import KBTU_PER_KWH, LARGE_OFFICE, TYPES, DoeReference, target_kbtu_per_ft2
from redaptive.sample.cities import CITIES
from redaptive.sample.construction import building_spec
from redaptive.sample.faults import FaultType
from redaptive.sample.metering import METERED_SHARE
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.sample.specs import MeterKind


@pytest.fixture(scope="module")
def f500() -> SamplePortfolio:
    return build_portfolio("f500")


@pytest.mark.parametrize(("size", "buildings", "meters"), [("demo", 24, 200), ("f500", 480, 12_000)])
def test_counts_are_exact(size: str, buildings: int, meters: int) -> None:
    for seed in (1, 2):
        portfolio = build_portfolio(size, seed=seed)
        assert (len(portfolio.customers), len(portfolio.buildings), len(portfolio.meters)) == (8, buildings, meters)


@pytest.mark.slow
def test_scale_has_exactly_a_hundred_thousand_meters() -> None:
    portfolio = build_portfolio("scale")
    assert (len(portfolio.buildings), len(portfolio.meters)) == (4_000, 100_000)
    assert len({meter.code for meter in portfolio.meters}) == 100_000


def test_twelve_thousand_meters_send_forty_eight_thousand_readings_an_hour(f500: SamplePortfolio) -> None:
    assert sum(3600 // meter.interval_s for meter in f500.meters) == 48_000


def test_demo_cadence_is_a_quarter_hour_for_mains_and_an_hour_otherwise() -> None:
    portfolio = build_portfolio("demo")
    for meter, spec in zip(portfolio.meters, portfolio.meter_specs, strict=True):
        assert meter.interval_s == (900 if spec.kind is MeterKind.MAIN else 3600)


def test_codes_are_unique_and_refer_to_each_other(f500: SamplePortfolio) -> None:
    sites, buildings = {s.code: s for s in f500.sites}, {b.code for b in f500.buildings}
    meters = {m.code: m for m in f500.meters}
    assert (len(sites), len(buildings), len(meters)) == (96, 480, 12_000)
    assert {s.customer_code for s in f500.sites} == {c.code for c in f500.customers}
    assert {b.site_code for b in f500.buildings} == set(sites)
    for meter in f500.meters:
        assert meter.building_code in buildings
        if meter.parent_code:
            parent = meters[meter.parent_code]
            assert parent.building_code == meter.building_code
            assert (parent.role, meter.role) == (MeterRole.MAIN, MeterRole.SUB)
    assert f500.stations == tuple(sorted(c.station for c in CITIES))


def test_every_building_has_mains_gas_water_and_submeters(f500: SamplePortfolio) -> None:
    kinds: dict[int, Counter[str]] = defaultdict(Counter)
    for spec in f500.meter_specs:
        kinds[spec.building][spec.kind.value] += 1
    for count in kinds.values():
        assert 1 <= count["main"] <= 3
        assert (count["gas"], count["water"]) == (1, 1)
        assert count["sub"] >= 2
        assert count["solar"] <= 1


def test_children_never_hold_more_than_their_share_of_a_component(f500: SamplePortfolio) -> None:
    shares: dict[tuple[int, int, str], float] = defaultdict(float)
    for spec in f500.meter_specs:
        if spec.kind is MeterKind.SUB:
            shares[spec.building, spec.main_slot, spec.use] += spec.share
    assert max(shares.values()) <= METERED_SHARE + 1e-12


def test_same_seed_same_portfolio_and_another_seed_another_one() -> None:
    one = build_portfolio("demo")
    assert one == build_portfolio("demo")
    assert one.building_specs != build_portfolio("demo", seed=2).building_specs


def test_types_spread_over_the_cities() -> None:
    specs = [building_spec(1, number) for number in range(4_000)]
    for key in TYPES:
        assert len({s.city for s in specs if s.type_key == key}) == 12, key


# Medians in kBtu/ft2: ENERGY STAR Portfolio Manager "Median EUIs in the US" (technical reference), site energy.
MEDIANS = {
    "office": 52.9,
    "financial_office": 52.9,
    "bank_branch": 88.3,
    "retail": 51.4,
    "supermarket": 196.0,
    "distribution_warehouse": 22.7,
    "refrigerated_warehouse": 84.1,
    "hospital": 234.3,
    "outpatient": 62.0,
    "medical_office": 51.2,
    "hotel": 63.0,
    "other": 40.1,
}


def test_site_energy_is_calibrated_to_the_published_medians() -> None:
    by_type: dict[str, list[float]] = defaultdict(list)
    residual = []
    for number in range(4_000):
        spec = building_spec(1, number)
        by_type[spec.type_key].append(log(spec.site_eui))
        typical = sum(target_kbtu_per_ft2(TYPES[spec.type_key], CITIES[spec.city]))
        residual.append(log(spec.site_eui / typical))
    assert set(by_type) == set(MEDIANS)
    for key, logs in by_type.items():
        # Geometric mean; four standard errors of a lognormal of sigma 0.35 plus the climate's spread, here 0.6 at most.
        assert np.mean(logs) == pytest.approx(log(MEDIANS[key]), abs=4 * max(np.std(logs), 0.35) / len(logs) ** 0.5), (
            key
        )
    assert np.std(residual) == pytest.approx(0.35, abs=0.015)
    assert np.mean(residual) == pytest.approx(0.0, abs=0.025)


def test_the_population_median_of_each_common_type_is_within_a_tenth() -> None:
    specs = [building_spec(1, number) for number in range(4_000)]
    for key in ("office", "supermarket", "retail", "hospital", "hotel", "bank_branch"):
        median = np.median([s.site_eui for s in specs if s.type_key == key])
        assert median == pytest.approx(MEDIANS[key], rel=0.10), key


SAN_FRANCISCO = replace(CITIES[4], hdd65_f=2600.0, cdd65_f=150.0)  # from memory, unchecked
# DOE reference models in San Francisco, kWh/ft2 and site kBtu/ft2 (NREL/REopt.jl load profiles over floor area).
# They were not used to draw the lines through Chicago and Houston.
HELD_OUT = {
    "large office": (LARGE_OFFICE, 12.2, 47),
    "financial_office": (TYPES["financial_office"].reference, 14.8, 51),
    "bank_branch": (TYPES["bank_branch"].reference, 14.2, 55),
    "retail": (TYPES["retail"].reference, 18.0, 84),
    "hospital": (TYPES["hospital"].reference, 32.1, 160),
    "hotel": (TYPES["hotel"].reference, 18.1, 127),
    "supermarket": (TYPES["supermarket"].reference, 40.9, 191),
    "outpatient": (TYPES["outpatient"].reference, 34.1, 198),
}


@pytest.mark.parametrize("key", HELD_OUT)
def test_climate_lines_predict_the_third_climate(key: str) -> None:
    reference, kwh, site = HELD_OUT[key]
    # The worst is the medium office (22 % and 26 %), whose electricity is equal in Chicago and Houston.
    assert reference.electricity_kwh_per_ft2(SAN_FRANCISCO) == pytest.approx(kwh, rel=0.25)
    assert reference.site_kbtu_per_ft2(SAN_FRANCISCO) == pytest.approx(site, rel=0.27)


def test_climate_lines_pass_through_the_two_climates_they_were_drawn_from() -> None:
    reference = DoeReference(12.8, 60, 15.1, 56)
    chicago, houston = CITIES[0], replace(CITIES[2], hdd65_f=1340.0, cdd65_f=3160.0)
    assert reference.electricity_kwh_per_ft2(chicago) == pytest.approx(12.8)
    assert reference.electricity_kwh_per_ft2(houston) == pytest.approx(15.1)
    assert reference.site_kbtu_per_ft2(chicago) == pytest.approx(60)
    assert reference.site_kbtu_per_ft2(houston) == pytest.approx(56)
    assert pytest.approx(3.412142) == KBTU_PER_KWH


def test_faults_have_the_stated_prevalence_and_share_of_small_ones(f500: SamplePortfolio) -> None:
    assert len(f500.faults) == 360
    assert sum(fault.subthreshold for fault in f500.faults) == 72
    assert len({fault.meter for fault in f500.faults}) == 360
    assert {fault.type for fault in f500.faults} == set(FaultType)
    solar = [f for f in f500.faults if f.type is FaultType.PV_STRING]
    assert {f500.meter_specs[f.meter].kind for f in solar} == {MeterKind.SOLAR}
    assert all(f500.start < fault.start < fault.end for fault in f500.faults)
    assert all(fault.start < f500.end for fault in f500.faults)
    assert {fault.type for fault in build_portfolio("demo").faults} == set(FaultType)


def test_projects_leave_data_on_both_sides_and_events_are_elsewhere(f500: SamplePortfolio) -> None:
    assert (len(f500.projects), len(f500.non_routine_events)) == (72, 38)
    for project in f500.projects:
        assert (project.start - f500.start).days >= 0.39 * 730
        assert (f500.end - project.end).days >= 0.25 * 730
    assert not {p.building for p in f500.projects} & {e.building for e in f500.non_routine_events}


def test_prices_cover_every_site_commodity_and_year_without_overlap(f500: SamplePortfolio) -> None:
    rows: dict[tuple[str, Commodity], list[tuple[date, date | None]]] = defaultdict(list)
    for price in f500.prices:
        assert price.usd_per_unit > 0
        rows[price.site_code, price.commodity].append((price.effective_from, price.effective_to))
    assert len(rows) == 96 * 3
    for spans in rows.values():
        assert spans == [(date(2024, 1, 1), date(2025, 1, 1)), (date(2025, 1, 1), None)]


def test_some_of_the_equipment_is_unknown(f500: SamplePortfolio) -> None:
    known = [b.systems.lighting_w_per_ft2 is not None for b in f500.buildings]
    assert 0.75 < np.mean(known) < 0.92
    led = [b.systems for b in f500.buildings if b.systems.lighting_type == "led" and b.systems.lighting_w_per_ft2]
    assert max(s.lighting_w_per_ft2 or 0.0 for s in led) < 0.8


def test_an_impossible_history_is_refused() -> None:
    with pytest.raises(InvalidInput, match="history"):
        build_portfolio("demo", years=0)
