"""Structured arguments of the market tools."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from redaptive.agents.arguments import Argument
from redaptive.agents.entities import BuildingCode, DocumentId


class Activity(Argument):
    """Fuel, electricity or refrigerant of one bill line or meter: what the emissions follow from."""

    source: Literal["electricity", "natural_gas", "propane", "fuel_oil_2", "fuel_oil_4", "steam", "refrigerant"]
    quantity: Annotated[float, Field(ge=0)]
    unit: Literal["kWh", "therm", "gal", "mmBtu", "kg"]
    start: date
    end: date
    building_id: BuildingCode | None = None
    document_id: DocumentId | None = None
    refrigerant: Annotated[str | None, Field(description="E.g. R-410A, for leaked kg.")] = None


class EnergyInstrument(Argument):
    """A certificate or contract that carries attributes of electricity (REC, PPA, supplier rate)."""

    kind: Literal["rec", "ppa", "supplier_rate"]
    energy_mwh: Annotated[float, Field(ge=0)]
    vintage_year: int
    market: str
    emission_kg_co2e_per_kwh: Annotated[float, Field(ge=0)] = 0.0
    document_id: DocumentId | None = None


class MonthLoad(Argument):
    """Expected load of one month."""

    month: date
    load_mwh: Annotated[float, Field(ge=0)]


class PriceModel(Argument):
    """Mean-reverting log price: where it tends to, how fast (per year), and how it scatters (per year)."""

    mean_usd_per_mwh: Annotated[Decimal, Field(gt=0)]
    reversion_per_y: Annotated[float, Field(gt=0)] = 2.0
    volatility: Annotated[float, Field(ge=0)] = 0.4
    load_correlation: Annotated[float, Field(ge=-1, le=1)] = 0.0
