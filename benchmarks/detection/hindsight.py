"""The retrospective detector on injected events, beside the plain hour-of-week score with hindsight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detection import ours, peers
from detection.injection import Hours, Matrix, Mix, inject
from detection.meters import Span
from detection.metrics import average_precision, best_f1, precision_recall_f1, roc_auc
from detection.study import Case, Study, false_per_meter_month, recall
from detection.tables import large, table
from redaptive.domain.detectors import retrospective

NAME, PLAIN = "ours (retrospective)", "hour-of-week z with hindsight"
PRESETS = {NAME: retrospective.FLAG_SCORE, PLAIN: 5.0}
HEAD = ("detector", "AP", "AUC", "preset", "precision", "recall", "F1", "F1, oracle threshold",
        "events >= 20 %, >= 6 h", "false events / meter-month")  # fmt: skip


def conduct(span: Span, mix: Mix, seeds: tuple[int, ...]) -> Study:
    """Inject a mix and score everything with hindsight; live detectors are not run."""
    n = len(span.names)
    drawn = [inject(span.kwh, span.slot, seed, since=span.since, until=len(span.kwh), mix=mix) for seed in seeds]
    cases = tuple(
        Case(mix.name, s, d, slice(i * n, (i + 1) * n)) for i, (s, d) in enumerate(zip(seeds, drawn, strict=True))
    )
    kwh = np.concatenate([*(case.injected.values for case in cases), span.kwh], axis=1)
    nothing = ours.Judged(np.empty(0), np.empty(0), np.empty((0, 3), np.int64))
    scores = {NAME: judge(kwh, span), PLAIN: peers.retrospective_z(kwh, span.slot, span.since)}
    return Study(span, cases, slice(len(cases) * n, (len(cases) + 1) * n), nothing, scores)


def judge(kwh: Matrix, span: Span) -> Matrix:
    """Our score of every column, NaN where nothing was read."""
    local = _local(span.start_s, span.slot)
    out = np.full(kwh.shape, np.nan)
    for column in range(kwh.shape[1]):
        rows = np.flatnonzero(np.isfinite(kwh[:, column]))
        out[rows, column] = retrospective.judge(local[rows], kwh[rows, column], 3600)[1]
    return out


def _local(start_s: Hours, slot: Hours) -> Hours:
    """Clock seconds: UTC moved so that the hour of the week is the local one."""
    utc_slot = (start_s // 3600 - 4 * 24) % 168
    ahead = (slot - utc_slot + 84) % 168 - 84
    return start_s + 3600 * ahead


def rows(study: Study, mix: str, chosen: np.ndarray) -> Iterator[str]:
    """One line a detector."""
    lines = []
    for name, preset in PRESETS.items():
        score, label, _ = study.rows(name, study.of(mix), chosen)
        found = [study.events(study.view(name, held=False), c, preset) for c in study.of(mix)]
        hit, of = recall(found, study.of(mix), large(0.2))
        lines.append([name, average_precision(score, label), roc_auc(score, label), f"{preset:g}",
                      *precision_recall_f1(score >= preset, label), best_f1(score, label),
                      f"{hit} of {of} ({hit / max(1, of):.0%})", f"{false_per_meter_month(found):.2f}"])  # fmt: skip
    yield from table(HEAD, lines)
