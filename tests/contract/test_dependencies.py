"""Each dependency has a line of why, and the lock files name no index and no host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;~ ]", r, maxsplit=1)[0] for r in requirements}


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = _names(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        declared |= _names(extra)
    text = (ROOT / "docs" / "architecture" / "dependencies.md").read_text()
    explained = {
        name.strip()
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| package")
        for name in ",".join(line.split("|")[1:3]).split(",")
    }
    assert declared <= explained, declared - explained


def test_lock_files_are_hashed_and_name_no_host() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        pins = re.findall(r"^[A-Za-z0-9_.-]+(?:\[[^]]+\])?==", text, flags=re.MULTILINE)
        assert len(pins) >= (3 if lock.stem == "embeddings" else 50)
        assert len(re.findall(r"--hash=sha256:", text)) >= len(pins)
