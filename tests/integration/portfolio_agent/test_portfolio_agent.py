"""The six tools of the portfolio agent over MCP on PostgreSQL and Delta, against figures made by hand."""

from __future__ import annotations

import json
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from tests.integration.conftest import Demo
from tests.integration.portfolio_agent import small_portfolio as known
from tests.integration.portfolio_agent.running_app import AGENT, RunningApp

from redaptive.agents.invoker import HttpInvoker, ToolResult
from redaptive.agents.principal import Principal
from redaptive.cli.reporting import served_agent
from redaptive.errors import InvalidInput, NotFound, RedaptiveError
from redaptive.sample.readings import SampleReadings

KBTU = 3.412142
PRICES = {"electricity_usd_per_kwh": 0.18, "gas_usd_per_therm": 1.2, "grid_kg_per_kwh": 0.4}


class Small:
    """Calls the tools in the tenant of the small portfolio."""

    def __init__(self, running: RunningApp, principal: Principal) -> None:
        self.running, self.principal = running, principal

    def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return self.running.call(self.principal, f"{AGENT}.{tool}", arguments).answer

    def value(self, tool: str, **arguments: Any) -> Any:
        return self.ask(tool, **arguments)["value"]


@pytest.fixture
def agent(running: RunningApp, small: Principal) -> Small:
    return Small(running, small)


# analyze_portfolio_usage


def test_use_of_a_year_is_the_sum_of_the_main_meters(agent: Small) -> None:
    report = agent.value("analyze_portfolio_usage", period="2025", group_by="building_code")
    rows = {row["group"]: row for row in report["rows"]}
    electric = {
        "OFF": ("OFF-E1", "OFF-E2"), "RET": ("RET-E", "RET-PV"), "SQR": ("SQR-E",), "GAP": ("GAP-E",),
        "NOA": ("NOA-E",), "LON": ("LON-E",), "MUT": (),
    }  # fmt: skip
    assert set(rows) == set(electric)
    for code, meters in electric.items():
        assert rows[code]["electricity_kwh"] == pytest.approx(known.sum_kwh(meters, 2025), abs=1e-6)
    assert rows["OFF"]["electricity_kwh"] == pytest.approx(5_000_000)
    assert rows["OFF"]["gas_therms"] == pytest.approx(known.THERMS_2025)
    assert rows["OFF"]["water_kl"] == pytest.approx(9_000)
    assert rows["OFF"]["energy_kbtu"] == pytest.approx(5_000_000 * KBTU + known.THERMS_2025 * 100)
    assert rows["OFF"]["site_eui_kbtu_per_ft2"] == pytest.approx(rows["OFF"]["energy_kbtu"] / 200_000)
    assert rows["OFF"]["source_eui_kbtu_per_ft2"] == pytest.approx((5e6 * KBTU * 2.80 + 3e6 * 1.05) / 200_000)


def test_cost_and_emissions_are_use_times_the_sites_prices_and_dated_factors(agent: Small) -> None:
    answer = agent.ask("analyze_portfolio_usage", period="2025", group_by="building_code")
    rows = {row["group"]: row for row in answer["value"]["rows"]}
    gas_kwh = known.THERMS_2025 * known.WH_PER_THERM / 1000
    assert rows["OFF"]["cost_usd"] == pytest.approx(
        5e6 * known.NY_USD + gas_kwh * known.NY_GAS_USD + 9_000 * known.NY_WATER_USD
    )
    assert rows["OFF"]["emissions_tco2e"] == pytest.approx(
        5_000 * known.NYCW_KG + known.THERMS_2025 * known.GAS_KG_PER_THERM / 1000, rel=1e-6
    )
    # Solar is free and emits nothing: only the grid's share of the shop is priced.
    assert rows["RET"]["cost_usd"] == pytest.approx(known.sum_kwh(("RET-E",), 2025) * known.CA_USD)
    assert rows["RET"]["emissions_tco2e"] == pytest.approx(known.sum_kwh(("RET-E",), 2025) * known.CAMX_KG / 1000)
    assert rows["LON"]["cost_usd"] is rows["LON"]["emissions_tco2e"] is None
    warnings = " ".join(answer["warnings"])
    assert "No price for S-LON electricity" in warnings
    assert "No emission factor for S-LON electricity" in warnings
    assert any("egrid" in version.lower() for version in answer["factor_version"])


