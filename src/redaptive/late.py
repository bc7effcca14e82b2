"""Names that are imported when they are first needed: for what few processes use and each would pay for at its start.

All else is imported at the top of its module. A test resolves every target, and another names the packages that light
commands must not load.
"""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def late(target: str) -> Any:
    """What `module:name` names; a caller that wants a type says which: `store: type[Store] = late("stores:Store")`."""
    module, _, name = target.partition(":")
    if module in sys.modules:  # else every use would freeze the garbage of that moment for good
        return getattr(import_module(module), name)  # which waits for a thread that is still at it
    with _without_collection():
        return getattr(import_module(module), name)


def keep_imported() -> None:
    """What was imported stays to the end, so no collection walks through it, nor does the last one.

    That one took as long as a third of the imports.
    """
    gc.freeze()
    atexit.unregister(_thaw)
    atexit.register(_thaw)


def _thaw() -> None:
    if "duckdb" in sys.modules:  # it complains on standard error of whatever of its own is never collected
        gc.unfreeze()


@contextmanager
def _without_collection() -> Iterator[None]:
    """Imports make much and free nothing: looking for garbage meanwhile is a tenth of the start of a command."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        keep_imported()
        if on:
            gc.enable()
