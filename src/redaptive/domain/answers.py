"""What every calculation answers with: a value and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class DataQuality:
    """How good the inputs were: shares are percent of the expected intervals or months."""

    coverage_pct: float
    estimated_pct: float = 0.0
    suspect_pct: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One origin of a figure: `kind` (readings, bill, factor, weather, ...), its id and a version or range."""

    kind: str
    id: str
    version: str | None = None


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A value with its unit, method, inputs, factor versions, data quality, warnings and provenance."""

    value: T
    unit: str
    method: str
    inputs_used: Mapping[str, Scalar]
    factor_version: tuple[str, ...]
    data_quality: DataQuality
    warnings: tuple[str, ...] = ()
    provenance: tuple[Source, ...] = field(default=())
