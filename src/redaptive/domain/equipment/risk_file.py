"""A risk model as JSON and back, with what it was trained on and how well it ranked units that it had not seen."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from redaptive.domain.equipment.points import Floats
from redaptive.domain.equipment.risk import FEATURES, CalibrationBin, RiskModel, auc, calibration, fit_risk
from redaptive.domain.equipment.trend import Bools
from redaptive.errors import InvalidInput

FORMAT: Final = "redaptive-risk-1"
BINS: Final = 5
LEAST_HELD: Final = 10
"""Failures among the units held out below which no figure of quality is given."""


@dataclass(frozen=True)
class RiskEvidence:
    """Unit-years and failures of the training; AUC and calibration on held-out units (None: too few failures there).

    `auc_by_age`: the same units ranked by their share of the median life alone.
    """

    unit_years: int
    failures: int
    held_out_failures: int
    auc: float | None
    auc_by_age: float | None
    calibration: tuple[CalibrationBin, ...]
    source: str


@dataclass(frozen=True)
class StoredRisk:
    """A model with its evidence; `version` is made of its content."""

    model: RiskModel
    evidence: RiskEvidence
    version: str


@dataclass(frozen=True)
class _Content:
    format: str
    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    evidence: RiskEvidence


_CONTENT: Final = TypeAdapter(_Content)


def train_risk(x: Floats, failed: Bools, unit: np.ndarray, source: str) -> StoredRisk:
    """A model of all unit-years; its quality is that of one fitted without the units that are held out (every third).

    `x` (n, k) features in the order of `FEATURES`, `unit` (n,) which unit each row is of: rows of one unit stay
    together. Raises InvalidInput with too few failures.
    """
    numbers = np.unique(unit, return_inverse=True)[1]
    held = numbers % 3 == 2
    model = fit_risk(x, failed)
    failures = int(np.count_nonzero(failed[held]))
    found: tuple[float | None, float | None, tuple[CalibrationBin, ...]] = (None, None, ())
    if failures >= LEAST_HELD and failures < np.count_nonzero(held):
        said = fit_risk(x[~held], failed[~held]).probability(x[held])
        by_age = auc(x[held][:, FEATURES.index("age_share")], failed[held])
        found = auc(said, failed[held]), by_age, calibration(said, failed[held], BINS)
    evidence = RiskEvidence(len(x), int(np.count_nonzero(failed)), failures, *found, source)
    return StoredRisk(model, evidence, version_of(to_text(model, evidence)))


def to_text(model: RiskModel, evidence: RiskEvidence) -> str:
    """The content of a model file."""
    mean, scale, beta = (tuple(map(float, part)) for part in (model.mean, model.scale, model.coefficients))
    return json.dumps(asdict(_Content(FORMAT, model.features, mean, scale, beta, evidence)), indent=1, allow_nan=False)


def version_of(text: str) -> str:
    """First twelve hexadecimal digits of the SHA-256 of a model file."""
    return sha256(text.encode()).hexdigest()[:12]


def from_text(text: str) -> StoredRisk:
    """The model of a file; raises InvalidInput where it is damaged or was made for other features."""
    try:
        found = _CONTENT.validate_json(text)
    except ValidationError as error:
        raise InvalidInput("The file is no risk model.", field="--model", fix="Train it again.") from error
    sizes = (len(found.mean), len(found.scale), len(found.coefficients) - 1)
    if found.format != FORMAT or found.features != FEATURES or set(sizes) != {len(FEATURES)}:
        raise InvalidInput("The risk model was made for other features.", field="--model", fix="Train it again.")
    model = RiskModel(found.features, *(np.array(part) for part in (found.mean, found.scale, found.coefficients)))
    return StoredRisk(model, found.evidence, version_of(text))
