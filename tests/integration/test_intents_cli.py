"""`redaptive intents` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from redaptive.cli.main import run
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager

GOOD = {"id": "1", "text": "load factor of meter 51177 last month"}


def _classify(tmp_path: Path, capsys: pytest.CaptureFixture[str], *lines: object, options: tuple[str, ...] = ()) -> Any:
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), encoding="utf-8")
    arguments = ["intents", "classify", "--jsonl", str(file), "--no-database", "--now", "2026-11-26T10:00+00:00"]
    code = run([*arguments, *options])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_a_line_out_for_each_line_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows, _ = _classify(tmp_path, capsys, GOOD, {"id": "2", "text": "write me a poem about my cat"})
    assert code == 0
    first, second = rows
    assert first["id"] == "1"
    assert first["intent"] == "portfolio-intelligence.load_shape_metrics"
    assert [set(t) for t in first["top3"]] == [{"intent", "score"}] * 3
    assert first["score"] == first["top3"][0]["score"]
    assert first["entities"]["identifiers"] == {"meter": ["51177"]}
    assert first["entities"]["period"]["start"] == "2026-10-01T00:00:00+00:00"
    assert first["action"] in ("act", "ask")
    assert (second["intent"], second["action"], second["reason"]) == ("out_of_scope", "refuse", "out_of_scope")


def test_bad_lines_say_why_and_the_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows, said = _classify(
        tmp_path, capsys, "{oops", {"id": "3"}, [1], {"id": "4", "text": "x", "context": 7}, GOOD
    )
    assert code == 1
    assert [r.get("error", {}).get("code") for r in rows] == ["invalid"] * 4 + [None]
    assert [r["line"] for r in rows[:4]] == [1, 2, 3, 4]
    assert rows[1]["id"] == "3"
    assert rows[4]["intent"] == "portfolio-intelligence.load_shape_metrics"
    assert "4 of the lines" in said


@pytest.mark.parametrize(
    "context",
    [
        ["usage of the Texas offices in Q3 2025"],
        "usage of the Texas offices in Q3 2025",
        {"turns": [{"text": "usage of the Texas offices in Q3 2025"}]},
        {"history": ["usage of the Texas offices in Q3 2025"]},
        [
            {"role": "user", "content": "usage of the Texas offices in Q3 2025"},
            {"role": "assistant", "content": "which Nevada site?"},
        ],
        {
            "last_intent": "portfolio-intelligence.analyze_portfolio_usage",
            "slots": {"period": "Q3 2025", "state": "TX", "city": None},
        },
    ],
)
def test_context_is_carried_over_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], context: object
) -> None:
    _, rows, _ = _classify(tmp_path, capsys, {"id": "5", "text": "same for last year", "context": context})
    found = rows[0]
    assert found["entities"]["period"]["start"] == "2024-07-01T00:00:00+00:00"
    assert found["entities"]["states"] == ["TX"]
    assert {"period", "states"} <= {i["kind"] for i in found["inherited"]}
    assert found["intent"] == "portfolio-intelligence.analyze_portfolio_usage"


@pytest.mark.parametrize("context", [None, [], {}, "", {"turns": None}, {"building_id": None}])
def test_a_context_that_says_nothing_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], context: object
) -> None:
    code, rows, _ = _classify(tmp_path, capsys, GOOD, {**GOOD, "context": context})
    assert code == 0
    assert rows[0] == rows[1]


def test_without_embeddings_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows, said = _classify(tmp_path, capsys, GOOD, options=("--no-embeddings",))
    assert code == 0
    assert rows[0]["intent"] == "portfolio-intelligence.load_shape_metrics"
    assert "Without sentence embeddings" in said


def test_a_missing_file_and_a_bad_time_are_our_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["intents", "classify", "--jsonl", str(tmp_path / "none.jsonl"), "--no-database"]) == 1
    assert "cannot be read" in " ".join(capsys.readouterr().err.split())
    assert run(["intents", "classify", "--jsonl", "-", "--now", "soon"]) == 1
    assert "no ISO time" in capsys.readouterr().err


def test_lists_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["intents", "list"]) == 0
    assert "compare_tariffs" in capsys.readouterr().out
    assert run(["intents", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert len(listed["intents"]) == 58
    assert listed["model"]["version"].startswith("intents-")
    assert run(["intents", "show", "energy-finance.calculate_bill", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["scopes"] == ["finance:read"]
    assert len(shown["examples"]) == 3
    assert "properties" in shown["input_schema"]
    assert run(["intents", "show", "nothing"]) == 1
    assert "There is no intent" in capsys.readouterr().err


def test_a_database_that_does_not_answer_costs_the_names_not_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDAPTIVE_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none")
    monkeypatch.setenv("REDAPTIVE_POOL_ACQUIRE_TIMEOUT_S", "0.2")
    monkeypatch.setitem(ConnectionPoolManager.open.__kwdefaults__, "wait_s", 0.5)
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps(GOOD), encoding="utf-8")
    assert run(["intents", "classify", "--jsonl", str(file)]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["intent"] == "portfolio-intelligence.load_shape_metrics"
    assert "Names are not resolved" in captured.err
    assert run(["intents", "classify", "--jsonl", str(file), "--database"]) == 4


def test_names_are_resolved_where_a_database_runs(
    cli_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("REDAPTIVE_HOME", "REDAPTIVE_TENANT"):
        monkeypatch.setenv(name, cli_environment[name])
    buildings, asked = tmp_path / "buildings.csv", tmp_path / "in.jsonl"
    buildings.write_text(
        "code,name,site,customer,building_type,floor_area,area_unit,state,city\n"
        "RA-1,Riverside Annex,RIV,ACME,office,50000,ft2,IL,Chicago\n",
        encoding="utf-8",
    )
    asked.write_text(json.dumps({"id": "1", "text": "peak demand of riverside anex"}), encoding="utf-8")
    assert run(["import", "buildings", str(buildings)]) == 0
    capsys.readouterr()
    assert run(["intents", "classify", "--jsonl", str(asked)]) == 0
    assert json.loads(capsys.readouterr().out)["entities"]["buildings"] == ["RA-1"]
