"""Coefficients as small integers times a power of two: what a model file stores is what the fit predicts with."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from redaptive.domain.baseline.hours import F64

EXPONENTS: Final = (-120, 120)


def rounded(value: F64, most: int, axis: int) -> F64:
    """`value` to the nearest of `most` steps either side of zero; all values along `axis` share the step.

    The step is the smallest power of two that reaches the largest of them, so rounding again changes nothing.

    >>> rounded(np.array([0.1, 1.0, -0.26]), 127, 0).tolist()
    [0.09375, 1.0, -0.265625]
    """
    exponent = _exponent(value, most, axis)
    return np.ldexp(np.rint(np.ldexp(value, -exponent)), exponent)


def coded(value: F64, most: int, axis: int) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int8]]:
    """The steps and the exponents of the powers of two of rounded values."""
    exponent = _exponent(value, most, axis)
    return np.rint(np.ldexp(value, -exponent)).astype(np.int16), exponent.squeeze(axis).astype(np.int8)


def decoded(steps: npt.NDArray[np.integer], exponent: npt.NDArray[np.int8], axis: int) -> F64:
    """The values that `coded` was given."""
    return np.ldexp(steps.astype(np.float64), np.expand_dims(exponent.astype(np.int64), axis))


def _exponent(value: F64, most: int, axis: int) -> npt.NDArray[np.int64]:
    size = np.abs(value).max(axis=axis, keepdims=True, initial=0.0)
    with np.errstate(divide="ignore"):
        exponent = np.ceil(np.log2(size / most))
    return np.asarray(np.clip(np.nan_to_num(exponent, neginf=EXPONENTS[0]), *EXPONENTS), dtype=np.int64)
