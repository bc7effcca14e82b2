"""The training script on a small corpus: it writes what it trained, twice the same, and notices stale data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from redaptive.orchestration.intelligent.matchers.encoder import packaged_encoder
from redaptive.orchestration.intelligent.matchers.intent_model import ARRAYS, CARD, load_model
from redaptive.orchestration.intelligent.matchers.model_card import ModelCard

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_intents.py"
CORPUS = {
    "energy-finance.calculate_bill": (
        "recompute the bill of meter {n}",
        "what does rate {n} cost us",
        "price the load of {n}",
    ),
    "customer-experience.notify": ("email team {n}", "text the manager of site {n}", "send a message to {n}"),
    "out_of_scope_general": ("write poem number {n}", "sing song {n}", "who won match {n}"),
    "out_of_scope_near": ("turn off chiller {n}", "open valve {n}", "reset breaker {n}"),
    "out_of_scope_near.leases": ("renew lease {n}", "sublet floor {n}"),
    "out_of_scope_near.cleaning": ("wax floor {n}", "order mops for room {n}"),
}


@pytest.fixture(scope="module")
def utterances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if packaged_encoder() is None:
        pytest.skip("the extra `embeddings` is not installed")
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("utterances")
    for name, forms in CORPUS.items():
        lines = [form.format(n="abcdefgh"[i] * 2) for form in forms for i in range(8)]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _train(utterances: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--utterances", str(utterances), "--model", str(folder / "model")]
    small = ["--picture", str(folder / "matrix.svg"), "--folds", "2", "--epochs", "2", "--layers", "1", "--rank", "2"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, *small, *more], env=environment, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture(scope="module")
def trained(utterances: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and its held-out scores."""
    folder = tmp_path_factory.mktemp("trained")
    done = _train(utterances, folder, "--scores", str(folder / "scores.npz"))
    assert done.returncode == 0, done.stderr
    assert "hybrid:" in done.stdout
    return folder


def test_trains_writes_and_reads_back_the_same_model(utterances: Path, trained: Path, tmp_path: Path) -> None:
    assert _train(utterances, tmp_path).returncode == 0
    assert (tmp_path / "model" / CARD).read_text() == (trained / "model" / CARD).read_text()
    with np.load(tmp_path / "model" / ARRAYS) as a, np.load(trained / "model" / ARRAYS) as b:
        assert all(np.array_equal(a[name], b[name]) for name in a.files)
    assert (trained / "matrix.svg").read_text(encoding="utf-8").startswith("<svg")
    model = load_model(trained / "model", packaged_encoder())
    assert model.card.labels == ("customer-experience.notify", "energy-finance.calculate_bill", "out_of_scope")
    best = model.card.labels[int(model.probabilities("email team zz").argmax())]
    assert best == "customer-experience.notify"


def test_a_topic_out_of_scope_is_held_out_as_a_whole(utterances: Path, trained: Path) -> None:
    with np.load(trained / "scores.npz") as stored:
        fold = dict(zip(stored["texts"].tolist(), stored["fold"].tolist(), strict=True))
    folds = {
        path.stem: {fold[text] for text in path.read_text().splitlines()} for path in sorted(utterances.glob("*.txt"))
    }
    topics = [folds.pop(f"out_of_scope_near.{topic}") for topic in ("cleaning", "leases")]
    assert topics == [{0}, {1}]
    assert all(found == {0, 1} for found in folds.values())
    card = ModelCard.model_validate_json((trained / "model" / CARD).read_bytes())
    assert card.labels == ("customer-experience.notify", "energy-finance.calculate_bill", "out_of_scope")


def test_term_weights_are_trained_anew_beside_the_adapter_that_is_kept(
    utterances: Path, trained: Path, tmp_path: Path
) -> None:
    scores, more = trained / "scores.npz", tmp_path / "more"
    shutil.copytree(trained / "model", tmp_path / "model")
    before = ModelCard.model_validate_json((tmp_path / "model" / CARD).read_bytes())
    with np.load(tmp_path / "model" / ARRAYS) as stored:
        adapter = {name: stored[name] for name in stored.files if name.startswith(("0.", "embedded."))}
    shutil.copytree(utterances, more)
    path = more / "energy-finance.calculate_bill.txt"
    path.write_text(path.read_text() + "zebra charge of meter one\nzebra charge of meter two\n")
    done = _train(more, tmp_path, "--keep", str(scores))
    assert done.returncode == 0, done.stderr
    card = ModelCard.model_validate_json((tmp_path / "model" / CARD).read_bytes())
    assert card.adapter_data_sha256 == before.data_sha256 != card.data_sha256
    assert card.version != before.version
    with np.load(tmp_path / "model" / ARRAYS) as stored:
        assert all(np.array_equal(stored[name], adapter[name]) for name in adapter)
        assert b"zebra" in bytes(stored["words"]).split(b"\n")
    assert _train(more, tmp_path, "--check").returncode == 0


def test_notices_that_the_utterances_changed(utterances: Path, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "model", tmp_path / "model")
    assert _train(utterances, tmp_path, "--check").returncode == 0
    changed = tmp_path / "changed"
    changed.mkdir()
    for path in utterances.glob("*.txt"):
        (changed / path.name).write_text(path.read_text() + "one more of it\n" * (path.stem == "out_of_scope_near"))
    done = _train(changed, tmp_path, "--check")
    assert done.returncode == 1
    assert "trained on other utterances" in done.stderr


def test_refuses_an_utterance_with_two_intents(utterances: Path, tmp_path: Path) -> None:
    doubled = tmp_path / "doubled"
    doubled.mkdir()
    for path in utterances.glob("*.txt"):
        (doubled / path.name).write_text(path.read_text() + "the same words\n")
    done = _train(doubled, tmp_path)
    assert done.returncode == 1
    assert "an utterance has one intent" in done.stderr