@pytest.mark.parametrize("group_by", ["sector", "building_type", "state", "customer_code", "site_code"])
def test_the_groups_add_up_to_the_total(agent: Small, group_by: str) -> None:
    report = agent.value("analyze_portfolio_usage", period="2025", group_by=group_by)
    columns = ("buildings", "electricity_kwh", "gas_therms", "energy_kbtu", "water_kl", "cost_usd", "emissions_tco2e")
    for column in columns:
        assert sum(row[column] or 0 for row in report["rows"]) == pytest.approx(report["total"][column])
    by_month = sum(month["electricity_kwh"] for month in report["months"])
    assert by_month == pytest.approx(report["total"]["electricity_kwh"])


def test_months_are_those_of_the_buildings_own_clock(agent: Small) -> None:
    report = agent.value("analyze_portfolio_usage", period="2025-03", building_type="retail")
    local = known.readings()["RET-E"].with_columns(t=pl.col("ts").dt.convert_time_zone(known.LOS_ANGELES))
    march = local.filter(pl.col("t").dt.date().is_between(date(2025, 3, 1), date(2025, 3, 31)))
    solar = 31 * 6 * 12.0
    assert march.height == 31 * 24 - 1
    assert report["total"]["electricity_kwh"] == pytest.approx(int(march["value"].sum()) / 1000 + solar, abs=1e-6)


def test_trend_and_peak_and_coverage(agent: Small) -> None:
    report = agent.value("analyze_portfolio_usage", period="2025", group_by="building_code")
    rows = {row["group"]: row for row in report["rows"]}
    now, before = 5e6 + 879_213.117, 4e6 + 1e6
    assert rows["OFF"]["yoy_pct"] == pytest.approx(100 * (now / before - 1), rel=1e-6)
    assert rows["SQR"]["peak_kw"] == pytest.approx(300)
    assert rows["SQR"]["yoy_pct"] == pytest.approx(100 * (365 / 366 - 1), abs=0.01)
    assert rows["SQR"]["coverage_pct"] == pytest.approx(100)
    assert rows["GAP"]["coverage_pct"] == pytest.approx(100 * (1 - known.GAP_DAYS / 365), abs=0.02)


def test_buildings_without_area_or_coverage_have_no_eui_and_are_named(agent: Small) -> None:
    report = agent.value("analyze_portfolio_usage", period="2025", group_by="building_code")
    reasons = {each["building_code"]: each["reason"] for each in report["excluded"]}
    assert set(reasons) == {"GAP", "MUT", "NOA"}
    assert "gross_floor_area_ft2" in reasons["NOA"]
    assert "89.0 %" in reasons["GAP"]
    assert all(row["site_eui_kbtu_per_ft2"] is None for row in report["rows"] if row["group"] in reasons)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"state": "NY"}, {"OFF", "GAP", "MUT"}),
        ({"building_type": "retail"}, {"RET"}),
        ({"sector": "retail", "building_type": "office"}, {"SQR", "NOA", "LON"}),
        ({"climate_zone": "3B"}, {"RET", "SQR", "NOA"}),
        ({"portfolio_id": "all"}, {"OFF", "GAP", "MUT", "RET", "SQR", "NOA", "LON"}),
    ],
)
def test_filters_choose_buildings(agent: Small, filters: dict[str, str], expected: set[str]) -> None:
    answer = agent.ask("analyze_portfolio_usage", period="2025", group_by="building_code", **filters)
    assert {row["group"] for row in answer["value"]["rows"]} == expected
    assert filters.items() <= answer["inputs_used"].items()


def test_prices_and_grid_factor_of_the_caller_are_used_and_named(agent: Small) -> None:
    answer = agent.ask("analyze_portfolio_usage", period="2025", state="NY", **PRICES)
    total = answer["value"]["total"]
    kwh = total["electricity_kwh"]
    water = 9_000 * known.NY_WATER_USD
    assert total["cost_usd"] == pytest.approx(kwh * 0.18 + known.THERMS_2025 * 1.2 + water)
    assert total["emissions_tco2e"] == pytest.approx(
        (kwh * 0.4 + known.THERMS_2025 * known.GAS_KG_PER_THERM) / 1000, rel=1e-6
    )
    assert "prices given by the caller" in answer["factor_version"]
    assert PRICES.items() <= answer["inputs_used"].items()


