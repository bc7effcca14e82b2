"""How much a sentence sounds like one that must not be obeyed: a linear score over its words and letters.

Trained by `scripts/train_refusals.py` on the unsafe sentences of `reference/language/refusals`, against honest ones
that use the same words and all training utterances of the intents. It catches wordings that no rule knows; the rules of
`policy_acts` catch what it cannot weigh. Codes, dates and addresses are masked: which meter it is says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from redaptive.errors import Unavailable
from redaptive.orchestration.intelligent.matchers.tfidf import TfIdf

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


class PolicyCard(BaseModel):
    """What the weights were trained on, and their thresholds, set by cross-validation on the training sentences.

    `refuse`: scores above it are refused; `gate`: above it every effect waits for an approval. The shares are those of
    held-out sentences: honest ones above each threshold, and unsafe ones above each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    data_sha256: str
    unsafe: int
    honest: int
    refuse: float
    gate: float
    honest_refused: float
    honest_gated: float
    unsafe_refused: float
    unsafe_gated: float


@dataclass(frozen=True)
class PolicyModel:
    """Term weights with one hyperplane."""

    card: PolicyCard
    terms: TfIdf
    weights: NDArray[np.float32]
    bias: float

    def score(self, text: str) -> float:
        """The distance from the hyperplane; positive on the side of unsafe sentences."""
        found = self.terms.weigh(masked(text))
        return float(found.weights @ self.weights[found.columns]) + self.bias

    def refuses(self, text: str) -> bool:
        """Whether the sentence sounds so unsafe that it is refused."""
        return self.score(text) > self.card.refuse

    def doubts(self, text: str) -> bool:
        """Whether the sentence sounds unsafe enough that a person shall confirm its effects."""
        return self.score(text) > self.card.gate


def masked(text: str) -> str:
    """The text with codes, dates, figures and addresses replaced by words for them.

    >>> masked("mail DOC-17 of 2025-03-01 to a@b.example, 40 pages")
    'mail acode of isodate to mailaddr, 0 pages'
    """
    return _CODES.sub(lambda match: _MASKS[str(match.lastgroup)], text)


@cache
def packaged_policy() -> PolicyModel:
    """The model of this release, read once for each process."""
    with as_file(files("redaptive.reference").joinpath("language", "refusals")) as folder:
        return load_policy(folder)


def load_policy(folder: Path) -> PolicyModel:
    """The model in a folder.

    :raises Unavailable: it is missing or cannot be read.
    """
    try:
        card = PolicyCard.model_validate_json((folder / CARD).read_bytes())
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            words, letters = (bytes(stored[name]).decode().split("\n") for name in ("words", "letters"))
            terms = TfIdf.of(words, letters, stored["idf"].astype(np.float64))
            weights = stored["weights"].astype(np.float32) * stored["scale"]
            return PolicyModel(card, terms, weights, float(stored["bias"]))
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(
            f"The policy model cannot be read: {error}.",
            field=str(folder),
            fix="Run python scripts/train_refusals.py, or install the package again.",
        ) from error
