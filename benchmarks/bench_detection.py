"""Quality of detection on real meters with injected anomalies: our causal kernel and peers on the same rows.

    python benchmarks/bench_detection.py [--seeds 3] [--no-slow-peers] [--zeros-kept]
    python benchmarks/bench_detection.py --sample f500
    python benchmarks/bench_detection.py --first-weeks    files without history, development buildings alone
    python benchmarks/bench_detection.py --hindsight [--seeds 3]    the retrospective detector of audits alone
    python benchmarks/bench_detection.py --lasting [--seeds 3]    lasting changes, development buildings alone

Prints Markdown. Thresholds come from development buildings in 2018 (seeds 51, ...), figures from the other buildings
in 2019 (seeds 101, ...), each with the year before as history. See docs/explanation/detection.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable

import numpy as np
from detection import first_weeks, hindsight, lasting, meters, sample_faults, tables
from detection.injection import ALL, SHORT, Mix
from detection.metrics import precision_recall_f1
from detection.study import OURS, PRESET, Study, conduct

DEVELOPMENT, REPORT = 2018, 2019
FIRST_DEVELOPMENT_SEED, FIRST_REPORT_SEED, FIRST_LASTING_SEED = 51, 101, 301
MIXES = (ALL, SHORT)
PER_FAULT_KIND = 10


def main() -> None:
    """Parse arguments, run both studies, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="drawings of events per mix")
    parser.add_argument("--no-slow-peers", action="store_true", help="leave river's trees out")
    parser.add_argument("--best-peer", action="store_true", help="of the peers the hour-of-week z alone")
    parser.add_argument("--zeros-kept", action="store_true", help="electricity zeros are readings, not missing")
    parser.add_argument("--sample", choices=("demo", "f500"), help="grade by the sample's truth instead")
    parser.add_argument("--hindsight", action="store_true", help="the retrospective detector alone")
    parser.add_argument("--first-weeks", action="store_true", help="the first weeks of files without history alone")
    parser.add_argument("--lasting", action="store_true", help="lasting changes of three years of development alone")
    given = parser.parse_args()
    if given.sample:
        show(sample_faults.grade(given.sample, PER_FAULT_KIND))
        return
    if not meters.FOLDER.exists():
        sys.exit(f"No data in {meters.FOLDER}: see docs/explanation/detection.md.")
    if given.hindsight:
        show(with_hindsight(given.seeds, given.zeros_kept))
        return
    if given.lasting:
        show(lasting.rows(range(FIRST_LASTING_SEED, FIRST_LASTING_SEED + given.seeds)))
        return
    if given.first_weeks:
        show(first_weeks.rows(MIXES))
        return
    begun = time.perf_counter()
    tuned = _study(DEVELOPMENT, 1, given, slow=False)
    show(preset_choice(tuned))
    report = _study(REPORT, given.seeds, given, slow=not given.no_slow_peers)
    for mix in MIXES:
        show(report_mix(tuned, report, mix))
    show(["", "### Own alarms", *tables.own_alarms(report)])
    show(["", f"Took {time.perf_counter() - begun:.0f} s."])


def with_hindsight(seeds: int, zeros_kept: bool) -> Iterable[str]:
    """Tables of the retrospective detector on report buildings; its preset was fixed before."""
    tuned = meters.load(DEVELOPMENT, of_development=True, zeros_missing=not zeros_kept)
    drawn = [hindsight.conduct(tuned, mix, (FIRST_DEVELOPMENT_SEED,)) for mix in MIXES]
    limits = {
        hindsight.FINDINGS: 1.0,
        hindsight.PLAIN: hindsight.limit(drawn, hindsight.PLAIN),
    }
    for study, mix in zip(drawn, MIXES, strict=True):
        yield f"\n### Findings, {mix.name}: development, {DEVELOPMENT}\n"
        yield from hindsight.findings(study, mix.name, limits)
    span = meters.load(REPORT, of_development=False, zeros_missing=not zeros_kept)
    numbers = tuple(range(FIRST_REPORT_SEED, FIRST_REPORT_SEED + seeds))
    for mix in MIXES:
        study = hindsight.conduct(span, mix, numbers)
        yield f"\n### Findings, {mix.name}: {len(span.names)} meters of {REPORT}, {seeds} seeds\n"
        yield from hindsight.findings(study, mix.name, limits)
        yield ""
        yield from hindsight.kinds(study, mix.name)
        for name, chosen in (("electricity", span.electric), ("gas", ~span.electric)):
            yield f"\n### {mix.name}, {name}: {int(chosen.sum())} meters of {REPORT}, {seeds} seeds\n"
            yield from hindsight.rows(study, mix.name, chosen)


def _study(year: int, seeds: int, given: argparse.Namespace, *, slow: bool) -> Study:
    of_development = year == DEVELOPMENT
    span = meters.load(year, of_development=of_development, zeros_missing=not given.zeros_kept)
    first = FIRST_DEVELOPMENT_SEED if of_development else FIRST_REPORT_SEED
    study = conduct(span, MIXES, tuple(range(first, first + seeds)), slow_peers=slow, every_peer=not given.best_peer)
    what = "development" if of_development else "report"
    electric = int(span.electric.sum())
    show([f"{year}, {what} buildings: {len(set(span.buildings))} with {electric} electricity and "
          f"{len(span.names) - electric} gas meters; seeds {first} to {first + seeds - 1}."])  # fmt: skip
    return study


def preset_choice(study: Study) -> Iterable[str]:
    """F1 of our score by threshold on development buildings' electricity; the preset is fixed before the report."""
    yield ""
    rows = []
    for mix in MIXES:
        score, label, _ = study.rows(OURS, study.of(mix.name), study.span.electric)
        best = max(np.arange(2.0, 12.01, 0.25), key=lambda t: precision_recall_f1(score >= t, label)[2])
        at_best, at_preset = (precision_recall_f1(score >= t, label)[2] for t in (best, PRESET[OURS]))
        rows.append((mix.name, f"{label.mean():.1%}", f"{best:.2f}", at_best, f"{PRESET[OURS]:g}", at_preset))
    yield from tables.table(("development", "labelled", "best threshold", "F1", "preset", "F1"), rows)


def report_mix(tuned: Study, study: Study, mix: Mix) -> Iterable[str]:
    """All tables of one mix of events."""
    events = [e for case in study.of(mix.name) for e in case.injected.events]
    yield f"\n### Report, {mix.name}: {len(events)} events, {sum(e.minor for e in events)} of them minor"
    for name, chosen in (("electricity", study.span.electric), ("gas", ~study.span.electric)):
        label = study.rows(OURS, study.of(mix.name), chosen)[1]
        yield f"\n{name}: {int(chosen.sum())} meters, {label.mean():.1%} of the hours labelled\n"
        yield from tables.ranking(study, mix.name, chosen)
        yield "\n" + tables.ratio(study, mix.name, chosen) + "\n"
        yield from tables.by_building(study, mix.name, chosen)
    for part in (tables.kinds, tables.false_alarms, tables.excess):
        yield ""
        yield from part(study, mix.name)
    yield ""
    yield from tables.event_goals(tuned, study, mix.name)


def show(lines: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