def test_the_default_period_is_the_last_twelve_complete_months(agent: Small) -> None:
    assert agent.ask("analyze_portfolio_usage")["inputs_used"]["period"] == "2025-01..2025-12"


# benchmark_buildings


def test_the_national_percentile_is_the_closed_form(agent: Small) -> None:
    report = agent.value("benchmark_buildings", period="2025")
    rows = {row["building_code"]: row for row in report["rows"]}
    assert set(rows) == {"OFF", "RET", "SQR", "LON"}
    off = rows["OFF"]
    # Site median of offices 52.9 (domain.md 4.2); without published quartiles of offices sigma is 0.7.
    expected = 100 * (1 - stats.norm.cdf(np.log(off["value"] / 52.9) / 0.7))
    assert off["percentile"] == pytest.approx(expected, abs=1e-6)
    assert off["ratio_to_median"] == pytest.approx(off["value"] / 52.9)
    assert off["gap_to_median_kbtu"] == pytest.approx((off["value"] - 52.9) * 200_000)
    # Retail: median 51.4, quartiles 4.9 and 18.8 kWh/ft2.
    sigma = np.log(18.8 / 4.9) / (2 * stats.norm.ppf(0.75))
    shop = 100 * (1 - stats.norm.cdf(np.log(rows["RET"]["value"] / 51.4) / sigma))
    assert rows["RET"]["percentile"] == pytest.approx(shop, abs=1e-6)
    assert report["estimate"] is True
    assert "estimate" in report["label"]
    ratios = [row["ratio_to_median"] for row in report["rows"]]
    assert ratios == sorted(ratios, reverse=True)


def test_a_gap_in_money_is_the_gap_in_energy_at_the_buildings_mean_price(agent: Small) -> None:
    rows = {r["building_code"]: r for r in agent.value("benchmark_buildings", period="2025")["rows"]}
    per_kbtu = known.CA_USD / KBTU
    assert rows["SQR"]["gap_to_median_usd"] == pytest.approx(rows["SQR"]["gap_to_median_kbtu"] * per_kbtu)


def test_source_percentile_uses_the_source_median(agent: Small) -> None:
    row = agent.value("benchmark_buildings", period="2025", metric="source_eui", building_ids=["OFF"])["rows"][0]
    assert row["peer_median"] == 116.4
    assert row["percentile"] == pytest.approx(100 * (1 - stats.norm.cdf(np.log(row["value"] / 116.4) / 0.7)), abs=1e-6)
    assert row["gap_to_median_usd"] is None


def test_local_law_97_is_the_worked_example(agent: Small) -> None:
    """200,000 ft2 office, 5 GWh, 30,000 therms: 1,604.14 t against 1,516 t, 23,621.52 USD (domain.md 9.3)."""
    report = agent.value("benchmark_buildings", period="2025", peer="ll97")
    rows = {row["building_code"]: row for row in report["rows"]}
    assert rows["OFF"]["value"] == pytest.approx(1_604.14, abs=0.005)
    assert rows["OFF"]["limit"] == pytest.approx(1_516.0)
    assert rows["OFF"]["penalty_usd_per_y"] == pytest.approx(23_621.52, abs=0.01)
    assert set(rows) <= {"OFF", "GAP"}
    reasons = {each["building_code"]: each["reason"] for each in report["excluded"]}
    assert "New York City only" in reasons["SQR"]


def test_percentiles_among_the_portfolio_are_scipys(demo: Demo) -> None:
    report = demo.running.call(demo.principal, f"{AGENT}.benchmark_buildings", {"peer": "portfolio"}).value
    values = np.array([row["value"] for row in report["rows"]])
    assert values.size > 15
    for row in report["rows"]:
        expected = stats.percentileofscore(-values, -row["value"], kind="mean")
        assert row["percentile"] == pytest.approx(expected)
    assert report["rows"][0]["peer_median"] == pytest.approx(np.median(values))
    assert report["rows"][0]["peer_p75"] == pytest.approx(np.percentile(values, 25))


