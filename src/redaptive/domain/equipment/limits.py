"""Thresholds of the rules: named figures with unit and version, given from dated reference rows."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from redaptive.errors import InvalidInput

GIVEN = "given"
"""Version of a threshold that the caller set."""


@dataclass(frozen=True)
class Limit:
    """One threshold; `version` names the reference row, or says that the caller gave it."""

    name: str
    value: float
    unit: str
    version: str
    checked: bool = True


class Limits(Mapping[str, float]):
    """Thresholds by name; `limits["mat_f"]` is the figure, `limits.limit("mat_f")` says where it comes from."""

    def __init__(self, limits: Mapping[str, Limit]) -> None:
        self._limits = dict(limits)
        self._values = {name: limit.value for name, limit in limits.items()}
        self._chosen: dict[tuple[str, ...], tuple[Limit, ...]] = {}

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def limit(self, name: str) -> Limit:
        """The threshold with its unit and version."""
        return self._limits[name]

    def chosen(self, names: tuple[str, ...]) -> tuple[Limit, ...]:
        """The thresholds of these names, made once for each rule."""
        found = self._chosen.get(names)
        if found is None:
            found = self._chosen[names] = tuple(self._limits[name] for name in names)
        return found

    def replaced(self, given: Mapping[str, float]) -> Limits:
        """The same with some figures given by the caller.

        :raises InvalidInput: an unknown name, with the nearest known ones, or a negative figure.
        """
        for name, value in given.items():
            if name not in self._limits:
                near = difflib.get_close_matches(name, list(self._limits), n=3, cutoff=0.4) or sorted(self._limits)
                fix = f"Nearest: {', '.join(near)}."
                raise InvalidInput(f"There is no threshold {name!r}.", field="thresholds", fix=fix)
            if not value >= 0:
                raise InvalidInput(f"The threshold {name} is {value:g}.", field="thresholds", fix="Give 0 or more.")
        mine = {n: replace(self._limits[n], value=float(v), version=GIVEN, checked=True) for n, v in given.items()}
        return Limits({**self._limits, **mine})
