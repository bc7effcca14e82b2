"""The four energy workflows on real servers, real agents and the demo sample, from a sentence to figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import DEMO_TENANT
from tests.integration.running_app import RunningApp, running_app

from redaptive.cli.ask import NEW, Asked, Reply, answer
from redaptive.cli.executor import open_engine
from redaptive.cli.runs_session import controller, pattern_named
from redaptive.infrastructure.database.stores.alert_records import Alert, AlertEvent
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.orchestration.control.starting import StartTerms
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions
from redaptive.orchestration.state.run_records import Snapshot
from redaptive.orchestration.state.workflow_persistence import WorkflowStore
from redaptive.settings import Settings

NIGHT = "which Chicago offices waste the most at night, and what would fixing the worst three earn?"


@pytest.fixture(scope="module")
def demo_app(servers: Settings, demo_load: object) -> Iterator[RunningApp]:
    with running_app(servers.model_copy(update={"tenant": DEMO_TENANT})) as running:
        yield running


def _ask(running: RunningApp, text: str, conversation: str | None = None, *, plan_only: bool = False) -> Reply:
    asked = Asked(text, plan_only, approve=True, as_json=True, conversation=conversation)

    async def work() -> Reply:
        return await answer(running.app, asked)

    return running.run(work)


def _run(running: RunningApp, pattern: str, inputs: dict[str, Any]) -> Snapshot:
    async def work() -> Snapshot:
        control = await controller(running.app)
        async with open_engine(running.app, EngineOptions(grace_s=1.0)) as engine:
            started = await control.start(pattern_named(pattern), inputs, StartTerms())
            await engine.wait(control.tenant_id, started.run_id)
        return await WorkflowStore(running.app.pools, control.tenant_id).snapshot(started.run_id)

    return running.run(work)


@pytest.fixture(scope="module")
def night(demo_app: RunningApp) -> Reply:
    return _ask(demo_app, NIGHT, NEW)


def test_night_question_is_planned_with_the_tenants_buildings(night: Reply) -> None:
    assert night.outcome.intent == "workflow.portfolio_optimization"
    assert night.outcome.inputs["building_ids"] == ["NLS-CHI-001"]
    assert (night.outcome.inputs["count"], night.state) == (3, "done")


def test_figures_of_the_answer_are_those_of_the_tools(night: Reply, demo_app: RunningApp) -> None:
    principal = demo_app.principal(DEMO_TENANT)
    found = demo_app.value(principal, "find_opportunities", building_ids=["NLS-CHI-001"])
    shape = demo_app.value(principal, "load_shape_metrics", meter_id="NLS-CHI-001-E1")
    assert night.answer is not None
    figures = {(f.node, f.path): f.value for s in night.answer.sentences for f in s.figures}
    assert figures["found", "value.total_savings_usd_per_y"] == found["total_savings_usd_per_y"]
    assert figures["found", "value.total_capex_usd"] == found["total_capex_usd"]
    assert figures["ranked", "[0].night_day_ratio"] == shape["night_day_ratio"]
    cited = {citation.node: citation.tool for citation in night.answer.citations}
    assert cited["found"] == "portfolio-intelligence.find_opportunities"
    assert all(node in cited for sentence in night.answer.sentences for node in sentence.nodes)


def test_follow_up_narrows_the_same_question(night: Reply, demo_app: RunningApp) -> None:
    larger = _ask(demo_app, "only the ones above 100,000 ft2", night.conversation, plan_only=True)
    assert larger.outcome.plan is not None
    assert night.outcome.plan is not None
    assert larger.outcome.plan.id == night.outcome.plan.id
    assert larger.outcome.inputs == {**night.outcome.inputs, "min_floor_area_ft2": 100_000.0}
    assert any("Carried over" in note for note in larger.outcome.notes)


def test_portfolio_review_chooses_projects_for_the_money(demo_app: RunningApp) -> None:
    reply = _ask(demo_app, "review our whole portfolio, find measures and choose the best projects for $400,000")
    assert reply.state == "done"
    assert reply.answer is not None
    figures = {(f.node, f.path): f.value for s in reply.answer.sentences for f in s.figures}
    assert 0 < figures["ranked", "value.selection.capex_usd"] <= 400_000
    assert figures["usage", "value.total.buildings"] == 24


def test_anomalies_are_diagnosed_and_dear_ones_raised_after_approval(demo_app: RunningApp) -> None:
    reply = _ask(
        demo_app,
        "detect anomalies at GFG-BOS-002, diagnose them and alert a field engineer about all above 500 dollars a day",
    )
    assert reply.outcome.plan is not None
    assert reply.outcome.plan.id == "workflow.anomaly_response"
    assert reply.outcome.inputs["limit_usd_per_day"] == 500.0
    assert reply.state == "done", reply
    assert reply.answer is not None
    assert reply.answer.problems == ()
    assert reply.answer.tables[0].rows


def test_a_rollback_withdraws_the_alerts_that_the_run_raised_last_first(demo_app: RunningApp) -> None:
    inputs = {"building_ids": ["GFG-BOS-002"], "limit_usd_per_day": 1.0}

    async def work() -> tuple[Snapshot, Snapshot, list[tuple[Alert, list[AlertEvent]]]]:
        control = await controller(demo_app.app)
        runs = WorkflowStore(demo_app.app.pools, control.tenant_id)
        alerts = AlertStore(demo_app.app.pools, control.tenant_id)
        async with open_engine(demo_app.app, EngineOptions(grace_s=1.0)) as engine:
            started = await control.start(pattern_named("anomaly_response"), inputs, StartTerms())
            while not _gated(await runs.snapshot(started.run_id), "raised"):  # noqa: ASYNC110 -- another process tells
                await asyncio.sleep(0.1)
            await control.approve(started.run_id, "raised")
            await engine.wait(control.tenant_id, started.run_id)
            done = await runs.snapshot(started.run_id)
            await control.rollback(started.run_id, "it was a test")
            await engine.wait(control.tenant_id, started.run_id)
        found = [await alerts.get(each) for each in sorted(set(_raised(done)))]
        return done, await runs.snapshot(started.run_id), [(each, await alerts.history(each.id)) for each in found]

    done, undone, alerts = demo_app.run(work)
    assert (done.run.state, undone.run.state) == ("done", "cancelled"), (done.run.error, undone.run.error)
    assert undone.node("raised").state == "undone"  # type: ignore[union-attr]
    assert len(alerts) >= 2
    events = sorted((event.at, str(alert.id), event.action) for alert, history in alerts for event in history)
    assert [alert for _, alert, action in events if action == "withdraw"] == _raised(done)[::-1]
    for alert, history in alerts:
        assert alert.state == "withdrawn"
        assert history[-1].why == "The run that raised it was rolled back."
        assert alert.cause is None, "nothing is learned from it"


def _raised(done: Snapshot) -> list[str]:
    """The ids of the alerts that the items of the run raised, in the order of the items."""
    outputs: list[Any] = [item.output for item in done.items("raised")]
    return [str(output["value"]["acted"]["alert"]["id"]) for output in outputs]


def _gated(seen: Snapshot, name: str) -> bool:
    node = seen.node(name)
    return node is not None and node.state == "gated"


@pytest.mark.parametrize(
    ("pattern", "inputs", "first"),
    [("bill_to_savings", {"document_id": "DOC-1"}, "kind"), ("esg_report", {"period": "2025"}, "emissions")],
)
def test_workflow_over_agents_that_are_not_built_says_so(
    demo_app: RunningApp, pattern: str, inputs: dict[str, Any], first: str
) -> None:
    snapshot = _run(demo_app, pattern, inputs)
    node = snapshot.node(first)
    assert snapshot.run.state == "failed"
    assert node is not None
    assert "is not available yet" in str((node.error or {})["message"])
    assert all(record.state in ("done", "failed", "skipped") for record in snapshot.nodes)


def test_what_does_not_need_the_missing_agent_is_answered(demo_app: RunningApp) -> None:
    reply = _ask(demo_app, "benchmark our hotels and at the same time find LED incentives in Illinois")
    assert reply.state == "done"
    assert reply.answer is not None
    assert any("left out find_incentives" in problem for problem in reply.answer.problems)
    assert reply.answer.tables[0].tool == "portfolio-intelligence.benchmark_buildings"