# weather_normalize


def test_a_planted_weather_response_is_recovered(agent: Small) -> None:
    """Noise-free: mean and slopes within 2 %, balance points within 2 F (domain.md 4)."""
    value = agent.value("weather_normalize", building_id="RET", baseline="2024", reporting="2025")
    for year in ("baseline", "reporting"):
        fit = value[year]["fit"]
        assert fit["base_per_day"] == pytest.approx(known.MU_KWH, rel=0.02)
        assert fit["heating_per_day_f"] == pytest.approx(known.HEATING, rel=0.02)
        assert fit["cooling_per_day_f"] == pytest.approx(known.COOLING, rel=0.02)
        assert fit["heating_balance_f"] == pytest.approx(known.HEATING_F, abs=2)
        assert fit["cooling_balance_f"] == pytest.approx(known.COOLING_F, abs=2)
        assert fit["r2"] > 0.999
    assert value["baseline"]["actual_kwh"] == pytest.approx(known.sum_kwh(("RET-E",), 2024), rel=1e-9)
    assert value["change_pct"] == pytest.approx(0, abs=0.5)
    assert value["normal_year"] == "mean of 2024-2025"


def test_a_use_that_ignores_the_weather_has_a_flat_normal_year(agent: Small) -> None:
    value = agent.value("weather_normalize", building_id="SQR", baseline="2025")
    assert value["baseline"]["normal_year_kwh"] == pytest.approx(365 * 4_400, rel=1e-3)
    assert value["reporting"] is None


# load_shape_metrics


def test_a_square_wave_has_the_metrics_of_a_square_wave(agent: Small) -> None:
    """Base 100, peak 300, 10.00 h, load factor 0.611 (domain.md 4.4), on local days of 23, 24 and 25 hours."""
    shape = agent.value("load_shape_metrics", meter_id="SQR-E", period="2025")
    assert shape["base_kw"] == pytest.approx(100)
    assert shape["peak_kw"] == shape["max_kw"] == pytest.approx(300)
    assert shape["high_load_h_per_day"] == pytest.approx(10.0)
    assert shape["load_factor"] == pytest.approx(0.6111, abs=1e-4)
    assert (shape["rise_hour"], shape["fall_hour"]) == (8.0, 18.0)
    assert shape["night_day_ratio"] == pytest.approx(1 / 3)
    assert shape["weekend_weekday_ratio"] == pytest.approx(1.0, abs=2e-3)
    assert shape["max_ramp_kw"] == pytest.approx(200)
    assert shape["n_days"] == 365
    assert [peak["month"] for peak in shape["monthly_peaks"]] == [f"2025-{m:02d}-01" for m in range(1, 13)]
    assert shape["monthly_peaks"][6]["peak_ts"] == "2025-07-01T15:00:00Z"


def test_a_constant_load_has_load_factor_one(agent: Small) -> None:
    shape = agent.value("load_shape_metrics", meter_id="NOA-E", period="2025")
    assert shape["load_factor"] == pytest.approx(1.0)
    assert shape["base_peak_ratio"] == pytest.approx(1.0)
    assert shape["high_load_h_per_day"] == 0


# find_opportunities


def test_opportunities_of_a_building_by_hand(agent: Small) -> None:
    """Retro-commissioning 10 % of all, then LED 50 % of the installed lighting (domain.md 4.5)."""
    report = agent.value("find_opportunities", building_ids=["SQR"], period="2025", measures=["led", "rcx"])
    found = {each["measure"]: each for each in report["opportunities"]}
    assert set(found) == {"rcx", "led"}
    year_kwh = 365 * 4_400
    rcx, led = found["rcx"], found["led"]
    assert rcx["savings_kwh"] == pytest.approx(0.10 * year_kwh)
    assert rcx["capex_usd"]["mid"] == pytest.approx(0.26 * 30_000)
    assert rcx["simple_payback_y"] == pytest.approx(0.26 * 30_000 / (0.10 * year_kwh * known.CA_USD))
    assert [e["metric"] for e in rcx["evidence"]] == ["weekend_weekday_ratio"]
    # 1.2 W/ft2 x 30,000 ft2 x 3,500 h = 126,000 kWh, less than 90 % of the 17 % that lighting takes of the year.
    assert 0.9 * 0.17 * year_kwh > 126_000
    assert led["savings_kwh"] == pytest.approx(63_000)
    assert led["savings_kw"] == pytest.approx(18)
    assert led["savings_usd_per_y"] == pytest.approx(63_000 * known.CA_USD + 18 * 12 * known.CA_DEMAND_USD)
    assert led["capex_usd"]["mid"] == pytest.approx(90_000)
    assert led["simple_payback_y"] == pytest.approx(90_000 / 17_910)
    assert led["avoided_t_co2e_per_y"] == pytest.approx(63 * known.CAMX_KG)
    assert report["total_savings_usd_per_y"] == pytest.approx(sum(o["savings_usd_per_y"] for o in found.values()))


