"""Trains the trees of the causal score of files on events put into development buildings, and writes the artifact.

    python scripts/train_anomalies.py               train on all development buildings, write the artifact
    python scripts/train_anomalies.py --held-out    average precision on buildings that the trees did not see
    python scripts/train_anomalies.py --check       say whether the artifact was trained with the present settings

Events are those of `benchmarks/detection/injection.py` without the weeks that keep them apart, so that nothing tells by
the time since the last event whether there is one; years 2017 and 2018, with a year of history and without any, beside
each other and alone. Trees: HistGradientBoosting of scikit-learn on few of the usual and more of the changed readings,
weighted back. Needs the Cambridge archive (docs/explanation/detection.md). The scale (`FLAG_AT`) comes from trees that
did not see the building, which stand in `benchmarks/detection/held_out/`. Some minutes of a core.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before sklearn: waiting threads are slower on a shared machine

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from detection import meters, peers
from detection.injection import ALL, DAY, SHORT, Injected, Mix, inject
from detection.meters import PARTS, Span, part_of
from detection.metrics import average_precision
from detection.ours import HELD_OUT as HELD_OUT_FOLDER

from redaptive.domain.detectors.together.fleet import FLAG_SCORE, Fleet
from redaptive.domain.detectors.together.learned import LEAVES, Trees, lifted, log_odds, product
from redaptive.domain.detectors.together.traits import NAMES
from redaptive.reference.anomalies import FOLDER, Card, read_card, read_trees, write_trees

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Settings:
    """All that decides the trees, but the archive and the code of traits."""

    mixes: tuple[Mix, ...] = (replace(ALL, rest_h=2 * DAY, per_year=5.0), replace(SHORT, rest_h=DAY, per_year=12.0))
    first_seed: int = 601
    drawings: int = 2
    usual_share: float = 0.03
    changed_share: float = 0.4
    trees: int = 160
    rate: float = 0.1
    least_in_leaf: int = 300
    ridge: float = 20.0
    features_tried: float = 0.3


SETTINGS = Settings()
FLAG_AT = 5.0
"""On a scale that flags as many unchanged hours as the hand-made score at `FLAG_SCORE`, the score that becomes it: F1
of injected events of held-out buildings is best from 4 to 5 there."""


@dataclass(frozen=True)
class Set:
    """A judged year, whether the year before is history, whether meters stand alone."""

    year: int
    history: bool
    alone: bool = False


SETS = (Set(2018, True), Set(2017, True), Set(2018, False), Set(2017, False, alone=True))
HELD_OUT = (Set(2018, True), Set(2017, False), Set(2017, True), Set(2018, False))
HELD_OUT_SEEDS = (501, 502)
KEPT = Path(__file__).parents[1] / "build" / "anomaly-samples.npz"


@dataclass(frozen=True)
class Sample:
    """Traits (readings, traits), labels, weights, hand-made scores and buildings of chosen readings."""

    traits: NDArray[np.float32]
    label: NDArray[np.bool_]
    weight: Matrix
    building: NDArray[np.str_]

    def of(self, chosen: NDArray[np.bool_]) -> Sample:
        """Those of chosen readings."""
        return Sample(self.traits[chosen], self.label[chosen], self.weight[chosen], self.building[chosen])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare the artifact with the settings")
    parser.add_argument("--held-out", action="store_true", help="figures on buildings that were held out")
    parser.add_argument("--samples", type=Path, default=KEPT, help="file that keeps the readings to train on")
    options = parser.parse_args(arguments)
    if options.check:
        return check()
    if options.held_out:
        held_out()
        return 0
    sample = read_sample(options.samples)
    print(f"{len(sample.label)} readings, {sample.label.mean():.1%} of them changed", flush=True)
    part = np.array([part_of(b) for b in sample.building])
    parts = [sample.of(part != number) for number in range(PARTS)]
    write([fitted(each) for each in parts], fitted(sample), [*parts, sample])
    return 0


def write(apart: Sequence[Trees], whole: Trees, samples: Sequence[Sample]) -> None:
    """The artifact, and for the benchmark the trees of each part, all with one scale."""
    scale = common_scale(apart)
    folders = [*(HELD_OUT_FOLDER / str(number) for number in range(PARTS)), FOLDER]
    for trees, sample, folder in zip([*apart, whole], samples, folders, strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        card = Card(
            version=f"anomalies-{settings_hash()[:8]}",
            settings_sha256=settings_hash(),
            data_sha256=data_hash(),
            traits=list(NAMES),
            readings=len(sample.label),
            changed=int(sample.label.sum()),
            start=trees.start,
            scale=scale,
        )
        write_trees(trees._replace(scale=scale), card, folder)
        print(folder, card.model_dump_json(exclude={"traits"}), flush=True)


def check() -> int:
    """0 when the artifact belongs to the present settings and traits, else 1 and what to do."""
    if read_card().settings_sha256 == settings_hash():
        print(f"{read_card().version} belongs to the present settings.")
        return 0
    print(f"{read_card().version} has other settings: run python scripts/train_anomalies.py.", file=sys.stderr)
    return 1


def settings_hash() -> str:
    """Of all that decides the trees but the archive and the code."""
    said = {
        **asdict(SETTINGS),
        "sets": [asdict(each) for each in SETS],
        "traits": NAMES,
        "leaves": LEAVES,
        "flag_at": FLAG_AT,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def data_hash() -> str:
    """Of the archive."""
    return hashlib.sha256((meters.FOLDER / "meters_hourly.parquet").read_bytes()).hexdigest()


def loaded(each: Set) -> Span:
    """Its meters; without history the judged year alone."""
    span = meters.load(each.year, of_development=True)
    if each.history:
        return span
    after = slice(span.since, None)
    columns = {name: getattr(span, name)[after] for name in ("kwh", "start_s", "slot", "temperature_c")}
    return replace(span, **columns, since=0)


def drawn(span: Span, mixes: Sequence[Mix], seeds: Sequence[int]) -> list[Injected]:
    """Each mix with each seed, and last of all the unchanged readings."""
    made = [inject(span.kwh, span.slot, s, since=span.since, until=len(span.kwh), mix=m) for m in mixes for s in seeds]
    return [*made, Injected(span.kwh, span.kwh, np.zeros(span.kwh.shape, np.int32), ())]


def judged(span: Span, cases: Sequence[Injected], alone: bool) -> tuple[Fleet, Matrix]:
    """One fleet of all cases, each with its electricity and its gas meters beside each other, and readings in Wh."""
    n = len(span.names)
    fuels = (np.flatnonzero(span.electric), np.flatnonzero(~span.electric))
    files = [] if alone else [case * n + fuel for case in range(len(cases)) for fuel in fuels]
    kwh = np.concatenate([case.values for case in cases], axis=1)
    return Fleet(kwh.shape[1], 1.0, files), kwh * 1000


def sampled(each: Set, number: int) -> Sample:
    """Chosen readings of a set, with their traits."""
    span = loaded(each)
    first = SETTINGS.first_seed + 10 * number
    cases = drawn(span, SETTINGS.mixes, range(first, first + SETTINGS.drawings))
    label = np.concatenate([case.labels() for case in cases], axis=1)
    counted = np.concatenate([case.counted() for case in cases], axis=1)
    share = np.where(label, SETTINGS.changed_share, SETTINGS.usual_share)
    chosen = counted & (np.random.default_rng(first).random(label.shape) < share)
    chosen[: span.since] = False
    fleet, energy = judged(span, cases, each.alone)
    traits = []
    for hour, day in enumerate(span.start_s // 86400):
        air = float(span.temperature_c[hour])
        found = fleet.judge(int(day), int(span.slot[hour]), energy[hour], air).traits
        traits.append(found[:, chosen[hour]].T)
    names = np.array(span.buildings * len(cases))
    print(f"{each}: {int(chosen.sum())} readings", flush=True)
    return Sample(
        np.concatenate(traits), label[chosen], (1.0 / share)[chosen], np.broadcast_to(names, chosen.shape)[chosen]
    )


def read_sample(kept: Path) -> Sample:
    """What the trees are trained on, from `kept` where that file has the present settings, else drawn now."""
    names = ("traits", "label", "weight", "building")
    if kept.exists():
        with np.load(kept, allow_pickle=False) as stored:
            if str(stored["settings"]) == settings_hash():
                return Sample(*(stored[name] for name in names))
    sample = joined([sampled(each, number) for number, each in enumerate(SETS)])
    kept.parent.mkdir(exist_ok=True)
    np.savez(kept, allow_pickle=False, settings=settings_hash(), **{name: getattr(sample, name) for name in names})
    return sample


def joined(parts: Sequence[Sample]) -> Sample:
    """Samples one after the other."""
    return Sample(*(np.concatenate([getattr(p, n) for p in parts]) for n in ("traits", "label", "weight", "building")))


def fitted(sample: Sample) -> Trees:
    """Trees of a sample, their scale 1."""
    model = HistGradientBoostingClassifier(
        max_iter=SETTINGS.trees,
        learning_rate=SETTINGS.rate,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=SETTINGS.least_in_leaf,
        l2_regularization=SETTINGS.ridge,
        max_features=SETTINGS.features_tried,
        early_stopping=False,
        random_state=0,
    )
    model.fit(sample.traits, sample.label, sample_weight=sample.weight)
    trees = exported(model)
    some = sample.traits[:: max(1, len(sample.label) // 5000)]
    same = np.allclose(log_odds(trees, some.T), model.decision_function(some), atol=1e-3)
    if not same:
        raise SystemExit("The exported trees do not say what the model says.")
    return trees


def exported(model: HistGradientBoostingClassifier) -> Trees:
    """The model as arrays."""
    trees = [predictors[0].nodes for predictors in model._predictors]
    shape = (len(trees), LEAVES - 1)
    feature, left = np.zeros(shape, np.int16), np.zeros(shape, np.uint16)
    threshold, values = np.full(shape, np.inf, np.float32), np.zeros((len(trees), LEAVES), np.float32)
    for tree, nodes in enumerate(trees):
        tests: list[tuple[int, float, int]] = []
        leaves: list[float] = []

        def walk(at: int, nodes: np.ndarray = nodes, tests: list = tests, leaves: list = leaves) -> None:
            node = nodes[at]
            if node["is_leaf"]:
                leaves.append(float(node["value"]))
                return
            first = len(leaves)
            walk(int(node["left"]))
            tests.append((int(node["feature_idx"]), float(node["num_threshold"]), (1 << len(leaves)) - (1 << first)))
            walk(int(node["right"]))

        walk(0)
        values[tree, : len(leaves)] = leaves
        for place, test in enumerate(tests):
            feature[tree, place], threshold[tree, place], left[tree, place] = test
    return Trees(feature, threshold, left, values, float(model._baseline_prediction.item()), 1.0)


def run(
    each: Set, models: Sequence[Trees], mixes: Sequence[Mix], seeds: Sequence[int]
) -> tuple[Span, list[Injected], dict[str, Matrix]]:
    """Scores of the judged year, hand-made and learned; a building is scored by the model of its part."""
    span = loaded(each)
    cases = drawn(span, mixes, seeds)
    fleet, energy = judged(span, cases, each.alone)
    part = np.array([part_of(b) % len(models) for b in span.buildings * len(cases)])
    hand, odds = np.zeros((2, *energy.shape))
    week: list[NDArray[np.float32]] = []
    for hour, day in enumerate(span.start_s // 86400):
        air = float(span.temperature_c[hour])
        found = fleet.judge(int(day), int(span.slot[hour]), energy[hour], air)
        hand[hour] = found.score
        week.append(found.traits)
        if len(week) == 168 or hour == len(energy) - 1:
            rows = slice(hour + 1 - len(week), hour + 1)
            traits = np.stack(week, axis=1)
            for number, model in enumerate(models):
                mine = part == number
                score = product(model, hand[rows][:, mine].ravel(), traits[:, :, mine].reshape(len(NAMES), -1))
                odds[rows, mine] = score.reshape(len(week), -1)
            week = []
    return (
        span,
        cases,
        {
            "hand-made": hand,
            "learned": lifted(odds, hand),
            "product": odds,
            "hour-of-week z": peers.hour_of_week_z(energy / 1000, span.slot),
        },
    )


def common_scale(apart: Sequence[Trees]) -> float:
    """See `FLAG_AT`; by trees that did not see the building."""
    span, _, scores = run(Set(2018, True), apart, (), ())
    read = np.isfinite(span.kwh) & (np.arange(len(span.kwh)) >= span.since)[:, None]
    share = float((scores["hand-made"][read] >= FLAG_SCORE).mean())
    level = float(np.quantile(scores["product"][read], 1 - share))
    as_many = round((_odds(FLAG_SCORE) / _odds(level)) ** 2, 4)
    return round(as_many * (_odds(FLAG_SCORE) / _odds(FLAG_AT)) ** 2, 4)


def _odds(score: float) -> float:
    return score / (100.0 - score)


def held_out() -> None:
    """Prints average precision on buildings that were held out, by the mixes of the benchmark."""
    models = [read_trees(HELD_OUT_FOLDER / str(number)) for number in range(PARTS)]
    for each in HELD_OUT:
        span, cases, scores = run(each, models, (ALL, SHORT), HELD_OUT_SEEDS)
        n, after = len(span.names), slice(span.since, None)
        for fuel, chosen in (("electricity", span.electric), ("gas", ~span.electric)):
            for place, mix in enumerate((ALL, SHORT)):
                numbers = range(place * len(HELD_OUT_SEEDS), (place + 1) * len(HELD_OUT_SEEDS))
                said = []
                for name in ("hand-made", "learned", "hour-of-week z"):
                    score = scores[name]
                    parts = []
                    for k in numbers:
                        keep = cases[k].counted()[after] & chosen
                        parts.append((score[after, k * n : (k + 1) * n][keep], cases[k].labels()[after][keep]))
                    together, label = (np.concatenate(column) for column in zip(*parts, strict=True))
                    said.append(f"{name} {average_precision(together, label):.3f}")
                print(f"{each.year}, history {each.history}, {fuel}, {mix.name}: {', '.join(said)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
