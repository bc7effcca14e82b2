"""What every measure must do: wait for its inputs, stay within the end uses, explain itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.domain.measures.base import (
    ELECTRIC_USES,
    GAS_USES,
    BuildingProfile,
    Measure,
    NotApplicable,
    Remaining,
    Screening,
)
from redaptive.domain.measures.registry import discover, measure
from redaptive.domain.portfolio.opportunities import screen_building
from redaptive.domain.portfolio.records import Building, BuildingSystems
from redaptive.errors import NotFound
from redaptive.reference.loader import load_all

DATA = load_all()
LIBRARY = DATA.measure_library()
IDS = {"rcx", "scheduling", "led", "boiler", "chiller", "refrigeration", "rtu", "vfd", "envelope", "pv", "battery"}

WASTEFUL_SYSTEMS = BuildingSystems(
    lighting_w_per_ft2=1.4,
    lighting_type="fluorescent",
    lighting_hours_per_y=3500.0,
    fan_pump_motor_hp=120.0,
    motor_constant_speed=True,
    motor_hours_per_y=5000.0,
    hvac_type="packaged rooftop",
    hvac_age_y=22.0,
    cooling_tons=300.0,
    chiller_kw_per_ton=1.0,
    boiler_mbh=3000.0,
    boiler_efficiency=0.74,
    roof_area_ft2=40_000.0,
)


def _profile(kind: str = "office", area_ft2: float | None = 100_000.0, **changes: Any) -> BuildingProfile:
    shares = DATA.end_use_shares(kind)
    systems = changes.pop("systems", WASTEFUL_SYSTEMS)
    values: dict[str, Any] = {
        "building": Building("B1", "B1", "S1", kind, area_ft2, systems=systems),
        "annual_kwh": 1_800_000.0,
        "annual_therms": 40_000.0,
        "price_usd_per_kwh": 0.12,
        "price_usd_per_therm": 1.0,
        "factor_kg_per_kwh": 0.35,
        "factor_kg_per_therm": 5.31145,
        "electricity_shares": shares.electricity,
        "gas_shares": shares.gas,
        "demand_usd_per_kw_month": 15.0,
        "peak_kw": 600.0,
        "night_day_ratio": 0.75,
        "weekend_weekday_ratio": 0.8,
        "base_peak_ratio": 0.7,
        "load_factor": 0.34,
        "peak_hours_per_y": 40.0,
        "open_faults": 1,
        "heating_therms_per_hdd": 6.0,
        "cooling_kwh_per_cdd": 400.0,
        "hdd": 6000.0,
        "cdd": 1000.0,
        "pv_yield_kwh_per_kwdc_y": 1280.0,
    }
    return BuildingProfile(**{**values, **changes})


def _blank(kind: str = "office") -> BuildingProfile:
    """A building of which only type, prices and factors are known."""
    known = _profile(kind)
    return BuildingProfile(
        Building("B0", "B0", "S1", kind, None),
        None,
        None,
        0.12,
        1.0,
        0.35,
        5.3,
        known.electricity_shares,
        known.gas_shares,
    )


def _showing(candidate: Measure) -> BuildingProfile:
    return _profile("supermarket" if candidate.id == "refrigeration" else "office")


def test_the_folder_is_the_registry() -> None:
    found = discover()
    assert {m.id for m in found} == IDS | {"demand_management"}
    assert [m.stage for m in found] == sorted(m.stage for m in found)
    assert measure("led").title == "LED lighting and controls"
    with pytest.raises(NotFound, match="Known: battery"):
        measure("magic")


@pytest.mark.parametrize("candidate", discover(), ids=lambda m: m.id)
def test_unknown_inputs_never_trigger_and_are_named(candidate: Measure) -> None:
    profile = _blank()
    result = candidate.screen(profile, Remaining.of(profile), LIBRARY)
    assert isinstance(result, NotApplicable)
    assert result.missing
    assert result.reason == f"not screened: missing {', '.join(result.missing)}"


@pytest.mark.parametrize("candidate", discover(), ids=lambda m: m.id)
def test_a_wasteful_building_triggers_with_evidence(candidate: Measure) -> None:
    profile = _showing(candidate)
    result = candidate.screen(profile, Remaining.of(profile), LIBRARY)
    assert isinstance(result, Screening)
    assert result.evidence
    assert result.method
    assert result.versions
    assert 0.0 < result.capex_usd.low <= result.capex_usd.mid <= result.capex_usd.high
    assert result.service_life_y > 0
    assert set(result.kwh) <= set(ELECTRIC_USES)
    assert set(result.therms) <= set(GAS_USES)
    assert sum(result.kwh.values()) + sum(result.therms.values()) + result.savings_kw > 0 or candidate.id == "battery"


GOOD_SYSTEMS = BuildingSystems(
    lighting_w_per_ft2=0.5,
    lighting_type="led",
    lighting_hours_per_y=3500.0,
    fan_pump_motor_hp=120.0,
    motor_constant_speed=False,
    motor_hours_per_y=5000.0,
    hvac_type="packaged rooftop",
    hvac_age_y=5.0,
    cooling_tons=300.0,
    chiller_kw_per_ton=0.6,
    boiler_mbh=3000.0,
    boiler_efficiency=0.93,
    roof_area_ft2=100.0,
)


def test_a_good_building_triggers_nothing() -> None:
    quiet = _profile(
        systems=GOOD_SYSTEMS,
        night_day_ratio=0.3,
        weekend_weekday_ratio=0.4,
        base_peak_ratio=0.3,
        load_factor=0.6,
        peak_hours_per_y=300.0,
        open_faults=0,
        heating_therms_per_hdd=0.5,
        cooling_kwh_per_cdd=50.0,
    )
    result = screen_building(quiet, LIBRARY)
    assert result.opportunities == ()
    assert result.not_screened == ()
    assert len(result.not_triggered) == len(discover())


def test_a_hospital_is_not_blamed_for_its_nights() -> None:
    result = screen_building(_profile("hospital", open_faults=0), LIBRARY)
    assert not {o.measure for o in result.opportunities} & {"rcx", "scheduling"}


def _hypothetical() -> st.SearchStrategy[BuildingProfile]:
    maybe = lambda low, high: st.none() | st.floats(low, high)  # noqa: E731
    systems = st.builds(
        BuildingSystems,
        lighting_w_per_ft2=maybe(0.0, 5.0),
        lighting_type=st.sampled_from([None, "led", "fluorescent"]),
        lighting_hours_per_y=maybe(0.0, 8760.0),
        fan_pump_motor_hp=maybe(0.0, 5000.0),
        motor_constant_speed=st.sampled_from([None, True, False]),
        motor_hours_per_y=maybe(0.0, 8760.0),
        hvac_type=st.sampled_from([None, "rtu", "chiller"]),
        hvac_age_y=maybe(0.0, 40.0),
        cooling_tons=maybe(0.0, 5000.0),
        chiller_kw_per_ton=maybe(0.3, 2.0),
        boiler_mbh=maybe(0.0, 20000.0),
        boiler_efficiency=maybe(0.5, 0.98),
        roof_area_ft2=maybe(0.0, 1e6),
        existing_pv_kwdc=maybe(0.0, 1000.0),
    )
    return st.builds(
        lambda systems, kind, **values: _profile(kind, systems=systems, **values),
        systems,
        st.sampled_from(["office", "supermarket", "hospital", "warehouse", "other"]),
        area_ft2=maybe(100.0, 2e6),
        annual_kwh=maybe(0.0, 5e7),
        annual_therms=maybe(0.0, 1e6),
        night_day_ratio=maybe(0.0, 2.0),
        base_peak_ratio=maybe(0.0, 1.0),
        peak_kw=maybe(0.0, 1e4),
        heating_therms_per_hdd=maybe(0.0, 100.0),
        cooling_kwh_per_cdd=maybe(0.0, 1e4),
    )


@settings(max_examples=150, deadline=None)
@given(_hypothetical())
def test_savings_never_exceed_the_energy_used(profile: BuildingProfile) -> None:
    result, whole = screen_building(profile, LIBRARY), Remaining.of(profile)
    tolerance = 1.0 + 1e-9
    assert sum(o.savings_kwh for o in result.opportunities) <= (profile.annual_kwh or 0.0) * tolerance
    assert sum(o.savings_therms for o in result.opportunities) <= (profile.annual_therms or 0.0) * tolerance
    assert all(0.0 <= result.remaining.kwh[use] <= whole.kwh[use] * tolerance for use in ELECTRIC_USES)
    assert all(0.0 <= result.remaining.therms[use] <= whole.therms[use] * tolerance for use in GAS_USES)
    saved = sum(o.savings_kwh for o in result.opportunities)
    assert sum(whole.kwh.values()) - sum(result.remaining.kwh.values()) == pytest.approx(saved, rel=1e-6, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(discover()), st.floats(1e3, 1e6), st.floats(1.0, 3.0), st.floats(500.0, 4000.0), st.floats(1.0, 2.0)
)
def test_savings_grow_with_area_and_hours(
    candidate: Measure, area_ft2: float, larger: float, hours: float, longer: float
) -> None:
    def saved(area: float, lit_hours: float) -> float:
        systems = replace(
            WASTEFUL_SYSTEMS, lighting_hours_per_y=lit_hours, motor_hours_per_y=lit_hours, roof_area_ft2=area / 2
        )
        # Slopes grow with the area so that the intensity that triggers stays the same.
        profile = _profile(
            "supermarket" if candidate.id == "refrigeration" else "office",
            area_ft2=area,
            systems=systems,
            annual_kwh=18.0 * area,
            annual_therms=0.4 * area,
            heating_therms_per_hdd=6e-5 * area,
            cooling_kwh_per_cdd=4e-3 * area,
        )
        result = candidate.screen(profile, Remaining.of(profile), LIBRARY)
        return sum(result.kwh.values()) + sum(result.therms.values()) if isinstance(result, Screening) else 0.0

    assert saved(area_ft2 * larger, hours) >= saved(area_ft2, hours) * (1 - 1e-9)
    assert saved(area_ft2, hours * longer) >= saved(area_ft2, hours) * (1 - 1e-9)
