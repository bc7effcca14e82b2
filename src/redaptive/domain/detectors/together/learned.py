"""The score of a reading with what small trees learned of injected events: how likely it is changed by 10 % and more.

Idea: the root of the product of the hand-made score (`strangeness`) and of the odds that boosted trees give to the
traits of the reading, on the scale of the hand-made one. The trees were trained on development buildings only, and by
no feature that tells when an event was put in. Failure mode: events unlike those of the training are found by the
hand-made half alone, and flagged less. Source: ours, gradient boosting (Friedman 2001); how a reading falls through a
tree is found from the tests that it fails (QuickScorer, Lucchese et al. 2015).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from redaptive.domain.detectors.together.first_days import Floats
from redaptive.domain.detectors.together.fleet import FLAG_SCORE
from redaptive.domain.detectors.together.traits import Traited

LEAVES: Final = 16
"""Most leaves of a tree: as many bits as the mask of its leaves has."""
CHUNK: Final = 8192
RAISED: Final = 0.3
GROSS: Final = 2.0 * FLAG_SCORE
"""A hand-made score that flags a reading whatever its odds: trees saw real failures that nobody labelled."""
MOST: Final = 100.0


class Trees(NamedTuple):
    """Trees of up to 16 leaves, numbered from the left, as arrays.

    `feature`, `threshold` and `left` are (trees, 15): a trait above the threshold leaves no leaf on the left of the
    test, so the bits of `left` go (all bits set: no test). `values` is (trees, 16), `start` what they are added to, and
    `scale` what makes odds comparable with the hand-made score.
    """

    feature: npt.NDArray[np.int16]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.uint16]
    values: npt.NDArray[np.float32]
    start: float
    scale: float


_LOWEST: Final = np.zeros(1 << LEAVES, np.uint8)
for _bit in reversed(range(LEAVES)):
    _LOWEST[np.arange(1 << _bit, 1 << LEAVES, 2 << _bit)] = _bit


def log_odds(trees: Trees, traits: Traited) -> Floats:
    """Of each reading; `traits` is (traits, readings). The same for a reading whatever stands beside it."""
    found = np.full(traits.shape[1], trees.start)
    for low in range(0, traits.shape[1], CHUNK):
        part = np.ascontiguousarray(traits[:, low : low + CHUNK])
        sums = found[low : low + CHUNK]
        for feature, threshold, left, values in zip(
            trees.feature, trees.threshold, trees.left, trees.values, strict=True
        ):
            leaves = np.full(part.shape[1], 0xFFFF, np.uint16)
            for trait, limit, gone in zip(feature, threshold, left, strict=True):
                leaves &= ~((part[trait] > limit) * gone)
            sums += values[_LOWEST[leaves]]
    return found


def learned_score(trees: Trees, score: Floats, traits: Traited) -> Floats:
    """Scores from 0 to 100 by the hand-made scores and the traits of readings; what scored 0 does still."""
    return lifted(product(trees, score, traits), score)


def product(trees: Trees, score: Floats, traits: Traited) -> Floats:
    """The root of hand-made score times odds, on a scale that ends at 100."""
    both = np.sqrt((score + RAISED) * trees.scale * np.exp(log_odds(trees, traits)))
    found: Floats = np.where(score > 0, MOST * both / (MOST + both), 0.0)
    return found


def lifted(found: Floats, score: Floats) -> Floats:
    """Scores where what is gross by hand is flagged in any case, a little above the limit."""
    return np.maximum(found, np.where(score >= GROSS, FLAG_SCORE + score / MOST, 0.0))
