"""Packages of peers, which only the benchmarks need."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def need(*names: str) -> None:
    """Nothing, where the packages are installed; else ends the program and says how to install them."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        sys.exit(
            f"This benchmark compares with {' and '.join(missing)}, not installed here. Run `make bench`, or install "
            "the packages: python -m pip install --require-hashes -r requirements/bench.txt"
        )
