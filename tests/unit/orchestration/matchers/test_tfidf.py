"""Term weights and lexical scores against scikit-learn, which is not there at run time."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from redaptive.orchestration.intelligent.matchers.intent_model import Lexical, LinearHead
from redaptive.orchestration.intelligent.matchers.ngrams import plain
from redaptive.orchestration.intelligent.matchers.tfidf import TfIdf

sklearn_text = pytest.importorskip("sklearn.feature_extraction.text")
linear_model = pytest.importorskip("sklearn.linear_model")
pipeline = pytest.importorskip("sklearn.pipeline")

TRAINING = [
    "Which Chicago offices waste the most at night?",
    "load factor of meter 4711 last month, please",
    "What's the NPV of the LED job at 8 %?",
    "load shape for the main meter",
    "npv and payback of the chiller project",
    "meter's offline since Tuesday — why?",
    "offices that waste power at night",
    "é façade naïve Straße ﬁne",
]
ASKED = [
    *TRAINING,
    "load load load factor of the offices",
    "nothing known: zzz qqq",
    "a b c d",
    "",
    "NPV\tof\nthe   LED’s meter 12",
    "kW kWh kVA m² 42°F",
]


@pytest.fixture(scope="module")
def union() -> object:
    made = pipeline.FeatureUnion(
        [
            ("words", sklearn_text.TfidfVectorizer(preprocessor=plain, sublinear_tf=True, ngram_range=(1, 2))),
            (
                "letters",
                sklearn_text.TfidfVectorizer(
                    preprocessor=plain, sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5)
                ),
            ),
        ]
    )
    return made.fit(TRAINING)


def _ours(union: object) -> TfIdf:
    words, letters = (step for _, step in union.transformer_list)  # type: ignore[attr-defined]
    return TfIdf.of(
        list(words.get_feature_names_out()),
        list(letters.get_feature_names_out()),
        np.concatenate([words.idf_, letters.idf_]),
    )


@pytest.mark.parametrize("text", ASKED)
def test_weights_are_those_of_scikit_learn(union: object, text: str) -> None:
    expected = union.transform([text]).toarray()[0]  # type: ignore[attr-defined]
    found = _ours(union).weigh(text)
    dense = np.zeros_like(expected)
    dense[found.columns] = found.weights
    assert np.abs(dense - expected).max() < 1e-9


def test_scores_are_those_of_scikit_learns_regression(union: object) -> None:
    labels = [0, 1, 2, 1, 2, 1, 0, 0]
    features = union.transform(TRAINING)  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        regression = linear_model.LogisticRegression(C=30.0, max_iter=500).fit(features, labels)
    head = LinearHead(regression.coef_.T, regression.intercept_)
    lexical = Lexical(_ours(union), head)
    expected = regression.decision_function(union.transform(ASKED))  # type: ignore[attr-defined]
    ours = np.vstack([lexical.logits(text) for text in ASKED])
    assert np.abs(ours - expected).max() < 1e-6
