"""What the planner knows of a tenant: names of things, and where its buildings stand and what they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.names import NameIndex
from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words
from redaptive.orchestration.intelligent.planners.values.places import state_of
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_ONLY: Final = re.compile(r"\W*(?:and\s+|but\s+)?(?:only|just)\b", re.IGNORECASE)


@dataclass(frozen=True)
class BuildingPlace:
    """A building's code, city, state (two letters) and type, and the codes of its site and customer."""

    code: str
    city: str | None
    state: str | None
    building_type: str
    site: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Directory:
    """Without a database it is empty: then nothing is checked, and codes are taken as they are written.

    `codes`: kind of thing -> all codes of the tenant.
    """

    names: NameIndex | None = None
    buildings: Sequence[BuildingPlace] = ()
    codes: Mapping[str, Set[str]] = field(default_factory=dict)

    @cached_property
    def cities(self) -> frozenset[str]:
        """The cities in lower case."""
        return frozenset(each.city.lower() for each in self.buildings if each.city)

    @cached_property
    def _building_codes(self) -> frozenset[str]:
        return frozenset(each.code for each in self.buildings)

    def located(self, reading: Reading) -> Reading:
        """The reading with the buildings that its places and types mean, where it names no building itself.

        So a filter counts for every tool that takes buildings, whether or not it knows states and types.
        """
        if reading.ids.get("building"):
            return self._only_meant(self._by_place(reading))
        if not self.buildings or not self._filters(reading):
            return reading
        found = tuple(each.code for each in self.buildings if self._meant(each, reading))
        return replace(reading, located=found)

    def _by_place(self, reading: Reading) -> Reading:
        """The reading with the code of each building that is named by where it is and what it is, if there is one such.

        "The Chicago office" is a code where the tenant has one office in Chicago.
        """
        known = self._building_codes
        named = tuple(name if name in known else self._only_one(name) or name for name in reading.ids["building"])
        return reading if named == reading.ids["building"] else reading.with_ids(building=named)

    def _only_meant(self, reading: Reading) -> Reading:
        """The reading with those of its buildings alone that are also where and whose it says: "only those at NLS"."""
        if not (_ONLY.match(reading.text) and self._filters(reading)):
            return reading
        named = reading.ids["building"]
        kept = tuple(each.code for each in self.buildings if each.code in named and self._meant(each, reading))
        return reading.with_ids(building=kept, customer=(), site=()) if 0 < len(kept) < len(named) else reading

    def _only_one(self, name: str) -> str | None:
        """The code of the only building in the city and of the type that a name is made of."""
        types = {each.value for each in find_words(name, "building_type")}
        if not types:
            return None
        found = [
            each.code
            for each in self.buildings
            if each.building_type in types
            and each.city
            and re.search(rf"\b{re.escape(each.city)}\b", name, re.IGNORECASE)
        ]
        return found[0] if len(found) == 1 else None

    def nowhere(self, reading: Reading) -> str | None:
        """What was looked for ("office in Chicago") when the tenant has none; None when it has some."""
        if not self.buildings or not self._filters(reading) or any(self._meant(b, reading) for b in self.buildings):
            return None
        kinds = " or ".join(each.replace("_", " ") for each in reading.words.get("building_type", ())) or "building"
        places = " or ".join((*reading.words.get("city", ()), *reading.words.get("state", ())))
        return f"{kinds} in {places}" if places else kinds

    def unknown(self, reading: Reading) -> tuple[str, str] | None:
        """Kind and code of the first thing that the tenant does not have; a site's code may stand for a building."""
        for kind in ("meter", "building", "site", "customer", "portfolio"):
            known = self.codes.get(kind)
            wider = self.codes.get("site", frozenset()) if kind == "building" else frozenset()
            for code in reading.ids.get(kind, ()) if known is not None else ():
                if code not in (known or ()) and code not in wider:
                    return kind, code
        return None

    def _filters(self, reading: Reading) -> bool:
        words = any(reading.words.get(kind) for kind in ("city", "state", "building_type"))
        return words or bool(reading.ids.get("site") or reading.ids.get("customer"))

    def _meant(self, building: BuildingPlace, reading: Reading) -> bool:
        """A city that no building stands in counts as its state only where a building says no city."""
        types, states = reading.words.get("building_type", ()), reading.words.get("state", ())
        cities = {city.lower() for city in reading.words.get("city", ())}
        sites, customers = reading.ids.get("site", ()), reading.ids.get("customer", ())
        in_city = (
            (building.city or "").lower() in cities if building.city else building.state in set(map(state_of, cities))
        )
        return (
            (not types or building.building_type in types)
            and (not sites or building.site in sites)
            and (not customers or building.customer in customers)
            and self._inside(in_city, building.state in states, cities, states)
        )

    @staticmethod
    def _inside(in_city: bool, in_state: bool, cities: Set[str], states: Collection[str]) -> bool:
        """In the cities and the states that are named; where no city lies in a state, they are two lists of places."""
        if cities and states and not any(state_of(city) in states for city in cities):
            return in_city or in_state
        return (not cities or in_city) and (not states or in_state)
