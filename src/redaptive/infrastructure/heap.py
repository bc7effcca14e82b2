"""The C library's heap in a process of many threads that runs for weeks.

glibc gives threads up to eight arenas a core, and each keeps the most that it ever held: a worker of 75 threads grew
by .7 to 1.1 MB a minute after a quarter of an hour, with two by .3 (`benchmarks/bench_streams.py --soak`).
"""

from __future__ import annotations

import ctypes
from typing import Final

_M_ARENA_MAX: Final = -8
"""`malloc.h` of glibc; other C libraries have no `mallopt`, or take no such setting."""
FEW: Final = 2


def keep_few_arenas() -> bool:
    """Let threads to come share two arenas; those that have one keep it.

    False where the C library has no such setting.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, FEW))
