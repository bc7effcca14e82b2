"""One thread for small matrix products: on a busy machine a second one costs more in waiting than it computes."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

_NAMES = ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads")


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limits numpy's OpenBLAS to one thread inside the block; without OpenBLAS nothing changes.

    The limit is the process's: a product that another thread computes meanwhile uses one thread too.
    """
    found = _controls()
    if found is None:
        yield
        return
    get, put = found
    before = get()
    put(1)
    try:
        yield
    finally:
        put(before)


@cache
def _controls() -> tuple[Callable[[], int], Callable[[int], object]] | None:
    # The symbols of a library that the extension is linked with are found through the extension.
    extension = sys.modules.get(f"{np.__name__}._core._multiarray_umath")
    if extension is None or extension.__file__ is None:
        return None
    library = ctypes.CDLL(extension.__file__)
    for name in _NAMES:
        get, put = (getattr(library, name.format(verb), None) for verb in ("get", "set"))
        if get is not None and put is not None:
            return get, put
    return None
