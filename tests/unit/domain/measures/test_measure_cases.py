"""Hand cases of single measures and of a screened, selected and summarised building."""

from __future__ import annotations

import pytest

from redaptive.domain.measures.base import BuildingProfile, Confidence, Remaining, Screening, Spread, share_out
from redaptive.domain.measures.battery import battery_capex_usd
from redaptive.domain.measures.led import MEASURE as LED
from redaptive.domain.measures.led import fixture_savings_kwh
from redaptive.domain.measures.pv import MEASURE as PV
from redaptive.domain.measures.registry import measure
from redaptive.domain.measures.vfd import variable_speed_savings_kwh
from redaptive.domain.portfolio.opportunities import candidate_of, screen_building, screen_portfolio
from redaptive.domain.portfolio.records import Building, BuildingSystems
from redaptive.domain.portfolio.selection import SelectionRules, select_projects
from redaptive.domain.portfolio.summary import summarize
from redaptive.errors import InvalidInput
from redaptive.reference.loader import load_all

LIBRARY = load_all().measure_library()


def _office(systems: BuildingSystems, **changes: float) -> BuildingProfile:
    shares = load_all().end_use_shares("office")
    building = Building("B1", "B1", "S1", "office", 50_000.0, systems=systems)
    return BuildingProfile(
        building, 900_000.0, 20_000.0, 0.12, 1.0, 0.35, 5.31145, shares.electricity, shares.gas, **changes
    )


def test_led_golden() -> None:
    # domain.md 4.5: 1,000 fixtures 96 -> 36 W, 3,500 h
    assert fixture_savings_kwh(1000, 96, 36, 3500) == pytest.approx(210_000)


def test_variable_speed_golden() -> None:
    # domain.md 4.5: 30 kW, P ~ s^2.7, drive efficiency 0.97, baseline 180,000 kWh
    duty = [(1.0, 500), (0.9, 800), (0.8, 1200), (0.7, 1500), (0.6, 1200), (0.5, 800)]
    assert 30 * sum(hours for _, hours in duty) == 180_000
    assert variable_speed_savings_kwh(30, duty) == pytest.approx(94_740.8, abs=0.05)


def test_led_works_on_the_inventory_when_it_is_known() -> None:
    # 1.0 W/ft2 * 50,000 ft2 * 2,000 h = 100,000 kWh, below the 153,000 kWh of the end use; half of it is saved
    profile = _office(BuildingSystems(lighting_w_per_ft2=1.0, lighting_hours_per_y=2000.0))
    found = LED.screen(profile, Remaining.of(profile), LIBRARY)
    assert isinstance(found, Screening)
    assert found.kwh == pytest.approx({"lighting": 50_000.0})
    assert found.savings_kw == pytest.approx(25.0)
    assert found.capex_usd.mid == 150_000.0
    assert found.confidence is Confidence.HIGH


def test_led_falls_back_on_the_end_use() -> None:
    profile = _office(BuildingSystems(lighting_type="T8 fluorescent"))
    found = LED.screen(profile, Remaining.of(profile), LIBRARY)
    assert isinstance(found, Screening)
    assert found.kwh == pytest.approx({"lighting": 900_000 * 0.17 * 0.5})
    assert found.confidence is Confidence.MEDIUM


def test_array_size_cost_class_and_upkeep() -> None:
    # 10,000 ft2 * 0.6 * 0.0175 kWdc/ft2 = 105 kWdc, less 25 kWdc that is there
    systems = BuildingSystems(roof_area_ft2=10_000.0, existing_pv_kwdc=25.0)
    profile = _office(systems, pv_yield_kwh_per_kwdc_y=1250.0)
    found = PV.screen(profile, Remaining.of(profile), LIBRARY)
    assert isinstance(found, Screening)
    assert found.variant == "pv_small"
    assert sum(found.kwh.values()) == pytest.approx(80 * 1250)
    assert found.capex_usd.mid == pytest.approx(80 * 2232)
    assert found.om_usd_per_y == pytest.approx(80 * 26)


def test_battery_cost() -> None:
    # REopt defaults: 100 kW * 968 + 200 kWh * 253 + 222,115
    assert battery_capex_usd(100.0, 200.0, LIBRARY).mid == pytest.approx(369_515)


