"""LightGBM, or a clear refusal: its library needs libgomp, which a slim image may lack."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from redaptive.errors import Unavailable

FIX: Final = "Install the OpenMP runtime: `apt-get install libgomp1` or `dnf install libgomp`."


@cache
def native() -> ModuleType:
    """The module `lightgbm`; raises Unavailable where its library cannot be loaded.

    Loaded at its first use: with what it brings along it takes a second, which every command that knows the
    monitoring agent would pay at its start.
    """
    try:
        return import_module("lightgbm")
    except OSError as error:  # libgomp.so.1 is missing: the wheel does not bring it
        raise Unavailable(f"LightGBM cannot be loaded: {error}.", field="lightgbm", fix=FIX) from error
