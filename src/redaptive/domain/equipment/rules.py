"""All fault rules by kind of equipment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from redaptive.domain.equipment import apar, further, guideline36
from redaptive.domain.equipment.rule import Kind, Rule

AHU: Final = (*guideline36.RULES, *apar.RULES, *further.AHU)
BY_KIND: Final[Mapping[Kind, tuple[Rule, ...]]] = MappingProxyType(
    {"ahu": AHU, "plant": further.PLANT, "vav": further.VAV}
)
RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.id: rule for rules in BY_KIND.values() for rule in rules})
"""Id -> rule. The rules of sensors (RANGE-..., FLATLINE-...) follow from the points and are not in here."""


def likely_kind(roles: Mapping[Kind, Collection[str]]) -> Kind:
    """The kind of equipment whose rules use most of the roles that a file has, read as that kind; the first of equals.

    >>> likely_kind({"ahu": ["chws", "oat"], "plant": ["chws", "chwr", "oat"], "vav": []})
    'plant'
    """
    used = {kind: {point for rule in rules for point in rule.points} for kind, rules in BY_KIND.items()}
    return max(BY_KIND, key=lambda kind: len(used[kind].intersection(roles[kind])))
