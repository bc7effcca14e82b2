"""Opportunities of a portfolio: profiles, screening, and what could not be screened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anyio import to_thread

from redaptive.agents.portfolio.factors import Factors
from redaptive.agents.portfolio.inputs import MonthlyUse, Portfolio, PortfolioReader
from redaptive.agents.portfolio.periods import Period
from redaptive.agents.portfolio.profiles import Profiler, Progress
from redaptive.agents.portfolio.results import NotScreened, OpportunityReport
from redaptive.agents.portfolio.weather import WeatherYears
from redaptive.domain.measures.base import Measure
from redaptive.domain.measures.registry import discover
from redaptive.domain.portfolio.opportunities import BuildingScreening, screen_portfolio
from redaptive.errors import InvalidInput
from redaptive.reference.loader import ReferenceData


class Screener:
    """Screens the buildings of a portfolio over one 12-month period."""

    def __init__(
        self, reader: PortfolioReader, reference: ReferenceData, portfolio: Portfolio, factors: Factors, period: Period
    ) -> None:
        self._reference, self._factors, self._period = reference, factors, period
        self._profiler = Profiler(reader, reference, portfolio, factors, period)

    async def run(
        self, use: MonthlyUse, weather: WeatherYears, measures: Sequence[str] | None, progress: Progress
    ) -> OpportunityReport:
        """The report; raises InvalidInput for an unknown measure, and when no building can be screened."""
        chosen = _measures(measures)
        profiles = await self._profiler.build(use, weather, progress)
        if not profiles.ready:
            reasons = "; ".join(sorted({s.missing for s in profiles.skipped}))
            raise InvalidInput(
                f"No building can be screened: missing {reasons}.",
                field="buildings",
                fix="Load what is missing, or give prices in the call.",
            )
        library = self._reference.measure_library(self._period.start)
        screened = await to_thread.run_sync(screen_portfolio, profiles.ready, library, chosen)
        found = [o for s in screened for o in s.opportunities]
        for opportunity in found:
            self._factors.used.versions.update(opportunity.versions)
            self._factors.used.warn(opportunity.warnings)
        found.sort(key=lambda o: (-o.savings_usd_per_y, o.building_code, o.measure))
        return OpportunityReport(
            period=str(self._period),
            buildings_screened=len(profiles.ready),
            opportunities=tuple(found),
            skipped=tuple(profiles.skipped),
            not_screened=_not_screened(screened),
            total_savings_usd_per_y=sum(o.savings_usd_per_y for o in found),
            total_capex_usd=sum(o.capex_usd.mid for o in found),
        )


def _measures(ids: Sequence[str] | None) -> list[Measure] | None:
    if not ids:
        return None
    known = {measure.id: measure for measure in discover()}
    if unknown := sorted(set(ids) - set(known)):
        fix = f"Known: {', '.join(sorted(known))}."
        raise InvalidInput(f"No measure is called {', '.join(unknown)}.", field="measures", fix=fix)
    return [known[i] for i in ids]


def _not_screened(screened: Iterable[BuildingScreening]) -> tuple[NotScreened, ...]:
    """Measures by what they lack, with the buildings that lack it."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in screened:
        for absent in one.not_screened:
            groups.setdefault((absent.measure, absent.missing), []).append(one.building_code)
    return tuple(NotScreened(m, missing, tuple(codes)) for (m, missing), codes in sorted(groups.items()))
