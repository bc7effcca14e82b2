"""Run lengths of the CUSUM chart, as computed by Markov chain in the literature (k 0.5, h 5: Montgomery 2013, 9.1)."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.level_shift import chart

K, H = np.float32(0.5), np.float32(5.0)
ONE = np.float32(1.0)


def _mean_run_length(shift: float, *, two_sided: bool, charts: int, steps: int) -> float:
    """Steps between alarms; charts start anew after an alarm."""
    rng = np.random.default_rng(11)
    up, down = np.zeros(charts, np.float32), np.zeros(charts, np.float32)
    alarms = 0
    for _ in range(steps):
        z = rng.standard_normal(charts, np.float32) + np.float32(shift)
        up = chart(up, z, K, ONE)
        down = chart(down, -z, K, ONE) if two_sided else down
        over = (up > H) | (down > H)
        alarms += int(np.count_nonzero(over))
        up[over] = down[over] = 0
    return charts * steps / alarms


@pytest.mark.parametrize(("two_sided", "run_length"), [(False, 931), (True, 465)])
def test_run_length_without_a_shift(two_sided: bool, run_length: int) -> None:
    assert _mean_run_length(0.0, two_sided=two_sided, charts=5000, steps=1500) == pytest.approx(run_length, rel=0.05)


def test_run_length_with_a_shift_of_one_spread() -> None:
    assert _mean_run_length(1.0, two_sided=False, charts=5000, steps=300) == pytest.approx(10.4, rel=0.03)
