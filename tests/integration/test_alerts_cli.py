"""The alert commands against real servers: what is printed, what is refused, and the exit codes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.configured_servers import server_environment
from tests.integration.alert_world import World, after, in_world
from tests.integration.running_app import RunningApp

from redaptive.cli.main import run as command
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.reference.loader import load_all
from redaptive.settings import Settings
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook


async def _prepared(world: World) -> str:
    """A tenant with two open alerts; its name."""
    await world.confirmed(world.signal("E", "drift"), world.signal("G", "night_base"))
    await AlertDesk(world.worker, Channels({}), Playbook(load_all())).run_once(after(hours=1))
    return str((await world.sql("SELECT name FROM tenants WHERE id = %s", world.tenant))[0]["name"])


def test_an_alert_from_the_board_to_its_cause(
    running: RunningApp,
    servers: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for name, value in server_environment(servers).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REDAPTIVE_TENANT", in_world(running.app.urls, _prepared))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str, code: int = 0) -> str:
        assert command(["alerts", *words]) == code
        captured = capsys.readouterr()
        return captured.out or captured.err

    board = json.loads(call("list", "--json"))
    assert [(a["meter_code"], a["severity"]) for a in board] == [("G", "critical"), ("E", "warning")]
    assert command(["alerts", "list", "--limit", "1"]) == 0
    assert "--limit shows more" in capsys.readouterr().err
    for option in ("meter", "site", "building"):
        assert f"no {option} with the code 'NOPE'" in call("list", f"--{option}", "NOPE", "--json", code=1)
    assert "no engineer with the code 'NOPE'" in call("list", "--assignee", "NOPE", code=1)
    assert "No such alerts" in call("list", "--meter", "W")
    assert "at least four digits" in call("show", board[1]["id"][:3], code=1)
    assert command(["alerts", "list", "--json", "--limit", "1"]) == 0
    captured = capsys.readouterr()
    assert (len(json.loads(captured.out)), "--limit shows more" in captured.err) == (1, True)
    listed = tmp_path / "alerts.csv"
    assert "2 alerts are in" in call("list", "--out", str(listed))
    with listed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["meter_code"], r["usd_per_day"]) for r in rows] == [(a["meter_code"], a["usd_per_day"]) for a in board]
    call("list", "--out", str(tmp_path / "alerts.xls"), code=1)
    alert = board[1]["id"][:8]
    sheet = json.loads(call("show", alert, "--json"))
    assert sheet["checklist"][0].startswith("Check filters")
    assert "nobody is on the rota" in sheet["history"][-1]["why"]
    call("ack", alert, "--as", "ann")
    call("snooze", alert, "soon", code=1)
    call("resolve", alert, "--cause", "ghosts", code=1)
    call("resolve", alert, "--cause", "fouling", "--rejected", "fouling", code=1)
    assert "next 90 days" in call("snooze", alert, "9999w", code=1)
    call("snooze", alert, "2d")
    done = call("resolve", alert, "--cause", "fouling", "--rejected", "refrigerant", "--as", "ann", "--note", "=washed")
    assert "is resolved." in done
    shown = call("show", alert)
    assert "cause found: Fouled coils, filters or heat exchangers (fouling), =washed; ruled out: refrigerant" in shown
    assert "History (America/Chicago)" in shown
    call("ack", alert, code=1)
    assert "is resolved and cannot be snoozed" in call("snooze", alert, "1d", code=1)
    assert "is resolved and cannot be assigned" in call("assign", alert, "ann", code=1)
    call("resolve", alert, "--cause", "fouling")
    assert "is resolved already, as fouling" in call("resolve", alert, "--cause", "refrigerant", code=1)
    assert json.loads(call("show", alert, "--json"))["cause"] == "fouling"
    assert "no engineer 'nobody'" in call("assign", board[0]["id"], "nobody", code=1)
    assert json.loads(call("stats", "--json", "--days", "400"))["resolved"] == 1
    call("teams", "rule", "ghosts", code=1)
    for option, address in (("email", "notmail"), ("phone", "hello"), ("webhook", "ftp://foo")):
        assert f"{address!r} is no" in call("teams", "engineer", "x1", "--name", "X", f"--{option}", address, code=1)
    call("teams", "engineer", "ann", "--name", "Ann", "--email", "ann@example.org", "--quiet", "22:00-06:30")
    assert json.loads(call("teams", "list", "--json"))[0]["quiet_from"] == "22:00:00"


def test_a_misspelt_tenant_is_not_made_by_looking(
    running: RunningApp, servers: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in server_environment(servers).items():
        monkeypatch.setenv(name, value)
    known = in_world(running.app.urls, _prepared)
    monkeypatch.setenv("REDAPTIVE_TENANT", typo := f"{known}x")
    looks = (
        ("alerts", "list"), ("alerts", "stats"), ("alerts", "show", "abcd"), ("alerts", "teams", "list"),
        ("alerts", "teams", "engineer", "ann", "--name", "Ann", "--email", "ann@example.org"),
        ("stream", "refused"), ("stream", "aside"), ("stream", "resend", "--all"),
    )  # fmt: skip
    for words in looks:
        assert command(words) == 1, words
        told = "".join(capsys.readouterr().err.split())
        assert f"Thereisnotenant'{typo}'" in told
        assert known in told
    assert command(["doctor", "--json"]) == 0
    (tenants,) = [f["found"] for f in json.loads(capsys.readouterr().out) if f["check"] == "tenants"]
    assert tenants.endswith(f"; {typo} is not there yet")


def test_a_tenant_is_not_called_by_words_with_blanks(running: RunningApp) -> None:
    tenants = TenantStore(running.app.pools)
    for name in ("bad tenant!", "", "a/b", "-x", "x" * 101, "a#"):
        with pytest.raises(InvalidInput, match="no name for a tenant"):
            running.portal.call(tenants.ensure, name)
    assert running.portal.call(tenants.ensure, "büro.2_x-1") == running.portal.call(tenants.ensure, "büro.2_x-1")
