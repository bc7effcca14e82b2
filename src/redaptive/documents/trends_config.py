"""The configuration of a file of trends (TOML): which column is which point, in which unit; thresholds; constants."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from redaptive.domain.equipment.points import converted, point
from redaptive.domain.equipment.resample import STEPS_S
from redaptive.errors import InvalidInput


class PointColumn(BaseModel):
    """Where a point is in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: str
    unit: str | None = None


class TrendsConfig(BaseModel):
    """What a file of trends says; everything may be left out where the file says it itself.

    `points` maps a role to a column, or to {column, unit}. `equipment` names the equipment of the whole file,
    `equipment_column` the column that does. With `point_column` and `value_column` each row holds one sample.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    equipment: str | None = None
    kind: Literal["ahu", "plant", "vav"] = "ahu"
    time_column: str | None = None
    equipment_column: str | None = None
    point_column: str | None = None
    value_column: str | None = None
    timezone: str = "UTC"
    interval_s: int | None = None
    hold_min: float | None = Field(default=None, ge=0)
    points: Mapping[str, PointColumn] = {}
    constants: Mapping[str, float] = {}
    thresholds: Mapping[str, float] = {}

    @field_validator("points", mode="before")
    @classmethod
    def _short(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return {role: {"column": column} if isinstance(column, str) else column for role, column in given.items()}

    @field_validator("interval_s")
    @classmethod
    def _divides_a_day(cls, given: int | None) -> int | None:
        if given is not None and given not in STEPS_S:
            raise ValueError(f"must be one of {', '.join(map(str, STEPS_S))}")
        return given


def read_config(path: Path | None) -> TrendsConfig:
    """The configuration in a TOML file; the default one without a file.

    :raises InvalidInput: with the place of what is wrong, and with the nearest role for an unknown one.
    """
    if path is None:
        return TrendsConfig()
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path.name} is not TOML: {error}.", field=path.name, fix="See `redaptive equipment rules --help`."
        ) from error
    try:
        config = TrendsConfig.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{where}: {first['msg']}.",
            field=f"{path.name}:{where}",
            fix=f"Keys: {', '.join(TrendsConfig.model_fields)}.",
        ) from error
    for role in (*config.points, *config.constants):
        point(role)
    for role, column in config.points.items():
        converted(np.zeros(1), role, column.unit)
    return config
