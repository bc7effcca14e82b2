"""Names that senders misspell: a key or a topic that is nearly one of ours is a slip, not one of their own."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

ROW_KEYS: Final = ("meter", "start", "value", "unit", "register", "estimated", "historical")
ROWS_KEYS: Final = ("gateway", "sequence", "sent", "unit", "readings")
GRID_KEYS: Final = ("gateway", "sequence", "sent", "unit", "meters", "start", "step_s", "values", "register")
_UNITS: Final = frozenset({"uom", "engunit", "engunits", "unitofmeasure", "unitofmeasurement", "measurementunit"})
"""Other words for `unit`, without strokes: left aside, they would make kWh of Wh."""


def is_slip(said: str, meant: str) -> bool:
    """Whether `said` is `meant` in another case, or but for one letter: more, less, other, or two exchanged.

    >>> [is_slip(said, "start") for said in ("Start", "strat", "starts", "stat", "state", "start")]
    [True, True, True, True, False, False]
    """
    a, b = said.lower(), meant.lower()
    if a == b:
        return said != meant
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return max(len(a), len(b)) <= 1 or (len(a) == 2 and a == b[::-1])


@lru_cache(maxsize=4_096)
def meant_by(key: str, known: Collection[str]) -> str | None:
    """The known key that `key` was meant to be; None for a key of the sender's own.

    >>> meant_by("units", ROW_KEYS), meant_by("unit_of_measure", ROW_KEYS), meant_by("unit_id", ROW_KEYS)
    ('unit', 'unit', None)
    """
    if key in known or len(key) > 40:
        return None
    if "unit" in known and key.lower().replace("_", "") in _UNITS:
        return "unit"
    return next((name for name in known if is_slip(key, name)), None)