def test_unknown_equipment_is_not_screened_and_the_missing_input_is_named(agent: Small) -> None:
    report = agent.value("find_opportunities", building_ids=["RET", "SQR"], period="2025")
    lacking = {(n["measure"], code): set(n["missing"]) for n in report["not_screened"] for code in n["buildings"]}
    assert {"lighting_w_per_ft2", "lighting_type"} <= lacking["led", "RET"]
    assert ("led", "SQR") not in lacking
    assert "roof_area_ft2" in lacking["pv", "SQR"]
    proposed = {(o["measure"], o["building_code"]) for o in report["opportunities"]}
    assert proposed.isdisjoint(lacking)


def test_screening_without_a_price_is_refused_until_it_is_given(agent: Small) -> None:
    with pytest.raises(InvalidInput, match="a price of electricity"):
        agent.ask("find_opportunities", building_ids=["LON"], period="2025")
    with pytest.raises(InvalidInput, match="an emission factor of electricity"):
        agent.ask("find_opportunities", building_ids=["LON"], period="2025", electricity_usd_per_kwh=0.3)
    given = {"electricity_usd_per_kwh": 0.3, "grid_kg_per_kwh": 0.2}
    answer = agent.ask("find_opportunities", building_ids=["LON"], period="2025", **given)
    assert answer["value"]["buildings_screened"] == 1
    assert given.items() <= answer["inputs_used"].items()


def test_buildings_that_cannot_be_screened_are_skipped_with_the_reason(agent: Small) -> None:
    report = agent.value("find_opportunities", period="2025")
    reasons = {each["building_code"]: each["missing"] for each in report["skipped"]}
    assert set(reasons) == {"MUT", "GAP", "LON"}
    assert "90 % coverage" in reasons["GAP"]
    assert "price" in reasons["LON"]
    assert report["buildings_screened"] == 4


def test_screening_reports_its_progress(running: RunningApp, small: Principal) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def note(done: float, total: float | None, message: str | None) -> None:
        seen.append((done, total, message))

    running.call(small, f"{AGENT}.find_opportunities", {"period": "2025"}, note)
    assert [done for done, _, _ in seen] == [1, 2, 3, 4]
    assert all(total == 4 and message for _, total, message in seen)


# rank_and_summarize_portfolio


def _npv(opportunity: dict[str, Any], rate: float, escalation: float) -> float:
    years = range(1, max(1, round(opportunity["service_life_y"])) + 1)
    net = opportunity["savings_usd_per_y"] - opportunity["om_usd_per_y"]
    return sum(net * (1 + escalation) ** (t - 1) / (1 + rate) ** t for t in years) - opportunity["capex_usd"]["mid"]


def _best(candidates: list[tuple[str, float, float]], budget: float) -> float:
    """The largest NPV of any subset within the budget: every subset is tried."""
    best = 0.0
    for n in range(1, len(candidates) + 1):
        for chosen in combinations(candidates, n):
            if sum(capex for _, _, capex in chosen) <= budget:
                best = max(best, sum(npv for _, npv, _ in chosen))
    return best


