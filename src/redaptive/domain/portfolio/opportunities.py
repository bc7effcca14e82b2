"""Opportunities of a building: measures in their order, each on what the earlier ones left, priced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redaptive.domain.finance.cash_flow import ProjectInputs, project_cash_flow
from redaptive.domain.measures.base import (
    BuildingProfile,
    Confidence,
    Evidence,
    Measure,
    MeasureLibrary,
    NotApplicable,
    Remaining,
    Screening,
    Spread,
)
from redaptive.domain.measures.registry import discover
from redaptive.domain.portfolio.selection import Candidate

PRICE_WARNING = "savings use average prices: run the bill before and after to settle energy and demand charges"


@dataclass(frozen=True)
class Opportunity:
    """One measure for one building: yearly savings at the middle of its range, cost, and the evidence.

    `savings_usd_per_y` is gross of upkeep (`om_usd_per_y`); `simple_payback_y` is net of it and None when
    the net saving is not positive. `savings_kw` counts in each of the 12 monthly peaks.
    """

    building_code: str
    measure: str
    title: str
    stage: int
    variant: str | None
    savings_kwh: float
    savings_therms: float
    savings_kw: float
    savings_usd_per_y: float
    om_usd_per_y: float
    capex_usd: Spread
    simple_payback_y: float | None
    avoided_t_co2e_per_y: float
    service_life_y: float
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    method: str
    fraction: Spread | None
    versions: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class BuildingScreening:
    """What was found in a building, what was not found and why, and the energy left after all measures."""

    building_code: str
    opportunities: tuple[Opportunity, ...]
    not_screened: tuple[NotApplicable, ...]
    not_triggered: tuple[NotApplicable, ...]
    remaining: Remaining


def screen_building(
    profile: BuildingProfile, library: MeasureLibrary, measures: Sequence[Measure] | None = None
) -> BuildingScreening:
    """All opportunities of one building in the order in which the measures act.

    Savings of several measures may be added: each works on the end use that the earlier ones left. A measure
    whose inputs are unknown is listed in `not_screened`; it is never assumed. Cost: about 0.1 ms a building.
    """
    remaining, found = Remaining.of(profile), list[Opportunity]()
    absent, quiet = list[NotApplicable](), list[NotApplicable]()
    ordered = discover() if measures is None else sorted(measures, key=lambda m: (m.stage, m.id))
    for measure in ordered:
        result = measure.screen(profile, remaining, library)
        if isinstance(result, Screening):
            remaining = remaining.less(result.kwh, result.therms)
            found.append(_priced(profile, measure, result))
        else:
            (absent if result.missing else quiet).append(result)
    return BuildingScreening(profile.building.code, tuple(found), tuple(absent), tuple(quiet), remaining)


def screen_portfolio(
    profiles: Iterable[BuildingProfile], library: MeasureLibrary, measures: Sequence[Measure] | None = None
) -> list[BuildingScreening]:
    """`screen_building` for each profile, in the given order."""
    return [screen_building(profile, library, measures) for profile in profiles]


def _priced(profile: BuildingProfile, measure: Measure, found: Screening) -> Opportunity:
    kwh, therms = sum(found.kwh.values()), sum(found.therms.values())
    energy_usd = kwh * profile.price_usd_per_kwh + therms * profile.price_usd_per_therm
    usd = energy_usd + found.savings_kw * 12.0 * (profile.demand_usd_per_kw_month or 0.0)
    net_usd = usd - found.om_usd_per_y
    kg = kwh * profile.factor_kg_per_kwh + therms * profile.factor_kg_per_therm
    return Opportunity(
        building_code=profile.building.code,
        measure=measure.id,
        title=measure.title,
        stage=int(measure.stage),
        variant=found.variant,
        savings_kwh=kwh,
        savings_therms=therms,
        savings_kw=found.savings_kw,
        savings_usd_per_y=usd,
        om_usd_per_y=found.om_usd_per_y,
        capex_usd=found.capex_usd,
        simple_payback_y=found.capex_usd.mid / net_usd if net_usd > 0.0 else None,
        avoided_t_co2e_per_y=kg / 1000.0,
        service_life_y=found.service_life_y,
        confidence=found.confidence,
        evidence=found.evidence,
        method=found.method,
        fraction=found.fraction,
        versions=found.versions,
        warnings=(*found.warnings, PRICE_WARNING) if usd else found.warnings,
    )


def candidate_of(opportunity: Opportunity, discount_rate: float, escalation: float) -> Candidate:
    """The opportunity as a candidate for selection: NPV over its service life at the middle cost.

    Emissions are counted for one year. Candidates of variants of one measure exclude one another by `group`.
    """
    inputs = ProjectInputs(
        capex_usd=opportunity.capex_usd.mid,
        savings_usd_per_y=opportunity.savings_usd_per_y,
        om_usd_per_y=opportunity.om_usd_per_y,
        savings_escalation=escalation,
        om_escalation=escalation,
        discount_rate=discount_rate,
        life_y=max(1, round(opportunity.service_life_y)),
    )
    return Candidate(
        id=f"{opportunity.building_code}/{opportunity.measure}",
        npv_usd=project_cash_flow(inputs).npv_usd,
        capex_usd=opportunity.capex_usd.mid,
        t_co2e_per_y=opportunity.avoided_t_co2e_per_y,
        savings_usd_per_y=opportunity.savings_usd_per_y - opportunity.om_usd_per_y,
        group=opportunity.building_code,
    )
