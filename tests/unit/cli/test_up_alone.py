"""A second `redaptive up` of a home, and a port that is taken, are told before anything is started."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from redaptive.cli.main import run
from redaptive.cli.ports import require_free_port
from redaptive.errors import Conflict


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REDAPTIVE_HOME", str(tmp_path))
    monkeypatch.setenv("REDAPTIVE_INGEST_PORT", "0")  # any free one
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_second_up_of_the_same_home_starts_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "run").mkdir()
    with FileLock(home / "run" / "up.lock"):
        assert run(["up"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "`redaptive up` runs already." in said
    assert "redaptive worker" in said
    assert not (home / "services" / "database").exists()


@pytest.mark.parametrize("setting", ["REDAPTIVE_INGEST_PORT", "REDAPTIVE_AGENT_PORT", "REDAPTIVE_ALERTS_PORT"])
def test_up_names_a_port_that_is_taken_before_servers_start(
    home: Path, taken: int, setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(setting, str(taken))
    assert run(["up"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"Port {taken} of 127.0.0.1 cannot be listened on" in said
    assert f"choose another port with {setting}" in said
    assert not (home / "services" / "database").exists()


def test_a_desk_names_a_port_that_is_taken_before_servers_start(
    home: Path, taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["alerts", "desk", "--port", str(taken)]) == 1
    assert "choose another port with --port" in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("REDAPTIVE_ALERTS_PORT", str(taken))
    assert run(["alerts", "desk"]) == 1
    assert "choose another port with REDAPTIVE_ALERTS_PORT" in " ".join(capsys.readouterr().err.split())
    assert not (home / "services" / "database").exists()


def test_a_port_is_free_again_once_its_server_is_gone(taken: int) -> None:
    with pytest.raises(Conflict, match="in use"):
        require_free_port(taken, "PORT")
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    require_free_port(free, "PORT")
