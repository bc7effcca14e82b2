"""Trains the encoder's upper layers for refusals: on all authors, and without some whose sentences set the thresholds.

What a stranger's sentences meet can only be seen with layers, words and head that never saw that author. The layers
without a group of authors are kept in a file outside the package, because training them again takes minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intent_training.low_rank import F, Parameters, Recipe, Trainer, Worth
from redaptive.orchestration.intelligent.matchers.encoder import MiniLmEncoder


@dataclass(frozen=True)
class Upper:
    """What all trainings share: the texts as the lower layers leave them, (tokens, 384) each, and their worth."""

    encoder: MiniLmEncoder
    lower: int
    hidden: Sequence[F]
    of: NDArray[np.int64]
    worth: Worth
    recipe: Recipe
    seed: int

    def trained(self, rows: NDArray[np.int64]) -> Parameters:
        """The changes of the layers above the first `lower` ones, learned from the texts at `rows`."""
        trainer = self._trainer()
        for epoch, loss in enumerate(trainer.fit(rows, self.of, self.worth), 1):
            print(f"epoch {epoch} of {self.recipe.epochs}: loss {loss:.3f}", file=sys.stderr)
        return {name: part.astype(np.float16) for name, part in trainer.w.items() if name.endswith((".a", ".b"))}

    def vectors(self, layers: Parameters) -> F:
        """The unit-length vectors of all texts by changed layers, (texts, 384)."""
        trainer = self._trainer()
        trainer.w = {name: part.astype(np.float32) for name, part in layers.items()}
        return trainer.encode(np.arange(len(self.hidden)))

    def _trainer(self) -> Trainer:
        classes = int(self.of.max()) + 1
        return Trainer(self.encoder.layers[self.lower :], self.hidden, classes, self.recipe, self.seed)


def write_layers(path: Path, version: str, groups: Sequence[Parameters]) -> None:
    """Keeps the layers of each group of authors, for the training `version`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    named = {f"{k}/{name}": part for k, layers in enumerate(groups) for name, part in layers.items()}
    np.savez_compressed(path, allow_pickle=False, version=np.array(version), **named)


def read_layers(path: Path, version: str, groups: int) -> list[Parameters] | None:
    """The layers of each group as kept in a file, None where there is none or it is of another training."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["version"]) != version:
            return None
        return [
            {name.partition("/")[2]: stored[name] for name in stored.files if name.startswith(f"{k}/")}
            for k in range(groups)
        ]
