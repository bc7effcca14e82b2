"""Links lead somewhere, commands that the docs name exist, settings are documented."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from redaptive.cli.lazy import LazyCommand
from redaptive.cli.main import all_commands

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
ALL = all_commands()
SHELL = re.compile(r"```(?:bash|sh)\n(.*?)```", re.DOTALL)


def _ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for block in SHELL.findall(page.read_text()):
            lines = block.replace("\\\n", " ").splitlines()
            found += [(_ids(page), line.strip()) for line in lines if line.strip().startswith("redaptive ")]
    return found


@pytest.mark.parametrize("page", PAGES, ids=_ids)
def test_relative_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    missing = [x for x in links if "://" not in x and not x.startswith("mailto:") and not (page.parent / x).exists()]
    assert not missing


@pytest.mark.parametrize(("page", "line"), _commands(), ids=lambda v: v[:60])
def test_a_documented_command_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line.split(" | ")[0].split(" > ")[0], comments=True)[1:]
    command: TyperCommand | TyperGroup = ALL
    while isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    assert not isinstance(command, TyperGroup) or not words or words[0].startswith("-"), f"no command {words[:1]}"
    known = {name for param in command.params for name in [*param.opts, *param.secondary_opts]} | {"--help"}
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    assert options <= known, f"{page}: {options - known} of {line}"


@pytest.mark.parametrize(("name", "entry"), ALL.lazy.items())
def test_the_overview_says_what_the_command_says(name: str, entry: LazyCommand) -> None:
    command = ALL.commands[name]
    assert (command.help or "").startswith(entry.help)
    assert entry.help.endswith(".")
    assert command.hidden == entry.hidden


def test_every_make_target_that_the_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {m for page in PAGES for m in re.findall(r"`make ([a-z-]+)", page.read_text())}
    assert named <= targets
