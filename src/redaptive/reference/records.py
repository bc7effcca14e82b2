"""Typed records of reference data; each keeps the dated row it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from redaptive.reference.rows import ReferenceRow


@dataclass(frozen=True)
class ReferenceRecord:
    """A figure and its dated row."""

    row: ReferenceRow

    @property
    def version(self) -> str:
        """The version that an answer prints as its factor version."""
        return self.row.version

    @property
    def checked(self) -> bool:
        """False while the figure has not been compared with its source."""
        return self.row.checked

    def warnings_at(self, at: date | None = None) -> tuple[str, ...]:
        """What a reader must be told when the figure is used for `at`."""
        return self.row.warnings_at(at)


@dataclass(frozen=True)
class BuildingType(ReferenceRecord):
    """A building type and its published classes; None where none is published."""

    key: str
    title: str
    end_use_class: str
    cbecs_class: str | None
    ll97_type: str | None


@dataclass(frozen=True)
class MedianEui(ReferenceRecord):
    """National median energy use intensity of a type, kBtu/ft²·yr."""

    source_kbtu_per_ft2: float
    site_kbtu_per_ft2: float


@dataclass(frozen=True)
class Quartiles(ReferenceRecord):
    """Electricity intensity quartiles of a CBECS class, kWh/ft²·yr."""

    p25_kwh_per_ft2: float
    median_kwh_per_ft2: float
    p75_kwh_per_ft2: float


@dataclass(frozen=True)
class Sigma:
    """Spread of the natural logarithm of intensity among peers; `version` says whether it is published or default."""

    value: float
    version: str
    checked: bool


@dataclass(frozen=True)
class SourceFactor(ReferenceRecord):
    """kBtu of source energy per kBtu of site energy."""

    factor: float


@dataclass(frozen=True)
class GridFactor(ReferenceRecord):
    """Annual average emission rate of a grid subregion, kg CO2e per kWh (and lb per MWh as published)."""

    subregion: str
    kg_per_kwh: float
    lb_per_mwh: float


@dataclass(frozen=True)
class FuelFactor(ReferenceRecord):
    """Emission factor of a fuel (scope 1) or of purchased heat (scope 2), at higher heating value."""

    scope: int
    co2_kg_per_mmbtu: float
    ch4_g_per_mmbtu: float
    n2o_g_per_mmbtu: float
    kg_co2e_per_therm: float
    kg_co2e_per_kwh: float


@dataclass(frozen=True)
class PriceDefault(ReferenceRecord):
    """Average commercial price of a state: USD per kWh of electricity or per therm of gas."""

    usd_per_unit: float
    unit: str


@dataclass(frozen=True)
class EndUseShares(ReferenceRecord):
    """How electricity and gas of a type divide by end use; each mapping adds up to 1."""

    electricity: Mapping[str, float]
    gas: Mapping[str, float]


@dataclass(frozen=True)
class Figure(ReferenceRecord):
    """One figure of a row, for sets that hold nothing else; its unit is in `per` or in the row."""

    value: float
    per: str
