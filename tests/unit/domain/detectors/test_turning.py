"""Records become columns and come back unchanged, whatever their words hold."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.compiled.block import LANES
from redaptive.domain.detectors.compiled.functions import Compiler
from redaptive.domain.detectors.compiled.turning import SIDE, Turning

pytestmark = pytest.mark.slow
FIRST, GROUPS, BEGIN, WORDS = 8, 3, 2, 40


def test_rows_become_columns_and_come_back() -> None:
    pytest.importorskip("numba")
    compiler, turning = Compiler(), Turning(FIRST, GROUPS, BEGIN)
    names = {"turn_in": compiler.intrinsic(turning.turn_in), "turn_out": compiler.intrinsic(turning.turn_out)}
    turned_in, turned_out = (
        compiler.from_text(f"all_{name}", f"(F, hot, at):\n    {name}(F, hot, at)\n", __name__, __file__, **names)
        for name in ("turn_in", "turn_out")
    )
    rng = np.random.default_rng(4)
    # Any bits, those of NaN and of tiny numbers among them.
    records = rng.integers(-(2**31), 2**31, (50, WORDS)).astype(np.int32).view(np.float32)
    at, columns = rng.permutation(50)[:LANES], np.zeros((BEGIN + GROUPS * SIDE + 1) * LANES, np.float32)
    turned_in(columns, records, at)
    held = columns.view(np.int32).reshape(-1, LANES)
    words = records.view(np.int32)
    assert (held[BEGIN:-1] == words[at, FIRST : FIRST + GROUPS * SIDE].T).all()
    assert not held[:BEGIN].any()
    assert not held[-1].any()
    other = np.zeros_like(records)
    turned_out(columns, other, at)
    expected = np.zeros_like(words)
    expected[at, FIRST : FIRST + GROUPS * SIDE] = words[at, FIRST : FIRST + GROUPS * SIDE]
    assert (other.view(np.int32) == expected).all()
