"""Which tools a sentence is about: TF-IDF and sentence embeddings over what is said of them, and a prior by intent.

Cosine of TF-IDF vectors (Salton and Buckley 1988) plus the best cosine with one of the tool's sentences (embeddings of
`matchers/encoder.py`, where their package is installed). Scope and health are applied before ranking, so a tool that
may not be used takes no place from one that may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from redaptive.orchestration.ai.tool_modeling import ToolModel, models
from redaptive.orchestration.intelligent.matchers.encoder import Encoder, packaged_encoder
from redaptive.orchestration.intelligent.matchers.ngrams import letter_ngrams, plain, word_ngrams
from redaptive.orchestration.plans.reference_types import Tools

LEXICAL: Final = 0.45
EMBEDDED: Final = 0.55
PRIOR: Final = 0.6
"""Weight of the classifier's probability beside both cosines, which are at most 1 together."""
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Hit:
    """A tool and how well it fits; 0 to about 1.6."""

    name: str
    score: float


class ToolSearch:
    """An index over tools; made once for a catalogue, then read only. Without an encoder words alone count."""

    def __init__(self, tools: Tools, encoder: Encoder | None = None) -> None:
        self._models = models(tools)
        self._names = list(self._models)
        self._encoder = encoder

    def find(
        self, text: str, *, among: Sequence[str] | None = None, prior: Mapping[str, float] | None = None, limit: int = 8
    ) -> list[Hit]:
        """The best tools, best first; `among` are those that may be used, `prior` is a probability by intent."""
        scores = LEXICAL * self._lexical(text)
        if self._encoder is not None:
            scores = scores + EMBEDDED * self._embedded(text)
        scores = scores + PRIOR * np.array([(prior or {}).get(name, 0.0) for name in self._names])
        allowed = self._names if among is None else set(among)
        order = [at for at in np.argsort(-scores, kind="stable") if self._names[at] in allowed]
        return [Hit(self._names[at], round(float(scores[at]), 4)) for at in order[:limit]]

    def _lexical(self, text: str) -> NDArray[np.float64]:
        columns, idf, weights = self._terms
        query = np.zeros(len(idf))
        for term, count in Counter(_terms_of(text)).items():
            if term in columns:
                query[columns[term]] = (1 + np.log(count)) * idf[columns[term]]
        norm = float(np.linalg.norm(query)) or 1.0
        return np.asarray(weights @ (query / norm))

    def _embedded(self, text: str) -> NDArray[np.float64]:
        assert self._encoder is not None
        owners, vectors = self._sentences
        likeness = vectors @ self._encoder.encode([text])[0]
        best = np.zeros(len(self._names))
        np.maximum.at(best, owners, likeness)
        return best

    @cached_property
    def _terms(self) -> tuple[Mapping[str, int], NDArray[np.float64], NDArray[np.float64]]:
        """Column of each term, its idf, and one unit row a tool."""
        counted = [Counter(_terms_of(self._models[name].text)) for name in self._names]
        seen = Counter(term for counts in counted for term in counts)
        columns = {term: at for at, term in enumerate(sorted(seen))}
        idf = np.array([np.log((1 + len(counted)) / (1 + seen[term])) + 1 for term in sorted(seen)])
        weights = np.zeros((len(counted), len(columns)))
        for row, counts in enumerate(counted):
            for term, count in counts.items():
                weights[row, columns[term]] = (1 + np.log(count)) * idf[columns[term]]
        norms = np.linalg.norm(weights, axis=1, keepdims=True)
        return columns, idf, weights / np.where(norms > 0, norms, 1)

    @cached_property
    def _sentences(self) -> tuple[NDArray[np.intp], Matrix]:
        """Whose each sentence is, and its vector."""
        assert self._encoder is not None
        pairs = [(at, text) for at, name in enumerate(self._names) for text in _sentences(self._models[name])]
        return np.array([at for at, _ in pairs]), self._encoder.encode([text for _, text in pairs])


def packaged_search(tools: Tools) -> ToolSearch:
    """The index over tools with the packaged encoder, or by words alone without it."""
    return ToolSearch(tools, packaged_encoder())


def _sentences(model: ToolModel) -> Iterator[str]:
    yield model.name.partition(".")[2].replace("_", " ")
    yield model.description
    yield from model.examples


def _terms_of(text: str) -> Iterator[str]:
    cleaned = plain(text)
    yield from word_ngrams(cleaned)
    yield from (f"#{piece}" for piece in letter_ngrams(cleaned) if len(piece) > 3)
