from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.baseline.fixed_point import coded, decoded, rounded
from redaptive.domain.baseline.slopes import GROUP_OF_SLOT, GROUPS, group_sums, slopes, solve
from redaptive.domain.baseline.slot_layout import PAIRS
from redaptive.domain.baseline.weather_basis import BASIS

RNG = np.random.default_rng(4)


def moments(meters: int, slope_of: np.ndarray, hours: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Moments of `hours` random hours a slot whose value is their basis times the slope of their group."""
    b = RNG.normal(size=(168, hours, BASIS))
    gram = np.einsum("sri,srj->sij", b, b)[:, PAIRS[0], PAIRS[1]]
    value = np.einsum("sri,smi->srm", b, slope_of[GROUP_OF_SLOT])
    cross = np.einsum("sri,srm->smi", b, value)
    return np.repeat(gram[:, None], meters, axis=1).astype(np.float32), cross.astype(np.float32)


def test_solves_many_systems_as_lapack_does() -> None:
    a = RNG.normal(size=(50, BASIS, BASIS))
    full = a @ a.transpose(0, 2, 1)
    right = RNG.normal(size=(50, BASIS))
    ridge = RNG.uniform(0.1, 2, 50)
    expected = np.linalg.solve(full + ridge[:, None, None] * np.eye(BASIS), right[..., None])[..., 0]
    assert np.allclose(solve(full[:, PAIRS[0], PAIRS[1]].T, right.T, ridge).T, expected, rtol=1e-8)


def test_little_noise_leaves_each_hour_its_slope_and_much_noise_the_common_one() -> None:
    truth = RNG.normal(1.0, 0.5, size=(GROUPS, 2, BASIS))
    found = slopes(*moments(2, truth), np.zeros(2), np.array([0.01, 100.0]))
    assert np.abs(found[:, 0] - truth[:, 0]).max() < 0.1
    assert found[:, 1].std(axis=0).max() < 0.5 * truth[:, 1].std(axis=0).min()


def test_working_days_and_rest_days_are_summed_apart() -> None:
    sums = group_sums(np.ones((168, 1), np.float32))
    assert sums[:24, 0].tolist() == [5.0] * 24
    assert sums[24:, 0].tolist() == [2.0] * 24


@pytest.mark.parametrize("most", [127, 32_767])
def test_rounding_twice_changes_nothing_and_codes_come_back(most: int) -> None:
    value = RNG.normal(size=(30, 168)) * 10.0 ** RNG.integers(-6, 6, (30, 1))
    value[3] = 0.0
    once = rounded(value, most, 1)
    assert np.array_equal(rounded(once, most, 1), once)
    assert np.array_equal(decoded(*coded(once, most, 1), 1), once)
    assert (np.abs(once - value) <= np.abs(value).max(axis=1, keepdims=True) / most).all()
