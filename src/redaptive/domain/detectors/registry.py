"""Finds the detectors: each module of this folder that has a `DETECTOR`, then entry points `redaptive.detectors`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from typing import Final

import redaptive.domain.detectors as folder
from redaptive.domain.detectors.base import Detector
from redaptive.errors import Conflict, NotFound

GROUP: Final = "redaptive.detectors"


@cache
def discover() -> tuple[Detector, ...]:
    """All detectors, in the order of their kinds' bits.

    :raises Conflict: when two have one id or one kind.
    """
    found = [*_in_folder(), *_installed()]
    for name in ("id", "kind"):
        values = [getattr(detector, name) for detector in found]
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise Conflict(f"Two detectors have the {name} {sorted(map(str, twice))[0]}.", field=name)
    return tuple(sorted(found, key=lambda detector: detector.kind))


def detector(detector_id: str) -> Detector:
    """The detector called `detector_id`; raises NotFound naming the known ones."""
    for candidate in discover():
        if candidate.id == detector_id:
            return candidate
    known = ", ".join(d.id for d in discover())
    raise NotFound(f"There is no detector {detector_id!r}.", field="detector", fix=f"Known: {known}.")


def _in_folder() -> Iterator[Detector]:
    for module in pkgutil.iter_modules(folder.__path__):
        found = getattr(importlib.import_module(f"{folder.__name__}.{module.name}"), "DETECTOR", None)
        if isinstance(found, Detector):
            yield found


def _installed() -> Iterator[Detector]:
    for point in entry_points(group=GROUP):
        found = point.load()
        if not isinstance(found, Detector):
            raise Conflict(f"The entry point {point.name} of {GROUP} is not a Detector.", fix=f"Fix {point.value}.")
        yield found
