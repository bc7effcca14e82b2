"""Several parts in one request: shared figures, lists of things, guards, gates, and what leans on the turn before."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import edges, made, node, plan, reading, tools

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.outcome import Context
from redaptive.orchestration.intelligent.planners.parts.follow_ups import leans, opened

CASH = catalogue()["energy-finance.project_cashflow"]


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("350k that should bring 70k a year, life 15", (350_000, 70_000, 15)),
        ("a 180,000 dollar retrofit that saves 42,000 a year over 12 years", (180_000, 42_000, 12)),
        ("75k / 14k / 18 yrs", (75_000, 14_000, 18)),
        ("600k capex, 85k saved per year, 20 years", (600_000, 85_000, 20)),
        ("annual savings of $13k for $64,500 over 12 years", (64_500, 13_000, 12)),
    ],
)
def test_amounts_by_what_they_must_be(text: str, args: tuple[int, int, int]) -> None:
    found = bind(CASH, reading(f"cash flow: {text}")).args
    assert (found["capex_usd"], found["savings_usd_per_y"], found["life_y"]) == args


def test_things_in_a_list_are_a_call_each() -> None:
    found = made("find incentives for LED, VFD and battery storage in Ohio")
    assert tools(found) == ["find_incentives"] * 3
    assert {(each.args["measure"], each.args["state"]) for each in found.nodes} == {
        ("led", "OH"), ("vfd", "OH"), ("battery", "OH"),
    }  # fmt: skip
    assert edges(found) == set()


def test_each_of_two_bills_is_audited_by_itself() -> None:
    found = made("Read the bills DOC-901 and DOC-902, then audit each of them")
    assert tools(found).count("validate_and_audit_bill") == 2
    assert {each.args.get("bill") for each in found.nodes if each.tool and each.tool.endswith("audit_bill")} == {
        "$extract_utility_bill.value", "$extract_utility_bill_2.value",
    }  # fmt: skip


def test_all_of_a_later_stage_waits_for_the_earlier_one() -> None:
    found = made("check meter status, then benchmark our stores and find opportunities at B-1")
    assert {("get_meter_status", "benchmark_buildings"), ("get_meter_status", "find_opportunities")} <= edges(found)


def test_what_reads_a_skippable_step_asks_whether_it_is_there() -> None:
    text = "Run the AHU rules on AHU-3. If there are faults, price each fault; then recommend maintenance"
    found = made(text)
    assert node(found, "cost_of_fault").when is not None
    assert "cost_of_fault" in str(node(found, "recommend_maintenance").when)


def test_who_wants_to_be_asked_first_is_asked() -> None:
    found = made("benchmark our stores and check meter status, but ask me first")
    assert [bool(each.approval) for each in found.nodes] == [False, True]


def test_work_on_the_last_answer_calls_for_it_again() -> None:
    before = Context({"meters": ["M-7"]}, None, "find anomalies on meter M-7", follow_up=False)
    found = plan("raise an alert for what you find there", before)
    assert found.plan is not None
    assert edges(found.plan) == {("detect_anomalies", "raise_or_acknowledge_alert")}


def test_openings_and_pointers() -> None:
    assert opened("Good. And for 48 hours ahead?") == "And for 48 hours ahead?"
    assert leans("how risky would that be?")
    assert not leans("audit bill DOC-7")


def test_lists_of_several_steps_become_one() -> None:
    found = made(
        "Run the ahu rules on AHU-1 in May 2025, run the ahu rules on AHU-2 in 2024, then recommend maintenance."
    )
    joined = next(each for each in found.nodes if each.expr is not None)
    assert joined.expr is not None
    assert joined.expr.fn == "flatten"
    assert node(found, "recommend_maintenance").args["faults"] == f"${joined.id}"


def test_arguments_by_their_own_name() -> None:
    found = made("Forecast meter M-1, then text on_call_engineer, template peak_soon.")
    args = node(found, "notify").args
    assert (args["template"], args["recipient"], args["channel"]) == ("peak_soon", "on_call_engineer", "sms")


def test_a_statement_is_no_step() -> None:
    found = made("Xcel's audit for the Denver store is in DOC-7. Read the bill and audit it.")
    assert tools(found) == ["extract_utility_bill", "validate_and_audit_bill"]
