"""Chooses weights, temperature and thresholds of a mode on held-out scores, and measures them there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from intent_training.corpus import Corpus
from intent_training.held_out import Scores
from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import intents
from redaptive.orchestration.intelligent.matchers.intent_model import joined, log_softmax
from redaptive.orchestration.intelligent.matchers.model_card import CrossValidation, Mode, Thresholds

WANTED_GENERAL, WANTED_NEAR, WANTED_COVERAGE, WANTED_ACCURACY = 0.92, 0.80, 0.90, 0.97
WRITE_EXTRA = 0.1
_START = np.log([5.0, 1.0])  # distances to the hyperplanes are of the order of one
_MARGINS = np.arange(0.0, 0.95, 0.01)


@dataclass(frozen=True)
class Outcome:
    """What the policy makes of each held-out utterance."""

    best: NDArray[np.int64]
    margin: NDArray[np.float64]
    refused: NDArray[np.bool_]
    answered: NDArray[np.bool_]


def calibrate(corpus: Corpus, scores: Scores, mode: Mode) -> Thresholds:
    """The thresholds of a mode: weights by least log-loss, then the bias of refusal, then the margins."""
    weights = _weights(corpus, scores, mode)
    biased = _with_bias(corpus, scores, weights)
    return _with_margins(corpus, scores, biased)


def outcome(corpus: Corpus, scores: Scores, thresholds: Thresholds) -> Outcome:
    """Act, ask or refuse for each utterance by the policy of the product."""
    p = probabilities(corpus, scores, thresholds)
    top = np.sort(p, axis=1)[:, -2:]
    best, margin = p.argmax(1), top[:, 1] - top[:, 0]
    refused = best == corpus.out_of_scope
    writes = np.array([label in intents() and not intents()[label].reads_only for label in corpus.labels])
    wanted = np.where(writes[best], thresholds.write_margin, thresholds.least_margin)
    return Outcome(best, margin, refused, ~refused & (margin >= wanted))


def probabilities(corpus: Corpus, scores: Scores, thresholds: Thresholds) -> NDArray[np.float64]:
    """Calibrated probabilities, (n, labels)."""
    embedded = scores.embedded if thresholds.embedding_weight else None
    return joined(scores.lexical, embedded, thresholds, corpus.out_of_scope)


def measure(corpus: Corpus, scores: Scores, thresholds: Thresholds, folds: int) -> CrossValidation:
    """The figures of the card."""
    p, seen = probabilities(corpus, scores, thresholds), outcome(corpus, scores, thresholds)
    inside, sources = corpus.of != corpus.out_of_scope, corpus.kinds
    right = seen.best == corpus.of
    top3 = (np.argsort(-p, axis=1)[:, :3] == corpus.of[:, None]).any(1)
    return CrossValidation(
        folds=folds,
        top1=_share(right[inside]),
        top3=_share(top3[inside]),
        answered_accuracy=_share(right[inside & seen.answered]),
        coverage=_share(seen.answered[inside]),
        out_of_scope_recall_general=_share(seen.refused[sources == "out_of_scope_general"]),
        out_of_scope_recall_near=_share(seen.refused[sources == "out_of_scope_near"]),
        out_of_scope_recall_new_topics=_share(seen.refused[corpus.in_topics]),
        wrongly_refused=_share(seen.refused[inside]),
        calibration_error=_calibration_error(p.max(1), right),
    )


def _share(of: NDArray[np.bool_]) -> float:
    return round(float(of.mean()), 4) if of.size else 0.0


def _weights(corpus: Corpus, scores: Scores, mode: Mode) -> Thresholds:
    """Weights that add up to one and a temperature, by least negative log-likelihood."""
    low, high, rows = log_softmax(scores.lexical), log_softmax(scores.embedded), np.arange(len(corpus.of))

    def loss(x: NDArray[np.float64]) -> float:
        z = np.exp(x[0]) * low + (np.exp(x[1]) * high if mode == "hybrid" else 0.0)
        return float(-log_softmax(z)[rows, corpus.of].mean())

    a, b = np.exp(minimize(loss, _START, method="Nelder-Mead", options={"maxiter": 120}).x)
    b = float(b) if mode == "hybrid" else 0.0
    total = float(a) + b
    return Thresholds(
        temperature=round(1 / total, 4),
        lexical_weight=round(float(a) / total, 4),
        embedding_weight=round(b / total, 4),
        out_of_scope_bias=0.0,
        least_margin=0.0,
        write_margin=0.0,
    )


def _with_bias(corpus: Corpus, scores: Scores, start: Thresholds) -> Thresholds:
    """The smallest bias, so the fewest wrong refusals, with which both kinds of negatives are refused often enough.

    Those near the domain are the ones of held-out topics, where there are any: a stranger's topics are new as well.
    """
    general, near = corpus.kinds == "out_of_scope_general", corpus.kinds == "out_of_scope_near"
    near = corpus.in_topics if corpus.in_topics.any() else near
    for bias in np.arange(-1.0, 4.01, 0.05):
        tried = start.model_copy(update={"out_of_scope_bias": round(float(bias), 2)})
        refused = probabilities(corpus, scores, tried).argmax(1) == corpus.out_of_scope
        if refused[general].mean() >= WANTED_GENERAL and refused[near].mean() >= WANTED_NEAR:
            return tried
    return tried


def _with_margins(corpus: Corpus, scores: Scores, start: Thresholds) -> Thresholds:
    """The smallest margin with the wanted accuracy while coverage holds, else the largest that covers enough."""
    inside = corpus.of != corpus.out_of_scope
    chosen = start.model_copy(update={"write_margin": WRITE_EXTRA})
    for margin in _MARGINS:
        values = {"least_margin": round(float(margin), 2), "write_margin": round(float(margin) + WRITE_EXTRA, 2)}
        tried = start.model_copy(update=values)
        seen = outcome(corpus, scores, tried)
        answered = inside & seen.answered
        if answered.sum() < WANTED_COVERAGE * inside.sum():
            break
        chosen = tried
        if (seen.best == corpus.of)[answered].mean() >= WANTED_ACCURACY:
            break
    return chosen


def _calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017, arXiv:1706.04599): mean distance of confidence and accuracy."""
    of = np.minimum((confidence * bins).astype(int), bins - 1)
    parts = [(of == b, (of == b).mean()) for b in range(bins) if (of == b).any()]
    return round(float(sum(w * abs(right[m].mean() - confidence[m].mean()) for m, w in parts)), 4)


def accuracy_at(
    corpus: Corpus, scores: Scores, thresholds: Thresholds, margins: list[float]
) -> list[tuple[float, float, float]]:
    """(margin, coverage, accuracy when answered) for the report."""
    seen, inside = outcome(corpus, scores, thresholds), corpus.of != corpus.out_of_scope
    rows = []
    for margin in margins:
        kept = inside & ~seen.refused & (seen.margin >= margin)
        rows.append((margin, float(kept.sum() / inside.sum()), float((seen.best == corpus.of)[kept].mean())))
    return rows
