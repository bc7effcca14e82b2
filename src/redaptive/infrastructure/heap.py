"""The C library's heap in a process of many threads that runs for weeks.

glibc gives threads up to eight arenas a core, and each keeps the most that it ever held: a worker of 75 threads grew
by .7 to 1.1 MB a minute after a quarter of an hour, with two by .3 (`benchmarks/bench_streams.py --soak`).
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

_M_ARENA_MAX: Final = -8
"""`malloc.h` of glibc; other C libraries have no `mallopt`, or take no such setting."""
FEW: Final = 2


def keep_few_arenas() -> bool:
    """Let threads to come share two arenas, also in processes that this one starts; threads that have one keep it.

    False where the C library has no such setting.
    """
    os.environ.setdefault("MALLOC_ARENA_MAX", str(FEW))  # read by glibc before a process has any thread
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, FEW))
