"""`redaptive runs` as a person uses it, over the portfolio agent's tools and the demo, with a real executor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.conftest import DEMO_TENANT
from tests.e2e.executor_process import PLAN, executor
from tests.integration.test_engine_runs import urls_of

from redaptive.agents.catalogue import catalogue
from redaptive.cli.main import run as command
from redaptive.orchestration.intelligent.engine.keys import INTERPRETER
from redaptive.settings import Settings

Command = Callable[..., str]
NOTHING_FOUND = {
    "period": "2025-01..2025-12", "opportunities": [], "not_screened": [], "skipped": [], "buildings_screened": 3,
    "total_capex_usd": 0, "total_savings_usd_per_y": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def executing(demo_load: object, demo_environment: dict[str, str]) -> Iterator[None]:
    with executor(demo_environment):
        yield


@pytest.fixture
def runs(
    executing: None, servers: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Command:  # fmt: skip
    """Runs `redaptive runs ...` in this process, checks its exit code, and gives what it printed."""
    monkeypatch.setenv("REDAPTIVE_HOME", str(servers.home))
    monkeypatch.setenv("REDAPTIVE_TENANT", DEMO_TENANT)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))

    def call(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        assert command(["runs", *words]) == code
        captured = capsys.readouterr()
        return captured.out if "--json" in words else captured.out + captured.err

    return call


def _start(runs: Command, *options: str) -> str:
    said = runs("start", "plan.json", "--input", "budget_usd=250000", *options)
    return said.split("Run ")[1].split()[0]


def _held(runs: Command, run_id: str, node: str) -> dict[str, Any]:
    """The run as `show --json` gives it when the node is held, approved for, or past."""
    for _ in range(200):
        seen = json.loads(runs("show", run_id, "--json"))
        if next(n["state"] for n in seen["nodes"] if n["id"] == node) in {"gated", "done"}:
            return seen
    raise AssertionError("the node was never reached")


def test_a_plan_runs_and_can_be_looked_at_compared_and_proven(runs: Command, tmp_path: Path) -> None:
    said = runs("start", "plan.json", "--input", "budget_usd=250000", "--id", "first", "--wait")
    assert "usage: done" in said
    assert '"half_usd_per_y": 190' in said
    assert "nothing new was started" in runs("start", "plan.json", "--input", "budget_usd=1", "--id", "first")
    listed = json.loads(runs("list", "--json", "--plan", "offices", "--state", "done"))
    assert "first" in [run["id"] for run in listed]  # other tests run this plan in the tenant too
    shown = runs("show", "first", "--history")
    assert "● usage     done" in shown
    assert "find_opportunities" in shown
    assert "started the run" in shown
    assert "NLS-CHI-001" in runs("show", "first", "--node", "codes")
    assert "There are: usage, codes" in runs("show", "first", "--node", "nothing", code=1)
    assert "2 lines" not in runs("verify", "first")
    assert "The same: 6 same" in runs("replay", "first")
    assert "The same: 3 same" in runs("replay", "first", "--reads")
    said = runs("export", "first", "--out", "first.json")
    assert "unbroken" in runs("verify", "first.json", "--file")
    assert "The same" in runs("replay", "first.json", "--file")
    document = json.loads((tmp_path / "first.json").read_text())
    document["audit"][0]["actor"] = "mallory"
    (tmp_path / "forged.json").write_text(json.dumps(document))
    assert "broken at line 1" in runs("verify", "forged.json", "--file", code=1)


def test_a_run_is_held_changed_and_let_go(runs: Command) -> None:
    run_id = _start(runs, "--break", "found")
    seen = _held(runs, run_id, "found")
    assert [(n["id"], n["waiting_for"]) for n in seen["nodes"] if n["id"] == "found"] == [
        ("found", "resume or step (breakpoint)")
    ]
    assert "is done already" in runs("break", run_id, "usage", code=1)
    assert "found.value." in runs("override", run_id, "found", "--value", '{"total_savings_usd_per_y": 1}', code=1)
    assert "line 1, column 2" in runs("override", run_id, "found", "--output", "{x}", code=1)
    runs("override", run_id, "found", "--value", json.dumps(NOTHING_FOUND), "--reason", "too high")
    lines = [json.loads(line) for line in runs("watch", run_id, "--json").splitlines()]
    assert (lines[0]["event"], lines[-1]["state"]) == ("snapshot", "done")
    assert lines[-1]["output"]["half_usd_per_y"] == 1
    states = {n["id"]: n["state"] for n in json.loads(runs("show", run_id, "--json"))["nodes"]}
    assert (states["found"], states["projects"]) == ("done", "skipped")
    assert "has ended (done)" in runs("pause", run_id, code=1)


def test_a_decision_is_about_what_was_seen(runs: Command, tmp_path: Path) -> None:
    gate = {"reason": "for the board", "scope": "runs:approve"}
    nodes = [{**node, "approval": gate} if node["id"] == "found" else node for node in PLAN["nodes"]]
    (tmp_path / "plan.json").write_text(json.dumps({**PLAN, "nodes": nodes}))
    run_id = _start(runs)
    (asked,) = _held(runs, run_id, "found")["approvals"]
    assert "for the board" in runs("show", run_id)
    said = runs("approve", run_id, code=1)
    assert asked["args_sha256"][:12] in said
    assert "not those that you looked at" in runs("approve", run_id, "--hash", "0123456789ab", code=1)
    assert "is approved" in runs("approve", run_id, "--hash", asked["args_sha256"][:12], "--as", "ann")
    runs("watch", run_id)
    assert "ann" in runs("show", run_id, "--history")


def test_a_run_that_waits_for_another_release_says_so(runs: Command, servers: Settings) -> None:
    run_id = _start(runs, "--break", "found")
    _held(runs, run_id, "found")
    with psycopg.connect(urls_of(servers).worker, autocommit=True) as connection:

        def begun_by(version: str) -> None:
            connection.execute(
                "UPDATE dbos.workflow_status SET application_version = %s WHERE workflow_uuid LIKE %s",
                (version, f"%/{run_id}/0"),
            )

        assert json.loads(runs("show", run_id, "--json"))["waits_for_format"] is None
        begun_by("plan-0.9")
        assert "of the format plan-0.9" in " ".join(runs("show", run_id).split())
        assert json.loads(runs("show", run_id, "--json"))["waits_for_format"] == "plan-0.9"
        connection.execute(
            "INSERT INTO engine_executors (id, version, host, pid, expires_at)"
            " VALUES ('past', 'plan-0.9', 'here', 1, clock_timestamp() + interval '1 hour')"
        )
        assert "of the format" not in runs("show", run_id), "an executor of that release is there"
        connection.execute("DELETE FROM engine_executors WHERE id = 'past'")
        begun_by(INTERPRETER)
    runs("cancel", run_id)
    runs("watch", run_id)
    assert json.loads(runs("show", run_id, "--json"))["waits_for_format"] is None


def test_a_run_is_repeated_from_a_node_and_ended(runs: Command) -> None:
    run_id = _start(runs, "--wait").strip()
    said = json.loads(runs("fork", run_id, "half", "--dry-run", "--json"))
    assert (said["run"], said["runs_again"]) == (None, ["half", "projects"])
    fork = runs("fork", run_id, "half", "--output", "half=3", "--reason", "what if").split("Run run-")[1].split()[0]
    assert '"half_usd_per_y": 3' in runs("watch", f"run-{fork}")
    assert "There are: usage" in runs("fork", run_id, "nothing", code=1)
    held = _start(runs, "--paused", "--priority", "500")
    runs("priority", held, "5")
    assert json.loads(runs("show", held, "--json"))["priority"] == 5
    runs("cancel", held, "--reason", "not needed")
    assert "cancelled by" in runs("watch", held)
    runs("rollback", run_id)
    runs("watch", run_id)
    assert "rolled back already" in runs("rollback", run_id, code=1)


def test_what_cannot_run_is_refused_with_its_place(runs: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"id": "x", "title": "X", "nodes": [{"id": "n", "tol": "a.b"}]}')
    said = runs("start", "bad.json", code=1)
    assert "bad.json:nodes.0.tol" in said
    assert "has no input colour" in runs("start", "plan.json", "--input", "colour=red", code=1)
    assert "budget_usd" in runs("start", "plan.json", "--input", "budget_usd=much", code=1)
    assert "name=value" in runs("start", "plan.json", "--input", "nonsense", code=1)
    assert "portfolio_optimization" in runs("start", "--pattern", "nothing", code=1)
    assert "No such file" in runs("start", "missing.json", code=1)
    assert "`redaptive runs list`" in runs("show", "nothing", code=1)
    assert "queued, running" in runs("list", "--state", "asleep", code=1)


def test_an_agent_that_is_not_built_fails_the_run_clearly(runs: Command, tmp_path: Path) -> None:
    node = {"id": "rates", "tool": "market-intelligence.carbon_intensity", "args": {}}
    plan = {"id": "later", "title": "Later", "nodes": [node]}
    tool = catalogue()["market-intelligence.carbon_intensity"]
    if tool.available:
        pytest.skip("the market agent is built by now")
    node["args"] = {name: _example(tool.input_schema, name) for name in tool.input_schema.get("required", [])}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    said = runs("start", "plan.json", "--wait", code=1)
    assert "not available yet" in said


def _example(schema: Any, name: str) -> object:
    kind = schema["properties"][name]
    return kind["enum"][0] if "enum" in kind else {"string": "x", "number": 1, "integer": 1}.get(kind.get("type"), "x")


def test_schedules_are_written_checked_and_removed(runs: Command) -> None:
    assert len(runs("schedule", "times", "0 6 * * 1", "--timezone", "America/Chicago").splitlines()) == 5
    assert "five fields" in runs("schedule", "times", "soon", code=1)
    options = ("--cron", "0 6 * * 1", "--timezone", "America/Chicago", "--input", "budget_usd=1")
    assert "has not five" not in runs("schedule", "add", "monday", "--plan", "plan.json", *options)
    assert "budget_usd" in runs("schedule", "add", "tuesday", "--plan", "plan.json", *options[:4], code=1)
    runs("schedule", "rest", "monday")
    (found,) = json.loads(runs("schedule", "list", "--json"))
    assert (found["name"], found["enabled"], found["inputs"]) == ("monday", False, {"budget_usd": 1, "type": "office"})
    runs("schedule", "wake", "monday")
    assert "monday" in runs("schedule", "list")
    runs("schedule", "remove", "monday")
    assert "No schedule monday" in runs("schedule", "remove", "monday", code=1)


def test_triggers_are_written_checked_and_removed(runs: Command) -> None:
    options = ("--event", "alert.changed", "--plan", "plan.json")
    said = runs("trigger", "add", "respond", *options, "--match", "after=acknowledged", "--input", "budget_usd=1")
    assert "Trigger respond starts" in said
    assert "after=acknowledged" in said
    refused = runs("trigger", "add", "other", *options, "--input", "budget_usd=$event.alert_id", code=1)
    assert "does not fit" in refused
    assert "inputs.budget_usd" in refused
    assert "no such field" in runs("trigger", "add", "other", *options, "--match", "colour=red", code=1)
    assert "--plan or --pattern" in runs("trigger", "add", "other", "--event", "alert.changed", code=1)
    runs("trigger", "rest", "respond")
    (found,) = json.loads(runs("trigger", "list", "--json"))
    assert (found["name"], found["enabled"], found["match"]) == ("respond", False, {"after": "acknowledged"})
    assert found["inputs"] == {"budget_usd": 1, "type": "office"}
    runs("trigger", "wake", "respond")
    assert "alert.changed" in runs("trigger", "list")
    runs("trigger", "remove", "respond")
    assert "No trigger respond" in runs("trigger", "remove", "respond", code=1)


def test_patterns_are_listed_with_what_they_need(runs: Command) -> None:
    assert "bill_to_savings" in runs("patterns")
    assert "document_id*" in runs("patterns")
