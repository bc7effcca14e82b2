"""Prompts read from files, with a version that says exactly which text was used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

PACKAGE: Final = "redaptive.orchestration.ai.prompts"


@dataclass(frozen=True)
class Prompt:
    """A text and its version: the name of its file and the beginning of its SHA-256."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """E.g. `plan-1@3fa1b2c4`."""
        return f"{self.name}@{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"


@cache
def prompt(name: str) -> Prompt:
    """The prompt of a file of the package, without its ending."""
    return Prompt(name, files(PACKAGE).joinpath(f"{name}.md").read_text(encoding="utf-8"))
