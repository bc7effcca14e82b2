"""A setting that cannot be used is named to the user, without a stack trace."""

from __future__ import annotations

import pytest

from redaptive.cli.main import run
from redaptive.settings import Settings


def test_a_wrong_setting_is_named_with_what_it_may_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDAPTIVE_KERNEL_ENGINE", "fortran")
    assert run(["alerts", "list"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "REDAPTIVE_KERNEL_ENGINE" in said
    assert "should be 'numpy' or 'numba'" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("LOG_LEVEL", "LOUD", "where: REDAPTIVE_LOG_LEVEL to do"),
        ("REDAPTIVE_LOG_LEVELS", '{"agents": "LOUD"}', "where: REDAPTIVE_LOG_LEVELS.agents to do"),
    ],
)
def test_a_log_level_that_there_is_not_is_named_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, where: str
) -> None:
    monkeypatch.setenv(name, value)
    assert run(["intents", "list"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "LOUD is no level of a log" in said
    assert "DEBUG" in said
    assert where in said
    assert "Traceback" not in said


def test_a_log_level_may_be_written_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "warning")
    assert run(["intents", "list"]) == 0


def test_an_empty_setting_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDAPTIVE_TENANT", "")
    assert Settings().tenant == "default"
