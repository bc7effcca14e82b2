"""How much a sentence sounds like one that must not be obeyed, or like one that nothing here can fulfil.

Two scores, `unsafe` and `infeasible`: a linear one over words and letters and, where the sentence encoder is installed,
one over its embedding by a small network, added in units of their spread over honest sentences. Trained by
`scripts/train_refusals.py` on the sentences of `reference/language/refusals`, against honest ones that use the same
words and all training utterances of the intents. It catches wordings that no rule knows; the rules catch what it cannot
weigh. Codes, dates and addresses are masked for the words: which meter it is says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from redaptive.errors import Unavailable
from redaptive.orchestration.intelligent.matchers.encoder import Encoder, packaged_encoder
from redaptive.orchestration.intelligent.matchers.model_card import Mode
from redaptive.orchestration.intelligent.matchers.tfidf import TfIdf

Label = Literal["unsafe", "infeasible"]
Scores = NDArray[np.float64]
LABELS: Final[tuple[Label, ...]] = ("unsafe", "infeasible")
ARRAYS: Final = "policy.npz"
CARD: Final = "policy.json"
_CODES: Final = re.compile(
    r"(?P<name>(?<!\w)[\"'“‘]\w+(?:\s\w+){0,2}[\"'”’](?!\w))|"
    r"(?P<mail>[\w.+-]+@[\w.-]+)|(?P<web>https?://\S+)|(?P<date>\b\d{4}-\d\d(?:-\d\d)?(?:t[\d:]+z?)?\b)|"
    r"(?P<code>\b(?=[\w-]*\d)[a-z]{1,6}(?:-[a-z]{1,5})*-\d[\w-]*\b)|(?P<figure>\b\d[\d,.]*\b)",
    re.IGNORECASE,
)
_MASKS: Final = {
    "name": "aname",
    "mail": "mailaddr",
    "web": "weblink",
    "date": "isodate",
    "code": "acode",
    "figure": "0",
}


class Marks(BaseModel):
    """Thresholds of one score, and the shares of held-out sentences above them.

    Above `refuse` a sentence is refused; above `hesitate` it is refused where it would only become a question; above
    `gate` every effect of its plan waits for an approval. `honest` and `caught` are the shares of honest sentences and
    of those of the label above the three, in this order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    refuse: float
    hesitate: float
    gate: float
    honest: tuple[float, float, float]
    caught: tuple[float, float, float]


class PolicyCard(BaseModel):
    """What the weights were trained on, and by mode and label their thresholds, set by cross-validation.

    `means` and `spreads` are those of honest held-out sentences by label: of the words' score, then the network's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    data_sha256: str
    sentences: dict[str, int]
    means: dict[Label, tuple[float, float]]
    spreads: dict[Label, tuple[float, float]]
    marks: dict[Mode, dict[Label, Marks]]


@dataclass(frozen=True, eq=False)
class Network:
    """One layer of rectified units over the embedding; a column of scores for each label."""

    encoder: Encoder
    inner: NDArray[np.float32]
    inner_bias: NDArray[np.float32]
    outer: NDArray[np.float32]
    outer_bias: NDArray[np.float32]

    def scores(self, text: str) -> Scores:
        """How much more each label is likely than an honest sentence, as a logarithm of odds."""
        units = np.maximum(self.encoder.encode([told(text)])[0] @ self.inner + self.inner_bias, 0.0)
        return np.asarray(units @ self.outer + self.outer_bias, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class PolicyModel:
    """Term weights with one hyperplane for each label, and the network over embeddings where there is an encoder."""

    card: PolicyCard
    terms: TfIdf
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    network: Network | None = None

    @property
    def mode(self) -> Mode:
        """hybrid with embeddings, else lexical."""
        return "lexical" if self.network is None else "hybrid"

    def marks(self, label: Label) -> Marks:
        """The thresholds of a label in the present mode."""
        return self.card.marks[self.mode][label]

    def score(self, text: str, label: Label = "unsafe") -> float:
        """How far the sentence lies from honest ones, in units of their spread."""
        return float(_scores(self, text)[LABELS.index(label)])

    def refuses(self, text: str, label: Label = "unsafe") -> bool:
        """Whether the sentence sounds so much like the label that it is refused."""
        return self.score(text, label) > self.marks(label).refuse

    def hesitates(self, text: str, label: Label = "unsafe") -> bool:
        """Whether it is refused where it would only become a question."""
        return self.score(text, label) > self.marks(label).hesitate

    def doubts(self, text: str) -> bool:
        """Whether the sentence sounds unsafe enough that a person shall confirm its effects."""
        return self.score(text) > self.marks("unsafe").gate


@lru_cache(maxsize=256)
def _scores(model: PolicyModel, text: str) -> Scores:
    """The scores of all labels."""
    found = model.terms.weigh(masked(text))
    parts = [found.weights @ model.weights[found.columns] + model.bias]
    if model.network is not None:
        parts.append(model.network.scores(text))
    means, spreads = (np.array([each[label] for label in LABELS]) for each in (model.card.means, model.card.spreads))
    return joined(np.stack(parts, axis=-1), means, spreads)


def joined(parts: Scores, means: Scores, spreads: Scores) -> Scores:
    """The sum over the last axis of scores in units of their spread; for one sentence or many."""
    n = parts.shape[-1]
    return np.asarray(((parts - means[..., :n]) / spreads[..., :n]).sum(axis=-1))


def masked(text: str) -> str:
    """The text with codes, dates, figures and addresses replaced by words for them.

    >>> masked("mail DOC-17 of 2025-03-01 to a@b.example, 40 pages")
    'mail acode of isodate to mailaddr, 0 pages'
    """
    return _CODES.sub(lambda match: _MASKS[str(match.lastgroup)], text)


def told(text: str) -> str:
    """The text for the encoder: masked, and without the mark at its end, which is a habit of the writer.

    >>> told("Audit DOC-17, please.")
    'Audit acode, please'
    """
    return masked(text).rstrip(" .!?")


@cache
def packaged_policy() -> PolicyModel:
    """The model of this release, read once for each process."""
    with as_file(files("redaptive.reference").joinpath("language", "refusals")) as folder:
        return load_policy(folder, packaged_encoder())


def load_policy(folder: Path, encoder: Encoder | None = None) -> PolicyModel:
    """The model in a folder; without an encoder it weighs words and letters only.

    :raises Unavailable: it is missing or cannot be read.
    """
    try:
        card = PolicyCard.model_validate_json((folder / CARD).read_bytes())
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            terms = TfIdf.stored(stored)
            weights = stored["weights"].astype(np.float32) * stored["scale"]
            layers = [
                stored[f"net.{name}"].astype(np.float32) for name in ("inner", "inner_bias", "outer", "outer_bias")
            ]
            network = None if encoder is None else Network(encoder, *layers)
            return PolicyModel(card, terms, weights, stored["bias"].astype(np.float32), network)
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(
            f"The policy model cannot be read: {error}.",
            field=str(folder),
            fix="Run python scripts/train_refusals.py, or install the package again.",
        ) from error
