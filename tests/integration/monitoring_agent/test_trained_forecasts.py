"""Forecast models trained from the readings store, and what the agent makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.configured_servers import server_environment
from tests.integration.monitoring_agent.fleet import END, START, Fleet, values
from tests.integration.running_app import RunningApp

from redaptive.cli.forecast_store import store_histories
from redaptive.cli.main import run
from redaptive.domain.forecast.boosters import Recipe
from redaptive.domain.forecast.global_model import MOST_DAYS
from redaptive.streams.forecasts import issuing
from redaptive.streams.forecasts.history import History
from redaptive.streams.forecasts.model_folder import ModelFolder, load_model
from redaptive.streams.forecasts.training import STEPS, Trained, by_commodity, train_commodity

FORECAST, PEAK = "energy-monitoring.forecast_load", "energy-monitoring.peak_alert"
ISSUE = START + timedelta(days=114, hours=17)
CUT = START + timedelta(days=113, hours=5)
SMALL = Recipe(rounds=30, tail_rounds=20, leaves=15, tail_leaves=7, threads=1)


class Stopped(Exception):
    """A training that was interrupted."""


@pytest.fixture(scope="module")
def histories(running: RunningApp, fleet: Fleet) -> list[History]:
    return running.portal.call(store_histories, running.app, None, None, 200, fleet.principal.tenant)


@pytest.fixture(scope="module")
def trained(running: RunningApp, fleet: Fleet, histories: list[History]) -> Iterator[Trained]:
    """A small model of the fleet's electricity until the cut, in the tenant's folder."""
    folder = ModelFolder(running.app.settings.home, fleet.principal.tenant)
    past = [h.until(int(CUT.timestamp())) for h in histories]
    made = train_commodity(by_commodity(past)["electricity"], SMALL, folder)
    yield made
    made.path.unlink()


def test_the_store_gives_hours_by_commodity_and_clock(histories: list[History]) -> None:
    places = {(h.commodity, h.timezone, h.names) for h in histories}
    assert ("electricity", "America/New_York", ("MAIN", "SUB-A", "SUB-B")) in places
    assert {h.commodity for h in histories} == {"electricity"}
    new_york = next(h for h in histories if h.timezone == "America/New_York")
    assert (new_york.sites, new_york.parents) == (("NY",) * 3, ("", "MAIN", "MAIN"))
    hourly = values()["MAIN"].reshape(-1, 4).sum(axis=1) / 1000
    assert new_york.energy[0, -hourly.size :] == pytest.approx(hourly)
    chicago = next(h for h in histories if "DROP" in h.names)
    drop = chicago.energy[chicago.names.index("DROP"), -24 * 120 :]
    assert np.isnan(drop[110 * 24 + 9 : 110 * 24 + 21]).all()


def test_the_agent_goes_by_the_model_and_says_so(running: RunningApp, fleet: Fleet, trained: Trained) -> None:
    call = {"meter_id": "MAIN", "horizon_h": 48, "issued_at": ISSUE.isoformat()}
    answer = running.call(fleet.principal, FORECAST, **call).answer
    assert answer["method"].startswith(f"global model {trained.version}, trained until {trained.last}")
    assert answer["factor_version"] == [f"forecast model {trained.version}"]
    found = answer["value"]
    rows = found["intervals"]
    assert (len(rows), found["interval_s"], found["past_errors_used"]) == (48 * 4, 900, 0)
    assert datetime.fromisoformat(rows[0]["start"]) == ISSUE
    assert all(row["p10"] <= row["p50"] <= row["p90"] for row in rows)
    truth = values()["MAIN"][(114 * 24 + 17) * 4 :][: len(rows)] / 1000
    wape, naive = (np.abs(np.array([r[k] for r in rows]) - truth).sum() / truth.sum() for k in ("p50", "naive"))
    assert wape < 1.05 * naive
    assert 0.6 < np.mean([r["p10"] <= t <= r["p90"] for r, t in zip(rows, truth, strict=True)]) < 0.98
    assert found["naive_total"] == pytest.approx(sum(r["naive"] for r in rows))
    peak = running.call(fleet.principal, PEAK, **call).answer
    assert trained.version in peak["method"]
    assert f"forecast model {trained.version}" in peak["factor_version"]


def test_the_hours_are_those_of_the_model(
    running: RunningApp, fleet: Fleet, trained: Trained, histories: list[History]
) -> None:
    rows = running.value(fleet.principal, FORECAST, meter_id="MAIN", issued_at=ISSUE.isoformat())["intervals"]
    history = next(h for h in histories if "MAIN" in h.names)
    issued = issuing.issue(history, int(ISSUE.timestamp()), 24, load_model(trained.path))
    assert np.array([r["p50"] for r in rows]).reshape(-1, 4).sum(axis=1) == pytest.approx(issued.p50[0], rel=1e-5)
    assert [t.site for t in issued.totals] == [""]
    assert issued.totals[0].meters == 1  # the submeters count with their main meter
    assert issued.totals[0].p50 == pytest.approx(issued.p50[0])


def test_without_a_model_the_next_day_is_that_of_the_command_line(
    running: RunningApp, own_fleet: Fleet, histories: list[History]
) -> None:
    call = {"meter_id": "MAIN", "horizon_h": 48, "issued_at": ISSUE.isoformat()}
    answer = running.call(own_fleet.principal, FORECAST, **call).answer
    assert answer["method"].startswith("seasonal level")
    assert issuing.REGRESSION in answer["method"]
    assert (answer["factor_version"], answer["value"]["past_errors_used"] > 0) == ([], True)
    rows = answer["value"]["intervals"]
    assert all(row["p10"] <= row["p50"] <= row["p90"] for row in rows)
    history = next(h for h in histories if "MAIN" in h.names)
    issued = issuing.issue(history, int(ISSUE.timestamp()), 48, None)
    assert answer["method"].startswith(issued.method)
    hourly = np.array([r["p50"] for r in rows]).reshape(-1, 4).sum(axis=1)
    assert hourly[:24] == pytest.approx(issued.p50[0, :24], rel=1e-5)
    assert hourly[24:] == pytest.approx(issued.p50[0, 24:], rel=0.05)  # like days by the quarter hour, or by the hour


def test_a_model_that_has_seen_the_future_is_not_used(running: RunningApp, fleet: Fleet, trained: Trained) -> None:
    early = (CUT - timedelta(days=2)).isoformat()
    answer = running.call(fleet.principal, FORECAST, meter_id="MAIN", issued_at=early).answer
    assert answer["method"].startswith("seasonal level")
    assert any("have seen what came after" in text for text in answer["warnings"])
    assert answer["value"]["past_errors_used"] > 0


def test_a_longer_horizon_goes_by_like_days_and_says_why(running: RunningApp, fleet: Fleet, trained: Trained) -> None:
    hours = MOST_DAYS * 24 + 24
    call = {"meter_id": "CALM", "horizon_h": hours, "issued_at": ISSUE.isoformat()}
    answer = running.call(fleet.principal, FORECAST, **call).answer
    assert answer["method"].startswith("seasonal level")
    assert any("reaches 168 hours" in text for text in answer["warnings"])


def test_another_tenant_does_not_see_the_model(running: RunningApp, own_fleet: Fleet, trained: Trained) -> None:
    answer = running.call(own_fleet.principal, FORECAST, meter_id="MAIN", issued_at=ISSUE.isoformat()).answer
    assert answer["method"].startswith("seasonal level")
    assert answer["factor_version"] == []


def test_later_readings_do_not_change_the_models_forecast(
    running: RunningApp, own_fleet: Fleet, trained: Trained
) -> None:
    folder = ModelFolder(running.app.settings.home, own_fleet.principal.tenant)
    folder.save(trained.path.read_bytes(), "electricity", str(trained.last))

    def ask() -> dict[str, Any]:
        return running.value(own_fleet.principal, FORECAST, meter_id="CALM", issued_at=ISSUE.isoformat())

    before = ask()
    assert trained.version in before["method"]
    later = own_fleet.readings.filter((pl.col("meter_id") == own_fleet.numbers["CALM"]) & (pl.col("ts") >= ISSUE))
    running.app.readings.correct(
        later.with_columns(value=pl.lit(1).cast(pl.Int32)), source=f"later:{own_fleet.principal.tenant_id}", token=1
    )
    assert ask() == before


def test_a_stopped_training_goes_on_and_makes_the_same_model(
    running: RunningApp, histories: list[History], trained: Trained, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = ModelFolder(tmp_path_factory.mktemp("models"), "t")
    past = by_commodity([h.until(int(CUT.timestamp())) for h in histories])["electricity"]
    seen: list[str] = []

    def stop_at(step: int) -> Callable[[str], None]:
        def tell(name: str) -> None:
            seen.append(name)
            if len(seen) == step:
                raise Stopped

        return tell

    with pytest.raises(Stopped):
        train_commodity(past, SMALL, folder, progress=stop_at(7))
    (kept,) = folder.path.glob("training-*")
    assert sorted(p.stem for p in kept.glob("*.trees")) == ["day-held", "week-held"]
    (kept / "week-held.trees").write_text("damaged")
    seen.clear()
    made = train_commodity(past, SMALL, folder, progress=seen.append)
    assert len(seen) == STEPS
    assert made.version == trained.version
    assert made.path.read_bytes() == trained.path.read_bytes()
    assert [p.name for p in folder.path.iterdir()] == [made.path.name]


def test_the_command_line_trains_calibrates_and_adds_up_sites(
    running: RunningApp,
    own_fleet: Fleet,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, tenant = running.app.settings, own_fleet.principal.tenant
    own = {"REDAPTIVE_TENANT": tenant, "REDAPTIVE_READINGS_URL": str(settings.readings_url)}
    own.update(server_environment(settings))
    for name, value in own.items():
        monkeypatch.setenv(name, value)

    def told(*arguments: str) -> dict[str, Any]:
        assert run(["forecast", *arguments, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    until = (END - timedelta(days=20)).strftime("%Y-%m-%d")
    (made,) = told("train", "--until", until, "--rounds", "10", "--threads", "1")["models"]
    assert (made["commodity"], made["meters"]) == ("electricity", 9)
    assert tenant in made["model"]
    (set_anew,) = told("calibrate")["models"]
    assert set_anew["last"] == made["last"] < set_anew["intervals_until"]
    summary = told("--horizon", "24h")
    assert set_anew["version"] in summary["method"]
    assert {(t["site"], t["meters"]) for t in summary["totals"]} == {(None, 1), (None, 5)}
    refused = {row["meter"] for row in summary["refused"]}
    assert "EMPTY" in refused
    (site,) = told("--sites", "NY", "--horizon", "24h")["totals"]
    main = next(m for m in summary["meters"] if m["meter"] == "MAIN")
    assert sum(site["p50_kwh"]) == pytest.approx(main["p50_kwh"], rel=1e-3)
    assert run(["forecast", "--sites", "NOWHERE"]) == 1
    assert "Sites with meters: CH, NY" in " ".join(capsys.readouterr().err.split())
