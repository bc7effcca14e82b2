"""The packaged trees of the causal score belong to their card, to the traits and to the settings of their script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from redaptive.domain.detectors.together.learned import LEAVES, log_odds
from redaptive.domain.detectors.together.traits import NAMES
from redaptive.reference.anomalies import ARRAYS, CARD, FOLDER, arrays_hash, packaged_trees, read_card, write_trees

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_anomalies.py"


def test_the_arrays_are_those_of_the_card() -> None:
    trees, card = packaged_trees(), read_card()
    assert card.arrays_sha256 == arrays_hash(trees)
    assert tuple(card.traits) == NAMES
    assert card.version == f"anomalies-{card.settings_sha256[:8]}"
    assert 0 < card.changed < card.readings
    changed = trees._replace(values=trees.values + np.float32(1e-3))
    assert arrays_hash(changed) != card.arrays_sha256


def test_the_trees_are_whole() -> None:
    trees = packaged_trees()
    assert trees.feature.min() >= 0
    assert trees.feature.max() < len(NAMES)
    assert not np.isnan(trees.threshold).any()
    assert ((trees.left == 0) == np.isinf(trees.threshold)).all()
    assert trees.values.shape[1] == LEAVES
    some = np.random.default_rng(1).normal(0, 3, (len(NAMES), 200)).astype(np.float32)
    assert np.isfinite(log_odds(trees, some)).all()


def test_an_artifact_comes_back_as_it_was_written(tmp_path: Path) -> None:
    trees, card = packaged_trees(), read_card()
    write_trees(trees, card, tmp_path)
    assert read_card(tmp_path) == card
    with np.load(tmp_path / ARRAYS, allow_pickle=False) as stored:
        assert np.array_equal(stored["threshold"], trees.threshold)
    assert (tmp_path / CARD).read_text() == (FOLDER / CARD).read_text()


def test_the_artifact_comes_from_the_settings_of_its_script() -> None:
    pytest.importorskip("sklearn")
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "belongs to the present settings" in done.stdout
