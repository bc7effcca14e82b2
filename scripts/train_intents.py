"""Trains the intent model on the utterances of the repository and writes the packaged artifact.

    python scripts/train_intents.py                 train, cross-validate, write artifact and picture
    python scripts/train_intents.py --keep FILE     after a few changed utterances, in a minute: keeps the adapter
    python scripts/train_intents.py --check         say whether the artifact was trained on the present utterances

Term weights with support vector machines, and a sentence encoder whose upper layers get a low-rank change, trained
together with a linear head (`intent_training/low_rank.py`), over sentences without their typing errors. Thresholds
come from cross-validation on training data alone. The same seed, data and library versions give the same model.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the processes share the cores between them

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from intent_training.calibration import accuracy_at, calibrate, measure, probabilities
from intent_training.corpus import UTTERANCES, Corpus, data_hash, folds, read_corpus
from intent_training.held_out import Bench, Depth, Scores, train_all
from intent_training.kept import read_kept, train_lexical
from intent_training.lexical import INVERSE_PENALTY, packed, packed_speller
from intent_training.low_rank import Parameters, Recipe
from intent_training.picture import write_picture

from redaptive.orchestration.intelligent.matchers.encoder import WEIGHTS_SHA256, MiniLmEncoder, packaged_encoder
from redaptive.orchestration.intelligent.matchers.intent_model import ARRAYS, CARD
from redaptive.orchestration.intelligent.matchers.model_card import Mode, ModelCard, Thresholds
from redaptive.orchestration.intelligent.matchers.spelling import Speller

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "src" / "redaptive" / "reference" / "language" / "model"
PICTURE = ROOT / "docs" / "images" / "intent-confusion.svg"
MODES: tuple[Mode, ...] = ("hybrid", "lexical")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code."""
    options = _parser().parse_args(arguments)
    return check(options.model, options.utterances) if options.check else train(options)


def check(folder: Path, utterances: Path) -> int:
    """0 when the artifact in `folder` belongs to the utterances, else 1 and a line that says what to do."""
    card = ModelCard.model_validate_json((folder / CARD).read_bytes())
    if card.data_sha256 == data_hash(utterances):
        print(f"{card.version} belongs to the {card.utterances} utterances of the repository.")
        return 0
    print(f"{card.version} was trained on other utterances: run python scripts/train_intents.py.", file=sys.stderr)
    return 1


def train(options: argparse.Namespace) -> int:
    """Cross-validation and final training, calibration, artifact, picture."""
    started = time.monotonic()
    corpus, encoder = read_corpus(options.utterances), packaged_encoder()
    if encoder is None:
        print("Training needs the extra `embeddings`.", file=sys.stderr)
        return 1
    if options.keep is not None:
        return retrain(options, corpus, encoder)
    recipe = Recipe(epochs=options.epochs, rank=options.rank)
    _say(f"{len(corpus.texts)} utterances, {len(corpus.labels)} labels, {corpus.sha256[:12]}")
    bench = Bench.of(corpus, encoder, Depth(options.lower, options.layers), recipe, options.seed)
    _say(f"lower layers done after {time.monotonic() - started:.0f} s")
    fold = folds(corpus, options.folds, options.seed)
    scores, lexical, adapter = train_all(bench, fold, options.processes, _say)
    if options.scores is not None:
        held_out = {"lexical": scores.lexical, "embedded": scores.embedded}
        np.savez(options.scores, texts=np.array(corpus.texts), fold=fold, **held_out)
    thresholds = {mode: calibrate(corpus, scores, mode) for mode in MODES}
    card = _card(corpus, scores, thresholds, bench, options)
    report(corpus, scores, card, options.picture)
    write_artifact(options.model, card, {**packed_speller(bench.speller), **packed(lexical), **_adapter(adapter)})
    _say(f"{options.model}: {sum(f.stat().st_size for f in options.model.iterdir()) / 1e6:.1f} MB")
    _say(f"done after {time.monotonic() - started:.0f} s")
    return 0


def retrain(options: argparse.Namespace, corpus: Corpus, encoder: MiniLmEncoder) -> int:
    """Term weights and thresholds for the present utterances, beside the adapter that the artifact has."""
    before = ModelCard.model_validate_json((options.model / CARD).read_bytes())
    kept, speller = read_kept(options.model, before, options.keep), Speller.learned(corpus.texts, encoder.words)
    count = before.cross_validation["hybrid"].folds
    scores, lexical = train_lexical(corpus, speller, kept, encoder)
    thresholds = {mode: calibrate(corpus, scores, mode) for mode in MODES}
    mark = hashlib.sha256(f"{corpus.sha256} {before.adapter_data_sha256} {before.recipe}".encode()).hexdigest()[:8]
    changes = {
        "version": f"intents-{mark}",
        "data_sha256": corpus.sha256,
        "utterances": len(corpus.texts),
        "thresholds": thresholds,
        "cross_validation": {mode: measure(corpus, scores, thresholds[mode], count) for mode in MODES},
    }
    card = before.model_copy(update=changes)
    report(corpus, scores, card, options.picture)
    write_artifact(options.model, card, {**packed_speller(speller), **packed(lexical), **kept.arrays})
    return 0