def test_later_measures_work_on_what_is_left() -> None:
    profile = _office(BuildingSystems(lighting_type="fluorescent"), base_peak_ratio=0.7, night_day_ratio=0.7)
    result = screen_building(profile, LIBRARY)
    by_id = {o.measure: o for o in result.opportunities}
    assert list(by_id) == ["rcx", "scheduling", "led"]
    assert by_id["rcx"].savings_kwh == pytest.approx(90_000)
    assert by_id["scheduling"].savings_kwh == pytest.approx(0.06 * 810_000)
    assert by_id["led"].savings_kwh == pytest.approx(0.5 * 0.17 * 810_000 * 0.94)
    assert "vfd" in {n.measure for n in result.not_screened}


def test_prices_and_emissions_of_an_opportunity() -> None:
    profile = _office(BuildingSystems(), night_day_ratio=0.7)
    (found,) = screen_building(profile, LIBRARY).opportunities
    usd = 90_000 * 0.12 + 2_000 * 1.0
    assert found.savings_usd_per_y == pytest.approx(usd)
    assert found.avoided_t_co2e_per_y == pytest.approx((90_000 * 0.35 + 2_000 * 5.31145) / 1000)
    assert found.simple_payback_y == pytest.approx(50_000 * 0.26 / usd)
    assert any("not yet checked" in warning for warning in found.warnings)


def test_selected_and_summarised_numbers_are_the_inputs() -> None:
    profile = _office(BuildingSystems(lighting_type="fluorescent"), base_peak_ratio=0.7, night_day_ratio=0.7)
    (screening,) = screen_portfolio([profile], LIBRARY)
    candidates = [candidate_of(o, 0.08, 0.025) for o in screening.opportunities]
    selection = select_projects(candidates, SelectionRules(budget_usd=20_000.0))
    page = summarize(selection, screening.opportunities, not_screened=3, baseline_t_co2e=421.2)
    figures = {h.label: h.value for h in page.headlines}
    assert figures["Investment"] == selection.capex_usd <= 20_000.0
    assert figures["Projects"] == len(selection.chosen) == 2
    assert sum(t.savings_usd_per_y for t in page.by_measure) == pytest.approx(selection.savings_usd_per_y)
    assert f"{selection.npv_usd:,.0f} USD" in " ".join(page.executive)
    assert "421.2 tCO2e" in " ".join(page.sustainability)
    assert "3 measures were not screened for want of data" in page.warnings


def test_an_empty_choice_says_so() -> None:
    page = summarize(select_projects([], SelectionRules(0.0)), [])
    assert page.executive == ("None of 0 opportunities was chosen within the budget and rules.",)


def test_shares_must_add_up() -> None:
    profile = BuildingProfile(Building("B", "B", "S", "office", 1.0), 1.0, 1.0, 0.1, 1.0, 0.3, 5.3, {"plug": 0.5}, {})
    with pytest.raises(InvalidInput, match="add up to 1"):
        Remaining.of(profile)


def test_a_spread_is_in_order_and_sharing_out_is_capped() -> None:
    with pytest.raises(InvalidInput, match="not in order"):
        Spread(2.0, 1.0, 3.0)
    assert share_out(100.0, {"a": 10.0, "b": 30.0}, ("a", "b")) == {"a": 10.0, "b": 30.0}
    assert share_out(20.0, {"a": 10.0, "b": 30.0}, ("a", "b")) == {"a": 5.0, "b": 15.0}
    assert share_out(20.0, {"a": 0.0}, ("a",)) == {}


@pytest.mark.parametrize(("measure_id", "use", "fraction"), [("led", "lighting", 0.5), ("chiller", "hvac", 0.3)])
def test_an_inventory_larger_than_the_end_use_saves_a_share_of_the_end_use(
    measure_id: str, use: str, fraction: float
) -> None:
    systems = BuildingSystems(
        lighting_w_per_ft2=9.0, lighting_hours_per_y=8000.0, chiller_kw_per_ton=1.0, cooling_tons=5000.0
    )
    whole = Remaining.of(_office(systems))
    found = measure(measure_id).screen(_office(systems), whole, LIBRARY)
    assert isinstance(found, Screening)
    assert found.kwh == pytest.approx({use: fraction * whole.kwh[use]})
