"""Trains the policy model on the unsafe and the honest sentences of the repository and writes the packaged artifact.

    python scripts/train_refusals.py            train, cross-validate, write the artifact
    python scripts/train_refusals.py --check    say whether the artifact was trained on the present sentences

A linear support vector machine (Fan et al. 2008, LIBLINEAR) over the term weights of `matchers/tfidf.py`. Thresholds
are quantiles of held-out scores of honest sentences: few may be refused, some more may have their effects gated.
Takes about 20 s. The same data and library versions give the same model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).parent))

from intent_training.corpus import UTTERANCES
from intent_training.lexical import vectoriser

from redaptive.orchestration.intelligent.planners.policy_model import ARRAYS, CARD, PolicyCard, masked

REFUSALS = UTTERANCES.parent / "refusals"
INVERSE_PENALTY, ALIKE_WEIGHT, FOLDS, SEED = 1.0, 3.0, 5, 7
REFUSED_HONEST, GATED_HONEST = 0.005, 0.03
UNSAFE, ALIKE = "unsafe.", "allowed"


@dataclass(frozen=True)
class Sentences:
    """Texts, whether each is unsafe, and its weight; honest ones that look unsafe count more."""

    texts: tuple[str, ...]
    unsafe: NDArray[np.bool_]
    weights: NDArray[np.float64]


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
    if card.data_sha256 == data_hash():
        print(f"{card.version} belongs to the {card.unsafe} unsafe sentences of the repository.")
        return 0
    print(f"{card.version} was trained on other sentences: run python scripts/train_refusals.py.", file=sys.stderr)
    return 1


def train(folder: Path) -> int:
    """Thresholds out of held-out scores, the model trained on everything, artifact, figures."""
    sentences = read_sentences()
    held = held_out(sentences)
    refuse, gate = (float(np.quantile(held[~sentences.unsafe], 1 - share)) for share in (REFUSED_HONEST, GATED_HONEST))
    union = vectoriser()
    machine = _machine().fit(
        csr_matrix(union.fit_transform(sentences.texts)), sentences.unsafe, sample_weight=sentences.weights
    )
    card = _card(sentences, held, refuse, gate)
    write_artifact(folder, card, union, machine)
    print(json.dumps(card.model_dump(), indent=2))
    return 0


def read_sentences() -> Sentences:
    """Unsafe sentences, those that only look so, those that cannot be done, and the utterances of all intents."""
    rows = [(masked(line), path.stem) for path in sorted(REFUSALS.glob("*.txt")) for line in _lines(path)]
    honest = [path for path in sorted(UTTERANCES.glob("*.txt")) if not path.stem.startswith("out_of_scope")]
    rows += [(masked(line), "intent") for path in honest for line in _lines(path)]
    unsafe = np.array([source.startswith(UNSAFE) for _, source in rows])
    weights = np.array([ALIKE_WEIGHT if source == ALIKE else 1.0 for _, source in rows])
    return Sentences(tuple(text for text, _ in rows), unsafe, weights)


def held_out(sentences: Sentences) -> NDArray[np.float64]:
    """The score of each sentence by a model that never saw it."""
    scores = np.zeros(len(sentences.texts))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train_rows, test_rows in folds.split(scores, sentences.unsafe):
        union = vectoriser()
        features = csr_matrix(union.fit_transform([sentences.texts[i] for i in train_rows]))
        machine = _machine().fit(features, sentences.unsafe[train_rows], sample_weight=sentences.weights[train_rows])
        scores[test_rows] = machine.decision_function(union.transform([sentences.texts[i] for i in test_rows]))
    return scores


def write_artifact(folder: Path, card: PolicyCard, union: FeatureUnion, machine: LinearSVC) -> None:
    """The card, and arrays: terms as text, weights as signed bytes with one scale. Nothing in it is executable."""
    words, letters = (step for _, step in union.transformer_list)
    weights = machine.coef_[0]
    scale = np.abs(weights).max() / 127.0
    np.savez_compressed(
        folder / ARRAYS,
        allow_pickle=False,
        words=np.frombuffer("\n".join(words.get_feature_names_out()).encode(), dtype=np.uint8),
        letters=np.frombuffer("\n".join(letters.get_feature_names_out()).encode(), dtype=np.uint8),
        idf=np.concatenate([words.idf_, letters.idf_]).astype(np.float32),
        weights=np.round(weights / scale).astype(np.int8),
        scale=np.float32(scale),
        bias=np.float32(machine.intercept_[0]),
    )
    (folder / CARD).write_text(json.dumps(card.model_dump(), indent=2) + "\n", encoding="utf-8")


def data_hash(folder: Path = REFUSALS) -> str:
    """A hash of file names and sentences; comments and empty lines do not count."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.txt")):
        digest.update("\n".join([path.stem, *_lines(path), ""]).encode())
    return digest.hexdigest()


def _card(sentences: Sentences, held: NDArray[np.float64], refuse: float, gate: float) -> PolicyCard:
    unsafe, honest = held[sentences.unsafe], held[~sentences.unsafe]
    sha = data_hash()
    return PolicyCard(
        version=f"policy-{sha[:8]}",
        data_sha256=sha,
        unsafe=len(unsafe),
        honest=len(honest),
        refuse=round(refuse, 4),
        gate=round(gate, 4),
        honest_refused=round(float((honest > refuse).mean()), 4),
        honest_gated=round(float((honest > gate).mean()), 4),
        unsafe_refused=round(float((unsafe > refuse).mean()), 4),
        unsafe_gated=round(float((unsafe > gate).mean()), 4),
    )


def _machine() -> LinearSVC:
    return LinearSVC(C=INVERSE_PENALTY, random_state=0)


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


if __name__ == "__main__":
    sys.exit(main())
