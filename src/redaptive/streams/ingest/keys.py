"""Names that senders misspell: a key or a topic that is nearly one of ours is a slip, not one of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

ROW_KEYS: Final = ("meter", "start", "value", "unit", "register", "estimated", "historical")
ROWS_KEYS: Final = ("sequence", "unit", "readings")
GRID_KEYS: Final = ("sequence", "unit", "meters", "start", "step_s", "values", "register")
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
def meant_by(key: str, known: tuple[str, ...]) -> str | None:
    """The known key that `key` was meant to be; None for a key of the sender's own.

    >>> meant_by("units", ROW_KEYS), meant_by("unit_of_measure", ROW_KEYS), meant_by("unit_id", ROW_KEYS)
    ('unit', 'unit', None)
    """
    if key in known or len(key) > 40:
        return None
    if "unit" in known and key.lower().replace("_", "") in _UNITS:
        return "unit"
    return next((name for name in known if is_slip(key, name)), None)


def slip_in(keys: Collection[str], known: tuple[str, ...]) -> tuple[str, str] | None:
    """The first key that was meant to be a known one, which is absent, and that one.

    >>> slip_in(("meter", "start", "value", "units"), ROW_KEYS), slip_in(("unit", "units"), ROW_KEYS)
    (('units', 'unit'), None)
    """
    found = ((key, meant) for key in keys if (meant := meant_by(key, known)) is not None and meant not in keys)
    return next(found, None)


def names_unit(key: str) -> bool:
    """Whether a key is a word for the unit, whatever its case.

    >>> [names_unit(key) for key in ("engUnits", "Unit", "uom", "unit_id")]
    [True, True, True, False]
    """
    return key.lower() == "unit" or meant_by(key, ("unit",)) is not None


def told(key: str, meant: str) -> str:
    """What a sender hears of a slip."""
    return f"The key {key[:40]!r} is unknown; did you mean {meant!r}?"


def without_unit(cells: Mapping[str, object]) -> dict[str, object]:
    """The cells without a unit, well spelt or not."""
    return {key: cell for key, cell in cells.items() if key != "unit" and meant_by(key, ("unit",)) is None}