@pytest.mark.parametrize("budget", [0, 8_000, 60_000, 100_000, 1_000_000])
def test_the_chosen_projects_are_the_best_of_all_subsets(agent: Small, budget: float) -> None:
    where = {"building_ids": ["OFF", "RET", "SQR"], "period": "2025"}
    found = agent.value("find_opportunities", **where)["opportunities"]
    assert 4 <= len(found) <= 12
    candidates = [(f"{o['building_code']}/{o['measure']}", _npv(o, 0.08, 0.025), o["capex_usd"]["mid"]) for o in found]
    ranked = agent.value("rank_and_summarize_portfolio", budget_usd=budget, **where)
    selection = ranked["selection"]
    assert selection["npv_usd"] == pytest.approx(_best(candidates, budget), rel=1e-3, abs=1)
    assert selection["capex_usd"] <= budget + 1e-6
    assert selection["unspent_usd"] == pytest.approx(budget - selection["capex_usd"])
    npv = {code: value for code, value, _ in candidates}
    assert selection["npv_usd"] == pytest.approx(sum(npv[code] for code in selection["chosen"]))
    assert {f"{p['building_code']}/{p['measure']}" for p in ranked["projects"]} == set(selection["chosen"])
    assert ranked["considered"] == len(found)


def test_a_cap_per_building_holds_and_an_impossible_minimum_is_refused(agent: Small) -> None:
    where = {"building_ids": ["OFF", "RET", "SQR"], "period": "2025", "budget_usd": 200_000}
    ranked = agent.value("rank_and_summarize_portfolio", **where, max_usd_per_building=20_000)
    spent: dict[str, float] = {}
    for project in ranked["projects"]:
        spent[project["building_code"]] = spent.get(project["building_code"], 0) + project["capex_usd"]["mid"]
    assert spent
    assert max(spent.values()) <= 20_000
    with pytest.raises(InvalidInput, match="No set of projects"):
        agent.ask("rank_and_summarize_portfolio", **where, min_t_co2e_per_y=1e9)


def test_what_shaped_the_choice_is_in_the_inputs(agent: Small) -> None:
    given = {"max_usd_per_building": 20_000.0, "min_t_co2e_per_y": 1.0, "discount_rate": 0.05, **PRICES}
    answer = agent.ask(
        "rank_and_summarize_portfolio", building_ids=["OFF", "SQR"], period="2025", budget_usd=50_000, **given
    )
    assert given.items() <= answer["inputs_used"].items()


def test_the_summary_copies_the_figures_of_the_selection(agent: Small) -> None:
    ranked = agent.value("rank_and_summarize_portfolio", budget_usd=100_000, period="2025")
    heads = {head["label"]: head["value"] for head in ranked["summary"]["headlines"]}
    assert heads["Investment"] == ranked["selection"]["capex_usd"]
    assert heads["Net present value"] == ranked["selection"]["npv_usd"]
    assert heads["Projects"] == len(ranked["projects"])


# Refusals


@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "field", "says"),
    [
        ("analyze_portfolio_usage", {"period": "last year"}, InvalidInput, "period", "is no period"),
        ("analyze_portfolio_usage", {"period": "2025-13"}, InvalidInput, "period", "is no period"),
        ("analyze_portfolio_usage", {"period": "2025..2024"}, InvalidInput, "period", "is no period"),
        ("analyze_portfolio_usage", {"period": "2019"}, InvalidInput, "readings", "no reading in the period"),
        ("analyze_portfolio_usage", {"portfolio_id": "al"}, NotFound, None, "all"),
        ("analyze_portfolio_usage", {"state": "TX"}, NotFound, "filters", "No building matches"),
        ("analyze_portfolio_usage", {"group_by": "colour"}, InvalidInput, "group_by", ""),
        ("benchmark_buildings", {"building_ids": ["OFFF"]}, NotFound, None, "OFF"),
        ("benchmark_buildings", {"building_ids": ["MUT"]}, InvalidInput, "readings", "no reading"),
        ("benchmark_buildings", {"peer": "bps"}, InvalidInput, "peer", "No building performance standard"),
        ("weather_normalize", {"building_id": "RETT"}, NotFound, None, "RET"),
        ("weather_normalize", {"building_id": "LON"}, InvalidInput, "weather", "no weather"),
        ("weather_normalize", {"building_id": "SQR", "commodity": "gas"}, InvalidInput, "commodity", "no main gas"),
        ("weather_normalize", {"building_id": "RET", "baseline": "2019"}, InvalidInput, "weather", "no day in"),
        ("load_shape_metrics", {"meter_id": "SQR-X"}, NotFound, None, "SQR-E"),
        ("load_shape_metrics", {"meter_id": "OFF-W"}, InvalidInput, "meter_id", "measures no energy"),
        ("load_shape_metrics", {"meter_id": "MUT-E"}, InvalidInput, "readings", "no reading"),
        ("find_opportunities", {"measures": ["magic"]}, InvalidInput, "measures", "Known: "),
        ("find_opportunities", {"period": "2025-01..2025-06"}, InvalidInput, "period", "12 months"),
        ("rank_and_summarize_portfolio", {"budget_usd": -1}, InvalidInput, "budget_usd", ""),
        ("rank_and_summarize_portfolio", {}, InvalidInput, "budget_usd", ""),
    ],
)
def test_a_refusal_names_what_is_missing(
    agent: Small, tool: str, arguments: dict[str, Any], kind: type[RedaptiveError], field: str | None, says: str
) -> None:
    with pytest.raises(kind) as caught:
        agent.ask(tool, **arguments)
    assert type(caught.value) is kind
    assert says in f"{caught.value.message} {caught.value.fix}"
    if field is not None:
        assert caught.value.field == field


