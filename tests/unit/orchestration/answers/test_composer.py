"""Answers are made of copies: every figure is the value at its place, or the sentence is not said."""

from __future__ import annotations

from typing import Any

from tests.unit.orchestration.planners.world import made

import redaptive.orchestration.intelligent.planners.patterns as library
from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.answers.composer import Finished, compose, found_warnings
from redaptive.orchestration.answers.templates import fill
from redaptive.orchestration.answers.views import PATTERNS, TOOLS
from redaptive.orchestration.plans.pattern import discover
from redaptive.orchestration.plans.signatures import value_at

FOUND: dict[str, Any] = {
    "value": {
        "opportunities": [{"building_code": "B-1", "title": "LED", "capex_usd": {"mid": 1000.4}}],
        "buildings_screened": 2,
        "total_savings_usd_per_y": 72438.9,
        "total_capex_usd": 1_339_527.2,
    },
    "method": "measure library",
    "factor_version": ["egrid2023-rev2"],
    "data_quality": {"coverage_pct": 99.5},
    "warnings": ["average prices", "average prices"],
    "provenance": [{"name": "main meters", "version": 29}],
}


def test_figures_are_copied_with_their_place_and_cited() -> None:
    plan = made("find opportunities at NLS-CHI-01")
    found = compose(plan, Finished({"find_opportunities": FOUND}, {}))
    assert found.text == (
        "1 opportunity in 2 buildings would save 72,439 USD a year and cost 1,339,527 USD. [1]"
    )  # fmt: skip
    counted, *copied = found.sentences[0].figures
    assert (counted.value, counted.path) == (1, "value.opportunities")
    for figure in copied:
        assert value_at({"find_opportunities": FOUND}[figure.node], figure.path) == figure.value
    citation = found.citations[0]
    assert (citation.tool, citation.coverage_pct) == ("portfolio-intelligence.find_opportunities", 99.5)
    assert citation.sources == ("main meters 29",)
    assert found.warnings == ("average prices",)
    assert found.tables[0].rows[0][:3] == ("B-1", "LED", 1000.4)


def test_sentence_without_its_figure_is_not_said() -> None:
    assert fill("It costs {a.value.usd:usd}.", {"a": {"value": {"usd": None}}}, {}) is None
    assert fill("It costs {a.value.usd:usd}.", {}, {}) is None
    zero = fill("{a.value:count} were found.", {"a": {"value": []}}, {})
    assert zero is not None
    assert zero.text == "0 were found."


def test_failed_run_says_so_and_why() -> None:
    found = compose(made("find opportunities at NLS-CHI-01"), Finished({}, {"find_opportunities": "no readings"}))
    assert found.text == "A step failed, so there is no answer."
    assert found.problems == ("find_opportunities: no readings",)


def test_tool_without_a_view_is_told_by_its_own_fields() -> None:
    plan = made("compare tariffs for meter M-1")
    value = {"meter_code": "M-1", "tariffs": [{"tariff_id": "T-1", "name": "Flat", "cost_usd_per_y": "1200.00"}]}
    found = compose(plan, Finished({"compare_tariffs": {"value": value}}, {}))
    assert found.text == "meter code: M-1 [1]"
    assert found.tables[0].columns == ("tariff id", "name", "cost usd per y")


def test_views_name_tools_and_patterns_that_there_are() -> None:
    assert set(TOOLS) <= set(catalogue())
    plans = discover(library)
    for name, view in PATTERNS.items():
        nodes = {node.id for node in plans[name].plan.nodes}
        assert {table.node for table in view.tables} <= nodes


def test_period_is_told_where_the_tool_says_it() -> None:
    output = FOUND | {"inputs_used": {"period": "2025-01..2025-12"}}
    found = compose(made("find opportunities at NLS-CHI-01"), Finished({"find_opportunities": output}, {}))
    assert "The figures are of 2025-01 to 2025-12. [1]" in found.text.splitlines()


def test_repeated_call_is_told_for_each_item_and_what_led_to_it_last() -> None:
    plan = made("forecast the load of NLS-HOU-003 for the next 24 hours")
    forecasts = [
        {
            "value": {
                "meter_code": code,
                "p50_total": kwh,
                "unit": "kWh",
                "intervals": [{"start": "2026-01-01T06:00:00Z"}],
            }
        }
        for code, kwh in (("E1", 4942.4), ("E2", 2910.0))
    ]
    status = {"value": {"live": 1, "late": 0, "silent": 1, "never": 0, "meters": []}}
    outputs = {"get_meter_status": status, "chosen_meters": [], "forecast_load": forecasts}
    found = compose(plan, Finished(outputs, {}))
    assert [sentence.text for sentence in found.sentences] == [
        "E1 is expected to use 4,942 kWh in 1 interval from 2026-01-01T06:00:00Z.",
        "E2 is expected to use 2,910 kWh in 1 interval from 2026-01-01T06:00:00Z.",
        "1 meter live, 0 late, 1 silent, 0 never heard of.",
    ]  # fmt: skip
    figure = found.sentences[1].figures[1]
    assert (figure.path, figure.value) == ("[1].value.p50_total", 2910.0)
    assert value_at(outputs[figure.node], figure.path) == figure.value


def test_call_without_readings_is_said_before_other_warnings() -> None:
    plan = made("detect anomalies on meter M-1 in October 2025")
    value = {"anomalies": [], "meters": 0, "start": "2025-10-01T00:00:00Z", "end": "2025-11-01T00:00:00Z",
             "not_judged": ["M-1: fewer than two weeks of readings"]}  # fmt: skip
    output = {"value": value, "data_quality": {"coverage_pct": 0.0}, "warnings": ["other"]}
    found = compose(plan, Finished({"detect_anomalies": output}, {}))
    assert found.sentences[0].text == "0 anomalies on 0 meters that were judged, from 2025-10-01 to 2025-11-01."
    assert found.sentences[1].text.startswith("1 meter could not be judged, the first for: M-1: fewer than")
    assert found.warnings == (
        "detect_anomalies found no readings for what was asked, so its figures say nothing",
        "other",
    )
    half = compose(plan, Finished({"detect_anomalies": output | {"data_quality": {"coverage_pct": 43.0}}}, {}))
    assert half.warnings[0] == "detect_anomalies rests on 43.0 % of the readings that there should be"


def test_warnings_of_rows_of_one_table_are_one() -> None:
    rows = [f"grid_factors/{name}: data of 2023 used for 2025" for name in ("AZNM", "CAMX", "AZNM")]
    texts = [*rows, "pv/AZ (pv-1) is not yet checked", "plain", "pv/CA (pv-1) is not yet checked"]
    assert list(found_warnings([{"warnings": texts}])) == [
        "grid_factors/AZNM, CAMX: data of 2023 used for 2025",
        "pv/AZ, CA (pv-1) is not yet checked",
        "plain",
    ]
    assert list(found_warnings([{"warnings": list("abcdefghij")}]))[-1].startswith("and 2 more")
