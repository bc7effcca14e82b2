"""What the tests of both trained language models look at: sentences, the check of a script, kinds of numbers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
LANGUAGE = ROOT / "src" / "redaptive" / "reference" / "language"


def sentences(path: Path) -> Iterator[str]:
    """The sentences of a file, without comments and empty lines."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def checked(script: str) -> subprocess.CompletedProcess[str]:
    """What a training script answers when it is asked whether its artifact is the present one."""
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def kinds(arrays: Path) -> set[str]:
    """The kinds of the stored arrays: f, i and u are numbers."""
    with np.load(arrays, allow_pickle=False) as stored:
        return {stored[name].dtype.kind for name in stored.files}
