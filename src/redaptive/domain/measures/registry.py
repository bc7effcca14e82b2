"""Finds the measures: each module of this folder that has a `MEASURE` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from redaptive.domain import measures
from redaptive.domain.measures.base import Measure
from redaptive.errors import NotFound


@cache
def discover() -> tuple[Measure, ...]:
    """All measures with their default thresholds, in the order in which they act."""
    modules = (
        importlib.import_module(f"{measures.__name__}.{m.name}") for m in pkgutil.iter_modules(measures.__path__)
    )
    found = [module.MEASURE for module in modules if isinstance(getattr(module, "MEASURE", None), Measure)]
    return tuple(sorted(found, key=lambda measure: (measure.stage, measure.id)))


def measure(measure_id: str) -> Measure:
    """The measure called `measure_id`; raises NotFound naming the known ones."""
    for candidate in discover():
        if candidate.id == measure_id:
            return candidate
    known = ", ".join(sorted(m.id for m in discover()))
    raise NotFound(f"There is no measure {measure_id!r}.", field="measure", fix=f"Known: {known}.")
