"""What a measure is: the profile it reads, the end uses it may reduce, and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import ClassVar

from redaptive.domain.portfolio.records import Building
from redaptive.errors import InvalidInput, NotFound

ELECTRIC_USES = ("lighting", "hvac", "fans", "refrigeration", "plug")
GAS_USES = ("heating", "hot_water", "process")

CONTINUOUS_TYPES = frozenset(
    {"hospital", "hotel", "senior_care", "multifamily", "data_center", "supermarket", "convenience_store"}
    | {"refrigerated_warehouse"}
)
"""Building types that run around the clock: a high night load is their work, not waste."""


class Stage(IntEnum):
    """The order in which measures act; each works on what the earlier ones left."""

    CONTROLS = 1
    LIGHTING = 2
    HVAC = 3
    ENVELOPE = 4
    GENERATION = 5
    STORAGE = 6


class Confidence(StrEnum):
    """How far a screening can be trusted; a savings fraction from a table never makes it better than its basis."""

    HIGH = "high"
    """Trigger and savings basis both come from the building's own equipment data or meters."""
    MEDIUM = "medium"
    """The trigger is the building's own; the basis is the end-use split of its type or the whole building."""
    LOW = "low"
    """The trigger is a proxy (age, roof area, weather slope) and the basis is assumed."""


