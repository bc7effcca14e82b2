"""Prices by their unit, duty, signs, what a follow-up adds or leaves out, and turns of phrase for order and sources."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import edges, made, node, reading, tools

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.clauses.rephrasing import rephrased
from redaptive.orchestration.intelligent.planners.parts.follow_ups import opened, regrouped
from redaptive.orchestration.intelligent.planners.values.ids import find_codes


@pytest.mark.parametrize(
    ("tool", "text", "args"),
    [
        ("energy-finance.size_pv_storage", "size PV for MTR-9, panels $1,500 per kWdc, batteries at $400 per kWh",
         {"pv_usd_per_kwdc": 1500, "battery_usd_per_kwh": 400}),
        ("market-intelligence.dr_event_optimize", "they pay $1.20 per kWh, whoever misses is fined $0.40 per kWh",
         {"price_usd_per_kwh": 1.2, "penalty_usd_per_kwh": 0.4}),
        ("equipment-performance.predict_remaining_life", "a boiler of 12 years that runs 20 percent less than normal",
         {"duty_factor": 0.8}),
        ("equipment-performance.predict_remaining_life", "a fan works twice as hard as usual", {"duty_factor": 2}),
        ("energy-finance.project_cashflow", "$90,000 capex, savings $15,000 a year which drop 3% each year, 12 years",
         {"savings_escalation": -0.03}),
        ("equipment-performance.chiller_performance", "300 kW at 900 gpm, water leaves at 45 F and enters at 56 F",
         {"chws_f": 45, "chwr_f": 56}),
        ("market-intelligence.get_prices", "prices at MISO Indiana Hub on 2026-07-04", {"location": "Indiana Hub"}),
        ("market-intelligence.get_prices", "prices at PJM node DOM on 2026-07-04", {"location": "DOM"}),
        ("market-intelligence.get_tariffs", "rates of Rocky Mountain Power", {"utility": "Rocky Mountain Power"}),
        ("energy-monitoring.raise_or_acknowledge_alert", "list the resolved and closed alerts, 20 max",
         {"action": "list", "states": ["resolved", "closed"], "limit": 20}),
        ("energy-monitoring.validate_estimate_edit", "validate meter MTR-3 but do not write the estimates",
         {"apply_estimates": False}),
        ("project-implementation.manage_change_order", "propose, don't approve: no crane, minus $4,000, minus 2 days",
         {"action": "propose", "cost_change_usd": -4000, "change_days": -2}),
    ],
)  # fmt: skip
def test_arguments_are_read_with_their_unit_and_sign(tool: str, text: str, args: dict[str, object]) -> None:
    bound = bind(catalogue()[tool], reading(text)).args
    assert {name: bound.get(name) for name in args} == args


def test_amounts_and_programs_are_no_codes() -> None:
    assert [code.code for code in find_codes("chiller: 300 kW, meter MTR-6, caiso_10_of_10")] == ["MTR-6"]


@pytest.mark.parametrize(
    ("before", "text", "meant"),
    [
        ("Check meter MTR-1", "Use June, and do the same for MTR-2", "Use June, for MTR-1 and MTR-2"),
        ("Anomalies on MTR-1, MTR-2 and MTR-3", "Drop MTR-2 and use June", "for MTR-1 and MTR-3 and use June"),
        ("Benchmark buildings B-1 and B-2", "Leave B-9 out", "Leave B-9 out"),
        ("", "Drop MTR-2", "Drop MTR-2"),
    ],
)
def test_follow_ups_add_things_and_leave_them_out(before: str, text: str, meant: str) -> None:
    assert regrouped(opened(text), before) == meant


def test_the_worst_of_what_was_named_comes_from_the_ranking() -> None:
    found = made(
        "Benchmark buildings ATL-1, ATL-2 and ATL-3 on source EUI, then find savings measures for the worst one."
    )
    assert ("benchmark_buildings", "find_opportunities") in edges(found)
    assert "ATL-2" not in str(node(found, "find_opportunities").args)


def test_the_same_person_gets_the_other_message() -> None:
    found = made(
        "Forecast meter MTR-5 for the next 24 hours. If it exceeds 500 kW email ops@x.example with template "
        "peak_now, otherwise send an email to the same person with template all_clear."
    )
    assert [each.args["recipient"] for each in found.nodes if "recipient" in (each.args or {})] == ["ops@x.example"] * 2


def test_what_is_put_through_an_audit_or_comparison_is_a_step() -> None:
    found = made("Read invoice DOC-4, then audit it, and put the meter of it through a rate comparison.")
    assert tools(found) == ["extract_utility_bill", "validate_and_audit_bill", "compare_tariffs"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "Which repairs come first? You will need to run the rules before you can say so.",
            "Which repairs come first? ",
        ),
        ("Two checks on customer TRV: is it fine?", "for customer TRV, is it fine?"),
        ("Treat it as an invoice and read that.", "read the invoice from it."),
        ("check without changing anything if it is cheaper", "check if it is cheaper"),
    ],
)
def test_turns_of_phrase_are_put_plainly(text: str, meant: str) -> None:
    assert rephrased(text) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("4,000 t instead of 6,200 t", "4,000 t"),
        ("take $4,000 rather than $6,200.", "take $4,000."),
        ("make it 4,000 t, not 6,200 t, and email it", "make it 4,000 t, and email it"),
        ("use 6.5 instead of 7.25", "use 6.5"),
    ],
)
def test_a_figure_that_is_replaced_is_taken_away_whole(said: str, meant: str) -> None:
    assert opened(said) == meant
