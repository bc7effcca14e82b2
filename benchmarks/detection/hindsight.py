"""The retrospective detector on injected events, beside the plain hour-of-week score with hindsight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from detection import ours, peers
from detection.injection import Hours, Matrix, Mix, inject
from detection.meters import Span
from detection.metrics import (
    MONTH_H,
    EventFigures,
    Flags,
    average_precision,
    best_f1,
    judge_events,
    precision_recall_f1,
    roc_auc,
    runs,
)
from detection.study import Case, Study, false_per_meter_month, recall
from detection.tables import large, table
from redaptive.domain.detectors.history import retrospective
from redaptive.domain.detectors.history.audit import JOIN_H, History, audit
from redaptive.domain.detectors.history.shared_course import shared_course

NAME, PLAIN = "ours (retrospective)", "hour-of-week z with hindsight"
FINDINGS = "findings of the audit"
PRESETS = {NAME: retrospective.FLAG_SCORE, PLAIN: 5.0}
HEAD = ("detector", "AP", "AUC", "preset", "precision", "recall", "F1", "F1, oracle threshold")
FOUND = ("detector", "threshold", "events >= 20 %, >= 6 h", "by chance", "events >= 10 %, >= 6 h",
         "false findings / meter-month", "with nothing injected")  # fmt: skip
FALSE_PER_MONTH = 1.0


def conduct(span: Span, mix: Mix, seeds: tuple[int, ...]) -> Study:
    """Inject a mix and score everything with hindsight; live detectors are not run."""
    n = len(span.names)
    drawn = [inject(span.kwh, span.slot, seed, since=span.since, until=len(span.kwh), mix=mix) for seed in seeds]
    cases = tuple(
        Case(mix.name, s, d, slice(i * n, (i + 1) * n)) for i, (s, d) in enumerate(zip(seeds, drawn, strict=True))
    )
    kwh = np.concatenate([*(case.injected.values for case in cases), span.kwh], axis=1)
    nothing = ours.Judged(np.empty(0), np.empty(0), np.empty((0, 3), np.int64))
    ranked, found = judge(kwh, span)
    scores = {NAME: ranked, FINDINGS: found, PLAIN: peers.retrospective_z(kwh, span.slot, span.since)}
    return Study(span, cases, slice(len(cases) * n, (len(cases) + 1) * n), nothing, scores)


def judge(kwh: Matrix, span: Span) -> tuple[Matrix, Matrix]:
    """Our score of every column, NaN where nothing was read, and 1 in the hours of our findings.

    The meters of a case and fuel share their course.
    """
    out, found = np.full(kwh.shape, np.nan), np.zeros(kwh.shape)
    n, local = len(span.names), local_clock(span.start_s, span.slot)
    for first in range(0, kwh.shape[1], n):
        for fuel in (span.electric, ~span.electric):
            columns = first + np.flatnonzero(fuel)
            out[:, columns], found[:, columns] = _together(kwh[:, columns], span.start_s, local)
    return out, found


def _together(kwh: Matrix, start_s: Hours, local: Hours) -> tuple[Matrix, Matrix]:
    out, found = np.full(kwh.shape, np.nan), np.zeros(kwh.shape)
    read = [np.flatnonzero(np.isfinite(kwh[:, column])) for column in range(kwh.shape[1])]
    standings = [retrospective.standing(local[rows], kwh[rows, column], 3600) for column, rows in enumerate(read)]
    course = shared_course([(one.start_s, one.z) for one in standings])
    for column, (rows, one) in enumerate(zip(read, standings, strict=True)):
        judged = retrospective.judge(one, course)
        out[rows, column] = judged.score
        history = History("m", start_s[rows], local[rows], one.value, judged, 3600)
        for finding in audit(history):
            if finding.kind != "gap":
                hours = (np.array([finding.start_s, finding.end_s]) - start_s[0]) // 3600
                found[slice(*hours), column] = 1.0
    return out, found


def local_clock(start_s: Hours, slot: Hours) -> Hours:
    """Clock seconds: UTC moved so that the hour of the week is the local one."""
    utc_slot = (start_s // 3600 - 4 * 24) % 168
    ahead = (slot - utc_slot + 84) % 168 - 84
    return start_s + 3600 * ahead


def joined(flag: Flags) -> Flags:
    """Flags as an audit lists them: hours between two flags at most `JOIN_H` apart belong to one finding."""
    hour = np.arange(len(flag))[:, None]
    before = np.maximum.accumulate(np.where(flag, hour, -len(flag) - JOIN_H), axis=0)
    after = np.minimum.accumulate(np.where(flag, hour, 2 * len(flag) + JOIN_H)[::-1], axis=0)[::-1]
    return flag | (after - before <= JOIN_H)


def events(study: Study, name: str, case: Case, threshold: float, *, plain: bool = False) -> EventFigures:
    """Events of a case that have a finding, and findings that come near no event."""
    score = study.scores[name][:, study.plain if plain else case.columns]
    return judge_events(joined(np.nan_to_num(score) >= threshold), case.injected, study.span.since)


def limit(studies: Sequence[Study], name: str) -> float:
    """The lowest threshold, of a grid of 3 %, with at most one false finding a meter-month on development meters."""
    for threshold in 2.0 * 1.03 ** np.arange(400):
        figures = [events(s, name, case, float(threshold)) for s in studies for case in s.cases]
        if false_per_meter_month(figures) <= FALSE_PER_MONTH:
            return float(threshold)
    return float("inf")


def findings(study: Study, mix: str, thresholds: dict[str, float]) -> Iterator[str]:
    """Events found by the findings of an audit, all meters."""
    lines = []
    for name, threshold in thresholds.items():
        cases = study.of(mix)
        found, luck = ([events(study, name, c, threshold, plain=p) for c in cases] for p in (False, True))
        cells = []
        for least in (0.2, 0.1):
            hit, of = recall(found, cases, large(least))
            cells.append(f"{hit} of {of} ({hit / max(1, of):.0%})")
        lucky, of = recall(luck, cases, large(0.2))
        quiet = joined(np.nan_to_num(study.scores[name][:, study.plain]) >= threshold)[study.span.since :]
        alone = sum(len(runs(quiet[:, m]).first) for m in range(quiet.shape[1]))
        months = np.isfinite(study.span.kwh[study.span.since :]).sum() / MONTH_H
        lines.append([name, f"{threshold:.3g}", cells[0], f"{lucky / max(1, of):.0%}", cells[1],
                      f"{false_per_meter_month(found):.2f}", f"{alone / months:.2f}"])  # fmt: skip
    yield from table(FOUND, lines)


def kinds(study: Study, mix: str) -> Iterator[str]:
    """Events that matter, found by our findings, by kind."""
    cases = study.of(mix)
    found = [events(study, FINDINGS, c, 1.0) for c in cases]
    names = sorted({e.kind for c in cases for e in c.injected.events})
    shares = [(name, recall(found, cases, lambda e, k=name: e.kind == k and not e.minor)) for name in names]
    yield ", ".join(f"{name} {hit} of {of}" for name, (hit, of) in shares) + "."


def rows(study: Study, mix: str, chosen: np.ndarray) -> Iterator[str]:
    """One line a detector, by readings."""
    lines = []
    for name, preset in PRESETS.items():
        score, label, _ = study.rows(name, study.of(mix), chosen)
        lines.append([name, average_precision(score, label), roc_auc(score, label), f"{preset:g}",
                      *precision_recall_f1(score >= preset, label), best_f1(score, label)])  # fmt: skip
    yield from table(HEAD, lines)
