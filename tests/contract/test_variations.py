"""Sentences written in another way that means the same are planned alike (metamorphic relations, development data)."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from vary_language import NAMES, vary  # noqa: E402 -- the same

FILES = ("dag", "dag_outside_m", "dag_outside_o", "refusals_outside_m", "refusals_outside_o")
EVERY = 30
LEAST_SAME = 0.97


def test_other_ways_to_write_a_request_are_planned_alike() -> None:
    found = list(vary(FILES, NAMES, EVERY))
    wrong = Counter(each.variation for each in found if not each.right)
    assert len(found) > 150
    assert sum(wrong.values()) <= (1 - LEAST_SAME) * len(found), wrong
