"""Model files by tenant, commodity and time, and the trees of a training that was stopped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from redaptive.domain.forecast.boosters import Recipe, Rows, fit
from redaptive.domain.forecast.features import NAMES
from redaptive.errors import InvalidInput, NotFound
from redaptive.streams.forecasts.model_folder import ModelFolder, TrainingFolder, load_model


def test_the_newest_model_that_has_not_seen_the_day_is_taken(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path, "acme")
    old, new = (folder.save(day.encode(), "gas", day) for day in ("2024-01-31", "2024-02-29"))
    folder.save(b"x", "electricity", "2024-03-31")
    assert [file.path for file in folder.files()][:2] == [old, new]
    chosen = folder.newest("gas", date(2024, 3, 5))
    assert chosen is not None
    assert (chosen.path, chosen.last) == (new, date(2024, 2, 29))
    before = folder.newest("gas", date(2024, 2, 29))
    assert before is not None
    assert before.path == old
    assert folder.newest("gas", date(2024, 1, 31)) is None
    assert folder.later("gas", date(2024, 1, 31))
    assert not folder.later("steam", date(2024, 1, 31))
    assert ModelFolder(tmp_path, "other").files() == []


def test_of_two_with_the_same_day_the_one_written_last_counts(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path, "acme")
    first, second = (folder.save(content, "gas", "2024-01-31") for content in (b"1", b"2"))
    assert first != second
    chosen = folder.newest("gas", date(2024, 2, 2))
    assert chosen is not None
    assert chosen.path == second
    (folder.path / "notes.rfm").write_text("no model")
    assert len(folder.files()) == 2


@pytest.mark.parametrize("tenant", ["../acme", "", "a/b", ".hidden"])
def test_a_tenant_cannot_leave_the_folder(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(InvalidInput, match="folder of models"):
        ModelFolder(tmp_path, tenant)


def test_files_that_are_no_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_model(tmp_path / "none.rfm")
    (tmp_path / "odd.rfm").write_bytes(b"odd")
    with pytest.raises(InvalidInput, match="no forecast model"):
        load_model(tmp_path / "odd.rfm")


def test_trees_are_kept_until_they_are_cleared(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2_500, len(NAMES))).astype(np.float32)
    texts = fit(Rows(x, x[:, 0]), Recipe(rounds=3, tail_rounds=3, leaves=4, tail_leaves=4, threads=1)).texts()
    kept = TrainingFolder(tmp_path / "training")
    assert kept.kept("day", 1) is None
    kept.keep("day", texts)
    assert kept.kept("day", 1) == texts
    (tmp_path / "training" / "day.trees").write_text("half of")
    assert kept.kept("day", 1) is None
    kept.clear()
    kept.clear()
    assert not (tmp_path / "training").exists()
