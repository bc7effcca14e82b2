"""What is known of a trained intent model: version, data, cross-validation figures, and the thresholds of each mode."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["hybrid", "lexical"]
"""With the sentence encoder, or with term weights alone where its package is absent."""
OUT_OF_SCOPE: Final = "out_of_scope"


class Thresholds(BaseModel):
    """When to act, to ask and to refuse; chosen on cross-validated scores of training data, never on a test set.

    Scores are probabilities after division by `temperature`; margins are the best score minus the second.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float = Field(gt=0)
    lexical_weight: float = Field(ge=0)
    embedding_weight: float = Field(ge=0)
    out_of_scope_bias: float
    least_margin: float = Field(ge=0, le=1)
    write_margin: float = Field(ge=0, le=1)


class CrossValidation(BaseModel):
    """Pooled figures over the held-out folds, fractions of one; `coverage` is the share that is answered at once.

    `out_of_scope_recall_new_topics` counts those near the domain of whose topic no sentence was trained on; 0.0 where
    no topic was held out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folds: int
    top1: float
    top3: float
    answered_accuracy: float
    coverage: float
    out_of_scope_recall_general: float
    out_of_scope_recall_near: float
    out_of_scope_recall_new_topics: float = 0.0
    wrongly_refused: float
    calibration_error: float


class ModelCard(BaseModel):
    """The description beside the weights.

    The encoder runs through its first `lower_layers` as they are, then through its last `adapted_layers` as trained;
    those between are left out. `adapter_data_sha256` is another than `data_sha256` where a few utterances changed
    since the adapter was trained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    data_sha256: str
    adapter_data_sha256: str
    utterances: int
    labels: tuple[str, ...]
    encoder_sha256: str
    lower_layers: int
    adapted_layers: int
    recipe: dict[str, float | int | str]
    thresholds: dict[Mode, Thresholds]
    cross_validation: dict[Mode, CrossValidation]
