"""Projects that share baseline and reporting periods, verified together; and what all projects come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redaptive.domain.baseline.counterfactual import Counterfactual, counterfactual
from redaptive.domain.baseline.ipmvp import OptionSavings
from redaptive.domain.baseline.non_routine import Adjustment, EventCandidate, candidates
from redaptive.domain.baseline.portfolio_savings import TotalSavings, total, total_of
from redaptive.domain.baseline.projects import SavingsProject, measured_savings
from redaptive.domain.baseline.resampling import ErrorModel
from redaptive.domain.baseline.savings import (
    DAYS_OF_MONTH,
    MAX_FSU,
    MOST_TIMES,
    Gate,
    SavingsBook,
    SavingsOptions,
    comparison_drift,
    savings,
)
from redaptive.domain.baseline.study import BaselineStudy, SiteEnergy, study
from redaptive.errors import InvalidInput

MONTHS_A_YEAR = 12.0


@dataclass(frozen=True)
class Verified:
    """What became of one project; kWh over the reporting period.

    `settled_kwh`: verified savings where the gate lets them pass, the stipulated ones of the period otherwise (None
    without any). `positions` are those of its meters in `book`, None for options A, B and D or a refusal.
    """

    project: SavingsProject
    gate: Gate
    reason: str
    savings_kwh: float | None
    low_kwh: float | None
    high_kwh: float | None
    fsu: float | None
    fraction: float | None
    settled_kwh: float | None
    months: float
    period: PeriodOutcome | None = None
    positions: tuple[int, ...] = ()
    measured: OptionSavings | None = None
    events: tuple[EventCandidate, ...] = ()


@dataclass(frozen=True)
class PeriodOutcome:
    """Study, comparison and savings of all meters of the same periods."""

    found: BaselineStudy
    ahead: Counterfactual
    book: SavingsBook


def verify_period(
    projects: Sequence[SavingsProject],
    baseline: SiteEnergy,
    reporting: SiteEnergy,
    adjustments: Sequence[Adjustment] = (),
    comparison: Sequence[SiteEnergy] = (),
    *,
    seed: int = 1,
) -> list[Verified]:
    """The projects by option C whose meters are in `baseline` and `reporting`, in the order given.

    `comparison`: meters without a project in the same two periods (baseline, reporting); their drift widens the
    intervals. Each period needs a `seed` of its own, or their errors would be the same ones.
    """
    errors = ErrorModel(seed=seed)
    expected = frozenset(m for p in projects if (p.expected_fraction or 0.0) > 1 - 1 / MOST_TIMES for m in p.meters)
    options = SavingsOptions(errors, expected=expected)
    if comparison:
        others = study(comparison[0])
        later = counterfactual(others, comparison[1])
        electricity, heating = (comparison_drift(others, later, heating=heats) for heats in (False, True))
        options = SavingsOptions(errors, electricity, heating, expected=expected)
    found = study(baseline)
    ahead = counterfactual(found, reporting)
    known = set(found.site.names)
    book = savings(found, ahead, [a for a in adjustments if a.meter in known], options)
    outcome = PeriodOutcome(found, ahead, book)
    events = candidates(ahead.daily_actual, ahead.daily_predicted, ahead.days)
    return [_of_meters(project, outcome, events) for project in projects]


def verify_measured(project: SavingsProject, months: float) -> Verified:
    """A project by option A, B or D; what cannot be calculated is refused with the reason."""
    try:
        found = measured_savings(project)
    except InvalidInput as refusal:
        settled = _stipulated(project, months)
        return Verified(project, "refused", str(refusal), None, None, None, None, None, settled, months)
    gate: Gate = "verified" if found.savings_kwh > 0 and found.fsu < MAX_FSU else "stipulated"
    settled = found.savings_kwh if gate == "verified" else _stipulated(project, months)
    return Verified(
        project, gate, f"{found.method}; FSU {found.fsu:.0%} at 90 %, limit {MAX_FSU:.0%}.", found.savings_kwh,
        found.low_kwh, found.high_kwh, found.fsu, None, settled, months, measured=found,
    )  # fmt: skip


def not_yet(project: SavingsProject, why: str) -> Verified:
    """A project of which there is nothing to report: refused with the reason, nothing is settled."""
    return Verified(project, "refused", why, None, None, None, None, None, None, 0.0)


def portfolio(results: Sequence[Verified]) -> TotalSavings:
    """The sum over the meters of all projects by option C."""
    books: list[tuple[SavingsBook, list[int]]] = []
    for result in results:
        if result.period is None:
            continue
        for book, chosen in books:
            if book is result.period.book:
                chosen.extend(result.positions)
                break
        else:
            books.append((result.period.book, list(result.positions)))
    return total_of(books)


def _of_meters(project: SavingsProject, outcome: PeriodOutcome, events: Sequence[EventCandidate]) -> Verified:
    names = outcome.found.site.names
    positions = tuple(names.index(meter) for meter in project.meters)
    summed: TotalSavings = total(outcome.book, positions)
    months = outcome.ahead.days.n / DAYS_OF_MONTH
    mine = tuple(event for event in events if event.meter in positions)
    if summed.gate == "refused":
        why = "; ".join(f"{outcome.book.meters[i].meter}: {outcome.book.meters[i].reason}" for i in positions)
        return Verified(project, "refused", why, None, None, None, None, None, _stipulated(project, months), months,
                        outcome, positions, events=mine)  # fmt: skip
    gate: Gate = "stipulated" if summed.refused else summed.gate
    settled = summed.savings if gate == "verified" else _stipulated(project, months)
    return Verified(project, gate, summed.reason, summed.savings, summed.low, summed.high, summed.fsu, summed.fraction,
                    settled, months, outcome, positions, events=mine)  # fmt: skip


def _stipulated(project: SavingsProject, months: float) -> float | None:
    return None if project.stipulated_kwh is None else project.stipulated_kwh * months / MONTHS_A_YEAR