def test_a_baseline_with_a_gap_gives_no_figure_but_the_failed_check(agent: Small) -> None:
    answer = agent.ask("weather_normalize", building_id="GAP", baseline="2025")
    baseline = answer["value"]["baseline"]
    assert baseline["normal_year_kwh"] is None
    assert baseline["actual_kwh"] is None
    assert any(check["check"] == "coverage_use" for check in baseline["failed"])
    assert answer["warnings"]


# The protocol

CALLS: dict[str, dict[str, Any]] = {
    "analyze_portfolio_usage": {"period": "2025"},
    "benchmark_buildings": {"period": "2025"},
    "weather_normalize": {"building_id": "RET", "baseline": "2025"},
    "load_shape_metrics": {"meter_id": "SQR-E", "period": "2025"},
    "find_opportunities": {"period": "2025"},
    "rank_and_summarize_portfolio": {"budget_usd": 100_000, "period": "2025"},
}
NO_FACTORS = {"weather_normalize", "load_shape_metrics"}
NO_WARNING = {*NO_FACTORS}


def _check_envelope(tool: str, result: ToolResult) -> None:
    answer = result.answer
    assert answer["unit"]
    assert answer["method"]
    assert answer["inputs_used"]
    assert bool(answer["factor_version"]) is (tool not in NO_FACTORS)
    assert 0 < answer["data_quality"]["coverage_pct"] <= 100
    assert answer["provenance"]
    assert all(source["kind"] and source["id"] and source["version"] for source in answer["provenance"])
    assert bool(answer["warnings"]) is (tool not in NO_WARNING)
    assert answer["unit"] in result.text


@pytest.mark.parametrize("tool", CALLS)
def test_every_answer_says_where_it_comes_from(running: RunningApp, small: Principal, tool: str) -> None:
    _check_envelope(tool, running.call(small, f"{AGENT}.{tool}", CALLS[tool]))


def test_there_are_exactly_six_tools_and_a_case_for_each(running: RunningApp, small: Principal) -> None:
    async def names(client: Any) -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    assert running.with_client(small, names) == [f"{AGENT}.{tool}" for tool in CALLS]


def test_http_answers_are_those_of_the_process(running: RunningApp, small: Principal) -> None:
    async def over_http() -> dict[str, Any]:
        local = running.app.settings.model_copy(update={"tenant": small.tenant})
        served = type(running.app)(**{**vars_of(running.app), "settings": local})
        async with served_agent(served) as url, HttpInvoker({AGENT: url}) as invoker:
            return {tool: (await invoker.call(f"{AGENT}.{tool}", CALLS[tool])).answer for tool in CALLS}

    answers = running.run(over_http)
    for tool, arguments in CALLS.items():
        _same(answers[tool], running.call(small, f"{AGENT}.{tool}", arguments).answer)


