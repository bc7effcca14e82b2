"""Where the public data sets of the benchmarks lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "REDAPTIVE_PUBLIC_DATA"
BESIDE: Final = Path(__file__).resolve().parents[2] / "shared" / "data"


def public_folder(name: str) -> Path:
    """Folder of a data set: under the variable `REDAPTIVE_PUBLIC_DATA`, else in `../shared/data` by the project."""
    return Path(os.environ.get(VARIABLE) or BESIDE) / name
