"""What a fault wastes: Btu/h of air by 1.08 cfm dT, turned into kWh, therms and money (domain.md 8.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from redaptive.errors import InvalidInput

BTU_PER_THERM: Final = 100_000.0
BTU_PER_TON_H: Final = 12_000.0
CENT: Final = Decimal("0.01")
DAYS_PER_YEAR: Final = 365


class Waste(StrEnum):
    """How a fault wastes: air conditioned for nothing, both coils at once, an idle fan, a tower that is too warm."""

    OUTDOOR_AIR = "outdoor_air"
    BOTH = "both"
    FAN = "fan"
    TOWER = "tower"


_KINDS: Final[Mapping[Waste, str]] = {
    Waste.OUTDOOR_AIR: "FC2 FC3 FC6 FC9 FC10 FC11 APAR2 APAR5 APAR8 APAR9 APAR10 APAR15 APAR18 APAR23 APAR24 APAR26 "
    "APAR27",
    Waste.BOTH: "FC8 FC12 FC14 FC15 APAR7 APAR11 APAR16 APAR21 APAR22 SIMUL VAV-VALVE-LEAK VAV-SIMUL",
    Waste.FAN: "SCHED VAV-SCHED",
    Waste.TOWER: "TOWER",
}
WASTE: Final[Mapping[str, Waste]] = {rule: kind for kind, rules in _KINDS.items() for rule in rules.split()}
"""Rule -> how it wastes. Rules that are not here cost comfort or knowledge: no energy follows from their points."""


@dataclass(frozen=True)
class CostFactors:
    """Figures of reference rows: Btu/h per cfm and degF, boiler efficiency, kW a ton, W a cfm, % a degF of approach.

    `cfm_per_ton`: design airflow of a ton of cooling, for equipment whose airflow nobody knows.
    """

    air_btu: float
    boiler_efficiency: float
    cooling_kw_per_ton: float
    fan_w_per_cfm: float
    tower_pct_per_f: float
    fan_rise_f: float
    tower_approach_f: float
    cfm_per_ton: float = 400.0


@dataclass(frozen=True)
class Airflow:
    """Air that a fault conditions, cfm; None where nothing tells it. `note` is set where it is assumed."""

    cfm: float | None
    note: str = ""


@dataclass(frozen=True)
class FaultFacts:
    """A fault as the rules give it: means of its points, whether seen while heating, hours a day it is active."""

    rule: str
    means: Mapping[str, float]
    heating: bool
    hours_per_day: float


@dataclass(frozen=True)
class Wasted:
    """Energy a day, and in words what was assumed."""

    kwh_per_day: float
    therms_per_day: float
    assumptions: tuple[str, ...]


def airflow_of(
    given: float | None, rated: Mapping[str, float], means: Mapping[str, float], factors: CostFactors
) -> Airflow:
    """The caller's airflow, else the rated one, else what was measured during the fault, else by the design tons.

    >>> airflow_of(None, {"design_tons": 10.0}, {}, CostFactors(1.08, 0.8, 1.0, 0.8, 1.5, 2.0, 8.0)).cfm
    4000.0
    """
    known = given or rated.get("airflow_cfm")
    if known:
        return Airflow(known)
    if (seen := means.get("supply_airflow", means.get("airflow", 0.0))) > 0.0:
        return Airflow(seen, f"airflow taken from its mean during the fault, {seen:,.0f} cfm")
    if (tons := rated.get("design_tons", 0.0)) > 0.0:
        cfm = tons * factors.cfm_per_ton
        said = f"{tons:g} design tons at {factors.cfm_per_ton:g} cfm a ton"
        return Airflow(cfm, f"airflow assumed: {said}, {cfm:,.0f} cfm; put airflow_cfm on record for a firm figure")
    return Airflow(None)


def wasted(fault: FaultFacts, factors: CostFactors, airflow_cfm: float | None, delta_t_f: float | None) -> Wasted:
    """Energy that the fault wastes a day.

    `delta_t_f` is what the air is conditioned for nothing; where the evidence says it, it need not be given.
    :raises InvalidInput: naming the input that is missing, or that this fault has no energy that can be computed.
    """
    kind = WASTE.get(fault.rule)
    if kind is None:
        raise InvalidInput(
            f"No energy follows from the points of {fault.rule}: it costs comfort, wear or knowledge.",
            field="fault.rule",
            fix="Rank it by recommend_maintenance without a cost; it is then listed after those with one.",
        )
    if kind is Waste.TOWER:
        return _tower(fault, factors)
    if airflow_cfm is None:
        raise InvalidInput(
            f"The airflow of the equipment is needed to price {fault.rule}.",
            field="airflow_cfm",
            fix="Give airflow_cfm, or put airflow_cfm or design_tons on record: "
            "redaptive equipment load --equipment equipment.csv",
        )
    if kind is Waste.FAN:
        return _fan(fault, factors, airflow_cfm, delta_t_f)
    delta, where = (delta_t_f, "as given") if delta_t_f is not None else _delta(fault, factors)
    load = factors.air_btu * airflow_cfm * delta * fault.hours_per_day
    air = f"{factors.air_btu:g} x {airflow_cfm:,.0f} cfm x {delta:.1f} degF ({where})"
    basis = f"{air} x {fault.hours_per_day:.1f} h a day"
    cools, heats = kind is Waste.BOTH or not fault.heating, kind is Waste.BOTH or fault.heating
    kwh, cooling = _cooling(load, factors) if cools else (0.0, ())
    therms, heating = _heating(load, factors) if heats else (0.0, ())
    return Wasted(kwh, therms, (basis, *cooling, *heating))


def cost_usd(waste: Wasted, usd_per_kwh: Decimal, usd_per_therm: Decimal) -> Decimal:
    """Cost of a day, to the cent."""
    electric = Decimal(repr(waste.kwh_per_day)) * usd_per_kwh
    gas = Decimal(repr(waste.therms_per_day)) * usd_per_therm
    return (electric + gas).quantize(CENT, ROUND_HALF_UP)


def _cooling(load_btu: float, factors: CostFactors) -> tuple[float, tuple[str, ...]]:
    note = f"cooling at {factors.cooling_kw_per_ton:g} kW/ton"
    return load_btu / BTU_PER_TON_H * factors.cooling_kw_per_ton, (note,)


def _heating(load_btu: float, factors: CostFactors) -> tuple[float, tuple[str, ...]]:
    note = f"heating by gas at {factors.boiler_efficiency:.0%} efficiency"
    return load_btu / BTU_PER_THERM / factors.boiler_efficiency, (note,)


def _fan(fault: FaultFacts, factors: CostFactors, cfm: float, delta: float | None) -> Wasted:
    fan_kw = fault.means.get("fan_power", factors.fan_w_per_cfm * cfm / 1000.0)
    notes = (f"fan of {fan_kw:,.1f} kW for {fault.hours_per_day:.1f} h a day",)
    if delta is None:
        return Wasted(fan_kw * fault.hours_per_day, 0.0, (*notes, "without conditioning: no delta_t_f was given"))
    load = factors.air_btu * cfm * delta * fault.hours_per_day
    kwh, cooling = (0.0, ()) if fault.heating else _cooling(load, factors)
    therms, heating = _heating(load, factors) if fault.heating else (0.0, ())
    return Wasted(fan_kw * fault.hours_per_day + kwh, therms, (*notes, *cooling, *heating))


def _tower(fault: FaultFacts, factors: CostFactors) -> Wasted:
    power = fault.means.get("power")
    if power is None:
        raise InvalidInput(
            "The power of the chiller is needed to price TOWER.", field="power", fix="Give it as evidence of the fault."
        )
    above = fault.means["cws"] - fault.means["wet_bulb"] - factors.tower_approach_f
    share = factors.tower_pct_per_f * max(0.0, above) / 100.0
    note = f"{factors.tower_pct_per_f:g} % of {power:,.0f} kW for each of {above:.1f} degF above the approach"
    return Wasted(power * share * fault.hours_per_day, 0.0, (note,))


def _delta(fault: FaultFacts, factors: CostFactors) -> tuple[float, str]:
    """The temperature difference that the evidence of the fault shows, degF, and how."""
    x = fault.means
    if {"mat", "rat", "oat", "oa_min_pct"} <= x.keys():
        should = x["rat"] + x["oa_min_pct"] / 100.0 * (x["oat"] - x["rat"])
        return abs(x["mat"] - should), "mixed air against that of the least outdoor air"
    for upper, lower, more in (("cc_enter", "cc_leave", 0.0), ("hc_leave", "hc_enter", 0.0), ("dat", "sat", 0.0),
                               ("sat", "mat", factors.fan_rise_f)):  # fmt: skip
        if {upper, lower} <= x.keys():
            return abs(x[upper] - x[lower] - more), f"{upper} against {lower}"
    raise InvalidInput(
        f"The temperature difference that is wasted is needed to price {fault.rule}.",
        field="delta_t_f",
        fix="Give delta_t_f in degF, e.g. that of return and outdoor air.",
    )
