"""The best set of opportunities for a budget."""

from __future__ import annotations

from dataclasses import dataclass

from redaptive.agents.portfolio.factors import Used
from redaptive.agents.portfolio.results import OpportunityReport, RankedPortfolio
from redaptive.domain.portfolio.opportunities import candidate_of
from redaptive.domain.portfolio.selection import Objective, SelectionRules, select_projects
from redaptive.domain.portfolio.summary import summarize
from redaptive.reference.loader import ReferenceData


@dataclass(frozen=True)
class Constraints:
    """Limits of the choice; None is no limit, and for the rate the default of the reference data."""

    budget_usd: float
    objective: Objective
    min_t_co2e_per_y: float | None = None
    max_usd_per_building: float | None = None
    discount_rate: float | None = None

    def described(self) -> dict[str, float | str]:
        """The limits that are set, for `inputs_used`."""
        return {name: value for name, value in vars(self).items() if value is not None}


def rank(report: OpportunityReport, limits: Constraints, reference: ReferenceData, used: Used) -> RankedPortfolio:
    """The chosen projects, best NPV first, and their summary."""
    escalation = reference.finance_default("electricity_escalation")
    default = reference.finance_default("discount_rate")
    rate = limits.discount_rate if limits.discount_rate is not None else default.value
    used.versions.add(escalation.version)
    used.warnings.update(escalation.warnings_at())
    if limits.discount_rate is None:
        used.warnings.update(default.warnings_at())
    candidates = [candidate_of(o, rate, escalation.value) for o in report.opportunities]
    cap = limits.max_usd_per_building
    rules = SelectionRules(
        budget_usd=limits.budget_usd,
        objective=limits.objective,
        min_t_co2e_per_y=limits.min_t_co2e_per_y,
        group_caps_usd={} if cap is None else {c.group: cap for c in candidates},
    )
    selection = select_projects(candidates, rules)
    chosen = set(selection.chosen)
    projects = [o for o in report.opportunities if f"{o.building_code}/{o.measure}" in chosen]
    lacking = sum(len(each.buildings) for each in report.not_screened)
    return RankedPortfolio(
        selection=selection,
        projects=tuple(projects),
        summary=summarize(selection, report.opportunities, not_screened=lacking),
        considered=len(candidates),
        discount_rate=rate,
        escalation=escalation.value,
    )
