"""The command line as a user meets it: processes against real servers."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from itertools import chain, combinations
from pathlib import Path

import polars as pl
import psycopg
import pytest
from tests import command_line
from tests.conftest import DEMO_TENANT

from redaptive.cli.main import all_commands

CSV = "meter,timestamp,kwh\n" + "".join(f"HQ-e1,2024-03-01T{h:02d}:00:00Z,{h + 1}\n" for h in range(24))


@pytest.fixture
def redaptive(cli_environment, tmp_path):
    def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return command_line.redaptive(*arguments, env={**cli_environment, **extra}, cwd=tmp_path)

    return run


def test_readings_come_in_once_and_a_bad_file_does_not_stop_the_others(redaptive, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(CSV)
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    options = ("--create-missing", "--timezone", "America/Chicago", "--json")
    first = redaptive("import", "readings", "bad.csv", "good.csv", *options)
    assert first.returncode == 1, first.stderr
    told = json.loads(first.stdout)
    assert [(r["file"], r["accepted"], r["rejected"]) for r in told["imported"]] == [("good.csv", 24, 0)]
    assert [Path(f["file"]).name for f in told["failed"]] == ["bad.csv"]
    again = json.loads(redaptive("import", "readings", "good.csv", *options).stdout)
    assert again["imported"][0]["already"] is True
    assert redaptive("readings", "export", "out.csv").returncode == 0
    rows = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert sum(float(row.split(",")[2]) for row in rows) == pytest.approx(300.0)
    listed = json.loads(redaptive("import", "list", "--json").stdout)
    assert {(r["filename"], r["state"]) for r in listed} == {("good.csv", "done"), ("bad.csv", "failed")}


def test_a_correction_replaces_readings(redaptive, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(CSV)
    (tmp_path / "fixed.csv").write_text(CSV.replace("T05:00:00Z,6", "T05:00:00Z,106"))
    for arguments in (("good.csv",), ("fixed.csv", "--correct")):
        done = redaptive("import", "readings", *arguments, "--create-missing", "--timezone", "America/Chicago")
        assert done.returncode == 0, done.stderr
    redaptive("readings", "export", "out.csv")
    rows = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert (len(rows), sum(float(row.split(",")[2]) for row in rows)) == (24, pytest.approx(400.0))


def test_wrong_use_says_what_to_do(redaptive, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(CSV)
    missing = redaptive("import", "readings", "god.csv")
    assert (missing.returncode, "good.csv" in missing.stderr) == (1, True)
    unknown = redaptive("import", "readings", "good.csv", "--json")
    told = json.loads(unknown.stdout)["imported"]
    assert (unknown.returncode, [(r["accepted"], r["rejected"]) for r in told]) == (1, [(0, 24)])
    edge = redaptive("import", "readings", "good.csv", "--timestamps", "middle")
    assert (edge.returncode, "start" in edge.stderr) == (2, True)
    (tmp_path / "map.toml").write_text('timestamps = "middle"\n')
    mapped = redaptive("import", "readings", "good.csv", "--map", "map.toml")
    assert (mapped.returncode, "start or end" in mapped.stderr) == (1, True)
    not_json = redaptive("call", "portfolio-intelligence.x", "--json", "{")
    assert (not_json.returncode, "not JSON" in not_json.stderr) == (1, True)


def test_the_database_check_passes_with_debug_logging_on_and_keeps_its_output_json(redaptive) -> None:
    checked = redaptive("db", "check", "--json", LOG_LEVEL="DEBUG")
    assert checked.returncode == 0, checked.stderr
    assert all(finding["ok"] for finding in json.loads(checked.stdout))
    config = json.loads(redaptive("agents", "config").stdout)
    assert "redaptive-portfolio-intelligence" in config["mcpServers"]


def _commands(command, path=()):
    """Every command below `command` with the words that reach it."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, (*path, name))


