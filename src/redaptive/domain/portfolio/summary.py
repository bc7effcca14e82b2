"""A one-page summary of a project selection as data; every number is copied from the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redaptive.domain.portfolio.opportunities import Opportunity
from redaptive.domain.portfolio.selection import Selection


@dataclass(frozen=True)
class Headline:
    """One figure at the top of the page."""

    label: str
    value: float | int | None
    unit: str


@dataclass(frozen=True)
class MeasureTotal:
    """Totals of one measure over the chosen projects."""

    measure: str
    title: str
    projects: int
    capex_usd: float
    savings_usd_per_y: float
    savings_kwh: float
    savings_therms: float
    avoided_t_co2e_per_y: float


@dataclass(frozen=True)
class PortfolioSummary:
    """Figures, totals by measure (largest saving first) and sentences for executives and for sustainability."""

    headlines: tuple[Headline, ...]
    by_measure: tuple[MeasureTotal, ...]
    executive: tuple[str, ...]
    sustainability: tuple[str, ...]
    warnings: tuple[str, ...]


def summarize(
    selection: Selection,
    opportunities: Sequence[Opportunity],
    *,
    not_screened: int = 0,
    baseline_t_co2e: float | None = None,
) -> PortfolioSummary:
    """The summary of a selection made from these opportunities; ids are `building/measure`.

    `not_screened` counts measures that could not be judged for want of data; `baseline_t_co2e` is the
    portfolio's present yearly emissions, for the share avoided.
    """
    chosen_ids = set(selection.chosen)
    chosen = [o for o in opportunities if f"{o.building_code}/{o.measure}" in chosen_ids]
    warnings = sorted({warning for o in chosen for warning in o.warnings})
    if not_screened:
        warnings.append(f"{not_screened} measures were not screened for want of data")
    return PortfolioSummary(
        headlines=_headlines(selection, chosen),
        by_measure=tuple(sorted(_totals(chosen), key=lambda total: -total.savings_usd_per_y)),
        executive=_executive(selection, len(opportunities)),
        sustainability=_sustainability(selection, chosen, baseline_t_co2e),
        warnings=tuple(warnings),
    )


def _headlines(selection: Selection, chosen: Sequence[Opportunity]) -> tuple[Headline, ...]:
    return (
        Headline("Projects", len(selection.chosen), ""),
        Headline("Buildings", len({o.building_code for o in chosen}), ""),
        Headline("Investment", selection.capex_usd, "USD"),
        Headline("Net savings", selection.savings_usd_per_y, "USD/yr"),
        Headline("Net present value", selection.npv_usd, "USD"),
        Headline("Simple payback", selection.simple_payback_y, "y"),
        Headline("Avoided emissions", selection.t_co2e_per_y, "tCO2e/yr"),
        Headline("Unspent budget", selection.unspent_usd, "USD"),
    )


def _totals(chosen: Sequence[Opportunity]) -> list[MeasureTotal]:
    groups: dict[str, list[Opportunity]] = {}
    for opportunity in chosen:
        groups.setdefault(opportunity.measure, []).append(opportunity)
    return [
        MeasureTotal(
            measure=measure,
            title=group[0].title,
            projects=len(group),
            capex_usd=sum(o.capex_usd.mid for o in group),
            savings_usd_per_y=sum(o.savings_usd_per_y - o.om_usd_per_y for o in group),
            savings_kwh=sum(o.savings_kwh for o in group),
            savings_therms=sum(o.savings_therms for o in group),
            avoided_t_co2e_per_y=sum(o.avoided_t_co2e_per_y for o in group),
        )
        for measure, group in groups.items()
    ]


def _executive(selection: Selection, offered: int) -> tuple[str, ...]:
    if not selection.chosen:
        return (f"None of {offered} opportunities was chosen within the budget and rules.",)
    payback = selection.simple_payback_y
    lines = [
        f"{len(selection.chosen)} of {offered} opportunities are recommended for {selection.capex_usd:,.0f} USD.",
        f"They save {selection.savings_usd_per_y:,.0f} USD a year net of upkeep"
        + (f" and pay back in {payback:.1f} years." if payback is not None else "."),
        f"Their net present value is {selection.npv_usd:,.0f} USD; {selection.unspent_usd:,.0f} USD stay unspent.",
    ]
    if selection.binding:
        lines.append(f"What limits the choice: {'; '.join(selection.binding)}.")
    return tuple(lines)


def _sustainability(selection: Selection, chosen: Sequence[Opportunity], baseline: float | None) -> tuple[str, ...]:
    kwh, therms = sum(o.savings_kwh for o in chosen), sum(o.savings_therms for o in chosen)
    lines = [
        f"The projects avoid {selection.t_co2e_per_y:,.1f} tCO2e a year, by average factors.",
        f"They save {kwh:,.0f} kWh of electricity and {therms:,.0f} therms of gas a year.",
    ]
    if baseline:
        lines.append(f"That is {selection.t_co2e_per_y / baseline:.1%} of present emissions ({baseline:,.1f} tCO2e).")
    return tuple(lines)
