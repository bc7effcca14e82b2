"""What is different between two JSON values: places, and the values there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

RELATIVE: Final = 1e-9
"""Numbers nearer than this share are the same: sums may be taken in another order."""
MOST: Final = 50


@dataclass(frozen=True)
class Difference:
    """One place where the values differ; what is absent on a side is None there, and `kind` says so."""

    path: str
    kind: str
    recorded: JsonValue
    now: JsonValue


def differences(recorded: JsonValue, now: JsonValue, path: str = "") -> list[Difference]:
    """The places where the values differ, at most `MOST`, in the order of the recorded one.

    >>> [(d.path, d.kind) for d in differences({"a": [1, 2], "b": 1}, {"a": [1, 3], "c": 1})]
    [('a[1]', 'changed'), ('b', 'gone'), ('c', 'new')]
    """
    found = []
    for each in _compare(recorded, now, path):
        found.append(each)
        if len(found) == MOST:
            break
    return found


def _compare(old: JsonValue, new: JsonValue, path: str) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            place = f"{path}.{key}" if path else key
            if key not in new:
                yield Difference(place, "gone", old[key], None)
            elif key not in old:
                yield Difference(place, "new", None, new[key])
            else:
                yield from _compare(old[key], new[key], place)
    elif isinstance(old, list) and isinstance(new, list):
        for index, (a, b) in enumerate(zip(old, new, strict=False)):
            yield from _compare(a, b, f"{path}[{index}]")
        if len(old) != len(new):
            yield Difference(f"{path}.length", "changed", len(old), len(new))
    elif not _same(old, new):
        yield Difference(path, "changed", old, new)


def _same(old: JsonValue, new: JsonValue) -> bool:
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, int | float) and isinstance(new, int | float):
        return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=1e-12)
    return old == new
