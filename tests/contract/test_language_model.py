"""The packaged intent model: it belongs to the utterances of the repository, is small, and knows every intent."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from tests.contract.trained_models import LANGUAGE, ROOT, checked, kinds, sentences

from redaptive.orchestration.intelligent.matchers.encoder import WEIGHTS_SHA256, packaged_encoder
from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import intents
from redaptive.orchestration.intelligent.matchers.intent_model import ARRAYS, CARD, IntentModel, packaged_model
from redaptive.orchestration.intelligent.matchers.intent_result import Action
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE, Mode
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher

MODES: tuple[Mode, ...] = ("lexical", "hybrid")


@cache
def _model(mode: Mode) -> IntentModel:
    if mode == "hybrid" and packaged_encoder() is None:
        pytest.skip("the extra `embeddings` is not installed")
    return packaged_model(embeddings=mode == "hybrid")


def _utterances(every: int) -> list[tuple[str, str]]:
    rows = [
        (line, path.stem if not path.stem.startswith(OUT_OF_SCOPE) else OUT_OF_SCOPE)
        for path in sorted((LANGUAGE / "utterances").glob("*.txt"))
        for line in sentences(path)
    ]
    return rows[::every]


def test_the_model_was_trained_on_the_utterances_of_the_repository() -> None:
    pytest.importorskip("sklearn")
    done = checked("train_intents.py")
    assert done.returncode == 0, done.stderr


def test_the_artifact_is_small_and_holds_numbers_only() -> None:
    folder = LANGUAGE / "model"
    assert sum(f.stat().st_size for f in folder.iterdir()) < 6_000_000
    assert {f.name for f in folder.iterdir()} == {ARRAYS, CARD}
    assert kinds(folder / ARRAYS) <= {"f", "i", "u"}


def test_the_labels_are_the_intents() -> None:
    card = packaged_model(embeddings=False).card
    assert set(card.labels) == {*intents(), OUT_OF_SCOPE}
    assert list(card.labels) == sorted(card.labels)
    assert card.encoder_sha256 == WEIGHTS_SHA256


def test_the_card_carries_figures_and_thresholds_of_both_modes() -> None:
    card = packaged_model(embeddings=False).card
    for mode in MODES:
        figures, thresholds = card.cross_validation[mode], card.thresholds[mode]
        assert figures.folds == 3
        assert 0.5 < figures.top1 < figures.top3 <= 1
        assert figures.calibration_error < 0.1
        assert figures.out_of_scope_recall_new_topics >= 0.8
        assert thresholds.write_margin > thresholds.least_margin
    assert card.cross_validation["hybrid"].top1 > card.cross_validation["lexical"].top1


def test_the_picture_is_of_this_model() -> None:
    picture = (ROOT / "docs" / "images" / "intent-confusion.svg").read_text(encoding="utf-8")
    assert packaged_model(embeddings=False).card.version in picture


@pytest.mark.parametrize("mode", MODES)
def test_what_it_was_trained_on_it_knows(mode: Mode) -> None:
    matcher = NluMatcher(_model(mode))
    sample = _utterances(every=61)
    right = sum(matcher.classify(text).intent == label for text, label in sample)
    assert right > 0.9 * len(sample)
    assert all(matcher.classify(text).mode == mode for text, _ in sample[:3])


@pytest.mark.parametrize("mode", MODES)
def test_probabilities_add_up_and_the_same_text_has_the_same_answer(mode: Mode) -> None:
    model = _model(mode)
    for text in ("load factor of meter 7", "zzz", "tell me a joke", "x" * 5000):
        p = model.probabilities(text)
        assert np.isclose(p.sum(), 1.0)
        assert np.array_equal(p, model.probabilities(text))


@pytest.mark.parametrize("mode", MODES)
def test_nonsense_does_not_act(mode: Mode) -> None:
    found = NluMatcher(_model(mode)).classify("qwv zzk blorp")
    assert found.action is not Action.ACT
