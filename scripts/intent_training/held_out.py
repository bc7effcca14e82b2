"""Cross-validated scores of both models: every utterance is scored by models that never saw it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intent_training.corpus import Corpus
from intent_training.lexical import LexicalModel, fit_lexical
from intent_training.low_rank import F, Parameters, Recipe, Trainer
from redaptive.orchestration.intelligent.matchers.encoder import MiniLmEncoder
from redaptive.orchestration.intelligent.matchers.spelling import Speller

Say = Callable[[str], None]


@dataclass(frozen=True)
class Scores:
    """Held-out scores of the labels, (n, labels) each."""

    lexical: NDArray[np.float64]
    embedded: NDArray[np.float64]


@dataclass(frozen=True)
class Depth:
    """The first `lower` layers of the encoder are kept, the last `adapted` ones trained, those between left out."""

    lower: int
    adapted: int


@dataclass(frozen=True)
class Bench:
    """What every training run shares: it is inherited by forked processes and never copied between them."""

    corpus: Corpus
    speller: Speller
    texts: tuple[str, ...]
    encoder: MiniLmEncoder
    hidden: list[F]
    adapted: int
    recipe: Recipe
    seed: int

    @classmethod
    def of(cls, corpus: Corpus, encoder: MiniLmEncoder, depth: Depth, recipe: Recipe, seed: int) -> Bench:
        """Corrects all utterances and runs the lower layers, which are not trained, over them once.

        The words of the speller come from all folds: which of them are typing errors says nothing of their labels.
        """
        speller = Speller.learned(corpus.texts, encoder.words)
        texts = tuple(speller.corrected(text) for text in corpus.texts)
        return cls(corpus, speller, texts, encoder, encoder.hidden(texts, depth.lower), depth.adapted, recipe, seed)

    def trainer(self, seed: int) -> Trainer:
        """A new trainer of the upper layers."""
        upper = self.encoder.layers[len(self.encoder.layers) - self.adapted :]
        return Trainer(upper, self.hidden, len(self.corpus.labels), self.recipe, seed)


_bench: list[Bench] = []


def train_all(
    bench: Bench, fold: NDArray[np.int64], processes: int, say: Say
) -> tuple[Scores, LexicalModel, Parameters]:
    """Scores of all utterances out of models trained without their fold, and the models trained on everything."""
    count = int(fold.max()) + 1
    n, labels = len(fold), len(bench.corpus.labels)
    lexical, embedded = np.zeros((n, labels)), np.zeros((n, labels))
    _bench[:] = [bench]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        final = pool.submit(_everything)
        for k, (rows, low, high, seconds) in enumerate(pool.map(_one_fold, [(fold, k) for k in range(count)])):
            lexical[rows], embedded[rows] = low, high
            right = (high.argmax(1) == bench.corpus.of[rows]).mean()
            say(f"fold {k + 1} of {count}: embeddings alone {right:.1%}, {seconds:.0f} s")
        model, parameters, losses = final.result()
    say(f"trained on everything, loss by epoch {', '.join(f'{x:.2f}' for x in losses)}")
    return Scores(lexical, embedded), model, parameters


def _everything() -> tuple[LexicalModel, Parameters, list[float]]:
    bench = _bench[0]
    lexical = fit_lexical(bench.texts, bench.corpus.of)
    trainer = bench.trainer(bench.seed + 1000)
    losses = trainer.fit(np.arange(len(bench.corpus.texts)), bench.corpus.of)
    return lexical, trainer.w, losses


def _one_fold(
    task: tuple[NDArray[np.int64], int],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], float]:
    started, (fold, k), bench = time.monotonic(), task, _bench[0]
    train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
    corpus = bench.corpus
    lexical = fit_lexical([bench.texts[i] for i in train], corpus.of[train])
    trainer = bench.trainer(bench.seed + k)
    trainer.fit(train, corpus.of)
    low = lexical.logits([bench.texts[i] for i in test])
    return test, low, trainer.logits(test).astype(np.float64), time.monotonic() - started
