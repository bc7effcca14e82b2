"""LightGBM, or a clear refusal: its library needs libgomp, which a slim image may lack."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from redaptive.errors import Unavailable

try:
    import lightgbm

    _FOUND: ModuleType | None = lightgbm
    _WHY = ""
except OSError as error:  # libgomp.so.1 is missing: the wheel does not bring it
    _FOUND, _WHY = None, str(error)

FIX: Final = "Install the OpenMP runtime: `apt-get install libgomp1` or `dnf install libgomp`."


def native() -> ModuleType:
    """The module `lightgbm`; raises Unavailable where its library cannot be loaded."""
    if _FOUND is None:
        raise Unavailable(f"LightGBM cannot be loaded: {_WHY}.", field="lightgbm", fix=FIX)
    return _FOUND
