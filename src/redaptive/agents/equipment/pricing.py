"""Prices of faults: site prices or state averages, energy by the domain, money to the cent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from redaptive.agents.equipment.results import EquipmentFault, FaultCost
from redaptive.domain.constants import KBTU_PER_KWH, KBTU_PER_THERM
from redaptive.domain.equipment.fault_cost import (
    DAYS_PER_YEAR,
    WASTE,
    Airflow,
    CostFactors,
    FaultFacts,
    Waste,
    Wasted,
    cost_usd,
    wasted,
)
from redaptive.domain.equipment.records import LocatedEquipment
from redaptive.domain.equipment.states import HEATING, NAMES
from redaptive.domain.portfolio.records import Commodity, EnergyPrice
from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.price_store import PriceStore
from redaptive.reference.loader import ReferenceData

KWH_PER_THERM: Final = KBTU_PER_THERM / KBTU_PER_KWH
COLD_F: Final = 50.0
"""Without an operating state a fault is taken to be one of heating when its outdoor air was below this."""
USUAL_H: Final = 12.0


@dataclass
class Paid:
    """Prices in USD per kWh and per therm with where they come from."""

    usd_per_kwh: Decimal
    usd_per_therm: Decimal
    versions: set[str] = field(default_factory=set)
    warnings: set[str] = field(default_factory=set)


async def prices_at(
    store: PriceStore,
    reference: ReferenceData,
    found: LocatedEquipment,
    day: date,
    usd_per_kwh: Decimal | None,
    usd_per_therm: Decimal | None,
) -> Paid:
    """What energy costs where the equipment is: the caller's figure, the site's own, else the state's average."""
    paid = Paid(usd_per_kwh or Decimal(0), usd_per_therm or Decimal(0))
    own = {p.commodity: p for p in await store.prices() if p.site_code == found.site_code and _holds(p, day)}
    for commodity, given in ((Commodity.ELECTRICITY, usd_per_kwh), (Commodity.GAS, usd_per_therm)):
        if given is not None:
            paid.versions.add("prices given by the caller")
            continue
        factor = KWH_PER_THERM if commodity is Commodity.GAS else 1.0
        if (price := own.get(commodity)) is not None:
            paid.versions.add(f"site prices: {price.source or 'unnamed'}")
            figure = price.usd_per_unit * factor
        else:
            figure = _average(reference, found, commodity, day, paid)
        if commodity is Commodity.GAS:
            paid.usd_per_therm = Decimal(repr(figure))
        else:
            paid.usd_per_kwh = Decimal(repr(figure))
    return paid


def price_fault(
    fault: EquipmentFault,
    factors: CostFactors,
    paid: Paid,
    airflow: Airflow,
    delta_t_f: float | None,
    hours: float | None,
) -> FaultCost:
    """What the fault wastes a day; zero and not priced where no energy follows from its points."""
    if fault.rule not in WASTE:
        note = f"no energy follows from the points of {fault.rule}: it costs comfort, wear or knowledge"
        return _cost(fault, Wasted(0.0, 0.0, (note,)), Decimal("0.00"), priced=False)
    waste = wasted(facts_of(fault, hours), factors, airflow.cfm, delta_t_f)
    if airflow.note and WASTE[fault.rule] is not Waste.TOWER:
        waste = replace(waste, assumptions=(*waste.assumptions, airflow.note))
    return _cost(fault, waste, cost_usd(waste, paid.usd_per_kwh, paid.usd_per_therm), priced=True)


def facts_of(fault: EquipmentFault, hours: float | None) -> FaultFacts:
    """The fault as the domain prices it; without `hours` a day those that it was active on average."""
    days = max((fault.end - fault.start).total_seconds() / 86_400.0, 1.0)
    if fault.end <= fault.start:
        raise InvalidInput("The fault ends before it begins.", field="fault.end", fix="Give the fault as it was found.")
    means = {evidence.point: evidence.mean for evidence in fault.evidence}
    if fault.operating_state is not None:
        heating = fault.operating_state == NAMES[HEATING]
    else:
        heating = means.get("oat", COLD_F) < COLD_F
    active = min(24.0, fault.active_h / days) if fault.active_h > 0 else USUAL_H
    return FaultFacts(fault.rule, means, heating, hours if hours is not None else active)


def _cost(fault: EquipmentFault, waste: Wasted, usd: Decimal, *, priced: bool) -> FaultCost:
    return FaultCost(
        equipment_id=fault.equipment_id,
        rule=fault.rule,
        excess_kwh_per_day=round(waste.kwh_per_day, 3),
        excess_therms_per_day=round(waste.therms_per_day, 4),
        cost_usd_per_day=usd,
        cost_usd_per_y=usd * DAYS_PER_YEAR,
        assumptions=(*waste.assumptions, f"a year: {DAYS_PER_YEAR} days like these"),
        priced=priced,
    )


def _holds(price: EnergyPrice, day: date) -> bool:
    return price.effective_from <= day and (price.effective_to is None or day < price.effective_to)


def _average(reference: ReferenceData, found: LocatedEquipment, commodity: Commodity, day: date, paid: Paid) -> float:
    state = found.state or "US"
    try:
        record = reference.price_default(state, commodity.value, day)
    except NotFound as error:
        unit = "therm" if commodity is Commodity.GAS else "kwh"
        raise InvalidInput(
            f"{found.site_code} has no {commodity} price, and there is no average of {state}.",
            field=f"price_usd_per_{unit}",
            fix=f"Give price_usd_per_{unit}.",
        ) from error
    paid.versions.add(record.version)
    paid.warnings.update(record.warnings_at(day))
    paid.warnings.add(f"{found.site_code} has no {commodity} price: the average of {state} is used")
    return record.usd_per_unit
