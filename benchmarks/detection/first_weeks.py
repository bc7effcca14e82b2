"""The first weeks of a file that has no history: ranking by weeks since its start, on development buildings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from detection import meters, ours, peers
from detection.injection import Mix
from detection.meters import Span
from detection.metrics import WEEK_H, average_precision
from detection.study import LIVE, OURS, PRESET, WEEK_Z, Case, drawn_cases
from detection.tables import table

EDGES = (0, 1, 2, 4, 8, 16, 53)
YEARS = ((2018, 52), (2017, 202))
"""Judged years and the seed of each."""


def rows(mixes: tuple[Mix, ...]) -> Iterator[str]:
    """AP and share of readings flagged at the preset, all mixes together."""
    parts = [_scored(year, seed, mixes) for year, seed in YEARS]
    head = ("first weeks", *(f"{low + 1}-{high}" if high < EDGES[-1] else "later" for low, high in pairwise(EDGES)))
    lines = []
    for name in (OURS, LIVE, WEEK_Z):
        for fuel, electric in (("electricity", True), ("gas", False)):
            cells = [_cell(parts, name, electric=electric, weeks=weeks) for weeks in pairwise(EDGES)]
            lines.append([f"{fuel}, {name}", *cells])
    yield from table(head, lines)


def _scored(year: int, seed: int, mixes: tuple[Mix, ...]) -> tuple[Span, tuple[Case, ...], dict[str, np.ndarray]]:
    whole = meters.load(year, of_development=True)
    after = slice(whole.since, None)
    columns = {name: getattr(whole, name)[after] for name in ("kwh", "start_s", "slot", "temperature_c")}
    span = replace(whole, **columns, since=0)
    cases = drawn_cases(span, mixes, (seed,))
    kwh = np.concatenate([case.injected.values for case in cases], axis=1)
    live = ours.run(kwh, span.start_s, span.temperature_c).score
    scores = {OURS: ours.together(kwh, span)[0], LIVE: live, WEEK_Z: peers.hour_of_week_z(kwh, span.slot)}
    return span, cases, {name: np.nan_to_num(score) for name, score in scores.items()}


def _cell(
    parts: list[tuple[Span, tuple[Case, ...], dict[str, np.ndarray]]],
    name: str,
    *,
    electric: bool,
    weeks: tuple[int, int],
) -> str:
    hours = slice(*(int(week * WEEK_H) for week in weeks))
    score, label = [], []
    for span, cases, scores in parts:
        for case in cases:
            keep = case.counted[hours] & (span.electric == electric)
            score.append(scores[name][hours, case.columns][keep])
            label.append(case.labels[hours][keep])
    together, truth = np.concatenate(score), np.concatenate(label)
    return f"{average_precision(together, truth):.3f}, {np.mean(together >= PRESET[name]):.1%}"
