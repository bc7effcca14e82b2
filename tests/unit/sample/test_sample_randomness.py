"""Numbers by position: windows agree to the bit, and the noise is the AR(1) process it claims to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.sample.randomness import Purpose, ar1, integers16, integers16_of, lags


@settings(deadline=None, max_examples=60)
@given(first=st.integers(0, 2_000_000), skip=st.integers(0, 90), count=st.integers(1, 200))
def test_any_window_of_a_stream_is_the_same_numbers(first: int, skip: int, count: int) -> None:
    whole = integers16(7, Purpose.READING, 42, first, skip + count)
    assert np.array_equal(whole[skip:], integers16(7, Purpose.READING, 42, first + skip, count))


def test_streams_together_equal_streams_alone_and_differ_by_seed_purpose_and_stream() -> None:
    together = integers16_of(3, Purpose.READING, [5, 900, 99_999], 1_000_003, 400)
    for row, stream in enumerate([5, 900, 99_999]):
        assert np.array_equal(together[row], integers16(3, Purpose.READING, stream, 1_000_003, 400))
    other = integers16(4, Purpose.READING, 5, 1_000_003, 400), integers16(3, Purpose.BILL, 5, 1_000_003, 400)
    assert not any(np.array_equal(together[0], row) for row in (together[1], *other))


def test_numbers_are_numpys_own_philox_words_cut_into_sixteen_bits() -> None:
    key = (((1 << 16) | int(Purpose.METER)) << 64) | 17
    words = np.random.Philox(key=key, counter=0).random_raw(8)
    expected = [(int(word) >> (16 * part)) & 0xFFFF for word in words for part in range(4)]
    assert integers16(1, Purpose.METER, 17, 0, 32).tolist() == expected


@pytest.mark.parametrize("phi", [0.9, 0.9**4, 0.7])
def test_noise_equals_the_written_out_sum(phi: float) -> None:
    length = lags(phi)
    uniform = integers16(1, Purpose.READING, 1, 0, 50 + length - 1)
    centred = [float(u) - 32767.5 for u in uniform]
    scale = (((65536**2 - 1) / 12) * sum(phi ** (2 * k) for k in range(length))) ** 0.5
    direct = [sum(phi**k * centred[t + length - 1 - k] for k in range(length)) / scale for t in range(50)]
    assert ar1(uniform, phi) == pytest.approx(direct, abs=1e-12)
    assert phi**length <= 0.004


@pytest.mark.parametrize("phi", [0.9, 0.9**4, 0.7])
def test_noise_has_unit_variance_and_the_stated_autocorrelation(phi: float) -> None:
    x = ar1(integers16(1, Purpose.READING, 1, 0, 400_000), phi)
    assert x.mean() == pytest.approx(0.0, abs=0.03)
    assert x.std() == pytest.approx(1.0, abs=0.02)
    for lag in (1, 2, 4):
        assert np.corrcoef(x[:-lag], x[lag:])[0, 1] == pytest.approx(phi**lag, abs=0.02)


@settings(deadline=None, max_examples=40)
@given(first=st.integers(1_000, 2_000_000), skip=st.integers(0, 60), count=st.integers(1, 150))
def test_noise_of_a_window_is_bitwise_that_of_a_longer_one(first: int, skip: int, count: int) -> None:
    reach = lags(0.9) - 1
    whole = ar1(integers16(1, Purpose.READING, 8, first - reach, skip + count + reach), 0.9)
    alone = ar1(integers16(1, Purpose.READING, 8, first + skip - reach, count + reach), 0.9)
    assert np.array_equal(whole[skip:], alone)
