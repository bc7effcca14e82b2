"""Which baseline serves a meter: the finest its data carry, unless a coarser one predicts unseen days better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.baseline.fitness import DISQUALIFIED_CV, LIMITS, Interval

CLEARLY_BETTER: Final = 0.90


@dataclass(frozen=True)
class Candidate:
    """A model of one meter: `unseen_cv` is the CV(RMSE) of daily sums on days it has not seen, NaN where unknown."""

    interval: Interval
    sufficient: bool
    cv_rmse: float
    unseen_cv: float
    flat: bool = False


@dataclass(frozen=True)
class Choice:
    """The interval of the chosen model, None when no model qualifies, and why in a sentence."""

    interval: Interval | None
    reason: str
    within_limits: bool = False


def choose(candidates: tuple[Candidate, ...]) -> Choice:
    """The choice among the models of a meter, finest first; each excluded one is named with its number."""
    usable = [c for c in candidates if c.sufficient and np.isfinite(c.cv_rmse) and c.cv_rmse <= DISQUALIFIED_CV]
    if not usable:
        return Choice(None, "No model qualifies: " + "; ".join(_why_not(c) for c in candidates) + ".")
    best = usable[0]
    for other in usable[1:]:
        if np.isfinite(other.unseen_cv) and other.unseen_cv < CLEARLY_BETTER * _known(best.unseen_cv):
            best = other
    within = best.cv_rmse <= LIMITS[best.interval].cv_rmse
    return Choice(best.interval, _why(best, candidates), within)


def forced(candidates: tuple[Candidate, ...], interval: Interval) -> Choice:
    """The model of the interval that a person asked for, whatever its CV(RMSE); none where the data do not suffice."""
    asked = next(c for c in candidates if c.interval == interval)
    if not asked.sufficient or not np.isfinite(asked.cv_rmse):
        return Choice(None, f"No model qualifies: {_why_not(asked)}.")
    reason = f"{asked.interval} as asked: CV(RMSE) {asked.cv_rmse:.1%}"
    if asked.cv_rmse > DISQUALIFIED_CV:
        reason += f", above the {DISQUALIFIED_CV:.0%} that savings may rest on"
    return Choice(asked.interval, f"{reason}.", asked.cv_rmse <= LIMITS[asked.interval].cv_rmse)


def _known(cv: float) -> float:
    return cv if np.isfinite(cv) else np.inf


def _why(best: Candidate, candidates: tuple[Candidate, ...]) -> str:
    said = [f"CV(RMSE) {best.cv_rmse:.1%} {best.interval}"]
    if np.isfinite(best.unseen_cv):
        said.append(f"{best.unseen_cv:.1%} on unseen days")
    said += [f"{c.interval}: {c.unseen_cv:.1%} on unseen days" for c in candidates
             if c is not best and np.isfinite(c.unseen_cv)]  # fmt: skip
    if best.flat:
        said.append("no weather response: the counterfactual is flat")
    said += [_why_not(c) for c in candidates if c is not best and not c.sufficient]
    return "; ".join(said) + "."


def _why_not(candidate: Candidate) -> str:
    if not candidate.sufficient:
        return f"{candidate.interval}: data are not sufficient"
    if not np.isfinite(candidate.cv_rmse):
        return f"{candidate.interval}: not fitted"
    return f"{candidate.interval}: CV(RMSE) {candidate.cv_rmse:.0%} is above {DISQUALIFIED_CV:.0%}"