def _same(one: Any, other: Any) -> None:
    """Equal in all but the last digits of figures: sums of many readings are added in any order."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            _same(left, right)
    else:
        assert one == (pytest.approx(other, rel=1e-12) if isinstance(other, float) else other)


def vars_of(app: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass without what it has cached."""
    return {name: getattr(app, name) for name in app.__dataclass_fields__}


def test_resources_describe_the_portfolio(running: RunningApp, small: Principal) -> None:
    async def read(client: Any) -> list[Any]:
        uris = ("energy://portfolios", "energy://buildings/SQR", "energy://buildings/OFF/meters")
        return [json.loads((await client.read_resource(uri)).contents[0].text) for uri in uris]

    portfolios, building, meters = running.with_client(small, read)
    assert portfolios == [{"code": "all", "name": "All", "buildings": 7}]
    assert building["code"] == "SQR"
    assert building["systems"]["lighting_w_per_ft2"] == 1.2
    assert {meter["code"] for meter in meters} == {"OFF-E1", "OFF-E2", "OFF-SUB", "OFF-G", "OFF-W"}


def test_the_prompt_names_tools_that_exist(running: RunningApp, small: Principal) -> None:
    async def text(client: Any) -> str:
        found = await client.get_prompt(f"{AGENT}.improve_portfolio", {"budget_usd": "123456"})
        return found.messages[0].content.text

    prompt = running.with_client(small, text)
    assert "123456" in prompt
    assert sum(tool in prompt for tool in CALLS) == 3


# The demo sample


def test_totals_of_the_demo_are_the_sums_of_its_generated_readings(demo: Demo) -> None:
    """One main electric meter, summed straight from the generator, is what its building reports."""
    portfolio = demo.portfolio
    single = next(b for b in portfolio.buildings if len(_mains(portfolio, b.code, "electricity")) == 1)
    index = _mains(portfolio, single.code, "electricity")[0]
    from_generator = SampleReadings(portfolio).frame([index], date(2025, 1, 1), date(2026, 1, 1))
    solar = _mains(portfolio, single.code, "solar")
    if solar:
        from_generator = pl.concat(
            [from_generator, SampleReadings(portfolio).frame(solar, date(2025, 1, 1), date(2026, 1, 1))]
        )
    arguments = {"period": "2025", "group_by": "building_code"}
    report = demo.running.call(demo.principal, f"{AGENT}.analyze_portfolio_usage", arguments).value
    row = next(r for r in report["rows"] if r["group"] == single.code)
    assert row["electricity_kwh"] == pytest.approx(int(from_generator["value"].cast(pl.Int64).sum()) / 1000)


def _mains(portfolio: Any, code: str, commodity: str) -> list[int]:
    return [
        i
        for i, m in enumerate(portfolio.meters)
        if m.building_code == code and m.commodity == commodity and (m.role == "main" or commodity == "solar")
    ]


def test_figures_of_the_demo_are_plausible(demo: Demo) -> None:
    """What an energy engineer checks first: intensity, load factor, savings below use, sane paybacks."""
    arguments = {"period": "2025", "group_by": "building_code"}
    use = demo.running.call(demo.principal, f"{AGENT}.analyze_portfolio_usage", arguments).value
    rows = {row["group"]: row for row in use["rows"]}
    for row in rows.values():
        if row["site_eui_kbtu_per_ft2"] is not None:
            assert 10 < row["site_eui_kbtu_per_ft2"] < 1_000
            assert row["source_eui_kbtu_per_ft2"] >= row["site_eui_kbtu_per_ft2"]
    report = demo.running.call(demo.principal, f"{AGENT}.find_opportunities", {"period": "2025"}).value
    assert report["opportunities"]
    for code, row in rows.items():
        own = [o for o in report["opportunities"] if o["building_code"] == code and o["measure"] != "pv"]
        assert sum(o["savings_kwh"] for o in own) < row["electricity_kwh"] or not own
        assert sum(o["savings_therms"] for o in own) <= row["gas_therms"]
        assert all(o["savings_kwh"] >= 0 and o["savings_therms"] >= 0 for o in own)
    assert all(o["simple_payback_y"] is None or o["simple_payback_y"] > 0.05 for o in report["opportunities"])
