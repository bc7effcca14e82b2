"""Trains the term weights anew beside an adapter that is kept: minutes less, for a few changed utterances.

The held-out scores of the adapter's own training are kept too, and so are its folds: two models that err on the same
utterance because neither saw its like must do so here as well. An utterance that is not among them was never seen by
the adapter, so its score is held out as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intent_training.corpus import Corpus, folds
from intent_training.held_out import Scores
from intent_training.lexical import LexicalModel, fit_lexical
from redaptive.orchestration.intelligent.matchers.encoder import MiniLmEncoder
from redaptive.orchestration.intelligent.matchers.intent_model import ARRAYS, load_model
from redaptive.orchestration.intelligent.matchers.model_card import ModelCard
from redaptive.orchestration.intelligent.matchers.spelling import Speller

_OF_THE_ADAPTER = (".a", ".b", "embedded.weights", "embedded.bias")


@dataclass(frozen=True)
class Kept:
    """The card and the arrays of an adapter, with held-out scores and folds of the texts that it was trained on."""

    folder: Path
    card: ModelCard
    arrays: dict[str, NDArray[np.generic]]
    held_out: dict[str, NDArray[np.float64]]
    fold: dict[str, int]

    @property
    def seed(self) -> int:
        """The seed that the adapter was trained with."""
        return int(self.card.recipe["seed"])


def read_kept(folder: Path, card: ModelCard, scores: Path) -> Kept:
    """The adapter of the artifact in `folder` and the file that `--scores` wrote when it was trained."""
    with np.load(folder / ARRAYS, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files if name.endswith(_OF_THE_ADAPTER)}
    with np.load(scores, allow_pickle=False) as stored:
        texts = stored["texts"].tolist()
        held_out = dict(zip(texts, stored["embedded"], strict=True))
        fold = dict(zip(texts, stored["fold"].tolist(), strict=True))
    return Kept(folder, card, arrays, held_out, fold)


def train_lexical(corpus: Corpus, speller: Speller, kept: Kept, encoder: MiniLmEncoder) -> tuple[Scores, LexicalModel]:
    """Held-out scores of all utterances, and the term weights of all."""
    texts = [speller.corrected(text) for text in corpus.texts]
    count = kept.card.cross_validation["hybrid"].folds
    others = folds(corpus, count, kept.seed)
    fold = np.array([kept.fold.get(text, int(other)) for text, other in zip(corpus.texts, others, strict=True)])
    lexical = np.zeros((len(texts), len(corpus.labels)))
    for k in range(count):
        train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        model = fit_lexical([texts[i] for i in train], corpus.of[train])
        lexical[test] = model.logits([texts[i] for i in test])
    return Scores(lexical, _embedded(corpus, kept, encoder)), fit_lexical(texts, corpus.of)


def _embedded(corpus: Corpus, kept: Kept, encoder: MiniLmEncoder) -> NDArray[np.float64]:
    model = load_model(kept.folder, encoder)
    assert model.embedded is not None
    seen = kept.held_out
    return np.stack(
        [seen[text] if text in seen else model.embedded.logits(model.speller.corrected(text)) for text in corpus.texts]
    )
