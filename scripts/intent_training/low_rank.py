"""Trains low-rank changes of the sentence encoder's upper layers and a linear head, by back-propagation in numpy.

LoRA (Hu et al. 2021, arXiv:2106.09685): every weight W (inputs x outputs) of a trained layer becomes W + A B with A of
`rank` columns; W stays as it is. Adam (Kingma and Ba 2015, arXiv:1412.6980), a linear warm-up and decay, dropout after
attention and feed-forward, label smoothing. The lower layers never change, so their output is computed once. Four
fifths of the time are products of matrices at the speed of the processor; what can be saved are texts and epochs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redaptive.orchestration.intelligent.matchers.encoder import HEADS, WIDTH, Layer, erf

F = NDArray[np.float32]
Weights = NDArray[np.float64]
Parameters = dict[str, F]

_HALF = np.float32(0.5)
_ROOT_2 = np.float32(2**0.5)
_ROOT_2PI = np.float32((2 * np.pi) ** 0.5)
PARTS = ("qkv", "out", "up", "down")
MOST_AT_START = 1500
"""The head starts at the means of the classes over so many texts at most."""


@dataclass(frozen=True)
class Recipe:
    """What is set before training starts."""

    rank: int = 16
    epochs: int = 3
    rate: float = 1.5e-3
    head_rate: float = 2e-2
    batch: int = 32
    dropout: float = 0.1
    token_dropout: float = 0.0
    smoothing: float = 0.05
    warm_up: float = 0.1
    head_scale: float = 12.0
    decay: float = 0.01


@dataclass(frozen=True)
class Worth:
    """How much each text counts, and how likely it is in an epoch, (texts,) each; one rarely taken counts the more."""

    weights: Weights
    chances: Weights

    @classmethod
    def even(cls, n: int) -> Worth:
        """`n` texts that count alike and are in each epoch."""
        return cls(np.ones(n), np.ones(n))

    def taken(self, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Those of `rows` that are in an epoch."""
        return rows if (self.chances[rows] >= 1).all() else rows[rng.random(len(rows)) < self.chances[rows]]

    def factors(self, taken: NDArray[np.int64]) -> F:
        """Factors of the loss of all texts, with a mean of one over those that are taken."""
        counted = self.weights / self.chances
        factors: F = (counted / counted[taken].mean()).astype(np.float32)
        return factors


@dataclass
class _Tape:
    """What the backward pass of a layer needs."""

    x: F
    low: dict[str, F]
    q: F
    k: F
    v: F
    p: F
    context: F
    drop1: F
    norm1: tuple[F, F]
    y: F
    u: F
    cdf: F
    g: F
    drop2: F
    norm2: tuple[F, F]


def dense(x: F, layer: Layer, part: str, w: Parameters, i: int) -> tuple[F, F]:
    """x (W + A B) + b, and x A for the backward pass."""
    base, flat = getattr(layer, part), x.reshape(-1, x.shape[-1])
    low: F = flat @ w[f"{i}.{part}.a"]
    y: F = base(flat) + low @ w[f"{i}.{part}.b"]
    return y.reshape(*x.shape[:-1], y.shape[-1]), low


def _change_back(dy: F, x: F, low: F, part: str, w: Parameters, i: int, grad: Parameters) -> F:
    """The gradients of A and B go into `grad`; that of x A comes back."""
    dy, x = dy.reshape(-1, dy.shape[-1]), x.reshape(-1, x.shape[-1])
    dlow: F = dy @ w[f"{i}.{part}.b"].T
    grad[f"{i}.{part}.b"] = low.T @ dy
    grad[f"{i}.{part}.a"] = x.T @ dlow
    return dlow


def _dense_back(dy: F, x: F, low: F, layer: Layer, part: str, w: Parameters, i: int, grad: Parameters) -> F:
    dlow = _change_back(dy, x, low, part, w, i, grad)
    dx: F = dy.reshape(-1, dy.shape[-1]) @ getattr(layer, part).weight.T
    dx += dlow @ w[f"{i}.{part}.a"].T
    return dx.reshape(x.shape)


def _normalise(x: F) -> tuple[F, F]:
    centred = x - x.mean(-1, keepdims=True)
    inverse = 1.0 / np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-12))
    return centred * inverse, inverse.astype(np.float32)


def _normalise_back(dy: F, weight: F, tape: tuple[F, F]) -> F:
    hat, inverse = tape
    d = dy * weight
    result: F = inverse * (d - d.mean(-1, keepdims=True) - hat * (d * hat).mean(-1, keepdims=True))
    return result


def _heads(x: F) -> F:
    n, t, _ = x.shape
    return x.reshape(n, t, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)


def _joined(x: F) -> F:
    n, _, t, _ = x.shape
    return np.ascontiguousarray(x.transpose(0, 2, 1, 3)).reshape(n, t, WIDTH)


