"""Equipment as it is on record: kind, building, age, rated figures; and what engineers said of its faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from redaptive.domain.equipment.rule import Kind
from redaptive.errors import InvalidInput

KINDS: Final[Mapping[str, Kind]] = {
    "ahu": "ahu", "rtu": "ahu", "doas": "ahu", "chiller": "plant", "cooling_tower": "plant", "boiler": "plant",
    "plant": "plant", "pump": "plant", "vav": "vav",
}  # fmt: skip
"""Kind of equipment -> which rules are about it."""
RATED: Final = ("airflow_cfm", "design_tons", "design_kw_per_ton", "duty_factor", "fault_hours")
"""Rated figures that the calculations look for."""
Finding = Literal["confirmed", "rejected"]


@dataclass(frozen=True)
class Equipment:
    """One piece of equipment; `code` is unique in the tenant, `rated` holds figures by the names of `RATED`."""

    code: str
    building_code: str
    kind: str
    name: str = ""
    installed_on: date | None = None
    rated: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an unknown kind and unknown rated figures."""
        if self.kind not in KINDS:
            raise InvalidInput(
                f"{self.code}: there is no kind {self.kind!r}.", field="kind", fix=f"Use: {', '.join(KINDS)}."
            )
        if unknown := sorted(set(self.rated) - set(RATED)):
            raise InvalidInput(
                f"{self.code}: there is no rated figure {unknown[0]!r}.", field="rated", fix=f"Use: {', '.join(RATED)}."
            )

    @property
    def rules(self) -> Kind:
        """Which rules are about it."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class LocatedEquipment:
    """Equipment with the site and the time zone it is in."""

    equipment: Equipment
    site_code: str
    timezone: str
    state: str | None


@dataclass(frozen=True)
class MaintenanceFinding:
    """What an engineer found about a fault that a rule reported."""

    equipment_code: str
    rule: str
    finding: Finding
    note: str = ""
