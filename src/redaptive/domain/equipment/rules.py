"""All fault rules by kind of equipment."""

from __future__ import annotations

from collections.abc import Mapping
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
