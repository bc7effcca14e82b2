"""`redaptive ask` and `redaptive plan` as people and programs run them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import redaptive
from tests.conftest import DEMO_TENANT


def _run(environment: dict[str, str], *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return redaptive(*command, env=environment, given=given)


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment without servers, where starting one would fail."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "REDAPTIVE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x",
    }


def _lines(done: subprocess.CompletedProcess[str], code: int = 0) -> list[dict[str, Any]]:
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_batch_planning_answers_line_by_line_without_a_database(nowhere: dict[str, str], tmp_path: Path) -> None:
    tasks = [
        {"id": "a", "text": "benchmark building B-1 and check the status of meter M-1 in parallel"},
        {"id": "b", "text": "calculate the bill for 2025"},
        {"id": "c", "text": "delete all readings of meter M-1"},
        {
            "id": "d",
            "text": "same for last year",
            "context": {"turns": [{"text": "load factor of meter M-1 in May 2026"}]},
        },
    ]
    file = tmp_path / "tasks.jsonl"
    file.write_text("\n".join(map(json.dumps, tasks)), encoding="utf-8")
    found = _lines(_run(nowhere, "plan", "--jsonl", str(file)))
    assert [(each["id"], each["status"]) for each in found] == [
        ("a", "planned"), ("b", "question"), ("c", "refused"), ("d", "planned"),
    ]  # fmt: skip
    assert [node["tool"].partition(".")[2] for node in found[0]["plan"]["nodes"]] == [
        "benchmark_buildings", "get_meter_status",
    ]  # fmt: skip
    assert found[1]["question"] == "Which meter?"
    assert found[2]["reason"] == "unsafe"
    assert found[3]["plan"]["nodes"][0]["args"] == {"meter_id": "M-1", "period": "2025-05"}
    assert all(each["elapsed_ms"] > 0 for each in found)


@pytest.mark.parametrize(("line", "message"), [("{", "is no JSON"), ('{"id": 1}', "has no text")])
def test_wrong_line_says_which_and_why(nowhere: dict[str, str], line: str, message: str) -> None:
    done = _run(nowhere, "plan", "--jsonl", "-", given=line)
    assert done.returncode == 1
    error = _lines(done, code=1)[0]["error"]["message"]
    assert "Line 1" in error
    assert message in error


def test_plan_is_drawn_for_people_and_for_documents(nowhere: dict[str, str]) -> None:
    drawn = _run(nowhere, "plan", "audit bill DOC-7")
    assert "document-processing.validate_and_audit_bill" in drawn.stdout
    assert "does not have it yet" in drawn.stdout
    mermaid = _run(nowhere, "plan", "--text", "audit bill DOC-7", "--mermaid")
    assert mermaid.stdout.startswith(("graph", "flowchart"))


def test_ask_prints_everything_as_json(cli_environment: dict[str, str], demo_load: object) -> None:
    environment = {**cli_environment, "REDAPTIVE_TENANT": DEMO_TENANT}
    done = _run(environment, "ask", "--json", "benchmark our Seattle stores")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["status"], found["state"]) == ("planned", "done")
    assert found["plan"]["nodes"][0]["args"]["building_ids"] == ["BBS-SEA-002"]
    assert "BBS-SEA-002" in found["answer"]["text"]
    figures = [figure for sentence in found["answer"]["sentences"] for figure in sentence["figures"]]
    assert {figure["tool"] for figure in figures} == {"portfolio-intelligence.benchmark_buildings"}


def test_refusal_is_an_exit_code_and_a_stranger_is_asked_about(
    cli_environment: dict[str, str], demo_load: object
) -> None:
    environment = {**cli_environment, "REDAPTIVE_TENANT": DEMO_TENANT}
    refused = _run(environment, "ask", "switch off the fire pumps in NLS-CHI-001")
    assert refused.returncode == 1
    assert "Refused (unsafe)" in refused.stdout
    stranger = _run(environment, "ask", "benchmark building B-99")
    assert stranger.returncode == 0
    assert "There is no building B-99 here." in stranger.stdout
