"""The heap of a process of many threads, as glibc itself counts its arenas."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, os, sys, threading
from redaptive.infrastructure.heap import keep_few_arenas

if sys.argv[1] == "few":
    assert keep_few_arenas() and os.environ["MALLOC_ARENA_MAX"] == sys.argv[2]
libc, ready, done = ctypes.CDLL(None), threading.Barrier(9), threading.Event()
libc.malloc.restype = ctypes.c_void_p

def hold():
    libc.malloc(1000)
    ready.wait()
    done.wait()

for _ in range(8):
    threading.Thread(target=hold, daemon=True).start()
ready.wait()
libc.malloc_stats()
done.set()
"""


def _arenas(how: str, **environment: str) -> int:
    line = [sys.executable, "-c", PROGRAM, how, environment.get("MALLOC_ARENA_MAX", "2")]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env=environment)
    return done.stderr.count("Arena ")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_threads_share_two_arenas() -> None:
    assert _arenas("as it is", MALLOC_ARENA_MAX="8") > 2
    assert _arenas("few") <= 2
    assert _arenas("few", MALLOC_ARENA_MAX="8") <= 2
