"""Term weights of a sentence: sublinear TF-IDF of words and letters, each block of unit length, without scikit-learn.

tf = 1 + ln(count); weight = tf x idf with the smoothed idf = ln((1 + n) / (1 + df)) + 1 of the training data; then unit
length. Source: scikit-learn user guide 6.2.3.4, `TfidfVectorizer(sublinear_tf=True)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redaptive.orchestration.intelligent.matchers.ngrams import letter_ngrams, plain, word_ngrams

Weights = NDArray[np.float64]
Analyzer = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class TermWeights:
    """The terms of one sentence that a vocabulary knows: their columns and weights."""

    columns: NDArray[np.int64]
    weights: Weights


@dataclass(frozen=True)
class Vocabulary:
    """One block of terms with their columns, from `first` on, and their idf."""

    analyzer: Analyzer
    columns: Mapping[str, int]
    idf: Weights
    first: int = 0

    @classmethod
    def of(cls, analyzer: Analyzer, terms: Sequence[str], idf: Weights, first: int = 0) -> Vocabulary:
        """The vocabulary whose i-th term has column `first` + i."""
        return cls(analyzer, {term: i for i, term in enumerate(terms)}, idf, first)

    def weigh(self, text: str) -> TermWeights:
        """The unit-length weights of `text`; no columns where no term is known."""
        counts = Counter(c for c in map(self.columns.get, self.analyzer(text)) if c is not None)
        columns = np.fromiter(counts, dtype=np.int64, count=len(counts))
        tf = 1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))
        weights = tf * self.idf[columns]
        norm = float(np.linalg.norm(weights)) or 1.0
        return TermWeights(columns + self.first, weights / norm)


@dataclass(frozen=True)
class TfIdf:
    """Words and letters side by side."""

    words: Vocabulary
    letters: Vocabulary

    @classmethod
    def of(cls, words: Sequence[str], letters: Sequence[str], idf: Weights) -> TfIdf:
        """Both vocabularies; `idf` holds the words' values, then the letters'."""
        n = len(words)
        return cls(Vocabulary.of(word_ngrams, words, idf[:n]), Vocabulary.of(letter_ngrams, letters, idf[n:], first=n))

    @classmethod
    def stored(cls, arrays: Mapping[str, NDArray[np.generic]]) -> TfIdf:
        """Both vocabularies out of an artifact: `words` and `letters` as text, and their `idf`."""
        words, letters = (text_lines(arrays[name]) for name in ("words", "letters"))
        return cls.of(words, letters, arrays["idf"].astype(np.float64))

    def weigh(self, text: str) -> TermWeights:
        """The weights of a sentence as people type it."""
        cleaned = plain(text)
        words, letters = self.words.weigh(cleaned), self.letters.weigh(cleaned)
        return TermWeights(
            np.concatenate([words.columns, letters.columns]), np.concatenate([words.weights, letters.weights])
        )


def text_lines(stored: NDArray[np.generic]) -> list[str]:
    """The lines of a text that an artifact holds as bytes.

    >>> text_lines(np.frombuffer(b"peak\nload", dtype=np.uint8))
    ['peak', 'load']
    """
    return bytes(stored).decode().split("\n")