COMMANDS = dict(_commands(all_commands()))


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "redaptive")
def test_every_command_explains_itself(path, capsys) -> None:
    # The command itself, not `run`: the callback of the root would point logging at the captured stream.
    with pytest.raises(SystemExit) as end:
        COMMANDS[path].main(args=["--help"], prog_name=" ".join(("redaptive", *path)))
    told = capsys.readouterr().out
    assert end.value.code == 0
    assert "Usage:" in told
    assert all(name in told for name, c in getattr(COMMANDS[path], "commands", {}).items() if not c.hidden)


def test_help_of_the_root_teaches_with_commands_that_exist(capsys) -> None:
    with pytest.raises(SystemExit):
        COMMANDS[()].main(args=["--help"], prog_name="redaptive")
    lines = [line.partition("redaptive ")[2] for line in capsys.readouterr().out.splitlines()]
    taught = [words for words in (line.split() for line in lines if line) if (words[0],) in COMMANDS]
    assert len(taught) >= 5
    groups = [words for words in taught if getattr(COMMANDS[(words[0],)], "commands", None)]
    assert all(tuple(words[:2]) in COMMANDS for words in groups)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("analyse",), "No such command"), (("analyze", "--budget", "much"), "--budget"), (("call",), "tool")],
)
def test_wrong_usage_exits_with_two(arguments, named, capsys) -> None:
    with pytest.raises(SystemExit) as end:
        COMMANDS[()].main(args=list(arguments), prog_name="redaptive")
    assert (end.value.code, named in capsys.readouterr().err) == (2, True)