def forward(x: F, mask: F, layer: Layer, w: Parameters, i: int, drop: tuple[F, F] | None) -> tuple[F, _Tape]:
    """One layer over (n, t, 384) with `mask` (n, t) of ones for tokens."""
    low: dict[str, F] = {}
    qkv, low["qkv"] = dense(x, layer, "qkv", w, i)
    q, k, v = (_heads(part) for part in np.split(qkv, 3, axis=-1))
    scores = q @ k.transpose(0, 1, 3, 2) + (mask[:, None, None, :] - 1) * np.float32(1e9)
    p = np.exp(scores - scores.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    context = _joined(p @ v)
    o, low["out"] = dense(context, layer, "out", w, i)
    one = np.float32(1.0)
    drop1, drop2 = drop if drop is not None else (np.ones(1, np.float32) * one, np.ones(1, np.float32) * one)
    norm1 = _normalise(x + o * drop1)
    y: F = norm1[0] * layer.norm.weight + layer.norm.bias
    u, low["up"] = dense(y, layer, "up", w, i)
    cdf: F = _HALF * (erf(u / _ROOT_2) + 1)
    g: F = u * cdf
    d, low["down"] = dense(g, layer, "down", w, i)
    norm2 = _normalise(y + d * drop2)
    z: F = norm2[0] * layer.norm2.weight + layer.norm2.bias
    return z, _Tape(x, low, q, k, v, p, context, drop1, norm1, y, u, cdf, g, drop2, norm2)


def backward(dz: F, tape: _Tape, layer: Layer, w: Parameters, i: int, grad: Parameters) -> F:
    """The gradient of the layer's input, none (zero) for the lowest layer; those of A and B go into `grad`."""
    dr2 = _normalise_back(dz, layer.norm2.weight, tape.norm2)
    dg = _dense_back(dr2 * tape.drop2, tape.g, tape.low["down"], layer, "down", w, i, grad)
    du = dg * (tape.cdf + tape.u * np.exp(-_HALF * tape.u * tape.u) / _ROOT_2PI)
    dy = dr2 + _dense_back(du, tape.y, tape.low["up"], layer, "up", w, i, grad)
    dr1 = _normalise_back(dy, layer.norm.weight, tape.norm1)
    dc = _heads(_dense_back(dr1 * tape.drop1, tape.context, tape.low["out"], layer, "out", w, i, grad))
    dp = dc @ tape.v.transpose(0, 1, 3, 2)
    dv = tape.p.transpose(0, 1, 3, 2) @ dc
    ds = tape.p * (dp - (dp * tape.p).sum(-1, keepdims=True))
    dq, dk = ds @ tape.k, ds.transpose(0, 1, 3, 2) @ tape.q
    dqkv = np.concatenate([_joined(dq), _joined(dk), _joined(dv)], axis=-1)
    if i == 0:
        _change_back(dqkv, tape.x, tape.low["qkv"], "qkv", w, i, grad)
        return np.zeros(1, np.float32)
    return dr1 + _dense_back(dqkv, tape.x, tape.low["qkv"], layer, "qkv", w, i, grad)


def pooled(z: F, mask: F) -> tuple[F, F]:
    """Mean of the tokens at unit length, and the length before."""
    total = np.einsum("ntw,nt->nw", z, mask)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return total / length, length


class Trainer:
    """Upper layers over cached lower outputs, with a head of one column for each class."""

    def __init__(self, layers: Sequence[Layer], hidden: Sequence[F], classes: int, recipe: Recipe, seed: int) -> None:
        self._layers, self._hidden, self._recipe = layers, hidden, recipe
        self._rng = np.random.default_rng(seed)
        self._classes = classes
        self.w: Parameters = {}
        for i, layer in enumerate(layers):
            for part in PARTS:
                inputs, outputs = getattr(layer, part).weight.shape
                a = self._rng.normal(0, inputs**-0.5, (inputs, recipe.rank))
                self.w[f"{i}.{part}.a"] = a.astype(np.float32)
                self.w[f"{i}.{part}.b"] = np.zeros((recipe.rank, outputs), np.float32)

    def fit(self, rows: NDArray[np.int64], labels: NDArray[np.int64], worth: Worth | None = None) -> list[float]:
        """Trains on the texts at `rows`; the mean loss of each epoch. `labels` and `worth` are those of all texts."""
        self._start_head(rows, labels)
        worth = worth or Worth.even(len(self._hidden))
        moments = {k: (np.zeros_like(v), np.zeros_like(v)) for k, v in self.w.items()}
        batches = -(-int(worth.chances[rows].sum()) // self._recipe.batch)
        total, step, losses = self._recipe.epochs * batches, 0, []
        for _ in range(self._recipe.epochs):
            taken, seen = worth.taken(rows, self._rng), []
            factors = worth.factors(taken)
            for batch in self._batches(taken):
                step += 1
                loss, grad = self._gradient(batch, labels[batch], factors[batch])
                self._adam(grad, moments, min(step, total), total)
                seen.append(loss)
            losses.append(float(np.mean(seen)))
        return losses

    def encode(self, rows: NDArray[np.int64]) -> F:
        """Unit-length vectors of the texts at `rows`, (n, 384)."""
        out = np.empty((len(rows), WIDTH), np.float32)
        order = sorted(range(len(rows)), key=lambda j: len(self._hidden[rows[j]]))
        for first in range(0, len(order), 64):
            places = order[first : first + 64]
            x, mask = self._padded([int(rows[j]) for j in places])
            for i, layer in enumerate(self._layers):
                x, _ = forward(x, mask, layer, self.w, i, None)
            out[places] = pooled(x, mask)[0]
        return out

    def logits(self, rows: NDArray[np.int64]) -> F:
        """Scores of the head, (n, classes)."""
        result: F = self.encode(rows) @ self.w["head"] + self.w["bias"]
        return result

    def _start_head(self, rows: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
        some = self._rng.choice(rows, min(MOST_AT_START, len(rows)), replace=False)
        vectors, of = self.encode(some), labels[some]
        means = np.stack([vectors[of == c].mean(0) for c in range(self._classes)], axis=1)
        self.w["head"] = (means * self._recipe.head_scale).astype(np.float32)
        self.w["bias"] = np.zeros(self._classes, np.float32)

    def _batches(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
        """Shuffled, with texts of like length together inside chunks, so that little is padding."""
        shuffled, size = self._rng.permutation(rows), self._recipe.batch
        batches = []
        for first in range(0, len(shuffled), size * 16):
            chunk = sorted(shuffled[first : first + size * 16], key=lambda r: len(self._hidden[r]))
            batches += [np.array(chunk[j : j + size]) for j in range(0, len(chunk), size)]
        for place in self._rng.permutation(len(batches)):
            yield batches[place]

    def _padded(self, rows: Sequence[int]) -> tuple[F, F]:
        width = max(len(self._hidden[r]) for r in rows)
        x, mask = np.zeros((len(rows), width, WIDTH), np.float32), np.zeros((len(rows), width), np.float32)
        for place, r in enumerate(rows):
            x[place, : len(self._hidden[r])], mask[place, : len(self._hidden[r])] = self._hidden[r], 1
        return x, mask

    def _gradient(self, batch: NDArray[np.int64], of: NDArray[np.int64], factors: F) -> tuple[float, Parameters]:
        x, mask = self._padded([int(r) for r in batch])
        mask = self._without_some(mask)
        tapes = []
        for i, layer in enumerate(self._layers):
            x, tape = forward(x, mask, layer, self.w, i, (self._dropped(x.shape), self._dropped(x.shape)))
            tapes.append(tape)
        unit, length = pooled(x, mask)
        loss, dlogits = self._loss(unit @ self.w["head"] + self.w["bias"], of, factors)
        grad: Parameters = {"head": unit.T @ dlogits, "bias": dlogits.sum(0)}
        dunit = dlogits @ self.w["head"].T
        dtotal = (dunit - unit * (dunit * unit).sum(1, keepdims=True)) / length
        dx = dtotal[:, None, :] * mask[..., None]
        for i in reversed(range(len(self._layers))):
            dx = backward(dx, tapes[i], self._layers[i], self.w, i, grad)
        return loss, grad

    def _without_some(self, mask: F) -> F:
        """Hides a share of the tokens from attention and mean; the first token always stays."""
        if not self._recipe.token_dropout:
            return mask
        kept = self._rng.random(mask.shape, dtype=np.float32) >= self._recipe.token_dropout
        kept[:, 0] = True
        return mask * kept

    def _dropped(self, shape: tuple[int, ...]) -> F:
        keep = 1 - self._recipe.dropout
        return (self._rng.random(shape, dtype=np.float32) < keep).astype(np.float32) / np.float32(keep)

    def _loss(self, logits: F, of: NDArray[np.int64], factors: F) -> tuple[float, F]:
        shifted = logits - logits.max(1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        target = np.full_like(log_p, self._recipe.smoothing / self._classes)
        target[np.arange(len(of)), of] += 1 - self._recipe.smoothing
        slope: F = factors[:, None] * (np.exp(log_p) - target) / len(of)
        return float(-(factors[:, None] * target * log_p).sum(1).mean()), slope.astype(np.float32)

    def _adam(self, grad: Parameters, moments: dict[str, tuple[F, F]], step: int, total: int) -> None:
        moments |= {k: (np.zeros_like(v), np.zeros_like(v)) for k, v in self.w.items() if k not in moments}
        warm = max(1, int(self._recipe.warm_up * total))
        slope = min(1.0, step / warm) * (1 - max(0, step - warm) / max(1, total - warm))
        for name, g in grad.items():
            m, v = moments[name]
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            rate = slope * (self._recipe.head_rate if name in ("head", "bias") else self._recipe.rate)
            step_size = rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
            self.w[name] -= (step_size + rate * self._recipe.decay * self.w[name]).astype(np.float32)
