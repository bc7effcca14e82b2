"""The encoder against vectors of an independent implementation (their origin is in minilm_vectors.json)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from redaptive.errors import Unavailable
from redaptive.orchestration.intelligent.matchers.blas_threads import one_blas_thread
from redaptive.orchestration.intelligent.matchers.encoder import WIDTH, Layer, MiniLmEncoder, packaged_encoder
from redaptive.orchestration.intelligent.matchers.intent_model import changed_layers

REFERENCE = json.loads((Path(__file__).parent / "minilm_vectors.json").read_text(encoding="utf-8"))["vectors"]


@pytest.fixture(scope="module")
def encoder() -> MiniLmEncoder:
    found = packaged_encoder()
    if found is None:
        pytest.skip("the extra `embeddings` is not installed")
    return found


def test_vectors_are_those_of_the_reference_implementation(encoder: MiniLmEncoder) -> None:
    vectors = encoder.encode([row["text"] for row in REFERENCE])
    assert np.abs(vectors - np.array([row["vector"] for row in REFERENCE])).max() < 1e-6


def test_a_text_has_the_same_vector_alone_and_beside_longer_ones(encoder: MiniLmEncoder) -> None:
    texts = [row["text"] for row in REFERENCE]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-6
    assert np.allclose(np.linalg.norm(alone, axis=1), 1.0, atol=1e-6)


def test_likeness_follows_meaning_and_not_letters(encoder: MiniLmEncoder) -> None:
    ask, same, other = encoder.encode(
        [
            "How much electricity did the store use?",
            "power consumption of the shop",
            "How much did the store manager earn?",
        ]
    )
    assert ask @ same > ask @ other


def test_very_long_texts_are_cut(encoder: MiniLmEncoder) -> None:
    long = "peak demand " * 400
    assert np.allclose(encoder.encode([long]), encoder.encode([long + " and more words"]), atol=1e-6)


def test_lower_layers_and_the_rest_make_the_whole(encoder: MiniLmEncoder) -> None:
    hidden = encoder.hidden(["chiller two is inefficient"], 4)[0][None]
    for layer in encoder.layers[4:]:
        hidden = layer(hidden, None)
    pooled = hidden[0].sum(axis=0)
    assert np.allclose(pooled / np.linalg.norm(pooled), encoder.encode(["chiller two is inefficient"])[0], atol=1e-6)


def _no_change(layers: tuple[Layer, ...], rank: int = 2) -> dict[str, np.ndarray]:
    changes = {}
    for i, layer in enumerate(layers):
        for part in ("qkv", "out", "up", "down"):
            inputs, outputs = getattr(layer, part).weight.shape
            changes[f"{i}.{part}.a"] = np.ones((inputs, rank), np.float32)
            changes[f"{i}.{part}.b"] = np.zeros((rank, outputs), np.float32)
    return changes


def test_an_adapter_of_zeros_changes_nothing_and_another_does(encoder: MiniLmEncoder) -> None:
    upper, text = encoder.layers[4:], ["load factor of meter 7"]
    changes = _no_change(upper)
    same = encoder.adapted(changed_layers(upper, changes))
    assert np.array_equal(same.encode(text), encoder.encode(text))
    changes["1.down.b"][:, 0] += 0.5  # one output of 384: a shift of all is taken out by the norm
    assert np.abs(encoder.adapted(changed_layers(upper, changes)).encode(text) - encoder.encode(text)).max() > 1e-4
    assert encoder.encode(text).shape == (1, WIDTH)


def test_a_layer_can_be_left_out(encoder: MiniLmEncoder) -> None:
    shorter = encoder.adapted(encoder.layers[4:], lower=3)
    assert shorter.layers == (*encoder.layers[:3], *encoder.layers[4:])
    assert np.array_equal(encoder.adapted(encoder.layers[4:]).encode(["peak"]), encoder.encode(["peak"]))


def test_its_words_are_whole_words(encoder: MiniLmEncoder) -> None:
    assert {"energy", "tulsa", "the"} <= set(encoder.words)
    assert all(word.isalpha() for word in encoder.words)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    pytest.importorskip("tokenizers")
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(Unavailable, match="have the hash"):
        MiniLmEncoder(tmp_path)


def test_the_thread_limit_ends_with_the_block() -> None:
    product = np.ones((4, 4)) @ np.ones((4, 4))
    with one_blas_thread():
        inside = np.ones((4, 4)) @ np.ones((4, 4))
    with pytest.raises(RuntimeError), one_blas_thread():
        raise RuntimeError
    assert np.array_equal(inside, product)
