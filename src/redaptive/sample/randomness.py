"""Random numbers by position: any window of any stream is computed alone and is the same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_PER_BLOCK = 16  # one Philox counter gives four 64-bit words, i.e. sixteen 16-bit numbers
_UNIFORM_SD = float(np.sqrt((65536.0**2 - 1) / 12))


class Purpose(IntEnum):
    """What a stream is for, so that no two uses share numbers."""

    READING = 1
    ANOMALY = 2
    CLEARNESS = 3
    BUILDING = 4
    METER = 5
    FAULT = 6
    SPIKE = 7
    CHANGE = 8
    BILL = 9


def _high_key(seed: int, purpose: Purpose) -> int:
    """Upper 64 bits of the key: 48 of the seed and 16 of the purpose; the lower ones are the stream."""
    return ((seed & 0xFFFF_FFFF_FFFF) << 16) | int(purpose)


def philox(seed: int, purpose: Purpose, stream: int, block: int = 0) -> np.random.Philox:
    """Philox keyed by (seed, purpose, stream) with its 256-bit counter at `block`."""
    return np.random.Philox(key=(_high_key(seed, purpose) << 64) | stream, counter=block)


def generator(seed: int, purpose: Purpose, stream: int) -> np.random.Generator:
    """A generator for the attributes of one building, meter or fault."""
    return np.random.Generator(philox(seed, purpose, stream))


def integers16_of(
    seed: int, purpose: Purpose, streams: Sequence[int], first: int, count: int
) -> npt.NDArray[np.uint16]:
    """Numbers `first` .. `first + count` of each stream, uniform on 0..65535, shape (n_streams, count).

    Number i of a stream depends on the seed, the purpose, the stream and i alone.
    """
    low, high = first // _PER_BLOCK, -(-(first + count) // _PER_BLOCK)
    skip = first - low * _PER_BLOCK
    # One bit generator is moved from stream to stream: making one draws entropy from the system, 20 times as slow.
    bits = philox(seed, purpose, streams[0], low)
    state = bits.state
    out = np.empty((len(streams), count), dtype=np.uint16)
    for row, stream in enumerate(streams):
        if row:
            state["state"]["key"][0] = stream
            state["state"]["key"][1] = _high_key(seed, purpose)
            bits.state = state
        words = np.asarray(bits.random_raw((high - low) * 4), dtype="<u8")
        out[row] = words.view("<u2")[skip : skip + count]
    return out


def integers16(seed: int, purpose: Purpose, stream: int, first: int, count: int) -> npt.NDArray[np.uint16]:
    """Numbers `first` .. `first + count` of one stream, uniform on 0..65535, shape (count,)."""
    numbers: npt.NDArray[np.uint16] = integers16_of(seed, purpose, (stream,), first, count)[0]
    return numbers


def lags(phi: float) -> int:
    """Number of past innovations kept, a power of two: the rest weighs less than 0.4 % of a standard deviation."""
    length = 1
    while phi**length > 0.004:
        length *= 2
    return length


def ar1(uniform: npt.NDArray[np.uint16], phi: float) -> Floats:
    """AR(1) noise of variance 1, shape (m, n), from uniform innovations of shape (m, n + lags(phi) - 1).

    The infinite sum of phi^k e(t-k) is cut at `lags(phi)` terms and summed pairwise by
    doubling: S_2L(t) = S_L(t) + phi^L S_L(t-L). Each value is the same tree of operations
    on the same innovations whichever window is asked for, so windows agree to the last bit.
    """
    length = lags(phi)
    sd = _UNIFORM_SD * np.sqrt((1 - phi ** (2 * length)) / (1 - phi**2))
    x: Floats = (uniform.astype(np.float64) - 32767.5) / sd
    step = 1
    while step < length:
        x = x[..., step:] + phi**step * x[..., :-step]
        step *= 2
    return x
