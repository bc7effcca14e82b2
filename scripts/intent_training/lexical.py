"""Trains the term-weight model with scikit-learn and packs it small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from redaptive.orchestration.intelligent.matchers.ngrams import SIZES, plain

INVERSE_PENALTY = 30.0
_ITERATIONS, _TOLERANCE = 200, 1e-3


@dataclass(frozen=True)
class LexicalModel:
    """Vectoriser and logistic regression over all labels."""

    union: FeatureUnion
    regression: LogisticRegression

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores of the labels, (n, labels)."""
        return np.asarray(self.regression.decision_function(self.union.transform(texts)))


def vectoriser() -> FeatureUnion:
    """scikit-learn's twin of `matchers/tfidf.py`."""
    shared = {"preprocessor": plain, "sublinear_tf": True, "min_df": 2}
    return FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), **shared)),
            ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(SIZES[0], SIZES[-1]), **shared)),
        ]
    )


def fit_lexical(texts: Sequence[str], of: NDArray[np.int64]) -> LexicalModel:
    """The model of these texts."""
    union = vectoriser()
    features = csr_matrix(union.fit_transform(texts))
    regression = LogisticRegression(C=INVERSE_PENALTY, max_iter=_ITERATIONS, tol=_TOLERANCE).fit(features, of)
    return LexicalModel(union, regression)


def packed(model: LexicalModel) -> dict[str, NDArray[np.generic]]:
    """Arrays of the artifact: terms as text, weights as signed bytes with one scale for each label."""
    words, letters = (step for _, step in model.union.transformer_list)
    weights = model.regression.coef_.T  # (terms, labels)
    scale = np.abs(weights).max(axis=0, keepdims=True) / 127.0
    return {
        "words": _text(words),
        "letters": _text(letters),
        "idf": np.concatenate([words.idf_, letters.idf_]).astype(np.float32),
        "lexical.weights": np.round(weights / scale).astype(np.int8),
        "lexical.scale": scale.astype(np.float32),
        "lexical.bias": model.regression.intercept_.astype(np.float32),
    }


def _text(vectorizer: TfidfVectorizer) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(vectorizer.get_feature_names_out()).encode(), dtype=np.uint8)
