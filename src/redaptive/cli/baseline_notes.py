"""What a study of baselines shows that a reader must be told, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from redaptive.domain.baseline.counterfactual import Counterfactual
from redaptive.domain.baseline.savings import unit_doubts
from redaptive.domain.baseline.study import BaselineStudy
from redaptive.domain.shortlist import some_of

REFUSED_SHOWN: Final = 5
MEAN_KW: Final = 10_000.0
"""Mean power above which a meter's unit is asked for; whole campuses have less."""


def study_notes(found: BaselineStudy, ahead: Counterfactual | None) -> list[str]:
    """Doubts of units and signs, and what the predicted period lacks, in sentences."""
    notes = [*_large(found), *_feeding(found)]
    return [*notes, *_period(found, ahead), *_units(found, ahead)] if ahead is not None else notes


def _large(found: BaselineStudy) -> list[str]:
    known = np.isfinite(found.cleaned.energy)
    mean = np.where(known, found.cleaned.energy, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    names = [found.site.names[i] for i in np.flatnonzero(mean > MEAN_KW)]
    if not names:
        return []
    return [f"{_some(names)} more than {MEAN_KW / 1000:g} MW on average: if the values are Wh, say --unit Wh."]


def _feeding(found: BaselineStudy) -> list[str]:
    names = [found.site.names[i] for i in np.flatnonzero(found.sufficiency.failed("negative"))]
    return [f"Negative readings: {some_of(names)}. If they feed back, name them with --exports."] if names else []


def _period(found: BaselineStudy, ahead: Counterfactual) -> list[str]:
    """Predicted periods that the fit has seen, and meters without a reading in them."""
    notes = []
    fitted, later = found.site.hours, ahead.site.hours
    if later.start_s < fitted.end_s:
        seen = "partly the fit period" if later.end_s > fitted.start_s else "before the fit period"
        notes.append(f"The predicted period is {seen}: its figures say less of the baseline than those of a later one.")
    _, _, covered = ahead.totals()
    silent = [found.site.names[i] for i, choice in enumerate(found.choices) if choice.interval and covered[i] == 0]
    return [*notes, f"Without a usable reading in the predicted period: {some_of(silent)}."] if silent else notes


def _units(found: BaselineStudy, ahead: Counterfactual) -> list[str]:
    """Meters whose predicted period looks like another unit or meter, the first of them by name."""
    doubts = unit_doubts(found, ahead)
    notes = [f"{found.site.names[i]}: {text.partition(': ')[0]}: its unit, its multiplier or the meter has probably "
             "changed." for i, text in sorted(doubts.items())]  # fmt: skip
    more = [f"{len(notes) - REFUSED_SHOWN} meters more look so."] if len(notes) > REFUSED_SHOWN else []
    return [*notes[:REFUSED_SHOWN], *more]


def _some(names: Sequence[str]) -> str:
    return f"{some_of(names)} {'uses' if len(names) == 1 else 'use'}"
