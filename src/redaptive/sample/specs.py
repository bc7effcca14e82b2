"""What the generator knows of each building and meter, beyond the public records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class SampleSize(StrEnum):
    """Size of a sample portfolio: 24 buildings and 200 meters, 480 and 12,000, or 4,000 and 100,000."""

    DEMO = "demo"
    F500 = "f500"
    SCALE = "scale"


class MeterKind(StrEnum):
    """How a meter's series is made."""

    MAIN = "main"
    SUB = "sub"
    GAS = "gas"
    WATER = "water"
    SOLAR = "solar"


@dataclass(frozen=True, slots=True)
class BuildingSpec:
    """One building of the generator: `site_eui` is the target in kBtu/ft2 per year, on-site solar included."""

    number: int
    type_key: str
    city: int
    variant: int
    area_ft2: float
    electricity_kwh_per_y: float
    hot_water_kwh_per_y: float
    heating_kwh_per_y: float
    water_l_per_y: float
    ev_share: float
    cooling_base_c: float
    heating_base_c: float
    main_weights: tuple[float, ...]
    pv_kwdc: float

    @property
    def site_eui(self) -> float:
        """Target site energy in kBtu/ft2 per year."""
        energy_kwh = self.electricity_kwh_per_y + self.hot_water_kwh_per_y + self.heating_kwh_per_y
        return energy_kwh * 3.412142 / self.area_ft2


@dataclass(frozen=True, slots=True)
class MeterSpec:
    """One meter of the generator: `share` of its component under electric main `main_slot`; noise as a fraction."""

    number: int
    building: int
    kind: MeterKind
    use: str
    main_slot: int
    share: float
    noise_sd: float
    quarters: int


@dataclass(frozen=True, slots=True)
class Project:
    """An installed measure: from `end` it saves `savings_by_hour[h]` of the component in local hour h.

    Between `start` and `end` the saving grows linearly from nothing.
    """

    code: str
    building: int
    measure: str
    component: str
    start: date
    end: date
    savings_by_hour: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class NonRoutineEvent:
    """A change of use: all components but water are multiplied by `factor` in [start, end)."""

    code: str
    building: int
    kind: str
    start: date
    end: date
    factor: float


@dataclass(frozen=True, slots=True)
class PlannedBillError:
    """The error that bill number `period` of a meter carries; its cost is found when bills are made."""

    meter: int
    period: int
    code: str
