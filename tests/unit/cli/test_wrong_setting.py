"""A setting that cannot be used is named to the user, without a stack trace."""

from __future__ import annotations

import pytest

from redaptive.cli.main import run


def test_a_wrong_setting_is_named_with_what_it_may_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDAPTIVE_KERNEL_ENGINE", "fortran")
    assert run(["alerts", "list"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "REDAPTIVE_KERNEL_ENGINE" in said
    assert "should be 'numpy' or 'numba'" in said
    assert "Traceback" not in said
