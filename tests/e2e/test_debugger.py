"""The debugger as a person uses it: its own engine or that of another process, scripted or through a pipe."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from tests.conftest import DEMO_TENANT
from tests.e2e.executor_process import PLAN, executor

from redaptive.settings import Settings

Debug = Callable[..., tuple[int, str]]
TOOL = Path(__file__).parents[2] / "tools" / "workflow_debugger.py"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    to = tmp_path / "plan.json"
    to.write_text(json.dumps(PLAN))
    return to


def _debug(environment: dict[str, str], *words: str, **given: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), *words], env=environment, capture_output=True, text=True, timeout=200,
        check=False, **given,  # type: ignore[call-overload]
    )  # fmt: skip


def _after(text: str, command: str) -> str:
    """What was printed for a command."""
    return text.split(f"(debug) {command}\n", 1)[1].split("(debug) ", 1)[0]


def test_a_value_is_edited_at_a_breakpoint_and_the_run_goes_on(
    demo_load: object, demo_environment: dict[str, str], plan: Path, tmp_path: Path
) -> None:
    """With an engine of its own: no executor is running."""
    value = json.dumps({"period": "p", "opportunities": [], "not_screened": [], "skipped": [],
                        "buildings_screened": 3, "total_capex_usd": 0, "total_savings_usd_per_y": 6})  # fmt: skip
    script = (
        f"break found; run; inspect codes; set found.value.total_savings_usd_per_y=true; set found.value={value};"
        f" graph; continue; step; inspect found.value.total_savings_usd_per_y; save {tmp_path / 'run.svg'};"
        f" save {tmp_path / 'run.txt'}; quit; graph"
    )
    done = _debug(demo_environment, str(plan), "--input", "budget_usd=250000", "--commands", script)
    assert done.returncode == 1, "one command was refused"
    said = done.stdout
    assert "the debugger runs the plan itself" in said
    assert "held: breakpoint" in _after(said, "run")
    assert "NLS-CHI-001" in _after(said, "inspect codes")
    assert "refused: " in _after(said, "set found.value.total_savings_usd_per_y=true")
    assert "edited: found" in _after(said, "graph")
    gone_on = _after(said, "continue")
    assert "done (output given)" in gone_on
    assert '"half_usd_per_y": 3' in gone_on
    assert "skipped (not $half > 10000)" in gone_on
    assert "refused: The run has ended" in _after(said, "step")
    assert "6" in _after(said, "inspect found.value.total_savings_usd_per_y")
    assert "(debug) graph\n" not in said.split("(debug) quit")[1], "nothing follows quit"
    picture = (tmp_path / "run.svg").read_text()
    assert picture.startswith("<svg")
    assert "@font-face" not in picture, "a picture fetches nothing"
    assert "found" in (tmp_path / "run.txt").read_text()


@pytest.fixture(scope="module")
def debugger() -> ModuleType:
    spec = importlib.util.spec_from_file_location("workflow_debugger", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["workflow_debugger"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def debug(
    debugger: ModuleType, servers: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Debug:
    """Runs the debugger in this process; its exit code and what it printed."""
    monkeypatch.setenv("REDAPTIVE_HOME", str(servers.home))
    monkeypatch.setenv("REDAPTIVE_TENANT", DEMO_TENANT)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*words: str, stdin: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", [str(TOOL), *words])
        monkeypatch.setattr(sys, "stdin", StringIO(stdin))
        code = debugger.main()
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


def test_a_run_of_another_process_is_stepped_edited_and_forked(
    demo_load: object, demo_environment: dict[str, str], debug: Debug, plan: Path
) -> None:
    script = (
        "step; step; pause; approve; nonsense; set found.value.total_savings_usd_per_y=4\n"
        "unset found; continue; set found.value.total_savings_usd_per_y=10; fork; rollback; history; help"
    )
    with executor(demo_environment):
        code, said = debug(str(plan), "--input", "budget_usd=250000", stdin=script)
        assert code == 1, "two commands were refused"
        assert "runs the plan itself" not in said
        first, _, second = said.partition("(debug) step\n")[2].partition("(debug) step\n")
        assert "● usage" in first
        assert "‖ found" in first
        assert "● found" in second.split("(debug) pause")[0]
        assert "Waits for approval: nothing" in _after(said, "approve")
        assert "no command 'nonsense'" in _after(said, "nonsense")
        assert "is done already" in _after(said, "set found.value.total_savings_usd_per_y=4")
        fork = _after(said, "fork")
        assert '"half_usd_per_y": 5' in fork
        assert "cancelled" in _after(said, "rollback")
        assert "started the run as a fork" in _after(said, "history")
        assert "undo a run that has ended" in _after(said, "help")
        run_id = fork.split("now debugging ")[1].split()[0]
        assert debug("--run", run_id, "--commands", "graph")[0] == 0


def test_what_it_cannot_debug_is_refused(demo_load: object, debug: Debug, plan: Path) -> None:
    for words, reason in (
        (("--run", "nothing"), "No run nothing"),
        ((str(plan),), "budget_usd"),
        ((), "Give a plan's file"),
    ):
        code, said = debug(*words, "--commands", "graph")
        assert code == 1
        assert reason in said


def test_scripts_are_split_outside_of_texts(debugger: ModuleType) -> None:
    assert debugger.split('a; set b={"t": "x; y\\"; z"};\n run ;;') == ["a", 'set b={"t": "x; y\\"; z"}', "run"]


def test_every_command_has_help_and_every_short_form_a_command(debugger: ModuleType) -> None:
    assert set(debugger.SHORT.values()) <= debugger.COMMANDS.keys()
    assert all(":" in (command.__doc__ or "") for command in debugger.COMMANDS.values())
