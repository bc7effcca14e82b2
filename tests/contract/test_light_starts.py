"""What a process loads before it begins its work, by name: each package is paid for at every start."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "redaptive"
HEAVY = (
    "alembic", "dbos", "deltalake", "duckdb", "mcp", "mcp_types", "numpy", "polars", "pyarrow", "scipy", "sqlalchemy",
    "uvicorn",
)  # fmt: skip
ABSENT = {
    "redaptive.cli.main": HEAVY,
    "redaptive.app": HEAVY,
    "redaptive.reference.loader": HEAVY,
    "redaptive.infrastructure.installation": HEAVY,
    "redaptive.cli.runs": HEAVY,
    "redaptive.cli.alerts": HEAVY,
    "redaptive.cli.equipment": ("alembic", "dbos", "deltalake", "duckdb", "mcp", "mcp_types", "scipy", "sqlalchemy"),
    "redaptive.agents.portfolio_intelligence_agent": ("alembic", "dbos", "scipy.optimize", "sqlalchemy"),
    "redaptive.cli.worker": ("alembic", "dbos", "mcp", "mcp_types", "scipy", "sqlalchemy"),
}
"""Module that a command begins with -> packages that must not come with it."""


@pytest.mark.parametrize("module", ABSENT)
def test_packages_that_a_start_does_not_need_are_not_loaded(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert module in loaded
    assert [name for name in ABSENT[module] if name in loaded] == []


def _targets() -> set[str]:
    found: set[str] = set()
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "late":
                found |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
    return found


def test_what_is_imported_late_is_there() -> None:
    targets = [each.partition(":") for each in _targets()]
    assert targets
    assert [name for module, _, name in targets if not hasattr(import_module(module), name)] == []


@pytest.mark.parametrize("arguments", ["['--help']", "['runs', '--help']"])
def test_what_a_command_imported_is_frozen(arguments: str) -> None:
    """Neither a collection during the command nor the one at its end walks through modules."""
    code = (
        f"import gc; from redaptive.cli.main import run; run({arguments});"
        "print(gc.isenabled(), len(gc.get_objects()), gc.get_freeze_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    enabled, watched, frozen = done.stdout.split()[-3:]
    assert enabled == "True"
    assert int(watched) < int(frozen) / 3, f"{watched} objects are watched, {frozen} frozen"


@pytest.mark.parametrize("module", ["duckdb", "json"])
def test_the_end_of_a_process_says_nothing(module: str) -> None:
    """DuckDB's bindings complain on standard error of frozen objects."""
    code = f"from redaptive.late import late; late('{module}:__name__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_only_the_first_use_freezes() -> None:
    """A process that runs for weeks would keep the garbage of each use for good."""
    code = (
        "import gc; from redaptive.late import late; late('json:loads'); before = gc.get_freeze_count();"
        "kept = [[] for _ in range(99)]; late('json:loads'); print(gc.get_freeze_count() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
