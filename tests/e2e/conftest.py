"""One loaded sample portfolio and one analysis of it for all end-to-end tests; each command is a process of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.command_line import redaptive
from tests.configured_servers import server_environment
from tests.conftest import DEMO_TENANT

from redaptive.settings import Settings

ROOT = Path(__file__).parents[2]
Command = Callable[..., subprocess.CompletedProcess[str]]
Told = Callable[[], str]


@dataclass(frozen=True)
class Analysed:
    """What loading the sample and analysing it said and wrote."""

    loaded: subprocess.CompletedProcess[str]
    analysed: subprocess.CompletedProcess[str]
    folder: Path


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What was printed since the last time, on one line."""

    def text() -> str:
        captured = capsys.readouterr()
        return " ".join(f"{captured.out} {captured.err}".split())

    return text


@pytest.fixture(scope="session")
def demo_environment(servers: Settings) -> dict[str, str]:
    """Environment of a command that works for the tenant of the sample portfolio."""
    own = {**server_environment(servers), "REDAPTIVE_TENANT": DEMO_TENANT, "COLUMNS": "160"}
    left_out = {"LOG_LEVEL", "LOG_FORMAT"}
    return {**{k: v for k, v in os.environ.items() if not k.startswith("REDAPTIVE_") and k not in left_out}, **own}


@pytest.fixture(scope="session")
def demo_command(demo_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Runs `redaptive ...` for the tenant of the sample; keywords are settings of that run."""
    folder = tmp_path_factory.mktemp("commands")

    def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return redaptive(*arguments, env={**demo_environment, **extra}, cwd=folder)

    return run


@pytest.fixture(scope="session")
def analysed(
    demo_load: subprocess.CompletedProcess[str], demo_command: Command, tmp_path_factory: pytest.TempPathFactory
) -> Analysed:
    """The demo sample, loaded and analysed once."""
    folder = tmp_path_factory.mktemp("report")
    done = demo_command("analyze", "--budget", "500000", "--json", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return Analysed(demo_load, done, folder)
