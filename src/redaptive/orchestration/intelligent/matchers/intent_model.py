"""The trained classifier: term weights and sentence embeddings, each with a linear head, joined by their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaptive.errors import Unavailable
from redaptive.orchestration.intelligent.matchers.encoder import (
    Dense,
    Encoder,
    Layer,
    MiniLmEncoder,
    packaged_encoder,
)
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE, Mode, ModelCard, Thresholds
from redaptive.orchestration.intelligent.matchers.spelling import Speller
from redaptive.orchestration.intelligent.matchers.tfidf import TfIdf, text_lines

Scores = NDArray[np.float64]
ARRAYS: Final = "intents.npz"
CARD: Final = "intents.json"
ADAPTED: Final = ("qkv", "out", "up", "down")


@dataclass(frozen=True)
class LinearHead:
    """Scores = features x weights + bias, one column for each label."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True)
class Lexical:
    """Term weights with their head."""

    terms: TfIdf
    head: LinearHead

    def logits(self, text: str) -> Scores:
        """Unscaled scores of all labels."""
        found = self.terms.weigh(text)
        return np.asarray(found.weights @ self.head.weights[found.columns] + self.head.bias, dtype=np.float64)


@dataclass(frozen=True)
class Embedded:
    """The adapted encoder with its head."""

    encoder: Encoder
    head: LinearHead

    def logits(self, text: str) -> Scores:
        """Unscaled scores of all labels."""
        return np.asarray(self.encoder.encode([text])[0] @ self.head.weights + self.head.bias, dtype=np.float64)


@dataclass(frozen=True)
class IntentModel:
    """Probabilities of the labels for a sentence; `mode` says which of the two ways made them."""

    card: ModelCard
    speller: Speller
    lexical: Lexical
    embedded: Embedded | None

    @property
    def mode(self) -> Mode:
        """hybrid with embeddings, else lexical."""
        return "lexical" if self.embedded is None else "hybrid"

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds of the present mode."""
        return self.card.thresholds[self.mode]

    def probabilities(self, text: str) -> Scores:
        """One probability for each label of the card, in its order; they add up to one."""
        corrected = self.speller.corrected(text)
        lexical = self.lexical.logits(corrected)
        embedded = None if self.embedded is None else self.embedded.logits(corrected)
        return joined(lexical, embedded, self.thresholds, self.card.labels.index(OUT_OF_SCOPE))


def joined(lexical: Scores, embedded: Scores | None, thresholds: Thresholds, out_of_scope: int) -> Scores:
    """Calibrated probabilities out of both heads' scores and the bias of refusal; for one row or many."""
    z = thresholds.lexical_weight * log_softmax(lexical)
    if embedded is not None:
        z = z + thresholds.embedding_weight * log_softmax(embedded)
    z = z / thresholds.temperature
    z[..., out_of_scope] += thresholds.out_of_scope_bias
    return np.asarray(np.exp(log_softmax(z)))


def log_softmax(z: Scores) -> Scores:
    """Logarithms of the probabilities along the last axis."""
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


@cache
def packaged_model(*, embeddings: bool = True) -> IntentModel:
    """The model of this release; without `embeddings`, or where their package is absent, the lexical one."""
    with as_file(files("redaptive.reference").joinpath("language", "model")) as folder:
        return load_model(folder, packaged_encoder() if embeddings else None)


def load_model(folder: Path, encoder: MiniLmEncoder | None) -> IntentModel:
    """The model in a folder; raises Unavailable where it is missing or was trained on another encoder."""
    try:
        card = ModelCard.model_validate_json((folder / CARD).read_bytes())
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"The intent model cannot be read: {error}.",
            field=str(folder),
            fix="Install the package again, or train it with `python scripts/train_intents.py`.",
        ) from error
    head = LinearHead(arrays["lexical.weights"] * arrays["lexical.scale"], arrays["lexical.bias"])
    lexical = Lexical(TfIdf.stored(arrays), head)
    embedded = None if encoder is None else _embedded(arrays, encoder, card)
    speller = Speller.of(text_lines(arrays["spelling.wanted"]), text_lines(arrays["spelling.others"]))
    return IntentModel(card, speller, lexical, embedded)


def _embedded(arrays: Mapping[str, NDArray[np.float32]], encoder: MiniLmEncoder, card: ModelCard) -> Embedded:
    head = LinearHead(arrays["embedded.weights"].astype(np.float32), arrays["embedded.bias"])
    changes = {k: v.astype(np.float32) for k, v in arrays.items() if k.endswith((".a", ".b"))}
    upper = encoder.layers[len(encoder.layers) - card.adapted_layers :]
    return Embedded(encoder.adapted(changed_layers(upper, changes), card.lower_layers), head)


def changed_layers(layers: Sequence[Layer], changes: Mapping[str, NDArray[np.float32]]) -> tuple[Layer, ...]:
    """The layers with each weight W replaced by W + A B, where `changes` holds "i.part.a" and "i.part.b"."""
    return tuple(_changed(layer, i, changes) for i, layer in enumerate(layers))


def _changed(layer: Layer, i: int, changes: Mapping[str, NDArray[np.float32]]) -> Layer:
    def part(name: str) -> Dense:
        dense: Dense = getattr(layer, name)
        return Dense(dense.weight + changes[f"{i}.{name}.a"] @ changes[f"{i}.{name}.b"], dense.bias)

    qkv, out, up, down = (part(name) for name in ADAPTED)
    return Layer(qkv=qkv, out=out, norm=layer.norm, up=up, down=down, norm2=layer.norm2)