def test_services_schema_address_and_doctor(demo_command, demo_environment) -> None:
    states = json.loads(demo_command("services", "status", "--json").stdout)
    up = {s["name"] for s in states if s["state"] == "running" or (s["state"] == "external" and s["version"])}
    assert {"database", "cache"} <= up
    assert "0001" in demo_command("db", "history").stdout
    address = demo_command("db", "url").stdout.strip()
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
    doctor = subprocess.run(  # a Python of its own: the installation is what it looks at
        [sys.executable, "-m", "redaptive", "doctor", "--json"],
        env=demo_environment, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert doctor.returncode == 0, doctor.stderr
    assert [f for f in json.loads(doctor.stdout) if not f["ok"]] == []


def test_the_sample_loads_once(analysed, demo_command) -> None:
    assert "24 buildings, 200 meters" in analysed.loaded.stderr
    assert ", 0 new readings" not in analysed.loaded.stderr
    again = demo_command("sample", "load", "--size", "demo", "--tenant", DEMO_TENANT)
    assert again.returncode == 0, again.stderr
    assert "24 buildings, 200 meters, 0 new readings" in again.stderr


def test_agents_list_has_the_six_tools_and_their_schemas(demo_command) -> None:
    (agent,) = [
        a for a in json.loads(demo_command("agents", "list", "--json").stdout) if a["id"] == "portfolio-intelligence"
    ]
    assert len(agent["tools"]) == 6
    assert {"analyze_portfolio_usage", "benchmark_buildings", "find_opportunities", "rank_and_summarize_portfolio"} <= {
        t["name"].removeprefix("portfolio-intelligence.") for t in agent["tools"]
    }


def test_a_call_answers_with_its_origin_and_agrees_with_the_analysis(analysed, demo_command) -> None:
    usage = _report(analysed)["answers"]["usage"]
    arguments = json.dumps({"group_by": "state", "period": usage["inputs_used"]["period"]})
    called = demo_command("call", "portfolio-intelligence.analyze_portfolio_usage", "--json", arguments)
    assert called.returncode == 0, called.stderr
    answer = json.loads(called.stdout)
    origin = {"unit", "method", "inputs_used", "factor_version", "data_quality", "warnings", "provenance"}
    assert set(answer) == {"value", *origin}
    assert all(answer[key] for key in ("unit", "method", "inputs_used", "provenance"))
    # Grouped otherwise, the portfolio used the same energy.
    assert answer["value"]["total"]["energy_kbtu"] == pytest.approx(usage["value"]["total"]["energy_kbtu"])
    rows = sum(r["energy_kbtu"] for r in answer["value"]["rows"])
    assert rows == pytest.approx(usage["value"]["total"]["energy_kbtu"])


@pytest.mark.parametrize(
    ("tool", "arguments", "named"),
    [
        ("portfolio-intelligence.nothing", "{}", ("portfolio-intelligence.nothing", "where: name")),
        ("no-agent.x", "{}", ("no-agent", "There are: energy-monitoring, equipment-performance")),
        ("portfolio-intelligence.analyze_portfolio_usage", '{"group_by": "colour"}', ("where: group_by", "'state'")),
        ("portfolio-intelligence.analyze_portfolio_usage", "[1]", ("not a JSON object", "where: --json")),
    ],
)
def test_a_wrong_call_says_where_and_what_to_do(demo_command, tool, arguments, named) -> None:
    called = demo_command("call", tool, "--json", arguments)
    assert (called.returncode, called.stdout) == (1, "")
    assert all(text in called.stderr for text in (*named, "to do:")), called.stderr
    assert "Traceback" not in called.stderr


def test_report_files_and_printed_answers_agree(analysed) -> None:
    report = _report(analysed)
    assert report["answers"] == json.loads(analysed.analysed.stdout)["answers"]
    page = (analysed.folder / "report.html").read_text()
    tables = {b["id"]: b for b in report["blocks"] if b["kind"] == "table"}
    assert {path.stem for path in analysed.folder.glob("*.csv")} == set(tables)
    for name, table in tables.items():
        rows = list(csv.reader((analysed.folder / f"{name}.csv").read_text().splitlines()))[1:]
        assert rows == [["" if v is None else str(v) for v in row] for row in table["rows"]]
    selection = report["answers"]["projects"]["value"]["selection"]
    cost = [c["key"] for c in tables["projects"]["columns"]].index("capex")
    assert sum(row[cost] for row in tables["projects"]["rows"]) == pytest.approx(selection["capex_usd"])
    assert 0 < selection["capex_usd"] <= 500_000
    (kpis,) = [b for b in report["blocks"] if b["kind"] == "kpis"]
    assert all(f"<b>{k['value']} " in page for k in kpis["items"])
    electricity = report["answers"]["usage"]["value"]["total"]["electricity_kwh"]
    assert f"{electricity:,.0f}" in page


def test_export_of_a_building_holds_the_energy_of_the_analysis(analysed, demo_command, tmp_path: Path) -> None:
    rows = _report(analysed)["answers"]["buildings"]["value"]["rows"]
    smallest = min((r for r in rows if r["gas_therms"]), key=lambda r: r["electricity_kwh"])
    target = tmp_path / "one.parquet"
    period = ("--start", "2025-01-01", "--end", "2026-01-01", "--building", smallest["group"])
    done = demo_command("readings", "export", str(target), *period)
    assert done.returncode == 0, done.stderr
    frame = pl.read_parquet(target)
    assert frame.columns == ["meter", "ts", "kwh_or_litres", "quality"]
    assert frame.select("meter", "ts").is_duplicated().sum() == 0
    kwh = frame.group_by("meter").agg(pl.col("kwh_or_litres").sum())["kwh_or_litres"].to_list()
    # Some set of the building's meters (mains, not submeters) carries the electricity of the answer.
    sets = chain.from_iterable(combinations(kwh, n) for n in range(1, len(kwh) + 1))
    assert any(sum(s) == pytest.approx(smallest["electricity_kwh"], rel=1e-9) for s in sets)


def test_debug_logs_are_json_on_standard_error_only(demo_command) -> None:
    done = demo_command("readings", "stats", "--json", LOG_LEVEL="DEBUG")
    assert json.loads(done.stdout)["sealed_rows"] >= 0
    logged = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert "debug" in {line["level"] for line in logged}


def _report(analysed) -> dict:
    return json.loads((analysed.folder / "report.json").read_text())
