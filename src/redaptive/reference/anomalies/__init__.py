"""The trees of the causal score of files, trained by `scripts/train_anomalies.py`, with their card."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from redaptive.domain.detectors.together.learned import Trees

FOLDER: Final = Path(__file__).parent
ARRAYS: Final = "trees.npz"
CARD: Final = "card.json"
_ARRAYS: Final = ("feature", "threshold", "left", "values")


class Card(BaseModel):
    """What the trees were trained on and with; `traits` in the order of the features."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    settings_sha256: str
    data_sha256: str
    arrays_sha256: str = ""
    traits: list[str]
    readings: int
    changed: int
    start: float
    scale: float


@cache
def packaged_trees() -> Trees:
    """The trees of the package."""
    return read_trees(FOLDER)


def read_trees(folder: Path) -> Trees:
    """The trees of the artifact in `folder`."""
    card = read_card(folder)
    with np.load(folder / ARRAYS, allow_pickle=False) as stored:
        feature, threshold, left, values = (stored[name] for name in _ARRAYS)
    return Trees(feature, threshold, left, values, card.start, card.scale)


def read_card(folder: Path = FOLDER) -> Card:
    """The card of the artifact in `folder`."""
    return Card.model_validate_json((folder / CARD).read_bytes())


def arrays_hash(trees: Trees) -> str:
    """SHA-256 of the arrays' bytes."""
    return hashlib.sha256(b"".join(getattr(trees, name).tobytes() for name in _ARRAYS)).hexdigest()


def write_trees(trees: Trees, card: Card, folder: Path = FOLDER) -> None:
    """Arrays without objects, and the card with their hash."""
    np.savez_compressed(folder / ARRAYS, allow_pickle=False, **{name: getattr(trees, name) for name in _ARRAYS})
    said = card.model_copy(update={"arrays_sha256": arrays_hash(trees)})
    (folder / CARD).write_text(said.model_dump_json(indent=2) + "\n", encoding="utf-8")