@dataclass(frozen=True)
class Spread:
    """A low, a middle and a high figure of one quantity, in that order."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise InvalidInput(f"low {self.low}, mid {self.mid}, high {self.high} are not in order.", field="spread")

    def scaled(self, factor: float) -> Spread:
        """The spread times a non-negative factor."""
        return Spread(self.low * factor, self.mid * factor, self.high * factor)

    def plus(self, other: Spread) -> Spread:
        """The sum of two spreads, figure by figure."""
        return Spread(self.low + other.low, self.mid + other.mid, self.high + other.high)


@dataclass(frozen=True)
class UnitCost:
    """Capital cost in USD per unit, its service life and its upkeep; `version` and `checked` name the dated row."""

    capex: Spread
    per: str
    service_life_y: float
    version: str
    checked: bool
    om_usd_per_unit_y: float = 0.0
    om_fraction_per_y: float = 0.0


@dataclass(frozen=True)
class SavingsRange:
    """Savings as a fraction of `basis`; `version` and `checked` name the dated row."""

    fraction: Spread
    basis: str
    version: str
    checked: bool


@dataclass(frozen=True)
class MeasureLibrary:
    """Unit costs and savings ranges by key, as read from dated reference rows."""

    costs: Mapping[str, UnitCost]
    savings: Mapping[str, SavingsRange]

    def cost(self, key: str) -> UnitCost:
        """The unit cost of `key`; raises NotFound naming the known keys."""
        if key not in self.costs:
            raise NotFound(
                f"No unit cost for {key!r}.", field="measure", fix=f"Known: {', '.join(sorted(self.costs))}."
            )
        return self.costs[key]

    def range(self, key: str) -> SavingsRange:
        """The savings range of `key`; raises NotFound naming the known keys."""
        if key not in self.savings:
            known = ", ".join(sorted(self.savings))
            raise NotFound(f"No savings range for {key!r}.", field="measure", fix=f"Known: {known}.")
        return self.savings[key]


@dataclass(frozen=True)
class BuildingProfile:
    """What is known of one building for screening; None is unknown and never triggers a measure.

    Energy is of 12 consecutive months, import positive. Ratios are those of the load-shape metrics.
    `peak_hours_per_y` counts hours above 90 % of the annual peak. `heating_therms_per_hdd`,
    `heating_kwh_per_hdd` and `cooling_kwh_per_cdd` are weather-model slopes per degree-day (°F·day).
    `electricity_shares` and `gas_shares` split the energy by end use and add up to 1.
    """

    building: Building
    annual_kwh: float | None
    annual_therms: float | None
    price_usd_per_kwh: float
    price_usd_per_therm: float
    factor_kg_per_kwh: float
    factor_kg_per_therm: float
    electricity_shares: Mapping[str, float]
    gas_shares: Mapping[str, float]
    demand_usd_per_kw_month: float | None = None
    peak_kw: float | None = None
    monthly_kwh: tuple[float, ...] = ()
    night_day_ratio: float | None = None
    weekend_weekday_ratio: float | None = None
    base_peak_ratio: float | None = None
    load_factor: float | None = None
    high_load_h_per_d: float | None = None
    peak_hours_per_y: float | None = None
    open_faults: int | None = None
    heating_therms_per_hdd: float | None = None
    heating_kwh_per_hdd: float | None = None
    cooling_kwh_per_cdd: float | None = None
    hdd: float | None = None
    cdd: float | None = None
    pv_yield_kwh_per_kwdc_y: float | None = None

    @property
    def area_ft2(self) -> float | None:
        """Gross floor area, None when unknown."""
        return self.building.gross_floor_area_ft2

    def heating_kbtu_per_ft2(self) -> float | None:
        """Weather-driven gas heating per floor area and year in kBtu/ft², None when slope, HDD or area is unknown."""
        if self.heating_therms_per_hdd is None or self.hdd is None or not self.area_ft2:
            return None
        return self.heating_therms_per_hdd * self.hdd * 100.0 / self.area_ft2

    def cooling_kwh_per_ft2(self) -> float | None:
        """Weather-driven cooling per floor area and year in kWh/ft², None when slope, CDD or area is unknown."""
        if self.cooling_kwh_per_cdd is None or self.cdd is None or not self.area_ft2:
            return None
        return self.cooling_kwh_per_cdd * self.cdd / self.area_ft2


@dataclass(frozen=True)
class Remaining:
    """Energy not yet saved by earlier measures: kWh and therms a year by end use."""

    kwh: Mapping[str, float]
    therms: Mapping[str, float]

    @classmethod
    def of(cls, profile: BuildingProfile) -> Remaining:
        """The untouched end uses of a building; raises InvalidInput when shares do not add up to 1."""
        for name, shares in (("electricity_shares", profile.electricity_shares), ("gas_shares", profile.gas_shares)):
            if abs(sum(shares.values()) - 1.0) > 1e-6:
                raise InvalidInput("End-use shares must add up to 1.", field=name, fix="Correct the shares.")
        kwh, therms = profile.annual_kwh or 0.0, profile.annual_therms or 0.0
        return cls(
            {use: kwh * profile.electricity_shares.get(use, 0.0) for use in ELECTRIC_USES},
            {use: therms * profile.gas_shares.get(use, 0.0) for use in GAS_USES},
        )

    def kwh_of(self, *uses: str) -> float:
        """Remaining kWh of the named uses, of all when none is named."""
        return sum(self.kwh[use] for use in uses or ELECTRIC_USES)

    def therms_of(self, *uses: str) -> float:
        """Remaining therms of the named uses, of all when none is named."""
        return sum(self.therms[use] for use in uses or GAS_USES)

    def less(self, kwh: Mapping[str, float], therms: Mapping[str, float]) -> Remaining:
        """What remains after the given savings by use; never below zero."""
        return Remaining(_less(self.kwh, kwh), _less(self.therms, therms))


@dataclass(frozen=True)
class Evidence:
    """One metric that triggered a measure: what was seen against which threshold."""

    metric: str
    value: float | str
    threshold: float | str
    unit: str


@dataclass(frozen=True)
class Screening:
    """A measure that applies: energy saved a year by end use, cost, and the reason it was found.

    `kwh` and `therms` map an end use to its saving; `fraction` is the range behind the middle figure.
    """

    kwh: Mapping[str, float]
    therms: Mapping[str, float]
    capex_usd: Spread
    service_life_y: float
    evidence: tuple[Evidence, ...]
    confidence: Confidence
    method: str
    versions: tuple[str, ...]
    fraction: Spread | None = None
    savings_kw: float = 0.0
    om_usd_per_y: float = 0.0
    variant: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotApplicable:
    """A measure that was not found: the reason, and the inputs that were missing if that is the reason."""

    measure: str
    reason: str
    missing: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Measure(ABC):
    """An energy measure; the fields of a subclass are its thresholds, with units in their names."""

    id: ClassVar[str]
    title: ClassVar[str]
    stage: ClassVar[Stage]

    @abstractmethod
    def screen(
        self, profile: BuildingProfile, remaining: Remaining, library: MeasureLibrary
    ) -> Screening | NotApplicable:
        """The measure's savings and cost on what remains, or why it does not apply."""

    def missing(self, profile: BuildingProfile, *inputs: str) -> tuple[str, ...]:
        """Those of `inputs` that are unknown; a name is looked up in the profile, its building and its systems."""
        return tuple(name for name in inputs if _value(profile, name) is None)

    def absent(self, missing: tuple[str, ...]) -> NotApplicable:
        """The answer for missing inputs."""
        return NotApplicable(self.id, f"not screened: missing {', '.join(missing)}", missing)

    def not_triggered(self, reason: str) -> NotApplicable:
        """The answer for a building that does not show the sign of this measure."""
        return NotApplicable(self.id, reason)


_ABSENT = object()


def _value(profile: BuildingProfile, name: str) -> object:
    for owner in (profile, profile.building.systems, profile.building):
        value: object = getattr(owner, name, _ABSENT)
        if value is not _ABSENT:
            return value
    raise InvalidInput(f"No input is called {name!r}.", field="inputs")


def _less(left: Mapping[str, float], saved: Mapping[str, float]) -> Mapping[str, float]:
    return {**left, **{use: max(0.0, left[use] - amount) for use, amount in saved.items()}} if saved else left


def share_out(total: float, left: Mapping[str, float], uses: tuple[str, ...]) -> dict[str, float]:
    """`total` divided over `uses` in proportion to what is left of each, never more than is left."""
    basis = sum(left[use] for use in uses)
    if basis <= 0.0:
        return {}
    factor = min(1.0, max(0.0, total) / basis)
    return {use: left[use] * factor for use in uses}


def unchecked(*records: UnitCost | SavingsRange) -> tuple[str, ...]:
    """A warning when any of the reference rows used has not been checked at its source."""
    versions = sorted({record.version for record in records if not record.checked})
    return (f"typical ranges not yet checked at their source: {', '.join(versions)}",) if versions else ()
