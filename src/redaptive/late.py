"""Names that are imported when they are first needed: for what few processes use and each would pay for at its start.

All else is imported at the top of its module. A test resolves every target, and another names the packages that light
commands must not load.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def late(target: str) -> Any:
    """What `module:name` names; a caller that wants a type says which: `store: type[Store] = late("stores:Store")`."""
    module, _, name = target.partition(":")
    with _without_collection():
        return getattr(import_module(module), name)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Imports make much and free nothing: looking for garbage meanwhile is a tenth of the start of a command.

    What they made stays to the end, so it is frozen: no later collection walks through it, nor does the last one,
    which at the end of a process took as long as a third of its imports.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()