def write_artifact(folder: Path, card: ModelCard, arrays: dict[str, NDArray[np.generic]]) -> None:
    """The arrays and the card; nothing in it is executable."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / ARRAYS, allow_pickle=False, **arrays)
    (folder / CARD).write_text(json.dumps(card.model_dump(), indent=2) + "\n", encoding="utf-8")


def report(corpus: Corpus, scores: Scores, card: ModelCard, picture: Path) -> None:
    """Prints figures, coverage against accuracy, and the worst confusions; draws the matrix of the hybrid."""
    for mode in MODES:
        print(f"\n{mode}: {card.thresholds[mode].model_dump()}")
        print("  " + ", ".join(f"{k} {v}" for k, v in card.cross_validation[mode].model_dump().items()))
        for margin, coverage, accuracy in accuracy_at(corpus, scores, card.thresholds[mode], [0.0, 0.1, 0.2, 0.3, 0.5]):
            print(f"  margin >= {margin:.1f}: coverage {coverage:.1%}, accuracy when answered {accuracy:.1%}")
    matrix = confusion(corpus, scores, card.thresholds["hybrid"])
    worst = Counter(
        {(corpus.labels[i], corpus.labels[j]): int(matrix[i, j]) for i, j in np.argwhere(matrix > 0) if i != j}
    )
    print("\nmost frequent confusions (meant, understood, times):")
    for (meant, understood), times in worst.most_common(25):
        print(f"  {meant:48} {understood:48} {times}")
    print("\nrecall by label:")
    for i, label in enumerate(corpus.labels):
        print(f"  {label:52} {matrix[i, i] / matrix[i].sum():6.1%} of {matrix[i].sum()}")
    figures = card.cross_validation["hybrid"]
    caption = (
        f"{card.version}: {figures.folds}-fold cross-validation, top-1 {figures.top1:.1%}, top-3 {figures.top3:.1%}"
    )
    write_picture(matrix, corpus.labels, caption, picture)


def confusion(corpus: Corpus, scores: Scores, thresholds: Thresholds) -> NDArray[np.int64]:
    """Counts by meant (rows) and understood (columns) label."""
    best = probabilities(corpus, scores, thresholds).argmax(1)
    matrix = np.zeros((len(corpus.labels), len(corpus.labels)), dtype=np.int64)
    np.add.at(matrix, (corpus.of, best), 1)
    return matrix


def _card(
    corpus: Corpus, scores: Scores, thresholds: dict[Mode, Thresholds], bench: Bench, options: argparse.Namespace
) -> ModelCard:
    recipe = {**asdict(bench.recipe), "inverse_penalty": INVERSE_PENALTY, "seed": options.seed}
    mark = hashlib.sha256(json.dumps([corpus.sha256, recipe, options.lower, options.layers]).encode()).hexdigest()[:8]
    return ModelCard(
        version=f"intents-{mark}",
        data_sha256=corpus.sha256,
        adapter_data_sha256=corpus.sha256,
        utterances=len(corpus.texts),
        labels=corpus.labels,
        encoder_sha256=WEIGHTS_SHA256,
        lower_layers=options.lower,
        adapted_layers=options.layers,
        recipe=recipe,
        thresholds=thresholds,
        cross_validation={mode: measure(corpus, scores, thresholds[mode], options.folds) for mode in MODES},
    )


def _adapter(w: Parameters) -> dict[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {k: v.astype(np.float16) for k, v in w.items() if k.endswith((".a", ".b"))}
    return arrays | {"embedded.weights": w["head"].astype(np.float16), "embedded.bias": w["bias"]}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare the artifact with the utterances")
    parser.add_argument("--model", type=Path, default=MODEL, help="folder of the artifact")
    parser.add_argument("--utterances", type=Path, default=UTTERANCES, help="folder of the training utterances")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where the confusion matrix is drawn")
    parser.add_argument("--scores", type=Path, help="also write the held-out scores to this .npz file")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the adapter; FILE: its held-out scores")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--rank", type=int, default=Recipe().rank)
    parser.add_argument("--layers", type=int, default=2, help="upper layers of the encoder that are adapted")
    parser.add_argument("--lower", type=int, default=3, help="lower layers of the encoder that are kept")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    return parser


if __name__ == "__main__":
    sys.exit(main())
